//! Plan → worker processes → states: the supervisor of a sweep.

pub mod card;
pub mod data;
pub mod event;
pub mod features;
mod local;
pub mod plan;
mod progress;
pub mod state;

pub use local::{Outcome, Settings, run};
