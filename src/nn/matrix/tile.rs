//! The innermost loops of a product: a tile of the output stays in registers while the depth passes by.
//!
//! The order of every sum is that of the depth, from first to last, one fused multiply-add after the other, and starts from what
//! the output is to hold before. Neither tiles, blocks and threads nor the width of vectors change it.

use pulp::Simd;
use pulp::bytemuck::{cast_slice, cast_slice_mut};

use crate::nn::simd::prefetch;

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
    /// What is read after them.
    pub(super) after: &'a [f32],
}

impl<'a> Panels<'a> {
    /// What is taken of each panel, `width` columns wide.
    #[inline(always)]
    pub(super) fn pieces(self, width: usize) -> impl Iterator<Item = &'a [f32]> {
        let panels = self.numbers.chunks_exact(width * self.depth);
        panels.map(move |panel| &panel[self.from * width..self.to * width])
    }
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
    pub(super) const HELD: Self = Self { bias: None, held: true };
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

/// Depth of one pass: so much of a panel stays in the first caches. Measured.
#[inline(always)]
pub(super) fn pass_depth<S: Simd>() -> usize {
    let numbers = if S::F32_LANES == 8 { 8192 } else { 12288 };
    numbers / vectors_width::<S>()
}

/// Rows of the left side that are multiplied by all panels before the next: each panel is read once for them.
pub(super) const BLOCK_ROWS: usize = 16 * ROWS;

/// What threads share rows by is a multiple of this.
pub(super) const SHARE_ROWS: usize = 2 * ROWS;

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
        let rows = block..output.rows.min(block + BLOCK_ROWS);
        let mut all = panels.pieces(width).enumerate().peekable();
        while let Some((number, panel)) = all.next() {
            let next = match all.peek() {
                Some((_, next)) => next,
                None if rows.end < output.rows => panels.pieces(width).next().unwrap_or_default(),
                None => panels.after,
            };
            let panel: &[S::f32s] = cast_slice(panel);
            let (panel, _) = panel.as_chunks::<WIDE>();
            let column = number * width;
            let present = width.min(output.columns - column);
            if present == width {
                let mut tile = Tile::<S, WIDE> {
                    left,
                    panel,
                    next,
                    bias: start.bias.map(|bias| &bias[column..]),
                    held: start.held,
                    relu,
                    stride: output.stride,
                    numbers: &mut output.numbers[rows.start * output.stride + column..],
                };
                tile.block(simd, rows.clone());
                continue;
            }
            // A panel that is not full is computed in a full one beside.
            let mut beside = [0.0; BLOCK_ROWS * MOST_WIDTH];
            let mut bias = [0.0; MOST_WIDTH];
            if let Some(given) = start.bias {
                bias[..present].copy_from_slice(&given[column..][..present]);
            }
            let own = |row: usize| (rows.start + row) * output.stride + column;
            if start.held {
                for (row, to) in beside.chunks_exact_mut(width).take(rows.len()).enumerate() {
                    to[..present].copy_from_slice(&output.numbers[own(row)..][..present]);
                }
            }
            let mut tile = Tile::<S, WIDE> {
                left,
                panel,
                next,
                bias: start.bias.map(|_| bias.as_slice()),
                held: start.held,
                relu,
                stride: width,
                numbers: &mut beside,
            };
            tile.block(simd, rows.clone());
            for (row, from) in beside.chunks_exact(width).take(rows.len()).enumerate() {
                output.numbers[own(row)..][..present].copy_from_slice(&from[..present]);
            }
        }
    }
}

/// Columns of the widest panel.
const MOST_WIDTH: usize = 64;

struct Tile<'a, 'b, S: Simd, const WIDE: usize> {
    left: Left<'a>,
    panel: &'a [[S::f32s; WIDE]],
    /// The panel that comes after this one.
    next: &'a [f32],
    /// Of the panel's columns.
    bias: Option<&'a [f32]>,
    held: bool,
    relu: bool,
    /// From one row of the output to the next.
    stride: usize,
    /// The output from the block's first row and the panel's first column on.
    numbers: &'b mut [f32],
}

impl<S: Simd, const WIDE: usize> Tile<'_, '_, S, WIDE> {
    /// The rows of a block.
    #[inline(always)]
    fn block(&mut self, simd: S, block: std::ops::Range<usize>) {
        let first = block.start;
        let mut row = first;
        let share = self.next.len().div_ceil(block.len().div_ceil(ROWS));
        let mut next = self.next.chunks(share.max(1));
        while row + ROWS <= block.end {
            prefetch(next.next().unwrap_or_default());
            self.rows::<ROWS>(simd, row, row - first);
            row += ROWS;
        }
        let place = row - first;
        match block.end - row {
            0 => {}
            1 => self.rows::<1>(simd, row, place),
            2 => self.rows::<2>(simd, row, place),
            3 => self.rows::<3>(simd, row, place),
            4 => self.rows::<4>(simd, row, place),
            _ => self.rows::<5>(simd, row, place),
        }
    }

    /// R rows from `row` of the left side and from `place` of the output on.
    #[inline(always)]
    fn rows<const R: usize>(&mut self, simd: S, row: usize, place: usize) {
        let zero = simd.splat_f32s(0.0);
        let bias = match self.bias {
            None => [zero; WIDE],
            Some(bias) => vectors::<S, WIDE>(bias),
        };
        let own = |r: usize| (place + r) * self.stride;
        let mut sums = [[zero; WIDE]; R];
        for (r, sums) in sums.iter_mut().enumerate() {
            *sums = match (self.bias, self.held) {
                (None, false) => continue,
                (Some(_), false) => bias,
                // What is held may be -0, to which a zero is not added.
                (None, true) => vectors::<S, WIDE>(&self.numbers[own(r)..]),
                (Some(_), true) => {
                    let held = vectors::<S, WIDE>(&self.numbers[own(r)..]);
                    std::array::from_fn(|v| simd.add_f32s(bias[v], held[v]))
                }
            };
        }
        let mut sums = match self.left {
            Left::Rows { numbers, stride } => {
                let count = self.panel.len();
                // In a loop of its own: as a closure it is a call for each tile.
                let mut rows = [numbers; R];
                for (r, row_of) in rows.iter_mut().enumerate() {
                    *row_of = &numbers[(row + r) * stride..][..count];
                }
                of_rows::<S, WIDE, R>(simd, self.panel, rows, sums)
            }
            Left::Columns { numbers, stride } => of_columns::<S, WIDE, R>(simd, self.panel, &numbers[row..], stride, sums),
        };
        if self.relu {
            for sum in sums.as_flattened_mut() {
                *sum = simd.select_f32s(simd.greater_than_f32s(*sum, zero), *sum, zero);
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            let to = &mut self.numbers[own(r)..][..WIDE * S::F32_LANES];
            let (to, _) = cast_slice_mut::<f32, S::f32s>(to).as_chunks_mut::<WIDE>();
            to[0] = *sums;
        }
    }
}

/// The first numbers of a slice.
#[inline(always)]
fn vectors<S: Simd, const WIDE: usize>(numbers: &[f32]) -> [S::f32s; WIDE] {
    let numbers = &numbers[..WIDE * S::F32_LANES];
    cast_slice::<f32, S::f32s>(numbers).as_chunks::<WIDE>().0[0]
}

/// Depth of one turn of the loop.
const STEP: usize = 4;

/// sums [R, columns] += rows [R, depth] · panel [depth, columns].
#[inline(always)]
fn of_rows<S: Simd, const WIDE: usize, const R: usize>(
    simd: S,
    panel: &[[S::f32s; WIDE]],
    rows: [&[f32]; R],
    mut sums: [[S::f32s; WIDE]; R],
) -> [[S::f32s; WIDE]; R] {
    let (turns, last) = panel.as_chunks::<STEP>();
    let starts = rows.map(|row| row.as_chunks::<STEP>().0);
    for (turn, columns) in turns.iter().enumerate() {
        let numbers: [&[f32; STEP]; R] = std::array::from_fn(|r| &starts[r][turn]);
        add::<S, WIDE, R>(simd, &columns[0], |r| numbers[r][0], &mut sums);
        add::<S, WIDE, R>(simd, &columns[1], |r| numbers[r][1], &mut sums);
        add::<S, WIDE, R>(simd, &columns[2], |r| numbers[r][2], &mut sums);
        add::<S, WIDE, R>(simd, &columns[3], |r| numbers[r][3], &mut sums);
    }
    let first = turns.len() * STEP;
    for (k, columns) in last.iter().enumerate() {
        add::<S, WIDE, R>(simd, columns, |r| rows[r][first + k], &mut sums);
    }
    sums
}

/// sums [R, columns] += a number for each row · columns.
#[inline(always)]
#[expect(
    clippy::needless_range_loop,
    reason = "iterators over the sums let the compiler keep them in memory, at a quarter of the speed"
)]
fn add<S: Simd, const WIDE: usize, const R: usize>(
    simd: S,
    columns: &[S::f32s; WIDE],
    number: impl Fn(usize) -> f32,
    sums: &mut [[S::f32s; WIDE]; R],
) {
    for r in 0..R {
        let number = simd.splat_f32s(number(r));
        for v in 0..WIDE {
            sums[r][v] = simd.mul_add_f32s(number, columns[v], sums[r][v]);
        }
    }
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
        let (left, _) = left.split_first_chunk::<R>().expect("a row for each of the tile");
        add::<S, WIDE, R>(simd, columns, |r| left[r], &mut sums);
    }
    sums
}
