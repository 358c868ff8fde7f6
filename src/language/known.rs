//! What the cells of an experiment have, for its report to name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{keys, written};

/// The settings of all cells together.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Dotted path → values, as ids write them.
    pub values: BTreeMap<String, BTreeSet<String>>,
    /// The paths of the grid's axes.
    pub axes: BTreeSet<String>,
    /// The declared names of datasets and of models.
    pub names: [BTreeSet<String>; 2],
    /// Whether mistakes stood in the way of cells, so that what is not here may be there.
    pub is_partial: bool,
}

impl Known {
    /// Whether some cell has a setting at that path, or could have.
    pub(super) fn has(&self, path: &str) -> bool {
        if self.values.contains_key(path) {
            return true;
        }
        let mut parts = path.split('.');
        let root = parts.next().unwrap_or_default();
        let key = parts.next();
        self.is_partial
            && match (root, key) {
                ("dataset" | "model" | "seed", None) => true,
                ("dataset" | "model", Some(name)) => self.names_of(root).contains(name),
                (_, Some(key)) => keys::reads(root, key) || key == "kind",
                (_, None) => false,
            }
    }

    /// The values that cells have at a path; of a partial knowledge none but declared names.
    pub(super) fn values_at(&self, path: &str) -> Option<&BTreeSet<String>> {
        match (self.is_partial, path) {
            (true, "dataset" | "model") => Some(self.names_of(path)),
            (true, _) => None,
            (false, _) => self.values.get(path),
        }
    }

    fn names_of(&self, what: &str) -> &BTreeSet<String> {
        &self.names[usize::from(what == "model")]
    }

    /// Notes the name of a table that cells use, and the settings in it.
    pub(super) fn note_named<'a>(&mut self, what: &str, name: &str, configurations: impl Iterator<Item = &'a Json>) {
        for configuration in configurations {
            self.add(what, name.to_owned());
            self.note(&format!("{what}.{name}"), configuration);
        }
    }

    /// Notes the value at a path, and those below it.
    pub(super) fn note(&mut self, path: &str, value: &Json) {
        if path.contains('.') || !value.is_object() {
            self.add(path, written::of_json(value));
        }
        for (key, below) in value.as_object().into_iter().flatten() {
            self.note(&format!("{path}.{key}"), below);
        }
    }

    fn add(&mut self, path: &str, value: String) {
        self.values.entry(path.to_owned()).or_default().insert(value);
    }
}
