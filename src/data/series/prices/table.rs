//! A CSV file → its header and rows as text, each with its line.

use std::path::Path;

use anyhow::{Context, bail};
use csv::StringRecord;

use super::content::{self, line_breaks};
use super::dialect;
use super::rows::{Cells, Row, Table};
use crate::data::DataMissing;
use crate::files::{self, Reason};
use crate::number::MOST_DAYS;

/// Reads a file: UTF-8, with or without a byte-order mark, any kind of line ends, compressed by gzip or not.
pub(super) fn read(path: &Path) -> anyhow::Result<Table> {
    let bytes = files::read(path, files::MOST_DATA).map_err(|error| match error.reason {
        Reason::Absent => anyhow::Error::new(DataMissing::at(path)),
        Reason::Folder => anyhow::anyhow!("{} is a folder; `file` must name a CSV file", path.display()),
        _ => error.into(),
    })?;
    parse(path, &bytes)
}

/// Takes the file's content apart.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> anyhow::Result<Table> {
    let text = content::text(path, bytes, content::MOST_UNPACKED)?;
    few_columns(path, &text)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut lines = LineCounter::default();
    let mut rows: Vec<Row> = Vec::new();
    let mut even = true;
    let mut record = StringRecord::new();
    while reader
        .read_record(&mut record)
        .with_context(|| format!("cannot read {}", path.display()))?
    {
        let start = record.position().map_or(0, |position| position.byte());
        let line = lines.line_at(&text, start as usize);
        if rows.len() > MOST_DAYS {
            bail!(
                "{}:{line}: the file has more than {MOST_DAYS} rows, which is more than is read\n  help: cut it into files, or leave \
                 rows out",
                path.display()
            );
        }
        rows.push(Row {
            line,
            cells: Cells::from(&record),
        });
        even &= record.len() == rows[0].cells.len();
    }
    if !even || rows[0].cells.len() == 1 {
        dialect::other_separator(path, &text)?;
    }
    let mut uneven = Ok(());
    if !even {
        let error = dialect::uneven(path, &rows);
        // Where nearly all rows fit the header, the others do not keep the rest from being looked at.
        let all = rows.len();
        let columns = rows[0].cells.len();
        rows.retain(|row| row.cells.len() == columns);
        if rows.len() * 10 < all * 9 || columns == 1 {
            return Err(error);
        }
        uneven = Err(error);
    }
    let header: Vec<String> = rows.remove(0).cells.iter().map(str::to_owned).collect();
    if rows.is_empty() {
        bail!(
            "{} has a header but no rows\n  help: it must hold a row for each day",
            path.display()
        );
    }
    Ok(Table { header, rows, uneven })
}

/// Columns of a file, at most: each cell takes more memory than its text.
const MOST_COLUMNS: usize = 10_000;

/// An error for a line with more commas than a table has.
fn few_columns(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut offset = 0;
    for line in text.split(['\n', '\r']) {
        let commas = line.bytes().filter(|byte| *byte == b',').count();
        if commas >= MOST_COLUMNS {
            bail!(
                "{}:{}: the line has {commas} commas, a file may have {MOST_COLUMNS} columns\n  help: see whether it is the \
                 right file; take out the columns that are not used",
                path.display(),
                1 + line_breaks(&text.as_bytes()[..offset])
            );
        }
        offset += line.len() + 1;
    }
    Ok(())
}

/// Byte offsets → lines, for offsets that only grow. (The csv crate's own count is one behind after `\r\n`.)
struct LineCounter {
    offset: usize,
    line: usize,
}

impl Default for LineCounter {
    fn default() -> Self {
        Self { offset: 0, line: 1 }
    }
}

impl LineCounter {
    /// The line of the first character at or after `offset` that is no line end.
    fn line_at(&mut self, text: &str, offset: usize) -> usize {
        let bytes = text.as_bytes();
        let mut end = offset.min(bytes.len());
        while matches!(bytes.get(end), Some(b'\r' | b'\n')) {
            end += 1;
        }
        self.line += line_breaks(&bytes[self.offset..end]);
        self.offset = end;
        self.line
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn table(bytes: &[u8]) -> Result<Table, String> {
        let told = |error: anyhow::Error| error.to_string();
        let mut table = parse(Path::new("some.csv"), bytes).map_err(told)?;
        std::mem::replace(&mut table.uneven, Ok(())).map_err(told)?;
        Ok(table)
    }

    fn lines(text: &str) -> Vec<usize> {
        let table = table(text.as_bytes()).unwrap();
        table.rows.iter().map(|row| row.line).collect()
    }

    #[test]
    fn lines_are_right_for_every_line_end() {
        assert_eq!(lines("a,b\n1,2\n\n3,4\n"), [2, 4]);
        assert_eq!(lines("a,b\r\n1,2\r\n3,4\r\n\r\n5,6"), [2, 3, 5]);
        assert_eq!(lines("a,b\r1,2\r3,4"), [2, 3]);
        assert_eq!(lines("a,b\n\"1\n1\",2\n3,4\n"), [2, 4]);
    }

    #[test]
    fn the_byte_order_mark_and_blanks_around_cells_are_no_part_of_them() {
        let table = table("\u{feff}\"Date\", Price \n2020-01-31,\" 1 \"\n".as_bytes()).unwrap();
        assert_eq!(table.header, ["Date", "Price"]);
        assert_eq!(table.rows[0].cells.iter().collect::<Vec<_>>(), ["2020-01-31", "1"]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (bytes, expected) in [
            (&b""[..], "some.csv is empty"),
            (b"\xef\xbb\xbf \r\n", "some.csv is empty"),
            (b"Date,Price\r\n", "has a header but no rows"),
            (
                b"Date,Price\n2020-01-31,1\n2020-02-01,\xe9\n",
                "some.csv:3: the text is not UTF-8",
            ),
            (b"\xff\xfeD\0a\0", "some.csv is text in UTF-16"),
            (
                b"a,b\n1,2\n1\n1,2,3\n",
                "some.csv:3: 1 cell here, 2 in the header\nsome.csv:4: 3 cells here, 2 in the header",
            ),
        ] {
            let error = table(bytes).err().unwrap();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_line_of_commas_is_refused_before_it_is_taken_apart() {
        let commas = |count| format!("a,b\r\n1{}\r\n", ",".repeat(count));
        let error = table(commas(3_000_000).as_bytes()).err().unwrap();
        assert!(error.starts_with("some.csv:2: the line has 3000000 commas"), "{error}");
        let names: Vec<String> = (0..10_000).map(|index| format!("c{index}")).collect();
        let wide = format!("{}\r1{}", names.join(","), ",1".repeat(9_999));
        assert_eq!(table(wide.as_bytes()).unwrap().header.len(), 10_000);
    }

    /// What is said of a file whose first line does not fit the others.
    #[test]
    fn the_line_that_does_not_fit_is_blamed_not_the_rows() {
        let days = |separator: &str, price: &str| -> String {
            (1..=9).map(|day| format!("2020-01-0{day}{separator}{price}\n")).collect()
        };
        for (text, expected) in [
            (
                format!("Date;Close\n{}", days(";", "2052,20")),
                "some.csv:1: the columns of `Date;Close` are separated by `;`, and decimals by a comma, as in `2052,20`; columns \
                 must be separated by commas\n  help: export the file again with commas between the columns and a point before \
                 the decimals",
            ),
            (
                format!("Date;Close\n{}2020-01-10;7\n", days(";", "2052,20")),
                "are separated by `;`, and decimals by a comma",
            ),
            (
                format!("Date\tClose\n{}", days("\t", "2052.20")),
                "some.csv:1: the columns of `Date Close` are separated by tabs; columns must be",
            ),
            (
                format!("https://data.example\nDate,Symbol,Close\n{}", days(",ACME,", "1")),
                "some.csv:1: `https://data.example` stands before the header, which seems to be line 2: `Date,Symbol,Close`\n  \
                 help: take line 1 out: the header must be the first line",
            ),
            (
                format!("a\nb,\n\nDate,Symbol,Close\n{}", days(",ACME,", "1")),
                "take the lines before line 4 out",
            ),
            (
                format!("Date,Open,Close\n{}", days(",", "1")),
                "some.csv:1: the header `Date,Open,Close` has 3 cells, all rows have 2\n  help: line 1 must have a name for each",
            ),
            (
                format!("Date,Open\n{}2020-01-10,1,2\n", days(",", "1")),
                "some.csv:11: 3 cells here, 2 in the header",
            ),
        ] {
            let error = table(text.as_bytes()).err().unwrap();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(error.lines().count() == 2, "{error}");
        }
    }

    #[test]
    fn a_file_that_is_absent_can_be_told_from_one_that_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let error = read(&folder.path().join("absent.csv")).err().unwrap();
        assert!(error.downcast_ref::<DataMissing>().is_some(), "{error}");
        let error = read(folder.path()).err().unwrap();
        assert!(error.downcast_ref::<DataMissing>().is_none());
        assert!(error.to_string().contains("is a folder"), "{error}");
    }
}
