//! `kind = "warm_up"`: the rate rises in a line, and then stays, as PyTorch's `LinearLR`.

use serde::{Deserialize, Serialize};

use super::{By, Course};
use crate::number;

/// `kind = "warm_up"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarmUpSpec {
    /// Steps in which the rate rises.
    #[serde(deserialize_with = "number::from_one::<_, { number::MOST_STEPS }>")]
    pub warm_up: usize,
    /// What a step is.
    #[serde(default)]
    pub by: By,
}

impl Course for WarmUpSpec {
    fn by(&self) -> By {
        self.by
    }

    fn warm_up(&self) -> usize {
        self.warm_up
    }

    fn depends_on_length(&self) -> bool {
        false
    }

    fn rate(&self, learning_rate: f64, _: usize, _: usize) -> f64 {
        learning_rate
    }
}
