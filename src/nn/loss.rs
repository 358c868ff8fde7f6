//! Losses: the mean over all numbers of a batch, on the CPU in one operation whose sum is the same on every machine.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::numbers::{numbers, with_numbers};
use crate::task::Loss;

/// The mean loss of a batch; outputs and targets are [batch, width].
///
/// # Errors
/// When the shapes differ, or the device refuses.
pub fn loss_of(loss: Loss, outputs: &Tensor, targets: &Tensor) -> Result<Tensor> {
    if outputs.device().is_cpu() {
        return outputs
            .contiguous()?
            .apply_op2(&targets.contiguous()?, Mean(loss));
    }
    composed(loss, outputs, targets)
}

#[expect(
    clippy::disallowed_methods,
    reason = "other devices than the CPU have their own order of sums"
)]
fn composed(loss: Loss, outputs: &Tensor, targets: &Tensor) -> Result<Tensor> {
    match loss {
        Loss::Mse => (outputs - targets)?.sqr()?.mean_all(),
        Loss::Mae => (outputs - targets)?.abs()?.mean_all(),
        // max(z, 0) - z y + ln(1 + e^-|z|): the cross-entropy of a logit z without overflow.
        Loss::BinaryCrossEntropy => {
            let tail = (outputs.abs()?.neg()?.exp()? + 1.0)?.log()?;
            ((outputs.relu()? - (outputs * targets)?)? + tail)?.mean_all()
        }
    }
}

/// outputs, targets → the mean of their loss, []. Targets have no gradient.
struct Mean(Loss);

impl Mean {
    fn of(&self, output: f32, target: f32) -> f32 {
        match self.0 {
            Loss::Mse => (output - target) * (output - target),
            Loss::Mae => (output - target).abs(),
            Loss::BinaryCrossEntropy => {
                let tail = libm::log1pf(libm::expf(-output.abs()));
                let positive = if output > 0.0 { output } else { 0.0 };
                // A NaN is not above 0, but its tail is one.
                (positive - output * target) + tail
            }
        }
    }

    fn slope(&self, output: f32, target: f32) -> f32 {
        match self.0 {
            Loss::Mse => 2.0 * (output - target),
            Loss::Mae if output >= target => 1.0,
            Loss::Mae => -1.0,
            Loss::BinaryCrossEntropy => {
                let small = libm::expf(-output.abs());
                let numerator = if output >= 0.0 { 1.0 } else { small };
                numerator / (1.0 + small) - target
            }
        }
    }
}

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
        let outputs = numbers(outputs, outputs_layout)?;
        let targets = numbers(targets, targets_layout)?;
        if outputs_layout.dims() != targets_layout.dims() {
            candle_core::bail!(
                "outputs of shape {:?} for targets of shape {:?}",
                outputs_layout.dims(),
                targets_layout.dims()
            );
        }
        let each = outputs.iter().zip(targets);
        let each: Vec<f32> = each
            .map(|(&output, &target)| self.of(output, target))
            .collect();
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
        let scale = gradient.to_scalar::<f32>()? * (1.0 / outputs.elem_count() as f64) as f32;
        let slopes: Vec<f32> = with_numbers(outputs, |outputs| {
            with_numbers(targets, |targets| {
                let each = outputs.iter().zip(targets);
                each.map(|(&output, &target)| self.slope(output, target) * scale)
                    .collect()
            })
        })??;
        let slopes = Tensor::from_vec(slopes, outputs.shape(), outputs.device())?;
        Ok((Some(slopes), None))
    }
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
    let eight: [f32; 8] =
        std::array::from_fn(|i| (sums[i] + sums[i + 8]) + (sums[i + 16] + sums[i + 24]));
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

    const EACH: [Loss; 3] = [Loss::Mse, Loss::Mae, Loss::BinaryCrossEntropy];

    fn batch(count: usize) -> (Var, Tensor) {
        let mut stream = crate::rng::stream(3, "test", 0, 0);
        let outputs: Vec<f32> = (0..count).map(|_| 4.0 * stream.normal() as f32).collect();
        let targets: Vec<f32> = (0..count).map(|i| (i % 2) as f32).collect();
        let outputs = Tensor::from_vec(outputs, (count, 1), &Device::Cpu).unwrap();
        let targets = Tensor::from_vec(targets, (count, 1), &Device::Cpu).unwrap();
        (Var::from_tensor(&outputs).unwrap(), targets)
    }

    #[test]
    fn values_are_those_of_the_definitions() -> Result<()> {
        for count in [1, 31, 32, 100] {
            let (outputs, targets) = batch(count);
            let pairs: Vec<(f64, f64)> = (0..count)
                .map(|i| {
                    let output = f64::from(outputs.get(i).unwrap().to_vec1::<f32>().unwrap()[0]);
                    (output, (i % 2) as f64)
                })
                .collect();
            for loss in EACH {
                let of = |(output, target): &(f64, f64)| match loss {
                    Loss::Mse => (output - target).powi(2),
                    Loss::Mae => (output - target).abs(),
                    Loss::BinaryCrossEntropy => (1.0 + output.exp()).ln() - output * target,
                };
                let expected = pairs.iter().map(of).sum::<f64>() / count as f64;
                let found = loss_of(loss, &outputs, &targets)?.to_scalar::<f32>()?;
                let far = (f64::from(found) - expected).abs();
                assert!(far < 1e-5 * expected.max(1.0), "{loss:?} of {count}");
            }
        }
        Ok(())
    }

    #[test]
    fn gradients_are_finite_differences() -> Result<()> {
        const STEP: f32 = 1e-2;
        let (outputs, targets) = batch(5);
        for loss in EACH {
            let gradients = loss_of(loss, &outputs, &targets)?.backward()?;
            let gradient: Vec<f32> = gradients.get(&outputs).unwrap().flatten_all()?.to_vec1()?;
            let numbers: Vec<f32> = outputs.flatten_all()?.to_vec1()?;
            for at in 0..numbers.len() {
                let moved = |by: f32| -> Result<f32> {
                    let mut numbers = numbers.clone();
                    numbers[at] += by;
                    let numbers = Tensor::from_vec(numbers, outputs.shape(), &Device::Cpu)?;
                    loss_of(loss, &numbers, &targets)?.to_scalar()
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
            loss_of(Loss::BinaryCrossEntropy, &outputs, &targets)?.to_scalar()
        };
        assert_eq!(value([-1e4, 1e4])?, 1e4);
        assert_eq!(value([1e4, -1e4])?, 0.0);
        assert!(value([f32::NAN, 0.0])?.is_nan());
        Ok(())
    }
}
