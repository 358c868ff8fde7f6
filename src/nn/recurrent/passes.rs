//! The loops over time: forward, and back through time. Each runs whole inside one choice of vector instructions.

use std::marker::PhantomData;

use pulp::{Simd, WithSimd};

use super::cell::Cell;
use super::outer::{Rows, sum_of_outer_products};
use super::parameters::Sizes;
use super::product::{LANES, Packed};

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
                matrix.product::<S, false>(simd, rows, blocks, width);
            }
            C::forward(simd, before, kept, &now[first..], &mut next[first..]);
        }
    }
}

/// Fills the gradients of the features and the packed weights.
pub(super) struct Backward<'a, C> {
    pub(super) sizes: Sizes,
    pub(super) to_hidden: &'a [Option<Packed>],
    pub(super) to_features: &'a [Option<Packed>],
    pub(super) padded: usize,
    pub(super) inputs: &'a [f32],
    /// Gradients of the pre-activations take the places of the gates.
    pub(super) steps: &'a mut [f32],
    /// [last steps, hidden, padded batch]
    pub(super) gradient: &'a [f32],
    /// [time, features, padded batch], or empty when nobody asks for it
    pub(super) of_inputs: &'a mut [f32],
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
        let steps = S::as_mut_simd_f32s(self.steps).0;
        let gradient = S::as_simd_f32s(self.gradient).0;
        let of_inputs = S::as_mut_simd_f32s(self.of_inputs).0;
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
            let (before, kept) = steps[t * step..][..2 * step].split_at_mut(step);
            let hidden_before = &inputs[t * input + first..][..block];
            C::backward(simd, before, kept, hidden_before, &mut of_hidden, &mut carried);
            let of_input = &mut of_inputs[t * features..][..features];
            let matrices = self.to_hidden.iter().zip(self.to_features);
            for (part, (to_hidden, to_features)) in C::PARTS.iter().zip(matrices) {
                let rows = &kept[part.blocks.start * block..part.blocks.end * block];
                if let Some(matrix) = to_hidden {
                    matrix.product::<S, true>(simd, rows, &mut of_hidden, width);
                }
                if let Some(matrix) = to_features {
                    matrix.product::<S, true>(simd, rows, of_input, width);
                }
            }
        }

        for part in C::PARTS {
            let read = sizes.read_by(part);
            let left = Rows {
                steps: &self.steps[C::KEPT * sizes.hidden * self.padded..],
                step: C::KEPT * sizes.hidden * self.padded,
                first: part.blocks.start * sizes.hidden,
                count: part.blocks.len() * sizes.hidden,
                padded: self.padded,
            };
            let right = Rows {
                steps: &self.inputs[..time * sizes.input_rows() * self.padded],
                step: sizes.input_rows() * self.padded,
                first: read.start,
                count: read.len(),
                padded: self.padded,
            };
            let of_weights = &mut *self.of_weights;
            let ones = sizes.features - read.start;
            sum_of_outer_products(simd, left, right, ones, |row, sums, own| {
                sizes.add_gradient(of_weights, part, row, sums, own);
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
