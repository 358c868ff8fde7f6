//! How far apart the rows of a series are: `frequency = "1h"`, and the calendar that follows from it.

use jiff::civil::{DateTime, Weekday};
use jiff::{Span, ToSpan};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::clock::{Clock, HOUR, MINUTE};
use super::{DAY, SECOND};

/// How far apart rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// As it comes: `"any"`.
    Any,
    /// From Monday to Friday: `"business_day"`.
    BusinessDay,
    /// A length of time, or so many days, weeks or months of the calendar.
    Every(u32, Unit),
}

/// What a frequency counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// `s`
    Second,
    /// `min`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`
    Week,
    /// `mo`
    Month,
}

const UNITS: [(&str, Unit); 6] = [
    ("s", Unit::Second),
    ("min", Unit::Minute),
    ("h", Unit::Hour),
    ("d", Unit::Day),
    ("w", Unit::Week),
    ("mo", Unit::Month),
];

/// The largest count of a frequency.
const MOST_COUNT: u32 = 1_000_000;

impl Unit {
    /// Microseconds, where it always has as many; a day as clocks on the wall count it.
    fn length(self) -> Option<i64> {
        Some(match self {
            Self::Second => SECOND,
            Self::Minute => MINUTE,
            Self::Hour => HOUR,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => return None,
        })
    }
}

/// A count and its unit, as `15min`.
fn counted_unit(text: &str) -> Option<(u32, Unit)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let count = text[..end].parse().ok().filter(|count| (1..=MOST_COUNT).contains(count))?;
    let (_, unit) = UNITS.iter().find(|(word, _)| *word == &text[end..])?;
    Some((count, *unit))
}

impl Frequency {
    /// From what an experiment file says.
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "any" => return Ok(Self::Any),
            "business_day" => return Ok(Self::BusinessDay),
            _ => {}
        }
        if let Some((count, unit)) = counted_unit(text) {
            return Ok(Self::Every(count, unit));
        }
        let meant = meant(text).map_or_else(String::new, |meant| format!("; did you mean \"{meant}\"?"));
        Err(format!(
            "must be a count of s, min, h, d, w or mo, as \"15min\" or \"1h\", or \"business_day\" or \"any\", found `{}`{meant}",
            crate::console::quoted(text)
        ))
    }

    /// The length of a step, where all have the same: in microseconds of real time, or of the calendar for days and weeks.
    pub fn length(self) -> Option<i64> {
        match self {
            Self::Every(count, unit) => Some(unit.length()? * i64::from(count)),
            Self::Any | Self::BusinessDay => None,
        }
    }

    /// Whether clocks on the wall count its steps: a day is a day when clocks change.
    fn is_of_the_calendar(self) -> bool {
        !matches!(self, Self::Any | Self::Every(_, Unit::Second | Unit::Minute | Unit::Hour))
    }

    /// Whether a row may stand at that time.
    pub fn allows(self, civil: DateTime) -> bool {
        self != Self::BusinessDay || !matches!(civil.weekday(), Weekday::Saturday | Weekday::Sunday)
    }

    /// The time that follows one in the calendar; none beyond the last year. `day` is the day of the month that months have where
    /// they are long enough.
    pub fn after(self, clock: &Clock, day: i8, at: i64) -> Option<i64> {
        if !self.is_of_the_calendar() {
            return at.checked_add(self.length()?);
        }
        let civil = clock.civil(at);
        let next = match self {
            Self::Every(count, Unit::Month) => {
                let month = civil.date().first_of_month().checked_add(i64::from(count).months()).ok()?;
                let date = month.with().day(day.min(month.days_in_month())).build().ok()?;
                date.to_datetime(civil.time())
            }
            Self::BusinessDay => {
                let days = match civil.weekday() {
                    Weekday::Friday => 3,
                    Weekday::Saturday => 2,
                    _ => 1,
                };
                civil.checked_add(Span::new().days(days)).ok()?
            }
            _ => civil.checked_add(Span::new().days(self.length()? / DAY)).ok()?,
        };
        clock.count(next)
    }

    /// Whether two times are one step apart, where a subtraction tells.
    pub fn is_a_step(self, clock: &Clock, from: i64, to: i64) -> bool {
        let Some(length) = self.length() else { return false };
        if !self.is_of_the_calendar() && to - from == length {
            return true;
        }
        // Six hours of the wall's clock are six hours, too; an hour from the first of two that show the same to the one after is two.
        let is_told_by_the_wall = self.is_of_the_calendar() || length > HOUR;
        is_told_by_the_wall && clock.civil_count(to) - clock.civil_count(from) == length
    }
}

/// What other libraries call it.
fn meant(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (count, word) = text.split_at(end);
    let count = if count.is_empty() { "1" } else { count };
    let unit = match word.trim() {
        "B" | "b" | "bday" | "business" | "business_daily" | "weekday" | "weekdays" => {
            return Some("business_day".to_owned());
        }
        "irregular" | "none" | "infer" => return Some("any".to_owned()),
        "S" | "s" | "sec" | "second" | "seconds" | "secondly" => "s",
        "T" | "t" | "min" | "m" | "minute" | "minutes" | "minutely" => "min",
        "H" | "h" | "hour" | "hours" | "hourly" => "h",
        "D" | "d" | "day" | "days" | "daily" => "d",
        "W" | "w" | "week" | "weeks" | "weekly" => "w",
        "M" | "MS" | "ME" | "mo" | "mon" | "month" | "months" | "monthly" => "mo",
        "Q" | "QS" | "QE" | "quarter" | "quarterly" => return Some("3mo".to_owned()),
        "Y" | "A" | "YS" | "YE" | "y" | "year" | "years" | "yearly" | "annual" => return Some("12mo".to_owned()),
        _ => return None,
    };
    Some(format!("{count}{unit}"))
}

impl std::fmt::Display for Frequency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::BusinessDay => f.write_str("business_day"),
            Self::Every(count, unit) => {
                let word = UNITS.iter().find(|(_, known)| known == unit).map_or("", |(word, _)| word);
                write!(f, "{count}{word}")
            }
        }
    }
}

impl Serialize for Frequency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Frequency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FrequencyVisitor)
    }
}

struct FrequencyVisitor;

impl Visitor<'_> for FrequencyVisitor {
    type Value = Frequency;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a frequency such as \"1h\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Frequency, E> {
        Frequency::parse(text).map_err(E::custom)
    }

    /// What was reported before reads as anything.
    fn visit_unit<E: Error>(self) -> Result<Frequency, E> {
        Ok(Frequency::Any)
    }
}

/// A length of time, as `longest_gap = "5d"`, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length(u32, Unit);

impl Length {
    /// Microseconds.
    pub fn microseconds(self) -> i64 {
        self.1.length().unwrap_or(DAY) * i64::from(self.0)
    }
}

impl std::fmt::Display for Length {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Frequency::Every(self.0, self.1).fmt(f)
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LengthVisitor)
    }
}

struct LengthVisitor;

impl Visitor<'_> for LengthVisitor {
    type Value = Length;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a length of time such as \"5d\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Length, E> {
        match counted_unit(text) {
            Some((count, unit)) if unit != Unit::Month => Ok(Length(count, unit)),
            _ => Err(E::custom(format!(
                "must be a count of s, min, h, d or w, as \"12h\" or \"5d\", found `{}`",
                crate::console::quoted(text)
            ))),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<Length, E> {
        Ok(Length(1, Unit::Day))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::data::series::time::civil_of;
    use jiff::civil::date;

    #[test]
    fn a_frequency_is_read_as_it_is_written() {
        for text in ["any", "business_day", "15min", "1h", "1d", "2w", "3mo", "30s"] {
            assert_eq!(Frequency::parse(text).unwrap().to_string(), text);
        }
        for (text, meant) in [
            ("H", "\"1h\""),
            ("15T", "\"15min\""),
            ("hourly", "\"1h\""),
            ("MS", "\"1mo\""),
            ("B", "\"business_day\""),
        ] {
            let error = Frequency::parse(text).unwrap_err();
            assert!(error.contains(&format!("did you mean {meant}?")), "{error}");
        }
        for text in ["", "h", "0h", "1.5h", "-1h", "1 h", "1fortnight", "99999999999h"] {
            assert!(Frequency::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn calendars_step_over_week_ends_and_short_months() {
        let clock = Clock::days();
        let after = |frequency: &str, day: i8, from| {
            let frequency = Frequency::parse(frequency).unwrap();
            let next = frequency.after(&clock, day, civil_of(from)).unwrap();
            clock.written(next)
        };
        assert_eq!(after("business_day", 0, date(2021, 1, 1)), "2021-01-04");
        assert_eq!(after("business_day", 0, date(2021, 1, 4)), "2021-01-05");
        assert_eq!(after("1mo", 31, date(2021, 1, 31)), "2021-02-28");
        assert_eq!(after("1mo", 31, date(2021, 2, 28)), "2021-03-31");
        assert_eq!(after("3mo", 1, date(2021, 11, 1)), "2022-02-01");
        assert_eq!(after("2w", 0, date(2021, 1, 4)), "2021-01-18");
        assert!(
            Frequency::parse("1d")
                .unwrap()
                .after(&clock, 0, civil_of(date(9999, 12, 31)))
                .is_none()
        );
    }
}
