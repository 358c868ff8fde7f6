//! `features` and `targets`: a list of columns, or all.

use std::collections::BTreeSet;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::data::Blame;

/// Some columns of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    /// `"all"`: every column but the one that holds the times.
    All,
    /// These, in this order.
    Named(Vec<String>),
}

/// At least one column, none of them twice. `key` is the setting that lists them.
pub(super) fn check(names: &[String], key: &'static str) -> Result<(), Blame> {
    if names.is_empty() {
        return Err(Blame::at(key, format!("`{key}` is empty; it must name at least one column")));
    }
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(*name)) {
        Some(twice) => Err(Blame::at(key, format!("`{key}` lists column `{twice}` twice"))),
        None => Ok(()),
    }
}

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::Named(names) => names.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ColumnsVisitor)
    }
}

struct ColumnsVisitor;

impl<'de> Visitor<'de> for ColumnsVisitor {
    type Value = Columns;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of columns, or \"all\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Columns, E> {
        match text {
            "all" => Ok(Columns::All),
            other => Err(E::custom(format!(
                "must be a list of columns, as [\"{0}\"], or \"all\", found \"{0}\"",
                crate::console::quoted(other)
            ))),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Columns, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = elements.next_element()? {
            names.push(name);
        }
        Ok(Columns::Named(names))
    }

    /// What was reported before reads as anything.
    fn visit_unit<E: Error>(self) -> Result<Columns, E> {
        Ok(Columns::All)
    }
}
