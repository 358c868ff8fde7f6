//! One step of the cell, pixel by pixel: i, f, o = σ(…), g = tanh(…), c' = f c + i g, h' = o tanh(c').
//!
//! Rows are [gates i, f, c, o, each of `filters` numbers] and [filters].

use pulp::{Simd, WithSimd};

use super::RecurrentActivation;
use crate::nn::activation::{sigmoid_and_tanh, sigmoid_slope, tanh, tanh_slope, two_sigmoids};

/// Pre-activations → activations in their place, the new cell state and the new hidden state.
pub(super) struct Forward<'a> {
    pub(super) activation: RecurrentActivation,
    pub(super) filters: usize,
    pub(super) gates: &'a mut [f32],   // [rows, 4 · filters]
    pub(super) cell_before: &'a [f32], // [rows, filters]
    pub(super) cell: &'a mut [f32],    // [rows, filters]
    pub(super) hidden: &'a mut [f32],  // [rows, filters]
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = self.filters;
        let rows = self.gates.chunks_exact_mut(4 * width);
        let rows = rows.zip(self.cell_before.chunks_exact(width));
        let rows = rows.zip(self.cell.chunks_exact_mut(width));
        let rows = rows.zip(self.hidden.chunks_exact_mut(width));
        for (((gates, before), cell), hidden) in rows {
            for at in (0..width).step_by(S::F32_LANES) {
                let end = (at + S::F32_LANES).min(width);
                let [i, f, g, o] = places(width, at, end).map(|place| load(simd, &gates[place]));
                let (i, f, g, o) = match self.activation {
                    RecurrentActivation::Sigmoid => {
                        let (i, f) = two_sigmoids(simd, i, f);
                        let (o, g) = sigmoid_and_tanh(simd, o, g);
                        (i, f, g, o)
                    }
                    RecurrentActivation::HardSigmoid => {
                        let [i, f, o] = [i, f, o].map(|x| hard_sigmoid(simd, x));
                        (i, f, tanh(simd, g), o)
                    }
                };
                let before = load(simd, &before[at..end]);
                let c = simd.mul_add_f32s(f, before, simd.mul_f32s(i, g));
                for (place, value) in places(width, at, end).into_iter().zip([i, f, g, o]) {
                    simd.partial_store_f32s(&mut gates[place], value);
                }
                simd.partial_store_f32s(&mut cell[at..end], c);
                simd.partial_store_f32s(&mut hidden[at..end], simd.mul_f32s(o, tanh(simd, c)));
            }
        }
    }
}

/// Gradients of the hidden and the cell state → those of the pre-activations, and of the cell state before.
pub(super) struct Backward<'a> {
    pub(super) activation: RecurrentActivation,
    pub(super) filters: usize,
    pub(super) gates: &'a [f32],        // [rows, 4 · filters]
    pub(super) cell_before: &'a [f32],  // [rows, filters]
    pub(super) cell: &'a [f32],         // [rows, filters]
    pub(super) of_hidden: &'a [f32],    // [rows, filters]
    pub(super) of_cell: &'a mut [f32],  // [rows, filters]
    pub(super) of_gates: &'a mut [f32], // [rows, 4 · filters]
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = self.filters;
        let rows = self.gates.chunks_exact(4 * width);
        let rows = rows.zip(self.of_gates.chunks_exact_mut(4 * width));
        for (row, (gates, of_gates)) in rows.enumerate() {
            for at in (0..width).step_by(S::F32_LANES) {
                let end = (at + S::F32_LANES).min(width);
                let [i, f, g, o] = places(width, at, end).map(|place| load(simd, &gates[place]));
                let here = row * width + at..row * width + end;
                let before = load(simd, &self.cell_before[here.clone()]);
                let squashed = tanh(simd, load(simd, &self.cell[here.clone()]));
                let of_hidden = load(simd, &self.of_hidden[here.clone()]);
                let of_cell = load(simd, &self.of_cell[here.clone()]);
                let slope = |y| match self.activation {
                    RecurrentActivation::Sigmoid => sigmoid_slope(simd, y),
                    RecurrentActivation::HardSigmoid => hard_sigmoid_slope(simd, y),
                };
                let through_output = simd.mul_f32s(o, tanh_slope(simd, squashed));
                let of_cell = simd.mul_add_f32s(of_hidden, through_output, of_cell);
                let of_each = [
                    simd.mul_f32s(simd.mul_f32s(of_cell, g), slope(i)),
                    simd.mul_f32s(simd.mul_f32s(of_cell, before), slope(f)),
                    simd.mul_f32s(simd.mul_f32s(of_cell, i), tanh_slope(simd, g)),
                    simd.mul_f32s(simd.mul_f32s(of_hidden, squashed), slope(o)),
                ];
                for (place, value) in places(width, at, end).into_iter().zip(of_each) {
                    simd.partial_store_f32s(&mut of_gates[place], value);
                }
                simd.partial_store_f32s(&mut self.of_cell[here], simd.mul_f32s(of_cell, f));
            }
        }
    }
}

/// Where numbers `at..end` of each of the four gates stand in a row.
#[inline(always)]
fn places(width: usize, at: usize, end: usize) -> [std::ops::Range<usize>; 4] {
    std::array::from_fn(|gate| gate * width + at..gate * width + end)
}

/// A vector of at most as many numbers as it has lanes.
#[inline(always)]
fn load<S: Simd>(simd: S, numbers: &[f32]) -> S::f32s {
    simd.partial_load_f32s(numbers)
}

/// 0.2 x + 0.5, kept in [0, 1]; a NaN stays a NaN.
#[inline(always)]
fn hard_sigmoid<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let (zero, one) = (simd.splat_f32s(0.0), simd.splat_f32s(1.0));
    let y = simd.mul_add_f32s(x, simd.splat_f32s(0.2), simd.splat_f32s(0.5));
    let y = simd.select_f32s(simd.less_than_f32s(y, zero), zero, y);
    simd.select_f32s(simd.greater_than_f32s(y, one), one, y)
}

/// Slope of the hard sigmoid where it is y: 0.2 between its ends.
#[inline(always)]
fn hard_sigmoid_slope<S: Simd>(simd: S, y: S::f32s) -> S::f32s {
    let (zero, one) = (simd.splat_f32s(0.0), simd.splat_f32s(1.0));
    let slope = simd.splat_f32s(0.2);
    let slope = simd.select_f32s(simd.greater_than_f32s(y, zero), slope, zero);
    simd.select_f32s(simd.less_than_f32s(y, one), slope, zero)
}
