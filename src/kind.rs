//! What a table with a `kind` can be: a closed list, each kind a struct of its own settings in a file of its own.

use serde::Deserializer;
use serde::de::value::MapDeserializer;

/// A closed list of kinds, made by [`kinds!`](crate::kinds).
pub trait Kinds: Sized + 'static {
    /// Their words, as `kind = "…"` says them.
    fn kinds() -> Vec<&'static str>;

    /// What else the field calls each of them: its word, and the others, parted by spaces.
    fn synonyms() -> Vec<(&'static str, &'static str)>;

    /// One of that kind, from its settings without the word.
    ///
    /// # Errors
    /// When there is no such kind, or its settings are not as they must be.
    fn of_kind<'de, D: Deserializer<'de>>(kind: &str, settings: D) -> Result<Self, D::Error>;

    /// The word of its kind.
    fn kind(&self) -> &'static str;
}

/// One of that kind with its defaults: what a word alone means. None for another word, and where a setting has no default.
pub fn from_name<T: Kinds>(kind: &str) -> Option<T> {
    let nothing = std::iter::empty::<(&str, ())>();
    let defaults = MapDeserializer::<_, serde::de::value::Error>::new(nothing);
    T::of_kind(kind, defaults).ok()
}

/// How a setting is saved whose kind stands alone where it says all: `"mse"` for `{ kind = "mse" }`.
pub mod alone {
    use serde::de::{DeserializeOwned, Error as _};
    use serde::ser::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value;

    use super::{Kinds, from_name};

    /// See the module.
    pub fn serialize<T: Serialize, S: Serializer>(of: &T, serializer: S) -> Result<S::Ok, S::Error> {
        let value = serde_json::to_value(of).map_err(S::Error::custom)?;
        match (value.as_object().map(serde_json::Map::len), value.get("kind")) {
            (Some(1), Some(kind)) => kind.serialize(serializer),
            _ => value.serialize(serializer),
        }
    }

    /// See the module.
    pub fn deserialize<'de, T: Kinds + DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(kind) => from_name(&kind).ok_or_else(|| D::Error::custom(format!("there is no kind {kind:?}"))),
            table => T::deserialize(table).map_err(D::Error::custom),
        }
    }
}

/// Makes the enum of a closed list of kinds, one line for each: its word, what else the field calls it (in lower case, with `_` for
/// spaces and hyphens), its variant and the struct of its settings. What a kind does stands in a trait beside that struct, to which the enum dereferences, so that no `match` on kinds is written by hand.
#[macro_export]
macro_rules! kinds {
    (
        $(#[$meta:meta])*
        pub enum $Enum:ident: $Trait:path { $($word:literal $(| $others:literal)? => $Variant:ident($Spec:ty),)+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind")]
        pub enum $Enum {
            $(
                #[doc = concat!("`kind = \"", $word, "\"`")]
                #[serde(rename = $word)]
                $Variant($Spec),
            )+
        }

        impl $crate::kind::Kinds for $Enum {
            fn kinds() -> Vec<&'static str> {
                vec![$($word),+]
            }

            fn synonyms() -> Vec<(&'static str, &'static str)> {
                vec![$(($word, concat!($($others)?))),+]
            }

            fn of_kind<'de, D: serde::Deserializer<'de>>(
                kind: &str,
                settings: D,
            ) -> std::result::Result<Self, D::Error> {
                match kind {
                    $($word => <$Spec as serde::Deserialize>::deserialize(settings).map(Self::$Variant),)+
                    other => Err(serde::de::Error::unknown_variant(other, &[$($word),+])),
                }
            }

            fn kind(&self) -> &'static str {
                match self {
                    $(Self::$Variant(_) => $word,)+
                }
            }
        }

        impl std::ops::Deref for $Enum {
            type Target = dyn $Trait;

            fn deref(&self) -> &Self::Target {
                match self {
                    $(Self::$Variant(spec) => spec,)+
                }
            }
        }

        impl std::ops::DerefMut for $Enum {
            fn deref_mut(&mut self) -> &mut Self::Target {
                match self {
                    $(Self::$Variant(spec) => spec,)+
                }
            }
        }
    };
}

/// Joins closed lists of kinds to one.
#[macro_export]
macro_rules! joined_kinds {
    ($Enum:ident { $($Variant:ident($List:ty)),+ }: $Trait:path) => {
        impl $crate::kind::Kinds for $Enum {
            fn kinds() -> Vec<&'static str> {
                [$(<$List as $crate::kind::Kinds>::kinds()),+].concat()
            }

            fn synonyms() -> Vec<(&'static str, &'static str)> {
                [$(<$List as $crate::kind::Kinds>::synonyms()),+].concat()
            }

            fn of_kind<'de, D: serde::Deserializer<'de>>(
                kind: &str,
                settings: D,
            ) -> std::result::Result<Self, D::Error> {
                $(if <$List as $crate::kind::Kinds>::kinds().contains(&kind) {
                    return <$List as $crate::kind::Kinds>::of_kind(kind, settings).map(Self::$Variant);
                })+
                Err(serde::de::Error::unknown_variant(kind, &[]))
            }

            fn kind(&self) -> &'static str {
                match self {
                    $(Self::$Variant(list) => list.kind(),)+
                }
            }
        }

        impl std::ops::Deref for $Enum {
            type Target = dyn $Trait;

            fn deref(&self) -> &Self::Target {
                match self {
                    $(Self::$Variant(list) => list,)+
                }
            }
        }

        impl std::ops::DerefMut for $Enum {
            fn deref_mut(&mut self) -> &mut Self::Target {
                match self {
                    $(Self::$Variant(list) => list,)+
                }
            }
        }
    };
}
