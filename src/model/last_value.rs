//! `kind = "last_value"`: every coming step is like the last known one, the naive forecast.

use serde::{Deserialize, Serialize};

use super::{Baseline, Model, Predictor, Role, forecast};
use crate::data::{Dataset, STEPS};
use crate::task::{REGRESSION, Task};

/// Bumped when the same examples would give other forecasts.
pub const VERSION: u32 = 1;

/// `kind = "last_value"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastValueSpec {}

impl Model for LastValueSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![("model.last_value", VERSION)]
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

impl Baseline for LastValueSpec {
    fn predictor<'a>(&'a self, data: &'a Dataset) -> anyhow::Result<Predictor<'a>> {
        Ok(forecast::of_past(data, of_past))
    }
}

fn of_past(past: &[f64], horizon: usize) -> Vec<f64> {
    vec![past[past.len() - 1]; horizon]
}

#[cfg(test)]
mod tests {
    use super::of_past;

    #[test]
    fn the_last_value_stays() {
        assert_eq!(of_past(&[10.0, 20.0, 16.0], 2), [16.0, 16.0]);
        assert_eq!(of_past(&[7.0], 1), [7.0]);
    }
}
