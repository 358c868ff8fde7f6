//! `kind = "halving"`: the whole rate for some epochs, then half of it, a quarter, and so on; with `after = 2` the `type1` of
//! Informer and LTSF-Linear.

use serde::{Deserialize, Serialize};

use super::exponential::fallen;
use super::{By, Course};
use crate::number;

/// `kind = "halving"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HalvingSpec {
    /// Epochs at the whole rate; after them each epoch has half the rate of the one before.
    #[serde(default = "one", deserialize_with = "number::from_one::<_, { number::MOST_EPOCHS }>")]
    pub after: usize,
    /// Epochs before those in which the rate rises.
    #[serde(default, deserialize_with = "number::at_most::<_, { number::MOST_EPOCHS }>")]
    pub warm_up: usize,
}

fn one() -> usize {
    1
}

impl Course for HalvingSpec {
    fn by(&self) -> By {
        By::Epoch
    }

    fn warm_up(&self) -> usize {
        self.warm_up
    }

    fn depends_on_length(&self) -> bool {
        false
    }

    fn rate(&self, learning_rate: f64, step: usize, _: usize) -> f64 {
        fallen(learning_rate, 0.5, step, self.after)
    }
}
