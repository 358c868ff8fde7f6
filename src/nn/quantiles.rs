//! Several numbers in the place of one, put in rising order: quantiles that cannot cross, whatever network gives them.
//!
//! What crosses is exchanged, as in Chernozhukov, Fernández-Val and Galichon (2010), "Quantile and probability curves without crossing":
//! that is never further from the true quantiles, and unlike sums of steps it goes with whatever is added to all of them at the end.

use candle_core::{CpuStorage, CustomOp1, D, Layout, Result, Shape, Tensor};

use super::numbers::{numbers, with_numbers};

/// The numbers of each row in rising order among every `count` neighbours: [batch, width · count], as they come.
///
/// # Errors
/// When a row does not consist of so many, or the device refuses.
pub fn rising(outputs: &Tensor, count: usize) -> Result<Tensor> {
    let (batch, all) = outputs.dims2()?;
    if count == 0 || !all.is_multiple_of(count) {
        candle_core::bail!("{all} outputs are not {count} for each number");
    }
    if count == 1 {
        return Ok(outputs.clone());
    }
    if outputs.device().is_cpu() {
        return outputs.contiguous()?.apply_op1(Rising(count));
    }
    let grouped = outputs.reshape((batch, all / count, count))?.contiguous()?;
    let order = grouped.detach().arg_sort_last_dim(true)?;
    grouped.gather(&order, D::Minus1)?.reshape((batch, all))
}

struct Rising(usize);

impl Rising {
    /// For each place of the result the place that its number comes from. What is no number comes last.
    fn order(&self, numbers: &[f32]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..numbers.len()).collect();
        for group in order.chunks_mut(self.0) {
            group.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
        }
        order
    }
}

impl CustomOp1 for Rising {
    fn name(&self) -> &'static str {
        "rising"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let numbers = numbers(storage, layout)?;
        let order = self.order(numbers).into_iter();
        let sorted = order.map(|place| numbers[place]).collect();
        Ok((CpuStorage::F32(sorted), layout.shape().clone()))
    }

    fn bwd(&self, outputs: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let order = with_numbers(outputs, |numbers| self.order(numbers))?;
        let mut back = vec![0.0; order.len()];
        with_numbers(&gradient.contiguous()?, |gradient| {
            for (place, number) in order.into_iter().zip(gradient) {
                back[place] = *number;
            }
        })?;
        Ok(Some(Tensor::from_vec(back, outputs.shape(), outputs.device())?))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn each_group_rises_and_gradients_find_their_way_back() -> Result<()> {
        let device = Device::Cpu;
        let outputs = Var::new(&[[3f32, 1.0, 2.0, 5.0, 6.0, 4.0], [0.0, -1.0, -2.0, 7.0, 8.0, 9.0]], &device)?;
        let sorted = rising(&outputs, 3)?;
        assert_eq!(
            sorted.to_vec2::<f32>()?,
            [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [-2.0, -1.0, 0.0, 7.0, 8.0, 9.0]]
        );
        let weights = Tensor::new(&[[1f32, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]], &device)?;
        let gradients = (sorted * weights)?.sum_all()?.backward()?;
        assert_eq!(
            gradients.get(&outputs).unwrap().to_vec2::<f32>()?,
            [[3.0, 1.0, 2.0, 5.0, 6.0, 4.0], [3.0, 2.0, 1.0, 4.0, 5.0, 6.0]]
        );
        Ok(())
    }

    #[test]
    fn one_for_each_number_stays_and_what_does_not_divide_is_refused() -> Result<()> {
        let outputs = Tensor::new(&[[2f32, 1.0, f32::NAN]], &Device::Cpu)?;
        assert_eq!(rising(&outputs, 1)?.to_vec2::<f32>()?[0][..2], [2.0, 1.0]);
        let sorted = rising(&outputs, 3)?.to_vec2::<f32>()?;
        assert!(sorted[0][..2] == [1.0, 2.0] && sorted[0][2].is_nan());
        assert!(rising(&outputs, 2).is_err());
        Ok(())
    }
}
