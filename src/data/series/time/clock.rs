//! What a count of microseconds means, and how it is told.

use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::stamp::{Shape, Stamp};
use super::{DAY, EPOCH, SECOND, civil_of};
use crate::console::counted;

/// A minute in microseconds.
pub(super) const MINUTE: i64 = 60 * SECOND;
/// An hour.
pub(super) const HOUR: i64 = 60 * MINUTE;

/// How times are counted and told.
#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    /// The zone that tells instants; without one there are civil times, as a clock on the wall shows them.
    zone: Option<TimeZone>,
    precision: Precision,
}

/// What of a time is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precision {
    /// `2020-01-31`
    Day,
    /// `2020-01-31 10:30`
    Minute,
    /// `2020-01-31 10:30:05`
    Second,
    /// `2020-01-31 10:30:05.000250`
    Microsecond,
}

impl Precision {
    /// The least that tells all of a civil time.
    fn of(civil: i64) -> Self {
        match civil {
            _ if civil % DAY == 0 => Self::Day,
            _ if civil % MINUTE == 0 => Self::Minute,
            _ if civil % SECOND == 0 => Self::Second,
            _ => Self::Microsecond,
        }
    }
}

impl Clock {
    /// Of days.
    pub fn days() -> Self {
        Self {
            zone: None,
            precision: Precision::Day,
        }
    }

    /// Of instants that a zone tells, or of civil times without one.
    pub fn new(zone: Option<TimeZone>) -> Self {
        Self {
            zone,
            precision: Precision::Microsecond,
        }
    }

    /// The same, telling no more than those times need.
    pub fn as_precise_as(self, times: &[i64]) -> Self {
        let needed = times.iter().map(|at| Precision::of(self.civil_count(*at)));
        Self {
            precision: needed.max().unwrap_or(Precision::Day),
            ..self
        }
    }

    /// The zone of instants.
    pub fn zone(&self) -> Option<&TimeZone> {
        self.zone.as_ref()
    }

    /// What a reader calls that zone: its name in the database, or its distance from UTC.
    pub fn zone_name(&self) -> Option<String> {
        let zone = self.zone.as_ref()?;
        let named = zone.iana_name().map(str::to_owned);
        named.or_else(|| match zone.to_fixed_offset() {
            Ok(offset) if offset.is_zero() => Some("UTC".to_owned()),
            Ok(offset) => Some(format!("UTC{offset}")),
            Err(_) => None,
        })
    }

    /// Whether days are all that there is to tell.
    pub fn tells_days(&self) -> bool {
        self.precision == Precision::Day
    }

    /// What a clock on the wall shows then.
    pub fn civil(&self, at: i64) -> DateTime {
        let civil = self.civil_count(at);
        let day = EPOCH.checked_add(Span::new().days(civil.div_euclid(DAY)));
        let day = day.expect("a time that was read lies in the calendar");
        let nanosecond = civil.rem_euclid(DAY) * 1000;
        let clock = Time::midnight().checked_add(SignedDuration::from_nanos(nanosecond));
        day.to_datetime(clock.expect("what is left is less than a day"))
    }

    /// The same in microseconds since 1970.
    pub fn civil_count(&self, at: i64) -> i64 {
        match &self.zone {
            None => at,
            Some(zone) => {
                let instant = Timestamp::from_microsecond(at).expect("a time that was read lies in the calendar");
                at + i64::from(zone.to_offset(instant).seconds()) * SECOND
            }
        }
    }

    /// The count of what a clock on the wall shows: of two such instants the first, and of a time that clocks skip the one as long
    /// after the change. None beyond the calendar.
    pub fn count(&self, civil: DateTime) -> Option<i64> {
        let Some(zone) = &self.zone else {
            let since = civil.time().duration_since(Time::midnight());
            return Some(civil_of(civil.date()) + i64::try_from(since.as_micros()).ok()?);
        };
        let instant = zone.to_timestamp(civil).ok()?;
        Some(instant.as_microsecond())
    }

    /// A time in words that have the order of time. Where clocks are put back, the hour that comes twice is told as `02A` and `02B`.
    pub fn written(&self, at: i64) -> String {
        let civil = self.civil(at);
        let date = civil.date();
        if self.precision == Precision::Day {
            return date.to_string();
        }
        let (hour, minute) = (civil.hour(), civil.minute());
        let twice = self.which_of_two(at).unwrap_or_default();
        let seconds = match self.precision {
            Precision::Day | Precision::Minute => String::new(),
            Precision::Second => format!(":{:02}", civil.second()),
            Precision::Microsecond => format!(":{:02}.{:06}", civil.second(), civil.subsec_nanosecond() / 1000),
        };
        format!("{date} {hour:02}{twice}:{minute:02}{seconds}")
    }

    /// The count of a time as [`Clock::written`] tells it; none of another text.
    pub fn read(&self, text: &str) -> Option<i64> {
        let (plain, is_second) = match text.find(['A', 'B']) {
            Some(place) => (text[..place].to_owned() + &text[place + 1..], &text[place..=place] == "B"),
            None => (text.to_owned(), false),
        };
        let Some(Stamp::Civil(at)) = Shape::iso().parse(plain.as_bytes()) else {
            return None;
        };
        let civil = Self::new(None).civil(at);
        match &self.zone {
            Some(zone) if is_second => Some(zone.to_ambiguous_timestamp(civil).later().ok()?.as_microsecond()),
            _ => self.count(civil),
        }
    }

    /// Whether it is the first or the second of two instants at which clocks show the same: `A` or `B`.
    fn which_of_two(&self, at: i64) -> Option<&'static str> {
        let instant = Timestamp::from_microsecond(at).ok()?;
        let zone = self.zone.as_ref()?;
        let two = zone.to_ambiguous_timestamp(zone.to_datetime(instant));
        if !two.is_ambiguous() {
            return None;
        }
        let first = two.earlier().ok()?;
        Some(if first == instant { "A" } else { "B" })
    }
}

/// A length of time in words, by its two largest units.
pub fn length(microseconds: i64) -> String {
    if microseconds < MINUTE {
        return format!("{} seconds", microseconds as f64 / SECOND as f64);
    }
    let mut rest = microseconds;
    let units = [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second")];
    let parts = units.into_iter().filter_map(|(unit, word)| {
        let count = rest / unit;
        rest %= unit;
        (count > 0).then(|| counted(count as usize, word))
    });
    parts.take(2).collect::<Vec<String>>().join(" and ")
}
