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

/// Everything that a sweep will do, decided before it begins; worker processes read it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// In the order of the paths that were asked for.
    pub experiments: Vec<Experiment>,
}

impl Plan {
    /// Every cell.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.experiments
            .iter()
            .flat_map(|experiment| &experiment.cells)
    }

    /// The cell of an experiment with that id.
    pub fn cell(&self, experiment: &str, id: &str) -> Option<&Cell> {
        self.cells()
            .find(|cell| cell.experiment == experiment && cell.id == id)
    }
}
