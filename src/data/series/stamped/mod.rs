//! `kind = "series"`: a CSV file of numbers over time, of any frequency → a checked series. As with prices nothing is guessed: what
//! can be read in two ways, or does not fit, is an error that names its place.

mod calendar;
mod cells;
mod columns;
mod dialect;
mod fill;
mod many;
mod read;
mod records;
mod rows;
mod source;
mod stamps;
mod told;
mod written;

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::SeriesSettings;
use super::checked::Series;
use super::prices::check_columns;
use super::time::{Edge, Frequency, Length, TimeFormat, Zone};
use super::window::Transform;
use crate::data::Blame;
use crate::number;
pub use columns::Columns;
pub use fill::Missing;
use source::Source;
pub use told::CalendarWord;

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
    /// How times are written, where their column leaves it open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_format: Option<TimeFormat>,
    /// The zone that tells times; absent: times are civil, or as far from UTC as the file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<Zone>,
    /// How far apart rows are.
    pub frequency: Frequency,
    /// The longest time from one value to the next, where some may be missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_gap: Option<Length>,
    /// The column that names the series of each row, where the file holds many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The columns that the network sees, in order.
    pub features: Columns,
    /// What it sees beside them of a calendar.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calendar: Vec<CalendarWord>,
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
    /// What becomes of rows and values that are missing.
    #[serde(default, skip_serializing_if = "Missing::is_error")]
    pub missing: Missing,
    /// The unit of the targets, for tables and axes, as "°C"; empty: none is shown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Whether records and cards, which are committed, may hold values of it; else they hold errors, counts, the scaler and digests.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub publish: bool,
    /// What stands between columns; absent: a comma.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<char>,
    /// What stands before decimals; absent: a point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// What stands between thousands; absent: a comma, where the column leaves no doubt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thousands: Option<char>,
    /// Lines before the header.
    #[serde(
        default,
        deserialize_with = "number::at_most::<_, { source::MOST_SKIPPED }>",
        skip_serializing_if = "is_zero"
    )]
    pub skip_lines: usize,
    /// The columns' names, of a file without header.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn is_yes(publish: &bool) -> bool {
    *publish
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn is_zero(number: &usize) -> bool {
    *number == 0
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
        if self.by.as_ref() == Some(time) {
            return Err(Blame::at(
                "by",
                format!("column `{time}` holds the times; another must name the series"),
            ));
        }
        let taken = |name: &String| match name {
            name if name == time => Some("holds the times"),
            name if Some(name) == self.by.as_ref() => Some("names the series"),
            _ => None,
        };
        let refuse = |names: &[String], key: &'static str, what: &str| {
            let wrong = names.iter().find_map(|name| Some((name, taken(name)?)));
            wrong.map_or(Ok(()), |(name, why)| {
                Err(Blame::at(key, format!("column `{name}` {why}; it can be no {what}")))
            })
        };
        if let Columns::Named(features) = &self.features {
            check_columns(features)?;
            refuse(features, "features", "feature")?;
        }
        told::check(&self.calendar)?;
        match (&self.target, &self.targets) {
            (None, None) => {
                return Err(Blame {
                    help: Some("`target` names the column that is forecast; `targets` lists several, or is \"all\""),
                    ..Blame::at("", "missing `target`")
                });
            }
            (Some(_), Some(_)) => {
                return Err(Blame::at(
                    "target",
                    "`target` and `targets` say the same twice: leave one of them out",
                ));
            }
            (Some(target), None) => refuse(std::slice::from_ref(target), "target", "target")?,
            (None, Some(Columns::Named(targets))) => {
                refuse(targets, "targets", "target")?;
                columns::check(targets, "targets")?;
            }
            (None, Some(Columns::All)) => {}
        }
        if self.longest_gap.is_some() && self.missing == Missing::Error && self.frequency != Frequency::Any {
            let message = format!(
                "`longest_gap` allows gaps, and under `frequency = \"{}\"` with `missing = \"error\"` there can be none",
                self.frequency
            );
            return Err(Blame::at("longest_gap", message));
        }
        dialect::check(self)?;
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
        let of_file = match &self.features {
            Columns::All if self.columns.is_empty() => return None,
            Columns::All => self.columns.len() - 1 - usize::from(self.by.is_some()),
            Columns::Named(names) => names.len(),
        };
        Some(of_file + told::WIDTH * self.calendar.len())
    }

    fn holds_many(&self) -> bool {
        self.by.is_some()
    }

    fn targets(&self) -> Option<Vec<Option<usize>>> {
        let [features, targets] = self.names(&self.columns);
        let is_told = self.features != Columns::All || !self.columns.is_empty();
        let feature = |target: &String| features.iter().position(|feature| feature == target);
        (is_told && !targets.is_empty()).then(|| targets.iter().map(feature).collect())
    }

    fn read(&self, data_folder: &Path, transform: Transform) -> anyhow::Result<Series> {
        self.check()?;
        let source = Source::new(data_folder, self);
        let series = match &self.by {
            Some(by) => self.many(&source, by, transform)?,
            None => self.series(&source, transform)?,
        };
        Ok(self.with_calendar(series))
    }
}

#[cfg(test)]
mod tests;
