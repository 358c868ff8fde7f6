//! Cells → dates and numbers, with every wrong one told by line and column.

use std::path::Path;

use anyhow::bail;
use jiff::civil::Date;

use super::date::{DateFormat, is_ambiguous};
use super::number::{self, Number};
use super::table::{Problems, Row, count};
use super::{Cells, Column};
use crate::dataset::window::Transform;

/// The rows with their dates, oldest first. All dates must be written alike, differ, and rise or fall throughout.
pub fn dates(
    path: &Path,
    column: &str,
    rows: Vec<Row>,
    index: usize,
) -> anyhow::Result<Vec<(Date, Row)>> {
    let format = date_format(path, column, &rows[0], index)?;
    let mut problems = Problems::default();
    let mut days = Vec::with_capacity(rows.len());
    for row in rows {
        match format.parse(&row.cells[index]) {
            Some(day) => days.push((day, row)),
            None => problems.add(
                row.line,
                Some(column),
                not_a_date(&row.cells[index], format),
            ),
        }
    }
    problems.into_result(
        path.display(),
        "all dates of a file must be written as its first is",
    )?;
    no_day_twice(path, column, &days)?;
    oldest_first(path, column, days)
}

/// The first row's, which every row must share.
fn date_format(path: &Path, column: &str, row: &Row, index: usize) -> anyhow::Result<DateFormat> {
    let cell = &row.cells[index];
    if let Some(format) = DateFormat::of(cell) {
        return Ok(format);
    }
    let mut problems = Problems::default();
    let problem = match cell {
        "" => "the cell is empty".to_owned(),
        _ if is_ambiguous(cell) => {
            format!("in `{cell}` the day and the month cannot be told apart for certain")
        }
        _ => format!("`{cell}` is not a date"),
    };
    problems.add(row.line, Some(column), problem);
    let examples = DateFormat::ALL.map(|format| format!("`{}`", format.example()));
    let help = format!(
        "dates must be written in one of these ways: {}",
        examples.join(", ")
    );
    Err(problems.into_error(path.display(), &help))
}

fn not_a_date(cell: &str, format: DateFormat) -> String {
    if cell.is_empty() {
        return "the cell is empty".to_owned();
    }
    format!("`{cell}` is not a date such as `{}`", format.example())
}

fn no_day_twice(path: &Path, column: &str, days: &[(Date, Row)]) -> anyhow::Result<()> {
    let mut sorted: Vec<(Date, usize)> = days.iter().map(|(day, row)| (*day, row.line)).collect();
    sorted.sort_unstable();
    let mut problems = Problems::default();
    for pair in sorted.windows(2) {
        let ((day, first), (next, second)) = (pair[0], pair[1]);
        if day == next {
            problems.add(
                second,
                Some(column),
                format!("{day} is there already, on line {first}"),
            );
        }
    }
    problems.into_result(path.display(), "a day may have one row only")
}

/// The days oldest first, if they rise or fall throughout. No day may be there twice.
fn oldest_first(
    path: &Path,
    column: &str,
    mut days: Vec<(Date, Row)>,
) -> anyhow::Result<Vec<(Date, Row)>> {
    let rising = days.windows(2).filter(|pair| pair[0].0 < pair[1].0).count();
    let falling = days.len() - 1 - rising;
    let mostly_rising = rising >= falling;
    if rising > 0 && falling > 0 {
        let mut problems = Problems::default();
        for pair in days.windows(2) {
            let ((before, _), (day, row)) = (&pair[0], &pair[1]);
            if (before < day) != mostly_rising {
                problems.add(
                    row.line,
                    Some(column),
                    format!("{day} comes after {before}"),
                );
            }
        }
        problems.into_result(
            path.display(),
            "dates must rise or fall throughout: sort the rows by date",
        )?;
    }
    if !mostly_rising {
        days.reverse();
    }
    Ok(days)
}

/// No day may be missing between the first and the last. The days must rise.
pub fn every_day(path: &Path, column: &str, days: &[(Date, Row)]) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    for pair in days.windows(2) {
        let ((before, _), (day, row)) = (&pair[0], &pair[1]);
        // A day that has a later one also has a next one.
        let (Ok(first), Ok(last)) = (before.tomorrow(), day.yesterday()) else {
            continue;
        };
        if first == last {
            problems.add(
                row.line,
                Some(column),
                format!("{first} is missing before {day}"),
            );
        } else if first < last {
            let missing = count((last - first).get_days() as usize + 1, "day");
            problems.add(
                row.line,
                Some(column),
                format!("{first} to {last} ({missing}) are missing before {day}"),
            );
        }
    }
    problems.into_result(
        path.display(),
        "add the days, or allow any with `calendar = \"any\"`",
    )
}

/// The columns as numbers, in the order given.
pub fn numbers(
    path: &Path,
    columns: Vec<Cells<'_>>,
    transform: Transform,
) -> anyhow::Result<Vec<Column>> {
    let mut problems = Vec::new();
    let mut parsed = Vec::with_capacity(columns.len());
    for Cells { name, index, rows } in columns {
        let mut numbers = Vec::with_capacity(rows.len());
        for row in rows {
            match above_zero_for_log(number::parse(&row.cells[index]), transform) {
                Ok(number) => numbers.push(number),
                Err(problem) => problems.push((row.line, name, problem)),
            }
        }
        if numbers.len() == rows.len() {
            written_alike(path, name, rows, index, &numbers)?;
        }
        parsed.push(Column {
            name: name.to_owned(),
            values: numbers.iter().map(|number| number.value).collect(),
        });
    }
    problems.sort_by_key(|(line, ..)| *line);
    let mut all = Problems::default();
    for (line, column, problem) in problems {
        all.add(line, Some(column), problem);
    }
    all.into_result(
        path.display(),
        "correct the file, cut the rows off with `from` or `until`, or use other columns",
    )?;
    Ok(parsed)
}

fn above_zero_for_log(
    number: Result<Number, String>,
    transform: Transform,
) -> Result<Number, String> {
    match number {
        Ok(number) if transform == Transform::Log && number.value <= 0.0 => Err(format!(
            "{} has no logarithm, which `window.transform = \"log\"` asks for",
            number.value
        )),
        other => other,
    }
}

/// What only a whole column can tell: percent signs in all cells or none, and whether a comma separates thousands.
fn written_alike(
    path: &Path,
    column: &str,
    rows: &[Row],
    index: usize,
    numbers: &[Number],
) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    for (row, number) in rows.iter().zip(numbers) {
        if number.percent != numbers[0].percent {
            let (cell, first) = (&row.cells[index], &rows[0].cells[index]);
            problems.add(
                row.line,
                Some(column),
                format!("`{cell}` here, `{first}` on line {}", rows[0].line),
            );
        }
    }
    problems.into_result(
        path.display(),
        "a column must hold percentages throughout or not at all",
    )?;
    if numbers.iter().all(|number| number.ambiguous_comma) {
        let (line, cell) = (rows[0].line, &rows[0].cells[index]);
        bail!(
            "{}:{line}: column `{column}`: in `{cell}` the comma may separate thousands or decimals, and no cell of the \
             column tells which\n  help: write decimals with a point, thousands without a separator",
            path.display()
        );
    }
    Ok(())
}
