//! Student's t distribution, and the one test that the others share.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::LEVEL;

/// A mean that may differ from 0.
pub(super) struct MeanTest {
    /// mean / standard error; infinite where the standard error is 0 and the mean is not.
    pub statistic: f64,
    /// Two-sided.
    pub p: f64,
    /// 95 % interval of the mean.
    pub interval: (f64, f64),
}

/// Tests a mean against 0 by Student's t. A standard error of 0 is taken at its word: p is 1 for a mean of 0 and 0 for any
/// other, and the interval is the mean alone.
pub(super) fn test_mean(mean: f64, standard_error: f64, degrees: usize) -> MeanTest {
    let statistic = match (standard_error == 0.0, mean == 0.0) {
        (true, true) => 0.0,
        (true, false) => f64::INFINITY.copysign(mean),
        (false, _) => mean / standard_error,
    };
    let half = interval_factor(degrees) * standard_error;
    MeanTest {
        statistic,
        p: two_sided_p(statistic, degrees),
        interval: (mean - half, mean + half),
    }
}

/// What a standard error is multiplied by to give half of a 95 % interval.
pub(super) fn interval_factor(degrees: usize) -> f64 {
    student(degrees).inverse_cdf(1.0 - LEVEL / 2.0)
}

fn two_sided_p(statistic: f64, degrees: usize) -> f64 {
    if statistic.is_infinite() {
        return 0.0;
    }
    if statistic.is_nan() {
        return 1.0; // sums too large for a number tell nothing
    }
    (2.0 * student(degrees).cdf(-statistic.abs())).min(1.0)
}

fn student(degrees: usize) -> StudentsT {
    StudentsT::new(0.0, 1.0, degrees as f64).expect("callers have at least two values")
}

/// Mean and sum of squared distances from it; exact where all values are equal.
pub(super) fn mean_and_squares(values: &[f64]) -> (f64, f64) {
    if values.iter().all(|value| *value == values[0]) {
        return (values[0], 0.0);
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, squares)
}

/// a - b, pair by pair.
///
/// # Panics
/// When the lists differ in length: their elements are not pairs then.
pub(super) fn differences(a: &[f64], b: &[f64]) -> Vec<f64> {
    assert_eq!(a.len(), b.len(), "both lists must hold the same pairs");
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_scipy() {
        // [scipy.stats.t.ppf(.975, d) for d in (1, 2, 4, 7, 30, 1000)]
        for (degrees, expected) in [
            (1, 12.706204736174694),
            (2, 4.302652729749462),
            (4, 2.7764451051977934),
            (7, 2.364624251592784),
            (30, 2.0422724563012378),
            (1000, 1.9623390808264083),
        ] {
            let found = interval_factor(degrees);
            assert!((found / expected - 1.0).abs() < 1e-9, "{degrees}: {found}");
        }
    }

    #[test]
    fn small_p_values_keep_their_digits() {
        // 2 * scipy.stats.t.sf(25, 9), 2 * scipy.stats.t.sf(0.5, 3)
        for (statistic, degrees, expected) in [
            (25.0, 9, 1.2589450378990368e-09),
            (-0.5, 3, 0.651447964848151),
        ] {
            let found = two_sided_p(statistic, degrees);
            assert!((found / expected - 1.0).abs() < 1e-8, "{found}");
        }
    }
}
