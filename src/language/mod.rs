//! TOML → Experiment → cells: the words a person may write, their defaults, and every mistake at its own place.
//!
//! `text → tree → (extends, --set) → grid → parts of each cell → cells`

pub(crate) mod cell;
pub(crate) mod configuration;
pub(crate) mod diagnostic;
pub(crate) mod experiment;
pub mod figure; // the kinds of figure
pub(crate) mod keys;
pub(crate) mod report;
pub(crate) mod source;
pub(crate) mod suggest;
pub(crate) mod whence; // a cell → where each of its settings stands

mod axes; // [grid] as it is written → one entry for each axis
mod build; // the tree of one file → Experiment
mod checks; // what must fit between the parts of a cell
mod declared; // [report], held against what the cells have
mod expansion; // tree and points → cells
mod files; // paths → experiment files, and their names
mod grid; // [grid] → axes, exclusions, inclusions
mod kinds; // the kinds of dataset, split, model and optimizer
mod known; // what the cells have
mod load; // paths → texts → experiments
mod made; // all parts of one cell → the cell
mod merge; // extends
mod misplaced; // keys in the wrong table
mod mistake; // what serde finds wrong
pub(crate) mod name; // cells → their names
mod named; // [dataset.NAME], [model.NAME]
mod near; // [dataset.NAME.window], [model.NAME.train]: tables that are nearer than the file's own
mod option; // --set
mod part; // one part of every cell
mod partly; // a table with a mistake → its task, its data
mod points; // grid → which axis values each cell takes
mod quote; // text of files as a message shows it
mod range; // { from, to, steps } → values
mod read; // tree → any type that serde can read
mod reader; // serde's view of a tree
mod reference; // printed values beside a file
mod syntax; // what is wrong with a text that is no TOML
mod tree; // TOML in which every value knows its place
mod words; // the field's words for what has another name here, or is not here
mod written; // values as filters, messages and names write them

pub use diagnostic::SpecError;
pub use experiment::Experiment;
pub use load::{Understood, load, load_all, load_all_with, understand};

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that fails to unwrap has failed")]
mod tests;
