//! Scored items, and their two forms in a record: an object each, or a line for all of their names, classes and scores.

use std::ops::{Deref, DerefMut};

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::forecasts::Keep;
use super::lines;

/// One scored item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// The item's name.
    pub name: String,
    /// The true class, 0 or 1.
    pub label: u8,
    /// The probability given to class 1.
    pub score: f64,
}

/// Scored items. Of two classes one probability says all of an item, so that the short form of many loses nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Items {
    each: Vec<Scored>,
    in_lines: bool,
}

/// Items that are written an object each, at most; an object takes some 120 bytes.
const MOST_OBJECTS: usize = 6_000;

impl Items {
    /// In the form that a record keeps.
    pub(super) fn kept(self, keep: Keep) -> Self {
        let is_long = match keep {
            Keep::All => false,
            Keep::Summary => true,
            Keep::BySize => self.each.len() > MOST_OBJECTS,
        };
        let is_split = self.each.iter().any(|item| item.name.contains(lines::BETWEEN_NAMES));
        Self {
            in_lines: is_long && !is_split && !self.each.is_empty(),
            ..self
        }
    }
}

impl Deref for Items {
    type Target = Vec<Scored>;

    fn deref(&self) -> &Vec<Scored> {
        &self.each
    }
}

impl DerefMut for Items {
    fn deref_mut(&mut self) -> &mut Vec<Scored> {
        &mut self.each
    }
}

impl FromIterator<Scored> for Items {
    fn from_iter<T: IntoIterator<Item = Scored>>(items: T) -> Self {
        Self {
            each: items.into_iter().collect(),
            in_lines: false,
        }
    }
}

/// A line for all names, one for all classes, one for all scores.
#[derive(Serialize, Deserialize)]
struct Lines {
    /// `0110`
    labels: String,
    #[serde(with = "lines::names")]
    names: Vec<String>,
    #[serde(with = "lines::numbers")]
    scores: Vec<f64>,
}

impl Serialize for Items {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.in_lines {
            return self.each.serialize(serializer);
        }
        let lines = Lines {
            labels: self.each.iter().map(|item| item.label.to_string()).collect(),
            names: self.each.iter().map(|item| item.name.clone()).collect(),
            scores: self.each.iter().map(|item| item.score).collect(),
        };
        lines.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EitherForm)
    }
}

struct EitherForm;

impl<'de> Visitor<'de> for EitherForm {
    type Value = Items;

    fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str("scored items, or lines of their labels, names and scores")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Items, A::Error> {
        let each = Vec::deserialize(SeqAccessDeserializer::new(items))?;
        Ok(Items { each, in_lines: false })
    }

    fn visit_map<A: MapAccess<'de>>(self, lines: A) -> Result<Items, A::Error> {
        let Lines { labels, names, scores } = Lines::deserialize(MapAccessDeserializer::new(lines))?;
        let digit = |label: char| {
            label
                .to_digit(10)
                .ok_or_else(|| A::Error::custom(format!("a class {label:?}")))
        };
        let labels = labels.chars().map(digit).collect::<Result<Vec<u32>, _>>()?;
        if [labels.len(), scores.len()] != [names.len(); 2] {
            return Err(A::Error::custom(format!(
                "there are {} labels, {} names and {} scores",
                labels.len(),
                names.len(),
                scores.len()
            )));
        }
        let items = names.into_iter().zip(labels).zip(scores);
        let each = items.map(|((name, label), score)| Scored {
            name,
            label: label as u8,
            score,
        });
        Ok(Items {
            each: each.collect(),
            in_lines: true,
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use serde_json::json;

    use super::*;

    fn items(count: usize) -> Items {
        let item = |index: usize| Scored {
            name: format!("clip {index}"),
            label: u8::from(index.is_multiple_of(3)),
            score: (index as f64 / 7.0).fract(),
        };
        (0..count).map(item).collect()
    }

    #[test]
    fn lines_lose_nothing_and_are_short() {
        let each = items(20_000);
        let lines = each.clone().kept(Keep::BySize);
        let text = serde_json::to_string_pretty(&lines).unwrap();
        assert!(text.len() < 1_000_000, "{}", text.len());
        let back: Items = serde_json::from_str(&text).unwrap();
        assert_eq!(back, lines);
        assert_eq!(*back, *each);
        assert_eq!(each.clone().kept(Keep::All), each);
        let few = items(3);
        assert_eq!(few.clone().kept(Keep::BySize), few);
        assert_eq!(
            json!(few.kept(Keep::Summary)),
            json!({"labels": "100", "names": "clip 0;clip 1;clip 2", "scores": "0 0.14285714285714285 0.2857142857142857"})
        );
    }

    #[test]
    fn names_that_a_line_would_split_are_written_each_by_itself() {
        let mut items = items(2);
        items[0].name = "a;b".to_owned();
        assert!(json!(items.kept(Keep::Summary)).is_array());
    }

    #[test]
    fn lines_of_other_lengths_are_refused() {
        let lie = json!({"labels": "10", "names": "a;b;c", "scores": "0.5 0.5 0.5"});
        let error = serde_json::from_value::<Items>(lie).unwrap_err().to_string();
        assert!(error.contains("2 labels, 3 names and 3 scores"), "{error}");
    }
}
