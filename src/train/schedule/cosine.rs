//! `kind = "cosine"`: from the whole rate to a least one along half a wave (Loshchilov and Hutter, 2017, "SGDR", without restarts), as
//! PyTorch's `CosineAnnealingLR`.

use serde::{Deserialize, Serialize};

use super::{By, Course, along_a_cosine};
use crate::number;

/// `kind = "cosine"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CosineSpec {
    /// The rate that a step after the last would have.
    #[serde(default, deserialize_with = "number::not_negative")]
    pub min_learning_rate: f64,
    /// Steps before the wave in which the rate rises; the wave takes all that are left.
    #[serde(default, deserialize_with = "number::at_most::<_, { number::MOST_STEPS }>")]
    pub warm_up: usize,
    /// What a step is.
    #[serde(default)]
    pub by: By,
}

impl Course for CosineSpec {
    fn by(&self) -> By {
        self.by
    }

    fn warm_up(&self) -> usize {
        self.warm_up
    }

    fn depends_on_length(&self) -> bool {
        true
    }

    fn rate(&self, learning_rate: f64, step: usize, steps: usize) -> f64 {
        along_a_cosine(learning_rate, self.min_learning_rate, step as f64 / steps as f64)
    }
}
