//! What all parts of the report look at: one experiment's card, its records, and why cells have none.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::language::configuration::{differences, value_at, without_idle};
use crate::store::card::{Card, PlannedCell};
use crate::store::record::{self, Stored};
use crate::sweep::told::Told;

/// One experiment as it lies in `results/`.
#[derive(Debug, Clone)]
pub(crate) struct ExperimentResults {
    /// What was planned and should be shown.
    pub card: Card,
    /// The records of planned cells, made with the settings that the card plans, in the order of `store::record::sort`.
    pub records: Vec<Stored>,
    /// Why a planned cell has no record among `records`, by id; a cell without an entry is done or missing. Of a record that
    /// could not be held against its data it says so.
    pub told: BTreeMap<String, Told>,
    /// Ids of records that the card plans no cell of, sorted; they are not shown.
    pub unplanned: Vec<String>,
    /// Pictures that the card names: file below `media/` → data URI. One that is missing, too large or no PNG is not here.
    pub media: BTreeMap<String, String>,
    /// The models of all experiments of the page, in the order in which it shows them; empty where this one stands alone.
    pub models_of_page: Vec<String>,
}

impl ExperimentResults {
    /// The models in the order in which readers see them: networks as the card lists them, then the others by name.
    pub(crate) fn models(&self) -> Vec<&str> {
        let networks = self.card.models.iter().map(|model| model.model.as_str());
        let planned = self
            .card
            .configurations()
            .filter_map(|cell| value_at(cell, "model")?.as_str());
        let mut others: Vec<&str> = planned.collect();
        others.sort_unstable();
        let mut models: Vec<&str> = Vec::new();
        for model in networks.chain(others) {
            if !models.contains(&model) {
                models.push(model);
            }
        }
        models
    }

    /// A model's place among the models of the page, from 0; the same colour stands for it all over the page.
    pub(crate) fn place_of_model(&self, model: &str) -> usize {
        let of_page = self.models_of_page.iter().position(|known| known == model);
        let own = || self.models().iter().position(|known| *known == model);
        of_page.or_else(own).unwrap_or_default()
    }

    /// What became of a planned cell.
    pub(crate) fn told(&self, id: &str) -> Told {
        match self.told.get(id) {
            Some(told) => told.clone(),
            None if self.record(id).is_some() => Told::Done,
            None => Told::Missing,
        }
    }

    /// The record of a cell.
    pub(crate) fn record(&self, id: &str) -> Option<&Stored> {
        record::find(&self.records, id)
    }

    /// The record of a cell of the card.
    pub(crate) fn record_of(&self, planned: &PlannedCell) -> Option<&Stored> {
        let mut cells = self.card.cells.iter();
        let (id, _) = cells.find(|(_, own)| std::ptr::eq(*own, planned))?;
        self.record(id)
    }
}

/// The settings in which a record differs from what is planned, in words, but for what changes no number: what its key says.
/// Empty where it differs in none.
pub(crate) fn changed_settings(recorded: &Value, planned: &Value) -> Vec<String> {
    if recorded == planned {
        return Vec::new();
    }
    let [before, now] = [recorded, planned].map(without_idle);
    if before == now {
        return Vec::new();
    }
    let changes: Vec<String> = differences(&before, &now).iter().map(ToString::to_string).collect();
    if changes.is_empty() {
        return vec!["configuration".to_owned()];
    }
    changes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_settings_that_change_numbers_count() {
        let planned = json!({
            "dataset": {
                "name": "litecoin", "kind": "prices", "file": "a.csv", "calendar": "daily", "unit": "USD",
                "target": "Price"
            },
            "model": {"name": "lstm", "kind": "lstm"},
        });
        for (path, same) in [
            ("/dataset/name", true),
            ("/dataset/file", true),
            ("/dataset/calendar", true),
            ("/dataset/unit", true),
            ("/dataset/target", false),
            ("/model/name", true),
            ("/model/kind", false),
        ] {
            let mut recorded = planned.clone();
            if let Some(value) = recorded.pointer_mut(path) {
                *value = json!("other");
            }
            assert_eq!(changed_settings(&recorded, &planned).is_empty(), same, "{path}");
        }
    }

    #[test]
    fn what_is_no_table_of_settings_is_just_different() {
        for recorded in [json!("edited"), json!([1]), json!({"dataset": "litecoin"})] {
            assert!(!changed_settings(&recorded, &json!({"dataset": {}})).is_empty());
        }
    }
}
