//! Numbers as price files write them: `1,234.5`, `8.21M`, `0.58%`.

use crate::console::quoted;

/// Larger values are no prices: their squares, which losses and scores are made of, overflow.
const LARGEST: f64 = 1e100;

/// A number and how it was written, as far as a whole column must agree on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::data::series) struct Number {
    /// The value; a percentage in percent, so that `0.58%` is 0.58.
    pub value: f64,
    /// Whether a percent sign follows.
    pub percent: bool,
    /// What it tells about the marks in the numbers of its column.
    pub marks: Marks,
}

/// What a number tells about commas and points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::data::series) enum Marks {
    /// It reads as `1,234`: a thousand and some, or one and some to those who write decimals with a comma.
    Comma,
    /// It reads as `1.234`: one and some, or a thousand and some to those who separate thousands with a point.
    Point,
    /// Digits alone, no more than three: `998` is written so whichever mark separates thousands.
    Short,
    /// It can be read in one way only, and so tells how the others of its column are meant.
    Decisive,
}

/// Why a cell is not a number, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::data::series) struct Mistake {
    /// The reason; it quotes the cell.
    pub reason: String,
    /// The advice.
    pub help: &'static str,
}

impl Mistake {
    /// A mistake that no particular advice is known for.
    pub(in crate::data::series) fn of(reason: String) -> Self {
        let help = "correct the file, cut the rows off with `from` or `until`, or use other columns";
        Self { reason, help }
    }

    fn no_value(reason: String) -> Self {
        let help = "take rows without a value out of the file (`calendar = \"any\"` allows days to be missing), cut them off \
                    with `from` or `until`, or use other columns";
        Self { reason, help }
    }
}

/// Reads a cell, or says what is wrong with it.
pub(in crate::data::series) fn parse(cell: &str) -> Result<Number, Mistake> {
    if cell.is_empty() {
        return Err(Mistake::no_value("the cell is empty".to_owned()));
    }
    if stands_for_missing(cell) {
        return Err(Mistake::no_value(format!(
            "`{cell}` is not a number; exports write it where a value is missing"
        )));
    }
    let (digits, percent) = match cell.strip_suffix('%') {
        Some(digits) => (digits, true),
        None => (cell, false),
    };
    let (digits, exponent) = match digits.char_indices().next_back() {
        Some((end, 'K')) => (&digits[..end], "e3"),
        Some((end, 'M')) => (&digits[..end], "e6"),
        Some((end, 'B')) => (&digits[..end], "e9"),
        Some((end, 'T')) => (&digits[..end], "e12"),
        _ => (digits, ""),
    };
    if is_not_finite(digits) {
        return Err(Mistake::no_value(format!("`{cell}` is not a finite number")));
    }
    if !is_written_as_a_number(digits) {
        return Err(not_a_number(cell));
    }
    // The power of ten is part of the text, so that 21.86K is read as exactly the number that 21860 is.
    let plain = digits.replace(',', "") + exponent;
    let value: f64 = plain.parse().map_err(|_| not_a_number(cell))?;
    if value.abs() > LARGEST {
        return Err(Mistake::of(format!(
            "`{}` is too large: values are at most {LARGEST:e}",
            quoted(cell)
        )));
    }
    Ok(Number {
        value: value + 0.0, // -0 becomes 0
        percent,
        marks: if exponent.is_empty() { marks(digits) } else { Marks::Decisive },
    })
}

/// Whether its characters are those of a number and its commas stand where thousands end.
fn is_written_as_a_number(digits: &str) -> bool {
    let known = |c| matches!(c, '0'..='9' | '.' | ',' | '+' | '-' | 'e' | 'E');
    digits.chars().all(known) && (!digits.contains(',') || has_thousands_separators(digits, ',', '.'))
}

fn not_a_number(cell: &str) -> Mistake {
    let reason = format!("`{}` is not a number", quoted(cell));
    if let Some(sign) = sign_of_currency(cell) {
        return Mistake {
            reason: format!("{reason}: it holds the sign `{sign}`"),
            help: "take currency signs out of the file: cells hold numbers alone, `unit` says what they are",
        };
    }
    if has_decimal_comma(cell) || cell.contains(',') && is_written_as_a_number(&cell.replace(',', "")) {
        return Mistake {
            reason: format!("{reason}: commas separate thousands, a point the decimals, as in `1,234.5`"),
            help: "export the file again with a point before the decimals",
        };
    }
    Mistake::of(reason)
}

/// Whether a cell writes decimals with a comma, and thousands, if at all, with a point: `2.238,48`.
pub(in crate::data::series) fn has_decimal_comma(cell: &str) -> bool {
    let digits = cell.trim_end_matches(['%', 'K', 'M', 'B', 'T']);
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    let Some((whole, decimals)) = unsigned.split_once(',') else {
        return false;
    };
    let digits_alone = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    digits_alone(decimals) && (digits_alone(whole) || has_thousands_separators(whole, '.', ','))
}

/// Currency signs and codes beside a number: `$2052.20`, `2052 EUR`.
pub(in crate::data::series) fn sign_of_currency(text: &str) -> Option<&str> {
    let sign = text.trim_matches(|c: char| c.is_ascii_digit() || ".,+- \u{a0}".contains(c));
    let known = matches!(sign, "$" | "€" | "£" | "¥" | "₹" | "₿" | "₽" | "₩" | "US$");
    let code = sign.len() == 3 && sign.bytes().all(|c| c.is_ascii_uppercase());
    let with_number = text.bytes().any(|c| c.is_ascii_digit());
    ((known || code) && with_number).then_some(sign)
}

/// Whether a cell holds no value, however that is written.
pub(in crate::data::series) fn is_missing(cell: &str) -> bool {
    cell.is_empty() || stands_for_missing(cell) || ["nan", "nat", "<na>"].contains(&cell.to_ascii_lowercase().as_str())
}

/// What exports write where they have no value.
fn stands_for_missing(cell: &str) -> bool {
    const WORDS: [&str; 8] = ["-", "--", "null", "none", "n/a", "#n/a", "na", "."];
    WORDS.contains(&cell.to_ascii_lowercase().as_str())
}

fn is_not_finite(text: &str) -> bool {
    let word = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    ["nan", "inf", "infinity"].contains(&word.as_str())
}

fn marks(digits: &str) -> Marks {
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    let groups: Vec<&str> = unsigned.split([',', '.']).collect();
    let short = groups[0].len() <= 3 && groups[0].bytes().all(|c| c.is_ascii_digit());
    match groups[..] {
        [_] if short => Marks::Short,
        // `0.123` has a zero that no thousand has, `1234.567` a digit too many in front of the mark.
        [first, last]
            if short
                && !first.is_empty()
                && !first.starts_with('0')
                && last.len() == 3
                && last.bytes().all(|c| c.is_ascii_digit()) =>
        {
            match unsigned.contains(',') {
                true => Marks::Comma,
                false => Marks::Point,
            }
        }
        _ => Marks::Decisive,
    }
}

/// `1,234,567.8`: one to three digits, not starting with 0, then groups of three, then perhaps decimals.
pub(in crate::data::series) fn has_thousands_separators(digits: &str, thousands: char, decimal: char) -> bool {
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    let (whole, decimals) = unsigned.split_once(decimal).unwrap_or((unsigned, ""));
    let mut groups = whole.split(thousands);
    let first = groups.next().unwrap_or("");
    (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && first.bytes().all(|byte| byte.is_ascii_digit())
        && groups.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
        && decimals.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_exports_write_them() {
        for (cell, value) in [
            ("46.140", 46.14),
            ("-1.14%", -1.14),
            ("0.58%", 0.58),
            ("8.21M", 8_210_000.0),
            ("21.86K", 21_860.0),
            ("1.2B", 1_200_000_000.0),
            ("1T", 1e12),
            ("1,234.5", 1234.5),
            ("-12,345,678", -12_345_678.0),
            ("1,234.5K", 1_234_500.0),
            ("2.5e-3", 0.0025),
            (".5", 0.5),
            ("+7", 7.0),
            ("0", 0.0),
        ] {
            assert_eq!(parse(cell).map(|number| number.value), Ok(value), "{cell}");
        }
        assert!(parse("-0").is_ok_and(|zero| zero.value.is_sign_positive()));
    }

    #[test]
    fn everything_else_is_refused() {
        for (cell, reason) in [
            ("", "empty"),
            ("-", "missing"),
            ("abc", "not a number"),
            ("$46.14", "not a number"),
            ("8.21m", "not a number"),
            ("M", "not a number"),
            ("%", "not a number"),
            ("1 234", "not a number"),
            ("12.3.4", "not a number"),
            ("1e5K", "not a number"),
            ("--1", "not a number"),
            ("1_000", "not a number"),
            ("−5", "not a number"),
            ("NaN", "not a finite number"),
            ("-inf", "not a finite number"),
            ("1e999", "too large"),
            ("1e300", "too large"),
            ("-1e101", "too large"),
            ("$46.14", "it holds the sign `$`"),
            ("46.14 EUR", "it holds the sign `EUR`"),
            ("null", "a value is missing"),
            ("N/A", "a value is missing"),
            ("1,23", "commas separate thousands"),
            ("1.234,5", "commas separate thousands"),
            ("0,303", "commas separate thousands"),
            ("1234,567", "commas separate thousands"),
            (",123", "commas separate thousands"),
            ("1,,234", "commas separate thousands"),
        ] {
            let refusal = parse(cell).expect_err(cell).reason;
            assert!(refusal.contains(reason), "{cell}: {refusal}");
        }
    }

    #[test]
    fn marks_that_can_be_read_in_two_ways_are_noted() {
        for (cell, marks) in [
            ("1,234", Marks::Comma),
            ("1,234.5", Marks::Decisive),
            ("1,234,567", Marks::Decisive),
            ("1,234K", Marks::Decisive),
            ("998", Marks::Short),
            ("-0", Marks::Short),
            ("1234", Marks::Decisive),
            ("1.234", Marks::Point),
            ("-998.001%", Marks::Point),
            ("0.123", Marks::Decisive),
            (".123", Marks::Decisive),
            ("1234.567", Marks::Decisive),
            ("1.23", Marks::Decisive),
            ("1.2345", Marks::Decisive),
            ("1.234e5", Marks::Decisive),
            ("1e5", Marks::Decisive),
            ("1.2e5", Marks::Decisive),
        ] {
            let found = parse(cell).map(|number| number.marks);
            assert_eq!(found, Ok(marks), "{cell}");
        }
    }

    #[test]
    fn decimal_commas_are_known() {
        for cell in ["2.238,48", "0,58%", "1,23K", "-12,5", "1.234.567,8"] {
            assert!(has_decimal_comma(cell), "{cell}");
        }
        for cell in ["2,238.48", "1,", ",5", "1,2,3", "12.34,5", "a,5"] {
            assert!(!has_decimal_comma(cell), "{cell}");
        }
    }

    /// Digits with a comma between thousands.
    fn with_commas(digits: &str) -> String {
        let mut text = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(cell in "\\PC{0,12}|[-+.,%0-9KMBTe$ ]{0,12}") {
            if let Ok(number) = parse(&cell) {
                assert!(number.value.is_finite());
            }
            has_decimal_comma(&cell);
        }

        #[test]
        fn plain_numbers_are_read_as_rust_reads_them(value in -1e100f64..1e100, decimals in 0usize..9) {
            for cell in [value.to_string(), format!("{value:e}"), format!("{value:.decimals$}")] {
                let read = parse(&cell).map(|number| number.value);
                assert_eq!(read, Ok(cell.parse::<f64>().unwrap_or(f64::NAN) + 0.0), "{cell}");
            }
        }

        #[test]
        fn separated_thousands_are_the_same_number(whole in 0u64.., decimals in "[0-9]{0,6}", minus: bool) {
            let sign = if minus { "-" } else { "" };
            let plain = format!("{sign}{whole}.{decimals}");
            let separated = format!("{sign}{}.{decimals}", with_commas(&whole.to_string()));
            let value = |cell: &str| parse(cell).map(|number| number.value);
            assert_eq!(value(&plain), value(&separated), "{separated}");
        }
    }
}
