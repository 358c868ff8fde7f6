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

/// The rows that one side of `sum_of_outer_products` takes from each step.
#[derive(Clone, Copy)]
pub(super) struct Side<'a, V> {
    /// Every step, one after the other.
    pub(super) steps: &'a [V],
    /// Vectors of one step.
    pub(super) step: usize,
    /// First row.
    pub(super) first: usize,
    /// Number of rows.
    pub(super) rows: usize,
}

impl<'a, V> Side<'a, V> {
    /// A row of a step; a row past the last gives the last.
    #[inline(always)]
    fn row(&self, time: usize, row: usize, width: usize) -> &'a [V] {
        let start = time * self.step + (self.first + row.min(self.rows - 1)) * width;
        &self.steps[start..start + width]
    }
}

/// Σ over steps and batch of left row × right row, for each pair of rows: `put(left row, right row, sum)`.
#[inline(always)]
pub(super) fn sum_of_outer_products<S: Simd>(
    simd: S,
    time: usize,
    width: usize,
    left: Side<'_, S::f32s>,
    right: Side<'_, S::f32s>,
    mut put: impl FnMut(usize, usize, f32),
) {
    const LEFT: usize = 4;
    const RIGHT: usize = 3;
    for first_left in (0..left.rows).step_by(LEFT) {
        for first_right in (0..right.rows).step_by(RIGHT) {
            let mut sums = [[simd.splat_f32s(0.0); RIGHT]; LEFT];
            for t in 0..time {
                let l0 = left.row(t, first_left, width);
                let l1 = left.row(t, first_left + 1, width);
                let l2 = left.row(t, first_left + 2, width);
                let l3 = left.row(t, first_left + 3, width);
                let r0 = right.row(t, first_right, width);
                let r1 = right.row(t, first_right + 1, width);
                let r2 = right.row(t, first_right + 2, width);
                for b in 0..width {
                    let right = [r0[b], r1[b], r2[b]];
                    for (sums, left) in sums.iter_mut().zip([l0[b], l1[b], l2[b], l3[b]]) {
                        for c in 0..RIGHT {
                            sums[c] = simd.mul_add_e_f32s(left, right[c], sums[c]);
                        }
                    }
                }
            }
            for r in 0..LEFT.min(left.rows - first_left) {
                for c in 0..RIGHT.min(right.rows - first_right) {
                    put(
                        first_left + r,
                        first_right + c,
                        simd.reduce_sum_f32s(sums[r][c]),
                    );
                }
            }
        }
    }
}
