//! Matrix products. The order of every sum depends on the depth alone: not on the number of threads, the other rows and
//! columns, the width of the processor's vectors or the sizes of its caches, all of which a general library's may follow.

mod packed;
#[cfg(test)]
mod tests;
mod tile;

use std::cell::RefCell;

use pulp::{Simd, WithSimd};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

use super::simd::dispatch;
use packed::pack;
pub(in crate::nn) use packed::panel_width;
pub use packed::{Finish, Packed};
use tile::{Left, Output, Panels, Start, multiply, pass_depth};

/// A matrix in a slice: element (row, column) lies at `row · row_stride + column · column_stride`.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    numbers: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

/// A matrix to write into; its columns lie side by side.
#[derive(Debug)]
pub struct MatrixMut<'a> {
    numbers: &'a mut [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
}

/// What happens to what the output held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// It is written over.
    Fresh,
    /// The product is added to it.
    Sum,
}

/// Who computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    /// The calling thread alone.
    One,
    /// The threads of rayon's pool.
    All,
}

impl<'a> Matrix<'a> {
    /// A [rows, columns] matrix, a row after the other.
    ///
    /// # Panics
    /// When the slice has another length.
    pub fn new(numbers: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(numbers.len(), rows * columns, "{rows} rows of {columns}");
        Self::spaced(numbers, rows, columns, columns)
    }

    /// The same with `row_stride` numbers from the start of one row to that of the next.
    ///
    /// # Panics
    /// When the slice is too short, or rows overlap.
    pub fn spaced(numbers: &'a [f32], rows: usize, columns: usize, row_stride: usize) -> Self {
        check(numbers.len(), rows, columns, row_stride);
        Self {
            numbers,
            rows,
            columns,
            row_stride,
            column_stride: 1,
        }
    }

    /// The same numbers with rows and columns exchanged.
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    /// What lies from a row and a column on.
    fn piece(self, row: usize, column: usize) -> Left<'a> {
        let numbers = &self.numbers[row * self.row_stride + column * self.column_stride..];
        if self.column_stride == 1 {
            Left::Rows {
                numbers,
                stride: self.row_stride,
            }
        } else {
            debug_assert_eq!(self.row_stride, 1, "rows or columns lie side by side");
            Left::Columns {
                numbers,
                stride: self.column_stride,
            }
        }
    }
}

impl<'a> MatrixMut<'a> {
    /// A [rows, columns] matrix, a row after the other.
    ///
    /// # Panics
    /// When the slice has another length.
    pub fn new(numbers: &'a mut [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(numbers.len(), rows * columns, "{rows} rows of {columns}");
        Self::spaced(numbers, rows, columns, columns)
    }

    /// The same with `row_stride` numbers from the start of one row to that of the next.
    ///
    /// # Panics
    /// When the slice is too short, or rows overlap.
    pub fn spaced(numbers: &'a mut [f32], rows: usize, columns: usize, row_stride: usize) -> Self {
        check(numbers.len(), rows, columns, row_stride);
        Self {
            numbers,
            rows,
            columns,
            row_stride,
        }
    }
}

fn check(length: usize, rows: usize, columns: usize, row_stride: usize) {
    assert!(row_stride >= columns, "rows overlap");
    let needed = match rows {
        0 => 0,
        rows => (rows - 1) * row_stride + columns,
    };
    assert!(length >= needed, "{length} numbers for {needed}");
}

/// output [rows, columns] (+)= left [rows, depth] · right [depth, columns].
///
/// # Panics
/// When the shapes do not fit.
pub fn product(output: MatrixMut<'_>, into: Into, left: Matrix<'_>, right: Matrix<'_>, threads: Threads) {
    assert_eq!(
        (output.rows, output.columns, left.columns),
        (left.rows, right.columns, right.rows),
        "the shapes of a product"
    );
    let few = output.rows <= FEW_ROWS && output.rows < output.columns;
    if few {
        // The large side is read once as it lies instead of being packed: (A B)ᵀ = Bᵀ Aᵀ, the same sums.
        let (rows, columns, stride) = (output.rows, output.columns, output.row_stride);
        let mut turned = vec![0.0; rows * columns]; // [columns, rows]
        if into == Into::Sum {
            for (column, turned) in turned.chunks_exact_mut(rows).enumerate() {
                for (row, to) in turned.iter_mut().enumerate() {
                    *to = output.numbers[row * stride + column];
                }
            }
        }
        let to = MatrixMut::new(&mut turned, columns, rows);
        block_product(to, into, right.transposed(), left.transposed(), threads);
        for (column, turned) in turned.chunks_exact(rows).enumerate() {
            for (row, &from) in turned.iter().enumerate() {
                output.numbers[row * stride + column] = from;
            }
        }
    } else {
        block_product(output, into, left, right, threads);
    }
}

/// Rows up to which a product is turned round.
const FEW_ROWS: usize = 16;

/// The same, with the right side packed piece by piece of the depth.
fn block_product(output: MatrixMut<'_>, into: Into, left: Matrix<'_>, right: Matrix<'_>, threads: Threads) {
    thread_local! {
        static PANELS: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
    }
    let MatrixMut {
        numbers,
        rows,
        columns,
        row_stride,
    } = output;
    let depth = left.columns;
    if depth == 0 && into == Into::Fresh {
        let rows = numbers.chunks_mut(row_stride.max(1)).take(rows);
        rows.for_each(|row| row[..columns].fill(0.0));
    }
    if rows == 0 || columns == 0 || depth == 0 {
        return;
    }
    // Taken out, not borrowed: while this thread waits for others, it may be given another product.
    let mut panels = PANELS.take();
    let mut from = 0;
    loop {
        let to = depth.min(from + PIECE);
        pack(right, from..to, &mut panels);
        let start = Start {
            bias: None,
            held: from > 0 || into == Into::Sum,
        };
        let numbers = &mut numbers[..(rows - 1) * row_stride + columns];
        let panels = &panels;
        let products = columns * (to - from);
        in_blocks_of_rows(numbers, row_stride, threads, products, |first, numbers| {
            dispatch(Piece {
                left: left.piece(first, from),
                panels,
                depth: to - from,
                output: Output {
                    rows: numbers.len().div_ceil(row_stride),
                    numbers,
                    columns,
                    stride: row_stride,
                },
                start,
            });
        });
        from = to;
        if from == depth {
            break;
        }
    }
    PANELS.set(panels);
}

/// output [rows, columns] (+)= left [rows, depth] · the first columns of a packed right side, by the calling thread.
///
/// # Panics
/// When the shapes do not fit.
pub(super) fn panel_product(output: MatrixMut<'_>, into: Into, left: Matrix<'_>, panels: &[f32]) {
    let depth = left.columns;
    assert_eq!(output.rows, left.rows, "the shapes of a product");
    let count = output.columns.div_ceil(panel_width());
    dispatch(Piece {
        left: left.piece(0, 0),
        panels: &panels[..count * panel_width() * depth],
        depth,
        output: Output {
            numbers: output.numbers,
            rows: output.rows,
            columns: output.columns,
            stride: output.row_stride,
        },
        start: Start {
            bias: None,
            held: into == Into::Sum,
        },
    });
}

/// Depth of the right side that is packed at a time.
const PIECE: usize = 256;

/// A piece of the depth of some rows.
struct Piece<'a> {
    left: Left<'a>,
    panels: &'a [f32],
    depth: usize,
    output: Output<'a>,
    start: Start<'a>,
}

impl WithSimd for Piece<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let mut from = 0;
        loop {
            let to = self.depth.min(from + pass_depth::<S>());
            let panels = Panels {
                numbers: self.panels,
                depth: self.depth,
                from,
                to,
                after: &[],
            };
            let left = self.left.from(from);
            multiply(simd, left, panels, &mut self.output, self.start, false);
            self.start = Start::HELD;
            from = to;
            if from == self.depth {
                break;
            }
        }
    }
}

/// Multiply-adds that another thread is asked for, at least: it takes microseconds to answer.
const LEAST_PRODUCTS: usize = 1 << 19;

/// Calls `work` with some rows and the number of the first of them, until all were its; on as many threads as there are to be.
fn in_blocks_of_rows(
    numbers: &mut [f32],
    row_stride: usize,
    threads: Threads,
    products_of_a_row: usize,
    work: impl Fn(usize, &mut [f32]) + Sync,
) {
    let count = match threads {
        Threads::One => 1,
        Threads::All => rayon::current_num_threads(),
    };
    let rows = numbers.len().div_ceil(row_stride);
    let share = rows.div_ceil(count);
    let share = share.max(LEAST_PRODUCTS / products_of_a_row.max(1));
    let share = share.next_multiple_of(tile::SHARE_ROWS);
    if share >= rows {
        work(0, numbers);
    } else {
        let shares = numbers.par_chunks_mut(share * row_stride).enumerate();
        shares.for_each(|(number, numbers)| work(number * share, numbers));
    }
}

/// Σ aᵢ bᵢ in f64: eight sums side by side, which the compiler can put into vectors, always in the same order.
///
/// # Panics
/// When the lengths differ.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len(), "the lengths of a scalar product");
    let mut sums = [0.0; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    for (lane, (a, b)) in a_rest.iter().zip(b_rest).enumerate() {
        sums[lane] += a * b;
    }
    sums.iter().sum()
}
