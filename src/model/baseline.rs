//! Baselines: forecasts that train nothing, and that a network must beat.

use serde::{Deserialize, Serialize};

/// `kind = "last_value"`: every coming day is like the last known one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastValueSpec {}

/// `kind = "drift"`: the mean change over the lookback goes on (Hyndman and Athanasopoulos, 2021, section 5.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftSpec {}
