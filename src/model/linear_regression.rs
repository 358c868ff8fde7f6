//! `kind = "linear_regression"`: each coming step is a weighted sum of the target's own values over the lookback, and a constant: least
//! squares over all training windows, apart for each step ahead (direct multi-step) and each target. The linear map of DLinear without its parts, and
//! what scikit-learn's `LinearRegression` gives for the lags. Other columns are not looked at.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::{Baseline, Model, Predictor, Role, forecast, least_squares};
use crate::data::{Dataset, STEPS};
use crate::task::{REGRESSION, Task};

/// Bumped when the same examples would give other forecasts.
pub const VERSION: u32 = 1;

/// `kind = "linear_regression"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearRegressionSpec {}

impl Model for LinearRegressionSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![("model.linear_regression", VERSION)]
    }

    fn role(&self) -> Role<'_> {
        Role::Baseline(self)
    }

    fn fits(&self, axes: &[&str], task: &Task) -> bool {
        axes == STEPS && *task == REGRESSION
    }
}

impl Baseline for LinearRegressionSpec {
    fn predictor<'a>(&'a self, data: &'a Dataset) -> Result<Predictor<'a>> {
        let targets = data.target.count();
        let mut windows = vec![Vec::new(); data.train.series()];
        (0..data.train.len()).for_each(|index| windows[data.train.series_of(index)].push(index));
        let of_each = |windows: &Vec<usize>| -> Result<Vec<Fitted>> {
            (0..targets).map(|target| Fitted::to(data, windows, target)).collect()
        };
        let fitted: Vec<Vec<Fitted>> = windows.iter().map(of_each).collect::<Result<_>>()?;
        Ok(Box::new(move |examples, index| {
            let (past, fitted) = (examples.past(index), &fitted[examples.series_of(index)]);
            forecast::together(targets, |target| {
                Ok(fitted[target].forecast(&forecast::own(past, target, targets)))
            })
        }))
    }
}

/// A fitted regression.
struct Fitted {
    /// The mean of each lag, the newest first.
    centre: Vec<f64>,
    /// For each step ahead its mean, and the weight of each lag, the newest first.
    steps: Vec<(f64, Vec<f64>)>,
}

impl Fitted {
    /// To one target of the training windows of one series.
    ///
    /// # Errors
    /// When there are fewer of them than weights.
    fn to(data: &Dataset, windows: &[usize], target: usize) -> Result<Self> {
        let targets = data.target.count();
        let (count, lookback) = (windows.len(), data.train.past(0).len() / targets);
        ensure!(
            count > lookback,
            "{count} training windows are too few for a linear regression on {lookback} lags and a constant\n  help: lower \
             `window.lookback`, or use a longer series"
        );
        let column = |value: &dyn Fn(usize) -> f64| {
            let mut column: Vec<f64> = windows.iter().map(|window| value(*window)).collect();
            let mean = column.iter().sum::<f64>() / count as f64;
            column.iter_mut().for_each(|number| *number -= mean);
            (mean, column)
        };
        let lags = (1..=lookback).map(|lag| column(&|window| data.train.past(window)[(lookback - lag) * targets + target]));
        let (centre, lags): (Vec<f64>, Vec<Vec<f64>>) = lags.unzip();
        let steps = (0..data.outputs.steps).map(|step| column(&|window| data.train.truth(window)[step * targets + target]));
        let (means, steps): (Vec<f64>, Vec<Vec<f64>>) = steps.unzip();
        let weights = least_squares::solve(lags, steps);
        Ok(Self {
            centre,
            steps: means.into_iter().zip(weights).collect(),
        })
    }

    fn forecast(&self, past: &[f64]) -> Vec<f64> {
        let lags: Vec<f64> = past
            .iter()
            .rev()
            .zip(&self.centre)
            .map(|(value, mean)| value - mean)
            .collect();
        let of_step = |(mean, weights): &(f64, Vec<f64>)| {
            mean + lags.iter().zip(weights).map(|(lag, weight)| lag * weight).sum::<f64>()
        };
        self.steps.iter().map(of_step).collect()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::model::tests::{assert_near, golden_baselines, predicted, series_of};

    #[test]
    fn golden_scikit_learn_linear_regression() {
        let golden = golden_baselines();
        let mut seen = 0;
        for case in golden.cases("linear_regression") {
            let of = |name: &str| case[name].as_u64().unwrap() as usize;
            let data = series_of(&golden.series(case), [of("lookback"), of("horizon")], of("tested"));
            let found = predicted(&LinearRegressionSpec {}, &data).unwrap();
            let expected: Vec<Vec<f64>> = serde_json::from_value(case["forecast"].clone()).unwrap();
            assert_near(&found.concat(), &expected.concat(), 1e-9);
            seen += 1;
        }
        assert_eq!(seen, 3);
    }

    #[test]
    fn a_rhythm_without_noise_is_continued_whichever_lags_explain_it() {
        let rhythm: Vec<f64> = (0..60).map(|step| [1.0, 5.0, 2.0, 4.0][step % 4]).collect();
        let data = series_of(&rhythm, [9, 3], 4);
        let found = predicted(&LinearRegressionSpec {}, &data).unwrap();
        let truth: Vec<f64> = (0..4).flat_map(|index| data.test.truth(index).to_vec()).collect();
        assert_near(&found.concat(), &truth, 1e-12);
    }

    #[test]
    fn fewer_windows_than_weights_are_refused_with_what_to_do() {
        let series: Vec<f64> = (0..12).map(|step| f64::from(step * step)).collect();
        let error = predicted(&LinearRegressionSpec {}, &series_of(&series, [6, 1], 1)).unwrap_err();
        assert!(error.to_string().contains("5 training windows are too few"), "{error}");
    }
}
