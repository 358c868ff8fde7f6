//! Batch normalization of vectors (Ioffe and Szegedy, 2015) in Keras's form: momentum 0.99, epsilon 1e-3, and a moving variance
//! that takes the biased variance of the batch (candle's and PyTorch's take the unbiased one).

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, Var};

use super::Mode;
use super::numbers::{numbers, with_numbers};
use super::weights::{Init, Weights};

/// Bumped when the same weights and inputs would give other outputs, gradients or statistics.
pub const VERSION: u32 = 2;

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
        let batch = match mode {
            Mode::Train { .. } => Some(batch_statistics(inputs)?),
            Mode::Evaluate => None,
        };
        if let Some([mean, variance]) = &batch {
            moved(&self.moving_mean, mean)?;
            moved(&self.moving_variance, variance)?;
        }
        if inputs.device().is_cpu() {
            let by_batch = batch.is_some();
            let [mean, variance] = match &batch {
                Some([mean, variance]) => [mean, variance],
                None => [self.moving_mean.as_tensor(), self.moving_variance.as_tensor()],
            };
            let operation = Normalise {
                mean: with_numbers(mean, <[f32]>::to_vec)?,
                deviation: with_numbers(variance, |variance| {
                    let root = |variance: &f32| (variance + EPSILON as f32).sqrt();
                    variance.iter().map(root).collect()
                })?,
                by_batch,
            };
            return inputs.contiguous()?.apply_op3(&self.gamma, &self.beta, operation);
        }
        self.composed(inputs, mode)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "other devices than the CPU have their own order of sums"
    )]
    fn composed(&self, inputs: &Tensor, mode: Mode) -> Result<Tensor> {
        let (centred, variance) = match mode {
            Mode::Train { .. } => {
                let centred = inputs.broadcast_sub(&inputs.mean_keepdim(0)?)?;
                let variance = centred.sqr()?.mean_keepdim(0)?;
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

/// Mean and biased variance of each feature over the batch, [features], without a graph.
#[expect(
    clippy::disallowed_methods,
    reason = "other devices than the CPU have their own order of sums"
)]
fn batch_statistics(inputs: &Tensor) -> Result<[Tensor; 2]> {
    let inputs = inputs.detach();
    let (batch, features) = inputs.dims2()?;
    if !inputs.device().is_cpu() {
        let mean = inputs.mean_keepdim(0)?;
        let variance = inputs.broadcast_sub(&mean)?.sqr()?.mean(0)?;
        return Ok([mean.squeeze(0)?, variance]);
    }
    let statistics = with_numbers(&inputs.contiguous()?, |numbers| {
        let mean = means(numbers.chunks_exact(features), batch, |x, _| x);
        let variance = means(numbers.chunks_exact(features), batch, |x, feature| {
            (x - mean[feature]) * (x - mean[feature])
        });
        [mean, variance]
    })?;
    let [mean, variance] = statistics.map(|numbers| Tensor::new(numbers, inputs.device()));
    Ok([mean?, variance?])
}

/// For each feature the mean of a function of (number, feature) over all rows, the first row first.
fn means<'a>(rows: impl Iterator<Item = &'a [f32]>, count: usize, of: impl Fn(f32, usize) -> f32) -> Vec<f32> {
    let mut sums = Vec::new();
    for row in rows {
        sums.resize(row.len(), 0.0);
        for (feature, (sum, &number)) in sums.iter_mut().zip(row).enumerate() {
            *sum += of(number, feature);
        }
    }
    let share = (1.0 / count as f64) as f32;
    sums.into_iter().map(|sum| sum * share).collect()
}

/// Moves a statistic towards that of a batch, both [features].
fn moved(statistic: &Var, batch: &Tensor) -> Result<()> {
    let kept = (statistic.as_detached_tensor() * MOMENTUM)?;
    statistic.set(&(kept + (batch * (1.0 - MOMENTUM))?)?)
}

/// inputs [batch, features], gamma and beta [features] → gamma (inputs - mean) / deviation + beta.
struct Normalise {
    mean: Vec<f32>,
    deviation: Vec<f32>,
    /// Whether mean and deviation are those of the batch, so that they have a gradient, too.
    by_batch: bool,
}

impl CustomOp3 for Normalise {
    fn name(&self) -> &'static str {
        "batch-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        gamma: &CpuStorage,
        gamma_layout: &Layout,
        beta: &CpuStorage,
        beta_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (gamma, beta) = (numbers(gamma, gamma_layout)?, numbers(beta, beta_layout)?);
        let x = numbers(x, x_layout)?;
        if x_layout.shape().dims2()?.1 != gamma.len() {
            candle_core::bail!("a batch normalization of {} features got {:?}", gamma.len(), x_layout.dims());
        }
        let mut out = Vec::with_capacity(x.len());
        for row in x.chunks_exact(gamma.len()) {
            for (feature, &x) in row.iter().enumerate() {
                let normal = (x - self.mean[feature]) / self.deviation[feature];
                out.push(normal * gamma[feature] + beta[feature]);
            }
        }
        Ok((CpuStorage::F32(out), x_layout.shape().clone()))
    }

    /// With x̂ = (x - mean) / deviation and g the gradient: Σ g for beta, Σ g x̂ for gamma, and for x
    /// gamma / deviation · (g - mean of g - x̂ · mean of g x̂), the means only where the statistics are the batch's.
    fn bwd(
        &self,
        x: &Tensor,
        gamma: &Tensor,
        _beta: &Tensor,
        _out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (features, device) = (self.mean.len(), x.device());
        let rows = x.dims()[0];
        let gradient = gradient.contiguous()?;
        let [of_x, of_gamma, of_beta] = with_numbers(&gradient, |gradient| {
            with_numbers(gamma, |gamma| {
                with_numbers(x, |x| {
                    let normal: Vec<f32> = x
                        .iter()
                        .enumerate()
                        .map(|(at, x)| {
                            let feature = at % features;
                            (x - self.mean[feature]) / self.deviation[feature]
                        })
                        .collect();
                    let mut of_gamma = vec![0.0; features];
                    let mut of_beta = vec![0.0; features];
                    for (at, (g, normal)) in gradient.iter().zip(&normal).enumerate() {
                        of_gamma[at % features] += g * normal;
                        of_beta[at % features] += g;
                    }
                    let share = if self.by_batch { (1.0 / rows as f64) as f32 } else { 0.0 };
                    let of_x = gradient.iter().zip(&normal).enumerate();
                    let of_x = of_x.map(|(at, (g, normal))| {
                        let feature = at % features;
                        let (mean, slope) = (of_beta[feature] * share, of_gamma[feature] * share);
                        gamma[feature] / self.deviation[feature] * (g - mean - normal * slope)
                    });
                    [of_x.collect(), of_gamma, of_beta]
                })
            })
        })???;
        Ok((
            Some(Tensor::from_vec(of_x, x.shape(), device)?),
            Some(Tensor::from_vec(of_gamma, features, device)?),
            Some(Tensor::from_vec(of_beta, features, device)?),
        ))
    }
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
            let value = || -> Result<Tensor> { (layer.forward(&inputs, mode)? * &direction)?.sum_all() };
            // Training moves the statistics, so that evaluation would change from call to call in between.
            let gradients = value()?.backward()?;
            for (path, variable) in &variables {
                let gradient: Vec<f32> = gradients.get(variable).unwrap().flatten_all()?.to_vec1()?;
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
