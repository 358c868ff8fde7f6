//! Linear layers with PyTorch's initial weights, and dense layers in Keras's form.

use candle_core::{Result, Tensor};
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

/// A dense layer in Keras's form, whose kernel lies as its gradient comes: [inputs, outputs].
#[derive(Debug, Clone)]
pub struct Dense {
    kernel: Tensor, // [inputs, outputs]
    bias: Tensor,   // [outputs]
}

impl Dense {
    /// `kernel` [inputs, outputs], uniform as Glorot's, and `bias` [outputs], zero, below the path of `weights`.
    ///
    /// # Errors
    /// When one of these weights was made before, or the device refuses.
    pub fn new(inputs: usize, outputs: usize, weights: &Weights) -> Result<Self> {
        let init = Init::GlorotUniform {
            fan_in: inputs,
            fan_out: outputs,
        };
        Ok(Self {
            kernel: weights.make("kernel", &[inputs, outputs], init)?,
            bias: weights.make("bias", &[outputs], Init::Constant(0.0))?,
        })
    }

    /// [batch, inputs] → [batch, outputs].
    ///
    /// # Errors
    /// When the width does not fit, or the device refuses.
    pub fn forward(&self, inputs: &Tensor) -> Result<Tensor> {
        inputs.matmul(&self.kernel)?.broadcast_add(&self.bias)
    }

    /// Width of what comes out.
    pub fn width(&self) -> usize {
        self.bias.elem_count()
    }

    /// Numbers in its weights.
    pub fn weight_count(&self) -> usize {
        self.kernel.elem_count() + self.bias.elem_count()
    }
}
