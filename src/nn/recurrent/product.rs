//! The two matrix products of a recurrent step, made for small matrices that are used many times.
//!
//! A general product packs both sides on every call, which costs as much as the arithmetic at these sizes. Here the weights
//! are packed once for a whole sequence, and the other side needs no packing because the batch is the innermost axis. The
//! order of every sum is fixed: results do not depend on the number of threads.

use pulp::Simd;
use pulp::bytemuck::cast_slice_mut;

use crate::nn::simd::{GROUP, sum_of_lanes};

/// The batch is padded to a multiple of this, the widest vector there is, so that no vector is cut.
pub(super) const LANES: usize = 16;

/// Rows of one panel: with two vectors of the batch they fill 12 of a processor's 16 or 32 vector registers.
const ROWS: usize = 6;

/// A [rows, depth] matrix, packed for `add_product`: panels of `ROWS` rows, in each the depth outermost.
pub(super) struct Packed {
    panels: Vec<[f32; ROWS]>,
    rows: usize,
    depth: usize,
}

impl Packed {
    /// Packs the matrix whose elements `element(row, depth)` gives.
    pub(super) fn new(rows: usize, depth: usize, element: impl Fn(usize, usize) -> f32) -> Self {
        let mut panels = Vec::with_capacity(rows.div_ceil(ROWS) * depth);
        for first in (0..rows).step_by(ROWS) {
            for k in 0..depth {
                let mut column = [0.0; ROWS];
                let present = column.iter_mut().take(rows - first);
                present
                    .enumerate()
                    .for_each(|(r, to)| *to = element(first + r, k));
                panels.push(column);
            }
        }
        Self {
            panels,
            rows,
            depth,
        }
    }

    /// output [rows, width] += matrix · input [depth, width], where `width` counts vectors.
    #[inline(always)]
    pub(super) fn add_product<S: Simd>(
        &self,
        simd: S,
        input: &[S::f32s],
        output: &mut [S::f32s],
        width: usize,
    ) {
        debug_assert_eq!(input.len(), self.depth * width);
        debug_assert_eq!(output.len(), self.rows * width);
        let mut column = 0;
        while column + 2 <= width {
            self.columns::<S, 2>(simd, input, output, width, column);
            column += 2;
        }
        if column < width {
            self.columns::<S, 1>(simd, input, output, width, column);
        }
    }

    #[inline(always)]
    fn columns<S: Simd, const WIDE: usize>(
        &self,
        simd: S,
        input: &[S::f32s],
        output: &mut [S::f32s],
        width: usize,
        column: usize,
    ) {
        let panels = self.panels.chunks_exact(self.depth);
        for (panel, output) in panels.zip(output.chunks_mut(ROWS * width)) {
            let mut sums = [[simd.splat_f32s(0.0); WIDE]; ROWS];
            for (weights, row) in panel.iter().zip(input.chunks_exact(width)) {
                let row = &row[column..column + WIDE];
                for r in 0..ROWS {
                    let weight = simd.splat_f32s(weights[r]);
                    for c in 0..WIDE {
                        sums[r][c] = simd.mul_add_f32s(weight, row[c], sums[r][c]);
                    }
                }
            }
            for (row, sums) in output.chunks_exact_mut(width).zip(sums) {
                for c in 0..WIDE {
                    row[column + c] = simd.add_f32s(row[column + c], sums[c]);
                }
            }
        }
    }
}

/// Some rows of every step, [time, rows, width], where `width` counts vectors.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a, V> {
    /// Every step, one after the other.
    pub(super) steps: &'a [V],
    /// Vectors of one step.
    pub(super) step: usize,
    /// First row.
    pub(super) first: usize,
    /// Number of rows.
    pub(super) count: usize,
    /// Vectors of one row.
    pub(super) width: usize,
}

impl<V: Copy> Rows<'_, V> {
    /// N rows from `first` on, side by side for each group of lanes: [time · groups, N, PARTS]. Rows past the last are `zero`.
    /// They lie in one piece then, which spares the cache the long strides between steps.
    #[inline(always)]
    fn together<const PARTS: usize, const N: usize>(
        &self,
        first: usize,
        zero: V,
        to: &mut Vec<[[V; PARTS]; N]>,
    ) {
        to.clear();
        let groups = self.width / PARTS;
        for step in self.steps.chunks_exact(self.step) {
            let start = to.len();
            to.resize(start + groups, [[zero; PARTS]; N]);
            let rows = step[(self.first + first) * self.width..].chunks_exact(self.width);
            for (n, row) in rows.take(N.min(self.count - first)).enumerate() {
                for (to, from) in to[start..].iter_mut().zip(row.as_chunks::<PARTS>().0) {
                    to[n] = *from;
                }
            }
        }
    }
}

/// Σ over steps and batch of left row × right row, for each pair of rows: `put(left row, right row, sum)`. Each sum goes through
/// `GROUP` lanes, whatever the width of a vector.
#[inline(always)]
pub(super) fn sum_of_outer_products<S: Simd>(
    simd: S,
    left: Rows<'_, S::f32s>,
    right: Rows<'_, S::f32s>,
    put: impl FnMut(usize, usize, f32),
) {
    // The sums and what one round reads fill the 16 vector registers that AVX2 has, or the 32 that others have.
    match S::F32_LANES {
        16 => outer_products::<S, 1, 4, 6>(simd, left, right, put),
        8 => outer_products::<S, 2, 3, 2>(simd, left, right, put),
        4 => outer_products::<S, 4, 2, 3>(simd, left, right, put),
        _ => outer_products::<S, GROUP, 1, 1>(simd, left, right, put),
    }
}

/// `PARTS` vectors hold a group of lanes.
#[inline(always)]
fn outer_products<S: Simd, const PARTS: usize, const LEFT: usize, const RIGHT: usize>(
    simd: S,
    left: Rows<'_, S::f32s>,
    right: Rows<'_, S::f32s>,
    mut put: impl FnMut(usize, usize, f32),
) {
    debug_assert_eq!(PARTS * S::F32_LANES, GROUP);
    let zero = simd.splat_f32s(0.0);
    let mut of_left = Vec::new();
    let mut of_right: Vec<Vec<[[S::f32s; PARTS]; RIGHT]>> = Vec::new();
    for first in (0..right.count).step_by(RIGHT) {
        let mut together = Vec::with_capacity(right.steps.len() / right.step * right.width);
        right.together(first, zero, &mut together);
        of_right.push(together);
    }
    for first_left in (0..left.count).step_by(LEFT) {
        left.together::<PARTS, LEFT>(first_left, zero, &mut of_left);
        for (block, of_right) in of_right.iter().enumerate() {
            let mut sums = [[[zero; PARTS]; RIGHT]; LEFT];
            for (left, right) in of_left.iter().zip(of_right) {
                for r in 0..LEFT {
                    for c in 0..RIGHT {
                        for p in 0..PARTS {
                            sums[r][c][p] =
                                simd.mul_add_f32s(left[r][p], right[c][p], sums[r][c][p]);
                        }
                    }
                }
            }
            // Nobody borrows the sums, and each is taken out by itself, so that they stay in registers.
            for (r, sums) in sums.into_iter().enumerate() {
                for (c, parts) in sums.into_iter().enumerate() {
                    let mut lanes = [0.0; GROUP];
                    cast_slice_mut::<f32, S::f32s>(&mut lanes).copy_from_slice(&parts);
                    let (row, column) = (first_left + r, block * RIGHT + c);
                    if row < left.count && column < right.count {
                        put(row, column, sum_of_lanes(lanes));
                    }
                }
            }
        }
    }
}
