//! Dense layers: y = x W + b, with PyTorch's initial weights and layout, or with Keras's.
//!
//! On the CPU the products are this project's own, so that their sums are the same on every machine.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use super::matrix::{Into, Matrix, MatrixMut, Threads, product};
use super::numbers::{numbers, with_numbers};
use super::weights::{Init, Weights};

/// Bumped when the same weights and inputs would give other outputs or gradients.
pub const VERSION: u32 = 1;

/// A dense layer.
#[derive(Debug, Clone)]
pub struct Dense {
    weight: Tensor,
    bias: Tensor, // [outputs]
    lies: Lies,
}

/// How the weight of a dense layer lies.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Lies {
    /// [outputs, inputs], as PyTorch's.
    OutputsFirst,
    /// [inputs, outputs], as Keras's.
    InputsFirst,
}

impl Dense {
    /// PyTorch's: `weight` [outputs, inputs] and `bias` [outputs] below the path of `weights`, both drawn within ±1/√inputs.
    ///
    /// # Errors
    /// When one of these weights was made before, or the device refuses.
    pub fn pytorch(inputs: usize, outputs: usize, weights: &Weights) -> Result<Self> {
        let bound = 1.0 / (inputs as f32).sqrt();
        Self::pytorch_from(inputs, outputs, Init::Uniform { bound }, weights)
    }

    /// The same whose `weight` begins otherwise.
    ///
    /// # Errors
    /// As there.
    pub fn pytorch_from(inputs: usize, outputs: usize, init: Init, weights: &Weights) -> Result<Self> {
        let bound = 1.0 / (inputs as f32).sqrt();
        Ok(Self {
            weight: weights.make("weight", &[outputs, inputs], init)?,
            bias: weights.make("bias", &[outputs], Init::Uniform { bound })?,
            lies: Lies::OutputsFirst,
        })
    }

    /// Keras's: `kernel` [inputs, outputs], uniform as Glorot's, and `bias` [outputs], zero, below the path of `weights`.
    ///
    /// # Errors
    /// When one of these weights was made before, or the device refuses.
    pub fn keras(inputs: usize, outputs: usize, weights: &Weights) -> Result<Self> {
        let init = Init::GlorotUniform {
            fan_in: inputs,
            fan_out: outputs,
        };
        Ok(Self {
            weight: weights.make("kernel", &[inputs, outputs], init)?,
            bias: weights.make("bias", &[outputs], Init::Constant(0.0))?,
            lies: Lies::InputsFirst,
        })
    }

    /// [batch, inputs] → [batch, outputs].
    ///
    /// # Errors
    /// When the width does not fit, or the device refuses.
    pub fn forward(&self, inputs: &Tensor) -> Result<Tensor> {
        if inputs.device().is_cpu() {
            let operation = Affine { lies: self.lies };
            return inputs.contiguous()?.apply_op3(&self.weight, &self.bias, operation);
        }
        self.composed(inputs)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "other devices than the CPU have their own order of sums"
    )]
    fn composed(&self, inputs: &Tensor) -> Result<Tensor> {
        let kernel = match self.lies {
            Lies::OutputsFirst => self.weight.t()?,
            Lies::InputsFirst => self.weight.clone(),
        };
        inputs.matmul(&kernel)?.broadcast_add(&self.bias)
    }

    /// Width of what comes out.
    pub fn width(&self) -> usize {
        self.bias.elem_count()
    }

    /// Numbers in its weights.
    pub fn weight_count(&self) -> usize {
        self.weight.elem_count() + self.bias.elem_count()
    }
}

/// inputs [batch, inputs], weight, bias [outputs] → [batch, outputs].
struct Affine {
    lies: Lies,
}

impl Affine {
    /// The weight as [inputs, outputs].
    fn matrix<'a>(&self, weight: &'a [f32], inputs: usize, outputs: usize) -> Matrix<'a> {
        match self.lies {
            Lies::OutputsFirst => Matrix::new(weight, outputs, inputs).transposed(),
            Lies::InputsFirst => Matrix::new(weight, inputs, outputs),
        }
    }
}

impl CustomOp3 for Affine {
    fn name(&self) -> &'static str {
        "dense"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (batch, inputs) = x_layout.shape().dims2()?;
        let bias = numbers(bias, bias_layout)?;
        let outputs = bias.len();
        let weight = numbers(weight, weight_layout)?;
        if weight.len() != inputs * outputs {
            candle_core::bail!("a dense layer of {} inputs got {inputs}", weight.len() / outputs.max(1));
        }
        let mut out = vec![0.0; batch * outputs];
        product(
            MatrixMut::new(&mut out, batch, outputs),
            Into::Fresh,
            Matrix::new(numbers(x, x_layout)?, batch, inputs),
            self.matrix(weight, inputs, outputs),
            Threads::All,
        );
        for row in out.chunks_exact_mut(outputs) {
            for (sum, bias) in row.iter_mut().zip(bias) {
                *sum += bias;
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((batch, outputs))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let ((batch, inputs), outputs) = (x.dims2()?, bias.elem_count());
        let device = x.device();
        let gradient = gradient.contiguous()?;
        let of_x = if x.track_op() {
            let mut of_x = vec![0.0; batch * inputs];
            with_numbers(&gradient, |gradient| {
                with_numbers(weight, |weight| {
                    product(
                        MatrixMut::new(&mut of_x, batch, inputs),
                        Into::Fresh,
                        Matrix::new(gradient, batch, outputs),
                        self.matrix(weight, inputs, outputs).transposed(),
                        Threads::All,
                    );
                })
            })??;
            Some(Tensor::from_vec(of_x, (batch, inputs), device)?)
        } else {
            None
        };
        let mut of_weight = vec![0.0; weight.elem_count()];
        let mut of_bias = vec![0.0; outputs];
        with_numbers(&gradient, |gradient| {
            for row in gradient.chunks_exact(outputs) {
                for (sum, number) in of_bias.iter_mut().zip(row) {
                    *sum += number;
                }
            }
            with_numbers(x, |x| {
                let (x, gradient) = (Matrix::new(x, batch, inputs), Matrix::new(gradient, batch, outputs));
                let (rows, columns, left, right) = match self.lies {
                    Lies::OutputsFirst => (outputs, inputs, gradient, x),
                    Lies::InputsFirst => (inputs, outputs, x, gradient),
                };
                let to = MatrixMut::new(&mut of_weight, rows, columns);
                product(to, Into::Fresh, left.transposed(), right, Threads::All);
            })
        })??;
        Ok((
            of_x,
            Some(Tensor::from_vec(of_weight, weight.shape(), device)?),
            Some(Tensor::from_vec(of_bias, outputs, device)?),
        ))
    }
}
