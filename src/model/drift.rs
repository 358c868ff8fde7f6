//! `kind = "drift"`: the mean change over the lookback goes on (Hyndman and Athanasopoulos, 2021, section 5.2).

use serde::{Deserialize, Serialize};

use super::{Baseline, Model, Predictor, Role, forecast};
use crate::data::{Dataset, STEPS};
use crate::task::{REGRESSION, Task};

/// Bumped when the same examples would give other forecasts.
pub const VERSION: u32 = 1;

/// `kind = "drift"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftSpec {}

impl Model for DriftSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![("model.drift", VERSION)]
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

impl Baseline for DriftSpec {
    fn predictor<'a>(&'a self, data: &'a Dataset) -> anyhow::Result<Predictor<'a>> {
        Ok(forecast::of_past(data, of_past))
    }
}

/// The straight line through the first and the last known value.
fn of_past(past: &[f64], horizon: usize) -> Vec<f64> {
    let (first, last) = (past[0], past[past.len() - 1]);
    let change = (last - first) / (past.len() - 1).max(1) as f64;
    (1..=horizon).map(|step| last + step as f64 * change).collect()
}

#[cfg(test)]
mod tests {
    use super::of_past;

    #[test]
    fn the_line_goes_on() {
        assert_eq!(of_past(&[10.0, 20.0, 16.0], 3), [19.0, 22.0, 25.0]);
    }

    #[test]
    fn one_known_value_does_not_drift() {
        assert_eq!(of_past(&[7.0], 2), [7.0, 7.0]);
    }
}
