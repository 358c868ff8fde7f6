//! What a reader sees of data, in words and numbers: each form writes it, a card holds it, a report shows it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::series::window::Transform;
use crate::nn::LayerSummary;

/// One dataset as it was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Contents {
    /// The classes in their order; empty where numbers are predicted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassCard>,
    /// Every column's name, as the file says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// The target over time, thinned, lowest and highest kept: [(date, value)].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curve: Vec<(String, f64)>,
    /// Digest of what was read.
    pub digest: String,
    /// The first rows as text, in their order, a cell for each column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first: Vec<Vec<String>>,
    /// Where rows are missing: the time of the row before each gap and of the one after, in order; of many the longest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<[String; 2]>,
    /// A stretch without data, in a sentence, where some seem to be missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hole: Option<String>,
    /// Groups of items that are the same byte for byte, each with at least two names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identical: Vec<Vec<String>>,
    /// How many items it has.
    pub items: usize,
    /// The last rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last: Vec<Vec<String>>,
    /// What is worth knowing of how it was read, in sentences without their end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What its items are called, as "rows".
    pub noun: String,
    /// The other targets over time, as many as figures show: thinned like [`Contents::curve`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<TargetCurve>,
    /// Pictures of some items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pictures: Option<Pictures>,
    /// Shape of one item after the steps; empty where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shape: Vec<usize>,
    /// Of many series the names of those that are shown: that of `curve`, then those of `others`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<String>,
    /// The file or folder, or how it is made.
    pub source: String,
    /// What is predicted, where that is a column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetCard>,
    /// The zone that tells times, as "Europe/Helsinki"; none of days and of civil times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// One of several targets over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetCurve {
    /// [(date, value)]
    pub curve: Vec<(String, f64)>,
    /// Its name.
    pub name: String,
}

/// Targets that figures show, each in a panel of its own; of more the first ones.
pub const MOST_TARGETS: usize = 8;

/// One class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCard {
    /// How many items are of it.
    pub items: usize,
    /// Its name.
    pub name: String,
}

/// The column that is predicted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetCard {
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
}

/// Pictures of items, files below `media/`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Pictures {
    /// The settings that they were made with.
    pub made_by: Value,
    /// What a network sees of one item of each class.
    pub sequences: Vec<Sequence>,
    /// One picture of each item that some cell got wrong: item → file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub thumbnails: BTreeMap<String, String>,
}

/// Pictures of one item, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// The place of its class.
    pub class: usize,
    /// The item's name.
    pub item: String,
    /// The files.
    pub pictures: Vec<String>,
    /// What they show, as "difference images".
    pub shows: String,
}

/// What a dataset becomes under the settings of some cells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CutCard {
    /// Examples before the split.
    pub all: usize,
    /// What training sees of the test.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaks: Vec<Leak>,
    /// Training, validation where there is some, and test; empty where the data were not here.
    pub parts: Vec<Part>,
    /// How a numeric target is scaled; none where it is not, or the data were not here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaling: Option<Scaling>,
    /// Shape of one example, before any frozen network.
    pub shape: Vec<usize>,
    /// What the split keeps to, in a few words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub split: String,
    /// What becomes of an item on its way to the network.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<Stage>,
    /// Shape of what is asked about one example; empty where that is its class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<usize>,
    /// How a model walks forward through the test; none where it is trained once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walk: Option<Walk>,
}

/// How a model is trained again as the test goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// How many origins each training forecasts from; the last may have fewer.
    pub every: usize,
    /// Some of the trainings: all, or the first and the last of them.
    pub shown: Vec<Training>,
    /// The rows that each of them knows; absent where it knows all that came before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_rows: Option<usize>,
    /// How many there are.
    pub trainings: usize,
}

/// One training of a walk. Rows are counted from 0: from the first to the one behind the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Training {
    /// The last day that it knows.
    pub known_until: String,
    /// Its place among all of them, from 0.
    pub place: usize,
    /// The rows that its model forecasts.
    pub test: [usize; 2],
    /// The rows that its training windows see and forecast.
    pub train: [usize; 2],
    /// The rows that its validation windows forecast, where there are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<[usize; 2]>,
}

impl CutCard {
    /// The part of that name.
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}

/// Trained on.
pub const TRAINING: &str = "training";
/// Where training stops.
pub const VALIDATION: &str = "validation";
/// What intervals around forecasts are calibrated on.
pub const CALIBRATION: &str = "calibration";
/// Tested.
pub const TEST: &str = "test";

/// One part of a split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// How many examples are of each class; empty where there are no classes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_class: Vec<usize>,
    /// How many examples it has.
    pub items: usize,
    /// [`TRAINING`], [`VALIDATION`], [`CALIBRATION`] or [`TEST`].
    pub name: String,
    /// The first and the last day, where it is a stretch of time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<[String; 2]>,
}

/// Something that training sees of the test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leak {
    /// What it is.
    pub kind: LeakKind,
    /// The same with its numbers, in a sentence that says what would end it.
    pub sentence: String,
}

/// The ways in which training can see the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeakKind {
    /// The same bytes lie on both sides.
    IdenticalItems,
    /// Items next to one another lie on both sides.
    NeighbouringItems,
    /// The scaling was computed from test rows too.
    Scaling,
}

/// How a numeric target is scaled: `(transformed - offset) / factor`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// What is divided by.
    pub factor: f64,
    /// The rows that it is computed from: `train` or `all`.
    pub fit_scale_on: String,
    /// What is subtracted.
    pub offset: f64,
    /// How it is scaled, as `min-max`.
    pub scale: String,
    /// What happens before.
    pub transform: Transform,
}

impl Scaling {
    /// A value as networks see it; none where that depends on the value before.
    pub fn apply(&self, value: f64) -> Option<f64> {
        let is_change = self.transform.is_change();
        (!is_change).then(|| (self.transform.level(value) - self.offset) / self.factor)
    }
}

/// One stage of the way from an item to the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// How it is set, in words.
    pub detail: String,
    /// Whether the shape is that of each picture of the item.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub each: bool,
    /// What it is.
    pub name: String,
    /// Which part of the way it belongs to.
    pub part: String,
    /// Shape of what leaves it, without the batch; empty where nothing has a shape yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shape: Vec<usize>,
}

/// A frozen network: run once for each image, trained by no cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BackboneCard {
    /// Shape of one image: [height, width, channel].
    pub input: Vec<usize>,
    /// Its layers, or stages of them; the statistics of batch normalization are frozen weights in Keras's sense, all
    /// others are counted as trainable, though no cell trains them.
    pub layers: Vec<LayerSummary>,
    /// Shape of its feature map, before any pooling: [height, width, channel].
    pub output: Vec<usize>,
    /// Its table as in the configuration of a cell.
    pub settings: Value,
}

/// A frozen network in front of a cell's own.
pub struct Front {
    /// Its summary.
    pub card: BackboneCard,
    /// The same as one layer of the whole network; its output is what the cell's network sees.
    pub layer: LayerSummary,
}

/// One item and what a network sees of it.
pub struct Shown {
    /// The place of its class.
    pub class: usize,
    /// The item's name.
    pub item: String,
    /// What the images show, as "difference images".
    pub shows: &'static str,
    /// The images, or why there are none.
    pub images: anyhow::Result<Vec<Image>>,
}

/// One image.
pub struct Image {
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Red, green and blue of each place, row by row.
    pub rgb: Vec<u8>,
}
