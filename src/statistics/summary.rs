//! Several runs of the same thing → their mean, and how sure it is.

use super::student::{interval_factor, mean_and_squares};

/// What repeated runs gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Summary {
    /// How many there are.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation (of a sample: divided by n - 1); undefined for one.
    pub sd: Option<f64>,
    /// 95 % interval of the mean by Student's t; undefined for one, and for values that do not vary: they tell nothing of
    /// chance.
    pub interval: Option<(f64, f64)>,
}

impl Summary {
    /// Sums up these values; none for an empty list.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let n = values.len();
        let (mean, squares) = mean_and_squares(values);
        let sd = (n > 1).then(|| (squares / (n - 1) as f64).sqrt());
        let interval = sd.filter(|sd| *sd > 0.0).map(|sd| {
            let half = interval_factor(n - 1) * sd / (n as f64).sqrt();
            (mean - half, mean + half)
        });
        Some(Self { n, mean, sd, interval })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn mean_and_interval_are_those_of_scipy() {
        // a = numpy.array([…]); a.mean(), a.std(ddof=1), scipy.stats.t.interval(.95, 7, a.mean(), scipy.stats.sem(a))
        let summary = Summary::of(&[4.1, 3.8, 5.2, 4.9, 4.4, 5.0, 3.9, 4.7]).unwrap();
        assert_eq!((summary.n, summary.mean), (8, 4.5));
        assert!((summary.sd.unwrap() - 0.5291502622129183).abs() < 1e-12);
        let (low, high) = summary.interval.unwrap();
        assert!((low - 4.057619310104153).abs() < 1e-9);
        assert!((high - 4.942380689895847).abs() < 1e-9);
    }

    #[test]
    fn one_value_has_no_spread_and_none_has_no_summary() {
        assert_eq!(Summary::of(&[]), None);
        let one = Summary::of(&[0.1]).unwrap();
        assert_eq!((one.mean, one.sd, one.interval), (0.1, None, None));
    }

    #[test]
    fn equal_values_have_no_interval() {
        let equal = Summary::of(&[0.1; 3]).unwrap();
        assert_eq!(equal.sd, Some(0.0));
        assert_eq!(equal.interval, None);
    }
}
