//! A tree → any type that serde can read, with every mistake at its own place.
//!
//! serde stops at the first mistake. So each one is noted, made harmless in a copy of the tree, and the reading starts
//! again: unknown keys are taken out, any other mistake becomes [`Value::Wrong`], which reads as whatever is asked for.

use serde::de::DeserializeOwned;

use super::diagnostic::{Diagnostic, MOST_OF_A_FILE, MOST_OF_A_PART};
use super::keys;
use super::mistake::{Mistake, Step, What};
use super::reader::Reader;
use super::suggest::{closest, did_you_mean, listed, synonym};
use super::tree::{Entry, Node, Value};

/// Whether a table must be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// A missing key is a mistake.
    Reported,
    /// Other values come from elsewhere.
    Expected,
}

/// What a tree is.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    /// In a sentence: "a model of kind `lstm`".
    words: String,
    /// As a dotted path, `model.NAME`; empty for what no axis can move.
    path: &'static str,
}

impl Subject {
    /// Something at a dotted path.
    pub(super) fn of(words: impl Into<String>, path: &'static str) -> Self {
        let words = words.into();
        Self { words, path }
    }

    /// `[window]`
    pub(super) fn table(path: &'static str) -> Self {
        Self::of(format!("`[{path}]`"), path)
    }
}

/// Reads a `T`; `subject` says what the tree is. `None` when something was wrong or missing.
pub(super) fn read<T: DeserializeOwned>(
    node: &Node,
    subject: &Subject,
    missing: Missing,
    problems: &mut Vec<Diagnostic>,
) -> Option<T> {
    let deserialize = |settings: Reader<'_>| T::deserialize(settings);
    read_by(deserialize, node, subject, missing, problems)
}

/// The same for what says itself how it is read.
pub(super) fn read_by<T>(
    deserialize: impl Fn(Reader<'_>) -> Result<T, Mistake>,
    node: &Node,
    subject: &Subject,
    missing: Missing,
    problems: &mut Vec<Diagnostic>,
) -> Option<T> {
    let mut error = match deserialize(Reader(node)) {
        Ok(read) => return (!node.holds_wrong()).then_some(read),
        Err(error) => error,
    };
    let mut copy = node.clone();
    let mut meant = Vec::new();
    // Each mistake has the part read once more: a part that is all wrong is not read as often as it has mistakes.
    let most = MOST_OF_A_PART.min(MOST_READ / size_of(node)).max(MOST_OF_A_FILE + 1);
    for _ in 0..most {
        let place = walk(&mut copy, &error.steps)?;
        error.diagnose(place, subject, missing, &mut meant, problems);
        if !error.make_harmless(place) {
            return None;
        }
        match deserialize(Reader(&copy)) {
            Ok(_) => return None,
            Err(next) => error = next,
        }
    }
    if let Some(last) = problems.last_mut() {
        last.cut_off = true;
    }
    None
}

/// Values that are read for the mistakes of one part, each of which has all of them read once more.
const MOST_READ: usize = 20_000_000;

/// How many values a tree holds, itself among them.
fn size_of(node: &Node) -> usize {
    let below: usize = match &node.value {
        Value::Table(table) => table.entries.iter().map(|entry| size_of(&entry.node)).sum(),
        Value::List(elements) => elements.iter().map(size_of).sum(),
        _ => 0,
    };
    1 + below
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

    /// Notes what a person reads; nothing where it follows from an earlier mistake. `meant` gathers the keys that were
    /// suggested.
    fn diagnose(
        &self,
        place: &Node,
        subject: &Subject,
        missing: Missing,
        meant: &mut Vec<String>,
        problems: &mut Vec<Diagnostic>,
    ) {
        // Whatever is said of a value that holds a wrong one follows from that.
        let follows = matches!(self.what, What::Other(_)) && place.holds_wrong();
        if follows || matches!(place.value, Value::Wrong) {
            return;
        }
        let words = self.key().map_or_else(|| subject.words.clone(), |key| format!("`{key}`"));
        match &self.what {
            What::Missing(key) => {
                if missing == Missing::Reported && !meant.iter().any(|known| known == key) {
                    let problem = Diagnostic::at(place.span, format!("missing `{key}`"));
                    problems.push(problem.help(format!("{words} needs `{key}`")));
                }
            }
            What::UnknownKey(allowed) => {
                let table = place.as_table().into_iter().flat_map(|table| &table.entries);
                for entry in table.filter(|entry| !allowed.contains(&entry.key.as_str())) {
                    let path = if self.steps.is_empty() { subject.path } else { "" };
                    problems.push(unknown_key(entry, allowed, &words, path, meant));
                }
            }
            What::UnknownWord(word, allowed) => {
                let suggestion = did_you_mean(word, allowed.iter().copied());
                let problem = Diagnostic::at(place.span, format!("unknown value `{word}`"));
                problems.push(problem.help(format!("{suggestion}{words} is one of {}", listed(allowed))));
            }
            What::Other(message) if message.starts_with("must ") => {
                let subject = match self.steps.first() {
                    Some(Step::Index(_)) => format!("every value of {words}"),
                    _ => words,
                };
                let problem = Diagnostic::at(place.span, format!("{subject} {message}"));
                let is_share = message.contains("below 1") || message.contains("between 0 and 1");
                problems.push(if is_share {
                    problem.help("a share of 10 % is written 0.1")
                } else {
                    problem
                });
            }
            What::Other(message) => {
                let problem = Diagnostic::at(place.span, message.clone());
                problems.push(match self.written_otherwise(message, place, subject) {
                    Some(help) => problem.help(help),
                    None => problem,
                });
            }
        }
    }

    /// How a value of another type is to be written.
    fn written_otherwise(&self, message: &str, place: &Node, subject: &Subject) -> Option<String> {
        let key = self.key()?;
        match &place.value {
            Value::String(text) if message.contains("number") && text.parse::<f64>().is_ok() => {
                Some(format!("a number stands without quotes: {text}"))
            }
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_)
                if message.starts_with("expected a string") && matches!(self.steps.first(), Some(Step::Key(_))) =>
            {
                let written = super::written::of_node(place);
                Some(format!("text stands in quotes: {key} = \"{written}\""))
            }
            Value::Integer(number) if message.starts_with("expected a list") => {
                Some(format!("a list stands in brackets: {key} = [{number}]"))
            }
            Value::String(text)
                if message.starts_with("expected a list")
                    && self.steps.len() == 1
                    && !text.contains(['"', '\\'])
                    && text.chars().count() <= 40 =>
            {
                let parts = text.split(',').map(str::trim);
                let written: Vec<String> = parts
                    .map(|part| match part.parse::<f64>() {
                        Ok(_) => part.to_owned(),
                        Err(_) => format!("\"{part}\""),
                    })
                    .collect();
                Some(format!("a list stands in brackets: {key} = [{}]", written.join(", ")))
            }
            Value::List(_)
                if self.steps.len() == 1
                    && !subject.path.is_empty()
                    && !message.contains("list of")
                    && !message.contains("table of") =>
            {
                let quotes = if subject.path.contains("NAME") { "\"" } else { "" };
                let path = subject.path;
                Some(format!(
                    "one value stands here; several to try are an axis of [grid]: {quotes}{path}.{key}{quotes} = […]"
                ))
            }
            _ => None,
        }
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
            (What::UnknownKey(allowed), Value::Table(table)) => {
                table.entries.retain(|entry| allowed.contains(&entry.key.as_str()));
            }
            (_, value) => *value = Value::Wrong,
        }
        true
    }
}

/// A key that its table does not read: another name of one that it does, one of another kind or table, or a slip.
fn unknown_key(entry: &Entry, allowed: &[&'static str], words: &str, path: &str, meant: &mut Vec<String>) -> Diagnostic {
    let key = entry.key.as_str();
    let takes = if allowed.is_empty() {
        format!("{words} takes nothing else")
    } else {
        format!("{words} takes {}", listed(allowed))
    };
    let problem = Diagnostic::at(entry.key_span, format!("unknown field `{key}`"));
    let other_kinds = keys::kinds_that_read(path, key);
    let near = synonym(key, allowed);
    if near.is_none() && !other_kinds.is_empty() {
        let kinds = listed(&other_kinds);
        return problem.help(format!("it belongs to the kind {kinds}; {takes}"));
    }
    if near.is_none()
        && !path.is_empty()
        && let Some(home) = keys::home_of(key)
    {
        return problem.help(format!("it belongs in {}; {takes}", home.written));
    }
    let near = near.or_else(|| closest(key, allowed.iter().copied()));
    meant.extend(near.map(str::to_owned));
    let suggestion = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    problem.help(format!("{suggestion}{takes}"))
}
