//! Cell → Record: one whole run on one screen.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use candle_core::Device;
use serde_json::Value;

use crate::data::{Dataset, Digests};
use crate::device;
use crate::files::Place;
use crate::language::cell::Cell;
use crate::metric::{self, Predictions};
use crate::model::{Role, Trained};
use crate::nn::weights::Weights;
use crate::store::paths::Cache;
use crate::store::record::{self, Key, Record};
use crate::train::{self, Diverged, EpochEnd, Fitted, History};

/// What a run needs beside its cell.
pub(crate) struct Surroundings<'a> {
    /// The folder that data files are relative to.
    pub data: &'a Path,
    /// Where weights and feature maps are kept.
    pub cache: &'a Cache,
    /// Where tensors live.
    pub device: &'a Device,
    /// Goes into the record's provenance as it is: what may differ between equal runs.
    pub provenance: BTreeMap<String, Value>,
}

/// Runs one cell from its data to its record. `expected_data` is the digest that the plan was made with, where it was known.
///
/// # Errors
/// When the data cannot be read or have changed, a shape does not fit, or training diverges.
pub(crate) fn run_cell(
    cell: &Cell,
    expected_data: Option<&Digests>,
    surroundings: &Surroundings,
    on_epoch: &mut dyn FnMut(EpochEnd) -> Result<()>,
) -> Result<Record> {
    let started = Instant::now();
    let folders = surroundings.cache.folders(surroundings.data);
    let raw = cell.data.read(&folders)?;
    let digests = raw.digests();
    if expected_data.is_some_and(|expected| *expected != digests) {
        bail!(
            "the data of `{}` changed after the sweep was planned; sweep again",
            cell.dataset_name
        );
    }
    let key = Key::of(cell, &digests);
    let data = cell.data.build(raw.as_ref(), &folders, surroundings.device)?;
    let (history, predicted) = match cell.model.role() {
        Role::Baseline(baseline) => (History::new(), baseline.predict(&data)?),
        Role::Network(network) => train_network(network, cell, &key, &data, surroundings, on_epoch)?,
    };
    if predicted.iter().flatten().any(|value| !value.is_finite()) {
        bail!(Diverged::new("a prediction is not a finite number"));
    }
    let predictions = Predictions::of(&data.target, &data.test, predicted)?;
    let mut provenance = surroundings.provenance.clone();
    provenance.insert("device".to_owned(), device::name_of(surroundings.device).into());
    provenance.insert("seconds".to_owned(), (started.elapsed().as_millis() as f64 / 1000.0).into());
    Ok(Record {
        configuration: cell.configuration(),
        history,
        key,
        metrics: metric::score(&predictions),
        predictions,
        provenance,
        scored_by: metric::VERSION,
        version: record::VERSION,
    })
}

/// Trains the cell's network, keeps its weights, and gives its predictions of the test examples in the target's unit.
fn train_network(
    network: &dyn Trained,
    cell: &Cell,
    key: &Key,
    data: &Dataset,
    surroundings: &Surroundings,
    on_epoch: &mut dyn FnMut(EpochEnd) -> Result<()>,
) -> Result<(History, Vec<Vec<f64>>)> {
    let settings = cell.train.as_ref().context("a cell that trains holds its `[train]`")?;
    let seed = cell.seed.context("a cell that trains holds its seed")?;
    let weights = Weights::drawn(seed, surroundings.device);
    let network = network.build(&data.sample_shape, data.outputs, &weights)?;
    let fitted = train::fit(network.as_ref(), &weights, data, settings, seed, on_epoch)?;
    keep_weights(&fitted, &surroundings.cache.weights(key)?)?;
    let outputs = train::predict(network.as_ref(), data)?;
    let predicted = |row: Vec<f64>| row.into_iter().map(|output| data.target.prediction(output)).collect();
    Ok((fitted.history, outputs.into_iter().map(predicted).collect()))
}

/// Writes `last.safetensors`, and `best.safetensors` where there was a validation set, into `folder`.
fn keep_weights(fitted: &Fitted, folder: &Place) -> Result<()> {
    for (name, snapshot) in [("last", Some(&fitted.last)), ("best", fitted.best.as_ref())] {
        let Some(snapshot) = snapshot else { continue };
        let place = folder.join(&format!("{name}.safetensors"))?;
        let bytes = safetensors::serialize(snapshot.iter(), None);
        place.write(&bytes.with_context(|| format!("failed to write {place}"))?)?;
    }
    Ok(())
}
