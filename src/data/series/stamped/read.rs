//! A file → a checked series: the way through the parts of this module.

use std::ops::Range;

use anyhow::bail;

use super::columns::Columns;
use super::fill::{self, Missing};
use super::rows::Pass;
use super::source::Source;
use super::{SeriesSpec, calendar, dialect};
use crate::console::PARTED;
use crate::data::series::checked::{Series, Used};
use crate::data::series::prices::find_columns;
use crate::data::series::time::{Edge, Times};
use crate::data::series::window::Transform;

impl SeriesSpec {
    /// The series of a file, checked; `transform` is what the window will apply to its columns.
    pub(super) fn series(&self, source: &Source, transform: Transform) -> anyhow::Result<Series> {
        let header = source.header()?;
        let [features, targets] = self.names(&header);
        let used = Used::new(&features, &targets);
        let mut names = vec![self.time.as_str()];
        names.extend(&used.names);
        let indices = self.places(source, &header, &names)?;
        let mut pass = Pass::new(source, self, &names, &indices, transform);
        pass.read(|_| true)?;
        // Which rows are used is not known where the settings leave some out.
        let is_all = self.from.is_none() && self.until.is_none();
        let told = |pass: &Pass<'_>, is_known: bool, problem: anyhow::Error| match pass.values() {
            Err(also) if is_known => anyhow::anyhow!("{problem}{PARTED}{also}"),
            _ => problem,
        };
        let read = pass.times().and_then(|times| Ok((self.rows_in_use(source, &times)?, times)));
        let (rows, times) = read.map_err(|problem| told(&pass, is_all, problem))?;
        let of_file = pass.rows_of_file(rows.clone());
        if rows.len() < times.len() && pass.values().is_err() {
            // What lies outside is not looked at.
            pass = pass.of_rows(Pass::new(source, self, &names, &indices, transform), of_file.clone())?;
        }
        let times = times.range(rows);
        let line = |row| pass.line_of(of_file.clone(), row);
        let gaps = calendar::gaps(self.frequency, &times)
            .map_err(|beside| calendar::told_beside(beside, self.frequency, &times, line, source, &self.time));
        let gaps = gaps.and_then(|gaps| match self.missing {
            Missing::Error => calendar::complete(&gaps, &times, line, source, &self.time).map(|()| gaps),
            _ => Ok(gaps),
        });
        let gaps = gaps.map_err(|problem| told(&pass, true, problem))?;
        pass.values()?;
        let preview = pass.preview(header, of_file.clone())?;
        let lines = pass.lines_of(of_file.clone());
        let read = fill::Read {
            times,
            columns: pass.columns(of_file),
            gaps,
        };
        let whole = fill::whole(self, read, source, &lines)?;
        Ok(Series {
            source: self.file.clone(),
            columns: whole.columns,
            times: whole.times,
            many: Vec::new(),
            features: used.features,
            calendar: 0,
            targets: used.targets,
            tells_targets: true,
            publish: self.publish,
            unit: self.unit.clone(),
            preview,
            notes: whole.notes,
        })
    }

    /// Where the columns of those names stand.
    pub(super) fn places(&self, source: &Source, header: &[String], names: &[&str]) -> anyhow::Result<Vec<usize>> {
        dialect::hint(source, self, header)?;
        if names.contains(&"") {
            bail!(
                "{}: a column has no name, as that of row numbers\n  help: list the columns in use instead of \"all\"",
                source.place_of_header()
            );
        }
        find_columns(&source.place_of_header(), header, names).map_err(|error| self.with_setting(error, header))
    }

    /// The names of features and of targets; "all" are those of the header but those of the times and of the series.
    pub(super) fn names(&self, header: &[String]) -> [Vec<String>; 2] {
        let is_read = |name: &&String| **name != self.time && Some(*name) != self.by.as_ref();
        let named = |columns: &Columns| match columns {
            Columns::All => header.iter().filter(is_read).cloned().collect(),
            Columns::Named(names) => names.clone(),
        };
        let targets = match (&self.target, &self.targets) {
            (Some(target), _) => vec![target.clone()],
            (None, targets) => targets.as_ref().map(named).unwrap_or_default(),
        };
        [named(&self.features), targets]
    }

    /// An error about columns, with the setting that names the column of times, which nobody may have written.
    fn with_setting(&self, error: anyhow::Error, header: &[String]) -> anyhow::Error {
        if header.contains(&self.time) {
            return error;
        }
        anyhow::anyhow!("{error}\n  help: `time` in [dataset.NAME] names the column that holds the times")
    }

    /// The rows between `from` and `until`; they may be none.
    pub(super) fn rows_between(&self, times: &Times) -> Range<usize> {
        let civil = |at: &i64| times.clock().civil_count(*at);
        let (from, until) = (self.from.map(Edge::first), self.until.map(Edge::last));
        let first = times.counts().partition_point(|at| from.is_some_and(|from| civil(at) < from));
        let end = times
            .counts()
            .partition_point(|at| until.is_none_or(|until| civil(at) <= until));
        first..end
    }

    /// The rows between `from` and `until`, of which there is at least one.
    fn rows_in_use(&self, source: &Source, times: &Times) -> anyhow::Result<Range<usize>> {
        let rows = self.rows_between(times);
        if !rows.is_empty() {
            return Ok(rows);
        }
        let (asked, change) = match (self.from, self.until) {
            (Some(from), None) => (format!("at or after {from}"), "`from`"),
            (None, Some(until)) => (format!("at or before {until}"), "`until`"),
            (Some(from), Some(until)) => (format!("between {from} and {until}"), "`from` or `until`"),
            (None, None) => ("in the file".to_owned(), "`file`"),
        };
        bail!(
            "{}: no row lies {asked}; the file holds {} to {}\n  help: change {change}",
            source.path().display(),
            times.get(0),
            times.get(times.len() - 1)
        );
    }
}
