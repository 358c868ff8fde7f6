//! What the files become: experiments, and the plan of all their cells.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::report::ReportSpec;

/// One experiment, checked and expanded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// The stem of its file's name.
    pub name: String,
    /// Shown as the heading; the name where the file gives none.
    pub title: String,
    /// Its file.
    pub path: PathBuf,
    /// Whether its cells need a GPU.
    pub requires_cuda: bool,
    /// Every cell, in the order of the grid.
    pub cells: Vec<Cell>,
    /// Which tables, figures and comparisons to show.
    pub report: ReportSpec,
    /// Tables of printed values: file name → rows, each column name → text as printed.
    pub reference: BTreeMap<String, Vec<BTreeMap<String, String>>>,
}
