//! Batch normalization of vectors (Ioffe and Szegedy, 2015) in Keras's form: momentum 0.99, epsilon 1e-3, and a moving variance
//! that takes the biased variance of the batch (candle's and PyTorch's take the unbiased one).

use candle_core::{Result, Tensor, Var};

use super::Mode;
use super::weights::{Init, Weights};

/// Bumped when the same weights and inputs would give other outputs, gradients or statistics.
pub const VERSION: u32 = 1;

/// Share of a moving statistic that a batch leaves.
const MOMENTUM: f64 = 0.99;
/// Added to the variance.
const EPSILON: f64 = 1e-3;

/// A batch normalization layer.
#[derive(Debug, Clone)]
pub struct BatchNorm {
    gamma: Tensor,        // [features]
    beta: Tensor,         // [features]
    moving_mean: Var,     // [features]
    moving_variance: Var, // [features]
}

impl BatchNorm {
    /// `gamma` of ones and `beta` of zeros, both trained, and the statistics `moving_mean` of zeros and `moving_variance` of
    /// ones, all [features], below the path of `weights`.
    ///
    /// # Errors
    /// When one of these weights was made before, or the device refuses.
    pub fn new(features: usize, weights: &Weights) -> Result<Self> {
        Ok(Self {
            gamma: weights.make("gamma", &[features], Init::Constant(1.0))?,
            beta: weights.make("beta", &[features], Init::Constant(0.0))?,
            moving_mean: weights.make_statistic("moving_mean", &[features], 0.0)?,
            moving_variance: weights.make_statistic("moving_variance", &[features], 1.0)?,
        })
    }

    /// [batch, features] → the same shape. Training normalises by the batch's mean and variance, through which gradients
    /// flow, and moves the statistics; evaluation normalises by the statistics.
    ///
    /// # Errors
    /// When the shape does not fit, or the device refuses.
    pub fn forward(&self, inputs: &Tensor, mode: Mode) -> Result<Tensor> {
        let (centred, variance) = match mode {
            Mode::Train { .. } => {
                let mean = inputs.mean_keepdim(0)?; // [1, features]
                let centred = inputs.broadcast_sub(&mean)?;
                let variance = centred.sqr()?.mean_keepdim(0)?;
                moved(&self.moving_mean, &mean)?;
                moved(&self.moving_variance, &variance)?;
                (centred, variance)
            }
            Mode::Evaluate => (
                inputs.broadcast_sub(&self.moving_mean.as_detached_tensor())?,
                self.moving_variance.as_detached_tensor(),
            ),
        };
        let deviation = (variance + EPSILON)?.sqrt()?;
        centred
            .broadcast_div(&deviation)?
            .broadcast_mul(&self.gamma)?
            .broadcast_add(&self.beta)
    }

    /// Width of what goes in and comes out.
    pub fn features(&self) -> usize {
        self.gamma.elem_count()
    }
}

/// Moves a statistic [features] towards that of a batch, [1, features].
fn moved(statistic: &Var, batch: &Tensor) -> Result<()> {
    let batch = batch.detach().squeeze(0)?;
    let kept = (statistic.as_detached_tensor() * MOMENTUM)?;
    statistic.set(&(kept + (batch * (1.0 - MOMENTUM))?)?)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::nn::golden::{golden, largest_difference};
    use crate::rng;

    const TRAIN: Mode = Mode::Train {
        seed: 0,
        epoch: 0,
        batch: 0,
    };

    #[test]
    fn golden_keras_batch_norm() -> Result<()> {
        let golden = golden("keras_batch_norm");
        let weights = Weights::drawn(0, &Device::Cpu);
        let layer = BatchNorm::new(golden["x0"].dim(1)?, &weights)?;
        for batch in 0..3 {
            let out = layer.forward(&golden[&format!("x{batch}")], TRAIN)?;
            let expected = &golden[&format!("train{batch}")];
            assert!(largest_difference(&out, expected)? < 1e-5, "batch {batch}");
        }
        let out = layer.forward(&golden["x0"], Mode::Evaluate)?;
        assert!(largest_difference(&out, &golden["eval"])? < 1e-5);
        for (path, statistic) in weights.all() {
            if let Some(expected) = golden.get(&path) {
                assert!(largest_difference(&statistic, expected)? < 1e-5, "{path}");
            }
        }
        Ok(())
    }

    #[test]
    fn gradients_are_finite_differences() -> Result<()> {
        const STEP: f32 = 1e-2;
        let random = |name: &str| {
            let mut stream = rng::stream(1, name, 0, 0);
            let numbers: Vec<f32> = (0..12).map(|_| stream.normal() as f32).collect();
            Tensor::from_vec(numbers, (4, 3), &Device::Cpu)
        };
        let weights = Weights::drawn(0, &Device::Cpu);
        let layer = BatchNorm::new(3, &weights)?;
        let inputs = Var::from_tensor(&random("x")?)?;
        let direction = random("g")?;
        let mut variables = weights.variables();
        variables.push(("x".to_owned(), inputs.clone()));
        for mode in [TRAIN, Mode::Evaluate] {
            let value =
                || -> Result<Tensor> { (layer.forward(&inputs, mode)? * &direction)?.sum_all() };
            // Training moves the statistics, so that evaluation would change from call to call in between.
            let gradients = value()?.backward()?;
            for (path, variable) in &variables {
                let gradient: Vec<f32> =
                    gradients.get(variable).unwrap().flatten_all()?.to_vec1()?;
                let numbers: Vec<f32> = variable.flatten_all()?.to_vec1()?;
                for at in 0..numbers.len() {
                    let moved = |by: f32| -> Result<f32> {
                        let mut numbers = numbers.clone();
                        numbers[at] += by;
                        let numbers = Tensor::from_vec(numbers, variable.shape(), &Device::Cpu)?;
                        variable.set(&numbers)?;
                        value()?.to_scalar()
                    };
                    let slope = (moved(STEP)? - moved(-STEP)?) / (2.0 * STEP);
                    let far = (slope - gradient[at]).abs();
                    assert!(far < 2e-3 * slope.abs().max(1.0), "{path}[{at}]: {slope}");
                }
                let numbers = Tensor::from_vec(numbers, variable.shape(), &Device::Cpu)?;
                variable.set(&numbers)?;
            }
        }
        Ok(())
    }
}
