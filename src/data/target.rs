//! What is predicted: what a network's outputs stand for.

use serde::{Deserialize, Serialize};

use super::in_sample::InSample;
use super::series::window::Transform;
use crate::task::{BINARY, REGRESSION, Task};

/// What is predicted: what a network's outputs stand for.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Numbers.
    Numbers {
        /// How a network sees each target, in the order in which each step has its values: at least one.
        scales: Vec<TargetScale>,
        /// Their unit, as "USD"; empty where there is none, or not one alone.
        unit: String,
        /// The targets as a record tells them; empty where it tells none.
        told: Vec<ForecastTarget>,
        /// Whether a record may hold their values.
        publish: bool,
        /// How much the targets change by themselves before the test, where that is known.
        in_sample: Option<InSample>,
    },
    /// Two classes, class 0 first.
    Classes([String; 2]),
}

/// A target as a record tells it: by this mean and this deviation its values are standardised for scores that have no unit,
/// however a network sees them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForecastTarget {
    /// Its column.
    pub name: String,
    /// Mean of its values in the training rows.
    pub mean: f64,
    /// Their (population) deviation; 1 where they never change.
    pub deviation: f64,
}

impl ForecastTarget {
    /// A value, standardised.
    pub fn standardised(&self, value: f64) -> f64 {
        (value - self.mean) / self.deviation
    }
}

/// The scaling of a target: scaled = (transformed - offset) / factor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TargetScale {
    /// Subtracted.
    pub offset: f64,
    /// Divided by.
    pub factor: f64,
    /// Applied before the scaling.
    pub transform: Transform,
}

/// What a network predicts of one example: a number for each target at each step ahead, first all of the first step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outputs {
    /// Steps ahead; 1 of a classification.
    pub steps: usize,
    /// For each target the feature among the inputs that it is; none where it is none of them.
    pub targets: Vec<Option<usize>>,
}

impl Target {
    /// The task that it makes.
    pub fn task(&self) -> &'static Task {
        match self {
            Self::Numbers { .. } => &REGRESSION,
            Self::Classes(_) => &BINARY,
        }
    }

    /// From a network's output in a column to the prediction: in the target's unit, or the probability of class 1.
    pub fn prediction(&self, column: usize, output: f64) -> f64 {
        match self {
            Self::Numbers { scales, .. } => scales[column % scales.len()].unscale(output),
            Self::Classes(_) => 1.0 / (1.0 + libm::exp(-output)),
        }
    }

    /// The forecasts of one example's outputs, in order; none of a classification.
    pub fn forecasts(&self, outputs: impl Iterator<Item = f32>) -> Vec<f64> {
        match self {
            Self::Numbers { scales, .. } => {
                let own = outputs.zip(scales.iter().cycle());
                own.map(|(output, scale)| scale.unscale(f64::from(output))).collect()
            }
            Self::Classes(_) => Vec::new(),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            Self::Numbers { scales, .. } => scales.len(),
            Self::Classes(_) => 1,
        }
    }
}

impl TargetScale {
    /// From a network's output to the target's unit.
    pub fn unscale(&self, output: f64) -> f64 {
        self.transform.invert(output * self.factor + self.offset)
    }
}

impl Outputs {
    /// So many numbers in the place of each, as so many steps in the place of each: of a step the first number of all targets, then the
    /// second, and so on.
    pub fn times(&self, count: usize) -> Self {
        Self {
            steps: self.steps * count,
            ..self.clone()
        }
    }

    /// Width of a network's output.
    pub fn width(&self) -> usize {
        self.steps * self.targets.len()
    }
}

/// So many numbers that go on from no input.
impl From<usize> for Outputs {
    fn from(steps: usize) -> Self {
        Self {
            steps,
            targets: vec![None],
        }
    }
}
