//! Runs `runner` in temporary projects, as a user would.

mod baselines;
mod check;
#[cfg(target_os = "linux")]
mod checkpoint;
mod clips;
mod committed;
mod corpus;
mod diff;
mod diff_clones;
mod diff_gone;
mod explain;
#[cfg(target_os = "linux")]
mod faults;
mod fetch;
mod harm;
mod intervals;
mod kinds;
mod machines;
mod many;
mod module_order;
#[cfg(target_os = "linux")]
mod predictions;
mod processes;
mod project;
mod prune;
mod reading;
#[cfg(target_os = "linux")]
mod runners;
mod states;
mod sweep;
mod takeover;
#[cfg(target_os = "linux")]
mod walk;
mod wrong;
