//! `calendar`: what a calendar says of each row, which is known of every coming one too, as columns beside the features.
//!
//! Each word gives two columns, sine and cosine of the place within the hour, day, week, month or year, so that its end lies beside its
//! begin.

use std::f64::consts::TAU;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::SeriesSpec;
use crate::data::Blame;
use crate::data::series::checked::{Column, Series};
use crate::data::series::time::Times;

/// What of a time is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarWord {
    /// The place within the hour.
    Minute,
    /// The place within the day, to the minute.
    Hour,
    /// The day of the week, Monday first.
    Weekday,
    /// The day of the month, by that month's length.
    DayOfMonth,
    /// The month of the year.
    Month,
    /// The day of the year, by that year's length.
    DayOfYear,
}

impl CalendarWord {
    /// As a file writes it.
    fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Weekday => "weekday",
            Self::DayOfMonth => "day_of_month",
            Self::Month => "month",
            Self::DayOfYear => "day_of_year",
        }
    }

    /// The place of a time within its hour, day, week, month or year: from 0 to below 1.
    fn place(self, time: DateTime) -> f64 {
        let (minute, second) = (f64::from(time.minute()), f64::from(time.second()));
        let first = |day: i8| f64::from(day - 1);
        match self {
            Self::Minute => (minute + second / 60.0) / 60.0,
            Self::Hour => (f64::from(time.hour()) * 60.0 + minute) / 1440.0,
            Self::Weekday => f64::from(time.weekday().to_monday_zero_offset()) / 7.0,
            Self::DayOfMonth => first(time.day()) / f64::from(time.days_in_month()),
            Self::Month => first(time.month()) / 12.0,
            Self::DayOfYear => f64::from(time.day_of_year() - 1) / f64::from(time.days_in_year()),
        }
    }
}

/// Columns of a word.
pub(super) const WIDTH: usize = 2;

impl SeriesSpec {
    /// The series with what a calendar says of its rows, behind the other features.
    pub(super) fn with_calendar(&self, mut series: Series) -> Series {
        let told = columns(&self.calendar, &series.times);
        let (from, count) = (series.features, told.len());
        series.columns.splice(from..from, told);
        // Targets that are no features stand behind them.
        for target in series.targets.iter_mut().filter(|target| **target >= from) {
            *target += count;
        }
        series.features += count;
        series.calendar = count;
        series
    }
}

/// None of the words may be there twice.
pub(super) fn check(words: &[CalendarWord]) -> Result<(), Blame> {
    for (place, word) in words.iter().enumerate() {
        if words[..place].contains(word) {
            return Err(Blame::at("calendar", format!("`{}` is there twice", word.name())));
        }
    }
    Ok(())
}

/// Sine and cosine of each word for rows at these times, as the clock of their zone tells them.
fn columns(words: &[CalendarWord], times: &Times) -> Vec<Column> {
    let of_word = |word: &CalendarWord| {
        let places: Vec<f64> = times
            .counts()
            .iter()
            .map(|at| word.place(times.clock().civil(*at)) * TAU)
            .collect();
        [("sine", libm::sin as fn(f64) -> f64), ("cosine", libm::cos)].map(|(name, of)| Column {
            name: format!("{} ({name})", word.name()),
            values: places.iter().map(|place| of(*place)).collect(),
        })
    };
    words.iter().flat_map(of_word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn places_by_hand() {
        // A Thursday in a leap year.
        let time = date(2024, 2, 29).at(18, 30, 15, 0);
        let expected = [
            (CalendarWord::Minute, 30.25 / 60.0),
            (CalendarWord::Hour, 18.5 / 24.0),
            (CalendarWord::Weekday, 3.0 / 7.0),
            (CalendarWord::DayOfMonth, 28.0 / 29.0),
            (CalendarWord::Month, 1.0 / 12.0),
            (CalendarWord::DayOfYear, 59.0 / 366.0),
        ];
        for (word, place) in expected {
            assert!((word.place(time) - place).abs() < 1e-15, "{word:?}");
            assert_eq!(serde_json::json!(word), word.name());
        }
    }

    #[test]
    fn the_end_of_a_week_lies_beside_its_begin() {
        let days: Vec<_> = (1..=8).map(|day| date(2024, 1, day)).collect(); // a Monday first
        let columns = columns(&[CalendarWord::Weekday], &Times::days(&days));
        assert_eq!(columns[0].name, "weekday (sine)");
        assert_eq!((columns[0].values[0], columns[1].values[0]), (0.0, 1.0));
        for column in &columns {
            assert_eq!(column.values[0], column.values[7]);
        }
        let distance = |a: usize, b: usize| {
            let squares = columns.iter().map(|column| (column.values[a] - column.values[b]).powi(2));
            squares.sum::<f64>()
        };
        assert!((distance(6, 7) - distance(0, 1)).abs() < 1e-12);
    }
}
