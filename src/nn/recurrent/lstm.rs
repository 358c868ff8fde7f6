//! The LSTM cell (Hochreiter and Schmidhuber, 1997), in PyTorch's form:
//! i, f, o = σ(…), g = tanh(…), c' = f c + i g, h' = o tanh(c').

use pulp::Simd;

use super::cell::{Cell, Part, Reads, blocks, blocks_mut};
use crate::nn::activation::{sigmoid_and_tanh, sigmoid_slope, tanh, tanh_slope, two_sigmoids};

/// Blocks: i, f, g, o; kept besides: c', tanh(c').
pub(super) struct LstmCell;

impl Cell for LstmCell {
    const NAME: &'static str = "lstm";
    const GATES: usize = 4;
    const KEPT: usize = 6;
    const PARTS: &'static [Part] = &[Part {
        blocks: 0..4,
        source: 0,
        reads: Reads::Both,
    }];

    #[inline(always)]
    fn forward<S: Simd>(
        simd: S,
        before: &[S::f32s],
        kept: &mut [S::f32s],
        _hidden_before: &[S::f32s],
        hidden: &mut [S::f32s],
    ) {
        let [_, _, _, _, cell_before, _] = blocks::<_, 6>(before);
        let [input, forget, candidate, output, cell, squashed] = blocks_mut::<_, 6>(kept);
        for at in 0..hidden.len() {
            let (i, f) = two_sigmoids(simd, input[at], forget[at]);
            let (o, g) = sigmoid_and_tanh(simd, output[at], candidate[at]);
            let c = simd.mul_add_f32s(f, cell_before[at], simd.mul_f32s(i, g));
            let t = tanh(simd, c);
            (input[at], forget[at], candidate[at], output[at]) = (i, f, g, o);
            (cell[at], squashed[at]) = (c, t);
            hidden[at] = simd.mul_f32s(o, t);
        }
    }

    #[inline(always)]
    fn backward<S: Simd>(
        simd: S,
        before: &[S::f32s],
        kept: &mut [S::f32s],
        _hidden_before: &[S::f32s],
        gradient: &mut [S::f32s],
        carried: &mut [S::f32s], // of c
    ) {
        let [_, _, _, _, cell_before, _] = blocks::<_, 6>(before);
        let [input, forget, candidate, output, _, squashed] = blocks_mut::<_, 6>(kept);
        for at in 0..gradient.len() {
            let (i, f, g, o) = (input[at], forget[at], candidate[at], output[at]);
            let (t, dh) = (squashed[at], gradient[at]);
            let through_output = simd.mul_f32s(dh, simd.mul_f32s(o, tanh_slope(simd, t)));
            let dc = simd.add_f32s(carried[at], through_output);
            input[at] = simd.mul_f32s(simd.mul_f32s(dc, g), sigmoid_slope(simd, i));
            forget[at] = simd.mul_f32s(simd.mul_f32s(dc, cell_before[at]), sigmoid_slope(simd, f));
            candidate[at] = simd.mul_f32s(simd.mul_f32s(dc, i), tanh_slope(simd, g));
            output[at] = simd.mul_f32s(simd.mul_f32s(dh, t), sigmoid_slope(simd, o));
            carried[at] = simd.mul_f32s(dc, f);
            gradient[at] = simd.splat_f32s(0.0);
        }
    }
}
