//! The cells of the column of times → times, once the whole column has told how they are written.

use jiff::tz::TimeZone;

use super::source::Source;
use crate::console::quoted;
use crate::data::series::file::problems::Problems;
use crate::data::series::time::{Clock, Shape, Stamp, Times};

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
    pub(super) fn new(name: &str, index: usize) -> Self {
        Self {
            name: name.to_owned(),
            index,
            readings: Vec::new(),
            wrong: Vec::new(),
            more_wrong: 0,
            first: None,
            rows: RowNumbers::default(),
        }
    }

    /// Reads the cell of a row.
    pub(super) fn read(&mut self, row: usize, cell: &str) {
        let cell = cell.trim_ascii();
        if self.first.is_none() {
            self.first = Some((row, cell.to_owned()));
            let shapes = Shape::all_of(cell.as_bytes());
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
        let reading = self.reading(source)?;
        let (offset, otherwise) = (reading.offset, reading.otherwise);
        let zone = match offset.flatten() {
            None => None,
            Some(0) => Some(TimeZone::UTC),
            Some(seconds) => {
                let offset = jiff::tz::Offset::from_seconds(seconds);
                Some(TimeZone::fixed(offset.expect("an offset of a cell is below a day")))
            }
        };
        if let Some((row, _)) = otherwise {
            let mut problems = Problems::default();
            problems.add(
                source.line_of(row),
                Some(&self.name),
                "the time has another offset from UTC than the first",
            );
            return Err(problems.into_error(source.path().display(), "write all times with one offset, or without any"));
        }
        let at = std::mem::take(&mut reading.at);
        let clock = Clock::new(zone);
        self.no_time_twice(source, &clock, &at)?;
        let falls = self.falls(source, &clock, &at)?;
        let mut at = at;
        if falls {
            at.reverse();
        }
        Ok((Times::of(at, clock), falls))
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
            let help = "times are read as `2020-01-31 10:30`, `2020-01-31`, `31.01.2020 10:30` and the like";
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
            return Err(problems.into_error(&shown, "all times of a file must be written as its first is"));
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
            return Err(problems.into_error(&shown, "write times as `2020-01-31 10:30`"));
        }
        Ok(&mut self.readings[0])
    }

    /// The row of a time, in the file's order.
    pub(super) fn row(&self, index: usize) -> usize {
        self.rows.get(index)
    }

    fn no_time_twice(&self, source: &Source, clock: &Clock, at: &[i64]) -> anyhow::Result<()> {
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
                let (first, second) = (source.line_of(self.row(first)), source.line_of(self.row(second)));
                let told = format!("{} is there already, on line {first}", clock.written(time));
                problems.add(second, Some(&self.name), told);
            }
        }
        problems.into_result(source.path().display(), "a time may have one row only")
    }

    /// Whether times fall rather than rise, if they do so throughout. None may be there twice.
    fn falls(&self, source: &Source, clock: &Clock, at: &[i64]) -> anyhow::Result<bool> {
        let rising = at.windows(2).filter(|pair| pair[0] < pair[1]).count();
        let falling = at.len().saturating_sub(1) - rising;
        let mostly_rising = rising >= falling;
        if rising > 0 && falling > 0 {
            let clock = clock.clone().as_precise_as(at);
            let mut problems = Problems::default();
            for (index, pair) in at.windows(2).enumerate() {
                if (pair[0] < pair[1]) != mostly_rising {
                    let line = source.line_of(self.row(index + 1));
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
