//! The two matrix products of a recurrent step, made for small matrices that are used many times.
//!
//! A general product packs both sides on every call, which costs as much as the arithmetic at these sizes. Here the weights
//! are packed once for a whole sequence, and the other side needs no packing because the batch is the innermost axis. The
//! order of every sum is fixed: results do not depend on the number of threads.

use pulp::Simd;

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
                        sums[r][c] = simd.mul_add_e_f32s(weight, row[c], sums[r][c]);
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
    /// N rows from `first` on, side by side: [time · width, N]. Rows past the last are `zero`. They lie in one piece then,
    /// which spares the cache the long strides between steps.
    #[inline(always)]
    fn together<const N: usize>(&self, first: usize, zero: V, to: &mut Vec<[V; N]>) {
        to.clear();
        for step in self.steps.chunks_exact(self.step) {
            let start = to.len();
            to.resize(start + self.width, [zero; N]);
            let rows = step[(self.first + first) * self.width..].chunks_exact(self.width);
            for (n, row) in rows.take(N.min(self.count - first)).enumerate() {
                for (to, &from) in to[start..].iter_mut().zip(row) {
                    to[n] = from;
                }
            }
        }
    }
}

/// Σ over steps and batch of left row × right row, for each pair of rows: `put(left row, right row, sum)`.
#[inline(always)]
pub(super) fn sum_of_outer_products<S: Simd>(
    simd: S,
    left: Rows<'_, S::f32s>,
    right: Rows<'_, S::f32s>,
    mut put: impl FnMut(usize, usize, f32),
) {
    // 4 · 3 sums and what one round reads fill the 16 vector registers that most processors have.
    const LEFT: usize = 4;
    const RIGHT: usize = 3;
    let zero = simd.splat_f32s(0.0);
    let mut of_left = Vec::new();
    let mut of_right: Vec<Vec<[S::f32s; RIGHT]>> = Vec::new();
    for first in (0..right.count).step_by(RIGHT) {
        let mut together = Vec::with_capacity(right.steps.len() / right.step * right.width);
        right.together(first, zero, &mut together);
        of_right.push(together);
    }
    for first_left in (0..left.count).step_by(LEFT) {
        left.together::<LEFT>(first_left, zero, &mut of_left);
        for (block, of_right) in of_right.iter().enumerate() {
            let mut sums = [[zero; RIGHT]; LEFT];
            for (left, right) in of_left.iter().zip(of_right) {
                for r in 0..LEFT {
                    for c in 0..RIGHT {
                        sums[r][c] = simd.mul_add_e_f32s(left[r], right[c], sums[r][c]);
                    }
                }
            }
            let first_right = block * RIGHT;
            for (r, sums) in sums.iter().enumerate().take(left.count - first_left) {
                for (c, &sum) in sums.iter().enumerate().take(right.count - first_right) {
                    let sum = simd.reduce_sum_f32s(sum);
                    put(first_left + r, first_right + c, sum);
                }
            }
        }
    }
}
