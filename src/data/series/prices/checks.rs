//! Cells → numbers, with every wrong one told by line and column.

use std::path::Path;

use anyhow::bail;

use super::date;
use super::number::{self, Marks, Mistake, Number};
use super::problems::Problems;
use super::rows::Row;
use super::{Cells, Column};
use crate::console::{PARTED, quoted};
use crate::data::series::window::Transform;

/// What the first check gives, unless one of the two found something; what both found is told.
pub(super) fn both<T>(first: anyhow::Result<T>, second: anyhow::Result<()>) -> anyhow::Result<T> {
    match (first, second) {
        (first, Ok(())) => first,
        (Ok(_), Err(second)) => Err(second),
        (Err(first), Err(second)) => bail!("{first}{PARTED}{second}"),
    }
}

/// Takes out the lines that hold neither a date nor a number where they are few, and says so: a footer, an empty line of a
/// spreadsheet, the header once more.
pub(super) fn no_rows(path: &Path, columns: &[Cells<'_>], rows: &mut Vec<Row>, date_index: usize) -> anyhow::Error {
    let is_row = |row: &Row| {
        date::looks_like_a_day(&row.cells[date_index])
            || columns.iter().any(|column| number::parse(&row.cells[column.index]).is_ok())
    };
    let strays: Vec<usize> = rows.iter().filter(|row| !is_row(row)).map(|row| row.line).collect();
    let mut problems = Problems::default();
    if strays.len() <= 2.max(rows.len() / 10) && strays.len() * 2 < rows.len() {
        for line in strays {
            problems.add(line, None, "the line holds neither a date nor a number");
        }
        rows.retain(is_row);
    }
    problems.into_error(path.display(), "take it out of the file")
}

/// The columns as numbers, in the order given.
pub(super) fn numbers(
    path: &Path,
    columns: &[Cells<'_>],
    rows: &[Row],
    transform: Transform,
) -> anyhow::Result<Vec<Column>> {
    let mut mistakes = Vec::new();
    let mut alike = Ok(());
    let mut parsed = Vec::with_capacity(columns.len());
    for Cells { name, index } in columns {
        let mut numbers = Vec::with_capacity(rows.len());
        let mut wrong = Vec::new();
        for row in rows {
            match above_zero_for_log(number::parse(&row.cells[*index]), transform) {
                Ok(number) => numbers.push(number),
                Err(mistake) => wrong.push((row.line, *name, mistake)),
            }
        }
        if wrong.is_empty() {
            let own = written_alike(path, name, rows, *index, &numbers);
            alike = both(alike, own);
        } else if numbers.is_empty() {
            mistakes.extend(of_all(wrong));
        } else {
            mistakes.extend(wrong);
        }
        parsed.push(Column {
            name: (*name).to_owned(),
            values: numbers.iter().map(|number| number.value).collect(),
        });
    }
    both(refuse(path, mistakes).map(|()| parsed), alike)
}

/// An error for the columns of which no cell at all is a number: a file in another dialect. Any rows will do.
pub(super) fn some_numbers(path: &Path, columns: &[Cells<'_>], rows: &[Row]) -> anyhow::Result<()> {
    let mut mistakes = Vec::new();
    for Cells { name, index } in columns {
        let mut wrong = Vec::new();
        for row in rows {
            match number::parse(&row.cells[*index]) {
                Ok(_) => break,
                Err(mistake) => wrong.push((row.line, *name, mistake)),
            }
        }
        if wrong.len() == rows.len() {
            mistakes.extend(of_all(wrong));
        }
    }
    refuse(path, mistakes)
}

/// A line, a column and what is wrong there.
type Place<'a> = (usize, &'a str, Mistake);

/// The first of mistakes that every row makes, which speaks for all.
fn of_all(wrong: Vec<Place<'_>>) -> Option<Place<'_>> {
    let rows = wrong.len();
    let (line, name, mut mistake) = wrong.into_iter().next()?;
    if rows > 1 {
        mistake.reason += &format!(" (none of the {rows} rows can be read)");
    }
    Some((line, name, mistake))
}

fn refuse(path: &Path, mut mistakes: Vec<Place<'_>>) -> anyhow::Result<()> {
    mistakes.sort_by_key(|(line, ..)| *line);
    let mut problems = Problems::default();
    let mut helps: Vec<&str> = Vec::new();
    for (line, column, mistake) in mistakes {
        problems.add(line, Some(column), mistake.reason);
        if !helps.contains(&mistake.help) {
            helps.push(mistake.help);
        }
    }
    problems.into_result(path.display(), &helps.join("\n  help: "))
}

fn above_zero_for_log(number: Result<Number, Mistake>, transform: Transform) -> Result<Number, Mistake> {
    match number {
        Ok(number) if transform.is_logarithmic() && number.value <= 0.0 => Err(Mistake::of(format!(
            "{} has no logarithm, which `window.transform = \"{transform}\"` asks for",
            number.value
        ))),
        other => other,
    }
}

/// What only a whole column can tell: percent signs in all cells or none, and whether a mark separates thousands.
fn written_alike(path: &Path, column: &str, rows: &[Row], index: usize, numbers: &[Number]) -> anyhow::Result<()> {
    let mut problems = Problems::default();
    for (row, number) in rows.iter().zip(numbers) {
        if number.percent != numbers[0].percent {
            let (cell, first) = (quoted(&row.cells[index]), quoted(&rows[0].cells[index]));
            problems.add(
                row.line,
                Some(column),
                format!("`{cell}` here, `{first}` on line {}", rows[0].line),
            );
        }
    }
    problems.into_result(path.display(), "a column must hold percentages throughout or not at all")?;
    marks_tell_thousands(path, column, rows, index, numbers)
}

/// Commas separate thousands and points decimals, unless the column can be read the other way round as well. With commas
/// alone, all cells must have one to be doubted: `998` and `1,001` are how whole numbers with commas are written. With points
/// it is the other way: `12.345` throughout are decimals, but who writes decimals does not write `998` among them.
fn marks_tell_thousands(path: &Path, column: &str, rows: &[Row], index: usize, numbers: &[Number]) -> anyhow::Result<()> {
    let first = |marks: Marks| {
        let place = numbers.iter().position(|number| number.marks == marks)?;
        Some((rows[place].line, quoted(&rows[place].cells[index])))
    };
    if first(Marks::Decisive).is_some() {
        return Ok(());
    }
    let place = |line: usize| format!("{}:{line}: column `{}`", path.display(), quoted(column));
    match (first(Marks::Comma), first(Marks::Point), first(Marks::Short)) {
        (Some((line, cell)), None, None) => bail!(
            "{}: in `{cell}` the comma may separate thousands or decimals, and no cell of the column tells which\n  help: \
             write decimals with a point, thousands without a separator",
            place(line)
        ),
        (Some((line, comma)), Some((other, point)), _) => bail!(
            "{}: in `{comma}`, and in `{point}` on line {other}, either mark may separate thousands or decimals, and no cell \
             of the column tells which\n  help: write decimals with a point, thousands without a separator",
            place(line)
        ),
        (None, Some((line, cell)), Some((other, short))) => bail!(
            "{}: `{cell}` may be {} (the point separates thousands: `{short}`, on line {other}, has no decimals) or {} (the \
             point separates decimals), and no cell of the column tells which\n  help: write thousands without a separator \
             (`{}`); if they are decimals, write whole numbers like the others (`{short}.000`)",
            place(line),
            cell.replace('.', ""),
            cell.trim_end_matches('%'),
            cell.replace('.', ""),
        ),
        _ => Ok(()),
    }
}
