//! Dates along an axis: days since 1970, and ticks at years, months or days.

use jiff::civil::{Date, date};
use jiff::{ToSpan, Unit};

use super::scale::Tick;

/// Days since 1970, of a date such as 2020-02-23; `None` where the text is no date.
pub(crate) fn day(text: &str) -> Option<f64> {
    let day: Date = text.parse().ok()?;
    let days = day.since((Unit::Day, date(1970, 1, 1))).ok()?;
    Some(f64::from(days.get_days()))
}

/// The date of so many days since 1970.
pub(crate) fn date_of(day: f64) -> String {
    date(1970, 1, 1)
        .checked_add((day.round() as i64).days())
        .map_or_else(|_| String::new(), |day| day.to_string())
}

/// Ticks of an axis of days: years, months or days, whichever gives a handful.
pub(crate) fn date_ticks(from: f64, to: f64) -> Vec<Tick> {
    let length = to - from;
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
    let Ok(mut month) = date_of(from).parse::<Date>().map(Date::first_of_month) else {
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
        let span = |from: &str, to: &str| date_ticks(day(from).unwrap(), day(to).unwrap());
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
}
