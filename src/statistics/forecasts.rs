//! Losses of two forecasters at the same origins → whether one is better.

use super::Test;
use super::student::{differences, largest, mean_and_squares, test_mean, vary};

/// Tests whether two forecasters lose alike (Diebold and Mariano, 1995), the losses in time order: where the difference is
/// below 0, a is better.
///
/// Forecasts of several days from neighbouring origins share days, so their losses are correlated: the variance of the
/// mean is estimated by Newey and West (1987) with Bartlett weights up to lag horizon - 1, where `horizon` is in steps
/// from one origin to the next. The statistic is corrected for small samples and compared with Student's t, both by
/// Harvey, Leybourne and Newbold (1997). For a horizon of 1 it is the paired t test.
///
/// Undefined for fewer than two origins, and where there are no more origins than the horizon has steps.
///
/// # Panics
/// When the lists differ in length, or `horizon` is 0.
pub(crate) fn diebold_mariano(losses_a: &[f64], losses_b: &[f64], horizon: usize) -> Option<Test> {
    assert!(horizon > 0, "a forecast looks at least one step ahead");
    let differences = differences(losses_a, losses_b);
    let n = differences.len();
    if n < 2 || n <= horizon {
        return None;
    }
    let (mean, squares) = mean_and_squares(&differences);
    let count = n as f64;
    let covariance = |lag: usize| {
        let pairs = differences[lag..].iter().zip(&differences);
        pairs.map(|(d, before)| (d - mean) * (before - mean)).sum::<f64>() / count
    };
    if !vary(&differences, largest(losses_a.iter().chain(losses_b))) {
        return Some(Test {
            difference: mean,
            chance: None,
        });
    }
    let weight = |lag: usize| 1.0 - lag as f64 / horizon as f64;
    let lagged: f64 = (1..horizon).map(|lag| weight(lag) * covariance(lag)).sum();
    // Bartlett weights keep it above 0, except for rounding.
    let variance = squares / count + 2.0 * lagged;
    if variance <= 0.0 {
        return None;
    }
    let steps = horizon as f64;
    let correction = (count + 1.0 - 2.0 * steps + steps * (steps - 1.0) / count) / count;
    let standard_error = (variance / count / correction).sqrt();
    Some(Test {
        difference: mean,
        chance: Some(test_mean(mean, standard_error, n - 1)),
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::super::paired_t;
    use super::*;

    const A: [f64; 12] = [1.2, 0.8, 2.5, 1.9, 0.4, 3.1, 2.2, 1.7, 0.9, 1.1, 2.8, 1.4];
    const B: [f64; 12] = [1.0, 0.9, 2.1, 1.2, 0.6, 2.7, 2.4, 1.1, 0.7, 1.3, 2.0, 1.0];

    #[test]
    fn statistics_are_those_of_the_formula() {
        // d = a - b; n = len(d); m = d.mean(); x = d - m
        // v = (x @ x) / n + 2 * sum((1 - k / h) * (x[k:] @ x[:-k]) / n for k in range(1, h))
        // s = m / sqrt(v / n) * sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n); p = 2 * scipy.stats.t.sf(abs(s), n - 1)
        for (horizon, p) in [(1, 0.03511291924206062), (3, 0.006687950078452463), (7, 0.026436656255355084)] {
            let test = diebold_mariano(&A, &B, horizon).unwrap();
            let chance = test.chance.unwrap();
            assert!((chance.p - p).abs() < 1e-9, "{test:?}");
            assert!((test.difference - 0.25).abs() < 1e-12);
            assert!(chance.interval.0 > 0.0, "the interval agrees with p: {test:?}");
        }
    }

    #[test]
    fn one_step_ahead_it_is_the_paired_t_test() {
        let (dm, t) = (diebold_mariano(&A, &B, 1).unwrap(), paired_t(&A, &B).unwrap());
        let (dm, t) = (dm.chance.unwrap(), t.chance.unwrap());
        assert!((dm.p - t.p).abs() < 1e-12);
        assert!((dm.interval.0 - t.interval.0).abs() < 1e-12);
    }

    #[test]
    fn swapping_the_forecasters_turns_the_sign() {
        let (ab, ba) = (diebold_mariano(&A, &B, 3).unwrap(), diebold_mariano(&B, &A, 3).unwrap());
        assert_eq!(ab.difference, -ba.difference);
        let (ab, ba) = (ab.chance.unwrap(), ba.chance.unwrap());
        assert_eq!((ab.p, ab.interval.0), (ba.p, -ba.interval.1));
    }

    #[test]
    fn too_few_origins_and_equal_differences() {
        assert_eq!(diebold_mariano(&A[..1], &B[..1], 1), None);
        assert_eq!(diebold_mariano(&A[..7], &B[..7], 7), None);
        assert!(diebold_mariano(&A[..8], &B[..8], 7).is_some());
        let same = diebold_mariano(&A, &A, 3).unwrap();
        assert_eq!((same.difference, same.chance), (0.0, None));
        let worse = diebold_mariano(&[2.0; 5], &[1.5; 5], 3).unwrap();
        assert_eq!((worse.difference, worse.chance), (0.5, None));
    }
}
