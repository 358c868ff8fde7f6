//! What is predicted: what a network's outputs stand for.

use serde::{Deserialize, Serialize};

use super::examples::Examples;
use super::in_sample::InSample;
use super::series::window::Transform;
use crate::task::{BINARY, REGRESSION, Task};

/// What is predicted: what a network's outputs stand for.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Numbers.
    Numbers {
        /// How a network sees each target of each series, in the order in which each step has its values: at least one of at least one.
        scales: Vec<Vec<TargetScale>>,
        /// Their unit, as "USD"; empty where there is none, or not one alone.
        unit: String,
        /// The targets as a record tells them; empty where it tells none.
        told: Vec<ForecastTarget>,
        /// Whether a record may hold their values.
        publish: bool,
        /// How much the targets change by themselves before the test, where that is known and there is one series.
        in_sample: Option<InSample>,
        /// The same of each of many series, with its name, in the order of [`Examples::series_of`]; empty of one alone.
        many: Vec<(String, Option<InSample>)>,
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

    /// From a network's outputs for an example, of each so many beside each other, to its prediction in the same order: in the target's
    /// unit, or the probability of class 1.
    pub fn prediction(
        &self,
        (examples, index): (&Examples, usize),
        outputs: impl Iterator<Item = f64>,
        each: usize,
    ) -> Vec<f64> {
        match self {
            Self::Numbers { scales, .. } => {
                let scales = &scales[examples.series_of(index)];
                let last = || last(examples.past(index), scales.len());
                let beside = || scales.iter().flat_map(|scale| std::iter::repeat_n(scale, each));
                match each {
                    1 => unscaled(scales.iter(), outputs, last),
                    _ => unscaled(beside(), outputs, last),
                }
            }
            Self::Classes(_) => outputs.map(|output| 1.0 / (1.0 + libm::exp(-output))).collect(),
        }
    }

    /// The forecasts of one example's outputs, in order; none of a classification.
    pub fn forecasts(&self, example: (&Examples, usize), outputs: impl Iterator<Item = f32>) -> Vec<f64> {
        match self {
            Self::Numbers { .. } => self.prediction(example, outputs.map(f64::from), 1),
            Self::Classes(_) => Vec::new(),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            Self::Numbers { scales, .. } => scales[0].len(),
            Self::Classes(_) => 1,
        }
    }
}

/// A step after the other from what a network gives of each: `scales` are those of the numbers of one step. Where these are changes, each
/// adds to those before it, from the last known values on.
fn unscaled<'a>(
    scales: impl Iterator<Item = &'a TargetScale> + Clone,
    outputs: impl Iterator<Item = f64>,
    last: impl Fn() -> &'a [f64],
) -> Vec<f64> {
    let is_change = scales.clone().next().is_some_and(|scale| scale.transform.is_change());
    let transformed = outputs
        .zip(scales.clone().cycle())
        .map(|(output, scale)| (output * scale.factor + scale.offset, scale.transform));
    if !is_change {
        return transformed.map(|(value, transform)| transform.of_level(value)).collect();
    }
    let count = scales.clone().count();
    let each = count / last().len();
    let known = last().iter().flat_map(|value| std::iter::repeat_n(*value, each));
    let mut levels: Vec<f64> = known.zip(scales).map(|(value, scale)| scale.transform.level(value)).collect();
    let add = |(place, (change, transform)): (usize, (f64, Transform))| {
        let level = &mut levels[place % count];
        *level += change;
        transform.of_level(*level)
    };
    transformed.enumerate().map(add).collect()
}

/// The last known value of each of so many targets.
fn last(past: &[f64], targets: usize) -> &[f64] {
    &past[past.len() - targets..]
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
