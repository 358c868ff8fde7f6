//! The order in which a person sorts numbered names: clip 2 before clip 10.

use std::cmp::Ordering;

/// Digits compare as numbers, all else by character; names that differ only in leading zeros, as texts.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (left_digits, right_digits) = (digits(left), digits(right));
        if left_digits.is_empty() || right_digits.is_empty() {
            let (next_left, next_right) = (left.chars().next(), right.chars().next());
            match (next_left, next_right) {
                (Some(one), Some(other)) if one == other => {
                    left = &left[one.len_utf8()..];
                    right = &right[other.len_utf8()..];
                }
                (None, None) => return a.cmp(b),
                (one, other) => return one.cmp(&other),
            }
        } else {
            let (one, other) = (left_digits.trim_start_matches('0'), right_digits.trim_start_matches('0'));
            match one.len().cmp(&other.len()).then_with(|| one.cmp(other)) {
                Ordering::Equal => {
                    left = &left[left_digits.len()..];
                    right = &right[right_digits.len()..];
                }
                order => return order,
            }
        }
    }
}

/// The last run of digits in a name as a number: the 12 of `fi12`.
pub(super) fn last_number(name: &str) -> Option<u64> {
    let end = name.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = name[..end]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |before| before + name[before..].chars().next().map_or(1, char::len_utf8));
    name[start..end].parse().ok()
}

/// The digits at the start.
fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_as_numbers() {
        let mut names = ["fi10", "fi2", "fi1", "no1", "fi", "fi02", "fi2a", "é9", "fi2/3", "fi2/11"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(
            names,
            ["fi", "fi1", "fi02", "fi2", "fi2/3", "fi2/11", "fi2a", "fi10", "no1", "é9"]
        );
        // Larger than any integer type.
        let long = [
            "99999999999999999999999999999999999999999",
            "100000000000000000000000000000000000000000",
        ];
        assert_eq!(compare(long[0], long[1]), Ordering::Less);
    }

    #[test]
    fn the_last_number_of_a_name() {
        for (name, number) in [
            ("fi12", Some(12)),
            ("12", Some(12)),
            ("v2_007b", Some(7)),
            ("é3", Some(3)),
            ("none", None),
            ("", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(last_number(name), number, "{name}");
        }
    }
}
