//! `time_zone` and `time_format` of an experiment file.

use jiff::fmt::strtime;
use jiff::tz::{self, TimeZone};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::SECOND;
use super::stamp::{Order, Shape};
use crate::console::quoted;

/// A zone by its name in the time zone database, which the program holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    /// What tells instants.
    pub fn zone(&self) -> &TimeZone {
        &self.0
    }

    fn parse(text: &str) -> Result<Self, String> {
        if let Ok(zone) = TimeZone::get(text) {
            return Ok(Self(zone));
        }
        let found = quoted(text);
        let word = text.to_lowercase();
        // A city alone, or a slip.
        let names = tz::db().available().map(|name| name.to_string());
        let near = names.filter_map(|name| {
            let city = name.rsplit('/').next().unwrap_or_default().to_lowercase();
            let edits =
                strsim::damerau_levenshtein(&name.to_lowercase(), &word).min(strsim::damerau_levenshtein(&city, &word));
            (edits <= 2 && edits * 3 < word.chars().count()).then_some((edits, name))
        });
        let near = near
            .min()
            .map_or_else(String::new, |(_, name)| format!("; did you mean \"{name}\"?"));
        Err(format!(
            "must be a name of the time zone database, as \"Europe/Helsinki\" or \"UTC\", found `{found}`{near}"
        ))
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

/// How times are written, where a file leaves it open: a pattern of `strftime`, the order of the numbers of a date, or the time since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeFormat(String);

/// The order of the numbers of a date.
const ORDERS: [(&str, Order); 2] = [("day_first", Order::DayMonthYear), ("month_first", Order::MonthDayYear)];
/// The time since 1970, by its word, in units of so many microseconds.
const SINCE_1970: [(&str, i64); 3] = [("unix", SECOND), ("unix_ms", 1000), ("unix_us", 1)];

impl TimeFormat {
    /// The ways in which it lets a cell be read.
    pub fn shapes(&self, cell: &[u8]) -> Vec<Shape> {
        if let Some((_, order)) = ORDERS.iter().find(|(word, _)| *word == self.0) {
            let shapes = Shape::all_of(cell).into_iter();
            return shapes
                .filter(|shape| matches!(shape, Shape::Ordered(own, _) if own == order))
                .collect();
        }
        vec![match SINCE_1970.iter().find(|(word, _)| *word == self.0) {
            Some((_, unit)) => Shape::Since1970(*unit),
            None => Shape::Pattern(self.0.clone()),
        }]
    }

    fn parse(text: &str) -> Result<Self, String> {
        let format = Self(text.to_owned());
        let words = SINCE_1970
            .iter()
            .map(|(word, _)| *word)
            .chain(ORDERS.iter().map(|(word, _)| *word));
        if words.into_iter().any(|word| word == text) {
            return Ok(format);
        }
        let found = quoted(text);
        let known = "must be a pattern such as \"%d/%m/%Y %H:%M\", or \"day_first\", \"month_first\", \"unix\", \"unix_ms\" or \"unix_us\"";
        if !text.contains('%') {
            return Err(format!("{known}, found `{found}`"));
        }
        let noon = jiff::civil::date(2020, 1, 31).at(12, 0, 0, 0).to_zoned(TimeZone::UTC);
        let written = noon.ok().and_then(|noon| strtime::format(text, &noon).ok());
        let Some(written) = written else {
            return Err(format!("{known}; `{found}` holds what no pattern has"));
        };
        if Shape::Pattern(text.to_owned()).parse(written.as_bytes()).is_none() {
            return Err(format!("must tell the year at least, as \"%Y-%m-%d\", found `{found}`"));
        }
        Ok(format)
    }
}

impl std::fmt::Display for TimeFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! as_text {
    ($Type:ident, $expected:literal) => {
        impl Serialize for $Type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $Type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;

                impl Visitor<'_> for Text {
                    type Value = $Type;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$Type, E> {
                        $Type::parse(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_any(Text)
            }
        }
    };
}
as_text!(Zone, "a time zone such as \"Europe/Helsinki\"");
as_text!(TimeFormat, "a pattern of times such as \"%d/%m/%Y %H:%M\"");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_name_and_slips_are_told() {
        for name in ["Europe/Berlin", "UTC", "America/New_York"] {
            assert_eq!(Zone::parse(name).map(|zone| zone.to_string()), Ok(name.to_owned()));
        }
        for (name, near) in [("Europe/Berln", "\"Europe/Berlin\""), ("berlin", "\"Europe/Berlin\"")] {
            assert!(Zone::parse(name).is_err_and(|error| error.contains(near)), "{name}");
        }
        for name in ["", "CEST", "+02:00", "../etc/passwd"] {
            assert!(Zone::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn patterns_that_cannot_tell_a_day_are_refused() {
        for format in ["%d/%m/%y", "%Y-%m", "%s", "unix_us", "%A, %d %B %Y %I:%M %p", "%F %T%z"] {
            assert!(TimeFormat::parse(format).is_ok(), "{format}");
        }
        for (format, told) in [
            ("%H:%M", "the year"),
            ("DD/MM/YYYY", "must be a pattern"),
            ("%E!", "no pattern has"),
            ("%d.%m.", "the year"),
        ] {
            let error = TimeFormat::parse(format);
            assert!(error.as_ref().is_err_and(|error| error.contains(told)), "{format}: {error:?}");
        }
    }
}
