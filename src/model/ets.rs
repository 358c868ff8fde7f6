//! `kind = "ets"`: exponential smoothing with additive errors (Hyndman, Koehler, Ord and Snyder, 2008): simple, with Holt's trend, straight or
//! damped, and with an additive season (Holt and Winters). Trends and seasons that multiply are not here.
//!
//! Smoothing weights and the states at the start are those of the least squared errors one step ahead, which is what most likely
//! errors of a normal distribution are, so that they are those of statsmodels' `ETSModel` with estimated initial states.

mod fit;
mod recursion;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use self::fit::Shape;
use super::{Baseline, FitOn, Model, Predictor, Role, forecast};
use crate::data::{Blame, Dataset, STEPS};
use crate::number;
use crate::task::{REGRESSION, Task};

/// Bumped when the same examples would give other forecasts.
pub const VERSION: u32 = 1;

/// Steps of the longest season: the fit takes time with its square.
const LONGEST_SEASON: usize = 366;

/// `kind = "ets"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EtsSpec {
    /// The trend.
    #[serde(default)]
    pub trend: Trend,
    /// Steps of a season, as 7 of daily values with a rhythm of a week; 1: there is none.
    #[serde(default = "one", deserialize_with = "number::from_one::<_, LONGEST_SEASON>")]
    pub season: usize,
    /// What it is fitted to.
    #[serde(default)]
    pub fit_on: FitOn,
}

/// A trend of exponential smoothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// None: simple exponential smoothing.
    #[default]
    None,
    /// A slope that goes on (Holt, 1957).
    Additive,
    /// A slope that fades (Gardner and McKenzie, 1985).
    Damped,
}

fn one() -> usize {
    1
}

impl Model for EtsSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![("model.ets", VERSION)]
    }

    fn role(&self) -> Role<'_> {
        Role::Baseline(self)
    }

    fn learns(&self) -> bool {
        self.fit_on == FitOn::Train
    }

    fn check(&self, sample_shape: &[usize]) -> Result<(), Blame> {
        let needed = self.shape().fewest_values();
        match sample_shape {
            [lookback, ..] if self.fit_on == FitOn::Lookback && *lookback < needed => Err(Blame {
                help: Some(forecast::TOO_SHORT),
                ..Blame::at(
                    "fit_on",
                    format!("a lookback of {lookback} is too short to fit this smoothing to, which takes {needed} values"),
                )
            }),
            _ => Ok(()),
        }
    }

    fn fits(&self, axes: &[&str], task: &Task) -> bool {
        axes == STEPS && *task == REGRESSION
    }
}

impl Baseline for EtsSpec {
    fn predictor<'a>(&'a self, data: &'a Dataset) -> Result<Predictor<'a>> {
        let shape = self.shape();
        forecast::of_fitted(
            data,
            self.fit_on,
            move |values| shape.fit(values),
            |fitted, history, horizon| {
                let mut state = fitted.start.clone();
                state.run(&fitted.weights, history.iter().copied(), |_| {});
                state.forecast(&fitted.weights, horizon)
            },
        )
    }
}

impl EtsSpec {
    fn shape(&self) -> Shape {
        Shape {
            trend: self.trend,
            season: self.season,
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;
