//! `loss = "binary_cross_entropy"`: the cross-entropy of a logit z, as max(z, 0) - z y + ln(1 + e^-|z|), which does not overflow.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::LossFunction;
use crate::task::{BINARY, Task};

/// `kind = "binary_cross_entropy"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinaryCrossEntropySpec {}

impl LossFunction for BinaryCrossEntropySpec {
    fn fits(&self, task: &Task) -> bool {
        *task == BINARY
    }

    fn of(&self, _: usize, output: f32, target: f32) -> f32 {
        let tail = libm::log1pf(libm::expf(-output.abs()));
        let positive = if output > 0.0 { output } else { 0.0 };
        // A NaN is not above 0, but its tail is one.
        (positive - output * target) + tail
    }

    fn slope(&self, _: usize, output: f32, target: f32) -> f32 {
        let small = libm::expf(-output.abs());
        let numerator = if output >= 0.0 { 1.0 } else { small };
        numerator / (1.0 + small) - target
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "other devices than the CPU have their own order of sums"
    )]
    fn composed(&self, outputs: &Tensor, targets: &Tensor) -> Result<Tensor> {
        let tail = (outputs.abs()?.neg()?.exp()? + 1.0)?.log()?;
        (outputs.relu()? - (outputs * targets)?)? + tail
    }
}
