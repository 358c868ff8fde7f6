//! Cell → Record: one whole run on one screen.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use candle_core::Device;
use serde_json::Value;

use crate::checkpoint::{Keeper, Tell, Trail};
use crate::claim::Hold;
use crate::data::{Dataset, Digests, Examples, LastRead};
use crate::device;
use crate::files::Place;
use crate::language::cell::Cell;
use crate::metric::{self, Calibrated, HalfWidths, Quantiles, Scoring};
use crate::model::{Role, Trained};
use crate::nn::weights::Weights;
use crate::store::key::digest_of;
use crate::store::paths::Cache;
use crate::store::record::{self, Key, Record};
use crate::train::{self, Diverged, History, State, Training};

/// What a run needs beside its cell.
pub(crate) struct Surroundings<'a> {
    /// The folder that data files are relative to.
    pub data: &'a Path,
    /// Where weights and feature maps are kept.
    pub cache: &'a Cache,
    /// Where tensors live.
    pub device: &'a Device,
    /// Whether a training that was cut off goes on where it was; else it begins again.
    pub goes_on: bool,
    /// Who is told how far it is.
    pub tell: Tell,
    /// The claim that all is written under.
    pub hold: &'a Arc<Hold>,
    /// What the cell before has read.
    pub last_read: &'a LastRead,
    /// Goes into the record's provenance as it is: what may differ between equal runs.
    pub provenance: BTreeMap<String, Value>,
}

/// A cell that was run.
pub(crate) struct Ran {
    /// Its record, not yet written.
    pub record: Record,
    /// Its checkpoints, to be settled when the record is there; absent where nothing was trained.
    pub checkpoints: Option<Keeper>,
}

/// Runs one cell from its data to its record. `expected_data` is the digest that the plan was made with, where it was known.
///
/// # Errors
/// When the data cannot be read or have changed, a shape does not fit, or training diverges.
pub(crate) fn run_cell(cell: &Cell, expected_data: Option<&Digests>, surroundings: &Surroundings) -> Result<Ran> {
    let started = Instant::now();
    let folders = surroundings.cache.folders(surroundings.data);
    let raw = surroundings.last_read.of(&cell.data, digest_of, &folders)?;
    let digests = raw.digests();
    if expected_data.is_some_and(|expected| *expected != digests) {
        bail!(
            "the data of `{}` changed after the sweep was planned; sweep again",
            cell.dataset_name
        );
    }
    let key = Key::of(cell, &digests);
    let data = cell.data.build(raw.as_ref(), &folders, surroundings.device)?;
    let loss = cell.train.as_ref().map(|train| &train.loss);
    let quantiles = match &data.calibration {
        Some(calibration) => HalfWidths::quantiles(&calibration.spec),
        None => loss.map_or(Quantiles::default(), |loss| Quantiles::new(loss.quantiles(), loss.forecast())),
    };
    let mut scoring = Scoring::new(&data.target, &data.test, quantiles, cell.predictions);
    let mut calibrated = None;
    let mut score = |predict: &Predict| -> Result<()> {
        calibrated = score_by(predict, &data, &mut scoring)?;
        Ok(())
    };
    let (history, checkpoints) = match cell.model.role() {
        Role::Baseline(baseline) => {
            let predictor = baseline.predictor(&data)?;
            score(&|examples, give| (0..examples.len()).try_for_each(|index| give(index, predictor(examples, index)?)))?;
            (History::new(), None)
        }
        Role::Network(network) => train_network(network, cell, &key, &data, surroundings, &mut score)?,
    };
    let (predictions, metrics) = scoring.finish();
    let predictions = predictions.with_calibration(calibrated);
    let mut provenance = surroundings.provenance.clone();
    provenance.insert("device".to_owned(), device::name_of(surroundings.device).into());
    // Of all processes that had their share in it.
    let before = checkpoints.as_ref().map_or(0.0, Keeper::seconds_before);
    let seconds = ((before + started.elapsed().as_secs_f64()) * 1000.0).floor() / 1000.0;
    provenance.insert("seconds".to_owned(), seconds.into());
    let record = Record {
        configuration: cell.configuration(),
        history,
        key,
        metrics,
        predictions,
        provenance,
        scored_by: metric::VERSION,
        version: record::VERSION,
    };
    Ok(Ran { record, checkpoints })
}

/// Gives what a model predicts of examples, one after the other: its place, and in the target's unit [output], where a loss asks for
/// quantiles [output · quantile].
type Predict<'a> = dyn Fn(&Examples, &mut dyn FnMut(usize, Vec<f64>) -> Result<()>) -> Result<()> + 'a;

/// Scores what a model predicts of the test examples, with intervals by its errors on those that were held back, where some were: what
/// they were calibrated on.
fn score_by(predict: &Predict, data: &Dataset, scoring: &mut Scoring) -> Result<Option<Calibrated>> {
    let finite = |examples: &Examples, give: &mut dyn FnMut(usize, Vec<f64>) -> Result<()>| {
        predict(examples, &mut |index, prediction| {
            if prediction.iter().any(|value| !value.is_finite()) {
                bail!(Diverged::new("a prediction is not a finite number"));
            }
            give(index, prediction)
        })
    };
    let Some(calibration) = &data.calibration else {
        finite(&data.test, &mut |_, prediction| scoring.add(prediction))?;
        return Ok(None);
    };
    let halves = HalfWidths::calibrated(calibration, finite)?;
    finite(&data.test, &mut |index, forecast| {
        scoring.add(halves.around(data.test.series_of(index), &forecast))
    })?;
    Ok(Some(halves.told(&calibration.examples, data.target.count())))
}

/// Trains the cell's network from where it was cut off, if it was; keeps its weights, has its predictions scored, and gives its history and
/// its checkpoints.
fn train_network(
    network: &dyn Trained,
    cell: &Cell,
    key: &Key,
    data: &Dataset,
    surroundings: &Surroundings,
    score: &mut dyn FnMut(&Predict) -> Result<()>,
) -> Result<(History, Option<Keeper>)> {
    let settings = cell.train.as_ref().context("a cell that trains holds its `[train]`")?;
    let seed = cell.seed.context("a cell that trains holds its seed")?;
    let weights = Weights::drawn(seed, surroundings.device);
    let each = settings.loss.outputs();
    let network = network.build_for(&data.sample_shape, &data.outputs, each, &weights)?;
    let mut training = Training::new(network.as_ref(), &weights, data, settings, seed)?;
    let trail = Trail::of(cell, key, surroundings.device.is_cuda(), surroundings.cache)?;
    let trail = trail.context("a cell that trains has a trail")?.under(surroundings.hold);
    let mut checkpoints = Keeper::new(trail, cell.checkpoint, surroundings.tell.clone());
    if surroundings.goes_on {
        checkpoints.take_up(&mut training)?;
    }
    let end = match checkpoints.train(training) {
        Ok(end) => end,
        Err(error) => {
            if error.is::<Diverged>() {
                checkpoints.settle(); // to go on would end there again
            }
            return Err(error);
        }
    };
    surroundings.hold.check()?;
    keep_weights(&end, &surroundings.cache.weights(key)?)?;
    score(&|examples, give| {
        train::predict(network.as_ref(), (data, examples), &mut |index, outputs| {
            give(index, data.target.prediction((examples, index), outputs.into_iter(), each))
        })
    })?;
    Ok((end.history, Some(checkpoints)))
}

/// Writes `last.safetensors`, and `best.safetensors` where there was a validation set, into `folder`.
fn keep_weights(end: &State, folder: &Place) -> Result<()> {
    for (name, snapshot) in [("last", Some(&end.weights)), ("best", end.best.as_ref())] {
        let Some(snapshot) = snapshot else { continue };
        let place = folder.join(&format!("{name}.safetensors"))?;
        let bytes = safetensors::serialize(snapshot.iter(), None);
        place.write(&bytes.with_context(|| format!("failed to write {place}"))?)?;
    }
    Ok(())
}
