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
const SIZES: [[usize; 4]; 5] = [
    [1, 1, 1, 1],
    [5, 1, 30, 32],
    [4, 3, 7, 5],
    [3, 2, 13, 17],
    [2, 5, 4, 48],
];

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
                    assert!(
                        largest_difference(a, b)? < tolerance,
                        "{kind:?} {read:?} {a} {b}"
                    );
                }
            }
        }
    }
    Ok(())
}
