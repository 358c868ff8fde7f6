//! The gradient of a recurrent layer's weights: sums, over all steps and the whole batch, of products of two rows.
//!
//! Each sum goes through [`GROUP`] virtual lanes, one for each place in a group of the batch, and the lanes through the one tree
//! of `nn::simd`. Vectors lie across the right rows, so that a lane of many sums is a product of two small matrices and the tree is
//! additions of whole vectors; nothing is summed within a vector. The row of ones, whose sums are the gradient of the bias, is left
//! out: a sum of left rows needs no product.

use pulp::Simd;
use pulp::bytemuck::cast_slice;

use crate::nn::buffer::Buffer;
use crate::nn::simd::{GROUP, sum_of_lanes};

/// Left rows of one tile: its sums and what it reads fill 15 of a processor's 16 or 32 vector registers.
const ROWS: usize = 6;

/// Vectors of right rows in one tile; the last may have one alone.
const WIDE: usize = 2;

/// Groups of the batch, counted over all steps, that all lanes sum before the next ones are read: those of a tile's left rows
/// stay in the first cache.
const GROUPS: usize = 64;

/// Some rows of every step, [time, rows, padded batch].
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    /// Every step, one after the other.
    pub(super) steps: &'a [f32],
    /// Numbers of one step.
    pub(super) step: usize,
    /// First row.
    pub(super) first: usize,
    /// Number of rows.
    pub(super) count: usize,
    /// Numbers of one row: the padded batch.
    pub(super) padded: usize,
}

impl Rows<'_> {
    /// Groups of the batch over all steps.
    fn groups(&self) -> usize {
        self.steps.len() / self.step * (self.padded / GROUP)
    }

    /// `ROWS` rows from `first` on, side by side for each group of the batch over all steps; what lies beyond the last row stays as
    /// it is.
    #[inline(always)]
    fn together_to(&self, first: usize, to: &mut [[[f32; GROUP]; ROWS]]) {
        let steps = self.steps.chunks_exact(self.step);
        for (step, to) in steps.zip(to.chunks_exact_mut(self.padded / GROUP)) {
            let rows = step[(self.first + first) * self.padded..].chunks_exact(self.padded);
            for (n, row) in rows.take(ROWS.min(self.count - first)).enumerate() {
                for (to, group) in to.iter_mut().zip(row.as_chunks().0) {
                    to[n] = *group;
                }
            }
        }
    }

    /// Rows `wanted`, as [lane, group over all steps, place among `places`]; places without a row stay as they are.
    #[inline(always)]
    fn transposed_to(&self, wanted: &[usize], places: usize, to: &mut [f32]) {
        const FOUR: usize = 4;
        let (pieces, all) = (self.padded / FOUR, self.groups() * places);
        let (four, rest) = wanted.as_chunks::<FOUR>();
        for (t, step) in self.steps.chunks_exact(self.step).enumerate() {
            let row = |&row: &usize| {
                let row = &step[(self.first + row) * self.padded..][..self.padded];
                &row.as_chunks::<FOUR>().0[..pieces]
            };
            // Where a piece of a row begins, among groups and lanes.
            let place = |piece: usize| {
                let (group, lane) = (t * self.padded / GROUP + piece * FOUR / GROUP, piece * FOUR % GROUP);
                lane * all + group * places
            };
            for (block, rows) in four.iter().enumerate() {
                let rows = rows.each_ref().map(row);
                for piece in 0..pieces {
                    // Four by four, which the compiler makes a few shuffles of.
                    let numbers = rows.map(|row| row[piece]);
                    let to = &mut to[place(piece) + block * FOUR..][..(FOUR - 1) * all + FOUR];
                    for l in 0..FOUR {
                        let lane = numbers.map(|row| row[l]);
                        to[l * all..][..FOUR].copy_from_slice(&lane);
                    }
                }
            }
            for (n, rest) in rest.iter().enumerate() {
                for (piece, numbers) in row(rest).iter().enumerate() {
                    for (l, number) in numbers.iter().enumerate() {
                        to[place(piece) + l * all + four.len() * FOUR + n] = *number;
                    }
                }
            }
        }
    }
}

/// Σ over steps and batch of left row × right row, for each pair of rows: `put(left row, its sums with the right rows, its own
/// sum)`. The right row `ones` is all ones, and has no sums among the others.
#[inline(always)]
pub(super) fn sum_of_outer_products<S: Simd>(
    simd: S,
    left: Rows<'_>,
    right: Rows<'_>,
    ones: usize,
    mut put: impl FnMut(usize, &[f32], f32),
) {
    let groups = left.groups();
    let wanted: Vec<usize> = (0..right.count).filter(|row| *row != ones).collect();
    let vectors = wanted.len().div_ceil(S::F32_LANES);
    // [panel, lane, group, right rows of the panel]; what the last panel has beyond the last row is whatever was there, and is
    // computed with but never read.
    let mut across = Buffer::of(vectors * S::F32_LANES * GROUP * groups);
    let panel = WIDE * S::F32_LANES;
    let panels = across.chunks_mut(GROUP * groups * panel);
    for (across, wanted) in panels.zip(wanted.chunks(panel)) {
        right.transposed_to(wanted, across.len() / (GROUP * groups), across);
    }
    let across = S::as_simd_f32s(&across).0;

    let zero = simd.splat_f32s(0.0);
    let mut block = vec![[[0.0; GROUP]; ROWS]; groups];
    let mut rows = vec![zero; ROWS * vectors];
    for first in (0..left.count).step_by(ROWS) {
        left.together_to(first, &mut block);
        let panels = across.chunks(GROUP * groups * WIDE);
        for (p, across) in panels.enumerate() {
            let rows = rows.chunks_exact_mut(vectors).map(|row| &mut row[p * WIDE..]);
            if across.len() == GROUP * groups * WIDE {
                tile::<S, WIDE>(simd, &block, across, rows);
            } else {
                tile::<S, 1>(simd, &block, across, rows);
            }
        }
        let own = own_sums(&block);
        let rows = rows.chunks_exact(vectors).zip(own);
        for (n, (row, own)) in rows.take(left.count - first).enumerate() {
            put(first + n, &cast_slice(row)[..wanted.len()], own);
        }
    }
}

/// The sums of some left rows with the right rows of one panel, [lane, group, right rows], to the first places of `rows`.
#[inline(always)]
fn tile<'a, S: Simd, const WIDE: usize>(
    simd: S,
    left: &[[[f32; GROUP]; ROWS]],
    panel: &[S::f32s],
    rows: impl Iterator<Item = &'a mut [S::f32s]>,
) {
    let mut sums = [[[simd.splat_f32s(0.0); WIDE]; ROWS]; GROUP]; // of each lane
    for from in (0..left.len()).step_by(GROUPS) {
        let part = &left[from..left.len().min(from + GROUPS)];
        let lanes = panel.chunks_exact(left.len() * WIDE).enumerate();
        for ((lane, right), sums) in lanes.zip(&mut sums) {
            add_lane(simd, lane, part, right[from * WIDE..].as_chunks().0, sums);
        }
    }
    let mut half = GROUP / 2;
    while half > 0 {
        let (to, other) = sums.split_at_mut(half);
        for (to, other) in to.iter_mut().zip(other) {
            for (to, other) in to.as_flattened_mut().iter_mut().zip(other.as_flattened()) {
                *to = simd.add_f32s(*to, *other);
            }
        }
        half /= 2;
    }
    for (row, sums) in rows.zip(&sums[0]) {
        row[..WIDE].copy_from_slice(sums);
    }
}

/// sums [left rows, right rows] += Σ over groups of one lane of left × right.
#[inline(always)]
fn add_lane<S: Simd, const WIDE: usize>(
    simd: S,
    lane: usize,
    left: &[[[f32; GROUP]; ROWS]],
    right: &[[S::f32s; WIDE]],
    sums: &mut [[S::f32s; WIDE]; ROWS],
) {
    let mut own = *sums;
    for (left, right) in left.iter().zip(right) {
        for r in 0..ROWS {
            let number = simd.splat_f32s(left[r][lane]);
            for c in 0..WIDE {
                own[r][c] = simd.mul_add_f32s(number, right[c], own[r][c]);
            }
        }
    }
    *sums = own;
}

/// The sum of each of some left rows.
#[inline(always)]
fn own_sums(left: &[[[f32; GROUP]; ROWS]]) -> [f32; ROWS] {
    let mut lanes = [[0.0; GROUP]; ROWS];
    for group in left {
        for (lanes, numbers) in lanes.iter_mut().zip(group) {
            for (lane, number) in lanes.iter_mut().zip(numbers) {
                *lane += number;
            }
        }
    }
    lanes.map(sum_of_lanes)
}
