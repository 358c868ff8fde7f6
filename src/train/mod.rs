//! Network + Dataset → history and trained weights: the only training loop, for every task.

mod batch_metrics;
mod checkpoint; // `train.checkpoint`
mod plateau;
pub mod schedule;
mod spec;
mod state; // what training moves, as one value
mod training; // the loop

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use candle_core::{DType, Tensor, Var};

use crate::data::{Dataset, Examples};
use crate::model::Network;
use crate::nn::Mode;
use crate::nn::loss::{Loss, loss_of};
use crate::nn::weights::Weights;

use batch_metrics::RunningMeans;
pub use checkpoint::Checkpoint;
pub use plateau::kept_epoch;
pub use schedule::Schedule;
pub use spec::{EarlyStoppingSpec, Monitor, ReduceLearningRateSpec, TrainSpec};
pub use state::{Progress, Reached, State, Turn};
pub use training::{Along, Training};

/// Bumped when the same network and data would train to other weights.
pub const VERSION: u32 = 2;

/// Examples of one forward pass in evaluation, at most; not the training's batch size, so that sums do not depend on that.
const EVALUATION_BATCH: usize = 256;

/// Of these so many pass through a network at once.
const EVALUATED_AT_ONCE: usize = 32;

/// Numbers of the inputs of one forward pass in evaluation, if there is more than one example.
const EVALUATION_NUMBERS: usize = 1 << 23;

/// A value for each epoch, by name: `loss` (scaled), metrics in the target's unit, `learning_rate`; the validation's with
/// `validation_` in front.
pub type History = BTreeMap<String, Vec<f64>>;

/// Training went where numbers end. The same cell would go there again.
#[derive(Debug)]
pub struct Diverged(String);

impl Diverged {
    /// What happened; what to do about it is added.
    pub fn new(what: &str) -> Self {
        Self(format!(
            "{what}; lower train.learning_rate, or look for extreme values in the data"
        ))
    }
}

impl std::fmt::Display for Diverged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Diverged {}

/// Weights by path.
pub type Snapshot = BTreeMap<String, Tensor>;

/// What is told after each epoch.
#[derive(Debug, Clone, Copy)]
pub struct EpochEnd {
    /// Epochs done, from 1.
    pub epoch: usize,
    /// Epochs at most.
    pub epochs: usize,
    /// Training loss of the epoch.
    pub loss: f64,
    /// Validation loss after the epoch.
    pub validation_loss: Option<f64>,
    /// Which training it is of, where a model is trained several times.
    pub turn: Option<Turn>,
}

/// Trains `network`, whose variables are `weights`, from its first step; see [`Training::run`].
///
/// # Errors
/// When the loss is not a number, or the device refuses.
pub fn fit(
    network: &dyn Network,
    weights: &Weights,
    data: &Dataset,
    spec: &TrainSpec,
    seed: u64,
    mut on_epoch: &mut dyn FnMut(EpochEnd) -> Result<()>,
) -> Result<State> {
    Training::new(network, weights, data, spec, seed)?.run(&mut on_epoch)
}

/// Gives the network's outputs on some of the data's examples in evaluation mode, scaled, one example after the other: its place and
/// [width · quantile].
///
/// # Errors
/// When the inputs cannot be read, the device refuses, or `give` fails.
pub fn predict(
    network: &dyn Network,
    (data, examples): (&Dataset, &Examples),
    give: &mut dyn FnMut(usize, Vec<f64>) -> Result<()>,
) -> Result<()> {
    for indices in evaluation_batches(data, examples.len()) {
        let (inputs, _) = examples.batch(&indices, None)?;
        let outputs = outputs(network, &inputs)?.to_dtype(DType::F32)?;
        for (index, row) in indices.into_iter().zip(outputs.to_vec2::<f32>()?) {
            give(index, row.into_iter().map(f64::from).collect())?;
        }
    }
    Ok(())
}

/// What a network gives for a batch in evaluation mode. A recurrent network holds many numbers for each step of each example: so it
/// sees a few examples at a time, of which each gives what it gives in whatever company.
fn outputs(network: &dyn Network, inputs: &Tensor) -> Result<Tensor> {
    let count = inputs.dim(0)?;
    let few = |first: usize| {
        let inputs = inputs.narrow(0, first, EVALUATED_AT_ONCE.min(count - first))?;
        network.forward(&inputs, Mode::Evaluate).map(|outputs| outputs.detach())
    };
    let parts = (0..count).step_by(EVALUATED_AT_ONCE).map(few);
    match &parts.collect::<candle_core::Result<Vec<Tensor>>>()?[..] {
        [only] => Ok(only.clone()),
        several => Ok(Tensor::cat(several, 0)?),
    }
}

/// The numbers of the first `count` examples in order, as many at a time as memory likes.
fn evaluation_batches(data: &Dataset, count: usize) -> Vec<Vec<usize>> {
    let numbers: usize = data.sample_shape.iter().product();
    let size = (EVALUATION_NUMBERS / numbers.max(1)).clamp(1, EVALUATION_BATCH);
    let all: Vec<usize> = (0..count).collect();
    all.chunks(size).map(<[usize]>::to_vec).collect()
}

/// Loss and metrics of the first `count` of some examples.
fn evaluate(network: &dyn Network, data: &Dataset, examples: &Examples, count: usize, loss: &Loss) -> Result<RunningMeans> {
    let mut means = RunningMeans::default();
    for indices in evaluation_batches(data, count) {
        let (inputs, targets) = examples.batch(&indices, None)?;
        let outputs = outputs(network, &inputs)?;
        let value = loss_of(loss, &outputs, &targets)?.to_scalar::<f32>()?;
        means.add_loss(f64::from(value), indices.len());
        means.add_outputs(data, examples, &indices, &outputs, loss)?;
    }
    Ok(means)
}

/// A copy of every weight, statistics included.
///
/// # Errors
/// When the device refuses.
pub fn snapshot(weights: &Weights) -> Result<Snapshot> {
    let copy = |(path, variable): (String, Var)| Ok((path, variable.as_tensor().copy()?.detach()));
    weights.all().into_iter().map(copy).collect()
}

/// Sets every weight that the snapshot holds.
///
/// # Errors
/// When a weight is absent from the snapshot or has another shape.
pub fn restore(weights: &Weights, snapshot: &Snapshot) -> Result<()> {
    for (path, variable) in weights.all() {
        let tensor = snapshot.get(&path).with_context(|| format!("no saved weight {path}"))?;
        let tensor = tensor.to_device(variable.device())?;
        variable.set(&tensor).with_context(|| format!("the saved weight {path}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
