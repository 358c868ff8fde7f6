//! `classes = { fi = "fight", no = "no fight" }`: which names belong to which class.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

/// Two classes in the order of the file: the first is class 0.
///
/// It reads from a table or from a list of pairs, and is written as pairs: a table may lose its order on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classes(pub [Class; 2]);

/// A class and how its clips are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// What the names of its files begin with, or the sub-folder that holds them.
    pub prefix: String,
    /// What it is called in tables and figures.
    pub name: String,
}

impl Classes {
    /// The names, class 0 first.
    pub fn names(&self) -> [String; 2] {
        self.0.each_ref().map(|class| class.name.clone())
    }
}

impl Serialize for Classes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = self.0.each_ref().map(|class| [&class.prefix, &class.name]);
        pairs.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Classes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ClassesVisitor)
    }
}

struct ClassesVisitor;

impl<'de> Visitor<'de> for ClassesVisitor {
    type Value = Classes;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Classes, A::Error> {
        let mut classes = Vec::new();
        while let Some((prefix, name)) = map.next_entry()? {
            classes.push(Class { prefix, name });
        }
        checked(classes)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Classes, A::Error> {
        let mut classes = Vec::new();
        while let Some(Pair(pair)) = pairs.next_element()? {
            let Some((prefix, name)) = pair else {
                // The list is at fault, not its first name.
                return Err(A::Error::custom(format!("expected {EXPECTED}, found a list")));
            };
            classes.push(Class { prefix, name });
        }
        checked(classes)
    }
}

/// A prefix and a name, as [`Classes`] are written; none where a text stands alone.
struct Pair(Option<(String, String)>);

impl<'de> Deserialize<'de> for Pair {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PairVisitor)
    }
}

struct PairVisitor;

impl<'de> Visitor<'de> for PairVisitor {
    type Value = Pair;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Pair, E> {
        Ok(Pair(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Pair, A::Error> {
        match (parts.next_element()?, parts.next_element()?, parts.next_element::<String>()?) {
            (Some(prefix), Some(name), None) => Ok(Pair(Some((prefix, name)))),
            _ => Err(A::Error::custom(format!("expected {EXPECTED}"))),
        }
    }
}

/// The shape, with an example.
const EXPECTED: &str =
    "a table of two classes, the beginning of file names → the name of the class, as { fi = \"fight\", no = \"no fight\" }";

fn checked<E: Error>(classes: Vec<Class>) -> Result<Classes, E> {
    let classes: [Class; 2] = classes
        .try_into()
        .map_err(|classes: Vec<Class>| E::custom(format!("expected {EXPECTED}, found {} of them", classes.len())))?;
    let [first, second] = &classes;
    if first.prefix.is_empty() || second.prefix.is_empty() {
        return Err(E::custom(format!(
            "a class has an empty beginning, and every file name begins so: expected {EXPECTED}"
        )));
    }
    if first.name.is_empty() || second.name.is_empty() {
        return Err(E::custom("a class needs a name"));
    }
    if first.prefix == second.prefix {
        return Err(E::custom(format!("both classes have the prefix `{}`", first.prefix)));
    }
    if first.name == second.name {
        return Err(E::custom(format!("both classes have the name `{}`", first.name)));
    }
    Ok(Classes(classes))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Classes, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn the_order_survives() {
        // "no" comes before "fi" here, against the alphabet.
        let classes = read(r#"{"no": "no fight", "fi": "fight"}"#).unwrap();
        assert_eq!(classes.names(), ["no fight", "fight"]);
        let written = serde_json::to_string(&classes).unwrap();
        assert_eq!(written, r#"[["no","no fight"],["fi","fight"]]"#);
        assert_eq!(read(&written).unwrap(), classes);
        assert_eq!(
            serde_json::from_value::<Classes>(serde_json::from_str(&written).unwrap()).unwrap(),
            classes
        );
    }

    #[test]
    fn anything_but_two_different_classes_is_refused() {
        for json in [
            r#"{"fi": "fight"}"#,
            r#"{"a": "x", "b": "y", "c": "z"}"#,
            r#"[["fi", "fight"], ["fi", "no fight"]]"#,
            r#"{"fi": "fight", "no": "fight"}"#,
            r#"{"": "fight", "no": "no fight"}"#,
            r#"{"fi": "", "no": "no fight"}"#,
            r#"{"fi": 1, "no": "no fight"}"#,
            r#"["fi", "no"]"#,
            r#""fi""#,
        ] {
            read(json).unwrap_err();
        }
    }
}
