//! What kind of file it is whose header does not fit its rows: other separators, lines before the header, no header.
//! For messages alone; nothing is read by what is found here.

use std::path::Path;

use anyhow::anyhow;

use super::date::{self, DateFormat};
use super::number;
use super::problems::Problems;
use super::rows::{Row, Table, count};
use crate::console::{listed, quoted};

/// Lines that are looked at for another separator, and for the header.
const LOOKED_AT: usize = 20;

/// An error if the columns seem to be separated by another character than a comma.
pub(super) fn other_separator(path: &Path, text: &str) -> anyhow::Result<()> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT).collect();
    let Some((header, rows)) = lines.split_first() else {
        return Ok(());
    };
    for (separator, name) in [(';', "`;`"), ('\t', "tabs"), ('|', "`|`")] {
        let pieces = header.matches(separator).count();
        let alike = |line: &&str| line.matches(separator).count() == pieces;
        if pieces == 0 || header.matches(',').count() >= pieces || !rows.iter().all(alike) {
            continue;
        }
        let cells = || rows.iter().flat_map(|row| row.split(separator));
        let decimal = cells().find(|cell| number::has_decimal_comma(cell.trim_matches(['"', ' '])));
        let (also, and) = match decimal {
            Some(cell) => (
                format!(", and decimals by a comma, as in `{}`", quoted(cell.trim_matches(['"', ' ']))),
                " and a point before the decimals",
            ),
            None => (String::new(), ""),
        };
        return Err(anyhow!(
            "{}:1: the columns of `{}` are separated by {name}{also}; columns must be separated by commas\n  help: export \
             the file again with commas between the columns{and}",
            path.display(),
            quoted(header)
        ));
    }
    Ok(())
}

/// Rows of different lengths, and whose fault it is: that of the first lines, where all others agree with each other.
pub(super) fn uneven(path: &Path, rows: &[Row]) -> anyhow::Error {
    let cells = |row: &Row| row.cells.len();
    let columns = rows.last().map_or(0, cells);
    let agree_from = rows.iter().rposition(|row| cells(row) != columns).map_or(0, |last| last + 1);
    let agreeing = rows.len() - agree_from;
    if agree_from < LOOKED_AT && agreeing > agree_from.max(1) {
        let first = &rows[agree_from];
        if is_header(first) {
            return before_the_header(path, rows, agree_from);
        }
        if agree_from == 1 && rows[1..].iter().all(is_parted_by_decimal_commas) {
            return anyhow!(
                "{}:2: `{}` has {}, the header {}: its decimals seem to be written with a comma, which parts the columns too\n  \
                 help: export the file again with a point before the decimals",
                path.display(),
                line_of(first),
                count(columns, "cell"),
                cells(&rows[0]),
            );
        }
        if agree_from == 1 && columns == 1 && first.cells[0].contains(',') {
            return anyhow!(
                "{}:2: the whole line stands in quotes: `\"{}\"`\n  help: take the quotes out, or export the file again",
                path.display(),
                line_of(first),
            );
        }
        if agree_from == 1 {
            return anyhow!(
                "{}:1: the header `{}` has {}, {} {columns}\n  help: line 1 must have a name for each column, separated by \
                 commas",
                path.display(),
                line_of(&rows[0]),
                count(cells(&rows[0]), "cell"),
                if agreeing == 2 { "both rows have" } else { "all rows have" },
            );
        }
    }
    let in_header = cells(&rows[0]);
    let mut problems = Problems::default();
    for row in rows.iter().filter(|row| cells(row) != in_header) {
        let here = count(cells(row), "cell");
        problems.add(row.line, None, format!("{here} here, {in_header} in the header"));
    }
    problems.into_error(path.display(), "every row must have a cell for each column of the header")
}

/// Whether the cells behind the first are digits alone, as `100,00` gives two of.
fn is_parted_by_decimal_commas(row: &Row) -> bool {
    let is_digits = |cell: &str| {
        let cell = cell.strip_prefix('-').unwrap_or(cell);
        !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit())
    };
    row.cells.len() > 2 && row.cells.iter().skip(1).all(is_digits)
}

fn before_the_header(path: &Path, rows: &[Row], header: usize) -> anyhow::Error {
    let lines = match header {
        1 => "line 1".to_owned(),
        _ => format!("the lines before line {}", rows[header].line),
    };
    anyhow!(
        "{}:{}: `{}` stands before the header, which seems to be line {}: `{}`\n  help: take {lines} out: the header must be \
         the first line",
        path.display(),
        rows[0].line,
        line_of(&rows[0]),
        rows[header].line,
        line_of(&rows[header])
    )
}

/// An error if columns of these names are missing because the header is on a later line, or not there at all.
pub(super) fn no_header(path: &Path, table: &Table, names: &[&str]) -> anyhow::Result<()> {
    let missing: Vec<&str> = names
        .iter()
        .filter(|name| !table.header.iter().any(|column| column == **name))
        .copied()
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let holds_all = |row: &&Row| {
        let here = |name: &&str| row.cells.iter().any(|cell| cell == *name);
        names.iter().all(here)
    };
    if let Some(row) = table.rows.iter().take(LOOKED_AT).find(holds_all) {
        return Err(anyhow!(
            "{}:1: there is no column {}; the header seems to be line {}: `{}`\n  help: take the lines before line {} out: the header must \
             be the first line",
            path.display(),
            listed(&missing, LOOKED_AT),
            row.line,
            line_of(row),
            row.line
        ));
    }
    let values = table.header.iter().filter(|cell| is_value(cell)).count();
    if values * 2 <= table.header.len() {
        return Ok(());
    }
    let first_day = table.header.iter().find_map(|cell| {
        let (day, _) = date::in_another_form(cell)?;
        Some(format!("; write days as `2020-01-31`: `{}` is {day}", quoted(cell)))
    });
    Err(anyhow!(
        "{}:1: the file seems to have no header: its first line is a row already, `{}`\n  help: add a first line with a name \
         for each of the {}, {} among them{}",
        path.display(),
        quoted(&table.header.join(",")),
        count(table.header.len(), "column"),
        listed(names, LOOKED_AT),
        first_day.unwrap_or_default()
    ))
}

/// Whether a row has names alone.
fn is_header(row: &Row) -> bool {
    row.cells.len() > 1 && row.cells.iter().all(|cell| !cell.is_empty() && !is_value(cell))
}

/// Whether a cell holds a number or a date, and so is no name of a column.
fn is_value(cell: &str) -> bool {
    number::parse(cell).is_ok()
        || number::has_decimal_comma(cell)
        || DateFormat::of(cell).is_some()
        || date::is_ambiguous(cell)
        || date::in_another_form(cell).is_some()
}

fn line_of(row: &Row) -> String {
    let cells: Vec<&str> = row.cells.iter().take(LOOKED_AT).collect();
    quoted(&cells.join(","))
}
