//! `kind = "pinball"`: the loss of quantiles (Koenker and Bassett, 1978, "Regression quantiles"), q (y - ŷ) above the forecast and
//! (1 - q)(ŷ - y) below, as scikit-learn's `mean_pinball_loss`: the mean over examples, steps and quantiles.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::LossFunction;
use crate::number;
use crate::task::{REGRESSION, Task};

/// `kind = "pinball"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinballSpec {
    /// Which quantiles a network forecasts, rising. The one nearest to a half is the forecast, of two the lower.
    #[serde(default = "quantiles", deserialize_with = "number::quantiles")]
    pub quantiles: Vec<f64>,
}

fn quantiles() -> Vec<f64> {
    vec![0.1, 0.5, 0.9]
}

impl LossFunction for PinballSpec {
    fn fits(&self, task: &Task) -> bool {
        *task == REGRESSION
    }

    fn quantiles(&self) -> &[f64] {
        &self.quantiles
    }

    fn of(&self, which: usize, output: f32, target: f32) -> f32 {
        (target - output) * -self.slope(which, output, target)
    }

    fn slope(&self, which: usize, output: f32, target: f32) -> f32 {
        let quantile = self.quantiles[which] as f32;
        // As PyTorch's `maximum` of both lines where they meet: half of each.
        if output < target {
            -quantile
        } else if output > target {
            1.0 - quantile
        } else {
            0.5 - quantile
        }
    }

    fn composed(&self, outputs: &Tensor, targets: &Tensor) -> Result<Tensor> {
        let (batch, width) = targets.dims2()?;
        let shape = (batch, width, self.quantiles.len());
        let quantiles: Vec<f32> = self.quantiles.iter().map(|quantile| *quantile as f32).collect();
        let quantiles = Tensor::new(quantiles, outputs.device())?.reshape((1, 1, ()))?;
        let error = targets.unsqueeze(2)?.broadcast_sub(&outputs.reshape(shape)?)?;
        let above = error.broadcast_mul(&quantiles)?;
        let below = error.broadcast_mul(&(quantiles - 1.0)?)?;
        above.maximum(&below)
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
    fn golden_torch_pinball() -> Result<()> {
        let numbers = golden("torch_pinball");
        let quantiles: Vec<f32> = numbers["quantiles"].to_vec1()?;
        // As they stand in a file: 0.1 is none of 32 bits.
        let quantiles = quantiles.iter().map(|quantile| quantile.to_string().parse().unwrap());
        let spec = PinballSpec {
            quantiles: quantiles.collect(),
        };
        let (batch, steps, count) = numbers["pred"].dims3()?;
        let outputs = Var::from_tensor(&numbers["pred"].reshape((batch, steps * count))?)?;
        let loss = loss_of(&Loss::Pinball(spec.clone()), &outputs, &numbers["true"])?;
        let composed = spec.composed(&outputs, &numbers["true"])?.mean_all()?;
        for loss in [&loss, &composed] {
            let far = largest_difference(&loss.reshape(1)?, &numbers["loss"])?;
            assert!(far < 1e-6, "{far}");
            let gradients = loss.backward()?;
            let gradient = gradients.get(&outputs).unwrap().reshape((batch, steps, count))?;
            let far = largest_difference(&gradient, &numbers["grad"])?;
            assert!(far < 1e-6, "{far}");
        }
        Ok(())
    }

    #[test]
    fn the_forecast_is_the_quantile_nearest_to_a_half() {
        let forecast = |quantiles: &[f64]| {
            let loss = Loss::Pinball(PinballSpec {
                quantiles: quantiles.to_vec(),
            });
            loss.forecast()
        };
        assert_eq!(forecast(&[0.1, 0.5, 0.9]), 1);
        assert_eq!(forecast(&[0.4, 0.6]), 0);
        assert_eq!(forecast(&[0.8, 0.9]), 0);
        assert_eq!(forecast(&[0.05, 0.1]), 1);
        assert_eq!(crate::kind::from_name::<Loss>("mse").unwrap().forecast(), 0);
    }
}
