//! Keys and tables that stand twice, or in the way of each other: where the first stands is told too.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::super::keys::reads;
use super::statements::Statement;
use crate::language::diagnostic::Diagnostic;
use crate::language::source::Span;

/// What a statement makes: the path of its table or value, from the top.
struct Made {
    path: Vec<String>,
    /// How much of the path its header gives; of a header, all but the last.
    below: usize,
    header: bool,
    /// `[[…]]`
    repeated: bool,
}

/// What is left of the statements.
#[derive(Default)]
pub(super) struct Left {
    /// The statements to take out so that the others can be read.
    pub(super) dropped: BTreeSet<usize>,
    /// Whether more than what is said twice was lost.
    pub(super) lost: bool,
}

/// Notes the statements at these places as what stands in the way of an earlier one.
pub(super) fn diagnose(
    text: &str,
    statements: &[Statement],
    places: &[usize],
    base: usize,
    problems: &mut Vec<Diagnostic>,
) -> Left {
    let mut left = Left::default();
    let made = made(text, statements);
    let line_of = Lines::of(text);
    // Path → the first statement that makes something there or below.
    let mut first: HashMap<&[String], usize> = HashMap::new();
    for (index, one) in made.iter().enumerate() {
        for length in 1..=one.path.len() {
            first.entry(&one.path[..length]).or_insert(index);
        }
    }
    for index in at_places(statements, places) {
        // What stands below a header that stands twice follows from it.
        if left.dropped.contains(&index) {
            continue;
        }
        left.dropped.insert(index);
        let one = &made[index];
        if one.header {
            let body = (index + 1..made.len()).take_while(|at| !made[*at].header);
            left.dropped.extend(body);
        }
        let range = statements[index].range.clone();
        let own = &text[range.clone()];
        let path = one.path.join(".");
        let in_the_way = (1..=one.path.len())
            .rev()
            .filter_map(|length| first.get(&one.path[..length]).copied())
            .find(|earlier| *earlier < index && stands_in_the_way(&made[*earlier], one));
        let Some(earlier) = in_the_way else {
            problems.push(inside(own, range.start, base, &line_of));
            left.lost = true;
            continue;
        };
        let line = line_of.of_byte(statements[earlier].range.start);
        let other = &made[earlier];
        let key =
            range.start..range.start + super::cause::assignment(own).map_or(own.len(), |at| own[..at].trim_end().len());
        let span = Span {
            start: key.start + base,
            end: key.end + base,
        };
        left.lost |= one.path != other.path;
        let axis = one.path.first().is_some_and(|root| root == "grid") && one.path != other.path;
        let problem = if one.path == other.path && one.header {
            let help = match one.path.as_slice() {
                [root, name] if matches!(root.as_str(), "dataset" | "model") => format!(
                    "the first is in line {line}: two {root}s have two names, as [{root}.{name}] and [{root}.{name}_2]"
                ),
                _ => format!("the first is in line {line}: put the settings of both under one header"),
            };
            Diagnostic::at(span, format!("the table `{own}` stands twice")).help(help)
        } else if one.path == other.path {
            let key = &text[key];
            Diagnostic::at(span, format!("`{key}` stands twice"))
                .help(format!("the first is in line {line}: keep one of them"))
        } else if axis {
            let longer = if one.path.len() > other.path.len() { one } else { other };
            let quoted = match &longer.path[1..] {
                // A setting of a model stands below its name.
                [root, key] if reads(&format!("{root}.NAME"), key) => format!("{root}.NAME.{key}"),
                path => path.join("."),
            };
            Diagnostic::at(
                span,
                format!("the axes here and in line {line} lie inside each other for TOML"),
            )
            .help(format!("in quotes a path is a key of its own: \"{quoted}\" = …"))
        } else {
            let other = other.path.join(".");
            Diagnostic::at(
                span,
                format!("`{path}` and `{other}` in line {line} stand in the way of each other"),
            )
            .help("one is a value or a closed table, and the other would lie inside it: keep one of them")
        };
        problems.push(problem);
    }
    left
}

/// The statements that hold these places, each once.
fn at_places(statements: &[Statement], places: &[usize]) -> BTreeSet<usize> {
    let holding = |place: &usize| {
        let after = statements.partition_point(|statement| statement.range.start <= *place);
        after.checked_sub(1)
    };
    places.iter().filter_map(holding).collect()
}

/// A key twice inside one value, as `{ a = 1, a = 2 }`.
fn inside(own: &str, start: usize, base: usize, lines: &Lines) -> Diagnostic {
    let (_, errors) = DeTable::parse_recoverable(own);
    let place: Range<usize> = errors.first().and_then(toml::de::Error::span).unwrap_or(0..own.len());
    let span = Span {
        start: place.start + start + base,
        end: place.end + start + base,
    };
    if let Some(error) = errors.first()
        && !error.message().contains("duplicate key")
    {
        return Diagnostic::at(span, error.message().to_owned());
    }
    let key = own.get(place.clone()).unwrap_or_default().trim();
    // The same word before it, as a key.
    let earlier = own[..place.start.min(own.len())].rfind(key).unwrap_or(0);
    Diagnostic::at(span, format!("`{key}` stands twice")).help(format!(
        "the first is in line {}: keep one of them",
        lines.of_byte(start + earlier)
    ))
}

fn stands_in_the_way(earlier: &Made, later: &Made) -> bool {
    if earlier.path == later.path {
        return !(earlier.repeated && later.repeated);
    }
    // A table may hold others; a value may not, nor may a table of dotted keys be opened again.
    !(earlier.header && earlier.path.len() <= later.below)
}

fn made(text: &str, statements: &[Statement]) -> Vec<Made> {
    let mut table: Vec<String> = Vec::new();
    statements
        .iter()
        .map(|statement| {
            let own = &text[statement.range.clone()];
            let header = statement.is_header(text);
            let mut path = keys(own);
            let below = if header {
                table.clone_from(&path);
                path.len().saturating_sub(1)
            } else {
                path = [table.as_slice(), &path].concat();
                table.len()
            };
            Made {
                path,
                below,
                header,
                repeated: own.starts_with("[["),
            }
        })
        .collect()
}

/// The keys that one statement names.
fn keys(own: &str) -> Vec<String> {
    let text = match super::cause::assignment(own) {
        Some(equals) if !own.starts_with('[') => format!("{}= 0", &own[..equals]),
        _ => own.to_owned(),
    };
    let (table, _) = DeTable::parse_recoverable(&text);
    let mut keys = Vec::new();
    let mut below = table.get_ref();
    while let Some((key, value)) = below.iter().next() {
        keys.push(key.get_ref().to_string());
        below = match value.get_ref() {
            DeValue::Table(table) => table,
            DeValue::Array(elements) => match elements.first().map(toml::Spanned::get_ref) {
                Some(DeValue::Table(table)) => table,
                _ => break,
            },
            _ => break,
        };
    }
    keys
}

/// Where lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The line of a byte, from 1.
    fn of_byte(&self, at: usize) -> usize {
        self.0.partition_point(|newline| *newline < at) + 1
    }
}
