//! `kind = "prices"`: a CSV file of daily prices → a checked series. Nothing is guessed: what can be read in two ways, or
//! does not fit, is an error that names its place.

mod checks;
mod date;
mod days;
mod dialect;
mod rows;
mod table;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{anyhow, bail};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::SeriesSettings;
use super::checked::{Column, Preview, Series, Used};
use super::file::{content, number, problems};
use super::time::Times;
use super::window::Transform;
use crate::console::{PARTED, listed, quoted};
use crate::data::{Blame, DataMissing};
use rows::{Row, Table};

/// Bumped when the same file would give other numbers.
pub const VERSION: u32 = 1;

/// `kind = "prices"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PricesSpec {
    /// The CSV file, relative to the data folder.
    pub file: String,
    /// The columns that the network sees, in order.
    pub features: Vec<String>,
    /// The column that it forecasts.
    pub target: String,
    /// The column that holds the dates.
    #[serde(default = "date_column")]
    pub date: String,
    /// The first day used (ISO date); absent: from the file's first.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "date::optional")]
    pub from: Option<Date>,
    /// The last day used (ISO date); absent: to the file's last.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "date::optional")]
    pub until: Option<Date>,
    /// Whether days may be missing.
    #[serde(default)]
    pub calendar: Calendar,
    /// The unit of the target, for tables and axes, as "USD"; empty: none is shown.
    #[serde(default)]
    pub unit: String,
}

/// Which days a series must hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// Every day between the first and the last.
    #[default]
    Daily,
    /// Any days, as a stock exchange's.
    Any,
}

fn date_column() -> String {
    "Date".to_owned()
}

impl SeriesSettings for PricesSpec {
    fn code(&self) -> (&'static str, u32) {
        ("dataset.prices", VERSION)
    }

    fn check(&self) -> Result<(), Blame> {
        check_columns(&self.features)?;
        let date = &self.date;
        let message = || format!("column `{date}` holds the dates; it can be neither feature nor target");
        if self.features.contains(date) {
            return Err(Blame::at("features", message()));
        }
        if self.target == *date {
            return Err(Blame::at("target", message()));
        }
        if let (Some(from), Some(until)) = (self.from, self.until)
            && from > until
        {
            let message = format!("`from` ({from}) lies after `until` ({until})");
            return Err(Blame::at("from", message));
        }
        Ok(())
    }

    /// Neither of the two decides which rows are used, and any days are allowed where nothing is known of the calendar.
    fn without(&mut self, lost: &[&str]) -> bool {
        if lost.contains(&"calendar") {
            self.calendar = Calendar::Any;
        }
        lost.iter().all(|key| matches!(*key, "calendar" | "unit"))
    }

    fn feature_count(&self) -> Option<usize> {
        Some(self.features.len())
    }

    fn targets(&self) -> Option<Vec<Option<usize>>> {
        Some(vec![self.features.iter().position(|feature| *feature == self.target)])
    }

    fn read(&self, data_folder: &Path, transform: Transform) -> anyhow::Result<Series> {
        PricesSpec::read(self, data_folder, transform)
    }
}

impl PricesSpec {
    /// Reads and checks the file below the data folder. `transform` is what the window will apply to the columns: the
    /// logarithm asks for values above 0. An error that is a [`DataMissing`] says that the file is not there.
    pub fn read(&self, data_folder: &Path, transform: Transform) -> anyhow::Result<Series> {
        self.check()?;
        let path = data_folder.join(&self.file);
        let table = table::read(&path).map_err(|error| match error.is::<DataMissing>() {
            true => DataMissing::below(data_folder, &self.file).into(),
            false => error,
        })?;
        self.series(table, &path, transform)
    }

    fn series(&self, mut table: Table, path: &Path, transform: Transform) -> anyhow::Result<Series> {
        if let Err(error) = std::mem::replace(&mut table.uneven, Ok(())) {
            let rest = self.series(table, path, transform).map(|_| ());
            return checks::both(Err(error), rest);
        }
        let used = Used::new(&self.features, std::slice::from_ref(&self.target));
        let mut names = vec![self.date.as_str()];
        names.extend(&used.names);
        dialect::no_header(path, &table, &names)?;
        let place = format!("{}:1", path.display());
        let mut indices = match find_columns(&place, &table.header, &names) {
            Ok(indices) => indices,
            // What else is wrong is looked for in the columns that were probably meant.
            Err(error) => match self.with_columns_of(&table) {
                Some(meant) => {
                    let error = self.with_setting(error, &table.header);
                    let rest = meant.series(table, path, transform).map(|_| ());
                    return checks::both(Err(error), rest);
                }
                None => return Err(self.with_setting(error, &table.header)),
            },
        };
        let date_index = indices.remove(0);
        let columns: Vec<Cells> = used
            .names
            .iter()
            .zip(indices)
            .map(|(name, index)| Cells { name, index })
            .collect();
        let days = match days::dates(path, &self.date, &mut table.rows, date_index) {
            Ok(days) => self.days_in_use(path, days)?,
            Err(error) => {
                // Lines that hold neither a date nor a number are no rows: what else is wrong is looked for without them.
                let before = table.rows.len();
                let strays = checks::no_rows(path, &columns, &mut table.rows, date_index);
                if table.rows.len() < before {
                    let rest = self.series(table, path, transform).map(|_| ());
                    return checks::both(Err(strays), rest);
                }
                // Which rows are used is not known where the settings leave some out.
                let numbers = if self.from.is_none() && self.until.is_none() {
                    checks::numbers(path, &columns, &table.rows, transform).map(|_| ())
                } else {
                    checks::some_numbers(path, &columns, &table.rows)
                };
                return checks::both(Err(error), numbers);
            }
        };
        let every_day = match self.calendar {
            Calendar::Daily => days::every_day(path, &self.date, &days),
            Calendar::Any => Ok(()),
        };
        let (dates, rows): (Vec<Date>, Vec<Row>) = days.into_iter().unzip();
        let columns = checks::numbers(path, &columns, &rows, transform);
        Ok(Series {
            source: self.file.clone(),
            columns: checks::both(columns, every_day)?,
            preview: preview(table.header, &rows),
            times: Times::days(&dates),
            many: Vec::new(),
            features: used.features,
            calendar: 0,
            targets: used.targets,
            tells_targets: false,
            publish: true,
            unit: self.unit.clone(),
            notes: Vec::new(),
        })
    }

    /// An error about columns, with the setting that names the column of dates, which nobody may have written.
    fn with_setting(&self, error: anyhow::Error, header: &[String]) -> anyhow::Error {
        if header.contains(&self.date) {
            return error;
        }
        anyhow!("{error}\n  help: `date` in [dataset.NAME] names the column that holds the dates")
    }

    /// The settings with each column that the header lacks replaced by the one that was surely meant, or left out; none where
    /// nothing is left to look at.
    fn with_columns_of(&self, table: &Table) -> Option<Self> {
        let header = &table.header;
        let once = |name: &String| header.iter().filter(|column| *column == name).count() == 1;
        let meant = |name: &String| -> Option<String> {
            let surely = || nearest_column(header, name).filter(|column| is_a_slip(column, name));
            let here = header.contains(name).then_some(name);
            here.or_else(surely).filter(|name| once(name)).cloned()
        };
        // A column of dates shows that it is one.
        let date = meant(&self.date).or_else(|| {
            let column = nearest_column(header, &self.date)?;
            let index = header.iter().position(|name| name == column)?;
            let holds_days = date::looks_like_a_day(&table.rows.first()?.cells[index]);
            (holds_days && once(column)).then(|| column.clone())
        })?;
        let features: Vec<String> = self.features.iter().filter_map(meant).collect();
        let target = meant(&self.target).or_else(|| features.first().cloned())?;
        let features = if features.is_empty() { vec![target.clone()] } else { features };
        let meant = Self {
            date,
            target,
            features,
            ..self.clone()
        };
        let is_new = meant != *self;
        (is_new && meant.check().is_ok()).then_some(meant)
    }

    /// The days between `from` and `until`.
    fn days_in_use(&self, path: &Path, days: Vec<(Date, Row)>) -> anyhow::Result<Vec<(Date, Row)>> {
        let (first, last) = (days[0].0, days[days.len() - 1].0);
        let (from, until) = (self.from.unwrap_or(first), self.until.unwrap_or(last));
        let days: Vec<(Date, Row)> = days.into_iter().filter(|(day, _)| (from..=until).contains(day)).collect();
        if days.is_empty() {
            let (asked, change) = match (self.from, self.until) {
                (Some(from), None) => (format!("on or after {from}"), "`from`"),
                (None, Some(until)) => (format!("on or before {until}"), "`until`"),
                _ => (format!("between {from} and {until}"), "`from` or `until`"),
            };
            bail!(
                "{}: no day lies {asked}; the file holds {first} to {last}\n  help: change {change}",
                path.display()
            );
        }
        Ok(days)
    }
}

/// A column whose cells are to become numbers.
struct Cells<'a> {
    name: &'a str,
    /// Where it stands in a row.
    index: usize,
}

/// At least one feature, none of them twice.
pub(super) fn check_columns(features: &[String]) -> Result<(), Blame> {
    if features.is_empty() {
        let message = "`features` is empty; it must name at least one column";
        return Err(Blame::at("features", message));
    }
    let mut seen = BTreeSet::new();
    match features.iter().find(|name| !seen.insert(*name)) {
        Some(twice) => {
            let message = format!("`features` lists column `{twice}` twice");
            Err(Blame::at("features", message))
        }
        None => Ok(()),
    }
}

/// Where the columns stand in the header; each must be there once. `place` is where the header stands, for errors.
pub(super) fn find_columns(place: &str, header: &[String], names: &[&str]) -> anyhow::Result<Vec<usize>> {
    let mut missing = Vec::new();
    let mut several = Vec::new();
    let mut found = Vec::new();
    for name in names {
        let places: Vec<usize> = (0..header.len()).filter(|index| header[*index] == *name).collect();
        match places[..] {
            [place] => found.push(place),
            [] => missing.push(*name),
            _ => several.push(format!(
                "{place}: column `{name}` is there {} times\n  help: rename all but one",
                places.len()
            )),
        }
    }
    let mut problems = several;
    if !missing.is_empty() {
        let hints = missing.iter().filter_map(|name| {
            let column = quoted(nearest_column(header, name)?);
            Some(match missing.len() {
                1 => format!("did you mean `{column}`? "),
                _ => format!("for `{}`, did you mean `{column}`? ", quoted(name)),
            })
        });
        let hints: String = hints.collect();
        problems.push(format!(
            "{place}: there {} {}\n  help: {hints}the columns are {}",
            match missing.len() {
                1 => "is no column",
                _ => "are no columns",
            },
            listed(&missing, 20),
            listed(header, 20)
        ));
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        bail!("{}", problems.join(PARTED))
    }
}

/// Whether a name is another with capital letters, blanks or one letter changed.
fn is_a_slip(column: &str, name: &str) -> bool {
    let [column, name] = [column, name].map(|text| text.trim().to_lowercase().replace(['_', ' '], ""));
    let edits = strsim::damerau_levenshtein(&column, &name);
    edits == 0 || edits == 1 && name.chars().count() > 3
}

/// The column that was probably meant.
fn nearest_column<'a>(header: &'a [String], name: &str) -> Option<&'a String> {
    let name = name.to_lowercase();
    header
        .iter()
        .map(|column| (strsim::jaro_winkler(&column.to_lowercase(), &name), column))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.75)
        .map(|(_, column)| column)
}

fn preview(header: Vec<String>, rows: &[Row]) -> Preview {
    let text = |rows: &[Row]| rows.iter().map(|row| row.cells.iter().map(str::to_owned).collect()).collect();
    let shown = Preview::ROWS.min(rows.len());
    Preview {
        header,
        first: text(&rows[..shown]),
        last: text(&rows[rows.len() - shown..]),
    }
}

#[cfg(test)]
mod dialect_tests;
#[cfg(test)]
mod tests;
