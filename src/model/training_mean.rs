//! `kind = "training_mean"`: every coming step is the mean of the training rows: of all before the test, where the last of them are
//! the test.

use serde::{Deserialize, Serialize};

use super::{Baseline, Model, Predictor, Role, forecast};
use crate::data::{Dataset, STEPS};
use crate::task::{REGRESSION, Task};

/// Bumped when the same examples would give other forecasts.
pub const VERSION: u32 = 1;

/// `kind = "training_mean"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingMeanSpec {}

impl Model for TrainingMeanSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![("model.training_mean", VERSION)]
    }

    fn role(&self) -> Role<'_> {
        Role::Baseline(self)
    }

    fn fits(&self, axes: &[&str], task: &Task) -> bool {
        axes == STEPS && *task == REGRESSION
    }
}

impl Baseline for TrainingMeanSpec {
    fn predictor<'a>(&'a self, data: &'a Dataset) -> anyhow::Result<Predictor<'a>> {
        let targets = data.target.count();
        let of_each = |series| -> Vec<f64> {
            let known = data.train.covered(series);
            let mean = |target| {
                let own = forecast::own(known, target, targets);
                own.iter().sum::<f64>() / own.len() as f64
            };
            (0..targets).map(mean).collect()
        };
        let means: Vec<Vec<f64>> = (0..data.train.series()).map(of_each).collect();
        Ok(Box::new(move |examples, index| {
            Ok(means[examples.series_of(index)].repeat(data.outputs.steps))
        }))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::model::tests::{predicted, series_of};

    #[test]
    fn the_mean_of_what_comes_before_the_test() {
        // Two origins a day apart: the first test target is 40.
        let data = series_of(&[1.0, 2.0, 3.0, 4.0, 5.0, 40.0, 50.0], [2, 1], 2);
        assert_eq!(predicted(&TrainingMeanSpec {}, &data).unwrap(), [[3.0], [3.0]]);
    }
}
