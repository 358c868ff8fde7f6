//! Student's t distribution, and the one test that the others share.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{Chance, LEVEL};

/// Tests a mean against 0 by Student's t, with a standard error above 0.
pub(super) fn test_mean(mean: f64, standard_error: f64, degrees: usize) -> Chance {
    let half = interval_factor(degrees) * standard_error;
    Chance {
        p: two_sided_p(mean / standard_error, degrees),
        interval: (mean - half, mean + half),
    }
}

/// Values that spread less than this share of their own size, or of what they are differences of, are one value: the rest
/// is rounding. It is what another machine or another order of sums may change, as in `numerically_equal`.
const SPREAD_OF_ROUNDING: f64 = 1e-4;
const SPREAD_OF_SUMS: f64 = 1e-12;

/// Whether values differ from one another by more than rounding: those that do not tell nothing of chance. `scale` is the size
/// of the numbers that they come from.
pub(super) fn vary(values: &[f64], scale: f64) -> bool {
    let ends = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
        (low.min(value), high.max(value))
    });
    let (low, high) = ends;
    let size = low.abs().max(high.abs());
    // Values on both sides of 0 differ by more than a share of their size, however small they are.
    high - low > (SPREAD_OF_ROUNDING * size).max(SPREAD_OF_SUMS * scale)
}

/// The largest size among numbers.
pub(super) fn largest<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    values.into_iter().fold(0.0, |most: f64, value| most.max(value.abs()))
}

/// What a standard error is multiplied by to give half of a 95 % interval.
pub(super) fn interval_factor(degrees: usize) -> f64 {
    student(degrees).inverse_cdf(1.0 - LEVEL / 2.0)
}

fn two_sided_p(statistic: f64, degrees: usize) -> f64 {
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
    fn what_differs_by_rounding_alone_does_not_vary() {
        for (values, scale, expected) in [
            (&[0.5, 0.5, 0.5][..], 3.0, false),
            (&[0.3 - 0.1, 0.4 - 0.2, 0.5 - 0.3], 0.5, false),
            (&[2.0, 2.0001], 2.0, false),
            (&[2.0, 2.001], 2.0, true),
            (&[-1e-9, 1e-9], 1.0, true),
            (&[-1e-13, 1e-13], 1.0, false),
            (&[0.0, 0.0], 0.0, false),
            (&[1e-300, 3e-300], 3e-300, true),
        ] {
            assert_eq!(vary(values, scale), expected, "{values:?}");
        }
    }

    #[test]
    fn small_p_values_keep_their_digits() {
        // 2 * scipy.stats.t.sf(25, 9), 2 * scipy.stats.t.sf(0.5, 3)
        for (statistic, degrees, expected) in [(25.0, 9, 1.2589450378990368e-09), (-0.5, 3, 0.651447964848151)] {
            let found = two_sided_p(statistic, degrees);
            assert!((found / expected - 1.0).abs() < 1e-8, "{found}");
        }
    }
}
