//! The first or the last time that is used, as an experiment file says it.

use jiff::civil::DateTime;
use serde::de::{Error, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::stamp::{Shape, Stamp};
use super::{Clock, DAY};

/// `from` or `until`: a day or a civil time, with or without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    civil: DateTime,
    is_day: bool,
}

impl Edge {
    /// The first civil time that it allows after it, in microseconds since 1970.
    pub fn first(self) -> i64 {
        Clock::new(None).count(self.civil).unwrap_or(i64::MAX)
    }

    /// The last civil time that it allows before it: a day is used whole.
    pub fn last(self) -> i64 {
        self.first().saturating_add(if self.is_day { DAY - 1 } else { 0 })
    }

    fn parse(text: &str) -> Option<Self> {
        let Some(Stamp::Civil(at)) = Shape::iso().parse(text.as_bytes()) else {
            return None;
        };
        Some(Self {
            civil: Clock::new(None).civil(at),
            is_day: text.len() <= 10,
        })
    }
}

impl std::fmt::Display for Edge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pattern = match (self.is_day, self.civil.second(), self.civil.subsec_nanosecond()) {
            (true, ..) => "%Y-%m-%d",
            (false, 0, 0) => "%Y-%m-%d %H:%M",
            (false, ..) => "%Y-%m-%d %H:%M:%S%.f",
        };
        write!(f, "{}", self.civil.strftime(pattern))
    }
}

impl Serialize for Edge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Edge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EdgeVisitor)
    }
}

struct EdgeVisitor;

impl<'de> Visitor<'de> for EdgeVisitor {
    type Value = Edge;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a time such as 2020-01-31 or \"2020-01-31 10:30\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Edge, E> {
        Edge::parse(text).ok_or_else(|| {
            E::custom(format!(
                "must be a time such as 2020-01-31 or \"2020-01-31 10:30\", without an offset, found `{}`",
                crate::console::quoted(text)
            ))
        })
    }

    /// TOML's own dates come as a map that only its type can read.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Edge, A::Error> {
        let found = toml::value::Datetime::deserialize(MapAccessDeserializer::new(map))?;
        self.visit_str(&found.to_string())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_used_whole_and_a_time_to_the_point() {
        let edge = |text: &str| Edge::parse(text).unwrap();
        assert_eq!(edge("2020-01-31").last() - edge("2020-01-31").first(), DAY - 1);
        assert_eq!(edge("2020-01-31T10:30:00").last(), edge("2020-01-31 10:30").first());
        assert_eq!(edge("2020-01-31T10:30:00").to_string(), "2020-01-31 10:30");
        assert_eq!(edge("2020-01-31 00:00").to_string(), "2020-01-31 00:00");
        assert_eq!(edge("2020-01-31").to_string(), "2020-01-31");
        for text in ["2020-02-30", "31.01.2020", "2020-01-31T10:30Z", "2020"] {
            assert_eq!(Edge::parse(text), None, "{text}");
        }
    }
}
