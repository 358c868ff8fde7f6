//! `kind = "linear_probe"`: logistic regression on standardised features, the baseline that a network over the same features
//! must beat. It is scikit-learn's `StandardScaler`, then `LogisticRegression(C = 1 / penalty)`.
//!
//! With features z, labels y in {0, 1} and p = σ(w·z + b) it makes Σ log-loss + penalty / 2 |w|² small; the intercept b is not
//! penalised. All in f64, with a fixed order of sums.

mod newton;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use anyhow::{Result, bail, ensure};
use serde::{Deserialize, Serialize};

use self::newton::Problem;
use super::{Baseline, Model, Predictor, Role};
use crate::data::{Dataset, MAPS};
use crate::nn::matrix::dot;
use crate::number;
use crate::task::{BINARY, Task};

/// Bumped when the same features would give other scores.
pub const VERSION: u32 = 1;

/// `kind = "linear_probe"`
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearProbeSpec {
    /// Weight of the squared coefficients, halved, against the summed loss.
    #[serde(default = "penalty", deserialize_with = "number::positive")]
    pub penalty: f64,
}

fn penalty() -> f64 {
    1.0
}

impl Model for LinearProbeSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![("model.linear_probe", VERSION)]
    }

    fn role(&self) -> Role<'_> {
        Role::Baseline(self)
    }

    fn fits(&self, axes: &[&str], task: &Task) -> bool {
        axes == MAPS && *task == BINARY
    }
}

impl Baseline for LinearProbeSpec {
    fn predictor<'a>(&'a self, data: &'a Dataset) -> Result<Predictor<'a>> {
        let probe = LinearProbe::fit(&data.train.summaries()?, &data.train.labels(), self)?;
        Ok(Box::new(move |examples, index| {
            Ok(vec![probe.score(&examples.summary(index)?)])
        }))
    }
}

/// A fitted logistic regression.
#[derive(Debug, Clone)]
pub struct LinearProbe {
    mean: Vec<f64>,
    deviation: Vec<f64>,
    coefficients: Vec<f64>,
    intercept: f64,
}

impl LinearProbe {
    /// Fits the regression of `labels`, each 0 or 1, on `features` [examples][features].
    ///
    /// # Errors
    /// When a class has no example, features differ in number or are not finite, or the fit does not converge.
    pub fn fit(features: &[Vec<f32>], labels: &[u8], spec: &LinearProbeSpec) -> Result<Self> {
        let (count, width) = (features.len(), features.first().map_or(0, Vec::len));
        ensure!(count == labels.len(), "{count} examples have {} labels", labels.len());
        ensure!(
            features.iter().all(|row| row.len() == width),
            "the examples of a linear probe differ in their number of features"
        );
        if features.iter().flatten().any(|number| !number.is_finite()) {
            bail!("a feature of a linear probe is not a finite number");
        }
        for class in [0, 1] {
            if !labels.contains(&class) {
                bail!("a linear probe needs training examples of class {class}; change the split");
            }
        }
        let mut probe = Self::standard(features, width);
        let rows: Vec<Vec<f64>> = features.iter().map(|row| probe.standardised(row)).collect();
        let truth = labels.iter().map(|&label| f64::from(label)).collect();
        let solution = Problem::new(&rows, truth, spec.penalty).solved()?;
        for (row, share) in rows.iter().zip(&solution.shares) {
            for (coefficient, number) in probe.coefficients.iter_mut().zip(row) {
                *coefficient += share * number;
            }
        }
        probe.intercept = solution.intercept;
        Ok(probe)
    }

    /// The probability of class 1.
    ///
    /// # Panics
    /// When the number of features is not that of the fit.
    pub fn score(&self, features: &[f32]) -> f64 {
        assert_eq!(features.len(), self.mean.len(), "the number of features");
        logistic(dot(&self.coefficients, &self.standardised(features)) + self.intercept)
    }

    /// The coefficient of each standardised feature.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// The log-odds of class 1 where every feature has its mean.
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// Means and (biased) deviations of the features; one that never changes keeps its scale. Nothing is fitted yet.
    fn standard(features: &[Vec<f32>], width: usize) -> Self {
        let count = features.len() as f64;
        let mut mean = vec![0.0; width];
        let mut deviation = vec![0.0; width];
        for row in features {
            for (sum, &number) in mean.iter_mut().zip(row) {
                *sum += f64::from(number) / count;
            }
        }
        for row in features {
            for ((sum, &number), mean) in deviation.iter_mut().zip(row).zip(&mean) {
                *sum += (f64::from(number) - mean).powi(2) / count;
            }
        }
        for (deviation, mean) in deviation.iter_mut().zip(&mean) {
            *deviation = deviation.sqrt();
            // A constant's deviation is what rounding left.
            if *deviation <= 1e-12 * f64::abs(*mean) {
                *deviation = 1.0;
            }
        }
        Self {
            mean,
            deviation,
            coefficients: vec![0.0; width],
            intercept: 0.0,
        }
    }

    fn standardised(&self, row: &[f32]) -> Vec<f64> {
        let numbers = row.iter().zip(&self.mean).zip(&self.deviation);
        numbers
            .map(|((&number, mean), deviation)| (f64::from(number) - mean) / deviation)
            .collect()
    }
}

fn logistic(logit: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-logit))
}
