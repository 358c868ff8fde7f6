//! `kind = "seasonal_naive"`: every coming step is like the last known one of the same season (Hyndman and Athanasopoulos, 2021,
//! section 5.2).

use serde::{Deserialize, Serialize};

use super::{Baseline, Model, Predictor, Role, forecast};
use crate::data::{Blame, Dataset, STEPS};
use crate::number;
use crate::task::{REGRESSION, Task};

/// Bumped when the same examples would give other forecasts.
pub const VERSION: u32 = 1;

/// `kind = "seasonal_naive"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeasonalNaiveSpec {
    /// Steps of a season, as 7 of daily values with a rhythm of a week; the lookback must hold one.
    #[serde(deserialize_with = "number::from_one::<_, { number::MOST_DAYS }>")]
    pub season: usize,
}

impl Model for SeasonalNaiveSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![("model.seasonal_naive", VERSION)]
    }

    fn role(&self) -> Role<'_> {
        Role::Baseline(self)
    }

    fn learns(&self) -> bool {
        false
    }

    fn check(&self, sample_shape: &[usize]) -> Result<(), Blame> {
        match sample_shape {
            [lookback, ..] if self.season > *lookback => Err(Blame::at(
                "season",
                format!(
                    "`season` = {} is longer than the lookback of {lookback}: nothing is known of the season before",
                    self.season
                ),
            )),
            _ => Ok(()),
        }
    }

    fn fits(&self, axes: &[&str], task: &Task) -> bool {
        axes == STEPS && *task == REGRESSION
    }
}

impl Baseline for SeasonalNaiveSpec {
    fn predictor<'a>(&'a self, data: &'a Dataset) -> anyhow::Result<Predictor<'a>> {
        Ok(forecast::of_past(data, |past, horizon| of_past(past, self.season, horizon)))
    }
}

/// The last season over and over.
fn of_past(past: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let last = &past[past.len() - season..];
    last.iter().copied().cycle().take(horizon).collect()
}

#[cfg(test)]
mod tests {
    use super::{Model, SeasonalNaiveSpec, of_past};

    #[test]
    fn the_last_season_comes_again() {
        let past = [9.0, 1.0, 2.0, 3.0];
        assert_eq!(of_past(&past, 3, 5), [1.0, 2.0, 3.0, 1.0, 2.0]);
        assert_eq!(of_past(&past, 1, 2), [3.0, 3.0]);
        assert_eq!(of_past(&past, 4, 1), [9.0]);
    }

    #[test]
    fn a_season_that_no_lookback_holds_is_a_mistake_at_its_key() {
        let spec = SeasonalNaiveSpec { season: 8 };
        assert!(spec.check(&[8, 1]).is_ok());
        let blame = spec.check(&[7, 1]).expect_err("a season of eight in seven steps");
        assert_eq!(blame.key, "season");
    }
}
