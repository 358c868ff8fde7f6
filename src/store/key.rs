//! What makes a record valid, part by part; and what changed when it is not.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use super::record::{Key, Record};
use crate::dataset::{self, DataSpec, Digests, SeriesSource};
use crate::spec::cell::Cell;
use crate::spec::configuration::without_idle;
use crate::{metric, nn, rng, train};

impl Key {
    /// The key of a cell whose data have those digests.
    pub fn of(cell: &Cell, digests: &Digests) -> Self {
        Self {
            code: code_versions(cell),
            configuration: digest_of(&without_idle(&cell.configuration())),
            data: digests.data.clone(),
            weights: digests.weights.clone(),
        }
    }

    /// What tells the data apart that the key was made with.
    pub fn digests(&self) -> Digests {
        Digests {
            data: self.data.clone(),
            weights: self.weights.clone(),
        }
    }

    /// What differs from a key that was saved, in words; empty when nothing does. Without a digest of the data (they are
    /// not here) the data are not compared.
    pub fn changes_since(cell: &Cell, data: Option<&Digests>, saved: &Record) -> Vec<String> {
        let now = match data {
            Some(digests) => Self::of(cell, digests),
            None => Self::of(cell, &saved.key.digests()),
        };
        let mut changes = Vec::new();
        if now.configuration != saved.key.configuration {
            let before = changed_settings(
                &without_idle(&saved.configuration),
                &without_idle(&cell.configuration()),
            );
            changes.extend(if before.is_empty() {
                vec!["configuration".to_owned()]
            } else {
                before
            });
        }
        if now.data != saved.key.data {
            changes.push("the data".to_owned());
        }
        if now.weights != saved.key.weights {
            changes.push("the backbone's weights".to_owned());
        }
        for (part, version) in &now.code {
            match saved.key.code.get(part) {
                Some(before) if before == version => {}
                Some(before) => changes.push(format!("code of {part} {before} → {version}")),
                None => changes.push(format!("code of {part} none → {version}")),
            }
        }
        for part in saved
            .key
            .code
            .keys()
            .filter(|part| !now.code.contains_key(*part))
        {
            changes.push(format!("code of {part} no longer used"));
        }
        changes
    }
}

/// The parts of the code whose change can change this cell's numbers.
fn code_versions(cell: &Cell) -> BTreeMap<String, u32> {
    let mut parts = match &cell.data {
        DataSpec::Series { source, .. } => vec![
            match source {
                SeriesSource::Prices(_) => ("dataset.prices", dataset::prices::VERSION),
                SeriesSource::SimulatedPrices(_) => {
                    ("dataset.simulated", dataset::simulated::VERSION)
                }
            },
            ("dataset.window", dataset::window::VERSION),
        ],
        DataSpec::Clips { backbone, .. } => {
            let mut parts = vec![("dataset.clips", dataset::clips::VERSION)];
            if backbone.is_some() {
                parts.push(("dataset.features", dataset::features::VERSION));
                parts.extend(nn::resnet50::VERSIONS);
            }
            parts
        }
    };
    let model = format!("model.{}", cell.model.kind());
    parts.extend([
        (model.as_str(), cell.model.version()),
        ("metric", metric::VERSION),
    ]);
    if cell.train.is_some() {
        parts.extend([
            ("nn.dropout", nn::dropout::VERSION),
            ("nn.optimizer", nn::optimizer::VERSION),
            ("nn.weights", nn::weights::VERSION),
            ("rng", rng::VERSION),
            ("train", train::VERSION),
        ]);
        parts.extend(cell.model.layer_versions());
    }
    parts
        .into_iter()
        .map(|(part, version)| (part.to_owned(), version))
        .collect()
}

/// Paths whose values differ between two configurations, as `train.epochs 50 → 100`.
fn changed_settings(before: &Value, now: &Value) -> Vec<String> {
    let (before, now) = (flat(before), flat(now));
    let mut changes = Vec::new();
    let shown = |value: Option<&Value>| value.map_or("none".to_owned(), ToString::to_string);
    let mut paths: Vec<&String> = before.keys().chain(now.keys()).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        if before.get(path) != now.get(path) {
            changes.push(format!(
                "{path} {} → {}",
                shown(before.get(path)),
                shown(now.get(path))
            ));
        }
    }
    changes
}

/// Every leaf of a configuration by its dotted path.
fn flat(value: &Value) -> BTreeMap<String, Value> {
    fn walk(path: &str, value: &Value, leaves: &mut BTreeMap<String, Value>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let path = if path.is_empty() {
                        key.clone()
                    } else {
                        format!("{path}.{key}")
                    };
                    walk(&path, value, leaves);
                }
            }
            leaf => {
                leaves.insert(path.to_owned(), leaf.clone());
            }
        }
    }
    let mut leaves = BTreeMap::new();
    walk("", value, &mut leaves);
    leaves
}

/// BLAKE3 of a value's JSON with sorted keys.
pub fn digest_of<T: Serialize>(value: &T) -> String {
    let text =
        canonical(value).expect("settings and keys are plain data, which JSON can always hold");
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

fn canonical<T: Serialize>(value: &T) -> Result<String> {
    Ok(serde_json::to_string(&serde_json::to_value(value)?)?)
}
