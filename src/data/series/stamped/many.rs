//! `by`: a file that holds many series, one row for each time of each, in whatever order the series come.

use std::collections::BTreeMap;

use super::SeriesSpec;
use super::calendar;
use super::fill::{self, Missing};
use super::rows::Pass;
use super::source::Source;
use crate::console::listed;
use crate::data::series::checked::{Column, Named, Series, Used};
use crate::data::series::file::problems::Problems;
use crate::data::series::time::{Clock, Times};
use crate::data::series::window::Transform;

/// Series that are named in a note; the others are counted.
const MOST_NAMED: usize = 5;

/// The series of each row.
pub(super) struct Keys {
    name: String,
    /// Where the column stands in a row.
    pub(super) index: usize,
    /// Which series a name is, in the order in which they come.
    known: BTreeMap<String, usize>,
    /// The rows of each, in the order of the file.
    rows: Vec<Vec<usize>>,
    empty: Vec<usize>,
}

impl Keys {
    /// By the column of that name and place.
    pub(super) fn new(name: &str, index: usize) -> Self {
        Self {
            name: name.to_owned(),
            index,
            known: BTreeMap::new(),
            rows: Vec::new(),
            empty: Vec::new(),
        }
    }

    /// Reads the cell of a row.
    pub(super) fn read(&mut self, row: usize, cell: &str) {
        let cell = cell.trim_ascii();
        if cell.is_empty() {
            self.empty.push(row);
            return;
        }
        let place = match self.known.get(cell) {
            Some(place) => *place,
            None => {
                self.known.insert(cell.to_owned(), self.rows.len());
                self.rows.push(Vec::new());
                self.rows.len() - 1
            }
        };
        self.rows[place].push(row);
    }

    /// Each series with its rows, in the order of names.
    pub(super) fn apart(mut self, source: &Source) -> anyhow::Result<Vec<RowsOf>> {
        let mut problems = Problems::default();
        for row in &self.empty {
            problems.add(source.line_of(*row), Some(&self.name), "the cell is empty");
        }
        problems.into_result(source.path().display(), "every row must name its series")?;
        let known = self.known.into_iter();
        Ok(known
            .map(|(name, place)| (name, std::mem::take(&mut self.rows[place])))
            .collect())
    }
}

/// A series by name, and its rows in the order of the file.
pub(super) type RowsOf = (String, Vec<usize>);

/// One series as it stands in the file.
struct Found {
    name: String,
    /// The row of each time, oldest first.
    rows: Vec<usize>,
    at: Vec<i64>,
}

impl SeriesSpec {
    /// The series of a file by the column `by`, checked; `transform` is what the window will apply to their columns.
    pub(super) fn many(&self, source: &Source, by: &str, transform: Transform) -> anyhow::Result<Series> {
        let header = source.header()?;
        let [features, targets] = self.names(&header);
        let used = Used::new(&features, &targets);
        let mut names = vec![self.time.as_str(), by];
        names.extend(&used.names);
        let mut indices = self.places(source, &header, &names)?;
        let place_of_by = indices.remove(1);
        names.remove(1);
        let fresh = || Pass::new(source, self, &names, &indices, transform);
        let mut pass = fresh().by(by, place_of_by);
        pass.read(|_| true)?;
        let mut notes = Vec::new();
        let (found, clock) = self.found(&mut pass, source, &mut notes)?;
        let in_use: usize = found.iter().map(|series| series.rows.len()).sum();
        let rows_of_file = pass.rows();
        // Where the value of a row stands among those that were read.
        let mut places: Option<Vec<usize>> = None;
        if in_use < rows_of_file && pass.values().is_err() {
            // What lies outside is not looked at.
            let mut wanted = vec![false; rows_of_file];
            found
                .iter()
                .flat_map(|series| &series.rows)
                .for_each(|row| wanted[*row] = true);
            pass = fresh();
            pass.read(|row| wanted[row])?;
            let before = wanted.iter().scan(0, |count, is_wanted| {
                *count += usize::from(*is_wanted);
                Some(*count - usize::from(*is_wanted))
            });
            places = Some(before.collect());
        }
        let place = |row: usize| places.as_ref().map_or(row, |places| places[row]);
        pass.values()?;
        let preview = pass.preview(header, 0..rows_of_file)?;
        let columns = pass.columns(0..rows_of_file);
        let mut whole = Series {
            source: self.file.clone(),
            times: Times::of(Vec::new(), clock.clone()),
            many: Vec::with_capacity(found.len()),
            columns: columns
                .iter()
                .map(|column| Column {
                    name: column.name.clone(),
                    values: Vec::new(),
                })
                .collect(),
            features: used.features,
            calendar: 0,
            targets: used.targets,
            tells_targets: true,
            publish: self.publish,
            unit: self.unit.clone(),
            preview,
            notes,
        };
        let mut at = Vec::with_capacity(in_use);
        let mut told = Vec::new();
        for series in found {
            let line = |row: usize| source.line_of(series.rows[row]);
            let times = Times::of(series.at, clock.clone());
            let gaps = calendar::gaps(self.frequency, &times)
                .map_err(|beside| calendar::told_beside(beside, self.frequency, &times, line, source, &self.time))?;
            if self.missing == Missing::Error {
                calendar::complete(&gaps, &times, line, source, &self.time)?;
            }
            let own = |column: &Column| Column {
                name: column.name.clone(),
                values: series.rows.iter().map(|row| column.values[place(*row)]).collect(),
            };
            let read = fill::Read {
                times,
                columns: columns.iter().map(own).collect(),
                gaps,
            };
            let own = fill::whole(self, read, source, &line)?;
            let from = at.len();
            at.extend_from_slice(own.times.counts());
            for (column, own) in whole.columns.iter_mut().zip(own.columns) {
                column.values.extend(own.values);
            }
            if let [note, ..] = &own.notes[..] {
                told.push(format!("series `{}`: {note}", series.name));
            }
            whole.many.push(Named {
                name: series.name,
                rows: from..at.len(),
            });
        }
        whole.times = Times::of(at, clock);
        let more = told.len().saturating_sub(MOST_NAMED);
        told.truncate(MOST_NAMED);
        whole.notes.insert(0, how_many(&whole.many));
        whole.notes.append(&mut told);
        if more > 0 {
            whole.notes.push(format!("something was missing in {more} more series"));
        }
        Ok(whole)
    }

    /// Each series between `from` and `until`; those of which nothing lies there are left out with a note.
    fn found(&self, pass: &mut Pass<'_>, source: &Source, notes: &mut Vec<String>) -> anyhow::Result<(Vec<Found>, Clock)> {
        let (apart, stamped) = pass.apart()?;
        let mut found = Vec::with_capacity(apart.len());
        let mut outside = Vec::new();
        for (name, mut rows) in apart {
            // Every row has a time by now.
            let at = rows.iter().map(|row| stamped.at[*row]).collect();
            let (at, falls) = pass.stamps().in_order(source, &stamped, at, &|index| rows[index])?;
            if falls {
                rows.reverse();
            }
            let times = Times::of(at, stamped.clock.clone());
            let between = self.rows_between(&times);
            if between.is_empty() {
                outside.push(name);
                continue;
            }
            found.push(Found {
                name,
                rows: rows[between.clone()].to_vec(),
                at: times.counts()[between].to_vec(),
            });
        }
        if found.is_empty() {
            anyhow::bail!(
                "{}: no row of any series lies between `from` and `until`\n  help: change `from` or `until`",
                source.path().display()
            );
        }
        if !outside.is_empty() {
            let names = listed(&outside, MOST_NAMED);
            notes.push(format!(
                "{}: no row between `from` and `until` of {names}, left out",
                self.file
            ));
        }
        Ok((found, stamped.clock))
    }
}

/// How many series there are, and how long, in a sentence without its end.
fn how_many(many: &[Named]) -> String {
    let lengths = || many.iter().map(|one| one.rows.len());
    let names: Vec<&str> = many.iter().map(|one| &*one.name).collect();
    let rows = match (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0)) {
        (least, most) if least == most => format!("{least}"),
        (least, most) => format!("{least} to {most}"),
    };
    format!("{} series of {rows} rows: {}", many.len(), listed(&names, MOST_NAMED))
}
