//! Keys, records, artifacts, and every path under `results/` and the cache.

pub(crate) mod beside;
pub(crate) mod card;
pub(crate) mod check;
pub mod key;
pub mod paths;
mod read;
pub mod record;
pub(crate) mod refits; // the trainings of a walk
