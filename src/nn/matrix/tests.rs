//! Products against the definition, to the byte.

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
        let lefts = [Matrix::new(&a, rows, depth), Matrix::new(&a_turned, depth, rows).transposed()];
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
