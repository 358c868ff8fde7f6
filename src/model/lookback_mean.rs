//! `kind = "lookback_mean"`: every coming step is the mean of the lookback (Hyndman and Athanasopoulos, 2021, section 5.2).

use serde::{Deserialize, Serialize};

use super::{Baseline, Model, Predictor, Role, forecast};
use crate::data::{Dataset, STEPS};
use crate::task::{REGRESSION, Task};

/// Bumped when the same examples would give other forecasts.
pub const VERSION: u32 = 1;

/// `kind = "lookback_mean"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookbackMeanSpec {}

impl Model for LookbackMeanSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![("model.lookback_mean", VERSION)]
    }

    fn role(&self) -> Role<'_> {
        Role::Baseline(self)
    }

    fn learns(&self) -> bool {
        false
    }

    fn fits(&self, axes: &[&str], task: &Task) -> bool {
        axes == STEPS && *task == REGRESSION
    }
}

impl Baseline for LookbackMeanSpec {
    fn predictor<'a>(&'a self, data: &'a Dataset) -> anyhow::Result<Predictor<'a>> {
        Ok(forecast::of_past(data, of_past))
    }
}

fn of_past(past: &[f64], horizon: usize) -> Vec<f64> {
    let mean = past.iter().sum::<f64>() / past.len() as f64;
    vec![mean; horizon]
}

#[cfg(test)]
mod tests {
    use super::of_past;

    #[test]
    fn the_mean_stays() {
        assert_eq!(of_past(&[1.0, 2.0, 6.0], 2), [3.0, 3.0]);
        assert_eq!(of_past(&[7.0], 1), [7.0]);
    }
}
