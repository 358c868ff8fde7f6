//! The GRU cell (Cho et al., 2014), in PyTorch's form, where the reset gate r scales the hidden state's product, bias
//! included: r, z = σ(…), n = tanh(W x + b + r (U h + d)), h' = (1 - z) n + z h.

use pulp::Simd;

use super::cell::{Cell, Part, Reads, blocks_mut};
use crate::nn::activation::{sigmoid_slope, tanh, tanh_slope, two_sigmoids};

/// Blocks: r, z, the features' part of n, the hidden state's part of n.
pub(super) struct GruCell;

impl Cell for GruCell {
    const NAME: &'static str = "gru";
    const GATES: usize = 3;
    const KEPT: usize = 4;
    const PARTS: &'static [Part] = &[
        Part {
            blocks: 0..2,
            source: 0,
            reads: Reads::Both,
        },
        Part {
            blocks: 2..3,
            source: 2,
            reads: Reads::Features,
        },
        Part {
            blocks: 3..4,
            source: 2,
            reads: Reads::Hidden,
        },
    ];

    #[inline(always)]
    fn forward<S: Simd>(
        simd: S,
        _before: &[S::f32s],
        kept: &mut [S::f32s],
        hidden_before: &[S::f32s],
        hidden: &mut [S::f32s],
    ) {
        let [reset, update, new, recurrent] = blocks_mut::<_, 4>(kept);
        for at in 0..hidden.len() {
            let (r, z) = two_sigmoids(simd, reset[at], update[at]);
            let n = tanh(simd, simd.mul_add_f32s(r, recurrent[at], new[at]));
            (reset[at], update[at], new[at]) = (r, z, n);
            hidden[at] = simd.mul_add_f32s(z, simd.sub_f32s(hidden_before[at], n), n);
        }
    }

    #[inline(always)]
    fn backward<S: Simd>(
        simd: S,
        _before: &[S::f32s],
        kept: &mut [S::f32s],
        hidden_before: &[S::f32s],
        gradient: &mut [S::f32s],
        _carried: &mut [S::f32s],
    ) {
        let [reset, update, new, recurrent] = blocks_mut::<_, 4>(kept);
        let one = simd.splat_f32s(1.0);
        for at in 0..gradient.len() {
            let (r, z, n, dh) = (reset[at], update[at], new[at], gradient[at]);
            let keep = simd.sub_f32s(one, z);
            let dn = simd.mul_f32s(simd.mul_f32s(dh, keep), tanh_slope(simd, n));
            let (dr, of_recurrent) = (simd.mul_f32s(dn, recurrent[at]), simd.mul_f32s(dn, r));
            let dz = simd.mul_f32s(dh, simd.sub_f32s(hidden_before[at], n));
            reset[at] = simd.mul_f32s(dr, sigmoid_slope(simd, r));
            update[at] = simd.mul_f32s(dz, simd.mul_f32s(z, keep));
            new[at] = dn;
            recurrent[at] = of_recurrent;
            gradient[at] = simd.mul_f32s(dh, z);
        }
    }
}
