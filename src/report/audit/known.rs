//! A number as far as it is known.

use crate::report::round;

/// Room for the rounding of the computation itself.
pub(super) const SLACK: f64 = 1e-9;

/// A number as far as it is known: it lies between `low` and `high`, both included.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    /// As a reader sees it.
    pub text: String,
    /// The lowest that it can be.
    pub low: f64,
    /// The highest that it can be.
    pub high: f64,
}

impl Known {
    /// A printed number: anything within half a unit of its last digit. `None` when it is no number.
    pub(super) fn printed(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = text.trim_end_matches('%').trim_end();
        let value: f64 = plain.parse().ok().filter(|value: &f64| value.is_finite())?;
        let (digits, exponent) = match plain.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (plain, 0),
        };
        let decimals = digits.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let half = 0.5 * 10f64.powi(exponent - i32::try_from(decimals).ok()?);
        // The bounds themselves are binary fractions near the decimal ones.
        let half = half + SLACK * value.abs();
        Some(Self {
            text: text.to_owned(),
            low: value - half,
            high: value + half,
        })
    }

    /// A computed number.
    pub(super) fn computed(value: f64) -> Self {
        let slack = SLACK * value.abs();
        Self {
            text: round::number(value),
            low: value - slack,
            high: value + slack,
        }
    }

    /// Whether it can lie between these, both included.
    pub(super) fn meets(&self, low: f64, high: f64) -> bool {
        self.low <= high && low <= self.high
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_last_printed_digit_decides_the_bounds() {
        let bounds = |text: &str| {
            let known = Known::printed(text).unwrap();
            [known.low, known.high].map(|bound| (bound * 1e6).round() / 1e6)
        };
        assert_eq!(bounds("18.41"), [18.405, 18.415]);
        assert_eq!(bounds("9.5"), [9.45, 9.55]);
        assert_eq!(bounds("9.50 %"), [9.495, 9.505]);
        assert_eq!(bounds("7"), [6.5, 7.5]);
        assert_eq!(bounds("1.2e-3"), [0.00115, 0.00125]);
        assert_eq!(Known::printed("n/a"), None);
    }
}
