//! `missing`: what becomes of rows and values that are missing, and what is said of it.

use anyhow::bail;
use serde::{Deserialize, Serialize};

use super::SeriesSpec;
use super::calendar::Gap;
use super::source::Source;
use crate::console::counted;
use crate::data::series::checked::Column;
use crate::data::series::file::problems::Problems;
use crate::data::series::time::{Times, length};
use crate::number::MOST_DAYS;

/// What becomes of missing rows and values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// None may be.
    #[default]
    Error,
    /// Rows in which a value is missing are left out; windows run across the gap.
    Drop,
    /// The value before stands in for them.
    Previous,
    /// They lie on the line from the value before to the one after, over time.
    Interpolate,
}

impl Missing {
    /// Whether it is what stands for nothing said.
    pub(super) fn is_error(&self) -> bool {
        *self == Self::Error
    }
}

/// What was read. A value that is missing is none of the numbers.
pub(super) struct Read {
    pub times: Times,
    pub columns: Vec<Column>,
    /// Where rows are missing.
    pub gaps: Vec<Gap>,
}

/// A series in which nothing is missing any more.
pub(super) struct Whole {
    pub times: Times,
    pub columns: Vec<Column>,
    /// What was missing, in sentences without their end.
    pub notes: Vec<String>,
}

/// Lets the settings decide of what is missing. `line` tells the line of a row.
///
/// # Errors
/// When nothing can stand in for a value, or a gap is longer than is allowed.
pub(super) fn whole(
    spec: &SeriesSpec,
    read: Read,
    source: &Source,
    line: &impl Fn(usize) -> usize,
) -> anyhow::Result<Whole> {
    let whole = match spec.missing {
        Missing::Error => Whole {
            times: read.times,
            columns: read.columns,
            notes: Vec::new(),
        },
        Missing::Drop => dropped(spec, read, source, line)?,
        Missing::Previous | Missing::Interpolate => return filled(spec, read, source, line),
    };
    if spec.missing == Missing::Error {
        no_gap_too_long(spec, &whole.times, source, line)?;
    }
    Ok(whole)
}

/// No two neighbouring rows may be further apart than the settings allow.
fn no_gap_too_long(spec: &SeriesSpec, times: &Times, source: &Source, line: impl Fn(usize) -> usize) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    for (row, pair) in times.counts().windows(2).enumerate() {
        if let Some(told) = too_long(spec, times, [row, row + 1], pair[1] - pair[0]) {
            problems.add(line(row + 1), Some(&spec.time), told);
        }
    }
    problems.into_result(source.path().display(), TOO_LONG)
}

const TOO_LONG: &str = "add what is missing, cut it off with `from` or `until`, or allow more with `longest_gap`";

/// What is said where it is longer from one row to the other than the settings allow.
fn too_long(spec: &SeriesSpec, times: &Times, rows: [usize; 2], step: i64) -> Option<String> {
    let longest = spec.longest_gap.filter(|longest| step > longest.microseconds())?;
    let [from, to] = rows.map(|row| times.get(row));
    Some(format!(
        "no value between {from} and {to} ({}), which is longer than `longest_gap`, {longest}",
        length(step)
    ))
}

fn dropped(spec: &SeriesSpec, read: Read, source: &Source, line: impl Fn(usize) -> usize) -> anyhow::Result<Whole> {
    let Read {
        times,
        mut columns,
        gaps,
    } = read;
    let is_whole = |row: usize| columns.iter().all(|column| !column.values[row].is_nan());
    let kept: Vec<usize> = (0..times.len()).filter(|row| is_whole(*row)).collect();
    let (Some(_), lost) = (kept.first(), times.len() - kept.len()) else {
        bail!(
            "{}: every row lacks a value, so that missing = \"drop\" leaves none\n  help: use other columns",
            source.path().display()
        );
    };
    let mut notes = Vec::new();
    if lost > 0 {
        let (mut first, mut next) = (0, kept.iter());
        while next.next() == Some(&first) {
            first += 1;
        }
        notes.push(format!(
            "{}: {} without a value {} left out, the first at {}",
            spec.file,
            counted(lost, "row"),
            was(lost),
            times.get(first)
        ));
    }
    let missing: usize = gaps.iter().map(|gap| gap.count).sum();
    if let Some(longest) = gaps.iter().max_by_key(|gap| gap.count) {
        notes.push(format!(
            "{}: {} {} missing in {}, at most at once {}",
            spec.file,
            counted(missing, "row"),
            was(missing),
            counted(gaps.len(), "place"),
            longest.told(&times)
        ));
    }
    if !notes.is_empty() {
        notes.push("windows run across what is missing as if it were not".to_owned());
    }
    let times = if lost == 0 { times } else { times.only(&kept) };
    if lost > 0 {
        for column in &mut columns {
            column.values = kept.iter().map(|row| column.values[*row]).collect();
        }
    }
    no_gap_too_long(spec, &times, source, |row| line(kept[row]))?;
    Ok(Whole { times, columns, notes })
}

fn was(count: usize) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

/// Rows with those of the gaps among them.
struct Merged {
    times: Times,
    /// The row that was read, for each; none for one that was missing.
    read: Vec<Option<usize>>,
}

impl Merged {
    fn of(spec: &SeriesSpec, times: &Times, gaps: &[Gap], source: &Source) -> anyhow::Result<Self> {
        let missing: usize = gaps.iter().map(|gap| gap.count).sum();
        if times.len() + missing > MOST_DAYS {
            bail!(
                "{}: with the {missing} rows that are missing it has more than {MOST_DAYS}, which is more than is read\n  help: is \
                 `frequency` that of the file?",
                source.path().display()
            );
        }
        let mut at = Vec::with_capacity(times.len() + missing);
        let mut read = Vec::with_capacity(times.len() + missing);
        let mut gaps = gaps.iter().peekable();
        for (row, time) in times.counts().iter().enumerate() {
            if let Some(gap) = gaps.next_if(|gap| gap.before == row) {
                let missing = gap.times(spec.frequency, times);
                read.extend(missing.iter().map(|_| None));
                at.extend(missing);
            }
            at.push(*time);
            read.push(Some(row));
        }
        Ok(Self {
            times: Times::of(at, times.clock().clone()),
            read,
        })
    }
}

/// The longest stretch of a column that was filled, and how many values were.
#[derive(Default)]
struct Filled {
    values: usize,
    longest: Option<[usize; 2]>,
}

fn filled(spec: &SeriesSpec, read: Read, source: &Source, line: impl Fn(usize) -> usize) -> anyhow::Result<Whole> {
    let Read { times, columns, gaps } = read;
    let rows_missing: usize = gaps.iter().map(|gap| gap.count).sum();
    let merged = Merged::of(spec, &times, &gaps, source)?;
    let mut problems = Problems::default();
    let mut whole = Vec::with_capacity(columns.len());
    let mut notes = Vec::new();
    for Column { name, values } in columns {
        let mut values = match rows_missing {
            0 => values,
            _ => merged
                .read
                .iter()
                .map(|row| row.map_or(f64::NAN, |row| values[row]))
                .collect(),
        };
        let filled = fill(spec, &merged, &mut values, |row, told| {
            // A row that was missing has one after it that was not.
            let read = merged.read[row..].iter().find_map(|read| *read);
            problems.add(read.map_or(0, &line), Some(&name), told);
        });
        if let Some([first, last]) = filled.longest {
            let count = last + 1 - first;
            let [first, last] = [first, last].map(|row| merged.times.get(row));
            let stretch = match count {
                1 => format!("none longer than one row, as at {first}"),
                _ => format!("at most {} at once, {first} to {last}", counted(count, "row")),
            };
            notes.push(format!("`{name}`: {}, {stretch}", counted(filled.values, "value")));
        }
        whole.push(Column { name, values });
    }
    let help = "cut rows off with `from` or `until`, use other columns, or allow more with `longest_gap`";
    problems.into_result(source.path().display(), help)?;
    let notes = match notes.is_empty() {
        true => Vec::new(),
        false => vec![in_words(spec, rows_missing, &notes)],
    };
    Ok(Whole {
        times: merged.times,
        columns: whole,
        notes,
    })
}

/// What was filled, in a sentence.
fn in_words(spec: &SeriesSpec, rows: usize, columns: &[String]) -> String {
    let how = match spec.missing {
        Missing::Interpolate => "lie on the line from the value before to the one after, which they so know",
        _ => "are the value before",
    };
    let rows = match rows {
        0 => String::new(),
        _ => format!("{} {} missing; ", counted(rows, "row"), was(rows)),
    };
    let told = columns.iter().take(MOST_TOLD).cloned().collect::<Vec<String>>().join("; ");
    let more = match columns.len().saturating_sub(MOST_TOLD) {
        0 => String::new(),
        more => format!("; and {more} more columns"),
    };
    format!("{}: {rows}values that were missing {how} ({told}{more})", spec.file)
}

/// Columns of which it is told what was filled.
const MOST_TOLD: usize = 5;

/// Fills the values of a column that are missing; `refuse` takes a row and what is wrong with it.
fn fill(spec: &SeriesSpec, merged: &Merged, values: &mut [f64], mut refuse: impl FnMut(usize, String)) -> Filled {
    let at = merged.times.counts();
    let mut filled = Filled::default();
    let mut known: Option<usize> = None;
    let mut row = 0;
    while row < values.len() {
        if !values[row].is_nan() {
            known = Some(row);
            row += 1;
            continue;
        }
        let end = row + values[row..].iter().take_while(|value| value.is_nan()).count();
        let Some(before) = known else {
            refuse(row, "the value is missing, and there is none before it".to_owned());
            row = end;
            continue;
        };
        let after = (end < values.len()).then_some(end);
        if after.is_none() && spec.missing == Missing::Interpolate {
            refuse(row, "the value is missing, and there is none after it".to_owned());
            break;
        }
        let until = after.unwrap_or(end - 1);
        if let Some(told) = too_long(spec, &merged.times, [before, until], at[until] - at[before]) {
            refuse(until, told);
        }
        for missing in row..end {
            values[missing] = match (spec.missing, after) {
                (Missing::Interpolate, Some(after)) => {
                    let share = (at[missing] - at[before]) as f64 / (at[after] - at[before]) as f64;
                    values[before] + share * (values[after] - values[before])
                }
                _ => values[before],
            };
        }
        filled.values += end - row;
        if filled.longest.is_none_or(|[first, last]| last - first < end - 1 - row) {
            filled.longest = Some([row, end - 1]);
        }
        row = end;
    }
    filled
}
