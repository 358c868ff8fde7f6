//! The cells of the column of times → times, once the whole column has told how they are written.

use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::source::Source;
use crate::console::quoted;
use crate::data::series::file::problems::Problems;
use crate::data::series::time::{Clock, Shape, Stamp, TimeFormat, Times, Zone};

/// Cells of which it is noted that they are no time; the others are counted.
const MOST_NOTED: usize = 1000;

/// The column of times while it is read.
pub(super) struct Stamps {
    pub name: String,
    /// Where it stands in a row.
    pub index: usize,
    /// The ways in which all cells so far can be read, with what they read.
    readings: Vec<Reading>,
    /// The rows that are no time in any of them.
    wrong: Vec<(usize, String)>,
    more_wrong: usize,
    /// The row and the cell of the first.
    first: Option<(usize, String)>,
    /// The row of each time.
    rows: RowNumbers,
    /// The zone and the format that the settings name.
    zone: Option<Zone>,
    format: Option<TimeFormat>,
}

/// Times as they stand in a file.
pub(super) struct Stamped {
    pub at: Vec<i64>,
    /// How they are told.
    pub clock: Clock,
    /// Whether they are what a clock on the wall of its zone showed, and no instants yet.
    is_civil: bool,
}

/// What a column says if it is written in one way.
struct Reading {
    shape: Shape,
    at: Vec<i64>,
    /// How the first is told: as a civil time, or as an instant with an offset.
    offset: Option<Option<i32>>,
    /// The first row with another offset, or with one where the first has none.
    otherwise: Option<(usize, bool)>,
}

/// The numbers of rows that are used, which are all from one on unless some are wrong.
#[derive(Default)]
struct RowNumbers {
    first: usize,
    count: usize,
    others: Option<Vec<usize>>,
}

impl RowNumbers {
    fn push(&mut self, row: usize) {
        if self.count == 0 {
            self.first = row;
        }
        if self.others.is_none() && row != self.first + self.count {
            self.others = Some((self.first..self.first + self.count).collect());
        }
        if let Some(others) = &mut self.others {
            others.push(row);
        }
        self.count += 1;
    }

    fn get(&self, index: usize) -> usize {
        match &self.others {
            Some(others) => others[index],
            None => self.first + index,
        }
    }
}

impl Stamps {
    /// The column of that name and place.
    pub(super) fn new(name: &str, index: usize, format: Option<TimeFormat>, zone: Option<Zone>) -> Self {
        Self {
            name: name.to_owned(),
            index,
            readings: Vec::new(),
            wrong: Vec::new(),
            more_wrong: 0,
            first: None,
            rows: RowNumbers::default(),
            zone,
            format,
        }
    }

    /// Reads the cell of a row.
    pub(super) fn read(&mut self, row: usize, cell: &str) {
        let cell = cell.trim_ascii();
        if self.first.is_none() {
            self.first = Some((row, cell.to_owned()));
            let shapes = match &self.format {
                Some(format) => format.shapes(cell.as_bytes()),
                None => Shape::all_of(cell.as_bytes()),
            };
            self.readings = shapes.into_iter().map(Reading::new).collect();
        }
        if self.readings.is_empty() {
            return;
        }
        let read: Vec<Option<Stamp>> = match &self.readings[..] {
            [only] => {
                let stamp = only.shape.parse(cell.as_bytes());
                match stamp {
                    Some(stamp) => {
                        self.readings[0].push(row, stamp);
                        self.rows.push(row);
                    }
                    None => self.note_wrong(row, cell),
                }
                return;
            }
            several => several.iter().map(|reading| reading.shape.parse(cell.as_bytes())).collect(),
        };
        // A way in which this cell cannot be read is none, unless no way is left then.
        if read.iter().all(Option::is_none) {
            self.note_wrong(row, cell);
            return;
        }
        let mut read = read.into_iter();
        self.readings.retain_mut(|reading| match read.next().flatten() {
            Some(stamp) => {
                reading.push(row, stamp);
                true
            }
            None => false,
        });
        self.rows.push(row);
    }

    fn note_wrong(&mut self, row: usize, cell: &str) {
        if self.wrong.len() < MOST_NOTED {
            self.wrong.push((row, cell.to_owned()));
        } else {
            self.more_wrong += 1;
        }
    }

    /// The times in their order, and whether the file has them the other way round.
    ///
    /// # Errors
    /// When they cannot be read, can be read in two ways, are there twice or in no order.
    pub(super) fn times(&mut self, source: &Source) -> anyhow::Result<(Times, bool)> {
        let mut stamped = self.stamped(source)?;
        let at = std::mem::take(&mut stamped.at);
        let (at, falls) = self.in_order(source, &stamped, at, &|index| self.row(index))?;
        Ok((Times::of(at, stamped.clock), falls))
    }

    /// The times as they stand in the file.
    ///
    /// # Errors
    /// When they cannot be read, or can be read in two ways.
    pub(super) fn stamped(&mut self, source: &Source) -> anyhow::Result<Stamped> {
        let reading = self.reading(source)?;
        let (offset, otherwise) = (reading.offset.flatten(), reading.otherwise);
        let at = std::mem::take(&mut reading.at);
        if let Some((row, mixes)) = otherwise
            && (mixes || self.zone.is_none())
        {
            let mut problems = Problems::default();
            let (told, help) = match mixes {
                true => (
                    "of this time and the first one has an offset from UTC, the other has none",
                    "write all times alike",
                ),
                false => (
                    "the time has another offset from UTC than the first",
                    "say in which zone times are to be told, as time_zone = \"Europe/Helsinki\"",
                ),
            };
            problems.add(source.line_of(row), Some(&self.name), told);
            return Err(problems.into_error(source.path().display(), help));
        }
        let zone = self.zone.as_ref().map(|zone| zone.zone().clone());
        let is_civil = offset.is_none() && zone.is_some();
        let clock = match (offset, zone) {
            (Some(seconds), None) => {
                let offset = Offset::from_seconds(seconds).expect("an offset of a cell is below a day");
                Clock::new(Some(if seconds == 0 {
                    TimeZone::UTC
                } else {
                    TimeZone::fixed(offset)
                }))
            }
            (_, zone) => Clock::new(zone),
        };
        Ok(Stamped { at, clock, is_civil })
    }

    /// Times of one series, oldest first, and whether they stand in the file the other way round; `row` tells the row of each.
    ///
    /// # Errors
    /// When they are there twice or in no order.
    pub(super) fn in_order(
        &self,
        source: &Source,
        Stamped { clock, is_civil, .. }: &Stamped,
        mut at: Vec<i64>,
        row: &dyn Fn(usize) -> usize,
    ) -> anyhow::Result<(Vec<i64>, bool)> {
        if let Some(zone) = clock.zone().filter(|_| *is_civil) {
            self.told_by(zone, source, &mut at, row)?;
        }
        self.no_time_twice(source, clock, &at, row)?;
        let falls = self.falls(source, clock, &at, row)?;
        if falls {
            at.reverse();
        }
        Ok((at, falls))
    }

    /// The one way in which all cells can be read.
    fn reading(&mut self, source: &Source) -> anyhow::Result<&mut Reading> {
        let shown = source.path().display().to_string();
        let Some((first, cell)) = &self.first else {
            anyhow::bail!("{shown} has a header but no rows\n  help: it must hold rows");
        };
        let mut problems = Problems::default();
        let place = |row: usize| source.line_of(row);
        if self.readings.is_empty() {
            let problem = if cell.is_empty() {
                "the cell is empty".to_owned()
            } else {
                format!("`{}` is not a time", quoted(cell))
            };
            problems.add(place(*first), Some(&self.name), problem);
            let help = "times are read as `2020-01-31 10:30`, `2020-01-31`, `31.01.2020 10:30`, `1580466600` and the like; others need \
                        `time_format`, as time_format = \"%d/%m/%y\"";
            return Err(problems.into_error(&shown, help));
        }
        if !self.wrong.is_empty() {
            let example = self.readings[0].shape.example();
            for (row, cell) in &self.wrong {
                let problem = if cell.is_empty() {
                    "the cell is empty".to_owned()
                } else {
                    format!("`{}` is not a time that begins as `{example}`", quoted(cell))
                };
                problems.add(place(*row), Some(&self.name), problem);
            }
            problems.add_more(self.more_wrong);
            let help = match &self.format {
                Some(_) => "correct `time_format`, or the file",
                None => {
                    "all times of a file must be written as its first is; where none is as it should be, say `time_format`"
                }
            };
            return Err(problems.into_error(&shown, help));
        }
        if self.readings.len() > 1 {
            let ways: Vec<String> = self
                .readings
                .iter()
                .map(|reading| format!("`{}`", reading.shape.example()))
                .collect();
            let problem = format!(
                "`{}` can be read in {} ways, as {} are written, and no cell of the column tells which",
                quoted(cell),
                ways.len(),
                crate::console::joined(&ways, "or")
            );
            problems.add(place(*first), Some(&self.name), problem);
            let patterns: Vec<&str> = self
                .readings
                .iter()
                .filter_map(|reading| reading.shape.as_setting())
                .collect();
            let patterns: Vec<String> = patterns
                .iter()
                .map(|pattern| format!("time_format = \"{pattern}\""))
                .collect();
            return Err(problems.into_error(&shown, &format!("say which, as {}", crate::console::joined(&patterns, "or"))));
        }
        Ok(&mut self.readings[0])
    }

    /// Makes instants of what clocks of a zone showed. Of an hour that comes twice, the first row is the first, and one that does not
    /// lie after the row before it the second.
    fn told_by(&self, zone: &TimeZone, source: &Source, at: &mut [i64], row: &dyn Fn(usize) -> usize) -> anyhow::Result<()> {
        let civil = Clock::new(None);
        let falls = at.first() > at.last();
        let mut before = i64::MIN;
        let mut problems = Problems::default();
        for step in 0..at.len() {
            let index = if falls { at.len() - 1 - step } else { step };
            let shown = civil.civil(at[index]);
            let instants = zone.to_ambiguous_timestamp(shown);
            let offset = instants.offset();
            let instant = match offset {
                AmbiguousOffset::Gap { .. } => None,
                AmbiguousOffset::Unambiguous { .. } => instants.unambiguous().ok(),
                AmbiguousOffset::Fold { .. } => {
                    let earlier = instants.earlier().ok();
                    earlier
                        .filter(|instant| instant.as_microsecond() > before)
                        .or_else(|| instants.later().ok())
                }
            };
            let Some(instant) = instant else {
                let written = civil.clone().as_precise_as(&[at[index]]).written(at[index]);
                let why = match offset {
                    AmbiguousOffset::Gap { .. } => "clocks were put forward over it",
                    _ => "the calendar ends before it",
                };
                let told = format!("there is no {written} in this time zone: {why}");
                problems.add(source.line_of(row(index)), Some(&self.name), told);
                continue;
            };
            at[index] = instant.as_microsecond();
            before = at[index];
        }
        problems.into_result(
            source.path().display(),
            "is `time_zone` the one of the file? Times of a clock that is never changed need another, or none",
        )
    }

    /// The row of a time, in the file's order.
    pub(super) fn row(&self, index: usize) -> usize {
        self.rows.get(index)
    }

    fn no_time_twice(&self, source: &Source, clock: &Clock, at: &[i64], row: &dyn Fn(usize) -> usize) -> anyhow::Result<()> {
        if at.is_sorted_by(|a, b| a < b) || at.is_sorted_by(|a, b| a > b) {
            return Ok(());
        }
        let mut sorted: Vec<(i64, usize)> = at.iter().copied().zip(0..).collect();
        sorted.sort_unstable();
        let mut problems = Problems::default();
        let clock = clock.clone().as_precise_as(at);
        for pair in sorted.windows(2) {
            let ((time, first), (next, second)) = (pair[0], pair[1]);
            if time == next {
                let (first, second) = (source.line_of(row(first)), source.line_of(row(second)));
                let told = format!("{} is there already, on line {first}", clock.written(time));
                problems.add(second, Some(&self.name), told);
            }
        }
        let help = match (&self.zone, clock.zone(), clock.tells_days()) {
            (None, None, false) => {
                "a time may have one row only; an hour that comes twice because clocks are put back needs `time_zone`, as \"Europe/Helsinki\""
            }
            _ => "a time may have one row only",
        };
        problems.into_result(source.path().display(), help)
    }

    /// Whether times fall rather than rise, if they do so throughout. None may be there twice.
    fn falls(&self, source: &Source, clock: &Clock, at: &[i64], row: &dyn Fn(usize) -> usize) -> anyhow::Result<bool> {
        let rising = at.windows(2).filter(|pair| pair[0] < pair[1]).count();
        let falling = at.len().saturating_sub(1) - rising;
        let mostly_rising = rising >= falling;
        if rising > 0 && falling > 0 {
            let clock = clock.clone().as_precise_as(at);
            let mut problems = Problems::default();
            for (index, pair) in at.windows(2).enumerate() {
                if (pair[0] < pair[1]) != mostly_rising {
                    let line = source.line_of(row(index + 1));
                    let told = format!("{} comes after {}", clock.written(pair[1]), clock.written(pair[0]));
                    problems.add(line, Some(&self.name), told);
                }
            }
            problems.into_result(
                source.path().display(),
                "times must rise or fall throughout: sort the rows by time",
            )?;
        }
        Ok(!mostly_rising)
    }
}

impl Reading {
    fn new(shape: Shape) -> Self {
        Self {
            shape,
            at: Vec::new(),
            offset: None,
            otherwise: None,
        }
    }

    fn push(&mut self, row: usize, stamp: Stamp) {
        let offset = match stamp {
            Stamp::Civil(_) => None,
            Stamp::Instant(_, seconds) => Some(seconds),
        };
        match self.offset {
            None => self.offset = Some(offset),
            Some(first) if first != offset && self.otherwise.is_none() => {
                self.otherwise = Some((row, offset.is_some() != first.is_some()));
            }
            Some(_) => {}
        }
        self.at.push(stamp.count());
    }
}
