//! `kind = "one_cycle"`: up to the whole rate and down to next to nothing in one training, each batch with a rate of its own (Smith and
//! Topin, 2018, "Super-convergence"), as PyTorch's `OneCycleLR` with `cycle_momentum=False`: the optimizer's own settings stay.

use serde::{Deserialize, Serialize};

use super::{By, Course, along_a_cosine};
use crate::number;

/// `kind = "one_cycle"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneCycleSpec {
    /// Share of all batches in which the rate rises; PyTorch's `pct_start`.
    #[serde(default = "rising", deserialize_with = "number::between_zero_and_one")]
    pub rising: f64,
    /// The first batch has the rate divided by this; PyTorch's `div_factor`.
    #[serde(default = "initial_divisor", deserialize_with = "number::divisor")]
    pub initial_divisor: f64,
    /// The last batch has the rate of the first divided by this; PyTorch's `final_div_factor`.
    #[serde(default = "final_divisor", deserialize_with = "number::divisor")]
    pub final_divisor: f64,
}

fn rising() -> f64 {
    0.3
}

fn initial_divisor() -> f64 {
    25.0
}

fn final_divisor() -> f64 {
    1e4
}

impl Course for OneCycleSpec {
    fn by(&self) -> By {
        By::Batch
    }

    fn warm_up(&self) -> usize {
        0
    }

    fn depends_on_length(&self) -> bool {
        true
    }

    fn rate(&self, learning_rate: f64, step: usize, steps: usize) -> f64 {
        let (step, last) = (step as f64, steps as f64 - 1.0);
        let top = self.rising * steps as f64 - 1.0; // as PyTorch has it: between two batches, as a rule
        let first = learning_rate / self.initial_divisor;
        if step < top {
            along_a_cosine(first, learning_rate, step / top)
        } else {
            along_a_cosine(learning_rate, first / self.final_divisor, (step - top) / (last - top))
        }
    }
}
