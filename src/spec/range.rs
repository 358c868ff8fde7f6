//! `{ from = 0, to = 4 }`: the values of a range, both ends included.

use super::diagnostic::Diagnostic;
use super::read::{Missing, read};
use super::tree::{Node, Table, Value};

/// The most values of a range, and the most cells of a grid.
pub const MOST_CELLS: usize = 100_000;

const KEYS: [&str; 5] = ["from", "to", "step", "steps", "scale"];

/// Whether a table of `[grid]` is a range, and not a part of a dotted path: it holds a plain value under one of the keys.
pub fn is_range(table: &Table) -> bool {
    table.entries.iter().any(|entry| {
        KEYS.contains(&entry.key.as_str())
            && !matches!(entry.node.value, Value::List(_) | Value::Table(_))
    })
}

/// How the values of `{ from, to, steps }` lie.
#[derive(serde::Deserialize, Clone, Copy, Default, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Spacing {
    /// Equal differences.
    #[default]
    Linear,
    /// Equal ratios.
    Log,
}

/// The values of a range, each at the place of the whole.
pub fn values(node: &Node, table: &Table, problems: &mut Vec<Diagnostic>) -> Option<Vec<Node>> {
    let before = problems.len();
    let subject = "a range";
    for entry in &table.entries {
        if !KEYS.contains(&entry.key.as_str()) {
            problems.push(
                Diagnostic::at(entry.key_span, format!("unknown field `{}`", entry.key)).help(
                    format!(
                        "{}a range takes from, to, and step or steps with scale",
                        super::suggest::did_you_mean(&entry.key, KEYS)
                    ),
                ),
            );
        }
    }
    let mut number = |key: &str| -> Option<(&Node, f64)> {
        let given = table.get(key)?;
        let value = read::<f64>(given, subject, Missing::Reported, problems)?;
        Some((given, value))
    };
    let from = number("from");
    let to = number("to");
    let step = number("step");
    for key in ["from", "to"] {
        if table.get(key).is_none() {
            problems.push(
                Diagnostic::at(node.span, format!("missing `{key}`"))
                    .help("a range is { from, to }, { from, to, step } or { from, to, steps }"),
            );
        }
    }
    let steps = table.get("steps").and_then(|given| {
        Some((
            given,
            read::<usize>(given, subject, Missing::Reported, problems)?,
        ))
    });
    let spacing = table
        .get("scale")
        .map(|given| read::<Spacing>(given, "`scale` of a range", Missing::Reported, problems));
    if problems.len() > before {
        return None;
    }
    let ((from_node, from), (to_node, to)) = (from?, to?);
    let mut fail = |at: &Node, message: String| {
        problems.push(Diagnostic::at(at.span, message));
        None
    };
    if to < from {
        return fail(
            to_node,
            format!("`to` is {to}, below `from`, which is {from}"),
        );
    }
    let whole = [Some(from_node), Some(to_node), table.get("step")]
        .into_iter()
        .flatten()
        .all(|node| matches!(node.value, Value::Integer(_)));
    let numbers: Vec<f64> = match (step, steps) {
        (Some((step, _)), Some(_)) => {
            return fail(step, "`step` and `steps` are both given".to_owned());
        }
        (None, Some((at, steps))) => {
            if steps < 2 {
                return fail(at, "`steps` must be at least 2, the two ends".to_owned());
            }
            if steps > MOST_CELLS {
                return fail(at, too_many(steps as f64));
            }
            let log = spacing == Some(Some(Spacing::Log));
            if log && from <= 0.0 {
                return fail(
                    from_node,
                    format!("`from` must be above 0 on a log scale, found {from}"),
                );
            }
            spaced(from, to, steps, log)
        }
        (step, None) => {
            if let Some(scale) = table.get("scale") {
                return fail(scale, "`scale` needs `steps`".to_owned());
            }
            if !whole && step.is_none() {
                return fail(
                    node,
                    "a range of fractions needs `step` or `steps`".to_owned(),
                );
            }
            let (at, step) = step.unwrap_or((node, 1.0));
            if step <= 0.0 {
                return fail(at, format!("`step` must be above 0, found {step}"));
            }
            // A little more than the quotient, so that 0 to 0.3 by 0.1 ends at 0.3.
            let count = ((to - from) / step + 1e-9).floor() + 1.0;
            if count > MOST_CELLS as f64 {
                return fail(node, too_many(count));
            }
            (0..count as usize)
                .map(|index| from + index as f64 * step)
                .map(|number| tidy(number, step))
                .collect()
        }
    };
    let whole = whole && numbers.iter().all(|number| number.fract() == 0.0);
    let values = numbers.into_iter().map(|number| Node {
        span: node.span,
        value: if whole {
            Value::Integer(number as i128)
        } else {
            Value::Float(number)
        },
    });
    Some(values.collect())
}

fn too_many(count: f64) -> String {
    format!("the range has {count} values, and a grid may have {MOST_CELLS} cells")
}

/// `steps` numbers from `from` to `to`, the ends exactly.
fn spaced(from: f64, to: f64, steps: usize, log: bool) -> Vec<f64> {
    (0..steps)
        .map(|index| {
            let share = index as f64 / (steps - 1) as f64;
            match index {
                0 => from,
                last if last == steps - 1 => to,
                _ if log => tidy(from * (to / from).powf(share), from),
                _ => tidy(from + (to - from) * share, to - from),
            }
        })
        .collect()
}

/// Without the last digits, where 0.1 + 0.2 differs from 0.3: 12 digits of the unit are kept.
fn tidy(number: f64, unit: f64) -> f64 {
    let scale = number.abs().max(unit.abs());
    if scale == 0.0 || !scale.is_finite() {
        return number;
    }
    let digits = 12 - scale.log10().floor() as i32;
    format!("{number:.*}", digits.clamp(0, 300) as usize)
        .parse()
        .unwrap_or(number)
}
