//! A tree → any type that serde can read, with every mistake at its own place.
//!
//! serde stops at the first mistake. So each one is noted, made harmless in a copy of the tree, and the reading starts
//! again: an unknown key is taken out, any other mistake becomes [`Value::Wrong`], which reads as whatever is asked for.

use std::fmt;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, Visitor,
};

use super::diagnostic::Diagnostic;
use super::source::Span;
use super::suggest::{closest, listed};
use super::tree::{Entry, Node, Table, Value};

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
struct Mistake {
    what: What,
    /// From the innermost step outwards.
    steps: Vec<Step>,
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

#[derive(Debug)]
enum Step {
    Key(String),
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
                let suggestion = super::suggest::did_you_mean(word, allowed.iter().copied());
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

/// serde's view of a tree.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a Node);

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match &self.0.value {
            Value::String(text) | Value::Datetime(text) => visitor.visit_borrowed_str(text),
            Value::Integer(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                (Ok(number), _) => visitor.visit_i64(number),
                (_, Ok(number)) => visitor.visit_u64(number),
                _ => Err(de::Error::custom("the number is too large")),
            },
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Boolean(truth) => visitor.visit_bool(*truth),
            Value::List(elements) => visitor.visit_seq(Elements { elements, next: 0 }),
            Value::Table(table) => visitor.visit_map(Entries { table, next: 0 }),
            Value::Wrong => visitor.visit_unit(),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0.value {
            Value::Wrong => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        let word = match &self.0.value {
            Value::String(word) => word,
            Value::Wrong => words.first().copied().unwrap_or_default(),
            other => {
                return Err(de::Error::custom(format!(
                    "expected one of {}, found {}",
                    listed(words),
                    other.in_words()
                )));
            }
        };
        visitor.visit_enum(IntoDeserializer::<Mistake>::into_deserializer(word))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        match &self.0.value {
            // The `toml` crate's own type for dates is a struct of one field with a private name.
            Value::Datetime(date) if name.starts_with("$__toml_private") => {
                let date = fields.first().map(|field| (*field, date.as_str()));
                visitor.visit_map(de::value::MapDeserializer::new(date.into_iter()))
            }
            Value::Wrong => {
                let wrong = fields.iter().map(|field| (*field, WrongValue));
                visitor.visit_map(de::value::MapDeserializer::new(wrong))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0.value {
            Value::Wrong => visitor.visit_bool(false),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0.value {
            // 1 is in every range that a spec asks for.
            Value::Wrong => visitor.visit_i64(1),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0.value {
            // So is a half, of those that ask for a share.
            Value::Wrong => visitor.visit_f64(0.5),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0.value {
            Value::Wrong => visitor.visit_borrowed_str(""),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0.value {
            Value::Wrong => {
                visitor.visit_seq(de::value::SeqDeserializer::new(std::iter::once(WrongValue)))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        match &self.0.value {
            Value::Wrong => visitor.visit_seq(de::value::SeqDeserializer::new(
                std::iter::repeat_n(WrongValue, length),
            )),
            Value::List(elements) if elements.len() != length => Err(de::Error::custom(format!(
                "expected a list of {length}, found {}",
                elements.len()
            ))),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0.value {
            Value::Wrong => visitor.visit_map(Entries {
                table: &EMPTY,
                next: 0,
            }),
            _ => self.deserialize_any(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 u8 u16 u32 f32 i128 u128 char bytes byte_buf unit unit_struct tuple_struct identifier ignored_any
    }
}

static EMPTY: Table = Table {
    entries: Vec::new(),
};

/// A value that was reported before.
#[derive(Clone, Copy)]
struct WrongValue;

static WRONG: Node = Node {
    span: Span { start: 0, end: 0 },
    value: Value::Wrong,
};

impl<'de> IntoDeserializer<'de, Mistake> for WrongValue {
    type Deserializer = Reader<'de>;

    fn into_deserializer(self) -> Self::Deserializer {
        Reader(&WRONG)
    }
}

struct Elements<'a> {
    elements: &'a [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Mistake;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Mistake> {
        let Some(element) = self.elements.get(self.next) else {
            return Ok(None);
        };
        let index = self.next;
        self.next += 1;
        let value = seed.deserialize(Reader(element)).map_err(|mut mistake| {
            mistake.steps.push(Step::Index(index));
            mistake
        })?;
        Ok(Some(value))
    }
}

struct Entries<'a> {
    table: &'a Table,
    next: usize,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Mistake;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Mistake> {
        match self.table.entries.get(self.next) {
            None => Ok(None),
            Some(entry) => seed
                .deserialize(IntoDeserializer::<Mistake>::into_deserializer(
                    entry.key.as_str(),
                ))
                .map(Some),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mistake> {
        let entry = &self.table.entries[self.next];
        self.next += 1;
        seed.deserialize(Reader(&entry.node))
            .map_err(|mut mistake| {
                mistake.steps.push(Step::Key(entry.key.clone()));
                mistake
            })
    }
}
