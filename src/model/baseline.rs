//! Baselines: forecasts that train nothing and classifiers that have no network, which a network must beat.

use serde::{Deserialize, Serialize};

use super::linear_probe::LinearProbeSpec;

/// Bumped when a baseline of this file would give other numbers.
pub const VERSION: u32 = 1;

/// `kind = "last_value"`: every coming day is like the last known one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastValueSpec {}

/// `kind = "drift"`: the mean change over the lookback goes on (Hyndman and Athanasopoulos, 2021, section 5.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftSpec {}

/// `kind = "majority"`: every item is of the class that most training items are of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MajoritySpec {}

/// A model without a network, by what it is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Baseline {
    /// A forecast of a series.
    Forecast(Forecast),
    /// The class of an item.
    Classify(Classify),
}

/// A classifier without a network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Classify {
    /// The training items' majority class, `majority`.
    Majority,
    /// Logistic regression on features of the items, `linear_probe::LinearProbe`.
    LinearProbe(LinearProbeSpec),
}

/// The score, for every item, of a classifier that sees the training labels alone, each 0 or 1: the share of class 1. As a
/// probability it is right; class 1 is answered from 0.5 on, so where both classes are as frequent it is just below, and class
/// 0 is answered.
///
/// # Panics
/// When there are no labels.
pub fn majority(labels: &[u8]) -> f64 {
    assert!(!labels.is_empty(), "a training set holds at least one item");
    let ones = labels.iter().filter(|&&label| label == 1).count();
    if 2 * ones == labels.len() {
        return 0.5f64.next_down();
    }
    ones as f64 / labels.len() as f64
}

/// A forecast that needs no training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forecast {
    /// The last known value, on every coming step.
    LastValue,
    /// The straight line through the first and the last known value.
    Drift,
}

impl Forecast {
    /// The target over the lookback, oldest first, in any unit → the target on the next `horizon` steps, in that unit.
    ///
    /// # Panics
    /// When nothing is known of the past.
    pub fn of(self, past: &[f64], horizon: usize) -> Vec<f64> {
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
        assert_eq!(Forecast::LastValue.of(&past, 2), [16.0, 16.0]);
        assert_eq!(Forecast::Drift.of(&past, 3), [19.0, 22.0, 25.0]);
    }

    #[test]
    fn one_known_value_does_not_drift() {
        assert_eq!(Forecast::Drift.of(&[7.0], 2), [7.0, 7.0]);
    }

    #[test]
    fn the_majority_is_answered_and_a_tie_is_class_0() {
        assert_eq!(majority(&[1, 1, 0, 1]), 0.75);
        assert_eq!(majority(&[0, 0, 0, 1]), 0.25);
        let tie = majority(&[0, 1]);
        assert!(tie < 0.5 && tie > 0.499_999);
    }
}
