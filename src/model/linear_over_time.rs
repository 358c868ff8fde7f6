//! What the linear forecasters share: each column's window is a row, mapped to its next steps by the same weights as every other.

use anyhow::ensure;
use candle_core::{Result, Tensor};

use super::sample_of;
use crate::data::{Blame, Outputs, STEPS};
use crate::nn::linear::Dense;
use crate::nn::rows;
use crate::nn::weights::{Init, Weights};

/// How the windows become rows and the rows forecasts.
pub(super) struct OverTime {
    features: usize,
    /// The features that are targets, in the order of the targets; none where that is all of them in their order.
    targets: Option<Vec<u32>>,
    pub(super) steps: usize,
}

impl OverTime {
    /// For such samples and outputs.
    ///
    /// # Errors
    /// When a target is none of the features: nothing is known of it.
    pub(super) fn of(sample_shape: &[usize], outputs: &Outputs) -> anyhow::Result<(Self, usize)> {
        let [time, features] = sample_of(STEPS, sample_shape)?;
        let targets: Option<Vec<u32>> = outputs
            .targets
            .iter()
            .map(|target| target.map(|target| target as u32))
            .collect();
        ensure!(targets.is_some(), "{NO_FEATURE}");
        let is_all = |targets: &Vec<u32>| targets.iter().copied().eq(0..features as u32);
        let own = Self {
            features,
            targets: targets.filter(|targets| !is_all(targets)),
            steps: outputs.steps,
        };
        Ok((own, time))
    }

    /// [window, time, feature] → [window * target, time].
    pub(super) fn rows(&self, inputs: &Tensor) -> Result<Tensor> {
        match &self.targets {
            None => rows::rows_of(inputs),
            Some(targets) => {
                let targets = Tensor::new(targets.as_slice(), inputs.device())?;
                rows::rows_of(&inputs.index_select(&targets, 2)?)
            }
        }
    }

    /// [window * target, step] → [window, step * target].
    pub(super) fn outputs(&self, rows: &Tensor) -> Result<Tensor> {
        let targets = self.targets.as_ref().map_or(self.features, Vec::len);
        rows::windows_of(rows, targets)?.flatten_from(1)
    }

    /// What one example has where rows are mapped to its steps, as a summary tells it: [target, step].
    pub(super) fn shape(&self) -> Vec<usize> {
        vec![self.targets.as_ref().map_or(self.features, Vec::len), self.steps]
    }
}

const NO_FEATURE: &str =
    "a linear forecaster goes on from what is known of its target, and a target is none of the features";

/// Whether every target is a feature.
///
/// # Errors
/// When one is not.
pub(super) fn check(outputs: &Outputs) -> std::result::Result<(), Blame> {
    match outputs.targets.iter().all(Option::is_some) {
        true => Ok(()),
        false => Err(Blame::at("kind", format!("{NO_FEATURE}; name it in `features`"))),
    }
}

/// A map from `time` numbers to the next `steps`, its weights drawn as PyTorch's, or all at 1 / `time` where `mean` says so.
pub(super) fn map(time: usize, steps: usize, is_mean: bool, weights: &Weights) -> Result<Dense> {
    match is_mean {
        false => Dense::pytorch(time, steps, weights),
        true => Dense::pytorch_from(time, steps, Init::Constant(1.0 / time as f32), weights),
    }
}
