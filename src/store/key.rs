//! What makes a record valid, part by part; and what changed when it is not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::record::{Key, Record};
use crate::data::{Digests, SharedData};
use crate::kind::Kinds;
use crate::language::cell::Cell;
use crate::language::configuration::{differences, drop_idle, trainings, without_idle};
use crate::train::TrainSpec;
use crate::{nn, rng, train};

impl Key {
    /// The key of a cell whose data have those digests.
    pub fn of(cell: &Cell, digests: &Digests) -> Self {
        Self {
            code: code_versions(cell),
            configuration: Self::settings_of(cell),
            data: digests.data.clone(),
            weights: digests.weights.clone(),
        }
    }

    /// The part of a cell's key that its settings are.
    pub fn settings_of(cell: &Cell) -> String {
        let mut settings = cell.configuration();
        drop_idle(&mut settings);
        digest_of_json(&settings)
    }

    /// What the cells share that train alike for as long as each of them trains: a key but for the number of epochs, where that says
    /// when to stop and nothing else, and the model is trained once. `configuration` is the one that the key was made from.
    pub fn trail(&self, configuration: &Value) -> String {
        let mut settings = without_idle(configuration);
        let is_once = trainings(&settings) == 1;
        if let Some(train) = settings.get_mut("train") {
            let may_be_prolonged = is_once && TrainSpec::deserialize(&*train).is_ok_and(|spec| spec.may_be_prolonged());
            if let Some(train) = train.as_object_mut().filter(|_| may_be_prolonged) {
                train.remove("epochs");
            }
        }
        let trail = Self {
            configuration: digest_of(&settings),
            ..self.clone()
        };
        digest_of(&trail)
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
        now.changes(cell, &saved.key, &saved.configuration)
    }

    /// What differs from an earlier key, that of the configuration `before`, in words; this one is the cell's.
    pub(crate) fn changes(&self, cell: &Cell, earlier: &Self, before: &Value) -> Vec<String> {
        let mut changes = Vec::new();
        if self.configuration != earlier.configuration {
            let settings = differences(&without_idle(before), &without_idle(&cell.configuration()));
            changes.extend(settings.iter().map(ToString::to_string));
            if settings.is_empty() {
                changes.push("configuration".to_owned());
            }
        }
        changes.extend(self.changes_beside_settings(earlier));
        changes
    }

    /// What differs from an earlier key in data, weights and code, in words.
    pub fn changes_beside_settings(&self, before: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        if self.data != before.data {
            changes.push("the data".to_owned());
        }
        if self.weights != before.weights {
            changes.push("the backbone's weights".to_owned());
        }
        for (part, version) in self.code.iter().filter(|(part, _)| is_decisive(part)) {
            match before.code.get(part) {
                Some(earlier) if earlier == version => {}
                Some(earlier) => changes.push(format!("code of {part} {earlier} → {version}")),
                None => changes.push(format!("code of {part} none → {version}")),
            }
        }
        let gone = |part: &&String| is_decisive(part) && !self.code.contains_key(*part);
        let gone = before.code.keys().filter(gone);
        changes.extend(gone.map(|part| format!("code of {part} no longer used")));
        changes
    }
}

/// Whether a part of the code decides whether a record is valid.
pub(crate) fn is_decisive(part: &str) -> bool {
    part != METRIC
}

/// The metrics have a part in every saved key, and weights are kept under the digest of a key. But no formula changes what was
/// trained: this part stays as it is and decides nothing. Which formulas gave the saved scores says the record's `scored_by`.
const METRIC: &str = "metric";
const SAVED_METRIC: u32 = 1;

/// The parts of the code whose change can change this cell's numbers.
fn code_versions(cell: &Cell) -> BTreeMap<String, u32> {
    let mut parts = cell.data.code();
    parts.extend(cell.model.code());
    parts.push((METRIC, SAVED_METRIC));
    if cell.train.is_some() {
        parts.extend([
            ("nn.dropout", nn::dropout::VERSION),
            ("nn.optimizer", nn::optimizer::VERSION),
            ("nn.weights", nn::weights::VERSION),
            ("rng", rng::VERSION),
            ("train", train::VERSION),
        ]);
    }
    let mut parts: BTreeMap<String, u32> = parts.into_iter().map(|(part, version)| (part.to_owned(), version)).collect();
    if let Some(train) = &cell.train {
        let TrainSpec {
            loss,
            optimizer,
            schedule,
            ..
        } = train;
        let mut of_kinds = vec![
            (format!("nn.loss.{}", loss.kind()), loss.version()),
            (format!("nn.optimizer.{}", optimizer.kind()), optimizer.version()),
        ];
        if let Some(schedule) = schedule {
            of_kinds.push((format!("train.schedule.{}", schedule.kind()), schedule.version()));
        }
        // What was saved before a kind had a version of its own holds the first.
        parts.extend(of_kinds.into_iter().filter(|(_, version)| *version > 1));
    }
    parts
}

/// What the data of a cell are known by.
pub fn digest_of_data(data: &SharedData) -> &str {
    data.known_by(digest_of)
}

/// BLAKE3 of a value's JSON with sorted keys.
pub fn digest_of<T: Serialize>(value: &T) -> String {
    digest_of_json(&serde_json::to_value(value).expect("settings and keys are plain data, which JSON can always hold"))
}

/// The same of what is JSON already, whose keys are sorted.
fn digest_of_json(value: &Value) -> String {
    blake3::hash(value.to_string().as_bytes()).to_hex().to_string()
}
