//! The two matrix products of a recurrent step, made for small matrices that are used many times.
//!
//! A general product packs both sides on every call, which costs as much as the arithmetic at these sizes. Here the weights
//! are packed once for a whole sequence, and the other side needs no packing because the batch is the innermost axis. The
//! order of every sum is fixed: results do not depend on the number of threads.

use std::ops::Range;

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
    /// Packs a matrix that lies row by row, [rows, depth].
    pub(super) fn new(matrix: &[f32], depth: usize) -> Self {
        let rows = matrix.len() / depth;
        let mut panels = vec![[0.0; ROWS]; rows.div_ceil(ROWS) * depth];
        for (at, row) in matrix.chunks_exact(depth).enumerate() {
            let panel = &mut panels[at / ROWS * depth..][..depth];
            for (to, &weight) in panel.iter_mut().zip(row) {
                to[at % ROWS] = weight;
            }
        }
        Self { panels, rows, depth }
    }

    /// Packs some columns of a matrix that lies row by row, [depth, columns], as the rows of its transpose.
    pub(super) fn transposed(matrix: &[f32], columns: usize, wanted: Range<usize>) -> Self {
        let (rows, depth) = (wanted.len(), matrix.len() / columns);
        let mut panels = vec![[0.0; ROWS]; rows.div_ceil(ROWS) * depth];
        for (k, row) in matrix.chunks_exact(columns).enumerate() {
            let row = &row[wanted.clone()];
            for (panel, weights) in row.chunks(ROWS).enumerate() {
                panels[panel * depth + k][..weights.len()].copy_from_slice(weights);
            }
        }
        Self { panels, rows, depth }
    }

    /// output [rows, width] = matrix · input [depth, width], where `width` counts vectors; with `ADD`, output += it.
    #[inline(always)]
    pub(super) fn product<S: Simd, const ADD: bool>(
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
            self.columns::<S, ADD, 2>(simd, input, output, width, column);
            column += 2;
        }
        if column < width {
            self.columns::<S, ADD, 1>(simd, input, output, width, column);
        }
    }

    #[inline(always)]
    fn columns<S: Simd, const ADD: bool, const WIDE: usize>(
        &self,
        simd: S,
        input: &[S::f32s],
        output: &mut [S::f32s],
        width: usize,
        column: usize,
    ) {
        let zero = simd.splat_f32s(0.0);
        let panels = self.panels.chunks_exact(self.depth);
        for (panel, output) in panels.zip(output.chunks_mut(ROWS * width)) {
            let mut sums = [[zero; WIDE]; ROWS];
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
                    // A sum that rounds to -0 becomes 0 in both cases.
                    let before = if ADD { row[column + c] } else { zero };
                    row[column + c] = simd.add_f32s(before, sums[c]);
                }
            }
        }
    }
}
