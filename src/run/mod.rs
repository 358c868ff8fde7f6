//! Cell → Record: one whole run on one screen.

mod trainings; // of a network or a baseline, one after the other

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, bail};
use candle_core::Device;
use serde_json::Value;

use self::trainings::{Left, Parts};
use crate::checkpoint::{Keeper, Tell};
use crate::claim::Hold;
use crate::data::{Digests, LastRead};
use crate::device;
use crate::language::cell::Cell;
use crate::metric::{self, HalfWidths, Quantiles, Scoring};
use crate::model::Role;
use crate::store::key::digest_of;
use crate::store::paths::Cache;
use crate::store::record::{self, Key, Record};

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
    let mut scored = |prediction: Vec<f64>| scoring.add(prediction);
    let parts = Parts {
        cell,
        raw: raw.as_ref(),
        folders: &folders,
        device: surroundings.device,
        whole: &data,
    };
    let trained = match cell.model.role() {
        Role::Baseline(baseline) => parts.predict_by(baseline, &mut scored),
        Role::Network(network) => parts.train(network, &key, surroundings, &mut scored),
    };
    let Left {
        history,
        refits,
        calibrated,
        checkpoints,
    } = trained?;
    let (predictions, metrics) = scoring.finish();
    let predictions = predictions.with_calibration(calibrated);
    let mut provenance = surroundings.provenance.clone();
    provenance.insert("device".to_owned(), device::name_of(surroundings.device).into());
    // Of all processes that had their share in it.
    let before = checkpoints.as_ref().map_or(0.0, Keeper::seconds_before);
    let seconds = ((before + started.elapsed().as_secs_f64()) * 1000.0).floor() / 1000.0;
    provenance.insert("seconds".to_owned(), seconds.into());
    let of_refits = checkpoints
        .as_ref()
        .map_or(&[][..], |checkpoints| &checkpoints.walked().seconds);
    if !of_refits.is_empty() {
        let texts: Vec<String> = of_refits.iter().map(|seconds| format!("{seconds:.3}")).collect();
        provenance.insert("refit_seconds".to_owned(), texts.join(" ").into());
    }
    let record = Record {
        configuration: cell.configuration(),
        history,
        key,
        metrics,
        predictions,
        provenance,
        refits,
        scored_by: metric::VERSION,
        version: record::VERSION,
    };
    Ok(Ran { record, checkpoints })
}
