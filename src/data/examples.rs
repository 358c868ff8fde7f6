//! What every dataset becomes: examples to train on, to validate on and to test on, whatever they were made of.

use anyhow::bail;
use candle_core::Tensor;

use super::clips::features;
use super::series::intervals::ConformalSpec;
use super::target::{Outputs, Target};
use super::windows::Windows;

/// The axes of samples that are sequences of numbers.
pub const STEPS: &[&str] = &["time", "feature"];

/// The axes of samples that are sequences of maps.
pub const MAPS: &[&str] = &["time", "height", "width", "channel"];

/// What a model is trained and tested on.
pub struct Dataset {
    /// What is predicted.
    pub target: Target,
    /// What a model predicts of one example.
    pub outputs: Outputs,
    /// Shape of one input without the batch: [time, feature] or [time, height, width, channel].
    pub sample_shape: Vec<usize>,
    /// Trained on.
    pub train: Examples,
    /// For validation while training; absent when the share is 0.
    pub validation: Option<Examples>,
    /// Held back for intervals around forecasts; absent where none are asked for.
    pub calibration: Option<Calibration>,
    /// Scored once, at the end.
    pub test: Examples,
}

/// Examples that nothing is trained on or chosen by, and what is made of the errors on them.
pub struct Calibration {
    /// They come before the test, and after all that is for training or watched.
    pub examples: Examples,
    /// How intervals follow from the errors.
    pub spec: ConformalSpec,
}

/// Some examples.
pub enum Examples {
    /// Windows of a series, in time order.
    Windows(Windows),
    /// Items that stand for themselves, as clips.
    Items(Items),
}

/// Examples that are each held by themselves.
pub struct Items {
    /// What a network sees.
    pub inputs: Inputs,
    /// What it should predict, as it is trained on: [sample, width], f32; the class of a clip: [sample, 1].
    pub targets: Tensor,
    /// The same in the target's unit: [sample][width]; the class of a clip.
    pub truth: Vec<Vec<f64>>,
    /// The target before each, in its unit: [sample][time]; empty where nothing came before.
    pub past: Vec<Vec<f64>>,
    /// Each sample's name, as the clip's.
    pub names: Vec<String>,
}

/// What a network sees of some items.
pub enum Inputs {
    /// All of them, f32: [sample, sample shape…].
    Held(Tensor),
    /// Feature maps of clips, on disk.
    Maps(features::Maps),
    /// Nothing: the model looks at the targets alone.
    Unread,
}

impl Examples {
    /// How many samples there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Windows(windows) => windows.len(),
            Self::Items(items) => items.names.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is to be predicted of a sample, in the target's unit: [width], of several targets first all of the first step; the
    /// class of a clip.
    pub fn truth(&self, index: usize) -> &[f64] {
        match self {
            Self::Windows(windows) => windows.truth(index),
            Self::Items(items) => &items.truth[index],
        }
    }

    /// The targets over a window's lookback, in their unit: [time * target], first all of the first step. What a baseline may look
    /// at; empty for what has no past, as a clip.
    pub fn past(&self, index: usize) -> &[f64] {
        match self {
            Self::Windows(windows) => windows.past(index),
            Self::Items(items) => items.past.get(index).map_or(&[], Vec::as_slice),
        }
    }

    /// The targets on every step of its series up to the last that a window may know, in their unit: [step * target], oldest first. What
    /// a baseline may look at beside the lookback; empty for what has no past, as a clip.
    pub fn history(&self, index: usize) -> &[f64] {
        match self {
            Self::Windows(windows) => windows.history(index),
            Self::Items(_) => self.past(index),
        }
    }

    /// The targets on every step of a series up to the last that one of these windows sees or forecasts: of training windows, what
    /// may be learned from. Empty for what has no past, as a clip.
    pub fn covered(&self, series: usize) -> &[f64] {
        match self {
            Self::Windows(windows) => windows.covered(series),
            Self::Items(_) => &[],
        }
    }

    /// The series that a sample is of: its place among those that there are.
    pub fn series_of(&self, index: usize) -> usize {
        match self {
            Self::Windows(windows) => windows.series_of(index),
            Self::Items(_) => 0,
        }
    }

    /// How many series the samples are of.
    pub fn series(&self) -> usize {
        match self {
            Self::Windows(windows) => windows.series(),
            Self::Items(_) => 1,
        }
    }

    /// A sample's name: the time of the last row that a window may know, with its series where there are many, or the clip.
    pub fn name(&self, index: usize) -> String {
        match self {
            Self::Windows(windows) => windows.name(index),
            Self::Items(items) => items.names[index].clone(),
        }
    }

    /// The class of each item.
    pub fn labels(&self) -> Vec<u8> {
        let truth = (0..self.len()).map(|index| self.truth(index));
        truth.map(|class| u8::from(class[0] > 0.5)).collect()
    }

    /// What a linear model sees of each item.
    ///
    /// # Errors
    /// When kept feature maps cannot be read, or there are none.
    pub fn summaries(&self) -> anyhow::Result<Vec<Vec<f32>>> {
        (0..self.len()).map(|index| self.summary(index)).collect()
    }

    /// The same of one item.
    ///
    /// # Errors
    /// As there.
    pub fn summary(&self, index: usize) -> anyhow::Result<Vec<f32>> {
        let Self::Items(Items {
            inputs: Inputs::Maps(maps),
            ..
        }) = self
        else {
            bail!("a linear probe reads feature maps");
        };
        maps.summary(index)
    }

    /// Inputs [index, sample shape…] and targets [index, width] of those samples, in the order given. Where training examples
    /// have several views, `chance`, a (seed, epoch), chooses; the first is taken where there is none.
    ///
    /// # Errors
    /// When kept feature maps cannot be read, or the device refuses.
    pub fn batch(&self, indices: &[usize], chance: Option<(u64, u64)>) -> anyhow::Result<(Tensor, Tensor)> {
        let items = match self {
            Self::Windows(windows) => return Ok(windows.batch(indices)?),
            Self::Items(items) => items,
        };
        let numbers: Vec<u32> = indices.iter().map(|index| *index as u32).collect();
        let numbers = Tensor::new(numbers, items.targets.device())?;
        let inputs = match &items.inputs {
            Inputs::Held(all) => all.index_select(&numbers, 0)?,
            Inputs::Maps(maps) => maps.batch(indices, chance)?,
            Inputs::Unread => bail!("these examples hold labels alone"),
        };
        Ok((inputs, items.targets.index_select(&numbers, 0)?))
    }
}
