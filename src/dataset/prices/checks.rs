//! Cells → dates and numbers, with every wrong one told by line and column.

use std::path::Path;

use anyhow::bail;
use jiff::civil::Date;

use super::date::{self, DateFormat};
use super::number::{self, Marks, Mistake, Number};
use super::problems::Problems;
use super::table::{Row, count};
use super::{Cells, Column};
use crate::console::{PARTED, quoted};
use crate::dataset::window::Transform;

/// The rows with their dates, oldest first; after an error the rows are still there. All dates must be written alike, differ,
/// and rise or fall throughout.
pub fn dates(
    path: &Path,
    column: &str,
    rows: &mut Vec<Row>,
    index: usize,
) -> anyhow::Result<Vec<(Date, Row)>> {
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
    let written = problems.into_result(
        path.display(),
        "all dates of a file must be written as its first is",
    );
    let written = both(
        written,
        no_days.into_result(path.display(), "correct the file"),
    );
    both(written, no_day_twice(path, column, &days))?;
    let falling = falls(path, column, &days)?;
    let dates = days.into_iter().map(|(day, _)| day);
    let mut days: Vec<(Date, Row)> = dates.zip(std::mem::take(rows)).collect();
    if falling {
        days.reverse();
    }
    Ok(days)
}

/// Takes out the lines that hold neither a date nor a number where they are few, and says so: a footer, an empty line of a
/// spreadsheet, the header once more.
pub fn no_rows(
    path: &Path,
    columns: &[Cells<'_>],
    rows: &mut Vec<Row>,
    date_index: usize,
) -> anyhow::Error {
    let is_row = |row: &Row| {
        date::looks_like_a_day(&row.cells[date_index])
            || columns
                .iter()
                .any(|column| number::parse(&row.cells[column.index]).is_ok())
    };
    let strays: Vec<usize> = rows
        .iter()
        .filter(|row| !is_row(row))
        .map(|row| row.line)
        .collect();
    let mut problems = Problems::default();
    if strays.len() <= 2.max(rows.len() / 10) && strays.len() * 2 < rows.len() {
        for line in strays {
            problems.add(line, None, "the line holds neither a date nor a number");
        }
        rows.retain(is_row);
    }
    problems.into_error(path.display(), "take it out of the file")
}

/// What the first check gives, unless one of the two found something; what both found is told.
pub fn both<T>(first: anyhow::Result<T>, second: anyhow::Result<()>) -> anyhow::Result<T> {
    match (first, second) {
        (first, Ok(())) => first,
        (Ok(_), Err(second)) => Err(second),
        (Err(first), Err(second)) => bail!("{first}{PARTED}{second}"),
    }
}

/// Rows behind the first that are looked at for one of the same day.
const LOOKED_AT: usize = 100;

/// The first row's, which every row must share.
fn date_format(
    path: &Path,
    column: &str,
    rows: &[Row],
    index: usize,
) -> anyhow::Result<DateFormat> {
    let cell = &rows[0].cells[index];
    if let Some(format) = DateFormat::of(cell) {
        return Ok(format);
    }
    let (problem, day) = no_format(rows, index);
    let advice = day.map_or_else(String::new, |day| {
        let is_same = |row: &Row| {
            date::in_another_form(&row.cells[index]).is_some_and(|(other, _)| other == day)
        };
        if rows.iter().skip(1).take(LOOKED_AT).any(is_same) {
            return format!(
                "{day} has several rows: keep one row of each day, and write its date as `{day}`; "
            );
        }
        format!(
            "write `{}` as `{day}`, and the others alike; ",
            quoted(cell)
        )
    });
    let examples = DateFormat::ALL.map(|format| format!("`{}`", format.example()));
    let help = format!(
        "{advice}dates must be written in one of these ways: {}",
        examples.join(", ")
    );
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
            let order = [
                "the day comes before the month",
                "the month comes before the day",
            ][day];
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
    format!(
        "`{}` is not a date such as `{}`",
        quoted(cell),
        format.example()
    )
}

/// `days` are days with their lines.
fn no_day_twice(path: &Path, column: &str, days: &[(Date, usize)]) -> anyhow::Result<()> {
    let mut sorted = days.to_vec();
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
        problems.into_result(
            path.display(),
            "dates must rise or fall throughout: sort the rows by date",
        )?;
    }
    Ok(!mostly_rising)
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
pub fn some_numbers(path: &Path, columns: &[Cells<'_>], rows: &[Row]) -> anyhow::Result<()> {
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

fn above_zero_for_log(
    number: Result<Number, Mistake>,
    transform: Transform,
) -> Result<Number, Mistake> {
    match number {
        Ok(number) if transform == Transform::Log && number.value <= 0.0 => {
            Err(Mistake::of(format!(
                "{} has no logarithm, which `window.transform = \"log\"` asks for",
                number.value
            )))
        }
        other => other,
    }
}

/// What only a whole column can tell: percent signs in all cells or none, and whether a mark separates thousands.
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
            let (cell, first) = (quoted(&row.cells[index]), quoted(&rows[0].cells[index]));
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
    marks_tell_thousands(path, column, rows, index, numbers)
}

/// Commas separate thousands and points decimals, unless the column can be read the other way round as well. With commas
/// alone, all cells must have one to be doubted: `998` and `1,001` are how whole numbers with commas are written. With points
/// it is the other way: `12.345` throughout are decimals, but who writes decimals does not write `998` among them.
fn marks_tell_thousands(
    path: &Path,
    column: &str,
    rows: &[Row],
    index: usize,
    numbers: &[Number],
) -> anyhow::Result<()> {
    let first = |marks: Marks| {
        let place = numbers.iter().position(|number| number.marks == marks)?;
        Some((rows[place].line, quoted(&rows[place].cells[index])))
    };
    if first(Marks::Decisive).is_some() {
        return Ok(());
    }
    let place = |line: usize| format!("{}:{line}: column `{}`", path.display(), quoted(column));
    match (
        first(Marks::Comma),
        first(Marks::Point),
        first(Marks::Short),
    ) {
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
