//! A TOML text as a tree in which every key and value knows its place.
//!
//! The tree of the `toml` crate borrows its text and cannot hold numbers that a range made; this one owns what it holds, so
//! that files can be merged and axis values put in.

use std::collections::HashSet;

use toml::de::{DeTable, DeValue};

use super::diagnostic::Diagnostic;
use super::source::Span;
use super::syntax;

/// A value and its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Where it stands; of a table with a header, the header.
    pub span: Span,
    /// What stands there.
    pub value: Value,
}

/// What a file can say.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Text.
    String(String),
    /// A whole number.
    Integer(i128),
    /// Any other number.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A date, a time, or both, as written.
    Datetime(String),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Table(Table),
    /// Reported as a mistake already: reads as whatever is asked for, so that the mistakes after it are found too.
    Wrong,
}

/// The entries of a table in the order of the text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    /// No key stands twice.
    pub entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The key, without quotes.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// Its value.
    pub node: Node,
}

/// Reads a text whose first byte counts as `base`. There is no tree where it is not known how much of it a mistake concerns;
/// where that is one value, the value is [`Value::Wrong`].
pub(super) fn parse(text: &str, base: usize, problems: &mut Vec<Diagnostic>) -> Option<Table> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let mut reading = Reading {
        base,
        broken: HashSet::new(),
        problems,
    };
    if errors.is_empty() {
        return Some(reading.table(tree.get_ref()));
    }
    let healed = syntax::diagnose(text, base, reading.problems)?;
    reading.broken = healed.broken;
    let (tree, _) = DeTable::parse_recoverable(&healed.text);
    Some(reading.table(tree.get_ref()))
}

/// Reads a single value, as `[1, 3]`; `None` where the text is not one.
pub(super) fn parse_value(text: &str, base: usize) -> Option<Node> {
    let value = DeValue::parse(text).ok()?;
    let mut problems = Vec::new();
    let mut reading = Reading {
        base,
        broken: HashSet::new(),
        problems: &mut problems,
    };
    let node = reading.node(value.get_ref(), value.span());
    problems.is_empty().then_some(node)
}

/// A tree of the `toml` crate on its way to one of ours.
struct Reading<'a> {
    base: usize,
    /// Where values begin that stand for broken ones.
    broken: HashSet<usize>,
    problems: &'a mut Vec<Diagnostic>,
}

impl Reading<'_> {
    fn shifted(&self, range: std::ops::Range<usize>) -> Span {
        Span {
            start: range.start + self.base,
            end: range.end + self.base,
        }
    }

    fn table(&mut self, table: &DeTable<'_>) -> Table {
        let mut entries: Vec<Entry> = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().to_string(),
                key_span: self.shifted(key.span()),
                node: self.node(value.get_ref(), value.span()),
            })
            .collect();
        entries.sort_by_key(|entry| entry.key_span);
        Table { entries }
    }

    fn node(&mut self, value: &DeValue<'_>, range: std::ops::Range<usize>) -> Node {
        let is_broken = self.broken.contains(&range.start);
        let span = self.shifted(range);
        let value = match value {
            _ if is_broken => Value::Wrong,
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
                .ok()
                .filter(|number| (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(number))
                .map_or_else(|| self.too_large(span), Value::Integer),
            DeValue::Float(number) => number
                .as_str()
                .parse()
                .ok()
                .filter(|parsed: &f64| parsed.is_finite() || !number.as_str().contains(['e', 'E', '.']))
                .map_or_else(|| self.too_large(span), Value::Float),
            DeValue::Boolean(truth) => Value::Boolean(*truth),
            DeValue::Datetime(date) => Value::Datetime(date.to_string()),
            DeValue::Array(elements) => Value::List(
                elements
                    .iter()
                    .map(|element| self.node(element.get_ref(), element.span()))
                    .collect(),
            ),
            DeValue::Table(entries) => Value::Table(self.table(entries)),
        };
        Node { span, value }
    }

    fn too_large(&mut self, span: Span) -> Value {
        self.problems.push(Diagnostic::at(span, "the number is too large"));
        Value::Wrong
    }
}

impl Table {
    /// The entry of a key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The value of a key, to be changed.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries
            .iter_mut()
            .find(|entry| entry.key == key)
            .map(|entry| &mut entry.node)
    }

    /// Takes a key out.
    pub(crate) fn remove(&mut self, key: &str) -> Option<Entry> {
        let index = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.remove(index))
    }

    /// Gives a key another value, or adds it.
    pub(crate) fn insert(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|known| known.key == entry.key) {
            Some(known) => *known = entry,
            None => self.entries.push(entry),
        }
    }

    /// Gives the value at a path below this table another value, and makes the tables on the way.
    ///
    /// # Errors
    /// When something on the way is no table: its key and what it is.
    pub(crate) fn set(&mut self, path: &[String], key_span: Span, node: Node) -> Result<(), String> {
        let (first, rest) = path.split_first().expect("a path has a part");
        if rest.is_empty() {
            self.insert(Entry {
                key: first.clone(),
                key_span,
                node,
            });
            return Ok(());
        }
        if self.get(first).is_none() {
            self.entries.push(Entry {
                key: first.clone(),
                key_span,
                node: Node {
                    span: key_span,
                    value: Value::Table(Self::default()),
                },
            });
        }
        let below = self.get_mut(first).expect("it was just added");
        match &mut below.value {
            Value::Table(table) => table.set(rest, key_span, node),
            Value::Wrong => Ok(()),
            other => Err(format!("`{first}` is {} and no table", other.in_words())),
        }
    }

    /// The entry at a path below this table.
    pub(crate) fn at<S: AsRef<str>>(&self, path: &[S]) -> Option<&Entry> {
        let (first, rest) = path.split_first()?;
        let entry = self.entry(first.as_ref())?;
        if rest.is_empty() {
            return Some(entry);
        }
        entry.node.as_table()?.at(rest)
    }
}

impl Node {
    /// Whether a mistake was noted of it or of something in it.
    pub(crate) fn holds_wrong(&self) -> bool {
        match &self.value {
            Value::Wrong => true,
            Value::List(elements) => elements.iter().any(Self::holds_wrong),
            Value::Table(table) => table.entries.iter().any(|entry| entry.node.holds_wrong()),
            _ => false,
        }
    }

    /// The table, if it is one.
    pub(crate) fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    pub(crate) fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl Value {
    /// What it is, for "…, found the string "x"".
    pub(crate) fn in_words(&self) -> String {
        match self {
            Self::String(text) => format!("the string {text:?}"),
            Self::Integer(number) => format!("the number {number}"),
            Self::Float(number) => format!("the number {number:?}"),
            Self::Boolean(truth) => format!("`{truth}`"),
            Self::Datetime(date) => format!("the date {date}"),
            Self::List(_) => "a list".to_owned(),
            Self::Table(_) => "a table".to_owned(),
            Self::Wrong => "nothing".to_owned(),
        }
    }
}

/// The parts of a dotted path.
pub(super) fn path_of(dotted: &str) -> Vec<String> {
    dotted.split('.').map(str::to_owned).collect()
}
