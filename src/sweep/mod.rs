//! Plan → worker processes → states: the supervisor of a sweep.

pub(crate) mod card;
mod cause;
pub(crate) mod data;
pub(crate) mod event;
pub(crate) mod features;
pub(crate) mod interrupt;
pub(crate) mod leftovers;
mod local;
mod maps;
mod news;
pub(crate) mod order;
pub(crate) mod outcome;
pub(crate) mod pictures;
pub mod plan;
mod progress;
mod running;
pub(crate) mod seen;
mod settings;
pub(crate) mod state;
pub(crate) mod takeover;
pub(crate) mod told;
pub(crate) mod traces;
pub(crate) mod worker;

pub use interrupt::Requests;
pub use local::run;
pub use outcome::Outcome;
pub use settings::Settings;
