//! Linear layers with PyTorch's initial weights.

use candle_core::Result;
use candle_nn::Linear;

use super::weights::{Init, Weights};

/// [batch, inputs] → [batch, outputs]: `weight` [outputs, inputs] and `bias` [outputs] below the path of `weights`, both
/// drawn within ±1/√inputs.
///
/// # Errors
/// When one of these weights was made before, or the device refuses.
pub fn linear(inputs: usize, outputs: usize, weights: &Weights) -> Result<Linear> {
    let bound = 1.0 / (inputs as f32).sqrt();
    let draw = |name: &str, shape: &[usize]| weights.make(name, shape, Init::Uniform { bound });
    let weight = draw("weight", &[outputs, inputs])?;
    let bias = draw("bias", &[outputs])?;
    Ok(Linear::new(weight, Some(bias)))
}
