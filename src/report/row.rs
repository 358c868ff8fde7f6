//! A row of a `[[report.table]]`, not yet rounded.

use serde_json::Value;

use super::audit::Finding;
use crate::statistics::Summary;
use crate::store::record::Stored;
use crate::sweep::told::Told;

/// One combination of the values at the table's paths.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// The values; `Null` where the row has none.
    pub values: Vec<Value>,
    /// The planned cells that it stands for, by their state.
    pub states: Vec<(&'a str, Told)>,
    /// What was measured, for each metric.
    pub ours: Vec<Ours>,
    /// The text as printed, for each metric; empty where there is none.
    pub printed: Vec<String>,
    /// What is wrong with its cells.
    pub findings: Vec<&'a Finding>,
    /// What is wrong with the printed row.
    pub printed_findings: Vec<&'a Finding>,
    /// Its records.
    pub records: Vec<&'a Stored>,
    /// What its cells have.
    pub kind: Kind,
}

/// What the cells of a row have, whether they ran or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A model that is trained.
    Network,
    /// A model that trains nothing, with a seed or without.
    Baseline,
    /// Nothing but printed values.
    Printed,
}

/// One value of ours.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ours {
    /// Mean and interval over seeds; absent when no cell of the row has a value.
    pub summary: Option<Summary>,
    /// Whether it is better, beyond chance, than that of every other model on the same data.
    pub best: bool,
}
