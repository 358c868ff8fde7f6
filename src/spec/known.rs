//! What the cells of an experiment have, for its report to name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::id;

/// The settings of all cells together.
#[derive(Debug, Default)]
pub struct Known {
    /// Dotted path → values, as ids write them.
    pub values: BTreeMap<String, BTreeSet<String>>,
    /// The paths of the grid's axes.
    pub axes: BTreeSet<String>,
}

impl Known {
    /// Notes the name of a table that cells use, and the settings in it.
    pub fn note_named<'a>(
        &mut self,
        what: &str,
        name: &str,
        configurations: impl Iterator<Item = &'a Json>,
    ) {
        for configuration in configurations {
            self.add(what, name.to_owned());
            self.note(&format!("{what}.{name}"), configuration);
        }
    }

    /// Notes the value at a path, and those below it.
    pub fn note(&mut self, path: &str, value: &Json) {
        if path.contains('.') || !value.is_object() {
            self.add(path, id::of_json(value));
        }
        for (key, below) in value.as_object().into_iter().flatten() {
            self.note(&format!("{path}.{key}"), below);
        }
    }

    fn add(&mut self, path: &str, value: String) {
        self.values
            .entry(path.to_owned())
            .or_default()
            .insert(value);
    }
}
