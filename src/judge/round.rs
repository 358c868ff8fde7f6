//! Numbers → text: all rounding of what people read.

use crate::console;
use crate::metric::{self, Unit};
use crate::statistics::Summary;

/// Digits of a number that stands alone.
const DIGITS: i32 = 4;

/// A number with four significant digits: `4.29`, `0.04567`, `12,345`, `1.2e-6`.
pub(crate) fn number(value: f64) -> String {
    with_digits(value, DIGITS)
}

/// A number with six significant digits, for predictions.
pub(crate) fn precise(value: f64) -> String {
    with_digits(value, 6)
}

/// A mean and half the width of its interval, which lies evenly around it, both cut at the second significant digit of
/// the half-width: `3.51 ± 0.42`, `1,204 ± 38`.
pub(crate) fn with_interval(mean: f64, (low, high): (f64, f64)) -> String {
    let half_width = (high - low) / 2.0;
    if half_width == 0.0 || !half_width.is_finite() {
        return format!("{} ± {}", number(mean), number(half_width));
    }
    if exponent(half_width) < -6 || exponent(mean.abs().max(half_width)) >= 9 {
        return format!("{} ± {}", number(mean), with_digits(half_width, 2));
    }
    let decimals = decimals(half_width, 2);
    format!("{} ± {}", fixed(mean, decimals), fixed(half_width, decimals))
}

/// A value of a metric that stands alone: shares with three decimals, other numbers with four digits.
pub(crate) fn value(metric: &str, value: f64) -> String {
    if is_share(metric) { fixed(value, 3) } else { number(value) }
}

/// A metric's mean over seeds with its interval, or the value of one seed.
pub(crate) fn mean(metric: &str, summary: &Summary) -> String {
    match summary.interval {
        Some(interval) => with_interval(summary.mean, interval),
        None => value(metric, summary.mean),
    }
}

/// Whether a metric is a share of 1.
pub(crate) fn is_share(metric: &str) -> bool {
    metric::find(metric).is_some_and(|metric| metric.unit == Unit::Share)
}

/// A change with its sign, and in percent of what was before: `−0.61 (−13.5 %)`.
pub(crate) fn change(difference: f64, relative: Option<f64>) -> String {
    let sign = if difference > 0.0 { "+" } else { "" };
    let text = format!("{sign}{}", number(difference));
    match relative {
        // Less than a twentieth of a percent would read as none, more than a hundredfold as noise.
        Some(relative) if (0.0005..100.0).contains(&relative.abs()) => {
            let percent = format!("{:+.1} %", 100.0 * relative).replace('-', "−");
            format!("{text} ({percent})")
        }
        _ => text,
    }
}

/// A difference and its interval, which need not lie evenly around it: `−0.030 (−0.061 to 0.004)`.
pub(crate) fn with_bounds(value: f64, (low, high): (f64, f64)) -> String {
    let width = high - low;
    if width == 0.0 || !width.is_finite() || exponent(width) < -6 {
        return format!("{} ({} to {})", number(value), number(low), number(high));
    }
    let decimals = decimals(width, 2);
    let [value, low, high] = [value, low, high].map(|one| fixed(one, decimals));
    format!("{value} ({low} to {high})")
}

/// A difference and its interval, by its bounds where it does not lie evenly around it.
pub(crate) fn difference(value: f64, (low, high): (f64, f64)) -> String {
    let is_even = (low + high - 2.0 * value).abs() <= 1e-9 * (high - low);
    match is_even {
        true => with_interval(value, (low, high)),
        false => with_bounds(value, (low, high)),
    }
}

/// A probability of chance: `0.032`, `< 0.001`.
pub(crate) fn p_value(p: f64) -> String {
    if p < 0.001 {
        "< 0.001".to_owned()
    } else if p > 0.999 {
        "> 0.999".to_owned()
    } else {
        format!("{p:.3}")
    }
}

/// A whole number with commas between thousands.
pub(crate) fn count(value: usize) -> String {
    console::grouped(&value.to_string())
}

fn with_digits(value: f64, digits: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return "not a number".to_owned();
    }
    if !(-4..9).contains(&exponent(value)) {
        let text = format!("{value:.*e}", digits as usize - 1);
        return text.replace('-', "−");
    }
    let text = fixed(value, decimals(value, digits));
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Decimal places that show so many significant digits.
fn decimals(value: f64, digits: i32) -> usize {
    (digits - 1 - exponent(value)).max(0) as usize
}

/// The power of ten of the first digit.
fn exponent(value: f64) -> i32 {
    value.abs().log10().floor() as i32
}

/// A number with so many decimal places, commas between thousands and a true minus sign.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').map_or((&*text, None), |(w, f)| (w, Some(f)));
    let negative = value < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    let mut shown = String::from(if negative { "−" } else { "" });
    shown += &console::grouped(whole);
    if let Some(fraction) = fraction {
        shown.push('.');
        shown += fraction;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits() {
        let shown: Vec<String> = [4.29, 0.045_671, 12345.6, -2.0, 0.0, 1.23456e-6, 99.996, -1e-7]
            .map(number)
            .to_vec();
        assert_eq!(
            shown,
            ["4.29", "0.04567", "12,346", "−2", "0", "1.235e−6", "100", "−1.000e−7"]
        );
    }

    #[test]
    fn an_interval_decides_the_digits() {
        let around = |mean: f64, half_width: f64| with_interval(mean, (mean - half_width, mean + half_width));
        assert_eq!(around(3.514_159, 0.4217), "3.51 ± 0.42");
        assert_eq!(around(1203.9, 38.2), "1,204 ± 38");
        assert_eq!(around(-0.01, 6.21), "0.0 ± 6.2");
        assert_eq!(around(2.0, 0.0), "2 ± 0");
    }

    #[test]
    fn an_interval_need_not_be_even() {
        assert_eq!(with_bounds(-0.03, (-0.0612, 0.0041)), "−0.030 (−0.061 to 0.004)");
        assert_eq!(with_bounds(1.0, (1.0, 1.0)), "1 (1 to 1)");
    }

    #[test]
    fn a_change_has_its_sign_and_its_share() {
        assert_eq!(change(-0.61, Some(-0.135)), "−0.61 (−13.5 %)");
        assert_eq!(change(2.0, None), "+2");
        assert_eq!(change(2.0, Some(0.0004)), "+2");
        assert_eq!(change(2.0, Some(200.0)), "+2");
    }

    #[test]
    fn probabilities() {
        assert_eq!([0.0321, 0.0002, 1.0].map(p_value), ["0.032", "< 0.001", "> 0.999"]);
    }
}
