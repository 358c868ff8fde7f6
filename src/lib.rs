//! `runner`: a declarative experiment runner for machine learning.
//!
//! `experiment.toml → Experiment → plan of cells → Dataset → model → fit → scores → Record → report`
//!
//! What a word of a file can mean is a *kind*: a struct of its settings in a file of its own and a line in a list
//! ([`kind`]). A *form* of data ([`data::Form`]) owns how its datasets are read, seen and split, and ends at examples; what is
//! predicted ([`data::Target`]) names the *task* ([`task::Task`]); a model ([`model::Model`]) fits by the axes of a sample and by the
//! task. Cells, keys, sweeps and reports ask these and know no kind by its name. `CONTRIBUTING.md` says how each is added.
//!
//! The modules below stand in the order in which they may use each other: a module uses only those above it
//! (`tests/it/module_order.rs` holds that). Blank lines between them keep the formatter from sorting them.

#![warn(unreachable_pub)]
#![cfg_attr(
    test,
    allow(clippy::disallowed_methods, reason = "a test compares with what others compute")
)]

// numbers of a TOML file that must lie in a range
pub(crate) mod number;

// a table with a `kind` → one of a closed list, each kind a struct in a file of its own
pub mod kind;

// files from outside, and the folders of this program's own: every file is opened, written and removed here
pub mod files;

// (seed, purpose, epoch, index) → random numbers; the only source of chance
pub mod rng;

// what the allocator keeps between training steps
pub mod memory;

// what a person reads on the terminal
pub mod console;

// the CPU, or a CUDA device where there is one
pub(crate) mod device;

// regression or classification: what is asked of a model
pub mod task;

// layers with their backward pass, initial weights, optimizers
pub mod nn;

// bytes → examples: the forms of data, their splits and scaling
pub mod data;

// settings → network or baseline
pub mod model;

// what is beyond chance: intervals and paired tests
pub(crate) mod statistics;

// predictions → a number, its unit, which way is better
pub mod metric;

// network + Dataset → history, weights; the only training loop
pub mod train;

// TOML → Experiment → cells
pub mod language;

// keys, records, artifacts, every path under `results/` and the cache
pub mod store;

// who computes what: claims that runners of one folder make
pub(crate) mod claim;

// a name → pretrained weights in the cache, checked by SHA-256
pub(crate) mod fetch;

// trainings that were cut off: saved beside their going on, found again, gone when the record is there
pub(crate) mod checkpoint;

// Cell → Record: one whole run on one screen
pub(crate) mod run;

// plan → worker processes → states
pub mod sweep;

// a cell → why it would run or not, part by part of its key, and what is reused from where
pub(crate) mod explain;

// what lies in results and cache that nothing needs any more
pub(crate) mod prune;

// made-up records for the tests of what follows
#[cfg(test)]
pub(crate) mod sample;

// what is beyond chance: pairs of records → verdicts and their words, for report and diff
pub(crate) mod judge;

// records → audit, tables, figures → one HTML file
#[expect(clippy::disallowed_methods, reason = "where ticks stand on an axis is in no record")]
pub mod report;

// records before and after → what changed, and whether it matters
pub(crate) mod diff;

// `2/3` → which cells are of that part
pub mod shard;

// arguments → typed commands
pub mod cli;

// one file per command: load, call, print
pub mod commands;
