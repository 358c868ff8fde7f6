//! Disagreements between two classifiers, several tests at once, and changes too small to mean anything.

use statrs::distribution::{Beta, Binomial, ContinuousCDF, DiscreteCDF, Normal};

use super::{Chance, LEVEL, Test};

/// McNemar's test of two accuracies on the same `items`, of which `only_a` are classified correctly by a alone, `only_b` by b alone:
/// its exact form decides, and [`paired_shares_interval`] stands beside it.
pub(crate) fn mcnemar(only_a: u64, only_b: u64, items: u64) -> Test {
    Test {
        difference: (only_a as f64 - only_b as f64) / items as f64,
        chance: Some(Chance {
            interval: paired_shares_interval(only_a, only_b, items),
            p: mcnemar_exact(only_a, only_b),
        }),
    }
}

/// McNemar's test in its exact form, two-sided: if both were equally good, an item that one of them alone classifies correctly
/// would as likely be that of the other. Without such an item p is 1.
fn mcnemar_exact(only_a: u64, only_b: u64) -> f64 {
    let coin = Binomial::new(0.5, only_a + only_b).expect("0.5 is a probability");
    (2.0 * coin.cdf(only_a.min(only_b))).min(1.0)
}

/// The share of successes among `trials` with its 95 % interval by Clopper and Pearson (1934): the exact one, whose ends are
/// quantiles of beta distributions. Undefined without a trial.
///
/// # Panics
/// When there are more successes than trials.
pub(crate) fn binomial_interval(successes: u64, trials: u64) -> Option<(f64, f64)> {
    assert!(successes <= trials, "successes are some of the trials");
    if trials == 0 {
        return None;
    }
    let quantile = |a: u64, b: u64, at: f64| {
        let beta = Beta::new(a as f64, b as f64).expect("both shapes are above 0");
        beta.inverse_cdf(at)
    };
    let failures = trials - successes;
    let low = match successes {
        0 => 0.0,
        _ => quantile(successes, failures + 1, LEVEL / 2.0),
    };
    let high = match failures {
        0 => 1.0,
        _ => quantile(successes + 1, failures, 1.0 - LEVEL / 2.0),
    };
    Some((low, high))
}

/// The 95 % interval of the difference of two accuracies on the same `items`, a minus b, where so many items are
/// classified correctly by one of the two alone: that of Bonett and Price (2012), the normal one after an item has been added to each
/// side. It need not lie evenly around the difference, and near 0.05 it can disagree with [`mcnemar_exact`], which decides.
fn paired_shares_interval(only_a: u64, only_b: u64, items: u64) -> (f64, f64) {
    let items = items as f64 + 2.0;
    let [a, b] = [only_a, only_b].map(|count| (count as f64 + 1.0) / items);
    let error = ((a + b - (a - b).powi(2)) / items).sqrt();
    let half = Normal::standard().inverse_cdf(1.0 - LEVEL / 2.0) * error;
    ((a - b - half).max(-1.0), (a - b + half).min(1.0))
}

/// Holm's correction (1979): p values adjusted for being several, in the order given. Each may then be compared with the
/// level as if it were alone.
pub(crate) fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![0.0; p_values.len()];
    let mut highest: f64 = 0.0;
    for (rank, index) in order.into_iter().enumerate() {
        let left = (p_values.len() - rank) as f64;
        highest = highest.max((left * p_values[index]).min(1.0));
        adjusted[index] = highest;
    }
    adjusted
}

/// Whether two numbers differ by less than 1e-4 of the greater: as much as another machine or another order of sums may
/// change.
pub(crate) fn numerically_equal(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() < 1e-4 * a.abs().max(b.abs())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn mcnemar_is_a_fair_coin() {
        // scipy.stats.binomtest(min(a, b), a + b, .5).pvalue
        for (a, b, p) in [
            (1, 9, 0.021484375),
            (9, 1, 0.021484375),
            (5, 5, 1.0),
            (3, 0, 0.25),
            (10, 25, 0.016673847800120715),
            (0, 0, 1.0),
        ] {
            let found = mcnemar_exact(a, b);
            assert!((found - p).abs() < 1e-12, "{a} {b}: {found}");
        }
    }

    #[test]
    fn intervals_of_shares_are_those_of_scipy() {
        // scipy.stats.binomtest(k, n).proportion_ci(method="exact")
        for (successes, trials, low, high) in [
            (190, 200, 0.9099, 0.9758),
            (0, 10, 0.0, 0.3085),
            (10, 10, 0.6915, 1.0),
            (5, 10, 0.1871, 0.8129),
        ] {
            let found = binomial_interval(successes, trials).unwrap();
            assert!((found.0 - low).abs() < 1e-3, "{successes}: {found:?}");
            assert!((found.1 - high).abs() < 1e-3, "{successes}: {found:?}");
        }
        assert_eq!(binomial_interval(0, 0), None);
    }

    #[test]
    fn the_interval_of_a_difference_agrees_with_the_test() {
        // a, b = 10 / 202, 2 / 202; a - b + array([-1, 1]) * 1.959964 * sqrt((a + b - (a - b) ** 2) / 202)
        let (low, high) = paired_shares_interval(9, 1, 200);
        assert!(
            (low - 0.006439187).abs() < 1e-6 && (high - 0.072768734).abs() < 1e-6,
            "{low} {high}"
        );
        for only_a in 0..15 {
            for only_b in 0..15 {
                let (low, high) = paired_shares_interval(only_a, only_b, 200);
                let without_zero = low > 0.0 || high < 0.0;
                match mcnemar_exact(only_a, only_b) {
                    p if p < 0.03 => assert!(without_zero, "{only_a} {only_b}"),
                    p if p > 0.1 => assert!(!without_zero, "{only_a} {only_b}"),
                    _ => {} // too near to call
                }
                let difference = (only_a as f64 - only_b as f64) / 200.0;
                assert!(low <= difference && difference <= high);
            }
        }
    }

    #[test]
    fn holm_keeps_the_order_and_never_falls() {
        // statsmodels.stats.multitest.multipletests([.01, .04, .03, .005], method="holm")[1]
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (found, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((found - expected).abs() < 1e-12, "{adjusted:?}");
        }
        assert_eq!(holm(&[0.7, 0.6]), [1.0, 1.0]);
        assert_eq!(holm(&[]), [0.0; 0]);
    }

    #[test]
    fn numerically_equal_by_hand() {
        assert!(numerically_equal(100.0, 100.009));
        assert!(!numerically_equal(100.0, 100.02));
        assert!(numerically_equal(0.0, 0.0) && numerically_equal(-0.0, 0.0));
        assert!(!numerically_equal(0.0, 1e-300));
        assert!(!numerically_equal(1.0, -1.0));
        assert!(!numerically_equal(f64::NAN, f64::NAN));
        assert!(!numerically_equal(f64::INFINITY, 1.0));
    }
}
