//! Dates along an axis: days since 1970, and ticks at years, months or days.

use jiff::civil::{Date, date};
use jiff::{ToSpan, Unit};

use super::scale::Tick;

/// Days since 1970, of a date such as 2020-02-23 or a time such as 2020-02-23 10:30; `None` where the text is neither. Of an hour that
/// comes twice each takes half of its place.
pub(crate) fn day(text: &str) -> Option<f64> {
    let (date_part, time) = match text.split_once(' ') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let day: Date = date_part.parse().ok()?;
    let days = day.since((Unit::Day, date(1970, 1, 1))).ok()?;
    let seconds = time.map_or(Some(0.0), seconds_of_day)?;
    Some(exact(f64::from(days.get_days()) + seconds / SECONDS))
}

/// Seconds of a day.
const SECONDS: f64 = 86_400.0;

/// The same time to a millisecond, so that equal times are equal numbers however they were computed.
pub(crate) fn exact(day: f64) -> f64 {
    of_count(count_of(day))
}

/// A time in milliseconds since 1970.
pub(crate) fn count_of(day: f64) -> i64 {
    (day * SECONDS * 1000.0).round() as i64
}

/// Days since 1970 of so many milliseconds.
pub(crate) fn of_count(milliseconds: i64) -> f64 {
    milliseconds as f64 / (SECONDS * 1000.0)
}

/// `10:30`, `10:30:05.25`, `02A:30`.
fn seconds_of_day(time: &str) -> Option<f64> {
    let mut parts = time.split(':');
    let hour = parts.next()?;
    let minute: f64 = parts.next()?.parse().ok()?;
    let second: f64 = parts.next().map_or(Ok(0.0), str::parse).ok()?;
    let within = minute * 60.0 + second;
    let (hour, within) = if let Some(hour) = hour.strip_suffix('A') {
        (hour, within / 2.0)
    } else if let Some(hour) = hour.strip_suffix('B') {
        (hour, 1800.0 + within / 2.0)
    } else {
        (hour, within)
    };
    Some(hour.parse::<f64>().ok()? * 3600.0 + within)
}

/// The date of so many days since 1970, with the time where they are no whole number.
pub(crate) fn date_of(day: f64) -> String {
    let seconds = (day * SECONDS).round();
    let time = date(1970, 1, 1).at(0, 0, 0, 0).checked_add((seconds as i64).seconds());
    let Ok(time) = time else { return String::new() };
    if seconds % SECONDS == 0.0 {
        time.date().to_string()
    } else if seconds % 60.0 == 0.0 {
        time.strftime("%Y-%m-%d %H:%M").to_string()
    } else {
        time.strftime("%Y-%m-%d %H:%M:%S").to_string()
    }
}

/// Hours, minutes, seconds and so on that ticks may stand apart, in seconds.
const APART: [f64; 16] = [
    1.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10_800.0, 21_600.0, 43_200.0,
];

/// Ticks of an axis of days: years, months or days, whichever gives a handful; of places that are less than a day apart, hours or
/// minutes, too.
pub(crate) fn date_ticks(from: f64, to: f64, apart: f64) -> Vec<Tick> {
    let length = to - from;
    if apart < 1.0 && length <= 3.0 {
        let seconds = APART
            .into_iter()
            .find(|seconds| length * SECONDS / seconds <= 6.0)
            .unwrap_or(SECONDS / 2.0);
        let apart = (seconds * 1000.0) as i64;
        let (first, last) = (-(-count_of(from)).div_euclid(apart), count_of(to).div_euclid(apart));
        let ticks = (first..=last).map(|step| of_count(step * apart));
        // The day stands where it begins, and at the first.
        return ticks
            .enumerate()
            .map(|(place, at)| {
                let label = date_of(at);
                let time = label.split_once(' ').map(|(_, time)| time.to_owned()).filter(|_| place > 0);
                Tick {
                    at,
                    label: time.unwrap_or(label),
                }
            })
            .collect();
    }
    if length <= 70.0 {
        let every = [1.0, 2.0, 7.0, 14.0]
            .into_iter()
            .find(|every| length / every <= 5.0)
            .unwrap_or(14.0);
        let count = (length / every).floor() as i64;
        // Counted back from the last day, which is the one to read.
        return (0..=count)
            .rev()
            .map(|i| to.floor() - i as f64 * every)
            .filter(|at| *at >= from)
            .map(|at| Tick { at, label: date_of(at) })
            .collect();
    }
    let months = [1, 2, 3, 6, 12, 24, 60, 120]
        .into_iter()
        .find(|months| length / (30.4 * f64::from(*months)) <= 6.5)
        .unwrap_or(240);
    let Ok(mut month) = date_of(from.floor()).parse::<Date>().map(Date::first_of_month) else {
        return Vec::new();
    };
    let mut ticks = Vec::new();
    while let Some(at) = day(&month.to_string()).filter(|at| *at <= to) {
        let index = i32::from(month.year()) * 12 + i32::from(month.month()) - 1;
        if at >= from && index % months == 0 {
            ticks.push(Tick {
                at,
                label: if months >= 12 {
                    month.year().to_string()
                } else {
                    month.strftime("%b %Y").to_string()
                },
            });
        }
        match month.checked_add(1.months()) {
            Ok(next) => month = next,
            Err(_) => break,
        }
    }
    ticks
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn dates_become_years_months_or_days() {
        let span = |from: &str, to: &str| date_ticks(day(from).unwrap(), day(to).unwrap(), 1.0);
        let years = span("2015-01-30", "2020-02-23");
        assert_eq!(labels(&years), ["2016", "2017", "2018", "2019", "2020"]);
        let months = span("2019-08-15", "2020-02-23");
        assert_eq!(
            labels(&months),
            ["Sep 2019", "Oct 2019", "Nov 2019", "Dec 2019", "Jan 2020", "Feb 2020"]
        );
        let days = span("2020-02-20", "2020-02-23");
        assert_eq!(labels(&days), ["2020-02-20", "2020-02-21", "2020-02-22", "2020-02-23"]);
        assert_eq!(day("first"), None);
        assert_eq!(date_of(day("2020-02-29").unwrap() + 1.0), "2020-03-01");
    }

    #[test]
    fn times_stand_within_their_day() {
        for text in ["2016-07-01", "2016-07-01 05:00", "1969-12-31 23:45:07"] {
            assert_eq!(date_of(day(text).unwrap()), text);
        }
        let places = ["01:59", "02A:00", "02A:59", "02B:00", "02B:59", "03:00"];
        let places = places.map(|time| day(&format!("2016-10-30 {time}")).unwrap());
        assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
        assert_eq!((day("2016-07-01 x"), day("2016-07-01 05")), (None, None));
        let ticks = date_ticks(day("2016-07-01 20:00").unwrap(), day("2016-07-02 08:00").unwrap(), 1.0 / 24.0);
        assert_eq!(
            labels(&ticks),
            ["2016-07-01 20:00", "22:00", "2016-07-02", "02:00", "04:00", "06:00", "08:00"]
        );
    }
}
