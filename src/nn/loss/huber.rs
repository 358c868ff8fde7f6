//! `loss = "huber"`: half the squared error up to `delta`, from there on a line (Huber, 1964, "Robust estimation of a location
//! parameter"), as PyTorch's `HuberLoss`.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::LossFunction;
use crate::number;
use crate::task::{REGRESSION, Task};

/// `kind = "huber"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HuberSpec {
    /// From which error on it is a line; errors are those of scaled values.
    #[serde(default = "one", deserialize_with = "number::positive")]
    pub delta: f64,
}

fn one() -> f64 {
    1.0
}

impl LossFunction for HuberSpec {
    fn fits(&self, task: &Task) -> bool {
        *task == REGRESSION
    }

    fn of(&self, _: usize, output: f32, target: f32) -> f32 {
        let (error, delta) = ((output - target).abs(), self.delta as f32);
        // A NaN is not above delta, and its square is one.
        if error > delta {
            delta * (error - 0.5 * delta)
        } else {
            0.5 * error * error
        }
    }

    fn slope(&self, _: usize, output: f32, target: f32) -> f32 {
        let delta = self.delta as f32;
        (output - target).clamp(-delta, delta)
    }

    fn composed(&self, outputs: &Tensor, targets: &Tensor) -> Result<Tensor> {
        let error = (outputs - targets)?.abs()?;
        let near = error.minimum(self.delta)?; // the part of the error up to delta
        ((near.sqr()? * 0.5)? + ((&error - &near)? * self.delta)?)?.contiguous()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use candle_core::Var;

    use super::*;
    use crate::nn::golden::{golden, largest_difference};
    use crate::nn::loss::{Loss, loss_of};

    #[test]
    fn golden_torch_huber() -> Result<()> {
        let numbers = golden("torch_huber");
        for delta in [1.0, 0.3] {
            let spec = HuberSpec { delta };
            let outputs = Var::from_tensor(&numbers["pred"])?;
            let targets = &numbers["true"];
            let expected = |what: &str| &numbers[&format!("delta{delta:?}.{what}")];
            let loss = loss_of(&Loss::Huber(spec.clone()), &outputs, targets)?;
            let composed = spec.composed(&outputs, targets)?.mean_all()?;
            for loss in [&loss, &composed] {
                let far = largest_difference(&loss.reshape(1)?, expected("loss"))?;
                assert!(far < 1e-5, "{delta}: {far}");
                let gradients = loss.backward()?;
                let gradient = gradients.get(&outputs).unwrap();
                let far = largest_difference(gradient, expected("grad"))?;
                assert!(far < 1e-6, "{delta}: {far}");
            }
        }
        Ok(())
    }
}
