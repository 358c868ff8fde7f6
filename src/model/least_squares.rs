//! Linear least squares in f64, by Householder's reflections (Golub and Van Loan, section 5.2): with a fixed order of sums, and without the
//! squares of a condition number that normal equations have.

use crate::nn::matrix::dot;

/// A column of which no larger share is left beside those before it follows from them, but for rounding.
const DEPENDENT: f64 = 1e-10;

/// The weights [target][column] with the least squares Σ (target - Σ weight column)² over the rows, of `columns` [column][row] and `targets`
/// [target][row]. A column that follows from those before it has the weight 0.
pub(super) fn solve(mut columns: Vec<Vec<f64>>, mut targets: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let sizes: Vec<f64> = columns.iter().map(|column| dot(column, column).sqrt()).collect();
    // The columns that follow from no others, each with a row of the triangle.
    let mut free: Vec<usize> = Vec::new();
    for (index, size) in sizes.iter().enumerate() {
        let (own, others) = columns[index..].split_first_mut().expect("the column is there");
        let Some(rest) = own.get_mut(free.len()..).filter(|rest| !rest.is_empty()) else {
            break;
        };
        let left = dot(rest, rest).sqrt();
        if left <= DEPENDENT * size {
            continue;
        }
        let diagonal = if rest[0] > 0.0 { -left } else { left };
        rest[0] -= diagonal;
        let half = dot(rest, rest) / 2.0;
        for other in others.iter_mut().chain(&mut targets) {
            let other = &mut other[free.len()..];
            let share = dot(rest, other) / half;
            for (number, reflected) in other.iter_mut().zip(&*rest) {
                *number -= share * reflected;
            }
        }
        rest[0] = diagonal;
        free.push(index);
    }
    let weights = targets.iter().map(|target| {
        let mut weights = vec![0.0; columns.len()];
        for (row, &index) in free.iter().enumerate().rev() {
            let later = free[row + 1..].iter();
            let known: f64 = later.map(|&other| columns[other][row] * weights[other]).sum();
            weights[index] = (target[row] - known) / columns[index][row];
        }
        weights
    });
    weights.collect()
}

#[cfg(test)]
mod tests {
    use super::solve;
    use crate::rng;

    #[test]
    fn weights_by_hand() {
        // y = 1 + 2 t at t = 0, 1, 2, missed by 1, -2, 1, which no line explains.
        let columns = vec![vec![1.0; 3], vec![0.0, 1.0, 2.0]];
        let found = solve(columns, vec![vec![2.0, 1.0, 6.0], vec![3.0; 3]]);
        for (found, expected) in found.concat().iter().zip([1.0, 2.0, 3.0, 0.0]) {
            assert!((found - expected).abs() < 1e-14, "{found}, expected {expected}");
        }
    }

    #[test]
    fn what_is_left_is_at_right_angles_to_every_column() {
        let mut chance = rng::stream(0, "least squares", 0, 0);
        let mut random =
            |count: usize| -> Vec<Vec<f64>> { (0..count).map(|_| (0..40).map(|_| chance.normal()).collect()).collect() };
        let (columns, targets) = (random(7), random(2));
        let weights = solve(columns.clone(), targets.clone());
        for (target, weights) in targets.iter().zip(&weights) {
            let fitted =
                |row: usize| -> f64 { columns.iter().zip(weights).map(|(column, weight)| column[row] * weight).sum() };
            for column in &columns {
                let product: f64 = (0..40).map(|row| column[row] * (target[row] - fitted(row))).sum();
                assert!(product.abs() < 1e-12, "{product}");
            }
        }
    }

    #[test]
    fn a_column_that_follows_from_others_changes_nothing() {
        let (a, b) = (vec![1.0, 2.0, 3.0, 5.0], vec![0.5, -1.0, 2.0, 1.0]);
        let both: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - 3.0 * b).collect();
        let target = vec![vec![1.0, 0.0, 2.0, 2.0]];
        let plain = solve(vec![a.clone(), b.clone()], target.clone());
        let found = solve(vec![a, vec![0.0; 4], b, both], target);
        assert_eq!(found[0], [plain[0][0], 0.0, plain[0][1], 0.0]);
        // More columns than rows: the first ones explain all.
        let found = solve(vec![vec![2.0], vec![1.0]], vec![vec![6.0]]);
        assert_eq!(found[0], [3.0, 0.0]);
    }
}
