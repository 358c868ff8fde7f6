//! A whole sequence through a recurrent layer as one operation, with hand-written backpropagation through time: no graph
//! node per step, so time is linear in the sequence's length and the graph's depth does not depend on it.
//!
//! Everything lies as [time, rows, batch], the batch padded to full vectors. A step's input is one block of rows (x, ones,
//! h), so that one product gives all its pre-activations, and one sum of outer products all gradients of weights.

use std::marker::PhantomData;
use std::sync::Mutex;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::Read;
use super::cell::{BLOCKS, Cell};
use super::parameters::Sizes;
use super::passes::{Backward, Forward};
use super::product::LANES;
use crate::nn::numbers::{numbers, with_numbers};
use crate::nn::simd::dispatch;

/// x [time, features, batch] and packed weights → hidden states [time or 1, hidden, batch].
pub(super) struct Sequence<C> {
    sizes: Sizes,
    read: Read,
    kept: Mutex<Option<Kept>>,
    cell: PhantomData<C>,
}

/// What the way forward keeps for the way back.
struct Kept {
    /// [time + 1, x, ones and h, padded batch]; step t holds the hidden state after t - 1.
    inputs: Vec<f32>,
    /// [time + 1, kept blocks · hidden, padded batch]; step t + 1 belongs to time t, step 0 is zero.
    steps: Vec<f32>,
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
        let packed = numbers(weights, weights_layout)?;
        let padded = batch.next_multiple_of(LANES);
        let (input, step) = (sizes.input_rows() * padded, C::KEPT * sizes.hidden * padded);
        let mut inputs = vec![0.0; (time + 1) * input];
        let mut steps = vec![0.0; (time + 1) * step];
        let places = Places::of(x_layout);
        for (t, block) in inputs.chunks_exact_mut(input).take(time).enumerate() {
            let rows = block.chunks_exact_mut(padded).take(features);
            for (feature, row) in rows.enumerate() {
                places.copy_row(x.as_slice()?, t, feature, &mut row[..batch]);
            }
            block[features * padded..][..batch].fill(1.0);
        }
        dispatch(Forward::<C> {
            sizes,
            matrices: &sizes.matrices::<C>(packed),
            padded,
            inputs: &mut inputs,
            steps: &mut steps,
            cell: PhantomData,
        });
        let read = self.read(time);
        let mut hidden = Vec::with_capacity(read * sizes.hidden * batch);
        for block in inputs.chunks_exact(input).skip(time + 1 - read) {
            let states = &block[sizes.hidden_rows().start * padded..];
            for row in states.chunks_exact(padded) {
                hidden.extend_from_slice(&row[..batch]);
            }
        }
        *self.kept.lock().expect(NO_PANIC) = Some(Kept { inputs, steps });
        Ok((
            CpuStorage::F32(hidden),
            Shape::from((read, sizes.hidden, batch)),
        ))
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
        let gradient = padded_rows(gradient, padded)?;
        let packed = with_numbers(weights, <[f32]>::to_vec)?;

        // Data has no graph behind it; then nobody asks for its gradient.
        let wanted = if x.track_op() { features } else { 0 };
        let mut of_inputs = vec![0.0; time * wanted * padded];
        let mut of_steps = vec![0.0; time * BLOCKS * sizes.hidden * padded];
        let mut of_weights = vec![0.0; sizes.count()];
        let kept = self.kept.lock().expect(NO_PANIC);
        let kept = kept.as_ref().expect("forward ran before backward");
        dispatch(Backward::<C> {
            sizes,
            to_hidden: &sizes.transposed::<C>(&packed, sizes.hidden_rows()),
            to_features: &sizes.transposed::<C>(&packed, 0..wanted),
            padded,
            inputs: &kept.inputs,
            steps: &kept.steps,
            gradient: &gradient,
            of_inputs: &mut of_inputs,
            of_steps: &mut of_steps,
            of_weights: &mut of_weights,
            cell: PhantomData,
        });

        let of_weights = Tensor::from_vec(of_weights, weights.shape(), device)?;
        let of_inputs = (wanted > 0)
            .then(|| {
                Tensor::from_vec(of_inputs, (time, features, padded), device)?.narrow(2, 0, batch)
            })
            .transpose()?;
        Ok((of_inputs, Some(of_weights)))
    }
}

const NO_PANIC: &str = "nothing panics while it holds what a sequence kept";

/// Where the numbers of a [time, features, batch] tensor lie.
struct Places {
    start: usize,
    strides: [usize; 3],
}

impl Places {
    fn of(layout: &Layout) -> Self {
        let stride = layout.stride();
        Self {
            start: layout.start_offset(),
            strides: [stride[0], stride[1], stride[2]],
        }
    }

    /// The batch of one feature at one time.
    fn copy_row(&self, numbers: &[f32], time: usize, feature: usize, row: &mut [f32]) {
        let [times, features, batch] = self.strides;
        let start = self.start + time * times + feature * features;
        if batch == 1 {
            row.copy_from_slice(&numbers[start..start + row.len()]);
        } else {
            for (b, to) in row.iter_mut().enumerate() {
                *to = numbers[start + b * batch];
            }
        }
    }
}

/// [time, rows, batch] of any layout → the same with the batch padded by zeros.
fn padded_rows(tensor: &Tensor, padded: usize) -> Result<Vec<f32>> {
    let (time, rows, batch) = tensor.dims3()?;
    let (storage, layout) = tensor.storage_and_layout();
    let candle_core::Storage::Cpu(storage) = &*storage else {
        candle_core::bail!("the recurrent operations run on the CPU only");
    };
    let numbers = storage.as_slice()?;
    let places = Places::of(layout);
    let mut out = vec![0.0; time * rows * padded];
    for (at, row) in out.chunks_exact_mut(padded).enumerate() {
        places.copy_row(numbers, at / rows, at % rows, &mut row[..batch]);
    }
    Ok(out)
}
