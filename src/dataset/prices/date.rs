//! Dates: the ones of an experiment file, and those of a CSV file, all written in one way.

use jiff::civil::Date;
use serde::de::{
    Deserialize, Deserializer, Error, MapAccess, Visitor, value::MapAccessDeserializer,
};

/// A date of an experiment file: `"2020-01-31"` or, in TOML, `2020-01-31` without quotes.
pub fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    deserializer.deserialize_any(DayVisitor).map(Some)
}

struct DayVisitor;

impl<'de> Visitor<'de> for DayVisitor {
    type Value = Date;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a date such as 2020-01-31")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Date, E> {
        DateFormat::Iso
            .parse(text)
            .ok_or_else(|| E::custom(format!("must be a date such as 2020-01-31, found `{text}`")))
    }

    /// TOML's own dates come as a map that only its type can read.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Date, A::Error> {
        let found = toml::value::Datetime::deserialize(MapAccessDeserializer::new(map))?;
        match (found.date, found.time, found.offset) {
            (Some(_), None, None) => self.visit_str(&found.to_string()),
            _ => Err(A::Error::custom(format!(
                "must be a date without a time, such as 2020-01-31, found `{found}`"
            ))),
        }
    }
}

/// A way to write dates that can be read in one way only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateFormat {
    /// `2020-01-31`
    Iso,
    /// `2020/01/31`
    Slashes,
    /// `Jan 31, 2020`
    MonthFirst,
    /// `January 31, 2020`
    LongMonthFirst,
    /// `31 Jan 2020`
    DayFirst,
}

impl DateFormat {
    /// Every format, tried in this order on a file's first row.
    pub const ALL: [Self; 5] = [
        Self::Iso,
        Self::Slashes,
        Self::MonthFirst,
        Self::LongMonthFirst,
        Self::DayFirst,
    ];

    /// The format of that text, if it is one of them.
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.parse(text).is_some())
    }

    /// The date, if the text is one in this format; the year has four digits.
    pub fn parse(self, text: &str) -> Option<Date> {
        let pattern = match self {
            Self::Iso => "%Y-%m-%d",
            Self::Slashes => "%Y/%m/%d",
            Self::MonthFirst => "%b %d, %Y",
            Self::LongMonthFirst => "%B %d, %Y",
            Self::DayFirst => "%d %b %Y",
        };
        Date::strptime(pattern, text)
            .ok()
            .filter(|date| date.year() >= 1000)
    }

    /// The 31st of January 2020 in this format.
    pub fn example(self) -> &'static str {
        match self {
            Self::Iso => "2020-01-31",
            Self::Slashes => "2020/01/31",
            Self::MonthFirst => "Jan 31, 2020",
            Self::LongMonthFirst => "January 31, 2020",
            Self::DayFirst => "31 Jan 2020",
        }
    }
}

/// Whether the text is three numbers of which the day and the month cannot be told apart, as `03/04/2020`.
pub fn is_ambiguous(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    parts.len() == 3
        && parts[0].len() <= 2
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde::Serialize;

    #[derive(Debug, serde::Deserialize, Serialize)]
    struct Spec {
        #[serde(default, deserialize_with = "optional")]
        from: Option<Date>,
    }

    #[test]
    fn toml_takes_dates_with_and_without_quotes() -> Result<(), toml::de::Error> {
        for text in ["from = \"2020-01-31\"", "from = 2020-01-31"] {
            assert_eq!(
                toml::from_str::<Spec>(text)?.from,
                Some(date(2020, 1, 31)),
                "{text}"
            );
        }
        assert_eq!(toml::from_str::<Spec>("")?.from, None);
        Ok(())
    }

    #[test]
    fn json_gives_back_what_it_was_given() -> serde_json::Result<()> {
        let spec = Spec {
            from: Some(date(2020, 1, 31)),
        };
        let text = serde_json::to_string(&spec)?;
        assert_eq!(text, r#"{"from":"2020-01-31"}"#);
        assert_eq!(serde_json::from_str::<Spec>(&text)?.from, spec.from);
        Ok(())
    }

    #[test]
    fn wrong_dates_are_refused_with_an_example() {
        for (text, expected) in [
            (
                "from = \"2020-02-30\"",
                "such as 2020-01-31, found `2020-02-30`",
            ),
            ("from = \"03/04/2020\"", "found `03/04/2020`"),
            ("from = 2020-01-31T10:00:00", "without a time"),
            ("from = 10:00:00", "without a time"),
            ("from = 2020", "a date such as 2020-01-31"),
        ] {
            let error = toml::from_str::<Spec>(text).map(|spec| spec.from);
            let error = error.expect_err(text).to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn every_format_reads_its_example_and_nothing_else() {
        for format in DateFormat::ALL {
            assert_eq!(DateFormat::of(format.example()), Some(format));
            assert_eq!(format.parse(format.example()), Some(date(2020, 1, 31)));
        }
        assert_eq!(
            DateFormat::MonthFirst.parse("Jun 9, 2020"),
            Some(date(2020, 6, 9))
        );
        for text in [
            "",
            "Price",
            "2020-02-30",
            "2020-01-31 10:00",
            "20-01-31",
            "31.01.2020",
            "1580428800",
        ] {
            assert_eq!(DateFormat::of(text), None, "{text}");
        }
        for text in ["03/04/2020", "3-4-20", "31.12.2020"] {
            assert!(is_ambiguous(text), "{text}");
            assert_eq!(DateFormat::of(text), None, "{text}");
        }
        assert!(!is_ambiguous("2020-01-31"));
    }
}
