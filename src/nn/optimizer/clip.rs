//! Gradients made shorter by their common norm (Pascanu, Mikolov and Bengio, 2013, "On the difficulty of training recurrent neural
//! networks"), as PyTorch's `clip_grad_norm_`.

use candle_core::{Result, Tensor};

use super::super::numbers::with_numbers;
use super::super::simd::vectorized;

/// Added to the norm before it divides, as PyTorch does.
const EPSILON: f64 = 1e-6;

/// Multiplies all gradients, each of which lies in one piece, by the one factor that makes their common norm `most`, where it is more.
///
/// # Errors
/// When the device refuses.
pub(super) fn clip(gradients: &mut [Tensor], most: f64) -> Result<()> {
    let factor = most / (norm(gradients)? + EPSILON);
    if factor < 1.0 {
        for gradient in gradients {
            *gradient = (&*gradient * factor)?;
        }
    }
    Ok(())
}

/// The Euclidean norm of all numbers of some tensors together.
fn norm(tensors: &[Tensor]) -> Result<f64> {
    let mut squares = 0.0;
    for tensor in tensors {
        squares += if tensor.device().is_cpu() {
            with_numbers(tensor, sum_of_squares)?
        } else {
            elsewhere(tensor)?
        };
    }
    Ok(squares.sqrt())
}

#[expect(
    clippy::disallowed_methods,
    reason = "other devices than the CPU have their own order of sums"
)]
fn elsewhere(tensor: &Tensor) -> Result<f64> {
    Ok(f64::from(tensor.sqr()?.sum_all()?.to_scalar::<f32>()?))
}

/// In one order whatever the machine: 32 sums side by side, added one after the other, then what is left over.
fn sum_of_squares(numbers: &[f32]) -> f64 {
    let (rows, rest) = numbers.as_chunks::<32>();
    let mut sums = [0.0f64; 32];
    vectorized(
        #[inline(always)]
        || {
            for row in rows {
                for (sum, &number) in sums.iter_mut().zip(row) {
                    *sum += f64::from(number) * f64::from(number);
                }
            }
        },
    );
    let rest = rest.iter().map(|&number| f64::from(number) * f64::from(number));
    sums.into_iter().chain(rest).fold(0.0, |all, number| all + number)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use candle_core::{Device, Var};

    use super::super::{Optimizer, OptimizerSpec, adamw::AdamwSpec, sgd::SgdSpec};
    use super::*;
    use crate::nn::golden::{committed, golden, largest_difference};

    #[test]
    fn golden_torch_clipped() -> Result<()> {
        let numbers = golden("torch_optim");
        let momentum = OptimizerSpec::Sgd(SgdSpec { momentum: 0.9 });
        for (name, spec, learning_rate) in [
            ("adam", OptimizerSpec::from_name("adam").unwrap(), 0.05),
            ("adamw", OptimizerSpec::from_name("adamw").unwrap(), 0.05),
            ("sgd_momentum", momentum, 0.1),
        ] {
            let (v, w) = (Var::from_tensor(&numbers["v"])?, Var::from_tensor(&numbers["w"])?);
            let variables = vec![("v".to_owned(), v.clone()), ("w".to_owned(), w.clone())];
            let mut optimizer = Optimizer::new(&spec, learning_rate, variables)?.clipped(Some(1.0));
            let of = |what: &str| &numbers[&format!("{name}_clipped.{what}")];
            let norms: Vec<f32> = of("norm").to_vec1()?;
            for (step, theirs) in norms.into_iter().enumerate() {
                let of_one = |x: &Var, a: &str| -> Result<Tensor> { (x.sqr()? * &numbers[a])?.sum_all() };
                let gradients = (of_one(&v, "a")? + of_one(&w, "b")?)?.backward()?;
                let both = [&v, &w].map(|x| gradients.get(x).unwrap().clone());
                let ours = norm(&both)?;
                assert!(
                    (ours - f64::from(theirs)).abs() < 1e-5 * ours,
                    "{name}: {ours}, PyTorch {theirs}"
                );
                optimizer.step(&gradients)?;
                for (x, which) in [(&v, "v"), (&w, "w")] {
                    let far = largest_difference(x, &of(which).get(step)?)?;
                    assert!(far < 1e-5, "{name} {which} after step {step}: {far}");
                }
            }
        }
        Ok(())
    }

    /// `tests/golden/training.py`: gradients above the bound and below, weights and bias that decay.
    #[test]
    fn a_layer_that_decays_is_clipped_as_by_pytorch() -> Result<()> {
        let numbers = committed("torch_clip");
        let of = |name: &str| Var::from_tensor(&numbers[name]);
        let (weight, bias) = (of("weight")?, of("bias")?);
        let OptimizerSpec::Adamw(spec) = OptimizerSpec::from_name("adamw").unwrap() else {
            panic!("another kind");
        };
        let spec = OptimizerSpec::Adamw(AdamwSpec {
            weight_decay: 0.3,
            ..spec
        });
        let variables = vec![("weight".to_owned(), weight.clone()), ("bias".to_owned(), bias.clone())];
        let mut optimizer = Optimizer::new(&spec, 0.05, variables)?.clipped(Some(1.0));
        let norms: Vec<f32> = numbers["norms"].to_vec1()?;
        assert!(norms[0] > 1.0 && *norms.last().unwrap() < 1.0);
        for step in 0..norms.len() {
            let outputs = numbers["x"].matmul(&weight.t()?)?.broadcast_add(&bias)?;
            let loss = (outputs - &numbers["y"])?.sqr()?.mean_all()?;
            optimizer.step(&loss.backward()?)?;
            for (x, name) in [(&weight, "after.weight"), (&bias, "after.bias")] {
                let far = largest_difference(x, &numbers[name].get(step)?)?;
                assert!(far < 1e-5, "{name} {step}: {far}");
            }
        }
        Ok(())
    }

    #[test]
    fn the_sum_is_that_of_every_number() -> Result<()> {
        for count in [1, 31, 32, 33, 1000] {
            let numbers: Vec<f32> = (1..=count).map(|number| number as f32).collect();
            let expected: f64 = (1..=count).map(|number| f64::from(number) * f64::from(number)).sum();
            assert_eq!(sum_of_squares(&numbers), expected);
            let tensor = Tensor::new(numbers.as_slice(), &Device::Cpu)?;
            assert!((elsewhere(&tensor)? - expected).abs() < 1e-4 * expected);
        }
        Ok(())
    }

    #[test]
    fn what_is_short_enough_stays_as_it_is() -> Result<()> {
        let mut gradients = [
            Tensor::new(&[0.6f32, 0.0], &Device::Cpu)?,
            Tensor::new(&[[0.8f32]], &Device::Cpu)?,
        ];
        clip(&mut gradients, 1.1)?;
        assert_eq!(gradients[0].to_vec1::<f32>()?, [0.6, 0.0]);
        clip(&mut gradients, 0.5)?;
        assert!((norm(&gradients)? - 0.5).abs() < 1e-5);
        Ok(())
    }
}
