//! Cell → Record: one whole run on one screen.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use candle_core::{Device, safetensors};
use serde_json::Value;

use crate::dataset::Dataset;
use crate::device;
use crate::metric::{self, Forecast, Predictions};
use crate::model::baseline::Baseline;
use crate::nn::weights::Weights;
use crate::spec::cell::Cell;
use crate::store::paths::Cache;
use crate::store::record::{self, Key, Record};
use crate::task::Task;
use crate::train::{self, Diverged, EpochEnd, Fitted, History};

/// What a run needs beside its cell.
pub struct Surroundings<'a> {
    /// The folder that data files are relative to.
    pub data: &'a Path,
    /// Where the weights are kept.
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
pub fn run_cell(
    cell: &Cell,
    expected_data: Option<&str>,
    surroundings: &Surroundings,
    on_epoch: &mut dyn FnMut(EpochEnd) -> Result<()>,
) -> Result<Record> {
    let started = Instant::now();
    let series = cell.data.read(surroundings.data)?;
    let digest = series.digest();
    if expected_data.is_some_and(|expected| expected != digest) {
        bail!(
            "the data of `{}` changed after the sweep was planned; sweep again",
            cell.dataset_name
        );
    }
    let key = Key::of(cell, &digest);
    let data = cell.data.build(&series, surroundings.device)?;
    let (history, outputs) = match cell.model.baseline() {
        Some(baseline) => (History::new(), ask_baseline(baseline, &data)?),
        None => train_network(cell, &key, &data, surroundings, on_epoch)?,
    };
    let predictions = predictions_of(&data, outputs)?;
    let mut provenance = surroundings.provenance.clone();
    provenance.insert(
        "device".to_owned(),
        device::name_of(surroundings.device).into(),
    );
    provenance.insert(
        "seconds".to_owned(),
        (started.elapsed().as_millis() as f64 / 1000.0).into(),
    );
    Ok(Record {
        configuration: cell.configuration(),
        history,
        key,
        metrics: metric::score(&predictions),
        predictions,
        provenance,
        version: record::VERSION,
    })
}

/// The baseline's answers to the test examples, in the target's unit.
fn ask_baseline(baseline: Baseline, data: &Dataset) -> Result<Vec<Vec<f64>>> {
    let Baseline::Forecast(forecast) = baseline else {
        bail!(
            "a classifier cannot forecast a series; take a baseline of kind `last_value` or `drift`"
        );
    };
    let horizon = data.task.output_width();
    let past = data.test.past.iter();
    Ok(past.map(|past| forecast.of(past, horizon)).collect())
}

/// Trains the cell's network, keeps its weights, and gives its answers to the test examples in the target's unit.
fn train_network(
    cell: &Cell,
    key: &Key,
    data: &Dataset,
    surroundings: &Surroundings,
    on_epoch: &mut dyn FnMut(EpochEnd) -> Result<()>,
) -> Result<(History, Vec<Vec<f64>>)> {
    let settings = cell
        .train
        .as_ref()
        .context("a cell that trains holds its `[train]`")?;
    let seed = cell.seed.context("a cell that trains holds its seed")?;
    let weights = Weights::drawn(seed, surroundings.device);
    let network = cell.model.build(&data.sample_shape, data.task, &weights)?;
    let fitted = train::fit(network.as_ref(), &weights, data, settings, seed, on_epoch)?;
    keep_weights(&fitted, &surroundings.cache.weights(key))?;
    let scaled = train::predict(network.as_ref(), &data.test)?;
    let unscale = |row: Vec<f64>| {
        row.into_iter()
            .map(|output| data.target.unscale(output))
            .collect()
    };
    Ok((fitted.history, scaled.into_iter().map(unscale).collect()))
}

/// Writes `last.safetensors`, and `best.safetensors` where there was a validation set, into `folder`.
fn keep_weights(fitted: &Fitted, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("failed to make {}", folder.display()))?;
    for (name, snapshot) in [("last", Some(&fitted.last)), ("best", fitted.best.as_ref())] {
        let Some(snapshot) = snapshot else { continue };
        let path = folder.join(format!("{name}.safetensors"));
        let partial = folder.join(format!(".{name}.{}.partial", std::process::id()));
        let tensors: std::collections::HashMap<_, _> = snapshot.clone().into_iter().collect();
        safetensors::save(&tensors, &partial)
            .map_err(anyhow::Error::from)
            .and_then(|()| Ok(std::fs::rename(&partial, &path)?))
            .with_context(|| format!("failed to write {}", path.display()))?;
    }
    Ok(())
}

fn predictions_of(data: &Dataset, outputs: Vec<Vec<f64>>) -> Result<Predictions> {
    let Task::Regression { .. } = data.task else {
        bail!("only forecasts can be recorded");
    };
    let mut samples = Vec::with_capacity(outputs.len());
    for (index, forecast) in outputs.into_iter().enumerate() {
        if forecast.iter().any(|value| !value.is_finite()) {
            bail!(Diverged::new("a forecast is not a finite number"));
        }
        let last = *data.test.past[index]
            .last()
            .context("a window holds at least one day")?;
        let origin = data.test.names[index].clone();
        samples.push(Forecast {
            origin,
            last,
            forecast,
            truth: data.test.truth[index].clone(),
        });
    }
    Ok(Predictions::Regression {
        unit: data.unit.clone(),
        samples,
    })
}
