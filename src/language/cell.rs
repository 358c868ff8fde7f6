//! One fully decided run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::data::{SharedData, unread_by_baselines};
use crate::metric::Keep;
use crate::model::ModelSpec;
use crate::train::{Checkpoint, TrainSpec};

use super::configuration::value_at;
use super::written;

/// One decided run: nothing in it is left to choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The experiment: the stem of its file's name.
    pub experiment: String,
    /// Its name: dataset, model and the value of every axis that it reads, as `litecoin,lstm,horizon=3,seed=1`.
    pub id: String,
    /// Name of the dataset's table.
    pub dataset_name: String,
    /// Name of the model's table.
    pub model_name: String,
    /// Axis path → value, of the axes that this cell reads: what `--filter` matches, along with every path of the
    /// configuration.
    pub axes: BTreeMap<String, Value>,
    /// The data, how they are seen and split.
    pub data: SharedData,
    /// The model.
    pub model: ModelSpec,
    /// How it is trained; absent for a model that trains nothing.
    pub train: Option<TrainSpec>,
    /// When its training is saved beside its going on; in no configuration, for it changes no number.
    #[serde(default, skip_serializing_if = "Checkpoint::is_default")]
    pub checkpoint: Checkpoint,
    /// How much of its predictions its record keeps; in no configuration, for it changes no number.
    #[serde(default, skip_serializing_if = "Keep::is_default")]
    pub predictions: Keep,
    /// Where all chance of this cell comes from; absent for a model that knows none.
    pub seed: Option<u64>,
    /// Whether the experiment asks for a GPU (`requires = "cuda"`).
    pub requires_cuda: bool,
}

impl Cell {
    /// The resolved settings as a record holds them: shaped as the TOML, every default filled in, the tables of dataset and
    /// model with their `name`. What the model does not read is absent: `seed`, `train` and the scaling for a baseline.
    pub fn configuration(&self) -> Value {
        let mut configuration = json!({ "model": self.model });
        for (table, settings) in self.data.tables() {
            configuration[table] = settings;
        }
        configuration["dataset"]["name"] = json!(self.dataset_name);
        configuration["model"]["name"] = json!(self.model_name);
        if let Some(seed) = self.seed {
            configuration["seed"] = json!(seed);
        }
        if let Some(train) = &self.train {
            configuration["train"] = json!(train);
        }
        if !self.model.trains() {
            for [table, key] in unread_by_baselines(self.data.split(), self.data.baselines_validate()) {
                if let Some(Value::Object(table)) = configuration.get_mut(table) {
                    table.remove(key);
                }
            }
        }
        configuration
    }

    /// The value at a dotted path as an id writes it, a table by its kind; none where the cell has no such setting.
    pub fn shown_at(&self, path: &str) -> Option<String> {
        let configuration = self.configuration();
        let found = self.axes.get(path).or_else(|| value_at(&configuration, path))?;
        let kind = found.get("kind").and_then(Value::as_str);
        Some(kind.map_or_else(|| written::of_json(found), str::to_owned))
    }

    /// Whether the value at a dotted path, written as an id writes it, is `value`: `--filter window.horizon=7`. A table
    /// answers to its kind alone: `train.optimizer=adam`.
    pub fn matches(&self, path: &str, value: &str) -> bool {
        let configuration = self.configuration();
        let Some(found) = self.axes.get(path).or_else(|| value_at(&configuration, path)) else {
            return false;
        };
        let kind = found.get("kind").and_then(Value::as_str);
        let same_number = || Some(found.as_f64()? == value.parse::<f64>().ok()?);
        kind == Some(value)
            || written::of_json(found) == value
            || found.as_str() == Some(value)
            || same_number() == Some(true)
    }
}
