//! `kind = "exponential"`: each step has a share of the rate of the one before, as PyTorch's `ExponentialLR`.

use serde::{Deserialize, Serialize};

use super::{By, Course};
use crate::number;

/// `kind = "exponential"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExponentialSpec {
    /// The rate of a step is the rate of the one before times this.
    #[serde(deserialize_with = "number::between_zero_and_one")]
    pub factor: f64,
    /// Steps at the whole rate before it falls; 4 with `factor = 0.9` is the `type3` of PatchTST.
    #[serde(default = "one", deserialize_with = "number::from_one::<_, { number::MOST_STEPS }>")]
    pub after: usize,
    /// Steps before those in which the rate rises.
    #[serde(default, deserialize_with = "number::at_most::<_, { number::MOST_STEPS }>")]
    pub warm_up: usize,
    /// What a step is.
    #[serde(default)]
    pub by: By,
}

fn one() -> usize {
    1
}

impl Course for ExponentialSpec {
    fn by(&self) -> By {
        self.by
    }

    fn warm_up(&self) -> usize {
        self.warm_up
    }

    fn depends_on_length(&self) -> bool {
        false
    }

    fn rate(&self, learning_rate: f64, step: usize, _: usize) -> f64 {
        fallen(learning_rate, self.factor, step, self.after)
    }
}

/// The rate of step `step`, from 0, that has fallen by `factor` in each step but the first `after`.
pub(super) fn fallen(learning_rate: f64, factor: f64, step: usize, after: usize) -> f64 {
    learning_rate * libm::pow(factor, (step + 1).saturating_sub(after) as f64)
}
