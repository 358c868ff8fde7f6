//! The two matrix products of a recurrent step, made for small matrices that are used many times.
//!
//! A general product packs both sides on every call, which costs as much as the arithmetic at these sizes. Here the weights
//! are packed once for a whole sequence, and the other side needs no packing because the batch is the innermost axis. The
//! order of every sum is fixed: results do not depend on the number of threads.

use pulp::Simd;
use pulp::bytemuck::{Pod, cast_slice, cast_slice_mut};

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

impl<V: Pod> Rows<'_, V> {
    /// `items` items of `held` rows from `first` on, side by side for each group of lanes: [time · groups, items, held, GROUP].
    /// Rows past the last are zeros. They lie in one piece then, which spares the cache the long strides between steps.
    fn together(&self, first: usize, items: usize, held: Held, to: &mut [V]) {
        let steps: &[f32] = cast_slice(self.steps);
        let lanes = size_of::<V>() / size_of::<f32>();
        let (row, step) = (self.width * lanes, self.step * lanes);
        let item = held.rows() * GROUP;
        let to: &mut [f32] = cast_slice_mut(to);
        to.fill(0.0);
        let groups = row / GROUP;
        for (step, to) in steps
            .chunks_exact(step)
            .zip(to.chunks_exact_mut(groups * items * item))
        {
            for place in 0..items * held.rows() {
                let (number, copy) = (place / held.rows(), place % held.rows());
                let number = match held {
                    Held::Same(_) => number,
                    Held::Next(rows) => number * rows + copy,
                };
                if first + number >= self.count {
                    continue;
                }
                let from = &step[(self.first + first + number) * row..][..row];
                let to = to[place * GROUP..].chunks_mut(items * item);
                for (to, from) in to.zip(from.as_chunks::<GROUP>().0) {
                    to[..GROUP].copy_from_slice(from);
                }
            }
        }
    }

    /// Vectors that `items` items take.
    fn room(&self, items: usize, held: Held) -> usize {
        self.steps.len() / self.step * self.width * items * held.rows()
    }
}

/// What stands in the groups of lanes of one item.
#[derive(Clone, Copy)]
enum Held {
    /// The same row so many times.
    Same(usize),
    /// So many rows, one after the other.
    Next(usize),
}

impl Held {
    fn rows(self) -> usize {
        match self {
            Self::Same(rows) | Self::Next(rows) => rows,
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
        16 => outer_products::<S, 1, 2, 6, 4>(simd, left, right, put),
        8 => outer_products::<S, 1, 1, 4, 3>(simd, left, right, put),
        4 => outer_products::<S, 2, 1, 4, 3>(simd, left, right, put),
        _ => outer_products::<S, GROUP, 1, 1, 1>(simd, left, right, put),
    }
}

/// `PARTS` vectors hold a group of lanes, or one vector holds `HELD` groups: those of as many right rows, beside each other.
#[inline(always)]
fn outer_products<
    S: Simd,
    const PARTS: usize,
    const HELD: usize,
    const LEFT: usize,
    const RIGHT: usize,
>(
    simd: S,
    left: Rows<'_, S::f32s>,
    right: Rows<'_, S::f32s>,
    mut put: impl FnMut(usize, usize, f32),
) {
    debug_assert_eq!(PARTS * S::F32_LANES, HELD * GROUP);
    let zero = simd.splat_f32s(0.0);
    let (same, next) = (Held::Same(HELD), Held::Next(HELD));
    let blocks = right.count.div_ceil(RIGHT * HELD);
    let room = right.room(RIGHT, next);
    let mut of_right = vec![zero; blocks * room];
    for (block, to) in of_right.chunks_exact_mut(room).enumerate() {
        right.together(block * RIGHT * HELD, RIGHT, next, to);
    }
    let mut of_left = vec![zero; left.room(LEFT, same)];
    for first_left in (0..left.count).step_by(LEFT) {
        left.together(first_left, LEFT, same, &mut of_left);
        let of_left = of_left.as_chunks::<PARTS>().0.as_chunks::<LEFT>().0;
        for (block, of_right) in of_right.chunks_exact(room).enumerate() {
            let of_right = of_right.as_chunks::<PARTS>().0.as_chunks::<RIGHT>().0;
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
            let first_right = block * RIGHT * HELD;
            for (r, sums) in sums.iter().enumerate().take(left.count - first_left) {
                let lanes: [&[f32]; RIGHT] = std::array::from_fn(|c| cast_slice(&sums[c]));
                let groups = lanes.iter().flat_map(|lanes| lanes.as_chunks::<GROUP>().0);
                for (c, &group) in groups.enumerate().take(right.count - first_right) {
                    put(first_left + r, first_right + c, sum_of_lanes(group));
                }
            }
        }
    }
}
