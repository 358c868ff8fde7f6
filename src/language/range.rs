//! `{ from = 0, to = 4 }`: the values of a range, both ends included.

use super::diagnostic::Diagnostic;
use super::read::{Missing, Subject, read};
use super::tree::{Node, Table, Value};
use crate::number;

/// The most values of a range, and the most cells of a grid.
pub(super) const MOST_CELLS: usize = 100_000;

const KEYS: [&str; 5] = ["from", "to", "step", "steps", "scale"];

const FORMS: &str = "a range is { from, to }, { from, to, step } or { from, to, steps, scale }";

/// Whether a table of `[grid]` is a range, and not a part of a dotted path: it holds a plain value under one of the keys.
pub(super) fn is_range(table: &Table) -> bool {
    table
        .entries
        .iter()
        .any(|entry| KEYS.contains(&entry.key.as_str()) && !matches!(entry.node.value, Value::List(_) | Value::Table(_)))
}

/// A range as it is written.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    #[serde(deserialize_with = "number::finite")]
    from: f64,
    #[serde(deserialize_with = "number::finite")]
    to: f64,
    step: Option<f64>,
    steps: Option<usize>,
    scale: Option<Spacing>,
}

/// How the values of `{ from, to, steps }` lie.
#[derive(serde::Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Spacing {
    /// Equal differences.
    Linear,
    /// Equal ratios.
    Log,
}

/// The values of a range, each at the place of the whole.
pub(super) fn values(node: &Node, table: &Table, problems: &mut Vec<Diagnostic>) -> Option<Vec<Node>> {
    let range: Range = read(node, &Subject::of("a range", ""), Missing::Reported, problems)?;
    match expanded(&range, table) {
        Ok(values) => Some(values.into_iter().map(|value| Node { span: node.span, value }).collect()),
        Err((key, message)) => {
            let span = table.get(key).map_or(node.span, |at| at.span);
            problems.push(Diagnostic::at(span, message).help(FORMS));
            None
        }
    }
}

/// The values, or the key to blame and why.
fn expanded(range: &Range, table: &Table) -> Result<Vec<Value>, (&'static str, String)> {
    let Range {
        from,
        to,
        step,
        steps,
        scale,
    } = *range;
    if to < from {
        return Err(("to", format!("`to` is {to}, below `from`, which is {from}")));
    }
    match (step, steps) {
        (Some(_), Some(_)) => Err(("steps", "`step` and `steps` are both given".to_owned())),
        (None, Some(steps)) => {
            if steps < 2 {
                return Err(("steps", format!("`steps` must be at least 2, the two ends, found {steps}")));
            }
            if steps > MOST_CELLS {
                return Err(("steps", too_many(steps as f64)));
            }
            let log = scale == Some(Spacing::Log);
            if log && from <= 0.0 {
                return Err(("from", format!("`from` must be above 0 on a log scale, found {from}")));
            }
            Ok(spaced(from, to, steps, log, whole(table, &["from", "to"]).is_some()))
        }
        (step, None) => {
            if scale.is_some() {
                return Err(("scale", "`scale` needs `steps`".to_owned()));
            }
            let step_or_one = step.unwrap_or(1.0);
            if step_or_one <= 0.0 || !step_or_one.is_finite() {
                return Err(("step", format!("`step` must be a finite number above 0, found {step_or_one}")));
            }
            // A little more than the quotient, so that 0 to 0.3 by 0.1 ends at 0.3.
            let count = ((to - from) / step_or_one + 1e-9).floor() + 1.0;
            if count > MOST_CELLS as f64 {
                return Err(("", too_many(count)));
            }
            let keys: &[&str] = match step {
                Some(_) => &["from", "to", "step"],
                None => &["from", "to"],
            };
            match whole(table, keys) {
                Some(numbers) => {
                    let step = numbers.get(2).copied().unwrap_or(1);
                    let count = (numbers[1] - numbers[0]) / step + 1;
                    Ok((0..count).map(|index| Value::Integer(numbers[0] + index * step)).collect())
                }
                None if step.is_none() => Err(("", "a range of fractions needs `step` or `steps`".to_owned())),
                None => Ok((0..count as usize)
                    .map(|index| Value::Float(tidy(from + index as f64 * step_or_one, step_or_one)))
                    .collect()),
            }
        }
    }
}

fn too_many(count: f64) -> String {
    format!("the range has {count} values, and a grid may have {MOST_CELLS} cells")
}

/// The whole numbers at these keys, if all are.
fn whole(table: &Table, keys: &[&str]) -> Option<Vec<i128>> {
    keys.iter()
        .map(|key| match table.get(key)?.value {
            Value::Integer(number) => Some(number),
            _ => None,
        })
        .collect()
}

/// `steps` numbers from `from` to `to`, the ends exactly; whole where the ends and all between them are.
fn spaced(from: f64, to: f64, steps: usize, log: bool, whole_ends: bool) -> Vec<Value> {
    let last = steps - 1;
    let numbers: Vec<f64> = (0..steps)
        .map(|index| {
            let share = index as f64 / last as f64;
            match index {
                0 => from,
                _ if index == last => to,
                _ if log => tidy(from * libm::pow(to / from, share), 0.0),
                _ => tidy(from + (to - from) * share, to - from),
            }
        })
        .collect();
    let whole = whole_ends && numbers.iter().all(|number| number.fract() == 0.0);
    numbers
        .into_iter()
        .map(|number| {
            if whole {
                Value::Integer(number as i128)
            } else {
                Value::Float(number)
            }
        })
        .collect()
}

/// Without the last digits, where 0.1 + 0.2 differs from 0.3: 12 digits of the number, or of the unit it is counted in.
fn tidy(number: f64, unit: f64) -> f64 {
    let size = number.abs().max(unit.abs());
    if size == 0.0 {
        return number;
    }
    let digits = (12.0 - libm::log10(size).floor()).clamp(0.0, 300.0);
    format!("{number:.*}", digits as usize).parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{tree, written};

    fn shown(range: &str) -> String {
        let node = tree::parse_value(range, 0).expect("the range is TOML");
        let mut problems = Vec::new();
        let table = node.as_table().expect("a range is a table");
        match values(&node, table, &mut problems) {
            Some(values) => values.iter().map(written::of_node).collect::<Vec<_>>().join(" "),
            None => problems.remove(0).message,
        }
    }

    #[test]
    fn both_ends_are_included() {
        for (range, values) in [
            ("{ from = 0, to = 4 }", "0 1 2 3 4"),
            ("{ from = 2, to = 2 }", "2"),
            ("{ from = 1, to = 9, step = 4 }", "1 5 9"),
            ("{ from = 1, to = 8, step = 4 }", "1 5"),
            ("{ from = 0.0, to = 0.3, step = 0.1 }", "0 0.1 0.2 0.3"),
            ("{ from = 0, to = 1, steps = 5 }", "0 0.25 0.5 0.75 1"),
            ("{ from = 10, to = 40, steps = 4 }", "10 20 30 40"),
            (
                "{ from = 0.0001, to = 0.1, steps = 4, scale = \"log\" }",
                "0.0001 0.001 0.01 0.1",
            ),
            ("{ from = 16, to = 128, steps = 4, scale = \"log\" }", "16 32 64 128"),
            (
                "{ from = 18446744073709551613, to = 18446744073709551615 }",
                "18446744073709551613 18446744073709551614 18446744073709551615",
            ),
        ] {
            assert_eq!(shown(range), values, "{range}");
        }
    }

    #[test]
    fn whole_numbers_stay_whole() {
        let node = tree::parse_value("{ from = 8, to = 64, steps = 4, scale = \"log\" }", 0).expect("the range is TOML");
        let table = node.as_table().expect("a range is a table");
        let values = values(&node, table, &mut Vec::new()).expect("the range is sound");
        assert!(values.iter().all(|value| matches!(value.value, Value::Integer(_))));
    }

    #[test]
    fn what_is_no_range_says_why() {
        for (range, message) in [
            ("{ from = 4, to = 0 }", "`to` is 0, below `from`, which is 4"),
            (
                "{ from = 0, to = 1, steps = 1 }",
                "`steps` must be at least 2, the two ends, found 1",
            ),
            (
                "{ from = 0, to = 1, step = 0 }",
                "`step` must be a finite number above 0, found 0",
            ),
            ("{ from = 0.5, to = 2 }", "a range of fractions needs `step` or `steps`"),
            (
                "{ from = 0, to = 1, steps = 3, scale = \"log\" }",
                "`from` must be above 0 on a log scale, found 0",
            ),
            ("{ from = 0, to = 9, scale = \"log\" }", "`scale` needs `steps`"),
            (
                "{ from = 0, to = 9, step = 1, steps = 2 }",
                "`step` and `steps` are both given",
            ),
        ] {
            assert_eq!(shown(range), message, "{range}");
        }
    }
}
