//! The innermost loops of a product: a tile of the output stays in registers while the depth passes by.
//!
//! The order of every sum is that of the depth, from first to last, one fused multiply-add after the other, and starts from what
//! the output is to hold before. Neither tiles, blocks and threads nor the width of vectors change it.

use pulp::Simd;
use pulp::bytemuck::{cast_slice, cast_slice_mut};

/// The left side of a product.
#[derive(Debug, Clone, Copy)]
pub(super) enum Left<'a> {
    /// Element (row, depth) lies at row · stride + depth.
    Rows { numbers: &'a [f32], stride: usize },
    /// Element (row, depth) lies at depth · stride + row.
    Columns { numbers: &'a [f32], stride: usize },
}

impl Left<'_> {
    /// The same from some depth on.
    #[inline(always)]
    pub(super) fn from(self, depth: usize) -> Self {
        match self {
            Self::Rows { numbers, stride } => Self::Rows {
                numbers: &numbers[depth..],
                stride,
            },
            Self::Columns { numbers, stride } => Self::Columns {
                numbers: &numbers[depth * stride..],
                stride,
            },
        }
    }
}

/// Some columns of the right side, in panels of a few vectors of columns: [panel, depth, vectors]; missing columns are zeros.
#[derive(Debug, Clone, Copy)]
pub(super) struct Panels<'a> {
    pub(super) numbers: &'a [f32],
    /// Depth of each panel, of which `from..to` is taken.
    pub(super) depth: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// What the sums start from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'a> {
    /// A number for each column, or zeros.
    pub(super) bias: Option<&'a [f32]>,
    /// Whether what the output holds is added to it.
    pub(super) held: bool,
}

impl Start<'_> {
    /// What the output holds, alone.
    pub(super) const HELD: Self = Self {
        bias: None,
        held: true,
    };
}

/// The output: element (row, column) lies at row · stride + column.
pub(super) struct Output<'a> {
    pub(super) numbers: &'a mut [f32],
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) stride: usize,
}

/// Rows of a tile. With two vectors of columns its sums fill 12 of AVX2's 16 registers, with four 24 of the 32 that others have.
const ROWS: usize = 6;

/// Vectors of columns of a panel.
#[inline(always)]
fn panel_vectors<S: Simd>() -> usize {
    if S::F32_LANES == 8 { 2 } else { 4 }
}

/// Columns of a panel.
#[inline(always)]
pub(super) fn vectors_width<S: Simd>() -> usize {
    panel_vectors::<S>() * S::F32_LANES
}

/// Depth of one pass: so much of a panel stays in the first cache.
#[inline(always)]
pub(super) fn pass_depth<S: Simd>() -> usize {
    8192 / vectors_width::<S>()
}

/// Rows of the left side that are multiplied by all panels before the next, a multiple of a tile's.
pub(super) const BLOCK_ROWS: usize = 8 * ROWS;

/// output = start + left · panels, where the depth of `left` is that which is taken of the panels.
#[inline(always)]
pub(super) fn multiply<S: Simd>(
    simd: S,
    left: Left<'_>,
    panels: Panels<'_>,
    output: &mut Output<'_>,
    start: Start<'_>,
    relu: bool,
) {
    match panel_vectors::<S>() {
        2 => blocks::<S, 2>(simd, left, panels, output, start, relu),
        _ => blocks::<S, 4>(simd, left, panels, output, start, relu),
    }
}

#[inline(always)]
fn blocks<S: Simd, const WIDE: usize>(
    simd: S,
    left: Left<'_>,
    panels: Panels<'_>,
    output: &mut Output<'_>,
    start: Start<'_>,
    relu: bool,
) {
    let width = vectors_width::<S>();
    for block in (0..output.rows).step_by(BLOCK_ROWS) {
        let end = output.rows.min(block + BLOCK_ROWS);
        for (number, panel) in panels
            .numbers
            .chunks_exact(width * panels.depth)
            .enumerate()
        {
            let panel: &[S::f32s] = cast_slice(&panel[panels.from * width..panels.to * width]);
            let (panel, _) = panel.as_chunks::<WIDE>();
            let mut tile = Tile::<S, WIDE> {
                left,
                panel,
                output: &mut *output,
                start,
                relu,
                column: number * width,
            };
            let mut row = block;
            while row + ROWS <= end {
                tile.rows::<ROWS>(simd, row);
                row += ROWS;
            }
            match end - row {
                0 => {}
                1 => tile.rows::<1>(simd, row),
                2 => tile.rows::<2>(simd, row),
                3 => tile.rows::<3>(simd, row),
                4 => tile.rows::<4>(simd, row),
                _ => tile.rows::<5>(simd, row),
            }
        }
    }
}

struct Tile<'a, 'b, S: Simd, const WIDE: usize> {
    left: Left<'a>,
    panel: &'a [[S::f32s; WIDE]],
    output: &'a mut Output<'b>,
    start: Start<'a>,
    relu: bool,
    /// The panel's first.
    column: usize,
}

impl<S: Simd, const WIDE: usize> Tile<'_, '_, S, WIDE> {
    /// R rows from `row` on.
    #[inline(always)]
    fn rows<const R: usize>(&mut self, simd: S, row: usize) {
        let zero = simd.splat_f32s(0.0);
        let width = vectors_width::<S>();
        let present = width.min(self.output.columns - self.column);
        let at = row * self.output.stride + self.column;
        let mut sums = [[zero; WIDE]; R];
        for (r, sums) in sums.iter_mut().enumerate() {
            let held = &self.output.numbers[at + r * self.output.stride..][..present];
            if present == width {
                let pair =
                    |numbers: &[f32]| cast_slice::<f32, S::f32s>(numbers).as_chunks::<WIDE>().0[0];
                *sums = match (self.start.bias, self.start.held) {
                    (None, false) => continue,
                    (None, true) => pair(held),
                    (Some(bias), false) => pair(&bias[self.column..][..width]),
                    (Some(bias), true) => {
                        let (bias, held) = (pair(&bias[self.column..][..width]), pair(held));
                        std::array::from_fn(|v| simd.add_f32s(bias[v], held[v]))
                    }
                };
            } else {
                let numbers: &mut [f32] = cast_slice_mut(sums);
                for (column, (number, &held)) in numbers.iter_mut().zip(held).enumerate() {
                    *number = match (self.start.bias, self.start.held) {
                        (None, false) => 0.0,
                        (None, true) => held,
                        (Some(bias), false) => bias[self.column + column],
                        (Some(bias), true) => bias[self.column + column] + held,
                    };
                }
            }
        }
        let mut sums = match self.left {
            Left::Rows { numbers, stride } => {
                let count = self.panel.len();
                let rows = std::array::from_fn(|r| &numbers[(row + r) * stride..][..count]);
                of_rows::<S, WIDE, R>(simd, self.panel, rows, sums)
            }
            Left::Columns { numbers, stride } => {
                of_columns::<S, WIDE, R>(simd, self.panel, &numbers[row..], stride, sums)
            }
        };
        if self.relu {
            for sum in sums.as_flattened_mut() {
                *sum = simd.select_f32s(simd.greater_than_f32s(*sum, zero), *sum, zero);
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            let to = &mut self.output.numbers[at + r * self.output.stride..][..present];
            if present == width {
                cast_slice_mut(to).copy_from_slice(sums);
            } else {
                to.copy_from_slice(&cast_slice(sums)[..present]);
            }
        }
    }
}

/// sums [R, columns] += rows [R, depth] · panel [depth, columns].
#[inline(always)]
fn of_rows<S: Simd, const WIDE: usize, const R: usize>(
    simd: S,
    panel: &[[S::f32s; WIDE]],
    rows: [&[f32]; R],
    mut sums: [[S::f32s; WIDE]; R],
) -> [[S::f32s; WIDE]; R] {
    for (k, columns) in panel.iter().enumerate() {
        for r in 0..R {
            let number = simd.splat_f32s(rows[r][k]);
            for v in 0..WIDE {
                sums[r][v] = simd.mul_add_f32s(number, columns[v], sums[r][v]);
            }
        }
    }
    sums
}

/// The same of a left side whose rows lie beside each other.
#[inline(always)]
fn of_columns<S: Simd, const WIDE: usize, const R: usize>(
    simd: S,
    panel: &[[S::f32s; WIDE]],
    left: &[f32],
    stride: usize,
    mut sums: [[S::f32s; WIDE]; R],
) -> [[S::f32s; WIDE]; R] {
    for (columns, left) in panel.iter().zip(left.chunks(stride)) {
        let (left, _) = left
            .split_first_chunk::<R>()
            .expect("a row for each of the tile");
        for r in 0..R {
            let number = simd.splat_f32s(left[r]);
            for v in 0..WIDE {
                sums[r][v] = simd.mul_add_f32s(number, columns[v], sums[r][v]);
            }
        }
    }
    sums
}
