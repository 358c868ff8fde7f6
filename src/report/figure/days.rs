//! On which days forecasts lie. A record tells from when a forecast was made, and the calendar of its series what comes then.

use serde::Deserialize;

use super::scene::Scene;
use crate::data::series::time::{Clock, DAY, Frequency, Unit, Zone};
use crate::report::draw::date::{count_of, day, exact};
use crate::store::card::TEST;
use crate::store::record::Record;

/// On which days forecasts lie. A series without gaps has its next value a step later; one with gaps, as a stock exchange's, does not say
/// which days come.
pub(super) enum Days {
    /// The next value comes so many days later.
    Every(f64),
    /// The calendar says when it comes.
    Calendar {
        frequency: Frequency,
        clock: Clock,
        /// The day that months have where they are long enough.
        of_month: i8,
    },
    /// Some are not: the days between the first and the last forecast day are taken as equally far apart.
    Between { first: f64, last: f64 },
    /// Some are not, and origins follow one another: a forecast stands where it was made.
    Origin,
}

impl Days {
    pub(super) fn of(scene: &Scene, record: &Record) -> Self {
        let setting = |key: &str| record.configuration.get("dataset")?.get(key);
        let frequency = setting("frequency").and_then(|frequency| Frequency::deserialize(frequency).ok());
        let zone = setting("time_zone").and_then(|zone| Zone::deserialize(zone).ok());
        let known = match frequency {
            Some(frequency) => match (frequency.length(), zone) {
                (Some(length), None) => Some(Self::Every(length as f64 / DAY as f64)),
                (_, zone) => Self::calendar(scene, frequency, zone),
            },
            None if setting("calendar").is_some_and(|calendar| calendar == "any") => None,
            None => Some(Self::Every(1.0)),
        };
        if let Some(known) = known {
            return known;
        }
        let card = &scene.experiment.card;
        let planned = scene.planned().find(|cell| cell.configuration == record.configuration);
        let test = planned.and_then(|cell| card.cut(cell)?.part(TEST));
        let span = test.filter(|test| test.items == 1).and_then(|test| test.span.as_ref());
        match span.and_then(|[first, last]| day(first).zip(day(last))) {
            Some((first, last)) => Self::Between { first, last },
            None => Self::Origin,
        }
    }

    fn calendar(scene: &Scene, frequency: Frequency, zone: Option<Zone>) -> Option<Self> {
        let clock = Clock::new(zone.map(|zone| zone.zone().clone()));
        let curve = scene.contents().map_or(&[][..], |contents| &contents.curve);
        let read = curve.iter().filter_map(|(date, _)| clock.read(date));
        let of_month = read.map(|at| clock.civil(at).day()).max().unwrap_or(31);
        (frequency != Frequency::Any).then(|| Self::Calendar {
            frequency,
            of_month,
            clock,
        })
    }

    /// Days from one value to the next, about.
    pub(super) fn step(&self) -> f64 {
        match self {
            Self::Every(step) => *step,
            Self::Calendar { frequency, .. } => match (frequency.length(), frequency) {
                (Some(length), _) => length as f64 / DAY as f64,
                (None, Frequency::Every(count, Unit::Month)) => 30.4 * f64::from(*count),
                (None, _) => 1.4,
            },
            Self::Between { .. } | Self::Origin => 1.0,
        }
    }

    /// The day of the forecast `ahead` steps after an origin, of `horizon` steps in all; none where the origin is no time. Windows run across
    /// gaps: the value after the last one before a gap is the first one after it.
    pub(super) fn place(&self, origin: &str, ahead: usize, horizon: usize, gaps: &[(f64, f64)]) -> Option<f64> {
        let place = self.without_gaps(origin, ahead, horizon)?;
        if matches!(self, Self::Between { .. } | Self::Origin) {
            return Some(place);
        }
        let from = day(origin)?;
        let crossed = gaps.iter().filter(|(before, _)| *before >= from);
        let after = crossed.fold(place, |place, (before, after)| match count_of(place) > count_of(*before) {
            true => place + after - before - self.step(),
            false => place,
        });
        Some(exact(after))
    }

    /// The same where no row is missing.
    fn without_gaps(&self, origin: &str, ahead: usize, horizon: usize) -> Option<f64> {
        match self {
            Self::Every(step) => Some(exact(day(origin)? + ahead as f64 * step)),
            Self::Calendar {
                frequency,
                clock,
                of_month,
            } => {
                let at = clock.read(origin)?;
                let at = match frequency {
                    Frequency::Every(_, Unit::Second | Unit::Minute | Unit::Hour) => {
                        at.checked_add(frequency.length()?.checked_mul(ahead as i64)?)
                    }
                    _ => (0..ahead).try_fold(at, |at, _| frequency.after(clock, *of_month, at)),
                };
                day(&clock.written(at?))
            }
            Self::Between { first, last } => {
                let share = (ahead - 1) as f64 / (horizon - 1).max(1) as f64;
                let place = first + share * (last - first);
                // Between two days there is none.
                Some(if first.fract() == 0.0 && last.fract() == 0.0 {
                    place.round()
                } else {
                    exact(place)
                })
            }
            Self::Origin => day(origin),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use crate::report::draw::date::date_of;
    use serde_json::json;

    fn coming(frequency: &str, zone: Option<&str>, origin: &str, most: usize) -> Vec<String> {
        let zone = zone.map(|zone| Zone::deserialize(&json!(zone)).unwrap());
        let days = Days::Calendar {
            frequency: Frequency::deserialize(&json!(frequency)).unwrap(),
            clock: Clock::new(zone.map(|zone| zone.zone().clone())),
            of_month: 31,
        };
        let place = |ahead| date_of(days.place(origin, ahead, most, &[]).unwrap());
        (1..=most).map(place).collect()
    }

    #[test]
    fn the_calendar_says_what_comes() {
        let business = coming("business_day", None, "2021-01-07", 3);
        assert_eq!(business, ["2021-01-08", "2021-01-11", "2021-01-12"]);
        let months = coming("1mo", None, "2021-01-31", 3);
        assert_eq!(months, ["2021-02-28", "2021-03-31", "2021-04-30"]);
    }

    #[test]
    fn windows_run_across_gaps() {
        let at = |text: &str| day(text).unwrap();
        let gaps = [
            (at("2021-01-01 05:00"), at("2021-01-01 09:00")),
            (at("2021-01-01 10:00"), at("2021-01-02 00:00")),
        ];
        let place = |ahead| date_of(Days::Every(1.0 / 24.0).place("2021-01-01 04:00", ahead, 5, &gaps).unwrap());
        let expected = ["01 05:00", "01 09:00", "01 10:00", "02", "02 01:00"].map(|time| format!("2021-01-{time}"));
        assert_eq!([1, 2, 3, 4, 5].map(place), expected);
        let before = Days::Every(1.0 / 24.0).place("2021-01-02 03:00", 1, 5, &gaps).unwrap();
        assert_eq!(date_of(before), "2021-01-02 04:00", "what is over moves nothing");
    }

    #[test]
    fn hours_follow_the_clocks_of_the_zone() {
        let forward = coming("1h", Some("Europe/Berlin"), "2021-03-28 00:00", 3);
        assert_eq!(forward, ["2021-03-28 01:00", "2021-03-28 03:00", "2021-03-28 04:00"]);
        // Each of the two hours from two to three takes half of its place.
        let back = coming("1h", Some("Europe/Berlin"), "2021-10-31 01:00", 3);
        assert_eq!(back, ["2021-10-31 02:00", "2021-10-31 02:30", "2021-10-31 03:00"]);
        let second = coming("1h", Some("Europe/Berlin"), "2021-10-31 02B:00", 1);
        assert_eq!(second, ["2021-10-31 03:00"]);
    }
}
