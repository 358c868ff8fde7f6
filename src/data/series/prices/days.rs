//! Cells → days: written alike, each once, rising or falling throughout, none missing where all must be there.

use std::path::Path;

use jiff::civil::Date;

use super::checks::both;
use super::date::{self, DateFormat};
use super::problems::Problems;
use super::rows::{Row, count};
use crate::console::quoted;

/// The rows with their dates, oldest first; after an error the rows are still there. All dates must be written alike, differ,
/// and rise or fall throughout.
pub(super) fn dates(path: &Path, column: &str, rows: &mut Vec<Row>, index: usize) -> anyhow::Result<Vec<(Date, Row)>> {
    let format = date_format(path, column, rows, index)?;
    let mut problems = Problems::default();
    let mut no_days = Problems::default();
    let mut days = Vec::with_capacity(rows.len());
    let shape = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
    for row in rows.iter() {
        let cell = &row.cells[index];
        match format.parse(cell) {
            Some(day) => days.push((day, row.line)),
            None if shape(cell) == shape(format.example()) => {
                no_days.add(row.line, Some(column), format!("there is no day `{cell}`"));
            }
            None => problems.add(row.line, Some(column), not_a_date(cell, format)),
        }
    }
    let written = problems.into_result(path.display(), "all dates of a file must be written as its first is");
    let written = both(written, no_days.into_result(path.display(), "correct the file"));
    both(written, no_day_twice(path, column, &days))?;
    let falling = falls(path, column, &days)?;
    let dates = days.into_iter().map(|(day, _)| day);
    let mut days: Vec<(Date, Row)> = dates.zip(std::mem::take(rows)).collect();
    if falling {
        days.reverse();
    }
    Ok(days)
}

/// Rows behind the first that are looked at for one of the same day.
const LOOKED_AT: usize = 100;

/// The first row's, which every row must share.
fn date_format(path: &Path, column: &str, rows: &[Row], index: usize) -> anyhow::Result<DateFormat> {
    let cell = &rows[0].cells[index];
    if let Some(format) = DateFormat::of(cell) {
        return Ok(format);
    }
    let (problem, day) = no_format(rows, index);
    let advice = day.map_or_else(String::new, |day| {
        let is_same = |row: &Row| date::in_another_form(&row.cells[index]).is_some_and(|(other, _)| other == day);
        if rows.iter().skip(1).take(LOOKED_AT).any(is_same) {
            return format!("{day} has several rows: keep one row of each day, and write its date as `{day}`; ");
        }
        format!("write `{}` as `{day}`, and the others alike; ", quoted(cell))
    });
    let examples = DateFormat::ALL.map(|format| format!("`{}`", format.example()));
    let help = format!("{advice}dates must be written in one of these ways: {}", examples.join(", "));
    let mut problems = Problems::default();
    problems.add(rows[0].line, Some(column), problem);
    Err(problems.into_error(path.display(), &help))
}

/// Why the first row's cell is in no format that is read, and the day that it means, where that is certain.
fn no_format(rows: &[Row], index: usize) -> (String, Option<Date>) {
    let cell = &rows[0].cells[index];
    if cell.is_empty() {
        return ("the cell is empty".to_owned(), None);
    }
    let quoted = quoted(cell);
    if let Some((day, form)) = date::in_another_form(cell) {
        return (format!("`{quoted}` is {form}"), Some(day));
    }
    if !date::is_ambiguous(cell) {
        return (format!("`{quoted}` is not a date"), None);
    }
    match date::day_part(rows.iter().map(|row| &row.cells[index])) {
        None => (
            format!("in `{quoted}` the day and the month cannot be told apart for certain"),
            None,
        ),
        Some(day) => {
            let order = ["the day comes before the month", "the month comes before the day"][day];
            (
                format!("in `{quoted}` {order}, which is not read"),
                date::with_day_part(cell, day),
            )
        }
    }
}

fn not_a_date(cell: &str, format: DateFormat) -> String {
    if cell.is_empty() {
        return "the cell is empty".to_owned();
    }
    format!("`{}` is not a date such as `{}`", quoted(cell), format.example())
}

/// `days` are days with their lines.
fn no_day_twice(path: &Path, column: &str, days: &[(Date, usize)]) -> anyhow::Result<()> {
    let mut sorted = days.to_vec();
    sorted.sort_unstable();
    let mut problems = Problems::default();
    for pair in sorted.windows(2) {
        let ((day, first), (next, second)) = (pair[0], pair[1]);
        if day == next {
            problems.add(second, Some(column), format!("{day} is there already, on line {first}"));
        }
    }
    problems.into_result(path.display(), "a day may have one row only")
}

/// Whether the days fall rather than rise, if they do so throughout. No day may be there twice.
fn falls(path: &Path, column: &str, days: &[(Date, usize)]) -> anyhow::Result<bool> {
    let rising = days.windows(2).filter(|pair| pair[0].0 < pair[1].0).count();
    let falling = days.len() - 1 - rising;
    let mostly_rising = rising >= falling;
    if rising > 0 && falling > 0 {
        let mut problems = Problems::default();
        for pair in days.windows(2) {
            let ((before, _), (day, line)) = (pair[0], pair[1]);
            if (before < day) != mostly_rising {
                problems.add(line, Some(column), format!("{day} comes after {before}"));
            }
        }
        problems.into_result(path.display(), "dates must rise or fall throughout: sort the rows by date")?;
    }
    Ok(!mostly_rising)
}

/// No day may be missing between the first and the last. The days must rise.
pub(super) fn every_day(path: &Path, column: &str, days: &[(Date, Row)]) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    for pair in days.windows(2) {
        let ((before, _), (day, row)) = (&pair[0], &pair[1]);
        // A day that has a later one also has a next one.
        let (Ok(first), Ok(last)) = (before.tomorrow(), day.yesterday()) else {
            continue;
        };
        if first == last {
            problems.add(row.line, Some(column), format!("{first} is missing before {day}"));
        } else if first < last {
            let missing = count((last - first).get_days() as usize + 1, "day");
            problems.add(
                row.line,
                Some(column),
                format!("{first} to {last} ({missing}) are missing before {day}"),
            );
        }
    }
    problems.into_result(path.display(), "add the days, or allow any with `calendar = \"any\"`")
}
