//! Two lists of paired values (the same seeds under two models, or at two commits) → whether they differ.

use statrs::distribution::{ContinuousCDF, Normal};

use super::Test;
use super::student::{differences, largest, mean_and_squares, test_mean, vary};

/// The paired t test: whether a - b is 0 on average. Undefined for fewer than two pairs.
///
/// # Panics
/// When the lists differ in length.
pub(crate) fn paired_t(a: &[f64], b: &[f64]) -> Option<Test> {
    let differences = differences(a, b);
    let n = differences.len();
    if n < 2 {
        return None;
    }
    let (mean, squares) = mean_and_squares(&differences);
    let standard_error = (squares / (n - 1) as f64 / n as f64).sqrt();
    // Squares of tiny numbers can vanish although these vary.
    let varies = vary(&differences, largest(a.iter().chain(b))) && standard_error > 0.0;
    Some(Test {
        difference: mean,
        chance: varies.then(|| test_mean(mean, standard_error, n - 1)),
    })
}

/// Fewer pairs than this cannot give a Wilcoxon test below 0.05.
const FEWEST_PAIRS: usize = 6;
/// Up to here every assignment of signs is counted.
const MOST_EXACT_PAIRS: usize = 50;

/// Wilcoxon's signed-rank test (1945), two-sided: the p value of a and b being equally often the greater, rank by rank.
///
/// Undefined for fewer than six pairs. Exact for up to 50 pairs if no two differences are of the same size and none is 0;
/// otherwise pairs without difference are dropped and the normal approximation is used, corrected for ties but not for
/// continuity. If no pair differs, p is 1: it looks at signs and ranks, so it is told also where differences do not vary.
///
/// # Panics
/// When the lists differ in length.
pub(crate) fn wilcoxon_signed_rank(a: &[f64], b: &[f64]) -> Option<f64> {
    let mut differences = differences(a, b);
    let pairs = differences.len();
    if pairs < FEWEST_PAIRS {
        return None;
    }
    differences.retain(|difference| *difference != 0.0);
    differences.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let n = differences.len();
    if n == 0 {
        return Some(1.0);
    }
    let (mut rank_sum_above, mut tie_correction, mut ranked) = (0.0, 0.0, 0);
    for tied in differences.chunk_by(|a, b| a.abs() == b.abs()) {
        let size = tied.len();
        let rank = ranked as f64 + (size + 1) as f64 / 2.0; // the mean of their ranks
        let above = tied.iter().filter(|difference| **difference > 0.0).count();
        rank_sum_above += rank * above as f64;
        tie_correction += (size as f64).powi(3) - size as f64;
        ranked += size;
    }
    let rank_sum = (n * (n + 1)) as f64 / 2.0;
    let smaller = rank_sum_above.min(rank_sum - rank_sum_above);
    let p = if n == pairs && tie_correction == 0.0 && n <= MOST_EXACT_PAIRS {
        exact_p(smaller as usize, n)
    } else {
        let variance = (n * (n + 1) * (2 * n + 1)) as f64 / 24.0 - tie_correction / 48.0;
        2.0 * Normal::standard().cdf((smaller - rank_sum / 2.0) / variance.sqrt())
    };
    Some(p.min(1.0))
}

/// Twice the share of all 2ⁿ assignments of signs whose positive ranks sum to `sum` or less.
fn exact_p(sum: usize, n: usize) -> f64 {
    // ways[s]: subsets of the ranks so far that sum to s; below 2⁵⁰, so exact in f64.
    let mut ways = vec![0.0; sum + 1];
    ways[0] = 1.0;
    for rank in 1..=n {
        for s in (rank..=sum).rev() {
            ways[s] += ways[s - rank];
        }
    }
    2.0 * ways.iter().sum::<f64>() / 2f64.powi(n as i32)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const A: [f64; 8] = [4.1, 3.8, 5.2, 4.9, 4.4, 5.0, 3.9, 4.7];
    const B: [f64; 8] = [4.3, 4.5, 5.1, 5.6, 4.9, 5.8, 4.2, 5.3];

    #[test]
    fn the_t_test_is_that_of_scipy() {
        // r = scipy.stats.ttest_rel(a, b); r.pvalue, r.confidence_interval(.95)
        let test = paired_t(&A, &B).unwrap();
        assert!((test.difference + 0.4625).abs() < 1e-12);
        let chance = test.chance.unwrap();
        assert!((chance.p - 0.0037268753878376922).abs() < 1e-10);
        assert!((chance.interval.0 + 0.7189651978614968).abs() < 1e-9);
        assert!((chance.interval.1 + 0.20603480213850295).abs() < 1e-9);
    }

    #[test]
    fn pairs_that_all_differ_alike_tell_nothing_of_chance() {
        let same = paired_t(&A, &A).unwrap();
        assert_eq!((same.difference, same.chance), (0.0, None));
        let shifted = paired_t(&[1.5, 2.5, 3.5], &[1.0, 2.0, 3.0]).unwrap();
        assert_eq!((shifted.difference, shifted.chance), (0.5, None));
        // 0.1 more each time, but for rounding.
        let rounded = paired_t(&[0.2, 0.3, 0.4], &[0.1, 0.2, 0.3]).unwrap();
        assert_eq!(rounded.chance, None);
        assert_eq!(paired_t(&[1.0], &[2.0]), None);
        assert_eq!(paired_t(&[], &[]), None);
    }

    #[test]
    fn wilcoxon_is_that_of_scipy() {
        // scipy.stats.wilcoxon(a, b, method="exact").pvalue
        assert_eq!(wilcoxon_signed_rank(&A, &B), Some(0.015625));
        assert_eq!(
            wilcoxon_signed_rank(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[0.0; 6]),
            Some(0.03125)
        );
        // Ties and zeros: scipy.stats.wilcoxon(a, b, method="asymptotic", correction=False).pvalue
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
        let b = [2.0, 2.0, 4.0, 3.0, 7.0, 8.0, 6.0, 10.0, 12.0, 10.0];
        assert!((wilcoxon_signed_rank(&a, &b).unwrap() - 0.0639650620946166).abs() < 1e-9);
        // i = numpy.arange(60); a = (i * 37 % 61) / 10; b = (i * 23 % 59) / 10 + 0.123
        let a: Vec<f64> = (0..60).map(|i| f64::from(i * 37 % 61) / 10.0).collect();
        let b: Vec<f64> = (0..60).map(|i| f64::from(i * 23 % 59) / 10.0 + 0.123).collect();
        assert!((wilcoxon_signed_rank(&a, &b).unwrap() - 0.8829488560906199).abs() < 1e-9);
    }

    #[test]
    fn wilcoxon_of_few_or_equal_pairs() {
        assert_eq!(wilcoxon_signed_rank(&A[..5], &B[..5]), None);
        assert_eq!(wilcoxon_signed_rank(&A, &A), Some(1.0));
    }
}
