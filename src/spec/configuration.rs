//! A cell's resolved settings as a record holds them: shaped as the TOML, the tables of dataset and model with their `name`.

use serde_json::{Map, Value};

/// The value of a configuration at a dotted path as a user writes it; `dataset` and `model` are names, `seed` a
/// number, `window.horizon`, `train.epochs` settings; `model.lstm.dropout` only where the model is `lstm`.
pub fn value_at<'a>(configuration: &'a Value, path: &str) -> Option<&'a Value> {
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

/// The settings without what changes no number: names, paths, units, and those that only refuse data. The data themselves
/// are another part of a key.
pub fn without_idle(configuration: &Value) -> Value {
    fn table<'a>(configuration: &'a mut Value, name: &str) -> Option<&'a mut Map<String, Value>> {
        configuration.get_mut(name)?.as_object_mut()
    }
    let mut configuration = configuration.clone();
    if let Some(dataset) = table(&mut configuration, "dataset") {
        let idle = |key: &str| matches!(key, "name" | "file" | "folder" | "unit" | "calendar");
        dataset.retain(|key, _| !idle(key));
    }
    if let Some(backbone) = table(&mut configuration, "backbone") {
        backbone.remove("weights"); // their bytes are another part of a key
    }
    if let Some(model) = table(&mut configuration, "model") {
        model.remove("name");
    }
    configuration
}
