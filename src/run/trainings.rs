//! The trainings of a cell, one after the other: one alone, or as many as its split asks for while the test goes on.
//!
//! Each begins with the first weights of the same seed, and has a scaling and a validation set of its own. What was finished before a
//! cell was cut off is not trained again: its checkpoint holds what it predicted.

use anyhow::{Context, Result, anyhow, bail};
use candle_core::Device;

use super::Surroundings;
use crate::checkpoint::{Keeper, Trail};
use crate::data::{Dataset, Examples, Folders, Raw, Target};
use crate::files::Place;
use crate::language::cell::Cell;
use crate::metric::{Calibrated, HalfWidths};
use crate::model::{Baseline, Network, Trained as Trains};
use crate::nn::weights::Weights;
use crate::store::record::{Key, Refit, Trained};
use crate::store::refits::DIGEST;
use crate::train::{self, Diverged, History, Snapshot, State, TrainSpec, Training, Turn};

/// What each training of a cell is made of.
pub(super) struct Parts<'a> {
    pub cell: &'a Cell,
    pub raw: &'a dyn Raw,
    pub folders: &'a Folders,
    pub device: &'a Device,
    /// The first training, and the whole test: all there is where a model is trained once.
    pub whole: &'a Dataset,
}

/// What the trainings of a cell leave beside predictions.
#[derive(Default)]
pub(super) struct Left {
    /// That of the first training.
    pub history: History,
    /// See [`Record::refits`](crate::store::record::Record::refits).
    pub refits: Vec<Refit>,
    /// What the intervals were calibrated on, where there are some: those of the first training.
    pub calibrated: Option<Calibrated>,
    /// Absent where nothing was trained.
    pub checkpoints: Option<Keeper>,
}

/// Takes the predictions of the test examples, in order.
pub(super) type Scored<'a> = &'a mut dyn FnMut(Vec<f64>) -> Result<()>;

impl Parts<'_> {
    /// How often a model is trained.
    fn count(&self) -> usize {
        self.cell.data.trainings()
    }

    /// Does something with the data of one training, of whose test are the examples that it predicts.
    fn with<T>(&self, place: usize, then: impl FnOnce(&Dataset) -> Result<T>) -> Result<T> {
        match self.count() {
            1 => then(self.whole),
            _ => then(&self.cell.data.build_training(self.raw, self.folders, self.device, place)?),
        }
    }

    /// The predictions of a baseline, which is fitted as often as a network is trained.
    ///
    /// # Errors
    /// When it cannot be fitted, or `scored` fails.
    pub(super) fn predict_by(&self, baseline: &dyn Baseline, scored: Scored) -> Result<Left> {
        let (count, mut left) = (self.count(), Left::default());
        for place in 0..count {
            self.with(place, |data| {
                let predictor = baseline.predictor(data)?;
                let predict = |examples: &Examples, give: &mut dyn FnMut(usize, Vec<f64>) -> Result<()>| {
                    (0..examples.len()).try_for_each(|index| give(index, predictor(examples, index)?))
                };
                let calibrated = score_by(&predict, data, scored)?;
                left.calibrated = left.calibrated.take().or(calibrated);
                left.refits.extend((count > 1).then(|| refit_of(data, None)));
                Ok(())
            })?;
        }
        Ok(left)
    }

    /// Trains the cell's network from where it was cut off, if it was, keeps its weights and tells its predictions, where the loss asks
    /// for quantiles all of them beside each other.
    ///
    /// # Errors
    /// When training diverges or is ended, or `scored` fails.
    pub(super) fn train(&self, network: &dyn Trains, key: &Key, around: &Surroundings, scored: Scored) -> Result<Left> {
        let (cell, count) = (self.cell, self.count());
        let net = Net {
            network,
            settings: cell.train.as_ref().context("a cell that trains holds its `[train]`")?,
            seed: cell.seed.context("a cell that trains holds its seed")?,
            device: self.device,
        };
        let trail = Trail::of(cell, key, self.device.is_cuda(), around.cache)?;
        let trail = trail.context("a cell that trains has a trail")?.under(around.hold);
        let mut checkpoints = Keeper::new(trail, cell.checkpoint, around.tell.clone());
        let mut goes_on = None;
        if around.goes_on {
            goes_on = checkpoints.take_up(&mut |walked, state| {
                let place = walked.refits.len();
                if place >= count {
                    return Ok(Err(anyhow!("it has {place} refits of {count}")));
                }
                self.with(place, |data| {
                    net.build(data, |mut training, _, _| Ok(training.go_on_from(state.clone())))
                })
            })?;
        }
        let (history, calibrated) = match self.walk(&net, goes_on, &mut checkpoints, (key, around), scored) {
            Ok(first) => first,
            Err(error) => {
                if error.is::<Diverged>() {
                    checkpoints.settle(); // to go on would end there again
                }
                return Err(error);
            }
        };
        Ok(Left {
            history,
            refits: checkpoints.walked().refits.clone(),
            calibrated,
            checkpoints: Some(checkpoints),
        })
    }

    /// Trains what the checkpoints do not hold yet, the first of it from a state where there is one; gives what the very first
    /// training left.
    fn walk(
        &self,
        net: &Net,
        mut goes_on: Option<State>,
        checkpoints: &mut Keeper,
        (key, around): (&Key, &Surroundings),
        scored: Scored,
    ) -> Result<(History, Option<Calibrated>)> {
        let (count, folder) = (self.count(), around.cache.weights(key)?);
        let before = checkpoints.walked().predictions.clone();
        before.into_iter().try_for_each(&mut *scored)?;
        for place in checkpoints.walked().refits.len()..count {
            let state = goes_on.take();
            let alone = self.with(place, |data| {
                net.build(data, |mut training, network, weights| {
                    if let Some(state) = state {
                        training.go_on_from(state)?;
                    }
                    let end = trained(training, checkpoints, Turn { place, of: count })?;
                    around.hold.check()?;
                    if count == 1 {
                        keep_weights(&end, &folder)?;
                        let calibrated = score_network(network, data, net.settings, scored)?;
                        return Ok(Some((end.history, calibrated)));
                    }
                    let name = format!("refit-{}", place + 1);
                    let digest = keep(&folder, &name, &train::snapshot(weights)?)?;
                    let mut predictions = Vec::with_capacity(data.test.len());
                    let calibrated = score_network(network, data, net.settings, &mut |prediction| {
                        predictions.push(prediction.clone());
                        scored(prediction)
                    })?;
                    let refit = refit_of(data, Some(net.trained(data, &end, digest)?));
                    checkpoints.finish(refit, (end.history, calibrated), predictions);
                    Ok(None)
                })
            })?;
            if let Some(first) = alone {
                return Ok(first);
            }
        }
        let walked = checkpoints.walked();
        Ok((walked.history.clone(), walked.calibrated.clone()))
    }
}

/// A network's settings, and what its training begins with.
struct Net<'a> {
    network: &'a dyn Trains,
    settings: &'a TrainSpec,
    seed: u64,
    device: &'a Device,
}

impl Net<'_> {
    /// Does something with a training before its first step.
    fn build<T>(&self, data: &Dataset, then: impl FnOnce(Training, &dyn Network, &Weights) -> Result<T>) -> Result<T> {
        let weights = Weights::drawn(self.seed, self.device);
        let each = self.settings.loss.outputs();
        let network = self.network.build_for(&data.sample_shape, &data.outputs, each, &weights)?;
        let training = Training::new(network.as_ref(), &weights, data, self.settings, self.seed)?;
        then(training, network.as_ref(), &weights)
    }

    /// What a record says of a training that came to this end.
    fn trained(&self, data: &Dataset, end: &State, weights: String) -> Result<Trained> {
        let stopping = self.settings.early_stopping.as_ref();
        let kept = train::kept_epoch(&end.history, stopping.map(|stop| (stop.monitor, stop.min_delta)));
        let kept = kept.context("a training has an epoch")?;
        let value = |name: &str| end.history.get(name).and_then(|values| values.get(kept)).copied();
        let scales = match &data.target {
            Target::Numbers { scales, .. } => {
                let scales = scales.iter().flatten();
                scales.map(|scale| [scale.offset, scale.factor]).collect()
            }
            Target::Classes(_) => Vec::new(),
        };
        Ok(Trained {
            epochs: end.progress.epoch,
            loss: value("loss").context("a training has a loss")?,
            validation_loss: value("validation_loss"),
            scales,
            weights,
        })
    }
}

/// Trains to the end; of a training that diverges, which of several it was.
fn trained(training: Training, checkpoints: &mut Keeper, turn: Turn) -> Result<State> {
    checkpoints.train(training).map_err(|error| match error.is::<Diverged>() {
        true if turn.of > 1 => error.context(turn),
        _ => error,
    })
}

/// Gives what a model predicts of examples, one after the other: its place, and in the target's unit [output], where a loss asks for
/// quantiles [output · quantile].
type Predict<'a> = dyn Fn(&Examples, &mut dyn FnMut(usize, Vec<f64>) -> Result<()>) -> Result<()> + 'a;

/// Scores what a model predicts of the test examples, with intervals by its errors on those that were held back, where some were: what
/// they were calibrated on.
fn score_by(predict: &Predict, data: &Dataset, scored: Scored) -> Result<Option<Calibrated>> {
    let finite = |examples: &Examples, give: &mut dyn FnMut(usize, Vec<f64>) -> Result<()>| {
        predict(examples, &mut |index, prediction| {
            if prediction.iter().any(|value| !value.is_finite()) {
                bail!(Diverged::new("a prediction is not a finite number"));
            }
            give(index, prediction)
        })
    };
    let Some(calibration) = &data.calibration else {
        finite(&data.test, &mut |_, prediction| scored(prediction))?;
        return Ok(None);
    };
    let halves = HalfWidths::calibrated(calibration, finite)?;
    finite(&data.test, &mut |index, forecast| {
        scored(halves.around(data.test.series_of(index), &forecast))
    })?;
    Ok(Some(halves.told(&calibration.examples, data.target.count())))
}

/// The same of a network that was trained on these data.
fn score_network(network: &dyn Network, data: &Dataset, settings: &TrainSpec, scored: Scored) -> Result<Option<Calibrated>> {
    let each = settings.loss.outputs();
    let predict = |examples: &Examples, give: &mut dyn FnMut(usize, Vec<f64>) -> Result<()>| {
        train::predict(network, (data, examples), &mut |index, outputs| {
            give(index, data.target.prediction((examples, index), outputs.into_iter(), each))
        })
    };
    score_by(&predict, data, scored)
}

/// What a record says of a model's data in one training.
fn refit_of(data: &Dataset, trained: Option<Trained>) -> Refit {
    // Of many series each knows rows of its own.
    let first = |series: usize| (0..data.test.len()).find(|index| data.test.series_of(*index) == series);
    let rows = (0..data.test.series())
        .filter_map(first)
        .map(|index| data.test.history(index).len());
    Refit {
        origin: data.test.name(0),
        windows: data.test.len(),
        rows: rows.sum::<usize>() / data.target.count(),
        trained,
    }
}

/// Writes `last.safetensors`, and `best.safetensors` where there was a validation set, into `folder`.
fn keep_weights(end: &State, folder: &Place) -> Result<()> {
    for (name, snapshot) in [("last", Some(&end.weights)), ("best", end.best.as_ref())] {
        if let Some(snapshot) = snapshot {
            keep(folder, name, snapshot)?;
        }
    }
    Ok(())
}

/// Writes weights into `folder`; gives the beginning of the digest of their bytes.
fn keep(folder: &Place, name: &str, snapshot: &Snapshot) -> Result<String> {
    let place = folder.join(&format!("{name}.safetensors"))?;
    let bytes = safetensors::serialize(snapshot.iter(), None);
    let bytes = bytes.with_context(|| format!("failed to write {place}"))?;
    place.write(&bytes)?;
    Ok(blake3::hash(&bytes).to_hex()[..DIGEST].to_owned())
}
