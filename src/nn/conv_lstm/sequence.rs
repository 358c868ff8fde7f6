//! A whole sequence of maps through a ConvLSTM2D as one operation, with hand-written backpropagation through time.
//!
//! Inside, maps lie as [pixels, time · batch, channels] (`pixels`). The input's convolution runs for all steps at once, and so
//! do both kernels' gradients; step by step run only the recurrent convolution and the gates.

use std::sync::Mutex;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};

use super::RecurrentActivation;
use super::gates::{Backward, Forward};
use super::pixels::Stack;
use super::taps::{Convolution, Scratch};
use super::winograd::{self, Points};
use crate::nn::numbers::{numbers, with_numbers};
use crate::nn::simd::dispatch;

/// All that the operation needs to know beside its numbers.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub(super) batch: usize,
    pub(super) time: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: usize,
    pub(super) filters: usize,
    pub(super) kernel: usize,
    pub(super) activation: RecurrentActivation,
}

/// maps [batch, time, height, width, channels], kernel [k, k, channels, 4 · filters] and packed recurrent weights → the last
/// hidden state [batch, height, width, filters].
pub(super) struct Sequence {
    sizes: Sizes,
    kept: Mutex<Option<Kept>>,
}

/// What the forward pass keeps for the backward pass.
struct Kept {
    inputs: Inputs,
    /// The hidden state before each step, [pixels, time · batch, filters].
    states: Vec<f32>,
    /// Activations, [time, pixels · batch, 4 · filters].
    gates: Vec<f32>,
    /// [time + 1, pixels · batch, filters]; step t + 1 belongs to time t, step 0 is zero.
    cells: Vec<f32>,
}

/// The maps in the form that the kernel's gradient takes.
enum Inputs {
    /// [pixels, time · batch, channels]
    AsTheyAre(Vec<f32>),
    Transformed(Points),
}

/// The recurrent kernel and the bias as the operation takes them, since it takes three tensors only:
/// [k · k · filters + 1, 4 · filters], the bias in the last row.
pub(super) fn packed(recurrent_kernel: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let gates = bias.dim(0)?;
    let kernel = recurrent_kernel.reshape(((), gates))?;
    Tensor::cat(&[&kernel, &bias.unsqueeze(0)?], 0)
}

impl Sizes {
    fn rows(self) -> usize {
        self.height * self.width * self.batch
    }

    fn stack(self) -> Stack {
        Stack {
            pixels: self.height * self.width,
            time: self.time,
            batch: self.batch,
        }
    }

    fn of_input(self) -> Convolution {
        Convolution {
            height: self.height,
            width: self.width,
            kernel: self.kernel,
            channels_in: self.channels,
            channels_out: 4 * self.filters,
        }
    }

    fn recurrent(self) -> Convolution {
        Convolution {
            channels_in: self.filters,
            ..self.of_input()
        }
    }
}

impl Sequence {
    pub(super) fn new(sizes: Sizes) -> Self {
        Self {
            sizes,
            kept: Mutex::new(None),
        }
    }

    /// The last hidden state, [pixels, batch, filters], and what was kept.
    fn run(&self, maps: &[f32], kernel: &[f32], recurrent: &[f32]) -> (Vec<f32>, Kept) {
        let sizes = self.sizes;
        let (stack, time, rows, width) = (sizes.stack(), sizes.time, sizes.rows(), sizes.filters);
        let (recurrent, bias) = recurrent.split_at(sizes.recurrent().kernel_count());
        let inputs = stack.pixels_first(maps);
        let mut scratch = Scratch::default();
        let convolution = sizes.of_input();
        // [pixels, time · batch, 4 · filters]
        let (from_inputs, inputs) = if winograd::fits(convolution) {
            let points = winograd::transform_maps(convolution, &inputs);
            let from_inputs = winograd::forward(convolution, &points, kernel, bias);
            (from_inputs, Inputs::Transformed(points))
        } else {
            let mut from_inputs = bias.repeat(rows * time);
            let kernel = convolution.packed(kernel);
            convolution.forward(&mut from_inputs, &inputs, &kernel, &mut scratch);
            (from_inputs, Inputs::AsTheyAre(inputs))
        };

        let recurrent = sizes.recurrent().packed(recurrent);
        let mut states = vec![0.0; rows * time * width];
        let mut gates = vec![0.0; time * rows * 4 * width];
        let mut cells = vec![0.0; (time + 1) * rows * width];
        let mut hidden = vec![0.0; rows * width];
        let steps = gates.chunks_exact_mut(rows * 4 * width);
        for (t, gates) in steps.enumerate() {
            stack.take_step(&from_inputs, t, gates);
            if t > 0 {
                stack.put_step(&mut states, t, &hidden);
                let convolution = sizes.recurrent();
                convolution.forward(gates, &hidden, &recurrent, &mut scratch);
            }
            let step = rows * width;
            let (before, cell) = cells[t * step..(t + 2) * step].split_at_mut(step);
            dispatch(Forward {
                activation: sizes.activation,
                filters: width,
                gates,
                cell_before: before,
                cell,
                hidden: &mut hidden,
            });
        }
        let kept = Kept {
            inputs,
            states,
            gates,
            cells,
        };
        (hidden, kept)
    }

    /// Gradient of the last hidden state [pixels, batch, filters] → those of all pre-activations
    /// [pixels, time · batch, 4 · filters].
    fn back_through_time(&self, kept: &Kept, gradient: Vec<f32>, recurrent: &[f32]) -> Vec<f32> {
        let sizes = self.sizes;
        let (stack, rows, width) = (sizes.stack(), sizes.rows(), sizes.filters);
        let step = rows * width;
        let recurrent = sizes.recurrent().packed_transposed(recurrent);
        let mut of_hidden = gradient;
        let mut of_cell = vec![0.0; step];
        let mut of_step = vec![0.0; 4 * step];
        let mut of_gates = vec![0.0; sizes.time * 4 * step];
        let mut scratch = Scratch::default();
        for t in (0..sizes.time).rev() {
            dispatch(Backward {
                activation: sizes.activation,
                filters: width,
                gates: &kept.gates[t * 4 * step..(t + 1) * 4 * step],
                cell_before: &kept.cells[t * step..(t + 1) * step],
                cell: &kept.cells[(t + 1) * step..(t + 2) * step],
                of_hidden: &of_hidden,
                of_cell: &mut of_cell,
                of_gates: &mut of_step,
            });
            stack.put_step(&mut of_gates, t, &of_step);
            if t > 0 {
                of_hidden.fill(0.0);
                let convolution = sizes.recurrent();
                convolution.to_input(&mut of_hidden, &of_step, &recurrent, &mut scratch);
            }
        }
        of_gates
    }
}

impl CustomOp3 for Sequence {
    fn name(&self) -> &'static str {
        "conv-lstm-2d"
    }

    fn cpu_fwd(
        &self,
        maps: &CpuStorage,
        maps_layout: &Layout,
        kernel: &CpuStorage,
        kernel_layout: &Layout,
        recurrent: &CpuStorage,
        recurrent_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let sizes = self.sizes;
        let maps = numbers(maps, maps_layout)?;
        let kernel = numbers(kernel, kernel_layout)?;
        let recurrent = numbers(recurrent, recurrent_layout)?;
        let (hidden, kept) = self.run(maps, kernel, recurrent);
        *self.kept.lock().expect(NO_PANIC) = Some(kept);
        let last = Stack {
            time: 1,
            ..sizes.stack()
        };
        let shape = (sizes.batch, sizes.height, sizes.width, sizes.filters);
        Ok((CpuStorage::F32(last.samples_first(&hidden)), Shape::from(shape)))
    }

    fn bwd(
        &self,
        maps: &Tensor,
        kernel: &Tensor,
        recurrent: &Tensor,
        _hidden: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let sizes = self.sizes;
        let last = Stack {
            time: 1,
            ..sizes.stack()
        };
        let gradient = with_numbers(&gradient.contiguous()?, |gradient| last.pixels_first(gradient))?;
        let kept = self.kept.lock().expect(NO_PANIC);
        let kept = kept.as_ref().expect("forward ran before backward");
        let of_gates = with_numbers(recurrent, |recurrent| self.back_through_time(kept, gradient, recurrent))?;

        let mut of_kernel = vec![0.0; kernel.elem_count()];
        let convolution = sizes.of_input();
        let mut scratch = Scratch::default();
        match &kept.inputs {
            Inputs::Transformed(points) => {
                winograd::to_kernel(convolution, &mut of_kernel, &of_gates, points);
            }
            Inputs::AsTheyAre(inputs) => {
                convolution.to_kernel(&mut of_kernel, &of_gates, inputs, &mut scratch);
            }
        }
        let mut of_recurrent = vec![0.0; sizes.recurrent().kernel_count()];
        let convolution = sizes.recurrent();
        convolution.to_kernel(&mut of_recurrent, &of_gates, &kept.states, &mut scratch);
        of_recurrent.extend(sums_of_columns(&of_gates, 4 * sizes.filters));

        let device = maps.device();
        // Stored maps have no graph behind them; then nobody asks for their gradient, which costs as much as the kernel's.
        let of_maps = if maps.track_op() {
            let mut of_inputs = vec![0.0; maps.elem_count()];
            with_numbers(kernel, |kernel| {
                let convolution = sizes.of_input();
                let kernel = convolution.packed_transposed(kernel);
                convolution.to_input(&mut of_inputs, &of_gates, &kernel, &mut scratch);
            })?;
            let of_maps = sizes.stack().samples_first(&of_inputs);
            Some(Tensor::from_vec(of_maps, maps.shape(), device)?)
        } else {
            None
        };
        Ok((
            of_maps,
            Some(Tensor::from_vec(of_kernel, kernel.shape(), device)?),
            Some(Tensor::from_vec(of_recurrent, recurrent.shape(), device)?),
        ))
    }
}

const NO_PANIC: &str = "nothing panics while it holds what a sequence kept";

/// The sum of each column of [rows, width], in f64, since there are many rows.
fn sums_of_columns(numbers: &[f32], width: usize) -> Vec<f32> {
    let mut sums = vec![0.0f64; width];
    for row in numbers.chunks_exact(width) {
        for (sum, &number) in sums.iter_mut().zip(row) {
            *sum += f64::from(number);
        }
    }
    sums.into_iter().map(|sum| sum as f32).collect()
}
