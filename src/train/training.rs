//! One training at work: the loop over epochs and batches.

use anyhow::{Context, Result, bail, ensure};
use candle_core::DType;

use super::batch_metrics::RunningMeans;
use super::plateau::Patience;
use super::schedule::{By, Moment};
use super::state::{Progress, State};
use super::{Diverged, EpochEnd, History, Monitor, Snapshot, TrainSpec, evaluate, restore, snapshot};
use crate::data::{Dataset, Examples};
use crate::model::Network;
use crate::nn::Mode;
use crate::nn::loss::loss_of;
use crate::nn::optimizer::Optimizer;
use crate::nn::weights::Weights;
use crate::rng;

/// A network in training.
pub struct Training<'a> {
    network: &'a dyn Network,
    weights: &'a Weights,
    data: &'a Dataset,
    spec: &'a TrainSpec,
    seed: u64,
    optimizer: Optimizer,
    progress: Progress,
    history: History,
    best: Option<Snapshot>,
}

/// Who goes along with a training.
pub trait Along {
    /// An epoch ended.
    ///
    /// # Errors
    /// When training is to end with that error.
    fn epoch(&mut self, end: EpochEnd) -> Result<()>;

    /// A step is done, and [`Training::state`] is what the next begins from: a batch, or what follows the last batch of an epoch.
    ///
    /// # Errors
    /// When training is to end with that error.
    fn step(&mut self, training: &Training) -> Result<()>;
}

/// Who wants to know of epochs alone.
impl<F: FnMut(EpochEnd) -> Result<()>> Along for F {
    fn epoch(&mut self, end: EpochEnd) -> Result<()> {
        self(end)
    }

    fn step(&mut self, _: &Training) -> Result<()> {
        Ok(())
    }
}

impl<'a> Training<'a> {
    /// A training of `network`, whose variables are `weights`, before its first step.
    ///
    /// # Errors
    /// When the data are too few for the settings, or the device refuses.
    pub fn new(
        network: &'a dyn Network,
        weights: &'a Weights,
        data: &'a Dataset,
        spec: &'a TrainSpec,
        seed: u64,
    ) -> Result<Self> {
        let training = Self {
            network,
            weights,
            data,
            spec,
            seed,
            optimizer: optimizer(spec, spec.learning_rate, weights)?,
            progress: Progress::new(spec.learning_rate),
            history: History::new(),
            best: None,
        };
        training.check()?;
        Ok(training)
    }

    /// Whether the data are enough.
    fn check(&self) -> Result<()> {
        let TrainSpec { batch_size, epochs, .. } = *self.spec;
        let sets = [
            ("training", Some(&self.data.train)),
            ("validation", self.data.validation.as_ref()),
        ];
        for (use_of, examples) in sets {
            let count = examples.map_or(batch_size, Examples::len);
            ensure!(
                self.spec.kept(count) > 0,
                "train.drop_last leaves nothing of {count} {use_of} examples: a batch is {batch_size}; lower train.batch_size"
            );
        }
        if let Some(schedule) = &self.spec.schedule {
            let (warm_up, all) = (schedule.warm_up(), epochs * self.batches());
            ensure!(
                schedule.by() == By::Epoch || warm_up < all,
                "a warm-up of {warm_up} batches is not over within {all}, which {epochs} epochs have; lower train.schedule.warm_up"
            );
        }
        Ok(())
    }

    /// Batches of an epoch.
    fn batches(&self) -> usize {
        self.spec.kept(self.data.train.len()).div_ceil(self.spec.batch_size)
    }

    /// What it has counted.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// A copy of everything that it moves.
    ///
    /// # Errors
    /// When the device refuses.
    pub fn state(&self) -> Result<State> {
        Ok(State {
            progress: self.progress.clone(),
            history: self.history.clone(),
            weights: snapshot(self.weights)?,
            optimizer: self.optimizer.state()?,
            best: self.best.clone(), // never changed once it is taken
        })
    }

    /// Goes on from a state that [`Training::state`] gave for the same network, data and settings, or for fewer or more epochs.
    ///
    /// # Errors
    /// When it cannot be one of this training; nothing is changed then.
    pub fn go_on_from(&mut self, state: State) -> Result<()> {
        let Progress { epoch, batch, .. } = state.progress;
        let batches = self.batches();
        ensure!(
            batch <= batches && (epoch, batch) <= (self.spec.epochs, 0),
            "it is at epoch {epoch} and batch {batch} of {} and {batches}",
            self.spec.epochs
        );
        ensure!(
            state.history.values().all(|values| values.len() == epoch),
            "its history is not that of {epoch} epochs"
        );
        ensure!(
            state.best.is_some() == (self.data.validation.is_some() && epoch > 0),
            "its best weights do not go with its validation set"
        );
        for weights in [Some(&state.weights), state.best.as_ref()].into_iter().flatten() {
            let all = self.weights.all();
            ensure!(weights.len() == all.len(), "its weights are those of another network");
            for (path, variable) in all {
                let saved = weights.get(&path).with_context(|| format!("it lacks the weight {path}"))?;
                ensure!(
                    saved.shape() == variable.shape() && saved.dtype() == DType::F32,
                    "its weight {path} is of shape {:?}",
                    saved.dims()
                );
            }
        }
        // What is refused half-way is not the one that trains.
        let learning_rate = state.progress.learning_rate;
        let mut optimizer = optimizer(self.spec, learning_rate, self.weights)?;
        optimizer.restore(&state.optimizer)?;
        restore(self.weights, &state.weights)?;
        self.optimizer = optimizer;
        self.progress = state.progress;
        self.history = state.history;
        self.best = state.best;
        Ok(())
    }

    /// Trains to the end, and gives the state there. With early stopping the network holds the weights of its best epoch then, as
    /// with Keras's `restore_best_weights`; else those of the last.
    ///
    /// # Errors
    /// When a loss is not a number, the device refuses, or who goes along ends it.
    pub fn run(mut self, along: &mut dyn Along) -> Result<State> {
        while !self.progress.reached(self.spec.epochs).is_done {
            self.epoch(along)?;
        }
        let end = self.state()?;
        if self.spec.early_stopping.is_some()
            && let Some(best) = &self.best
        {
            restore(self.weights, best)?;
        }
        Ok(end)
    }

    /// The rest of an epoch.
    fn epoch(&mut self, along: &mut dyn Along) -> Result<()> {
        let epoch = self.progress.epoch as u64;
        let order = rng::stream(self.seed, "shuffle", epoch, 0).permutation(self.data.train.len());
        let kept = &order[..self.spec.kept(order.len())];
        let batches = kept.chunks(self.spec.batch_size).enumerate();
        for (batch, indices) in batches.skip(self.progress.batch) {
            self.batch(batch, indices)?;
            self.progress.batch = batch + 1;
            along.step(self)?;
        }
        let validation_loss = self.close_epoch()?;
        along.epoch(EpochEnd {
            epoch: self.progress.epoch,
            epochs: self.spec.epochs,
            loss: *self.history["loss"].last().context("an epoch was just recorded")?,
            validation_loss,
            turn: None,
        })?;
        along.step(self)
    }

    /// One step of the optimizer, by the examples at `indices`.
    fn batch(&mut self, batch: usize, indices: &[usize]) -> Result<()> {
        let (data, seed, epoch) = (self.data, self.seed, self.progress.epoch as u64);
        if let Some(schedule) = &self.spec.schedule {
            let moment = Moment {
                epoch: self.progress.epoch,
                batch,
                epochs: self.spec.epochs,
                batches: self.batches(),
            };
            self.set_learning_rate(schedule.rate_at(self.spec.learning_rate, moment));
        }
        let (inputs, targets) = data.train.batch(indices, Some((seed, epoch)))?;
        let mode = Mode::Train {
            seed,
            epoch,
            batch: batch as u64,
        };
        let outputs = self.network.forward(&inputs, mode)?; // [batch, width · quantile]
        let loss = loss_of(&self.spec.loss, &outputs, &targets)?;
        let value = f64::from(loss.to_scalar::<f32>()?);
        if !value.is_finite() {
            bail!(Diverged::new(&format!(
                "the training loss became {value} in epoch {} at batch {} (learning rate {})",
                epoch + 1,
                batch + 1,
                self.progress.learning_rate,
            )));
        }
        self.optimizer.step(&loss.backward()?)?;
        let means = &mut self.progress.means;
        means.add_loss(value, indices.len());
        means.add_outputs(data, &data.train, indices, &outputs, &self.spec.loss)
    }

    /// What follows the last batch of an epoch; gives the validation loss.
    fn close_epoch(&mut self) -> Result<Option<f64>> {
        let (learning_rate, spec) = (self.progress.learning_rate, self.spec);
        let means: RunningMeans = std::mem::take(&mut self.progress.means);
        means.into_history("", &mut self.history);
        self.history
            .entry("learning_rate".to_owned())
            .or_default()
            .push(learning_rate);
        let mut validation_loss = None;
        if let Some(validation) = &self.data.validation {
            let count = spec.kept(validation.len());
            let means = evaluate(self.network, self.data, validation, count, &spec.loss)?;
            validation_loss = Some(means.loss());
            means.into_history("validation_", &mut self.history);
            self.consider_best()?;
        }
        self.progress.epoch += 1;
        self.progress.batch = 0;
        // A record cannot hold such a number, and no conclusion can be drawn from it.
        let last = |(name, values): (&String, &Vec<f64>)| Some((name.clone(), *values.last()?));
        if let Some((name, value)) = self.history.iter().filter_map(last).find(|(_, value)| !value.is_finite()) {
            bail!(Diverged::new(&format!(
                "`{name}` became {value} in epoch {} (learning rate {learning_rate})",
                self.progress.epoch
            )));
        }
        if let Some(settings) = &spec.reduce_learning_rate
            && Patience::of_plateau(settings).is_exhausted_by(&self.history, &mut self.progress.plateau)
        {
            self.set_learning_rate((learning_rate * settings.factor).max(settings.min_learning_rate));
        }
        if let Some(settings) = &spec.early_stopping {
            let (history, stopping) = (&self.history, &mut self.progress.stopping);
            self.progress.stopped = Patience::of_early_stopping(settings).is_exhausted_by(history, stopping);
        }
        Ok(validation_loss)
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.progress.learning_rate = learning_rate;
        self.optimizer.set_learning_rate(learning_rate);
    }

    /// Keeps the weights if they are the best so far, by a validation value: early stopping's, else the loss.
    fn consider_best(&mut self) -> Result<()> {
        let stopping = self.spec.early_stopping.as_ref();
        let (monitor, min_delta) = stopping.map_or((Monitor::ValidationLoss, 0.0), |stop| (stop.monitor, stop.min_delta));
        let now = monitor.of(&self.history);
        let best = self.progress.best;
        if best.is_none_or(|best| monitor.improves(now, best, min_delta)) {
            self.progress.best = Some(now);
            self.best = Some(snapshot(self.weights)?);
        }
        Ok(())
    }
}

/// The optimizer of those settings on those weights, before its first step.
fn optimizer(spec: &TrainSpec, learning_rate: f64, weights: &Weights) -> Result<Optimizer> {
    let optimizer = Optimizer::new(&spec.optimizer, learning_rate, weights.variables())?;
    Ok(optimizer.clipped(spec.clip_norm))
}
