//! The loops over time: forward, and back through time. Each runs whole inside one choice of vector instructions.

use std::marker::PhantomData;

use pulp::{Simd, WithSimd};

use super::cell::{BLOCKS, Cell};
use super::parameters::Sizes;
use super::product::{LANES, Packed, Rows, sum_of_outer_products};

/// Fills `steps` and the hidden rows of `inputs` (both as in `sequence::Kept`).
pub(super) struct Forward<'a, C> {
    pub(super) sizes: Sizes,
    pub(super) matrices: &'a [Packed],
    pub(super) padded: usize,
    pub(super) inputs: &'a mut [f32],
    pub(super) steps: &'a mut [f32],
    pub(super) cell: PhantomData<C>,
}

impl<C: Cell> WithSimd for Forward<'_, C> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let sizes = self.sizes;
        let width = vectors::<S>(self.padded);
        let inputs = S::as_mut_simd_f32s(self.inputs).0;
        let steps = S::as_mut_simd_f32s(self.steps).0;
        let (input, block) = (sizes.input_rows() * width, sizes.hidden * width);
        let (step, first) = (C::KEPT * block, sizes.hidden_rows().start * width);
        for t in 0..inputs.len() / input - 1 {
            let (before, kept) = steps[t * step..][..2 * step].split_at_mut(step);
            let (now, next) = inputs[t * input..][..2 * input].split_at_mut(input);
            for (part, matrix) in C::PARTS.iter().zip(self.matrices) {
                let read = sizes.read_by(part);
                let rows = &now[read.start * width..read.end * width];
                let blocks = &mut kept[part.blocks.start * block..part.blocks.end * block];
                matrix.add_product(simd, rows, blocks, width);
            }
            C::forward(simd, before, kept, &now[first..], &mut next[first..]);
        }
    }
}

/// Fills the gradients of the features, the pre-activations and the packed weights.
pub(super) struct Backward<'a, C> {
    pub(super) sizes: Sizes,
    pub(super) to_hidden: &'a [Option<Packed>],
    pub(super) to_features: &'a [Option<Packed>],
    pub(super) padded: usize,
    pub(super) inputs: &'a [f32],
    pub(super) steps: &'a [f32],
    /// [last steps, hidden, padded batch]
    pub(super) gradient: &'a [f32],
    /// [time, features, padded batch], or empty when nobody asks for it
    pub(super) of_inputs: &'a mut [f32],
    /// [time, four blocks · hidden, padded batch]
    pub(super) of_steps: &'a mut [f32],
    pub(super) of_weights: &'a mut [f32],
    pub(super) cell: PhantomData<C>,
}

impl<C: Cell> WithSimd for Backward<'_, C> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let sizes = self.sizes;
        let width = vectors::<S>(self.padded);
        let inputs = S::as_simd_f32s(self.inputs).0;
        let steps = S::as_simd_f32s(self.steps).0;
        let gradient = S::as_simd_f32s(self.gradient).0;
        let of_inputs = S::as_mut_simd_f32s(self.of_inputs).0;
        let of_steps = S::as_mut_simd_f32s(self.of_steps).0;
        let (input, block) = (sizes.input_rows() * width, sizes.hidden * width);
        let (step, first) = (C::KEPT * block, sizes.hidden_rows().start * width);
        let time = inputs.len() / input - 1;
        let skipped = time - gradient.len() / block;
        let features = of_inputs.len() / time;

        let mut of_hidden = vec![simd.splat_f32s(0.0); block];
        let mut carried = vec![simd.splat_f32s(0.0); block];
        for t in (0..time).rev() {
            if t >= skipped {
                for (sum, &g) in of_hidden.iter_mut().zip(&gradient[(t - skipped) * block..]) {
                    *sum = simd.add_f32s(*sum, g);
                }
            }
            let (before, kept) = steps[t * step..][..2 * step].split_at(step);
            let hidden_before = &inputs[t * input + first..][..block];
            let of_step = &mut of_steps[t * BLOCKS * block..][..BLOCKS * block];
            C::backward(
                simd,
                before,
                kept,
                hidden_before,
                &mut of_hidden,
                &mut carried,
                of_step,
            );
            let of_input = &mut of_inputs[t * features..][..features];
            let matrices = self.to_hidden.iter().zip(self.to_features);
            for (part, (to_hidden, to_features)) in C::PARTS.iter().zip(matrices) {
                let rows = &of_step[part.blocks.start * block..part.blocks.end * block];
                if let Some(matrix) = to_hidden {
                    matrix.add_product(simd, rows, &mut of_hidden, width);
                }
                if let Some(matrix) = to_features {
                    matrix.add_product(simd, rows, of_input, width);
                }
            }
        }

        for part in C::PARTS {
            let read = sizes.read_by(part);
            let left = Rows {
                steps: &*of_steps,
                step: BLOCKS * block,
                first: part.blocks.start * sizes.hidden,
                count: part.blocks.len() * sizes.hidden,
                width,
            };
            let right = Rows {
                steps: &inputs[..time * input],
                step: input,
                first: read.start,
                count: read.len(),
                width,
            };
            let of_weights = &mut *self.of_weights;
            sum_of_outer_products(simd, left, right, |row, column, sum| {
                sizes.add_gradient(of_weights, part, row, read.start + column, sum);
            });
        }
    }
}

/// Vectors in a padded batch.
#[inline(always)]
fn vectors<S: Simd>(padded: usize) -> usize {
    debug_assert!(LANES.is_multiple_of(S::F32_LANES) && padded.is_multiple_of(LANES));
    padded / S::F32_LANES
}
