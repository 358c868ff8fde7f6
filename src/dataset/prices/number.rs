//! Numbers as price files write them: `1,234.5`, `8.21M`, `0.58%`.

/// A number and how it was written, as far as a whole column must agree on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// The value; a percentage in percent, so that `0.58%` is 0.58.
    pub value: f64,
    /// Whether a percent sign follows.
    pub percent: bool,
    /// Whether it reads as `1,234`: a thousand and some, or one and some to those who write decimals with a comma.
    pub ambiguous_comma: bool,
}

/// Reads a cell, or says what is wrong with it.
pub fn parse(cell: &str) -> Result<Number, String> {
    if cell.is_empty() {
        return Err("the cell is empty".to_owned());
    }
    if cell == "-" {
        return Err("`-` is not a number; exports write it where a value is missing".to_owned());
    }
    let not_a_number = || format!("`{cell}` is not a number");
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
        return Err(format!("`{cell}` is not a finite number"));
    }
    if !digits
        .chars()
        .all(|c| matches!(c, '0'..='9' | '.' | ',' | '+' | '-' | 'e' | 'E'))
    {
        return Err(not_a_number());
    }
    if digits.contains(',') && !has_thousands_separators(digits) {
        return Err(format!(
            "`{cell}` is not a number: commas separate thousands, a point the decimals, as in `1,234.5`"
        ));
    }
    // The power of ten is part of the text, so that 21.86K is read as exactly the number that 21860 is.
    let plain = digits.replace(',', "") + exponent;
    let value: f64 = plain.parse().map_err(|_| not_a_number())?;
    if !value.is_finite() {
        return Err(format!("`{cell}` is too large"));
    }
    Ok(Number {
        value: value + 0.0, // -0 becomes 0
        percent,
        ambiguous_comma: exponent.is_empty()
            && digits.matches(',').count() == 1
            && !digits.contains('.'),
    })
}

fn is_not_finite(text: &str) -> bool {
    let word = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    ["nan", "inf", "infinity"].contains(&word.as_str())
}

/// `1,234,567.8`: one to three digits, not starting with 0, then groups of three, then perhaps decimals.
fn has_thousands_separators(digits: &str) -> bool {
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut groups = whole.split(',');
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
            ("1,23", "commas separate thousands"),
            ("1.234,5", "commas separate thousands"),
            ("0,303", "commas separate thousands"),
            ("1234,567", "commas separate thousands"),
            (",123", "commas separate thousands"),
            ("1,,234", "commas separate thousands"),
        ] {
            let refusal = parse(cell).expect_err(cell);
            assert!(refusal.contains(reason), "{cell}: {refusal}");
        }
    }

    #[test]
    fn a_lone_comma_is_noted() {
        for (cell, ambiguous) in [
            ("1,234", true),
            ("1,234.5", false),
            ("1,234,567", false),
            ("1,234K", false),
            ("1234", false),
        ] {
            let number = parse(cell).map(|number| number.ambiguous_comma);
            assert_eq!(number, Ok(ambiguous), "{cell}");
        }
    }
}
