//! serde's view of a tree: what [`read`](super::read::read) reads from.

use crate::kind::Kinds;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
    value::{MapDeserializer, SeqDeserializer},
};

use super::mistake::{Mistake, Step};
use super::source::Span;
use super::suggest::listed;
use super::tree::{Entry, Node, Table, Value};

/// A tree to read from. [`Value::Wrong`] reads as whatever is asked for.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(pub &'a Node);

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match &self.0.value {
            Value::String(text) | Value::Datetime(text) => visitor.visit_borrowed_str(text),
            Value::Integer(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                (Ok(number), _) => visitor.visit_i64(number),
                (_, Ok(number)) => visitor.visit_u64(number),
                _ => Err(Mistake::custom("the number is too large")),
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

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Mistake> {
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
            // A word with a value of its own: `{ resize = 256 }`.
            Value::Table(table) if table.entries.len() == 1 => {
                return visitor.visit_enum(WordWithValue(&table.entries[0]));
            }
            Value::Table(table) => {
                return Err(Mistake::custom(format!(
                    "expected a table of one key, found {} keys; the key is one of {}",
                    table.entries.len(),
                    listed(words)
                )));
            }
            other => {
                return Err(Mistake::custom(format!(
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
                visitor.visit_map(MapDeserializer::new(date.into_iter()))
            }
            Value::Wrong => {
                let wrong = fields.iter().map(|field| (*field, WrongValue));
                visitor.visit_map(MapDeserializer::new(wrong))
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
            Value::Wrong => visitor.visit_seq(SeqDeserializer::new(std::iter::once(WrongValue))),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Mistake> {
        match &self.0.value {
            Value::Wrong => visitor.visit_seq(SeqDeserializer::new(std::iter::repeat_n(WrongValue, length))),
            Value::List(elements) if elements.len() != length => Err(Mistake::custom(format!(
                "expected a list of {length}, found {}",
                elements.len()
            ))),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0.value {
            Value::Wrong => visitor.visit_map(Entries { table: &EMPTY, next: 0 }),
            _ => self.deserialize_any(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 u8 u16 u32 f32 i128 u128 char bytes byte_buf unit unit_struct tuple_struct identifier ignored_any
    }
}

/// A word of an enum and what it holds.
struct WordWithValue<'a>(&'a Entry);

impl<'de> EnumAccess<'de> for WordWithValue<'de> {
    type Error = Mistake;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Mistake> {
        let word = IntoDeserializer::<Mistake>::into_deserializer(self.0.key.as_str());
        Ok((seed.deserialize(word)?, self))
    }
}

impl WordWithValue<'_> {
    /// A mistake below the word.
    fn below(&self, mut mistake: Mistake) -> Mistake {
        mistake.steps.push(Step::Key(self.0.key.clone()));
        mistake
    }
}

impl<'de> VariantAccess<'de> for WordWithValue<'de> {
    type Error = Mistake;

    fn unit_variant(self) -> Result<(), Mistake> {
        match self.0.node.value {
            Value::Wrong => Ok(()),
            _ => Err(self.below(Mistake::custom(format!(
                "`{}` holds nothing: write \"{}\"",
                self.0.key, self.0.key
            )))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Mistake> {
        seed.deserialize(Reader(&self.0.node)).map_err(|mistake| self.below(mistake))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Mistake> {
        Reader(&self.0.node)
            .deserialize_tuple(length, visitor)
            .map_err(|mistake| self.below(mistake))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Mistake> {
        Reader(&self.0.node)
            .deserialize_struct("", fields, visitor)
            .map_err(|mistake| self.below(mistake))
    }
}

static EMPTY: Table = Table { entries: Vec::new() };

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

/// Some settings of that kind, whatever their values: for what is true of the kind.
pub(super) fn sketch<T: Kinds>(kind: &str) -> Option<T> {
    T::of_kind(kind, Reader(&WRONG)).ok()
}

struct Elements<'a> {
    elements: &'a [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Mistake;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mistake> {
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

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mistake> {
        match self.table.entries.get(self.next) {
            None => Ok(None),
            Some(entry) => seed
                .deserialize(IntoDeserializer::<Mistake>::into_deserializer(entry.key.as_str()))
                .map(Some),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mistake> {
        let entry = &self.table.entries[self.next];
        self.next += 1;
        seed.deserialize(Reader(&entry.node)).map_err(|mut mistake| {
            mistake.steps.push(Step::Key(entry.key.clone()));
            mistake
        })
    }
}
