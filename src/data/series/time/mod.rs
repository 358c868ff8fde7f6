//! When the rows of a series are: days, civil times, or instants that a time zone tells.

mod clock;
mod edge;
mod frequency;
mod stamp;
mod zone;

use std::sync::Arc;

use jiff::civil::{Date, date};

pub use clock::{Clock, length};
pub use edge::Edge;
pub use frequency::{Frequency, Length, Unit};
pub use stamp::{Shape, Stamp};
pub use zone::{TimeFormat, Zone};

/// Microseconds of a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds of a day of 24 hours.
pub const DAY: i64 = 86_400 * SECOND;

/// The day from which time is counted.
const EPOCH: Date = date(1970, 1, 1);

/// The time of each row of a series. They rise.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    /// Microseconds since 1970: of what a clock on the wall shows, or in UTC where there is a zone.
    at: Arc<[i64]>,
    clock: Clock,
}

/// One time of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    at: i64,
    clock: Clock,
}

impl Times {
    /// Days.
    pub fn days(days: &[Date]) -> Self {
        Self {
            at: days.iter().map(|day| civil_of(*day)).collect(),
            clock: Clock::days(),
        }
    }

    /// Times as a clock counts them, told no more precisely than they need.
    pub fn of(at: Vec<i64>, clock: Clock) -> Self {
        let clock = clock.as_precise_as(&at);
        Self { at: at.into(), clock }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// The time of a row.
    pub fn get(&self, row: usize) -> Moment {
        Moment {
            at: self.at[row],
            clock: self.clock.clone(),
        }
    }

    /// The times of some rows.
    pub fn range(&self, rows: std::ops::Range<usize>) -> Self {
        Self {
            at: self.at[rows].into(),
            clock: self.clock.clone(),
        }
    }

    /// The times of those rows alone.
    pub fn only(&self, rows: &[usize]) -> Self {
        let at = rows.iter().map(|row| self.at[*row]).collect();
        Self::of(at, self.clock.clone())
    }

    /// As the clock counts them, in microseconds.
    pub fn counts(&self) -> &[i64] {
        &self.at
    }

    /// How they are told.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Adds them to a digest. Of days what it is depends on neither the file nor its format.
    pub fn digest(&self, digest: &mut blake3::Hasher) {
        if self.clock.tells_days() {
            for at in self.at.iter() {
                let day = self.clock.civil(*at).date();
                digest.update(&day.year().to_le_bytes());
                digest.update(&day.month().to_le_bytes());
                digest.update(&day.day().to_le_bytes());
            }
            return;
        }
        let counted: &[u8] = if self.clock.zone().is_some() { b"instants" } else { b"times" };
        digest.update(counted);
        for at in self.at.iter() {
            digest.update(&at.to_le_bytes());
        }
    }

    /// The rows after which some are missing: where the next one is further away than a step of the calendar, and where there is no
    /// calendar by what [`Times::hole`] sees as missing.
    pub fn gaps(&self, frequency: Frequency) -> Vec<usize> {
        let clock = &self.clock;
        let month = |at: i64| {
            let day = clock.civil(at).date();
            i64::from(day.year()) * 12 + i64::from(day.month())
        };
        let is_gap = |from: i64, to: i64| match frequency {
            Frequency::Any => false,
            Frequency::Every(count, Unit::Month) => month(to) - month(from) > i64::from(count),
            _ => !frequency.is_a_step(clock, from, to) && frequency.after(clock, 1, from).is_none_or(|next| next < to),
        };
        if frequency != Frequency::Any {
            let pairs = self.at.windows(2).enumerate();
            let gaps = pairs.filter(|(_, pair)| is_gap(pair[0], pair[1]));
            return gaps.map(|(row, _)| row).collect();
        }
        let (steps, usual) = self.steps();
        let holes = steps.into_iter().filter(|(step, _)| self.is_hole(*step, usual));
        let mut holes: Vec<usize> = holes.map(|(_, row)| row).collect();
        holes.sort_unstable();
        holes
    }

    /// How far each row is from the next, with its place, the shortest first; and how far rows usually are apart. Of days what the
    /// calendar says, whose length a change of the clock does not alter.
    fn steps(&self) -> (Vec<(i64, usize)>, i64) {
        let tells_days = self.clock.tells_days();
        let unit = if tells_days { DAY } else { 1 };
        let count = |at: i64| if tells_days { self.clock.civil_count(at) } else { at };
        let steps = self.at.windows(2).map(|pair| (count(pair[1]) - count(pair[0])) / unit);
        let mut steps: Vec<(i64, usize)> = steps.enumerate().map(|(row, step)| (step, row)).collect();
        steps.sort_unstable();
        let usual = steps.get(steps.len() / 2).map_or(0, |(step, _)| *step);
        (steps, usual)
    }

    fn is_hole(&self, step: i64, usual: i64) -> bool {
        step >= usual.saturating_mul(10) && (!self.clock.tells_days() || step > 14)
    }

    /// The longest stretch without a row, said in a sentence, where it is so much longer than the others that rows seem to be
    /// missing: ten times as long as from one row to the next usually, and of days over two weeks. A weekend or a holiday is none.
    pub fn hole(&self) -> Option<String> {
        let tells_days = self.clock.tells_days();
        let (steps, usual) = self.steps();
        let (longest, row) = *steps.last()?;
        if !self.is_hole(longest, usual) {
            return None;
        }
        let like = steps.iter().filter(|(step, _)| self.is_hole(*step, usual)).count();
        let over = if tells_days {
            "for over two weeks".to_owned()
        } else {
            format!("for over {}", clock::length(usual.saturating_mul(10)))
        };
        let others = match like - 1 {
            0 => String::new(),
            1 => format!(", and once more {over}"),
            more => format!(", and {more} times more {over}"),
        };
        let (what, length) = match tells_days {
            true => ("day", format!("{} days", longest - 1)),
            false => ("row", clock::length(longest)),
        };
        Some(format!(
            "no {what} between {} and {} ({length}){others}; windows run across the hole as if there were none",
            self.get(row),
            self.get(row + 1),
        ))
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.clock.written(self.at))
    }
}

/// The begin of a day on a clock on the wall, in microseconds since 1970.
pub fn civil_of(day: Date) -> i64 {
    // The days of the Gregorian calendar in years that begin with March, so that leap days come last (Hinnant, chrono-compatible
    // low-level date algorithms).
    let (month, day_of_month) = (i64::from(day.month()), i64::from(day.day()));
    let year = i64::from(day.year()) - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day_of_month - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) * DAY
}

#[cfg(test)]
mod tests;
