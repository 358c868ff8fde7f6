//! `loss = "mae"`: the absolute error.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::LossFunction;
use crate::task::{REGRESSION, Task};

/// `kind = "mae"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaeSpec {}

impl LossFunction for MaeSpec {
    fn fits(&self, task: &Task) -> bool {
        *task == REGRESSION
    }

    fn of(&self, _: usize, output: f32, target: f32) -> f32 {
        (output - target).abs()
    }

    fn slope(&self, _: usize, output: f32, target: f32) -> f32 {
        if output >= target { 1.0 } else { -1.0 }
    }

    fn composed(&self, outputs: &Tensor, targets: &Tensor) -> Result<Tensor> {
        (outputs - targets)?.abs()
    }
}
