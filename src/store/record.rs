//! One saved result: `results/EXPERIMENT/cells/ID.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::refits;
pub use super::refits::{Refit, Trained};
use crate::data::{self, Noun};
use crate::language::configuration::{of_group, value_at};
use crate::language::name;
use crate::metric::Predictions;

/// The format of a record; a reader takes this one and the one before.
pub const VERSION: u32 = 1;

/// One saved result. Everything but `provenance` is the same, byte for byte, for two equal runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The resolved settings, shaped as the TOML: `dataset` and `model` tables hold their `name`.
    /// `{"dataset": {"kind", "name", …}, "model": {"kind", "name", …}, "seed", "split": {…}, "train": {…}, "window": {…}}`;
    /// `seed` and `train` are absent for a model that reads none, other tables where the file has none.
    pub configuration: Value,
    /// A value for each epoch: `loss` (scaled), metrics in the target's unit (`mse`, `mae`; `accuracy`), `learning_rate`,
    /// and the same with `validation_` in front. Empty for a baseline.
    pub history: BTreeMap<String, Vec<f64>>,
    /// What makes the record valid, part by part.
    pub key: Key,
    /// Every metric of the task that is defined on these predictions.
    pub metrics: BTreeMap<String, f64>,
    /// The predictions on the test set.
    pub predictions: Predictions,
    /// Everything that may differ between two equal runs: `started`, `seconds`, `refit_seconds`, `host`, `device`, `threads`, `runner`,
    /// `git_commit`, `git_dirty`, [`TAKEN_FROM`].
    pub provenance: BTreeMap<String, Value>,
    /// The trainings of a model that is trained again as the test goes on, in order; empty where it is trained once. `history` is that of
    /// the first, which alone has seen no day of the test.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "refits")]
    pub refits: Vec<Refit>,
    /// `metric::VERSION` when it was scored. Of an older one the scores are computed again when it is read, and the file stays.
    #[serde(default = "first_metrics", skip_serializing_if = "is_of_first_metrics")]
    pub scored_by: u32,
    /// `VERSION` when it was written.
    pub version: u32,
}

/// In the provenance of a record that took another name: those that it had before, as `EXPERIMENT/ID`, the first one first.
pub(crate) const TAKEN_FROM: &str = "taken_from";

/// Records of the first metrics do not say so.
fn first_metrics() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn is_of_first_metrics(scored_by: &u32) -> bool {
    *scored_by == first_metrics()
}

/// What makes a record valid: equal keys, equal numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Part of the code → its `VERSION`, of those parts that this cell uses.
    pub code: BTreeMap<String, u32>,
    /// Hash of the resolved configuration without names and paths.
    pub configuration: String,
    /// Digest of the parsed rows (prices) or of names, labels and bytes (clips).
    pub data: String,
    /// Digest of the frozen network's weights, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
}

/// What a cell is, whatever it is called: its settings without what changes no number, its data and its weights. A record may
/// stand for any cell of its identity; whether it is valid says its [`Key`], which also holds the code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    configuration: String,
    data: String,
    weights: Option<String>,
}

impl Key {
    /// The identity of the cells for which its record may stand.
    pub fn identity(&self) -> Identity {
        Identity {
            configuration: self.configuration.clone(),
            data: self.data.clone(),
            weights: self.weights.clone(),
        }
    }
}

/// A record with the id that its file's name says.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The cell's id.
    pub id: String,
    /// What was saved.
    pub record: Record,
}

impl Stored {
    /// See [`order`].
    pub fn order(&self) -> (String, Option<u64>, String) {
        order(&self.id, &self.record.configuration)
    }
}

/// What cells and their records are sorted by: those that differ in nothing but their seed stand together, by their seeds as numbers,
/// so that every mean over seeds is summed in that order.
pub fn order(id: &str, configuration: &Value) -> (String, Option<u64>, String) {
    let seed = value_at(configuration, "seed").and_then(Value::as_u64);
    (name::without_seed(id).into_owned(), seed, id.to_owned())
}

/// Puts the records of an experiment into the order in which everything goes through them.
pub fn sort(records: &mut [Stored]) {
    records.sort_by_cached_key(Stored::order);
}

/// The record of a cell among records in that order.
pub fn find<'a>(records: &'a [Stored], id: &str) -> Option<&'a Stored> {
    let group = name::without_seed(id);
    let first = records.partition_point(|stored| name::without_seed(&stored.id) < group);
    let of_group = records[first..].partition_point(|stored| name::without_seed(&stored.id) == group);
    records[first..first + of_group].iter().find(|stored| stored.id == id)
}

impl Record {
    /// The value at a dotted path as a user writes it: `dataset` and `model` are names, `seed` a number,
    /// `window.horizon`, `train.epochs` settings; `model.lstm.dropout` only where the model is `lstm`.
    pub fn at(&self, path: &str) -> Option<&Value> {
        value_at(&self.configuration, path)
    }

    /// What it shares with the records that differ from it in nothing but their seed: identity without seed, under the names of
    /// dataset and model. Cells of one identity and two names are two groups, for each would count the other's numbers twice.
    pub fn group(&self) -> String {
        let weights = self.key.weights.as_deref().unwrap_or_default();
        let settings = of_group(&self.configuration);
        format!("{settings} {} {weights}", self.key.data)
    }

    /// The names that it had before, as `EXPERIMENT/ID`, the first one first; empty where it has the one that it was made under.
    pub(crate) fn taken_from(&self) -> Vec<&str> {
        let names = self.provenance.get(TAKEN_FROM).and_then(Value::as_array);
        names.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Whether the model was trained; a baseline has no `[train]`.
    pub fn is_trained(&self) -> bool {
        self.at("train").is_some()
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        self.at("model").and_then(Value::as_str).unwrap_or_default()
    }

    /// What the examples of its dataset are called.
    pub fn noun(&self) -> Noun {
        let kind = self.configuration["dataset"]["kind"].as_str();
        let form = kind.and_then(data::form_of_kind);
        form.map_or_else(Noun::default, |form| form.noun)
    }

    /// The dataset's name.
    pub fn dataset(&self) -> &str {
        self.at("dataset").and_then(Value::as_str).unwrap_or_default()
    }
}
