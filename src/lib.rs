//! `runner`: a declarative experiment runner for machine learning.
//!
//! `experiment.toml → Experiment → plan of cells → Dataset → model → fit → scores → Record → report`
//!
//! The modules below stand in the order in which they may use each other: a module uses only those above it
//! (`tests/it/module_order.rs` holds that).

pub mod cli; // arguments → typed commands
pub mod commands;
pub mod dataset; // bytes → examples: tensors, splits, scaling
pub mod device; // the CPU, or a CUDA device where there is one
pub mod metric; // predictions → a number, its unit, which way is better
pub mod model; // settings → network or baseline
pub mod nn; // layers with their backward, initial weights, optimizers
pub mod number; // numbers of a TOML file that must lie in a range
pub mod pipeline; // Cell → Record: one whole run on one screen
pub mod report; // records → audit, tables, figures → one HTML file
pub mod rng; // (seed, purpose, epoch, index) → random numbers; the only source of chance
pub mod spec; // TOML → Experiment → cells
pub mod statistics; // what is beyond chance: intervals and paired tests
pub mod store; // keys, records, artifacts, every path under `results/` and the cache
pub mod sweep; // plan → worker processes → states
pub mod task; // regression or classification → output width, loss
pub mod train; // network + Dataset → history, weights; the only training loop // one file per command: load, call, print
