//! How a file writes numbers, and what is said of a cell that is none.

use std::borrow::Cow;

use super::{Missing, SeriesSpec};
use crate::console::quoted;
use crate::data::series::file::number::{self, Marks, Number};

/// What to do where nothing better is known.
pub(super) const CORRECT: &str = "correct the file, cut the rows off with `from` or `until`, or use other columns";

/// How a file writes numbers.
#[derive(Clone, Copy)]
pub(super) struct Written {
    decimal: char,
    thousands: Option<char>,
    /// Whether the settings say one of the two.
    pub is_told: bool,
    /// Whether a point is what stands before decimals.
    pub is_plain: bool,
    pub may_be_missing: bool,
}

impl Written {
    /// As the settings say.
    pub(super) fn of(spec: &SeriesSpec) -> Self {
        let decimal = spec.decimal.unwrap_or('.');
        Self {
            decimal,
            thousands: spec.thousands,
            is_told: spec.decimal.is_some() || spec.thousands.is_some(),
            is_plain: decimal == '.',
            may_be_missing: spec.missing != Missing::Error,
        }
    }

    /// A cell with a point before decimals and nothing between thousands; none where its marks stand where they cannot.
    pub(super) fn plainly(self, cell: &str) -> Option<Cow<'_, str>> {
        if !self.is_told {
            return Some(Cow::Borrowed(cell));
        }
        let (whole, decimals) = match cell.split_once(self.decimal) {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (cell, None),
        };
        let is_mark = |c: char| matches!(c, '.' | ',') || Some(c) == self.thousands;
        if decimals.is_some_and(|decimals| decimals.contains(is_mark)) {
            return None;
        }
        let whole = match self.thousands.filter(|mark| whole.contains(*mark)) {
            Some(mark)
                if number::has_thousands_separators(
                    whole.trim_end_matches(['%', 'K', 'M', 'B', 'T']),
                    mark,
                    self.decimal,
                ) =>
            {
                whole.replace(mark, "")
            }
            Some(_) => return None,
            None => whole.to_owned(),
        };
        if whole.contains(['.', ',']) {
            return None;
        }
        Some(Cow::Owned(match decimals {
            Some(decimals) => format!("{whole}.{decimals}"),
            None => whole,
        }))
    }

    /// What is said of a cell whose marks are others.
    pub(super) fn refusal(self, cell: &str) -> Wrong {
        let thousands = self
            .thousands
            .map_or_else(|| "nothing".to_owned(), |mark| format!("`{mark}`"));
        Wrong {
            reason: format!(
                "`{}` is not a number: `{}` stands before decimals and {thousands} between thousands",
                quoted(cell),
                self.decimal
            ),
            help: "correct the file, or `decimal` and `thousands` in [dataset.NAME]",
        }
    }
}

/// Why a cell is no number, and what to do.
pub(super) struct Wrong {
    pub reason: String,
    pub help: &'static str,
}

impl Wrong {
    /// Of a cell that is none for that reason.
    pub(super) fn of(cell: &str, reason: String) -> Self {
        let help = if number::is_missing(cell) {
            "say what becomes of missing values: missing = \"previous\", \"interpolate\" or \"drop\"; or cut the rows off with `from` or \
             `until`, or use other columns"
        } else if number::has_decimal_comma(cell) {
            "a comma before decimals needs decimal = \",\" in [dataset.NAME]"
        } else {
            CORRECT
        };
        Self { reason, help }
    }
}

/// Powers of ten.
const POWERS: [f64; 16] = [
    1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// A number of digits, perhaps with a sign and a point, which most are.
pub(super) fn plain(cell: &str) -> Option<Number> {
    let bytes = cell.as_bytes();
    let digits = match bytes {
        [b'-' | b'+', digits @ ..] => digits,
        digits => digits,
    };
    // Longer ones may be too large.
    if digits.len() > 90 {
        return None;
    }
    let (mut whole, mut point, mut mantissa) = (0, None, 0u64);
    for (place, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(byte - b'0')),
            b'.' if point.is_none() => (whole, point) = (place, Some(place)),
            _ => return None,
        }
    }
    let decimals = point.map(|point| digits.len() - point - 1);
    if decimals.is_none() {
        whole = digits.len();
    }
    if whole + decimals.unwrap_or(0) == 0 {
        return None;
    }
    // Both numbers are exact, and so their quotient is rounded once (Clinger, 1990).
    let is_exact = digits.len() < 20 && mantissa < 1 << 53 && decimals.unwrap_or(0) < POWERS.len();
    let value = match is_exact {
        true if bytes[0] == b'-' => -(mantissa as f64 / POWERS[decimals.unwrap_or(0)]),
        true => mantissa as f64 / POWERS[decimals.unwrap_or(0)],
        false => cell.parse().ok()?,
    };
    let marks = match decimals {
        None if whole <= 3 => Marks::Short,
        Some(3) if (1..=3).contains(&whole) && digits[0] != b'0' => Marks::Point,
        _ => Marks::Decisive,
    };
    Some(Number {
        value: value + 0.0, // -0 becomes 0
        percent: false,
        marks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_plain_number_is_what_the_slow_way_says(cell in "[-+]?[0-9]{0,6}[.]?[0-9]{0,6}|[-+.,0-9e]{0,8}") {
            if let Some(number) = plain(&cell) {
                assert_eq!(Ok(number), number::parse(&cell), "{cell}");
            }
        }
    }
}
