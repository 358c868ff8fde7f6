//! Products with a matrix that stays the same from call to call: it is packed once, for the vectors of this processor, and what
//! follows a convolution is done while the sums are still in registers. The other side is read as it lies.

use pulp::{Simd, WithSimd};

use super::tile::{BLOCK_ROWS, Left, Output, Panels, Start, multiply, pass_depth, vectors_width};
use super::{Matrix, Threads, in_blocks_of_rows};
use crate::nn::simd::dispatch;

/// A [depth, columns] matrix in panels of a few vectors of columns, in each the depth outermost; missing columns are zeros.
#[derive(Debug, Clone)]
pub struct Packed {
    panels: Vec<f32>,
    depth: usize,
    columns: usize,
}

/// What is added to the sums, and done to them before they are written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Finish<'a> {
    /// Added to each column.
    pub bias: Option<&'a [f32]>,
    /// Whether what the output holds is added.
    pub held: bool,
    /// Whether numbers that are not above 0 become 0.
    pub relu: bool,
    /// Whose product comes next: where it begins, its numbers are asked for meanwhile.
    pub next: Option<&'a Packed>,
}

impl Packed {
    /// Packs `matrix`.
    pub fn new(matrix: Matrix<'_>) -> Self {
        let mut panels = Vec::new();
        let (depth, columns) = (matrix.rows, matrix.columns);
        pack(matrix, 0..depth, &mut panels);
        Self { panels, depth, columns }
    }

    /// The panels that hold the columns from `first` on, a multiple of `panel_width`.
    pub(in crate::nn) fn panels_from(&self, first: usize) -> &[f32] {
        &self.panels[first * self.depth..]
    }

    /// output [rows, columns] = left [rows, depth] · matrix, then `finish`.
    ///
    /// # Panics
    /// When the lengths do not fit.
    pub fn product(&self, left: &[f32], output: &mut [f32], finish: Finish<'_>, threads: Threads) {
        let rows = output.len() / self.columns;
        assert_eq!(output.len(), rows * self.columns);
        assert_eq!(left.len(), rows * self.depth);
        if let Some(bias) = finish.bias {
            assert_eq!(bias.len(), self.columns);
        }
        let products = self.columns * self.depth;
        in_blocks_of_rows(output, self.columns, threads, products, |first, output| {
            let rows = output.len() / self.columns;
            dispatch(Product {
                matrix: self,
                left: &left[first * self.depth..(first + rows) * self.depth],
                output,
                finish,
            });
        });
    }
}

/// Some of the matrix's rows as panels of as many rows.
pub(super) fn pack(matrix: Matrix<'_>, depth: std::ops::Range<usize>, panels: &mut Vec<f32>) {
    let width = panel_width();
    let columns = matrix.columns;
    panels.clear();
    panels.resize(columns.div_ceil(width) * width * depth.len(), 0.0);
    for (number, panel) in panels.chunks_exact_mut(width * depth.len()).enumerate() {
        let first = number * width;
        let present = width.min(columns - first);
        let start = depth.start * matrix.row_stride + first * matrix.column_stride;
        if matrix.column_stride == 1 {
            for (row, to) in panel.chunks_exact_mut(width).enumerate() {
                let from = &matrix.numbers[start + row * matrix.row_stride..];
                to[..present].copy_from_slice(&from[..present]);
            }
        } else {
            for column in 0..present {
                let from = &matrix.numbers[start + column * matrix.column_stride..];
                let from = from.iter().step_by(matrix.row_stride);
                for (to, &from) in panel[column..].iter_mut().step_by(width).zip(from) {
                    *to = from;
                }
            }
        }
    }
}

/// Columns of a panel.
pub(in crate::nn) fn panel_width() -> usize {
    dispatch(Width)
}

/// Asks for the columns of a panel.
struct Width;

impl WithSimd for Width {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        vectors_width::<S>()
    }
}

struct Product<'a> {
    matrix: &'a Packed,
    left: &'a [f32],
    output: &'a mut [f32],
    finish: Finish<'a>,
}

impl<'a> WithSimd for Product<'a> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Packed { panels, depth, columns } = self.matrix;
        let (depth, columns) = (*depth, *columns);
        let all = self.output.len() / columns;
        // What the pass from some depth on reads of a matrix's first panel.
        let read_first = |matrix: &'a Packed, from: usize| {
            let to = matrix.depth.min(from + pass_depth::<S>());
            let width = vectors_width::<S>();
            matrix.panels.get(from * width..to * width).unwrap_or_default()
        };
        for block in (0..all).step_by(BLOCK_ROWS) {
            let rows = BLOCK_ROWS.min(all - block);
            let mut output = Output {
                numbers: &mut self.output[block * columns..(block + rows) * columns],
                rows,
                columns,
                stride: columns,
            };
            let mut from = 0;
            // A matrix without depth is a pass too: what the sums start from is written.
            loop {
                let to = depth.min(from + pass_depth::<S>());
                let after = if to < depth {
                    read_first(self.matrix, to)
                } else if block + rows < all {
                    read_first(self.matrix, 0)
                } else {
                    let next = self.finish.next;
                    next.map_or(&[][..], |next| read_first(next, 0))
                };
                multiply(
                    simd,
                    Left::Rows {
                        numbers: &self.left[block * depth + from..],
                        stride: depth,
                    },
                    Panels {
                        numbers: panels,
                        depth,
                        from,
                        to,
                        after,
                    },
                    &mut output,
                    if from == 0 {
                        Start {
                            bias: self.finish.bias,
                            held: self.finish.held,
                        }
                    } else {
                        Start::HELD
                    },
                    self.finish.relu && to == depth,
                );
                from = to;
                if from == depth {
                    break;
                }
            }
        }
    }
}
