//! The sequence operations against candle's own differentiation and against finite differences.

use candle_core::{Device, Result, Tensor, Var};

use super::composed::composed;
use super::*;
use crate::nn::golden::{largest, largest_difference};
use crate::rng;

fn random(name: &str, shape: &[usize]) -> Result<Tensor> {
    let mut stream = rng::stream(1, name, 0, 0);
    let count = shape.iter().product();
    let numbers: Vec<f32> = (0..count).map(|_| stream.normal() as f32).collect();
    Tensor::from_vec(numbers, shape, &Device::Cpu)
}

fn layer(kind: Kind, features: usize, hidden: usize) -> Result<(Recurrent, Weights)> {
    let weights = Weights::drawn(3, &Device::Cpu);
    Ok((Recurrent::new(kind, features, hidden, &weights)?, weights))
}

/// Sizes that leave rests everywhere: batches below and above full vectors, rows that fill no panel.
const SIZES: [[usize; 4]; 5] = [[1, 1, 1, 1], [5, 1, 30, 32], [4, 3, 7, 5], [3, 2, 13, 17], [2, 5, 4, 48]];

#[test]
fn fused_and_composed_agree() -> Result<()> {
    for kind in [Kind::Lstm, Kind::Gru] {
        for read in [Read::Every, Read::Last] {
            for [time, features, hidden, batch] in SIZES {
                let (layer, weights) = layer(kind, features, hidden)?;
                let inputs = Var::from_tensor(&random("x", &[batch, time, features])?)?;
                let steps = to_steps(&inputs)?; // strided
                let fused = layer.forward(&steps, read)?;
                let other = composed(kind, &layer.parameters, &steps, read)?;
                assert_eq!(fused.dims(), other.dims());
                assert!(largest_difference(&fused, &other)? < 1e-5);

                let direction = random("g", &[batch, hidden, fused.dim(0)?])?.permute((2, 1, 0))?;
                let fused = (fused * &direction)?.sum_all()?.backward()?;
                let other = (other * &direction)?.sum_all()?.backward()?;
                let variables = weights.variables();
                let all = variables.iter().map(|(_, var)| var).chain([&inputs]);
                for variable in all {
                    let (a, b) = (fused.get(variable).unwrap(), other.get(variable).unwrap());
                    let tolerance = 1e-5 * largest(b)?.max(1.0);
                    assert!(largest_difference(a, b)? < tolerance, "{kind:?} {read:?} {a} {b}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn gradients_are_finite_differences() -> Result<()> {
    const STEP: f32 = 1e-2;
    for kind in [Kind::Lstm, Kind::Gru] {
        let (layer, weights) = layer(kind, 2, 3)?;
        let inputs = Var::from_tensor(&random("x", &[2, 4, 2])?)?; // [batch, time, features]
        let direction = random("g", &[4, 3, 2])?;
        let mut variables = weights.variables();
        variables.push(("x".to_owned(), inputs.clone()));
        let product = || layer.forward(&to_steps(&inputs)?, Read::Every)? * &direction;
        // Summed in f64, so that a difference keeps its digits.
        let value = || -> Result<f64> {
            let numbers: Vec<f32> = product()?.flatten_all()?.to_vec1()?;
            Ok(numbers.into_iter().map(f64::from).sum())
        };
        let gradients = product()?.sum_all()?.backward()?;
        for (path, variable) in &variables {
            let gradient: Vec<f32> = gradients.get(variable).unwrap().flatten_all()?.to_vec1()?;
            let numbers: Vec<f32> = variable.flatten_all()?.to_vec1()?;
            for at in 0..numbers.len() {
                let moved = |by: f32| -> Result<f64> {
                    let mut numbers = numbers.clone();
                    numbers[at] += by;
                    variable.set(&Tensor::from_vec(numbers, variable.shape(), &Device::Cpu)?)?;
                    value()
                };
                let slope = (moved(STEP)? - moved(-STEP)?) / f64::from(2.0 * STEP);
                let far = (slope - f64::from(gradient[at])).abs();
                assert!(far < 1e-3 * slope.abs().max(1.0), "{kind:?} {path}[{at}]: {slope}");
            }
            variable.set(&Tensor::from_vec(numbers, variable.shape(), &Device::Cpu)?)?;
        }
    }
    Ok(())
}

#[test]
fn five_thousand_steps_need_no_stack() -> Result<()> {
    let run = || -> Result<()> {
        for kind in [Kind::Lstm, Kind::Gru] {
            let (layer, weights) = layer(kind, 1, 4)?;
            let (other, _) = self::layer(kind, 4, 4)?;
            let inputs = random("x", &[5000, 1, 2])?;
            let states = layer.forward(&inputs, Read::Every)?;
            let last = other.forward(&states, Read::Last)?;
            let gradients = last.sqr()?.sum_all()?.backward()?;
            for (path, variable) in weights.variables() {
                let size = largest(gradients.get(&variable).unwrap())?;
                assert!(size.is_finite() && size > 0.0, "{path}");
            }
        }
        Ok(())
    };
    let small = std::thread::Builder::new().stack_size(128 * 1024);
    small.spawn(run)?.join().unwrap()
}

#[test]
fn an_example_does_not_depend_on_its_batch() -> Result<()> {
    for kind in [Kind::Lstm, Kind::Gru] {
        let (layer, _) = layer(kind, 2, 5)?;
        let inputs = random("x", &[6, 2, 37])?;
        let together = layer.forward(&inputs, Read::Every)?;
        for at in [0, 15, 16, 36] {
            let alone = layer.forward(&inputs.narrow(2, at, 1)?, Read::Every)?;
            assert_eq!(largest_difference(&alone, &together.narrow(2, at, 1)?)?, 0.0);
        }
        let last = layer.forward(&inputs, Read::Last)?;
        assert_eq!(largest_difference(&last, &together.narrow(0, 5, 1)?)?, 0.0);
    }
    Ok(())
}

#[test]
fn data_gets_no_gradient_and_a_graph_can_be_walked_twice() -> Result<()> {
    let (layer, weights) = layer(Kind::Lstm, 1, 3)?;
    let inputs = random("x", &[4, 1, 2])?;
    let loss = layer.forward(&inputs, Read::Last)?.sum_all()?;
    let (first, second) = (loss.backward()?, loss.backward()?);
    assert!(first.get(&inputs).is_none());
    for (_, variable) in weights.variables() {
        let (first, second) = (first.get(&variable).unwrap(), second.get(&variable).unwrap());
        assert_eq!(largest_difference(first, second)?, 0.0);
    }
    Ok(())
}

#[test]
fn nan_comes_out_where_it_went_in() -> Result<()> {
    for kind in [Kind::Lstm, Kind::Gru] {
        let (layer, _) = layer(kind, 1, 3)?;
        let inputs = Tensor::new(&[[[0.5f32, f32::NAN]]], &Device::Cpu)?;
        let states: Vec<f32> = layer.forward(&inputs, Read::Last)?.flatten_all()?.to_vec1()?;
        let found: Vec<bool> = states.iter().map(|state| state.is_nan()).collect();
        assert_eq!(found, [false, true, false, true, false, true]);
    }
    Ok(())
}

#[test]
fn initial_weights_lie_within_pytorch_s_bound() -> Result<()> {
    let (_, weights) = layer(Kind::Gru, 3, 25)?;
    for (path, variable) in weights.variables() {
        let size = largest(&variable)?;
        assert!((0.15..=0.2).contains(&size), "{path}: {size}");
    }
    Ok(())
}

#[test]
fn a_wrong_width_is_an_error() -> Result<()> {
    let (layer, _) = layer(Kind::Lstm, 2, 3)?;
    let error = layer.forward(&random("x", &[4, 5, 1])?, Read::Last).unwrap_err();
    assert!(error.to_string().contains("[4, 5, 1]"), "{error}");
    Ok(())
}
