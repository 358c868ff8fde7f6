//! What every dataset becomes: examples to train on, to validate on and to test on, whatever they were made of.

use anyhow::bail;
use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::clips::features;
use super::series::window;
use crate::task::{BINARY, REGRESSION, Task};

/// The axes of samples that are sequences of numbers.
pub const STEPS: &[&str] = &["time", "feature"];

/// The axes of samples that are sequences of maps.
pub const MAPS: &[&str] = &["time", "height", "width", "channel"];

/// What a model is trained and tested on.
pub struct Dataset {
    /// What is predicted.
    pub target: Target,
    /// Width of a model's output.
    pub outputs: usize,
    /// Shape of one input without the batch: [time, feature] or [time, height, width, channel].
    pub sample_shape: Vec<usize>,
    /// Trained on.
    pub train: Examples,
    /// For validation while training; absent when the share is 0.
    pub validation: Option<Examples>,
    /// Scored once, at the end.
    pub test: Examples,
}

/// What is predicted: what a network's outputs stand for.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Numbers.
    Numbers {
        /// From an output back to the target's unit.
        scale: TargetScale,
        /// Their unit, as "USD".
        unit: String,
    },
    /// Two classes, class 0 first.
    Classes([String; 2]),
}

impl Target {
    /// The task that it makes.
    pub fn task(&self) -> &'static Task {
        match self {
            Self::Numbers { .. } => &REGRESSION,
            Self::Classes(_) => &BINARY,
        }
    }

    /// From a network's output to the prediction: in the target's unit, or the probability of class 1.
    pub fn prediction(&self, output: f64) -> f64 {
        match self {
            Self::Numbers { scale, .. } => scale.unscale(output),
            Self::Classes(_) => 1.0 / (1.0 + libm::exp(-output)),
        }
    }
}

/// Some examples: windows in time order, or clips.
pub struct Examples {
    /// What a network sees.
    pub inputs: Inputs,
    /// What it should predict, scaled: [sample, horizon], f32; the class of a clip: [sample, 1].
    pub targets: Tensor,
    /// What it should predict, in the target's unit: [sample][horizon]; the class of a clip.
    pub truth: Vec<Vec<f64>>,
    /// The target over the lookback, in its unit: [sample][time]. What a baseline may look at; empty for clips.
    pub past: Vec<Vec<f64>>,
    /// Each sample's name: the date of the last day that it may know, or the clip.
    pub names: Vec<String>,
}

/// What a network sees of some examples.
pub enum Inputs {
    /// All of them, f32: [sample, sample shape…], as windows of a scaled series.
    Held(Tensor),
    /// Feature maps of clips, on disk.
    Maps(features::Maps),
    /// Nothing: the model looks at the targets alone.
    Unread,
}

/// The scaling of the target: scaled = (transformed - offset) / factor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TargetScale {
    /// Subtracted.
    pub offset: f64,
    /// Divided by.
    pub factor: f64,
    /// Applied before the scaling.
    pub transform: window::Transform,
}

impl TargetScale {
    /// From a network's output to the target's unit.
    pub fn unscale(&self, output: f64) -> f64 {
        self.transform.invert(output * self.factor + self.offset)
    }
}

impl Examples {
    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.truth.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.truth.is_empty()
    }

    /// The class of each item.
    pub fn labels(&self) -> Vec<u8> {
        let truth = self.truth.iter();
        truth.map(|class| u8::from(class[0] > 0.5)).collect()
    }

    /// What a linear model sees of each item.
    ///
    /// # Errors
    /// When kept feature maps cannot be read, or there are none.
    pub fn summaries(&self) -> anyhow::Result<Vec<Vec<f32>>> {
        let Inputs::Maps(maps) = &self.inputs else {
            bail!("a linear probe reads feature maps");
        };
        (0..self.len()).map(|index| maps.summary(index)).collect()
    }

    /// Inputs [index, sample shape…] and targets [index, width] of those samples, in the order given. Where training examples
    /// have several views, `chance`, a (seed, epoch), chooses; the first is taken where there is none.
    ///
    /// # Errors
    /// When kept feature maps cannot be read, or the device refuses.
    pub fn batch(&self, indices: &[usize], chance: Option<(u64, u64)>) -> anyhow::Result<(Tensor, Tensor)> {
        let numbers: Vec<u32> = indices.iter().map(|index| *index as u32).collect();
        let numbers = Tensor::new(numbers, self.targets.device())?;
        let inputs = match &self.inputs {
            Inputs::Held(all) => all.index_select(&numbers, 0)?,
            Inputs::Maps(maps) => maps.batch(indices, chance)?,
            Inputs::Unread => bail!("these examples hold labels alone"),
        };
        Ok((inputs, self.targets.index_select(&numbers, 0)?))
    }
}
