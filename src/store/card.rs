//! `results/EXPERIMENT/experiment.json`: what the report needs beside the records, written even when no cell ran.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::LayerSummary;
use crate::spec::report::ReportSpec;

/// The format of a card.
pub const VERSION: u32 = 1;

/// The card of one experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Every planned cell with its configuration (as a record's), sorted by id; so the report can say what is missing.
    pub cells: BTreeMap<String, Value>,
    /// A card for each dataset that could be read, now or at an earlier sweep.
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

/// One dataset: what a reader wants to see of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatasetCard {
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
}

/// What one dataset becomes under one `[window]` and `[split]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CutCard {
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
pub struct ModelCard {
    /// Name of the model.
    pub model: String,
    /// Shape of one input.
    pub input: Vec<usize>,
    /// Its layers.
    pub layers: Vec<LayerSummary>,
    /// The model's settings, as in the configuration of a cell.
    pub settings: Value,
}
