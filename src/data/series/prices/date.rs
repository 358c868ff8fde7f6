//! Dates: the ones of an experiment file, and those of a CSV file, all written in one way.

use jiff::civil::Date;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor, value::MapAccessDeserializer};

/// A date of an experiment file: `"2020-01-31"` or, in TOML, `2020-01-31` without quotes.
pub(super) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
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
pub(super) enum DateFormat {
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
    pub(super) const ALL: [Self; 5] = [
        Self::Iso,
        Self::Slashes,
        Self::MonthFirst,
        Self::LongMonthFirst,
        Self::DayFirst,
    ];

    /// The format of that text, if it is one of them.
    pub(super) fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.parse(text).is_some())
    }

    /// The date, if the text is one in this format; the year has four digits.
    pub(super) fn parse(self, text: &str) -> Option<Date> {
        let pattern = match self {
            Self::Iso => "%Y-%m-%d",
            Self::Slashes => "%Y/%m/%d",
            Self::MonthFirst => "%b %d, %Y",
            Self::LongMonthFirst => "%B %d, %Y",
            Self::DayFirst => "%d %b %Y",
        };
        Date::strptime(pattern, text).ok().filter(|date| date.year() >= 1000)
    }

    /// The 31st of January 2020 in this format.
    pub(super) fn example(self) -> &'static str {
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
pub(super) fn is_ambiguous(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    parts.len() == 3
        && parts[0].len() <= 2
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a text is a day in some form, read or not.
pub(super) fn looks_like_a_day(text: &str) -> bool {
    DateFormat::of(text).is_some() || in_another_form(text).is_some() || is_ambiguous(text)
}

/// The day that a text in a form that is not read stands for, and what that form is, where it can be told. For messages
/// alone.
pub(super) fn in_another_form(text: &str) -> Option<(Date, &'static str)> {
    if let Some((day, rest)) = text.split_once(['T', ' '])
        && rest.contains(':')
        && let Some(day) = DateFormat::of(day).and_then(|format| format.parse(day))
    {
        return Some((day, "a day with a time; a row is a day"));
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits_alone(text);
    }
    const FORMS: [&str; 9] = [
        "%d. %b %Y",
        "%d. %B %Y",
        "%d %B %Y",
        "%d-%b-%Y",
        "%d/%b/%Y",
        "%b %d %Y",
        "%B %d %Y",
        "%Y.%m.%d",
        "%a, %d %b %Y",
    ];
    FORMS
        .iter()
        .find_map(|form| Date::strptime(form, text).ok())
        .filter(|day| day.year() >= 1000)
        .map(|day| (day, "a date in a form that is not read"))
}

/// `20200131`, or the time since 1970.
fn digits_alone(text: &str) -> Option<(Date, &'static str)> {
    let since_1970 = |per_day: i64| {
        let days = text.parse::<i64>().ok()? / per_day;
        let span = jiff::Span::new().try_days(days).ok()?;
        jiff::civil::date(1970, 1, 1).checked_add(span).ok()
    };
    match text.len() {
        8 => Date::strptime("%Y%m%d", text)
            .ok()
            .filter(|day| (1000..2200).contains(&day.year()))
            .map(|day| (day, "a date in a form that is not read")),
        10 => Some((since_1970(86_400)?, "the seconds since 1970, which are not read as dates")),
        13 => Some((
            since_1970(86_400_000)?,
            "the milliseconds since 1970, which are not read as dates",
        )),
        _ => None,
    }
}

/// Of dates in numbers with the year last, which part is the day: the first or the second, if one of the texts can only be
/// read so, and none only the other way.
pub(super) fn day_part<'a>(texts: impl Iterator<Item = &'a str>) -> Option<usize> {
    let mut beyond_month = [false, false];
    for text in texts.filter(|text| is_ambiguous(text)) {
        for (part, beyond) in text.split(['/', '-', '.']).zip(&mut beyond_month) {
            *beyond |= part.parse::<u32>().is_ok_and(|number| number > 12);
        }
    }
    match beyond_month {
        [true, false] => Some(0),
        [false, true] => Some(1),
        _ => None,
    }
}

/// The date of such a text whose day is that part.
pub(super) fn with_day_part(text: &str, day: usize) -> Option<Date> {
    let parts: Vec<&str> = text.split(['/', '-', '.']).collect();
    let number = |part: usize| parts.get(part)?.parse::<i16>().ok();
    let year = match number(2)? {
        short @ 0..100 => 2000 + short,
        year => year,
    };
    let small = |part: usize| number(part).and_then(|number| i8::try_from(number).ok());
    Date::new(year, small(1 - day)?, small(day)?).ok()
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
            assert_eq!(toml::from_str::<Spec>(text)?.from, Some(date(2020, 1, 31)), "{text}");
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
            ("from = \"2020-02-30\"", "such as 2020-01-31, found `2020-02-30`"),
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
        assert_eq!(DateFormat::MonthFirst.parse("Jun 9, 2020"), Some(date(2020, 6, 9)));
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
    #[test]
    fn other_forms_are_known_for_messages() {
        for (text, day) in [
            ("2023-12-01 00:00:00+00:00", Some(date(2023, 12, 1))),
            ("2023-12-01T10:30:00Z", Some(date(2023, 12, 1))),
            ("01. Jan 2020", Some(date(2020, 1, 1))),
            ("05-Jan-2020", Some(date(2020, 1, 5))),
            ("2020.01.05", Some(date(2020, 1, 5))),
            ("20240102", Some(date(2024, 1, 2))),
            ("1701388800", Some(date(2023, 12, 1))),
            ("1701388800000", Some(date(2023, 12, 1))),
            ("9999999999999", Some(date(2286, 11, 20))),
            ("Price", None),
            ("2052.20", None),
            ("12345678", None),
            ("", None),
        ] {
            assert_eq!(in_another_form(text).map(|(day, _)| day), day, "{text}");
        }
    }

    #[test]
    fn one_date_tells_the_order_of_all() {
        let part = |texts: &[&str]| day_part(texts.iter().copied());
        assert_eq!(part(&["01/02/2024", "01/29/2024"]), Some(1));
        assert_eq!(part(&["29.01.2024", "01.02.2024"]), Some(0));
        assert_eq!(part(&["01/02/2024", "03/04/2024"]), None);
        assert_eq!(part(&["01/29/2024", "29/01/2024"]), None);
        assert_eq!(with_day_part("01/29/24", 1), Some(date(2024, 1, 29)));
        assert_eq!(with_day_part("29.01.2024", 0), Some(date(2024, 1, 29)));
        assert_eq!(with_day_part("29.01.2024", 1), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,20}|[-/. :T0-9]{0,20}|[0-9]{1,2}[-/.][0-9]{1,6}[-/.][0-9]{1,6}") {
            let format = DateFormat::of(&text);
            assert!(format.is_none_or(|format| format.parse(&text).is_some()));
            in_another_form(&text);
            with_day_part(&text, 0);
            with_day_part(&text, 1);
        }

        #[test]
        fn what_is_written_in_a_format_is_read_in_it(days in 0i64..2_900_000) {
            let Ok(day) = date(1000, 1, 1).checked_add(jiff::Span::new().days(days)) else {
                return Ok(());
            };
            for (pattern, format) in [
                ("%Y-%m-%d", DateFormat::Iso),
                ("%Y/%m/%d", DateFormat::Slashes),
                ("%b %d, %Y", DateFormat::MonthFirst),
                ("%B %d, %Y", DateFormat::LongMonthFirst),
                ("%d %b %Y", DateFormat::DayFirst),
            ] {
                let text = day.strftime(pattern).to_string();
                assert_eq!(format.parse(&text), Some(day), "{text}");
                // In May the long name is the short one.
                assert!(DateFormat::of(&text).is_some_and(|found| found.parse(&text) == Some(day)));
            }
            let numbers = day.strftime("%m/%d/%Y").to_string();
            assert_eq!(with_day_part(&numbers, 1), Some(day));
            let numbers = day.strftime("%d.%m.%Y").to_string();
            assert_eq!(with_day_part(&numbers, 0), Some(day));
        }
    }
}
