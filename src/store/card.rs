//! `results/EXPERIMENT/experiment.json`: what the report needs beside the records, written even when no cell ran.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check;
use super::paths::Results;
use super::record;
use crate::files::{self, Broken};
use crate::language::configuration::value_at;
use crate::language::report::ReportSpec;
use crate::model::LayerSummary;

/// The format of a card.
pub(crate) const VERSION: u32 = 1;

/// The card of one experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Card {
    /// The frozen feature extractor in front of clip models, for each distinct way of using it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backbones: Vec<BackboneCard>,
    /// Every planned cell with its configuration (as a record's), sorted by id; so the report can say what is missing.
    pub cells: BTreeMap<String, Value>,
    /// How each distinct `[split]` splits a dataset of clips.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clip_cuts: Vec<ClipCutCard>,
    /// A card for each dataset of clips that could be read, now or at an earlier sweep, by its name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clips: BTreeMap<String, ClipsCard>,
    /// A card for each dataset of prices that could be read, now or at an earlier sweep.
    pub datasets: BTreeMap<String, DatasetCard>,
    /// What a dataset's rows become, for each distinct way of cutting it.
    pub cuts: Vec<CutCard>,
    /// A summary for each distinct network: model name → width of the output → layers.
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

impl Card {
    /// The card of an experiment, held to what it stands for; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read or is of a newer format; when it is cut off or another's, which is a [`Broken`].
    pub(crate) fn read(results: &Results, experiment: &str) -> Result<Option<Self>> {
        let place = results.card(experiment)?;
        let Some(card) = files::read_saved::<Self>(&place, VERSION)? else {
            return Ok(None);
        };
        check::card(&card, experiment).map_err(|reason| Broken::new(&place, &reason))?;
        Ok(Some(card))
    }

    /// Its cells with their configurations, in the order of [`record::order`].
    pub(crate) fn in_order(&self) -> Vec<(&String, &Value)> {
        let mut cells: Vec<(&String, &Value)> = self.cells.iter().collect();
        cells.sort_by_cached_key(|(id, configuration)| record::order(id, configuration));
        cells
    }

    /// The pictures below `media/` that it names.
    pub(crate) fn pictures(&self) -> BTreeSet<&str> {
        let files = self.clips.values().flat_map(|clips| {
            let sequences = clips.sequences.iter().flat_map(|one| &one.pictures);
            sequences.chain(clips.thumbnails.values())
        });
        files.map(String::as_str).collect()
    }
}

/// One dataset: what a reader wants to see of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct DatasetCard {
    /// Every column's name, as the file says.
    pub columns: Vec<String>,
    /// Digest of the parsed rows.
    pub digest: String,
    /// The file, or how it is made.
    pub source: String,
    /// The first five rows as text, oldest first, a cell for each column.
    pub first: Vec<Vec<String>>,
    /// The last five rows.
    pub last: Vec<Vec<String>>,
    /// Rows in use.
    pub rows: usize,
    /// The target over time, thinned to at most 400 points, lowest and highest kept: [(date, value)].
    pub series: Vec<(String, f64)>,
    /// The target column.
    pub target: String,
    /// Unit of the target.
    pub unit: String,
    /// A stretch without a day, in a sentence, where days seem to be missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hole: Option<String>,
}

/// What one dataset becomes under one `[window]` and `[split]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CutCard {
    /// Name of the dataset.
    pub dataset: String,
    /// `{"split": {…}, "window": {…}}` as in the configuration of a cell.
    pub settings: Value,
    /// Shape of all windows' inputs together, before the split: [sample, time, feature].
    pub all: Vec<usize>,
    /// Shape of the training inputs.
    pub train: Vec<usize>,
    /// Shape of the training targets: [sample, horizon].
    pub train_targets: Vec<usize>,
    /// Shape of the validation inputs, where there are some.
    pub validation: Option<Vec<usize>>,
    /// Shape of the test inputs.
    pub test: Vec<usize>,
    /// Shape of the test targets.
    pub test_targets: Vec<usize>,
    /// First and last day of the rows that training windows use, targets included.
    pub train_days: [String; 2],
    /// First and last forecast day.
    pub test_days: [String; 2],
    /// Scaling of the target: what is subtracted and divided by, after the transform.
    pub offset: f64,
    /// See `offset`.
    pub factor: f64,
}

/// The summary of one network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ModelCard {
    /// Name of the model.
    pub model: String,
    /// Shape of one input.
    pub input: Vec<usize>,
    /// Its layers.
    pub layers: Vec<LayerSummary>,
    /// The model's settings, as in the configuration of a cell.
    pub settings: Value,
}

/// One dataset of labelled clips: what a reader wants to see of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClipsCard {
    /// The two classes' names, class 0 first.
    pub classes: [String; 2],
    /// Clips of each class.
    pub counts: [usize; 2],
    /// Digest of the clips' bytes.
    pub digest: String,
    /// Groups of clips that are the same byte for byte, each with at least two names.
    pub duplicates: Vec<Vec<String>>,
    /// Pictures of some clips after the steps: one clip of each class.
    pub sequences: Vec<SequenceCard>,
    /// Shape of one clip after the steps: [time, height, width, channel].
    pub shape: [usize; 4],
    /// The folder, or how the clips are made.
    pub source: String,
    /// The preprocessing, as in the configuration of a cell.
    pub steps: Value,
    /// One picture of each clip that some cell got wrong: clip name → file below `media/`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub thumbnails: BTreeMap<String, String>,
}

/// Pictures of one clip, in the order of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SequenceCard {
    /// The clip's name.
    pub clip: String,
    /// Its class, 0 or 1.
    pub label: u8,
    /// Files below `media/`, each a PNG of at most [`MOST_MEDIA_BYTES`].
    pub pictures: Vec<String>,
    /// What the pictures show, as "difference images".
    pub step: String,
}

/// How one `[split]` splits the clips of one dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClipCutCard {
    /// Name of the dataset.
    pub dataset: String,
    /// Test clips whose neighbour in number (one before or after, of the same class) is in training or validation.
    pub neighbours: usize,
    /// `{"split": {…}}` as in the configuration of a cell.
    pub settings: Value,
    /// Groups of byte-identical clips that lie on both sides: in the test set, and in training or validation.
    pub straddling: Vec<Vec<String>>,
    /// Test clips of each class.
    pub test: [usize; 2],
    /// Training clips of each class.
    pub train: [usize; 2],
    /// Validation clips of each class; zeros where there are none.
    pub validation: [usize; 2],
}

impl ClipCutCard {
    /// Whether it is that of a cell, by the cell's configuration.
    pub(crate) fn is_of(&self, cell: &Value) -> bool {
        value_at(cell, "dataset").and_then(Value::as_str) == Some(&self.dataset)
            && self.settings.get("split") == cell.get("split")
    }
}

/// The feature extractor: frozen, run once for each image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct BackboneCard {
    /// Shape of one image: [height, width, channel].
    pub input: Vec<usize>,
    /// Its layers, or stages of them; the statistics of batch normalization are frozen weights in Keras's sense, all
    /// others are counted as trainable, though no cell trains them.
    pub layers: Vec<LayerSummary>,
    /// Shape of its feature map, before any pooling: [height, width, channel].
    pub output: Vec<usize>,
    /// `[backbone]` as in the configuration of a cell.
    pub settings: Value,
}

/// So many misclassified clips have a picture, for each split.
pub(crate) const MOST_THUMBNAILS: usize = 12;

/// The most bytes of one picture below `media/`; larger ones are not shown.
pub(crate) const MOST_MEDIA_BYTES: usize = 20 * 1024;
