//! Plan → worker processes → states: the supervisor of a sweep.

pub mod card;
mod clips_card;
pub mod data;
pub mod event;
pub mod features;
mod local;
mod pictures;
pub mod plan;
mod progress;
pub mod state;

pub use local::{Outcome, Settings, run};
