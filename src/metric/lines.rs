//! Long lists in a record, each in one line of text: a list of thousands of numbers, a number a line, is neither read nor compared
//! by a person. In another language `[float(x) for x in line.split()]` reads it.

/// Numbers with a space between two, in full precision.
pub(crate) mod numbers {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(numbers: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        serializer.serialize_str(&texts.join(" "))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        let line = String::deserialize(deserializer)?;
        read(&line).map_err(D::Error::custom)
    }

    /// The numbers of a line; all are finite.
    pub(crate) fn read(line: &str) -> Result<Vec<f64>, String> {
        let number = |text: &str| {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| format!("expected numbers with spaces between them, found {text:?}"))
        };
        line.split_whitespace().map(number).collect()
    }
}

/// Numbers that stand each by themselves up to so many.
pub(super) const MOST_EACH: usize = 60;

/// A list of numbers, each by itself where they are few.
pub(super) mod few_or_line {
    use serde::de::value::SeqAccessDeserializer;
    use serde::de::{Error, SeqAccess, Visitor};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(numbers: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
        match numbers.len() <= super::MOST_EACH {
            true => numbers.serialize(serializer),
            false => super::numbers::serialize(numbers, serializer),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
        // No untagged enum: that would read every number of every record twice.
        deserializer.deserialize_any(EachOrLine)
    }

    struct EachOrLine;

    impl<'de> Visitor<'de> for EachOrLine {
        type Value = Vec<f64>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
            formatter.write_str("numbers, or a line of them")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, numbers: A) -> Result<Vec<f64>, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(numbers))
        }

        fn visit_str<E: Error>(self, line: &str) -> Result<Vec<f64>, E> {
            super::numbers::read(line).map_err(E::custom)
        }
    }
}

/// Several such lists.
pub(super) mod rows {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize)]
    struct Written<'a>(#[serde(serialize_with = "super::few_or_line::serialize")] &'a [f64]);

    #[derive(Deserialize)]
    struct Row(#[serde(deserialize_with = "super::few_or_line::deserialize")] Vec<f64>);

    pub(crate) fn serialize<S: Serializer>(rows: &[Vec<f64>], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(rows.iter().map(|row| Written(row)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<f64>>, D::Error> {
        let rows = Vec::<Row>::deserialize(deserializer)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }
}

/// Several lists of numbers by name.
pub(super) mod named_numbers {
    use std::collections::BTreeMap;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// A list as [`super::numbers`] has it.
    #[derive(Serialize)]
    struct Line<'a>(#[serde(with = "super::numbers")] &'a [f64]);

    pub(crate) fn serialize<S: Serializer>(lists: &BTreeMap<String, Vec<f64>>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(lists.iter().map(|(name, list)| (name, Line(list))))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Vec<f64>>, D::Error> {
        let lines = BTreeMap::<String, String>::deserialize(deserializer)?;
        let read = |(name, line): (String, String)| Ok((name, super::numbers::read(&line).map_err(D::Error::custom)?));
        lines.into_iter().map(read).collect()
    }
}

/// What stands between two names.
pub(super) const BETWEEN_NAMES: char = ';';

/// Names with a semicolon between two.
pub(crate) mod names {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::BETWEEN_NAMES;

    pub(crate) fn serialize<S: Serializer>(names: &[String], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&names.join(&BETWEEN_NAMES.to_string()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
        let line = String::deserialize(deserializer)?;
        Ok(line.split(BETWEEN_NAMES).map(str::to_owned).collect())
    }
}
