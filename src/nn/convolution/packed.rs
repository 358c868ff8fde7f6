//! Products with a matrix that stays the same from call to call: it is packed once, for the vectors of this processor, and what
//! follows a convolution is done while the sums are still in registers.
//!
//! A general product packs both sides on every call, an eighth of the time at the sizes of a ResNet50. The other side is read as
//! it lies. The order of every sum depends on the depth alone.

use pulp::{Arch, Simd, WithSimd};

use super::Then;

/// Rows of one tile: with two vectors of columns they fill 12 of a processor's 16 or 32 vector registers.
const ROWS: usize = 6;

/// Rows that are multiplied by the whole matrix before the next: a multiple of `ROWS`, and few enough to stay in the cache.
const BLOCK_ROWS: usize = 8 * ROWS;

/// Depth of one pass: so much of two vectors of columns stays in the first cache.
const DEPTH: usize = 512;

/// A [depth, columns] matrix in panels of two vectors of columns, in each the depth outermost; missing columns are zeros.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    panels: Vec<f32>,
    depth: usize,
    columns: usize,
}

/// What is added to the sums, and done to them before they are written.
#[derive(Clone, Copy)]
pub(super) struct Finish<'a> {
    /// Added to each column; None adds nothing.
    pub(super) bias: Option<&'a [f32]>,
    /// What follows.
    pub(super) then: Then,
}

impl Finish<'_> {
    /// The sums are written as they are.
    pub(super) const NOTHING: Self = Self {
        bias: None,
        then: Then::Linear,
    };
}

impl Packed {
    /// Packs `matrix`, a row after the other.
    pub(super) fn new(matrix: &[f32], depth: usize, columns: usize) -> Self {
        debug_assert_eq!(matrix.len(), depth * columns);
        let width = Arch::new().dispatch(Width);
        let mut panels = vec![0.0; columns.div_ceil(width) * width * depth];
        for (number, panel) in panels.chunks_exact_mut(width * depth).enumerate() {
            let first = number * width;
            let present = width.min(columns - first);
            let rows = matrix.chunks_exact(columns);
            for (to, row) in panel.chunks_exact_mut(width).zip(rows) {
                to[..present].copy_from_slice(&row[first..first + present]);
            }
        }
        Self {
            panels,
            depth,
            columns,
        }
    }

    /// output [rows, columns] = left [rows, depth] · matrix, then `finish`.
    ///
    /// # Panics
    /// When the lengths do not fit.
    pub(super) fn product(&self, left: &[f32], output: &mut [f32], finish: Finish<'_>) {
        let rows = output.len() / self.columns;
        assert_eq!(output.len(), rows * self.columns);
        assert_eq!(left.len(), rows * self.depth);
        if let Some(bias) = finish.bias {
            assert_eq!(bias.len(), self.columns);
        }
        Arch::new().dispatch(Product {
            matrix: self,
            left,
            output,
            finish,
        });
    }
}

/// Columns of a panel: two vectors.
struct Width;

impl WithSimd for Width {
    type Output = usize;

    fn with_simd<S: Simd>(self, _: S) -> usize {
        2 * S::F32_LANES
    }
}

struct Product<'a> {
    matrix: &'a Packed,
    left: &'a [f32],
    output: &'a mut [f32],
    finish: Finish<'a>,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Packed {
            panels,
            depth,
            columns,
        } = self.matrix;
        let (depth, columns) = (*depth, *columns);
        let width = 2 * S::F32_LANES;
        let rows = self.output.len() / columns;
        for block in (0..rows).step_by(BLOCK_ROWS) {
            let end = rows.min(block + BLOCK_ROWS);
            for from in (0..depth).step_by(DEPTH) {
                let to = depth.min(from + DEPTH);
                let pass = Pass {
                    depth,
                    columns,
                    from,
                    first: from == 0,
                    relu: to == depth && self.finish.then != Then::Linear,
                    finish: self.finish,
                };
                for (number, panel) in panels.chunks_exact(width * depth).enumerate() {
                    let (vectors, _) = S::as_simd_f32s(&panel[from * width..to * width]);
                    let (pairs, _) = vectors.as_chunks::<2>();
                    let first = number * width;
                    let mut row = block;
                    while row + ROWS <= end {
                        pass.tile::<S, ROWS>(simd, pairs, self.left, self.output, row, first);
                        row += ROWS;
                    }
                    let (left, output) = (self.left, &mut *self.output);
                    match end - row {
                        0 => {}
                        1 => pass.tile::<S, 1>(simd, pairs, left, output, row, first),
                        2 => pass.tile::<S, 2>(simd, pairs, left, output, row, first),
                        3 => pass.tile::<S, 3>(simd, pairs, left, output, row, first),
                        4 => pass.tile::<S, 4>(simd, pairs, left, output, row, first),
                        _ => pass.tile::<S, 5>(simd, pairs, left, output, row, first),
                    }
                }
            }
        }
    }
}

/// One piece of the depth.
struct Pass<'a> {
    depth: usize,
    columns: usize,
    from: usize,
    /// The first one starts from the bias and what is added, the others from what the output holds.
    first: bool,
    /// Whether ReLU follows: after the last one.
    relu: bool,
    finish: Finish<'a>,
}

impl Pass<'_> {
    /// R rows from `row` on of the two vectors of columns from `first` on.
    #[inline(always)]
    fn tile<S: Simd, const R: usize>(
        &self,
        simd: S,
        panel: &[[S::f32s; 2]],
        left: &[f32],
        output: &mut [f32],
        row: usize,
        first: usize,
    ) {
        let count = panel.len();
        let start = row * self.depth + self.from;
        let rows: [&[f32]; R] = std::array::from_fn(|r| &left[start + r * self.depth..][..count]);
        let at = row * self.columns + first;
        let width = 2 * S::F32_LANES;
        let present = width.min(self.columns - first);
        if present == width {
            let mut sums = self.before::<S, R>(simd, output, at, first);
            add_products(simd, panel, rows, &mut sums);
            self.after(simd, &mut sums);
            for (r, sums) in sums.into_iter().enumerate() {
                let (to, _) = S::as_mut_simd_f32s(&mut output[at + r * self.columns..][..width]);
                to.copy_from_slice(&sums);
            }
        } else {
            let mut sums = [[simd.splat_f32s(0.0); 2]; R];
            for (r, sums) in sums.iter_mut().enumerate() {
                let numbers: &mut [f32] = pulp::bytemuck::cast_slice_mut(sums);
                for (column, number) in numbers[..present].iter_mut().enumerate() {
                    *number = self.number_before(output, at + r * self.columns, first, column);
                }
            }
            add_products(simd, panel, rows, &mut sums);
            self.after(simd, &mut sums);
            for (r, sums) in sums.iter().enumerate() {
                let numbers: &[f32] = pulp::bytemuck::cast_slice(sums);
                output[at + r * self.columns..][..present].copy_from_slice(&numbers[..present]);
            }
        }
    }

    /// What the sums start from.
    #[inline(always)]
    fn before<S: Simd, const R: usize>(
        &self,
        simd: S,
        output: &[f32],
        at: usize,
        first: usize,
    ) -> [[S::f32s; 2]; R] {
        let pair = |numbers: &[f32], at: usize| {
            let (vectors, _) = S::as_simd_f32s(&numbers[at..at + 2 * S::F32_LANES]);
            [vectors[0], vectors[1]]
        };
        let held = |r: usize| pair(output, at + r * self.columns);
        if !self.first {
            return std::array::from_fn(held);
        }
        let bias = match self.finish.bias {
            Some(bias) => pair(bias, first),
            None => [simd.splat_f32s(0.0); 2],
        };
        let mut sums = [bias; R];
        if self.finish.then == Then::AddRelu {
            for (r, sums) in sums.iter_mut().enumerate() {
                let [low, high] = held(r);
                *sums = [simd.add_f32s(sums[0], low), simd.add_f32s(sums[1], high)];
            }
        }
        sums
    }

    /// The same of one column, where the last panel is not full.
    #[inline(always)]
    fn number_before(&self, output: &[f32], at: usize, first: usize, column: usize) -> f32 {
        if !self.first {
            return output[at + column];
        }
        let bias = self.finish.bias.map_or(0.0, |bias| bias[first + column]);
        match self.finish.then {
            Then::AddRelu => bias + output[at + column],
            Then::Linear | Then::Relu => bias,
        }
    }

    #[inline(always)]
    fn after<S: Simd, const R: usize>(&self, simd: S, sums: &mut [[S::f32s; 2]; R]) {
        if self.relu {
            let zero = simd.splat_f32s(0.0);
            for sum in sums.as_flattened_mut() {
                *sum = simd.max_f32s(*sum, zero);
            }
        }
    }
}

/// sums [R, columns] += rows [R, depth] · panel [depth, columns].
#[inline(always)]
fn add_products<S: Simd, const R: usize>(
    simd: S,
    panel: &[[S::f32s; 2]],
    rows: [&[f32]; R],
    sums: &mut [[S::f32s; 2]; R],
) {
    let mut now = *sums;
    for (k, [low, high]) in panel.iter().enumerate() {
        for r in 0..R {
            let number = simd.splat_f32s(rows[r][k]);
            now[r][0] = simd.mul_add_e_f32s(number, *low, now[r][0]);
            now[r][1] = simd.mul_add_e_f32s(number, *high, now[r][1]);
        }
    }
    *sums = now;
}
