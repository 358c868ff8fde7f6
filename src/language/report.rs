//! `[report]`: which tables, figures and comparisons an experiment shows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::figure::FigureKind;
use crate::metric::name;

/// What an experiment's part of the report shows, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportSpec {
    /// `[[report.table]]`
    #[serde(default)]
    pub table: Vec<TableSpec>,
    /// `[[report.figure]]`
    #[serde(default)]
    pub figure: Vec<FigureSpec>,
    /// `[[report.comparison]]`
    #[serde(default)]
    pub comparison: Vec<ComparisonSpec>,
}

impl ReportSpec {
    /// Every metric that it asks for by its name, beside values of a history.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &String> {
        let columns = self.table.iter().flat_map(|table| &table.columns);
        let of_figures = self.figure.iter().flat_map(|figure| &figure.metrics);
        let compared = self.comparison.iter().map(|comparison| &comparison.metric);
        columns.chain(of_figures).chain(compared)
    }
}

/// `[[report.table]]`: groups of cells as rows, metrics as columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableSpec {
    /// Shown above it.
    pub title: String,
    /// Only cells whose values at these dotted paths are these.
    #[serde(default, rename = "where")]
    pub filter: BTreeMap<String, Value>,
    /// Dotted paths: one row for each combination of their values.
    pub rows: Vec<String>,
    /// Metrics.
    pub columns: Vec<String>,
    /// A CSV of printed values beside the TOML file: columns are dotted paths and metrics, numbers are kept as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Which windows of the test are scored.
    #[serde(default, skip_serializing_if = "ScoredWindows::are_all")]
    pub windows: ScoredWindows,
    /// A sentence below the title.
    #[serde(default)]
    pub description: String,
}

/// Which windows of a test a table scores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoredWindows {
    /// Every one.
    #[default]
    All,
    /// Those that were scored for print: without the last, smaller batch of `split.paper_batch`.
    Paper,
}

impl ScoredWindows {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
    fn are_all(&self) -> bool {
        *self == Self::All
    }
}

/// `[[report.figure]]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureSpec {
    /// What is drawn.
    pub kind: FigureKind,
    /// Shown above it; `{dataset}` and other dotted paths of `each` are filled in.
    #[serde(default)]
    pub title: String,
    /// A sentence below the title.
    #[serde(default)]
    pub description: String,
    /// Only cells whose values at these dotted paths are these.
    #[serde(default, rename = "where")]
    pub filter: BTreeMap<String, Value>,
    /// Dotted paths: one figure for each combination of their values.
    #[serde(default)]
    pub each: Vec<String>,
    /// The dotted path whose values are drawn as lines of one graph.
    #[serde(default = "model")]
    pub lines: String,
    /// The dotted path along the horizontal axis of `metric_by_axis`.
    #[serde(default)]
    pub x: String,
    /// What is drawn, where the kind leaves it open: history values (`mse`, `validation_loss`) of `learning_curves`,
    /// metrics of `metric_by_axis`.
    #[serde(default)]
    pub metrics: Vec<String>,
    /// Whether the vertical axis is logarithmic.
    #[serde(default)]
    pub log: bool,
    /// A CSV of printed values beside the TOML file, for `classification_report`: a `row` (a class's name, `accuracy`,
    /// `macro average`, `weighted average`), `precision`, `recall`, `f1`, `support` as printed, and dotted paths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// The columns of a printed classification report, besides dotted paths.
pub(crate) const OF_CLASSES: [&str; 5] = ["row", name::PRECISION, name::RECALL, name::F1, "support"];

/// `[[report.comparison]]`: is one model better than another, beyond chance?
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonSpec {
    /// Shown above it.
    pub title: String,
    /// A sentence below the title.
    #[serde(default)]
    pub description: String,
    /// Only cells whose values at these dotted paths are these.
    #[serde(default, rename = "where")]
    pub filter: BTreeMap<String, Value>,
    /// One row for each combination of the values of these dotted paths, and for each pair.
    #[serde(default)]
    pub each: Vec<String>,
    /// The metric that decides.
    pub metric: String,
    /// Pairs of model names: is the first better than the second?
    pub pairs: Vec<[String; 2]>,
}

fn model() -> String {
    "model".to_owned()
}
