//! A tree → any type that serde can read, with every mistake at its own place.
//!
//! serde stops at the first mistake. So each one is noted, made harmless in a copy of the tree, and the reading starts
//! again: an unknown key is taken out, any other mistake becomes [`Value::Wrong`], which reads as whatever is asked for.

use std::fmt;

use serde::de::{self, DeserializeOwned, Expected, Unexpected};

use super::diagnostic::Diagnostic;
use super::reader::Reader;
use super::suggest::{closest, did_you_mean, listed};
use super::tree::{Entry, Node, Value};

/// Whether a table must be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// A missing key is a mistake.
    Reported,
    /// Other values come from elsewhere.
    Expected,
}

/// Reads a `T`; `subject` says what the tree is ("a model of kind `lstm`"). `None` when something was wrong or missing.
pub fn read<T: DeserializeOwned>(
    node: &Node,
    subject: &str,
    missing: Missing,
    problems: &mut Vec<Diagnostic>,
) -> Option<T> {
    let mut error = match T::deserialize(Reader(node)) {
        Ok(read) => return Some(read),
        Err(error) => error,
    };
    let mut copy = node.clone();
    let mut meant = Vec::new();
    loop {
        let place = walk(&mut copy, &error.steps)?;
        if let Some(problem) = error.diagnose(place, subject, missing, &mut meant) {
            problems.push(problem);
        }
        if !error.make_harmless(place) {
            return None;
        }
        match T::deserialize(Reader(&copy)) {
            Ok(_) => return None,
            Err(next) => error = next,
        }
    }
}

/// A mistake on its way up from where it was found.
#[derive(Debug)]
pub struct Mistake {
    what: What,
    /// From the innermost step outwards.
    pub steps: Vec<Step>,
}

#[derive(Debug)]
enum What {
    /// A key that must be there is not.
    Missing(&'static str),
    /// A key that nothing reads.
    UnknownKey(String, Vec<&'static str>),
    /// A word that is not among the allowed ones.
    UnknownWord(String, Vec<&'static str>),
    /// Anything else.
    Other(String),
}

/// One step down a tree.
#[derive(Debug)]
pub enum Step {
    /// To the value of a key.
    Key(String),
    /// To an element of a list.
    Index(usize),
}

/// Follows the steps of a mistake down.
fn walk<'a>(mut node: &'a mut Node, steps: &[Step]) -> Option<&'a mut Node> {
    for step in steps.iter().rev() {
        node = match (step, &mut node.value) {
            (Step::Key(key), Value::Table(table)) => table.get_mut(key)?,
            (Step::Index(index), Value::List(elements)) => elements.get_mut(*index)?,
            _ => return None,
        };
    }
    Some(node)
}

impl Mistake {
    /// The last key on the way to the mistake.
    fn key(&self) -> Option<&str> {
        self.steps.iter().find_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        })
    }

    /// What a person reads; nothing where it follows from an earlier mistake. `meant` gathers the keys that were suggested.
    fn diagnose(
        &self,
        place: &Node,
        subject: &str,
        missing: Missing,
        meant: &mut Vec<String>,
    ) -> Option<Diagnostic> {
        if matches!(place.value, Value::Wrong) {
            return None;
        }
        let subject = self
            .key()
            .map_or_else(|| subject.to_owned(), |key| format!("`{key}`"));
        Some(match &self.what {
            What::Missing(key) => {
                if missing == Missing::Expected || meant.iter().any(|known| known == key) {
                    return None;
                }
                Diagnostic::at(place.span, format!("missing `{key}`"))
                    .help(format!("{subject} needs `{key}`"))
            }
            What::UnknownKey(key, allowed) => {
                let near = closest(key, allowed.iter().copied());
                meant.extend(near.map(str::to_owned));
                let suggestion =
                    near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
                let takes = if allowed.is_empty() {
                    "takes nothing else".to_owned()
                } else {
                    format!("takes {}", listed(allowed))
                };
                let span = place
                    .as_table()
                    .and_then(|table| table.entry(key))
                    .map_or(place.span, |entry| entry.key_span);
                Diagnostic::at(span, format!("unknown field `{key}`"))
                    .help(format!("{suggestion}{subject} {takes}"))
            }
            What::UnknownWord(word, allowed) => {
                let suggestion = did_you_mean(word, allowed.iter().copied());
                Diagnostic::at(place.span, format!("unknown value `{word}`")).help(format!(
                    "{suggestion}{subject} is one of {}",
                    listed(allowed)
                ))
            }
            What::Other(message) if message.starts_with("must ") => {
                let subject = match self.steps.first() {
                    Some(Step::Index(_)) => format!("every value of {subject}"),
                    _ => subject,
                };
                Diagnostic::at(place.span, format!("{subject} {message}"))
            }
            What::Other(message) => Diagnostic::at(place.span, message.clone()),
        })
    }

    /// Changes the copy so that the reading gets past the mistake; false when it cannot.
    fn make_harmless(&self, place: &mut Node) -> bool {
        match (&self.what, &mut place.value) {
            (_, Value::Wrong) => return false,
            (What::Missing(key), Value::Table(table)) => table.insert(Entry {
                key: (*key).to_owned(),
                key_span: place.span,
                node: Node {
                    span: place.span,
                    value: Value::Wrong,
                },
            }),
            (What::UnknownKey(key, _), Value::Table(table)) => {
                table.remove(key);
            }
            (_, value) => *value = Value::Wrong,
        }
        true
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.what)
    }
}

impl std::error::Error for Mistake {}

impl From<What> for Mistake {
    fn from(what: What) -> Self {
        Self {
            what,
            steps: Vec::new(),
        }
    }
}

impl de::Error for Mistake {
    fn custom<T: fmt::Display>(message: T) -> Self {
        What::Other(message.to_string()).into()
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        What::Other(expectation(found, expected)).into()
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        What::Other(expectation(found, expected)).into()
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        What::Other(format!(
            "expected {}, found {length}",
            in_words(&expected.to_string())
        ))
        .into()
    }

    fn unknown_variant(word: &str, allowed: &'static [&'static str]) -> Self {
        What::UnknownWord(word.to_owned(), allowed.to_vec()).into()
    }

    fn unknown_field(key: &str, allowed: &'static [&'static str]) -> Self {
        What::UnknownKey(key.to_owned(), allowed.to_vec()).into()
    }

    fn missing_field(key: &'static str) -> Self {
        What::Missing(key).into()
    }
}

fn expectation(found: Unexpected<'_>, expected: &dyn Expected) -> String {
    let found = match found {
        Unexpected::Bool(truth) => format!("`{truth}`"),
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        Unexpected::Float(number) => format!("the number {number:?}"),
        Unexpected::Str(text) => format!("the string {text:?}"),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a table".to_owned(),
        other => other.to_string(),
    };
    format!(
        "expected {}, found {found}",
        in_words(&expected.to_string())
    )
}

/// serde's words for a type in a person's.
fn in_words(expected: &str) -> String {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number of at least 0",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a borrowed string" | "string" => "a string",
        "a boolean" => "`true` or `false`",
        "a sequence" => "a list",
        "a map" => "a table",
        "an array of length 2" => "a list of 2",
        other if other.starts_with("struct ") => "a table",
        other if other.starts_with("enum ") => "a word",
        other => other,
    }
    .to_owned()
}
