//! `runner`: a declarative experiment runner for machine learning.
//!
//! `experiment.toml → Experiment → plan of cells → Dataset → model → fit → scores → Record → report`
//!
//! The modules below stand in the order in which they may use each other: a module uses only those above it
//! (`tests/it/module_order.rs` holds that).

pub mod number; // numbers of a TOML file that must lie in a range
pub mod rng; // (seed, purpose, epoch, index) → random numbers; the only source of chance
pub mod device; // the CPU, or a CUDA device where there is one
pub mod task; // regression or classification → output width, loss
pub mod nn; // layers with their backward, initial weights, optimizers
pub mod dataset; // bytes → examples: tensors, splits, scaling
pub mod model; // settings → network or baseline
pub mod metric; // predictions → a number, its unit, which way is better
pub mod statistics; // what is beyond chance: intervals and paired tests
pub mod train; // network + Dataset → history, weights; the only training loop
pub mod spec; // TOML → Experiment → cells
pub mod store; // keys, records, artifacts, every path under `results/` and the cache
pub mod pipeline; // Cell → Record: one whole run on one screen
pub mod sweep; // plan → worker processes → states
pub mod report; // records → audit, tables, figures → one HTML file
pub mod cli; // arguments → typed commands
pub mod commands; // one file per command: load, call, print
