//! Disagreements between two classifiers, several tests at once, and changes too small to mean anything.

use statrs::distribution::{Binomial, DiscreteCDF};

/// McNemar's test in its exact form, two-sided: `only_a` items are told rightly by a alone, `only_b` by b alone; if both
/// were equally good, either would be as likely. Without such an item p is 1.
pub fn mcnemar_exact(only_a: u64, only_b: u64) -> f64 {
    let coin = Binomial::new(0.5, only_a + only_b).expect("0.5 is a probability");
    (2.0 * coin.cdf(only_a.min(only_b))).min(1.0)
}

/// Holm's correction (1979): p values adjusted for being several, in the order given. Each may then be compared with the
/// level as if it were alone.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
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
pub fn numerically_equal(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() < 1e-4 * a.abs().max(b.abs())
}

#[cfg(test)]
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
