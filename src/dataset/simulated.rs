//! `kind = "simulated_prices"`: built-in prices, a geometric random walk with clustered volatility, for the quickstart and
//! the tests.

use serde::{Deserialize, Serialize};

use crate::number;

/// Bumped when the same settings would give other numbers.
pub const VERSION: u32 = 1;

/// `kind = "simulated_prices"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimulatedPricesSpec {
    /// Number of days.
    #[serde(default = "days", deserialize_with = "number::at_least_one")]
    pub days: usize,
    /// Price of the first day.
    #[serde(default = "start", deserialize_with = "number::positive")]
    pub start: f64,
    /// Standard deviation of a day's log return, on average.
    #[serde(default = "volatility", deserialize_with = "number::not_negative")]
    pub volatility: f64,
    /// Mean of a day's log return.
    #[serde(default)]
    pub drift: f64,
    /// Seed of the series, apart from the training's.
    #[serde(default)]
    pub seed: u64,
}

fn days() -> usize {
    500
}

fn start() -> f64 {
    50.0
}

fn volatility() -> f64 {
    0.03
}
