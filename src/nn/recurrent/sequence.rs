//! A whole sequence through a recurrent layer as one operation, with hand-written backpropagation through time: no graph
//! node per step, so time is linear in the sequence's length and the graph's depth does not depend on it.
//!
//! Everything lies as [time, rows, batch], the batch padded to full vectors. A step's input is one block of rows (x, ones,
//! h), so that one product gives all its pre-activations, and one sum of outer products all gradients of weights.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Mutex;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Storage, Tensor};

use super::Read;
use super::cell::{Cell, Part};
use super::parameters::Sizes;
use super::passes::{Backward, Forward};
use super::product::{LANES, Packed};
use crate::nn::buffer::Buffer;
use crate::nn::numbers::{numbers, with_numbers};
use crate::nn::simd::dispatch;

/// x [time, features, batch] and packed weights → hidden states [time or 1, hidden, batch].
pub(super) struct Sequence<C> {
    sizes: Sizes,
    read: Read,
    kept: Mutex<Option<Kept>>,
    cell: PhantomData<C>,
}

/// What the forward pass keeps for the backward pass.
struct Kept {
    /// [time + 1, x, ones and h, padded batch]; step t holds the hidden state after t - 1. The last has no x and ones.
    inputs: Buffer,
    /// [time + 1, kept blocks · hidden, padded batch]; step t + 1 belongs to time t, step 0 is zero.
    steps: Buffer,
}

impl<C: Cell> Sequence<C> {
    pub(super) fn new(sizes: Sizes, read: Read) -> Self {
        Self {
            sizes,
            read,
            kept: Mutex::new(None),
            cell: PhantomData,
        }
    }

    /// The forward pass over x [time, features, batch]: what it keeps, the hidden states among it.
    fn run(&self, (x, layout): (&[f32], &Layout), matrices: &[Vec<f32>]) -> Result<Kept> {
        let sizes = self.sizes;
        let (time, features, batch) = layout.shape().dims3()?;
        let padded = batch.next_multiple_of(LANES);
        let (input, step) = (sizes.input_rows() * padded, C::KEPT * sizes.hidden * padded);
        let mut inputs = Buffer::of((time + 1) * input);
        let mut steps = Buffer::of((time + 1) * step);
        inputs[sizes.hidden_rows().start * padded..input].fill(0.0);
        steps[..step].fill(0.0);
        let places = Places::of(layout);
        for (t, block) in inputs.chunks_exact_mut(input).take(time).enumerate() {
            let (rows, rest) = block.split_at_mut(features * padded);
            places.copy_step(x, t, rows, padded);
            rest[..batch].fill(1.0);
            rest[batch..padded].fill(0.0);
        }
        let packed = |(matrix, part): (&Vec<f32>, &Part)| Packed::new(matrix, sizes.read_by(part).len());
        dispatch(Forward::<C> {
            sizes,
            matrices: &matrices.iter().zip(C::PARTS).map(packed).collect::<Vec<_>>(),
            padded,
            inputs: &mut inputs,
            steps: &mut steps,
            cell: PhantomData,
        });
        Ok(Kept { inputs, steps })
    }

    /// Steps that come out.
    fn read(&self, time: usize) -> usize {
        match self.read {
            Read::Every => time,
            Read::Last => 1,
        }
    }
}

impl<C: Cell> CustomOp2 for Sequence<C> {
    fn name(&self) -> &'static str {
        C::NAME
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let sizes = self.sizes;
        let (time, features, batch) = x_layout.shape().dims3()?;
        if time == 0 || batch == 0 || features != sizes.features {
            candle_core::bail!(
                "an {} layer of {} features got [time, features, batch] = {:?}",
                C::NAME,
                sizes.features,
                x_layout.dims()
            );
        }
        let matrices = sizes.matrices::<C>(numbers(weights, weights_layout)?);
        let kept = self.run((x.as_slice()?, x_layout), &matrices)?;
        let padded = batch.next_multiple_of(LANES);
        let read = self.read(time);
        let mut hidden = Vec::with_capacity(read * sizes.hidden * batch);
        let steps = kept.inputs.chunks_exact(sizes.input_rows() * padded);
        for step in steps.skip(time + 1 - read) {
            let states = &step[sizes.hidden_rows().start * padded..];
            if batch == padded {
                hidden.extend_from_slice(states);
            } else {
                let rows = states.chunks_exact(padded);
                rows.for_each(|row| hidden.extend_from_slice(&row[..batch]));
            }
        }
        *self.kept.lock().expect(NO_PANIC) = Some(kept);
        Ok((CpuStorage::F32(hidden), Shape::from((read, sizes.hidden, batch))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weights: &Tensor,
        _hidden: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let sizes = self.sizes;
        let (time, features, batch) = x.dims3()?;
        let padded = batch.next_multiple_of(LANES);
        let device = x.device();
        let gradient = with_places(gradient, |numbers, layout| {
            let (time, rows, _) = layout.shape().dims3()?;
            let mut steps = Buffer::of(time * rows * padded);
            let places = Places::of(layout);
            for (t, step) in steps.chunks_exact_mut(rows * padded).enumerate() {
                places.copy_step(numbers, t, step, padded);
            }
            Ok(steps)
        })?;
        let matrices = with_numbers(weights, |packed| sizes.matrices::<C>(packed))?;
        let transposed = |wanted: Range<usize>| -> Vec<Option<Packed>> {
            let matrix = |(matrix, part): (&Vec<f32>, &Part)| {
                let columns = sizes.columns(part, &wanted)?;
                let all = sizes.read_by(part).len();
                Some(Packed::transposed(matrix, all, columns))
            };
            matrices.iter().zip(C::PARTS).map(matrix).collect()
        };
        // What the forward pass kept is used up: gradients take its place. Who walks a graph twice waits for it twice.
        let kept = self.kept.lock().expect(NO_PANIC).take();
        let mut kept = match kept {
            Some(kept) => kept,
            None => with_places(x, |x, layout| self.run((x, layout), &matrices))?,
        };

        // Data has no graph behind it; then nobody asks for its gradient.
        let wanted = if x.track_op() { features } else { 0 };
        let mut of_inputs = vec![0.0; time * wanted * padded];
        let mut of_weights = vec![0.0; sizes.count()];
        dispatch(Backward::<C> {
            sizes,
            to_hidden: &transposed(sizes.hidden_rows()),
            to_features: &transposed(0..wanted),
            padded,
            inputs: &kept.inputs,
            steps: &mut kept.steps,
            gradient: &gradient,
            of_inputs: &mut of_inputs,
            of_weights: &mut of_weights,
            cell: PhantomData,
        });

        let of_weights = Tensor::from_vec(of_weights, weights.shape(), device)?;
        let of_inputs = (wanted > 0)
            .then(|| Tensor::from_vec(of_inputs, (time, features, padded), device)?.narrow(2, 0, batch))
            .transpose()?;
        Ok((of_inputs, Some(of_weights)))
    }
}

const NO_PANIC: &str = "nothing panics while it holds what a sequence kept";

/// Where the numbers of a [time, rows, batch] tensor lie.
struct Places {
    start: usize,
    strides: [usize; 3],
    batch: usize,
}

impl Places {
    fn of(layout: &Layout) -> Self {
        let (stride, dims) = (layout.stride(), layout.dims());
        Self {
            start: layout.start_offset(),
            strides: [stride[0], stride[1], stride[2]],
            batch: dims[2],
        }
    }

    /// All rows at one time, [rows, padded batch], the padding zero.
    fn copy_step(&self, numbers: &[f32], time: usize, step: &mut [f32], padded: usize) {
        let [times, rows, batch] = self.strides;
        let start = self.start + time * times;
        if batch == 1 && rows == padded && self.batch == padded {
            return step.copy_from_slice(&numbers[start..start + step.len()]);
        }
        for (row, to) in step.chunks_exact_mut(padded).enumerate() {
            let (to, padding) = to.split_at_mut(self.batch);
            let start = start + row * rows;
            if batch == 1 {
                to.copy_from_slice(&numbers[start..start + to.len()]);
            } else {
                for (b, to) in to.iter_mut().enumerate() {
                    *to = numbers[start + b * batch];
                }
            }
            padding.fill(0.0);
        }
    }
}

/// Calls `work` with the numbers of a tensor on the CPU, of any layout.
fn with_places<T>(tensor: &Tensor, work: impl FnOnce(&[f32], &Layout) -> Result<T>) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    let Storage::Cpu(storage) = &*storage else {
        candle_core::bail!("the recurrent operations run on the CPU only");
    };
    work(storage.as_slice()?, layout)
}
