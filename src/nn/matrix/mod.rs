//! Matrix products. The order of every sum depends on the depth alone: not on the number of threads, the other rows and
//! columns, the width of the processor's vectors or the sizes of its caches, all of which a general library's may follow.

mod packed;
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
}

impl<'a> Matrix<'a> {
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
pub fn product(
    output: MatrixMut<'_>,
    into: Into,
    left: Matrix<'_>,
    right: Matrix<'_>,
    threads: Threads,
) {
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
fn block_product(
    output: MatrixMut<'_>,
    into: Into,
    left: Matrix<'_>,
    right: Matrix<'_>,
    threads: Threads,
) {
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
    PANELS.with_borrow_mut(|panels| {
        let mut from = 0;
        loop {
            let to = depth.min(from + PIECE);
            pack(right, from..to, panels);
            let start = Start {
                bias: None,
                held: from > 0 || into == Into::Sum,
            };
            let numbers = &mut numbers[..(rows - 1) * row_stride + columns];
            let panels = &*panels;
            in_blocks_of_rows(numbers, row_stride, threads, |first, numbers| {
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
    });
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

/// Calls `work` with some rows and the number of the first of them, until all were its; on as many threads as there are to be.
fn in_blocks_of_rows(
    numbers: &mut [f32],
    row_stride: usize,
    threads: Threads,
    work: impl Fn(usize, &mut [f32]) + Sync,
) {
    let count = match threads {
        Threads::One => 1,
        Threads::All => rayon::current_num_threads(),
    };
    let rows = numbers.len().div_ceil(row_stride);
    let share = rows.div_ceil(count).next_multiple_of(tile::BLOCK_ROWS / 4);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: u64) -> Vec<f32> {
        let mut stream = crate::rng::stream(seed, "test", 0, 0);
        (0..count).map(|_| stream.uniform_f32() - 0.5).collect()
    }

    #[test]
    fn products_are_those_of_the_definition() {
        let (rows, depth, columns) = (7, 300, 9);
        let (a, b) = (numbers(rows * depth, 1), numbers(depth * columns, 2));
        let mut expected = vec![1.0; rows * columns];
        for r in 0..rows {
            for c in 0..columns {
                for k in 0..depth {
                    expected[r * columns + c] += a[r * depth + k] * b[k * columns + c];
                }
            }
        }
        for threads in [Threads::One, Threads::All] {
            let mut out = vec![1.0; rows * columns];
            product(
                MatrixMut::new(&mut out, rows, columns),
                Into::Sum,
                Matrix::new(&a, rows, depth),
                Matrix::new(&b, depth, columns),
                threads,
            );
            for (out, expected) in out.iter().zip(&expected) {
                assert!((out - expected).abs() < 1e-4, "{out} {expected}");
            }
        }
    }

    /// Every shape, small and odd, each side as it lies or transposed: the sums in the order of the depth, to the byte.
    #[test]
    fn sums_run_through_the_depth_in_order() {
        for (rows, depth, columns) in [
            (1, 1, 1),
            (1, 4, 1),
            (4, 1, 6),
            (3, 5, 40),
            (17, 600, 33),
            (50, 0, 3),
            (13, 2, 1),
            (1, 300, 70),
        ] {
            let (a, b) = (numbers(rows * depth, 1), numbers(depth * columns, 2));
            let turned = |numbers: &[f32], rows: usize, columns: usize| -> Vec<f32> {
                let at = |i: usize| numbers[i % rows * columns + i / rows];
                (0..rows * columns).map(at).collect()
            };
            let (a_turned, b_turned) = (turned(&a, rows, depth), turned(&b, depth, columns));
            let lefts = [
                Matrix::new(&a, rows, depth),
                Matrix::new(&a_turned, depth, rows).transposed(),
            ];
            let rights = [
                Matrix::new(&b, depth, columns),
                Matrix::new(&b_turned, columns, depth).transposed(),
            ];
            for into in [Into::Fresh, Into::Sum] {
                let mut expected = vec![if into == Into::Sum { 1.0 } else { 0.0 }; rows * columns];
                for (at, sum) in expected.iter_mut().enumerate() {
                    for k in 0..depth {
                        let (a, b) = (a[at / columns * depth + k], b[k * columns + at % columns]);
                        *sum = a.mul_add(b, *sum);
                    }
                }
                for (left, right) in lefts.into_iter().flat_map(|l| rights.map(|r| (l, r))) {
                    for threads in [Threads::One, Threads::All] {
                        let mut out = vec![1.0; rows * columns];
                        let to = MatrixMut::new(&mut out, rows, columns);
                        product(to, into, left, right, threads);
                        assert_eq!(out, expected, "{rows} {depth} {columns} {into:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_scalar_product_leaves_nothing_out() {
        for length in [0, 1, 7, 8, 19] {
            let a: Vec<f64> = (0..length).map(f64::from).collect();
            let expected: f64 = (0..length).map(|i| f64::from(2 * i * i)).sum();
            let twice: Vec<f64> = a.iter().map(|x| 2.0 * x).collect();
            assert_eq!(dot(&a, &twice), expected);
        }
    }

    #[test]
    fn a_transposed_and_spaced_matrix_is_read_as_it_lies() {
        // [[1, 2], [3, 4]] transposed, times rows 0 and 1 of a matrix of three columns, of which two are used.
        let (a, b) = ([1.0, 2.0, 3.0, 4.0], [1.0, 0.0, 9.0, 0.0, 1.0]);
        let mut out = [0.0; 5];
        product(
            MatrixMut::spaced(&mut out, 2, 2, 3),
            Into::Fresh,
            Matrix::new(&a, 2, 2).transposed(),
            Matrix::spaced(&b, 2, 2, 3),
            Threads::One,
        );
        assert_eq!(out, [1.0, 3.0, 0.0, 2.0, 4.0]);
    }

    #[test]
    fn a_row_does_not_depend_on_the_others_or_on_threads() {
        let (rows, depth, columns) = (130, 700, 70);
        let (a, b) = (numbers(rows * depth, 3), numbers(depth * columns, 4));
        let whole = |threads| {
            let mut out = vec![0.0; rows * columns];
            product(
                MatrixMut::new(&mut out, rows, columns),
                Into::Fresh,
                Matrix::new(&a, rows, depth),
                Matrix::new(&b, depth, columns),
                threads,
            );
            out
        };
        let all = whole(Threads::All);
        assert_eq!(all, whole(Threads::One));
        let mut part = vec![0.0; 50 * columns];
        product(
            MatrixMut::new(&mut part, 50, columns),
            Into::Fresh,
            Matrix::new(&a[40 * depth..90 * depth], 50, depth),
            Matrix::new(&b, depth, columns),
            Threads::One,
        );
        assert_eq!(part, all[40 * columns..90 * columns]);
    }
}
