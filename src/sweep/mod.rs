//! Plan → worker processes → states: the supervisor of a sweep.

pub mod card;
mod cause;
mod clips_card;
pub mod data;
pub mod event;
pub mod features;
pub mod interrupt;
pub mod leftovers;
mod local;
mod maps;
pub(crate) mod pictures;
pub mod plan;
mod progress;
pub mod seen;
mod settings;
pub mod state;
pub mod takeover;
pub mod told;
pub mod worker;

pub use local::{Outcome, run};
pub use settings::Settings;
