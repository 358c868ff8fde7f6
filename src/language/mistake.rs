//! A mistake that serde finds while it reads a tree: what is wrong, and the way to it.

use std::fmt;

use serde::de::{self, Expected, Unexpected};

/// A mistake on its way up from where it was found.
#[derive(Debug)]
pub(super) struct Mistake {
    /// What is wrong.
    pub what: What,
    /// From the innermost step outwards.
    pub steps: Vec<Step>,
}

/// What is wrong.
#[derive(Debug)]
pub(super) enum What {
    /// A key that must be there is not.
    Missing(&'static str),
    /// A key that is none of these.
    UnknownKey(Vec<&'static str>),
    /// A word that is not among the allowed ones.
    UnknownWord(String, Vec<&'static str>),
    /// Anything else.
    Other(String),
}

/// One step down a tree.
#[derive(Debug)]
pub(super) enum Step {
    /// To the value of a key.
    Key(String),
    /// To an element of a list.
    Index(usize),
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.what)
    }
}

impl std::error::Error for Mistake {}

impl From<What> for Mistake {
    fn from(what: What) -> Self {
        Self { what, steps: Vec::new() }
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
        What::Other(format!("expected {}, found {length}", in_words(&expected.to_string()))).into()
    }

    fn unknown_variant(word: &str, allowed: &'static [&'static str]) -> Self {
        What::UnknownWord(word.to_owned(), allowed.to_vec()).into()
    }

    fn unknown_field(_: &str, allowed: &'static [&'static str]) -> Self {
        What::UnknownKey(allowed.to_vec()).into()
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
    format!("expected {}, found {found}", in_words(&expected.to_string()))
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
