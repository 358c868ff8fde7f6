//! `kind = "series"`: a CSV file of numbers over time, of any frequency → a checked series. As with prices nothing is guessed: what
//! can be read in two ways, or does not fit, is an error that names its place.

mod calendar;
mod cells;
mod columns;
mod rows;
mod source;
mod stamps;

use std::ops::Range;
use std::path::Path;

use anyhow::bail;
use serde::{Deserialize, Serialize};

use super::SeriesSettings;
use super::checked::{Column, Preview, Series, Used};
use super::prices::{check_columns, find_columns};
use super::time::{Edge, Frequency, Times};
use super::window::Transform;
use crate::console::PARTED;
use crate::data::Blame;
pub use columns::Columns;
use rows::Pass;
use source::Source;

/// Bumped when the same file would give other numbers.
pub const VERSION: u32 = 1;

/// `kind = "series"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesSpec {
    /// The CSV file, relative to the data folder.
    pub file: String,
    /// The column that holds the times.
    #[serde(default = "time_column")]
    pub time: String,
    /// How far apart rows are.
    pub frequency: Frequency,
    /// The columns that the network sees, in order.
    pub features: Columns,
    /// The column that it forecasts, where that is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The columns that it forecasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<Columns>,
    /// The first time used; absent: from the file's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Edge>,
    /// The last time used; absent: to the file's last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Edge>,
    /// The unit of the targets, for tables and axes, as "°C"; empty: none is shown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Whether records and cards, which are committed, may hold values of it; else they hold errors, counts, the scaler and digests.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub publish: bool,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn is_yes(publish: &bool) -> bool {
    *publish
}

fn time_column() -> String {
    "time".to_owned()
}

impl SeriesSettings for SeriesSpec {
    fn code(&self) -> (&'static str, u32) {
        ("dataset.series", VERSION)
    }

    fn check(&self) -> Result<(), Blame> {
        let time = &self.time;
        if let Columns::Named(features) = &self.features {
            check_columns(features)?;
            if features.contains(time) {
                let message = format!("column `{time}` holds the times; it can be no feature");
                return Err(Blame::at("features", message));
            }
        }
        match (&self.target, &self.targets) {
            (None, None) => {
                let message = "missing `target`: the column that is forecast, or `targets`: several, or \"all\"";
                return Err(Blame::at("", message));
            }
            (Some(_), Some(_)) => {
                return Err(Blame::at(
                    "target",
                    "`target` and `targets` say the same twice: leave one of them out",
                ));
            }
            (Some(target), None) if target == time => {
                return Err(Blame::at(
                    "target",
                    format!("column `{time}` holds the times; it can be no target"),
                ));
            }
            (None, Some(Columns::Named(targets))) => {
                if targets.contains(time) {
                    return Err(Blame::at(
                        "targets",
                        format!("column `{time}` holds the times; it can be no target"),
                    ));
                }
                columns::check(targets, "targets")?;
            }
            _ => {}
        }
        if let (Some(from), Some(until)) = (self.from, self.until)
            && from.first() > until.last()
        {
            let message = format!("`from` ({from}) lies after `until` ({until})");
            return Err(Blame::at("from", message));
        }
        Ok(())
    }

    /// These decide nothing.
    fn without(&mut self, lost: &[&str]) -> bool {
        lost.iter().all(|key| matches!(*key, "unit" | "publish"))
    }

    fn feature_count(&self) -> Option<usize> {
        match &self.features {
            Columns::All => None,
            Columns::Named(names) => Some(names.len()),
        }
    }

    fn targets(&self) -> Option<Vec<Option<usize>>> {
        let targets = match (&self.target, &self.targets) {
            (Some(target), _) => std::slice::from_ref(target),
            (None, Some(Columns::Named(targets))) => targets,
            (None, Some(Columns::All) | None) => return None,
        };
        let Columns::Named(features) = &self.features else {
            return None;
        };
        let feature = |target: &String| features.iter().position(|feature| feature == target);
        Some(targets.iter().map(feature).collect())
    }

    fn read(&self, data_folder: &Path, transform: Transform) -> anyhow::Result<Series> {
        self.check()?;
        let source = Source::new(data_folder, &self.file);
        self.series(&source, transform)
    }
}

impl SeriesSpec {
    fn series(&self, source: &Source, transform: Transform) -> anyhow::Result<Series> {
        let header = source.header()?;
        let [features, targets] = self.names(&header);
        let used = Used::new(&features, &targets);
        let mut names = vec![self.time.as_str()];
        names.extend(&used.names);
        let indices =
            find_columns(&source.place_of_header(), &header, &names).map_err(|error| self.with_setting(error, &header))?;
        let mut pass = Pass::new(source, &names, &indices, transform);
        pass.read(0..usize::MAX)?;
        let told = |pass: &mut Pass<'_>, problem: anyhow::Error| -> anyhow::Error {
            match pass.values() {
                Ok(()) => problem,
                Err(also) => anyhow::anyhow!("{problem}{PARTED}{also}"),
            }
        };
        let rows = match pass.times().and_then(|times| Ok((self.rows_in_use(source, &times)?, times))) {
            Ok((rows, times)) => (rows, times),
            Err(problem) => return Err(told(&mut pass, problem)),
        };
        let (rows, times) = rows;
        let of_file = pass.rows_of_file(rows.clone());
        if rows.len() < times.len() && pass.is_wrong() {
            // What lies outside is not looked at.
            pass = Pass::new(source, &names, &indices, transform);
            pass.read(of_file.clone())?;
        }
        let times = times.range(rows);
        if let Err(problem) = calendar::complete(
            self.frequency,
            &times,
            |row| pass.line_of(of_file.clone(), row),
            source,
            &self.time,
        ) {
            return Err(told(&mut pass, problem));
        }
        pass.values()?;
        let preview = pass.preview(header.clone(), of_file.clone())?;
        Ok(Series {
            source: self.file.clone(),
            columns: pass.columns(of_file),
            times,
            features: used.features,
            targets: used.targets,
            tells_targets: true,
            publish: self.publish,
            unit: self.unit.clone(),
            preview,
            notes: Vec::new(),
        })
    }

    /// The names of features and of targets; "all" are those of the header but the times'.
    fn names(&self, header: &[String]) -> [Vec<String>; 2] {
        let named = |columns: &Columns| match columns {
            Columns::All => header.iter().filter(|name| **name != self.time).cloned().collect(),
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

    /// The rows between `from` and `until`.
    fn rows_in_use(&self, source: &Source, times: &Times) -> anyhow::Result<Range<usize>> {
        let civil = |at: &i64| times.clock().civil_count(*at);
        let (from, until) = (self.from.map(Edge::first), self.until.map(Edge::last));
        let first = times.counts().partition_point(|at| from.is_some_and(|from| civil(at) < from));
        let end = times
            .counts()
            .partition_point(|at| until.is_none_or(|until| civil(at) <= until));
        if first < end {
            return Ok(first..end);
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

#[cfg(test)]
mod tests;
