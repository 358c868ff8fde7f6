//! A cell's resolved settings as a record holds them: shaped as the TOML, the tables of dataset and model with their `name`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::data::{SeriesSplit, slots};

/// The value of a configuration at a dotted path as a user writes it; `dataset` and `model` are names, `seed` a
/// number, `window.horizon`, `train.epochs` settings; `model.lstm.dropout` only where the model is `lstm`.
pub(crate) fn value_at<'a>(configuration: &'a Value, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let first = parts.next()?;
    let mut value = configuration.get(first)?;
    if matches!(first, "dataset" | "model") {
        match parts.next() {
            None => return value.get("name"),
            Some(name) if value.get("name")?.as_str()? == name => {}
            Some(_) => return None,
        }
    }
    for part in parts {
        value = value.get(part)?;
    }
    Some(value)
}

/// How many origins a cell forecasts from; none where it is not tested over time.
pub(crate) fn origins(configuration: &Value) -> Option<usize> {
    let split = SeriesSplit::deserialize(configuration.get("split")?).ok()?;
    let horizon = configuration.get("window")?.get("horizon")?.as_u64()?;
    split.origins(horizon as usize)
}

/// How often a cell's model is trained as its test goes on.
pub(crate) fn trainings(configuration: &Value) -> usize {
    let split = configuration.get("split").map(SeriesSplit::deserialize);
    split.and_then(Result::ok).map_or(1, |split| split.trainings())
}

/// One setting that differs between two configurations; `Value::Null` where one of them has none.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub(crate) struct Difference {
    /// Dotted path, as `train.epochs`.
    pub path: String,
    /// The earlier value.
    pub before: Value,
    /// The later value.
    pub after: Value,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = |value: &Value| match value {
            Value::Null => "none".to_owned(),
            value => value.to_string(),
        };
        let Self { path, before, after } = self;
        write!(f, "{path} {} → {}", shown(before), shown(after))
    }
}

/// The settings that differ between two configurations, sorted by path.
pub(crate) fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut both = compared(before, after);
    both.retain(|one| one.before != one.after);
    both
}

/// Every setting of two configurations, sorted by path.
pub(crate) fn compared(before: &Value, after: &Value) -> Vec<Difference> {
    let (before, after) = (leaves(before), leaves(after));
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let value = |side: &BTreeMap<String, Value>, path| side.get(path).cloned().unwrap_or_default();
    let both = paths.into_iter().map(|path| Difference {
        path: path.clone(),
        before: value(&before, path),
        after: value(&after, path),
    });
    both.collect()
}

/// Every leaf of a configuration by its dotted path.
pub(crate) fn leaves(configuration: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (key, value) in configuration.as_object().into_iter().flatten() {
        leaves_below(key.clone(), value, &mut found);
    }
    found
}

/// Every leaf of a value at a dotted path.
pub(crate) fn leaves_below(path: String, value: &Value, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(table) => {
            for (key, value) in table {
                leaves_below(format!("{path}.{key}"), value, found);
            }
        }
        leaf => drop(found.insert(path, leaf.clone())),
    }
}

/// A configuration but for its seed: equal for the cells of one group.
pub(crate) fn without_seed(configuration: &Value) -> Value {
    let mut configuration = configuration.clone();
    if let Some(table) = configuration.as_object_mut() {
        table.remove("seed");
    }
    configuration
}

/// What the cells of one group share: all settings but the seed and what changes no number, under the names of dataset and model.
pub(crate) fn of_group(configuration: &Value) -> Value {
    let mut group = without_seed(&without_idle(configuration));
    for table in ["dataset", "model"] {
        if let Some(named) = group.get_mut(table).and_then(Value::as_object_mut) {
            named.insert("name".to_owned(), configuration[table]["name"].clone());
        }
    }
    group
}

/// The settings without what changes no number: names, paths, units, and those that only refuse data. The data themselves
/// are another part of a key.
pub(crate) fn without_idle(configuration: &Value) -> Value {
    let mut configuration = configuration.clone();
    drop_idle(&mut configuration);
    configuration
}

/// What of a `[dataset.NAME]` changes no number: names, paths and units; how a file is written, and which times it must hold. The
/// digest of the data tells what came of it.
const IDLE_OF_DATASETS: [&str; 16] = [
    "name",
    "publish",
    "file",
    "folder",
    "unit",
    "calendar",
    "frequency",
    "longest_gap",
    "missing",
    "time",
    "time_format",
    "separator",
    "decimal",
    "thousands",
    "skip_lines",
    "columns",
];

/// Takes out what [`without_idle`] leaves out.
pub(crate) fn drop_idle(configuration: &mut Value) {
    fn table<'a>(configuration: &'a mut Value, name: &str) -> Option<&'a mut Map<String, Value>> {
        configuration.get_mut(name)?.as_object_mut()
    }
    if let Some(dataset) = table(configuration, "dataset") {
        dataset.retain(|key, _| !IDLE_OF_DATASETS.contains(&key.as_str()));
    }
    for slot in slots() {
        if let Some(slotted) = table(configuration, slot.table) {
            slotted.retain(|key, _| !slot.unkeyed.contains(&key.as_str()));
        }
    }
    if let Some(split) = table(configuration, "split") {
        split.remove("paper_batch"); // says what is scored besides
    }
    if let Some(model) = table(configuration, "model") {
        model.remove("name");
    }
}
