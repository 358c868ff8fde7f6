//! TOML → Experiment → cells.

pub mod cell;
pub mod report;
