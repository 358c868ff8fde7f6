//! Losses: the mean over all numbers of a batch, on the CPU in one operation whose sum is the same on every machine.

mod binary_cross_entropy;
mod huber;
mod mae;
mod mse;
mod pinball;

use std::fmt::Debug;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::numbers::{numbers, with_numbers};
use crate::task::Task;

crate::kinds! {
    /// `train.loss`: what training minimises, averaged over all outputs of a batch. A name alone says the same as a table with that
    /// kind and its defaults.
    pub enum Loss: LossFunction {
        "mse" | "l2_loss mse_loss mseloss" => Mse(mse::MseSpec),
        "mae" | "l1 l1_loss mae_loss l1loss" => Mae(mae::MaeSpec),
        "huber" => Huber(huber::HuberSpec),
        "pinball" | "quantile quantile_loss pinball_loss" => Pinball(pinball::PinballSpec),
        "binary_cross_entropy" | "bce logloss cross_entropy crossentropy binary_crossentropy bce_loss bceloss bce_with_logits" => BinaryCrossEntropy(binary_cross_entropy::BinaryCrossEntropySpec),
    }
}

/// A loss of one output.
pub trait LossFunction: Debug {
    /// Whether it is made for a task.
    fn fits(&self, task: &Task) -> bool;

    /// Version of its numbers. One above the first stands in the keys of the cells that train with it.
    fn version(&self) -> u32 {
        1
    }

    /// The quantiles that it asks for of each number to be predicted, rising; none where it asks for one output alone.
    fn quantiles(&self) -> &[f64] {
        &[]
    }

    /// Its value; `which` is the place among the quantiles, 0 where there are none.
    fn of(&self, which: usize, output: f32, target: f32) -> f32;

    /// Its derivative by the output.
    fn slope(&self, which: usize, output: f32, target: f32) -> f32;

    /// Its value for each output, by candle's operations; outputs are [batch, width · quantile], targets [batch, width].
    ///
    /// # Errors
    /// When the shapes differ, or the device refuses.
    fn composed(&self, outputs: &Tensor, targets: &Tensor) -> Result<Tensor>;
}

impl Loss {
    /// Outputs of a network for each number to be predicted: they stand beside each other.
    pub fn outputs(&self) -> usize {
        self.quantiles().len().max(1)
    }

    /// Which of these outputs is the forecast: of quantiles the one nearest to a half.
    pub fn forecast(&self) -> usize {
        let far = |place: &usize| (self.quantiles()[*place] - 0.5).abs();
        let places = 0..self.quantiles().len();
        places.min_by(|a, b| far(a).total_cmp(&far(b))).unwrap_or(0)
    }
}

/// The mean loss of a batch; outputs are [batch, width · quantile], targets [batch, width].
///
/// # Errors
/// When the shapes differ, or the device refuses.
#[expect(
    clippy::disallowed_methods,
    reason = "other devices than the CPU have their own order of sums"
)]
pub fn loss_of(loss: &Loss, outputs: &Tensor, targets: &Tensor) -> Result<Tensor> {
    if outputs.device().is_cpu() {
        return outputs.contiguous()?.apply_op2(&targets.contiguous()?, Mean(loss.clone()));
    }
    loss.composed(outputs, targets)?.mean_all()
}

/// outputs, targets → the mean of their loss, []. Targets have no gradient.
struct Mean(Loss);

impl CustomOp2 for Mean {
    fn name(&self) -> &'static str {
        "loss"
    }

    fn cpu_fwd(
        &self,
        outputs: &CpuStorage,
        outputs_layout: &Layout,
        targets: &CpuStorage,
        targets_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let loss: &dyn LossFunction = &*self.0;
        let outputs = numbers(outputs, outputs_layout)?;
        let targets = numbers(targets, targets_layout)?;
        let per = self.0.outputs();
        let shapes = (outputs_layout.dims(), targets_layout.dims());
        if !matches!(shapes, ([batch, width], [count, of]) if batch == count && *width == of * per) {
            candle_core::bail!("outputs of shape {:?} for targets of shape {:?}", shapes.0, shapes.1);
        }
        let each = of_each(outputs, targets, per, |which, output, target| loss.of(which, output, target));
        let mean = sum(&each) * (1.0 / each.len() as f64) as f32;
        Ok((CpuStorage::F32(vec![mean]), Shape::from(())))
    }

    fn bwd(
        &self,
        outputs: &Tensor,
        targets: &Tensor,
        _mean: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let loss: &dyn LossFunction = &*self.0;
        let scale = gradient.to_scalar::<f32>()? * (1.0 / outputs.elem_count() as f64) as f32;
        let slopes: Vec<f32> = with_numbers(outputs, |outputs| {
            with_numbers(targets, |targets| {
                let slope = |which, output, target| loss.slope(which, output, target) * scale;
                of_each(outputs, targets, self.0.outputs(), slope)
            })
        })??;
        let slopes = Tensor::from_vec(slopes, outputs.shape(), outputs.device())?;
        Ok((Some(slopes), None))
    }
}

/// A function of each output: of its place among the `per` that stand for one number, of itself, and of that number.
fn of_each(outputs: &[f32], targets: &[f32], per: usize, of: impl Fn(usize, f32, f32) -> f32) -> Vec<f32> {
    let mut all = Vec::with_capacity(outputs.len());
    if per == 1 {
        // Most losses, of up to a million outputs in a batch.
        all.extend(outputs.iter().zip(targets).map(|(output, target)| of(0, *output, *target)));
        return all;
    }
    for (outputs, target) in outputs.chunks(per).zip(targets) {
        all.extend(outputs.iter().zip(0..).map(|(output, which)| of(which, *output, *target)));
    }
    all
}

/// The sum of all numbers: 32 sums side by side, added in a fixed tree, then what is left over.
fn sum(numbers: &[f32]) -> f32 {
    let (rows, rest) = numbers.as_chunks::<32>();
    let mut sums = [0.0f32; 32];
    for row in rows {
        for (sum, number) in sums.iter_mut().zip(row) {
            *sum += number;
        }
    }
    let eight: [f32; 8] = std::array::from_fn(|i| (sums[i] + sums[i + 8]) + (sums[i + 16] + sums[i + 24]));
    let four: [f32; 4] = std::array::from_fn(|i| eight[i] + eight[i + 4]);
    let mut all = (four[0] + four[1]) + (four[2] + four[3]);
    for number in rest {
        all += number;
    }
    all
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::kind::Kinds;

    type Definition = fn(f64, f64) -> f64;

    fn loss(kind: &str) -> Loss {
        serde_json::from_value(serde_json::json!({ "kind": kind })).unwrap()
    }

    /// So many examples of which one number is to be predicted, by `per` outputs.
    fn batch(count: usize, per: usize) -> (Var, Tensor) {
        let mut stream = crate::rng::stream(3, "test", 0, 0);
        let outputs: Vec<f32> = (0..count * per).map(|_| 4.0 * stream.normal() as f32).collect();
        let targets: Vec<f32> = (0..count).map(|i| (i % 2) as f32).collect();
        let outputs = Tensor::from_vec(outputs, (count, per), &Device::Cpu).unwrap();
        let targets = Tensor::from_vec(targets, (count, 1), &Device::Cpu).unwrap();
        (Var::from_tensor(&outputs).unwrap(), targets)
    }

    #[test]
    fn values_are_those_of_the_definitions() -> Result<()> {
        for count in [1, 31, 32, 100] {
            let (outputs, targets) = batch(count, 1);
            let pairs: Vec<(f64, f64)> = (0..count)
                .map(|i| {
                    let output = f64::from(outputs.get(i).unwrap().to_vec1::<f32>().unwrap()[0]);
                    (output, (i % 2) as f64)
                })
                .collect();
            let definitions: [(&str, Definition); 4] = [
                ("mse", |output, target| (output - target).powi(2)),
                ("mae", |output, target| (output - target).abs()),
                ("huber", |output, target| {
                    let error = (output - target).abs();
                    error.min(1.0).powi(2) / 2.0 + (error - 1.0).max(0.0)
                }),
                ("binary_cross_entropy", |output, target| {
                    (1.0 + output.exp()).ln() - output * target
                }),
            ];
            for (kind, of) in definitions {
                let loss = loss(kind);
                let each = pairs.iter().map(|(output, target)| of(*output, *target));
                let expected = each.sum::<f64>() / count as f64;
                let found = loss_of(&loss, &outputs, &targets)?.to_scalar::<f32>()?;
                let far = (f64::from(found) - expected).abs();
                assert!(far < 1e-5 * expected.max(1.0), "{loss:?} of {count}");
            }
        }
        Ok(())
    }

    #[test]
    fn gradients_are_finite_differences() -> Result<()> {
        const STEP: f32 = 1e-2;
        for kind in Loss::kinds() {
            let loss = loss(kind);
            let (outputs, targets) = batch(5, loss.outputs());
            let gradients = loss_of(&loss, &outputs, &targets)?.backward()?;
            let gradient: Vec<f32> = gradients.get(&outputs).unwrap().flatten_all()?.to_vec1()?;
            let numbers: Vec<f32> = outputs.flatten_all()?.to_vec1()?;
            for at in 0..numbers.len() {
                let moved = |by: f32| -> Result<f32> {
                    let mut numbers = numbers.clone();
                    numbers[at] += by;
                    let numbers = Tensor::from_vec(numbers, outputs.shape(), &Device::Cpu)?;
                    loss_of(&loss, &numbers, &targets)?.to_scalar()
                };
                let slope = (moved(STEP)? - moved(-STEP)?) / (2.0 * STEP);
                assert!((slope - gradient[at]).abs() < 2e-3, "{loss:?}[{at}]");
            }
        }
        Ok(())
    }

    #[test]
    fn a_logit_of_any_size_has_a_finite_loss_and_nan_stays() -> Result<()> {
        let device = Device::Cpu;
        let targets = Tensor::new(&[[1f32], [0.0]], &device)?;
        let value = |outputs: [f32; 2]| -> Result<f32> {
            let outputs = Tensor::from_vec(outputs.to_vec(), (2, 1), &device)?;
            loss_of(&loss("binary_cross_entropy"), &outputs, &targets)?.to_scalar()
        };
        assert_eq!(value([-1e4, 1e4])?, 1e4);
        assert_eq!(value([1e4, -1e4])?, 0.0);
        assert!(value([f32::NAN, 0.0])?.is_nan());
        Ok(())
    }
}
