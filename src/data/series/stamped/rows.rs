//! One pass over the rows of a file: the times and the columns in use.

use std::ops::Range;

use anyhow::Context;

use super::SeriesSpec;
use super::cells::{ColumnCells, Mistakes};
use super::many::{Keys, RowsOf};
use super::records::Record;
use super::source::Source;
use super::stamps::{Stamped, Stamps};
use super::written::Written;
use crate::console::counted;
use crate::data::series::checked::{Column, Preview};
use crate::data::series::file::problems::Problems;
use crate::data::series::time::Times;
use crate::data::series::window::Transform;
use crate::number::MOST_DAYS;

/// What is read of a file.
pub(super) struct Pass<'a> {
    source: &'a Source,
    stamps: Stamps,
    columns: Vec<ColumnCells>,
    /// The series of each row, where the file holds many.
    keys: Option<Keys>,
    /// Rows that have more or fewer cells than the header: the row and how many.
    uneven: Vec<(usize, usize)>,
    more_uneven: usize,
    width: usize,
    rows: usize,
    /// Whether the file has the newest row first.
    falls: bool,
    /// The first rows and the last, as text.
    first: Vec<Record>,
    last: Vec<Record>,
}

/// Rows of which it is noted that they are uneven; the others are counted.
const MOST_NOTED: usize = 1000;

impl<'a> Pass<'a> {
    /// Of the column of times and those in use, by name and place.
    pub(super) fn new(
        source: &'a Source,
        spec: &SeriesSpec,
        names: &[&str],
        indices: &[usize],
        transform: Transform,
    ) -> Self {
        let columns = names.iter().zip(indices).skip(1);
        let column = |name: &str, index: usize| ColumnCells::new(name, index, transform, Written::of(spec));
        Self {
            source,
            stamps: Stamps::new(names[0], indices[0], spec.time_format.clone(), spec.time_zone.clone()),
            columns: columns.map(|(name, index)| column(name, *index)).collect(),
            keys: None,
            uneven: Vec::new(),
            more_uneven: 0,
            width: 0,
            rows: 0,
            falls: false,
            first: Vec::new(),
            last: vec![Record::default(); Preview::ROWS + 1],
        }
    }

    /// Notes of each row which series it is of, by the column of that name and place.
    pub(super) fn by(mut self, name: &str, index: usize) -> Self {
        self.keys = Some(Keys::new(name, index));
        self
    }

    /// Reads the numbers of the rows that are wanted, and all times.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn read(&mut self, wanted: impl Fn(usize) -> bool) -> anyhow::Result<()> {
        let mut records = self.source.records()?;
        self.width = self.source.width(&mut records)?;
        loop {
            let row = self.rows;
            let places = self.last.len();
            let record = &mut self.last[row % places];
            if !records.read(record).map_err(|error| self.source.unreadable(&error))? {
                return Ok(());
            }
            if row >= MOST_DAYS {
                anyhow::bail!(
                    "{} has more than {MOST_DAYS} rows, which is more than is read\n  help: cut it into files, or leave rows out",
                    self.source.path().display()
                );
            }
            self.rows += 1;
            if record.len() != self.width {
                if self.uneven.len() < MOST_NOTED {
                    self.uneven.push((row, record.len()));
                } else {
                    self.more_uneven += 1;
                }
                continue;
            }
            self.stamps.read(row, &record[self.stamps.index]);
            if let Some(keys) = &mut self.keys {
                keys.read(row, &record[keys.index]);
            }
            if wanted(row) {
                for column in &mut self.columns {
                    column.read(row, &record[column.index]);
                }
            }
            if row < Preview::ROWS {
                self.first.push(record.clone());
            }
        }
    }

    /// The times, oldest first.
    ///
    /// # Errors
    /// When rows are uneven, or the times are not as they must be.
    pub(super) fn times(&mut self) -> anyhow::Result<Times> {
        self.even()?;
        let (times, falls) = self.stamps.times(self.source)?;
        self.falls = falls;
        Ok(times)
    }

    /// The series of each row, and its times as they stand in the file.
    ///
    /// # Errors
    /// When rows are uneven or name no series, or the times cannot be read.
    pub(super) fn apart(&mut self) -> anyhow::Result<(Vec<RowsOf>, Stamped)> {
        self.even()?;
        let stamped = self.stamps.stamped(self.source)?;
        let keys = self.keys.take().context("a pass by series reads their names")?;
        Ok((keys.apart(self.source)?, stamped))
    }

    /// The column of times.
    pub(super) fn stamps(&self) -> &Stamps {
        &self.stamps
    }

    /// How many rows the file has.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    fn even(&self) -> anyhow::Result<()> {
        let mut problems = Problems::default();
        for (row, cells) in &self.uneven {
            let told = format!(
                "{} here, {} in {}",
                counted(*cells, "cell"),
                self.width,
                self.source.header_in_words()
            );
            problems.add(self.source.line_of(*row), None, told);
        }
        problems.add_more(self.more_uneven);
        problems.into_result(self.source.path().display(), "every row must have a cell for each column")
    }

    /// The same file read again by a fresh pass, of these rows alone.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn of_rows(&self, mut fresh: Self, of_file: Range<usize>) -> anyhow::Result<Self> {
        fresh.read(|row| of_file.contains(&row))?;
        fresh.falls = self.falls;
        Ok(fresh)
    }

    /// Whether the cells are the numbers that they must be.
    ///
    /// # Errors
    /// When some are not.
    pub(super) fn values(&self) -> anyhow::Result<()> {
        let mut mistakes = Mistakes::default();
        for column in &self.columns {
            column.add_wrong(&mut mistakes);
        }
        mistakes.into_result(self.source)?;
        self.columns.iter().try_for_each(|column| column.written_alike(self.source))
    }

    /// Where rows of the series stand in the file.
    pub(super) fn rows_of_file(&self, rows: Range<usize>) -> Range<usize> {
        match self.falls {
            true => self.rows - rows.end..self.rows - rows.start,
            false => rows,
        }
    }

    /// The line of a row of the series, which is made of these rows of the file.
    pub(super) fn line_of(&self, of_file: Range<usize>, row: usize) -> usize {
        self.lines_of(of_file)(row)
    }

    /// The same for when the pass is gone.
    pub(super) fn lines_of(&self, of_file: Range<usize>) -> impl Fn(usize) -> usize + use<'a> {
        let (falls, source) = (self.falls, self.source);
        move |row| source.line_of(if falls { of_file.end - 1 - row } else { of_file.start + row })
    }

    /// The columns in the order given, of these rows of the file, oldest first.
    pub(super) fn columns(self, of_file: Range<usize>) -> Vec<Column> {
        let falls = self.falls;
        let cut = |mut values: Vec<f64>| {
            // Where rows outside were not read, there are these alone.
            if values.len() > of_file.len() {
                values.truncate(of_file.end);
                values.drain(..of_file.start);
            }
            if falls {
                values.reverse();
            }
            values.shrink_to_fit();
            values
        };
        let columns = self.columns.into_iter();
        columns
            .map(|column| Column {
                name: column.name,
                values: cut(column.values),
            })
            .collect()
    }

    /// The first and the last of these rows of the file as text, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read once more.
    pub(super) fn preview(&self, header: Vec<String>, of_file: Range<usize>) -> anyhow::Result<Preview> {
        let shown = Preview::ROWS.min(of_file.len());
        let (first, last) = (of_file.start..of_file.start + shown, of_file.end - shown..of_file.end);
        let known = |row: usize| -> Option<&Record> {
            let recent = self.rows.saturating_sub(Preview::ROWS)..self.rows;
            match recent.contains(&row) {
                true => self.last.get(row % self.last.len()),
                false => self.first.get(row),
            }
        };
        let mut texts: Vec<Option<Vec<String>>> =
            first.clone().chain(last.clone()).map(|row| known(row).map(cells)).collect();
        if texts.iter().any(Option::is_none) {
            let mut records = self.source.records()?;
            let mut record = Record::default();
            self.source.width(&mut records)?;
            let mut row = 0;
            while row < of_file.end && records.read(&mut record).map_err(|error| self.source.unreadable(&error))? {
                let places = first.clone().chain(last.clone()).zip(&mut texts);
                for (_, text) in places.filter(|(wanted, _)| *wanted == row) {
                    *text = Some(cells(&record));
                }
                row += 1;
            }
        }
        let mut texts: Vec<Vec<String>> = texts.into_iter().flatten().collect();
        if self.falls {
            texts.reverse();
        }
        let last = texts.split_off(shown.min(texts.len()));
        Ok(Preview {
            header,
            first: texts,
            last,
        })
    }
}

fn cells(record: &Record) -> Vec<String> {
    record.iter().map(str::to_owned).collect()
}
