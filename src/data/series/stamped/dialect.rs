//! The settings that say how a file is written, and which of them a file seems to need. For messages alone; nothing is read by what
//! is found here.

use std::io::Read;

use anyhow::bail;

use super::SeriesSpec;
use super::columns;
use super::source::Source;
use crate::console::{counted, listed, quoted};
use crate::data::Blame;
use crate::data::series::file::number;
use crate::data::series::time::Shape;

/// Lines that are looked at.
const LOOKED_AT: usize = 20;
/// Bytes that they are looked for in.
const BYTES: u64 = 64 << 10;

/// Whether the settings can be those of a file.
pub(super) fn check(spec: &SeriesSpec) -> Result<(), Blame> {
    if let Some(separator) = spec.separator
        && (!separator.is_ascii() || separator.is_ascii_alphanumeric() || matches!(separator, '"' | '\n' | '\r' | '-' | '+'))
    {
        let message = format!("`separator` must be a mark that is in no number, as \";\" or \"\\t\", found {separator:?}");
        return Err(Blame::at("separator", message));
    }
    if let Some(decimal) = spec.decimal
        && !matches!(decimal, '.' | ',')
    {
        return Err(Blame::at(
            "decimal",
            format!("`decimal` must be \".\" or \",\", found {decimal:?}"),
        ));
    }
    if let Some(thousands) = spec.thousands {
        if thousands.is_ascii_alphanumeric() || matches!(thousands, '-' | '+' | '%') {
            let message = format!("`thousands` must be a mark, as \".\" or \" \", found {thousands:?}");
            return Err(Blame::at("thousands", message));
        }
        if thousands == spec.decimal.unwrap_or('.') {
            let message = format!("`thousands` and `decimal` are both {thousands:?}: they must differ");
            return Err(Blame::at("thousands", message));
        }
    }
    if !spec.columns.is_empty() {
        columns::check(&spec.columns, "columns")?;
        let unknown = |name: &&String| !spec.columns.contains(*name);
        if !spec.columns.contains(&spec.time) {
            let message = format!("`columns` holds no `{}`, which `time` says is the column of times", spec.time);
            return Err(Blame::at("columns", message));
        }
        let named = |key: &'static str, columns: &columns::Columns| match columns {
            columns::Columns::All => None,
            columns::Columns::Named(names) => names.iter().find(unknown).map(|name| (key, name.clone())),
        };
        let target = spec.target.iter().find(unknown).map(|name| ("target", name.clone()));
        let targets = spec.targets.as_ref().and_then(|targets| named("targets", targets));
        if let Some((key, name)) = named("features", &spec.features).or(target).or(targets) {
            return Err(Blame::at(
                key,
                format!(
                    "there is no column `{name}`: `columns` lists {}",
                    listed(&spec.columns, LOOKED_AT)
                ),
            ));
        }
    }
    Ok(())
}

/// An error with the settings that the file seems to need, where columns are missing that the settings name.
pub(super) fn hint(source: &Source, spec: &SeriesSpec, header: &[String]) -> anyhow::Result<()> {
    let mut names = vec![spec.time.as_str()];
    names.extend(spec.target.as_deref());
    for columns in std::iter::once(&spec.features).chain(&spec.targets) {
        if let columns::Columns::Named(listed) = columns {
            names.extend(listed.iter().map(String::as_str));
        }
    }
    let is_here = |name: &&str| header.iter().any(|column| column == *name);
    if names.iter().all(is_here) || !spec.columns.is_empty() {
        return Ok(());
    }
    let mut head = Vec::new();
    source.text()?.take(BYTES).read_to_end(&mut head)?;
    let head = String::from_utf8_lossy(&head);
    let lines: Vec<&str> = head.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT).collect();
    let place = source.place_of_header();
    let used = spec.separator.unwrap_or(',');
    for (mark, word) in [(';', "\";\""), ('\t', "\"\\t\""), ('|', "\"|\""), (',', "\",\"")] {
        let pieces = |line: &str| line.matches(mark).count();
        let (Some(first), Some(rows)) = (lines.first(), lines.get(1..)) else {
            break;
        };
        let alike = rows.iter().all(|line| pieces(line) == pieces(first));
        if mark == used || pieces(first) == 0 || !alike || pieces(first) <= first.matches(used).count() {
            continue;
        }
        let cells = || {
            rows.iter()
                .flat_map(|row| row.split(mark))
                .map(|cell| cell.trim_matches(['"', ' ']))
        };
        let comma = cells()
            .find(|cell| number::has_decimal_comma(cell))
            .filter(|_| spec.decimal != Some(','));
        let (also, setting) = match comma {
            Some(cell) => (
                format!(", and decimals by a comma, as in `{}`", quoted(cell)),
                " and decimal = \",\"",
            ),
            None => (String::new(), ""),
        };
        bail!(
            "{place}: the columns of `{}` are separated by {word}{also}\n  help: say separator = {word}{setting} in [dataset.NAME]",
            quoted(first)
        );
    }
    let cells = |line: &str| {
        line.split(used)
            .map(|cell| cell.trim_matches(['"', ' ']).to_owned())
            .collect::<Vec<String>>()
    };
    let holds_all = |line: &&str| {
        let cells = cells(line);
        names.iter().all(|name| cells.iter().any(|cell| cell == name))
    };
    if let Some(found) = lines.iter().find(|line| holds_all(line)) {
        let before = head.lines().take_while(|line| line != found).count();
        bail!(
            "{place}: the header seems to be line {}: `{}`\n  help: say skip_lines = {} in [dataset.NAME]",
            1 + spec.skip_lines + before,
            quoted(found),
            spec.skip_lines + before
        );
    }
    let is_value = |cell: &&String| number::parse(cell).is_ok() || !Shape::all_of(cell.as_bytes()).is_empty();
    if header.iter().filter(is_value).count() * 2 > header.len() {
        bail!(
            "{place}: the file seems to have no header: its first line is a row already, `{}`\n  help: name its {} with `columns` in \
             [dataset.NAME], {} among them",
            quoted(&header.join(",")),
            counted(header.len(), "column"),
            listed(&names, LOOKED_AT)
        );
    }
    Ok(())
}
