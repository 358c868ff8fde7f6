//! Large matrix products: a safe front of the `gemm` crate, which candle uses too. The order of every sum depends on the
//! depth alone, not on the number of threads or on the other rows and columns.

use gemm::Parallelism;

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
    let parallelism = match threads {
        Threads::One => Parallelism::None,
        Threads::All => Parallelism::Rayon(candle_core::utils::get_num_threads()),
    };
    let (strides_left, strides_right) = (
        (left.column_stride as isize, left.row_stride as isize),
        (right.column_stride as isize, right.row_stride as isize),
    );
    #[expect(unsafe_code, reason = "the matrix-multiply crate takes pointers")]
    // Sound: `check` held every slice against its shape and strides, the shapes fit, and the output is borrowed mutably.
    unsafe {
        gemm::gemm(
            output.rows,
            output.columns,
            left.columns,
            output.numbers.as_mut_ptr(),
            1,
            output.row_stride as isize,
            into == Into::Sum,
            left.numbers.as_ptr(),
            strides_left.0,
            strides_left.1,
            right.numbers.as_ptr(),
            strides_right.0,
            strides_right.1,
            1.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
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
