//! Keys, records, artifacts, and every path under `results/` and the cache.

pub mod card;
pub mod record;
