//! Keys, records, artifacts, and every path under `results/` and the cache.

pub mod card;
pub mod check;
pub mod key;
pub mod paths;
pub mod record;
