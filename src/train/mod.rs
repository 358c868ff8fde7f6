//! Network + Dataset → history and trained weights: the only training loop, for every task.

mod batch_metrics;
mod plateau;
mod spec;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use candle_core::{DType, Tensor, Var};

use crate::data::{Dataset, Examples};
use crate::model::Network;
use crate::nn::Mode;
use crate::nn::loss::{Loss, loss_of};
use crate::nn::optimizer::Optimizer;
use crate::nn::weights::Weights;
use crate::rng;

use batch_metrics::RunningMeans;
use plateau::Patience;
pub use spec::{EarlyStoppingSpec, Monitor, ReduceLearningRateSpec, TrainSpec};

/// Bumped when the same network and data would train to other weights.
pub const VERSION: u32 = 2;

/// Examples of one forward pass in evaluation, at most; not the training's batch size, so that sums do not depend on that.
const EVALUATION_BATCH: usize = 256;

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

/// What training gives; the network itself holds the weights to predict with.
pub struct Fitted {
    /// A value for each epoch.
    pub history: History,
    /// The weights after the last epoch.
    pub last: Snapshot,
    /// The weights of the epoch with the best validation value, where there is a validation set.
    pub best: Option<Snapshot>,
}

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
}

/// Trains `network`, whose variables are `weights`.
///
/// With early stopping the network ends with the weights of its best epoch, as Keras's `restore_best_weights`; else with
/// those of the last.
///
/// # Errors
/// When the loss is not a number, or the device refuses.
pub fn fit(
    network: &dyn Network,
    weights: &Weights,
    data: &Dataset,
    spec: &TrainSpec,
    seed: u64,
    on_epoch: &mut dyn FnMut(EpochEnd) -> Result<()>,
) -> Result<Fitted> {
    let mut optimizer = Optimizer::new(&spec.optimizer, spec.learning_rate, weights.variables())?;
    let mut stopping = spec.early_stopping.as_ref().map(Patience::of_early_stopping);
    let mut plateau = spec.reduce_learning_rate.as_ref().map(Patience::of_plateau);
    let mut best = Best::of(spec.early_stopping.as_ref());
    let mut history = History::new();
    for epoch in 0..spec.epochs {
        let learning_rate = optimizer.learning_rate();
        let mut means = RunningMeans::default();
        let order = rng::stream(seed, "shuffle", epoch as u64, 0).permutation(data.train.len());
        for (batch, indices) in order.chunks(spec.batch_size).enumerate() {
            let (inputs, targets) = data.train.batch(indices, Some((seed, epoch as u64)))?;
            let mode = Mode::Train {
                seed,
                epoch: epoch as u64,
                batch: batch as u64,
            };
            let outputs = network.forward(&inputs, mode)?; // [batch, width]
            let loss = loss_of(&spec.loss, &outputs, &targets)?;
            let value = f64::from(loss.to_scalar::<f32>()?);
            if !value.is_finite() {
                bail!(Diverged::new(&format!(
                    "the training loss became {value} in epoch {} at batch {} (learning rate {learning_rate})",
                    epoch + 1,
                    batch + 1,
                )));
            }
            optimizer.step(&loss.backward()?)?;
            means.add_loss(value, indices.len());
            means.add_outputs(data, &data.train, indices, &outputs)?;
        }
        means.into_history("", &mut history);
        history.entry("learning_rate".to_owned()).or_default().push(learning_rate);

        let mut validation_loss = None;
        if let Some(validation) = &data.validation {
            let means = evaluate(network, data, validation, &spec.loss)?;
            let loss = means.loss();
            validation_loss = Some(loss);
            means.into_history("validation_", &mut history);
            best.consider(&history, weights)?;
        }
        // A record cannot hold such a number, and no conclusion can be drawn from it.
        let last = |(name, values): (&String, &Vec<f64>)| Some((name.clone(), *values.last()?));
        if let Some((name, value)) = history.iter().filter_map(last).find(|(_, value)| !value.is_finite()) {
            bail!(Diverged::new(&format!(
                "`{name}` became {value} in epoch {} (learning rate {learning_rate})",
                epoch + 1
            )));
        }
        on_epoch(EpochEnd {
            epoch: epoch + 1,
            epochs: spec.epochs,
            loss: *history["loss"].last().context("an epoch was just recorded")?,
            validation_loss,
        })?;

        if let (Some(plateau), Some(settings)) = (&mut plateau, &spec.reduce_learning_rate)
            && plateau.is_exhausted_by(&history)
        {
            let lowered = (learning_rate * settings.factor).max(settings.min_learning_rate);
            optimizer.set_learning_rate(lowered);
        }
        if let Some(stopping) = &mut stopping
            && stopping.is_exhausted_by(&history)
        {
            break;
        }
    }
    let last = snapshot(weights)?;
    if spec.early_stopping.is_some()
        && let Some(best) = &best.weights
    {
        restore(weights, best)?;
    }
    Ok(Fitted {
        history,
        last,
        best: best.weights,
    })
}

/// The network's outputs on the test examples in evaluation mode: [sample][width], scaled.
///
/// # Errors
/// When the inputs cannot be read or the device refuses.
pub fn predict(network: &dyn Network, data: &Dataset) -> Result<Vec<Vec<f64>>> {
    let mut rows = Vec::with_capacity(data.test.len());
    for indices in evaluation_batches(data, &data.test) {
        let (inputs, _) = data.test.batch(&indices, None)?;
        let outputs = network.forward(&inputs, Mode::Evaluate)?.to_dtype(DType::F32)?;
        for row in outputs.to_vec2::<f32>()? {
            rows.push(row.into_iter().map(f64::from).collect());
        }
    }
    Ok(rows)
}

/// The numbers of all examples in order, as many at a time as memory likes.
fn evaluation_batches(data: &Dataset, examples: &Examples) -> Vec<Vec<usize>> {
    let numbers: usize = data.sample_shape.iter().product();
    let size = (EVALUATION_NUMBERS / numbers.max(1)).clamp(1, EVALUATION_BATCH);
    let all: Vec<usize> = (0..examples.len()).collect();
    all.chunks(size).map(<[usize]>::to_vec).collect()
}

fn evaluate(network: &dyn Network, data: &Dataset, examples: &Examples, loss: &Loss) -> Result<RunningMeans> {
    let mut means = RunningMeans::default();
    for indices in evaluation_batches(data, examples) {
        let (inputs, targets) = examples.batch(&indices, None)?;
        let outputs = network.forward(&inputs, Mode::Evaluate)?.detach();
        let value = loss_of(loss, &outputs, &targets)?.to_scalar::<f32>()?;
        means.add_loss(f64::from(value), indices.len());
        means.add_outputs(data, examples, &indices, &outputs)?;
    }
    Ok(means)
}

/// The weights of the best epoch so far, by a validation value: early stopping's, else the loss.
struct Best {
    monitor: Monitor,
    min_delta: f64,
    value: Option<f64>,
    weights: Option<Snapshot>,
}

impl Best {
    fn of(stopping: Option<&EarlyStoppingSpec>) -> Self {
        let (monitor, min_delta) = stopping.map_or((Monitor::ValidationLoss, 0.0), |stop| (stop.monitor, stop.min_delta));
        Self {
            monitor,
            min_delta,
            value: None,
            weights: None,
        }
    }

    fn consider(&mut self, history: &History, weights: &Weights) -> Result<()> {
        let now = self.monitor.of(history);
        if self
            .value
            .is_none_or(|value| self.monitor.improves(now, value, self.min_delta))
        {
            self.value = Some(now);
            self.weights = Some(snapshot(weights)?);
        }
        Ok(())
    }
}

/// A copy of every weight, statistics included.
fn snapshot(weights: &Weights) -> Result<Snapshot> {
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
        variable.set(tensor).with_context(|| format!("the saved weight {path}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
