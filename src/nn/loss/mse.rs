//! `loss = "mse"`: the squared error.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::LossFunction;
use crate::task::{REGRESSION, Task};

/// `kind = "mse"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MseSpec {}

impl LossFunction for MseSpec {
    fn fits(&self, task: &Task) -> bool {
        *task == REGRESSION
    }

    fn of(&self, _: usize, output: f32, target: f32) -> f32 {
        (output - target) * (output - target)
    }

    fn slope(&self, _: usize, output: f32, target: f32) -> f32 {
        2.0 * (output - target)
    }

    fn composed(&self, outputs: &Tensor, targets: &Tensor) -> Result<Tensor> {
        (outputs - targets)?.sqr()
    }
}
