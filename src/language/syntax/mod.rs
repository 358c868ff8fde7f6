//! What is wrong with a text that is no TOML: one message for each mistake, at its cause, and a text in which the broken
//! values are replaced, so that one slip does not hide what else is wrong with the file.
//!
//! A parser that goes on after a mistake reports what follows from it as well. So each statement is read on its own: those
//! that are broken alone are the causes, and what is left are keys and tables that stand twice.

mod cause;
mod statements;
mod twice;

use std::collections::HashSet;

use toml::de::DeTable;

use super::diagnostic::Diagnostic;
use super::source::Span;
use statements::{Statement, statements};

/// A text with the broken values replaced.
pub(super) struct Healed {
    /// As long as the text it was made from, byte by byte.
    pub text: String,
    /// Where the values begin that stand for broken ones.
    pub broken: HashSet<usize>,
}

/// Notes every mistake of a text whose first byte counts as `base`. What is left can be read where each mistake is confined
/// to the value of a known key.
pub(super) fn diagnose(text: &str, base: usize, problems: &mut Vec<Diagnostic>) -> Option<Healed> {
    let statements = statements(text);
    let before = problems.len();
    let mut headless = Vec::new();
    let mut healing = Healing {
        bytes: text.as_bytes().to_vec(),
        broken: HashSet::new(),
        lost: false,
    };
    for (index, statement) in statements.iter().enumerate() {
        if let Some((span, message, help)) = cause::of(text, statement) {
            let problem = Diagnostic::at(shifted(&span, base), message);
            problems.push(match help {
                Some(help) => problem.help(help),
                None => problem,
            });
            healing.replace_value(text, statement);
            if statement.is_header(text) {
                // Whose settings these are is not known.
                let body = statements[index + 1..].iter();
                body.take_while(|other| !other.is_header(text))
                    .for_each(|other| headless.push(other.range.clone()));
            }
        }
    }
    for range in headless {
        healing.clear(range);
    }
    let healed = healing.text();
    let (_, errors) = DeTable::parse_recoverable(&healed);
    if !errors.is_empty() {
        let places: Vec<usize> = errors.iter().map(|error| error.span().unwrap_or_default().start).collect();
        let told = problems.len();
        let left = twice::diagnose(text, &statements, &places, base, problems);
        healing.lost |= left.lost;
        for index in left.dropped {
            healing.blank(&statements[index]);
        }
        if told == problems.len() && problems.len() == before {
            // Nothing here knows what it is; the parser's own words say it.
            for error in &errors {
                let span = shifted(&error.span().unwrap_or_default(), base);
                problems.push(Diagnostic::at(span, error.message()));
            }
            healing.lost = true;
        }
    }
    let text = healing.text();
    let readable = !healing.lost && DeTable::parse_recoverable(&text).1.is_empty();
    readable.then_some(Healed {
        text,
        broken: healing.broken,
    })
}

fn shifted(range: &std::ops::Range<usize>, base: usize) -> Span {
    Span {
        start: range.start + base,
        end: range.end + base,
    }
}

/// A text on its way to being readable.
struct Healing {
    bytes: Vec<u8>,
    broken: HashSet<usize>,
    /// Whether something was lost whose absence would be taken for a mistake of its own.
    lost: bool,
}

impl Healing {
    /// Puts a number in the place of a value, on the line of its key.
    fn replace_value(&mut self, text: &str, statement: &Statement) {
        let range = statement.range.clone();
        let equals = cause::assignment(&text[range.clone()]).map(|at| range.start + at);
        match equals {
            Some(equals) if equals + 1 < range.end && !statement.is_header(text) => {
                self.clear(equals + 1..range.end);
                let value = equals + 1;
                self.bytes[value] = b'0';
                self.broken.insert(value);
            }
            _ => {
                self.blank(statement);
                self.lost = true;
            }
        }
    }

    fn blank(&mut self, statement: &Statement) {
        self.clear(statement.range.clone());
    }

    /// Spaces instead of these bytes; lines stay.
    fn clear(&mut self, range: std::ops::Range<usize>) {
        for byte in &mut self.bytes[range] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}
