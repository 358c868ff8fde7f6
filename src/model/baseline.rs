//! Baselines: forecasts that train nothing, and that a network must beat.

use serde::{Deserialize, Serialize};

/// Bumped when a baseline would forecast other numbers.
pub const VERSION: u32 = 1;

/// `kind = "last_value"`: every coming day is like the last known one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastValueSpec {}

/// `kind = "drift"`: the mean change over the lookback goes on (Hyndman and Athanasopoulos, 2021, section 5.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftSpec {}

/// A forecast that needs no training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baseline {
    /// The last known value, on every coming step.
    LastValue,
    /// The straight line through the first and the last known value.
    Drift,
}

impl Baseline {
    /// The target over the lookback, oldest first, in any unit → the target on the next `horizon` steps, in that unit.
    ///
    /// # Panics
    /// When nothing is known of the past.
    pub fn forecast(self, past: &[f64], horizon: usize) -> Vec<f64> {
        let (first, last) = match past {
            [only] => (*only, *only),
            [first, .., last] => (*first, *last),
            [] => panic!("a lookback holds at least one step"),
        };
        match self {
            Self::LastValue => vec![last; horizon],
            Self::Drift => {
                let change = (last - first) / (past.len() - 1).max(1) as f64;
                (1..=horizon)
                    .map(|step| last + step as f64 * change)
                    .collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forecasts_are_those_worked_by_hand() {
        let past = [10.0, 20.0, 16.0];
        assert_eq!(Baseline::LastValue.forecast(&past, 2), [16.0, 16.0]);
        assert_eq!(Baseline::Drift.forecast(&past, 3), [19.0, 22.0, 25.0]);
    }

    #[test]
    fn one_known_value_does_not_drift() {
        assert_eq!(Baseline::Drift.forecast(&[7.0], 2), [7.0, 7.0]);
    }
}
