//! `results/EXPERIMENT/experiment.json`: what the report needs beside the records, written even when no cell ran.
//!
//! It holds words and numbers: what is told of data was written by their form, so that no reader of a card needs to know one.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::key::digest_of;
use super::record;
pub(crate) use crate::data::card::{
    BackboneCard, CALIBRATION, ClassCard, Contents, CutCard, LeakKind, MOST_TARGETS, Part, Pictures, Scaling, Sequence,
    TEST, TRAINING, TargetCard, Training, VALIDATION, Walk,
};
use crate::language::configuration::{value_at, without_idle};
use crate::language::report::ReportSpec;
use crate::model::LayerSummary;
use crate::task::{TASKS, Task};

mod version_1; // cards as they were written before

/// The format of a card.
pub(crate) const VERSION: u32 = 2;

/// The card of one experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Card {
    /// The frozen network in front of others, for each distinct way of using one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backbones: Vec<BackboneCard>,
    /// Every planned cell, sorted by id; so the report can say what is missing.
    pub cells: BTreeMap<String, PlannedCell>,
    /// What the datasets become, for each distinct way of cutting one, in the order of [`cut_order`].
    pub cuts: Vec<CutCard>,
    /// Every dataset of a planned cell by its name.
    pub datasets: BTreeMap<String, DatasetCard>,
    /// A summary for each distinct network, in the order in which a page shows them.
    pub models: Vec<ModelCard>,
    /// The experiment's name: the stem of its file.
    pub name: String,
    /// Tables of printed values: file name → rows, each column name → text as printed.
    pub reference: BTreeMap<String, Vec<BTreeMap<String, String>>>,
    /// Which tables, figures and comparisons to show.
    pub report: ReportSpec,
    /// Shown as the heading.
    pub title: String,
    /// `VERSION` when it was written.
    pub version: u32,
}

/// A planned cell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedCell {
    /// The place of its frozen network among [`Card::backbones`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backbone: Option<usize>,
    /// Its configuration, as a record's.
    pub configuration: Value,
    /// The place of what its data become among [`Card::cuts`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<usize>,
    /// The place of its network among [`Card::models`]; none of a baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<usize>,
}

/// One dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DatasetCard {
    /// The word of its form.
    pub form: String,
    /// What it holds, where it could be read, now or at an earlier sweep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Contents>,
    /// The word of what is asked about it.
    pub task: String,
}

/// The summary of one network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ModelCard {
    /// Name of the model.
    pub model: String,
    /// Shape of one example, before any frozen network.
    pub input: Vec<usize>,
    /// Its layers, those of a frozen network as one.
    pub layers: Vec<LayerSummary>,
    /// The model's settings, as in the configuration of a cell.
    pub settings: Value,
}

impl PlannedCell {
    /// A cell of which the configuration is all that is known.
    pub(crate) fn of(configuration: Value) -> Self {
        Self {
            configuration,
            ..Self::default()
        }
    }
}

impl Card {
    /// A card as it was saved in any format up to this one; one of an earlier format as what it would be now.
    ///
    /// # Errors
    /// When it is not a card.
    pub(super) fn of_saved(saved: Value) -> serde_json::Result<Self> {
        match saved.get("version").and_then(Value::as_u64) {
            Some(1) => serde_json::from_value(saved).map(version_1::Card::into_newest),
            _ => serde_json::from_value(saved),
        }
    }

    /// The configurations of its cells, in the order of their ids.
    pub(crate) fn configurations(&self) -> impl Iterator<Item = &Value> {
        self.cells.values().map(|cell| &cell.configuration)
    }

    /// Its cells with their configurations, in the order of [`record::order`].
    pub(crate) fn in_order(&self) -> Vec<(&String, &Value)> {
        let cells = self.cells.iter().map(|(id, cell)| (id, &cell.configuration));
        let mut cells: Vec<(&String, &Value)> = cells.collect();
        cells.sort_by_cached_key(|(id, configuration)| record::order(id, configuration));
        cells
    }

    /// What is asked of the cells on the dataset of a configuration; none of a dataset or a task that it does not know.
    pub(crate) fn task_of(&self, configuration: &Value) -> Option<&'static Task> {
        let name = value_at(configuration, "dataset")?.as_str()?;
        let word = &self.datasets.get(name)?.task;
        TASKS.into_iter().find(|task| task.word == word)
    }

    /// What a dataset holds, where it could be read.
    pub(crate) fn contents(&self, dataset: &str) -> Option<&Contents> {
        self.datasets.get(dataset)?.read.as_ref()
    }

    /// What the data of a cell become.
    pub(crate) fn cut(&self, cell: &PlannedCell) -> Option<&CutCard> {
        self.cuts.get(cell.cut?)
    }

    /// The network of a cell.
    pub(crate) fn model(&self, cell: &PlannedCell) -> Option<&ModelCard> {
        self.models.get(cell.model?)
    }

    /// The pictures below `media/` that it names.
    pub(crate) fn pictures(&self) -> BTreeSet<&str> {
        let read = self.datasets.values().filter_map(|dataset| dataset.read.as_ref());
        let pictures = read.filter_map(|contents| contents.pictures.as_ref());
        let files = pictures.flat_map(|pictures| {
            let sequences = pictures.sequences.iter().flat_map(|one| &one.pictures);
            sequences.chain(pictures.thumbnails.values())
        });
        files.map(String::as_str).collect()
    }
}

/// The tables of a configuration that say how its dataset is seen and split.
pub(crate) fn how_cut(configuration: &Value) -> Value {
    let tables = configuration.as_object().into_iter().flatten();
    let tables = tables.filter(|(name, _)| !matches!(name.as_str(), "dataset" | "model" | "seed" | "train"));
    Value::Object(
        tables
            .map(|(name, table)| (name.clone(), table.clone()))
            .collect::<Map<_, _>>(),
    )
}

/// What the cuts of cells are told apart and ordered by: the dataset's name, how it is cut, and its settings.
pub(crate) fn cut_order(configuration: &Value) -> [String; 3] {
    let dataset = value_at(configuration, "dataset").and_then(Value::as_str);
    let settings = json!({ "dataset": configuration["dataset"] });
    [
        dataset.unwrap_or_default().to_owned(),
        digest_of(&how_cut(configuration)),
        digest_of(&without_idle(&settings)),
    ]
}

/// So many misclassified items have a picture, for each split.
pub(crate) const MOST_THUMBNAILS: usize = 12;

/// The most bytes of one picture below `media/`; larger ones are not shown.
pub(crate) const MOST_MEDIA_BYTES: usize = 20 * 1024;
