//! A CSV file → its header and rows as text, each with its line.

use std::fmt::Display;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, bail};
use csv::StringRecord;

use crate::dataset::DataMissing;

/// What a CSV file says, before anything of it is understood. Each row has as many cells as the header.
pub struct Table {
    /// The columns' names, without the blanks around them.
    pub header: Vec<String>,
    /// At least one row, in the file's order.
    pub rows: Vec<Row>,
}

/// One row.
pub struct Row {
    /// The line that it starts on; the file's first line is 1.
    pub line: usize,
    /// Its cells, without the blanks around them.
    pub cells: StringRecord,
}

/// Reads a file: UTF-8, with or without a byte-order mark, any kind of line ends.
pub fn read(path: &Path) -> anyhow::Result<Table> {
    let bytes = std::fs::read(path).or_else(|error| match error.kind() {
        ErrorKind::NotFound => Err(anyhow::Error::new(DataMissing {
            path: path.to_owned(),
        })),
        _ if path.is_dir() => Err(anyhow::anyhow!(
            "{} is a folder; `file` must name a CSV file",
            path.display()
        )),
        _ => Err(error).with_context(|| format!("cannot read {}", path.display())),
    })?;
    parse(path, &bytes)
}

/// Takes the file's content apart.
pub fn parse(path: &Path, bytes: &[u8]) -> anyhow::Result<Table> {
    let path = path.display();
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = 1 + line_breaks(&bytes[..error.valid_up_to()]);
        anyhow::anyhow!("{path}:{line}: the text is not UTF-8\n  help: save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        bail!("{path} is empty\n  help: it must hold a header and a row for each day");
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut lines = LineCounter::default();
    let mut rows = Vec::new();
    let mut problems = Problems::default();
    let mut record = StringRecord::new();
    while reader
        .read_record(&mut record)
        .with_context(|| format!("cannot read {path}"))?
    {
        let start = record.position().map_or(0, |position| position.byte());
        let line = lines.line_at(text, start as usize);
        rows.push(Row {
            line,
            cells: record.clone(),
        });
        let (cells, columns) = (record.len(), rows[0].cells.len());
        if cells != columns {
            problems.add(
                line,
                None,
                format!("{} here, {columns} in the header", count(cells, "cell")),
            );
        }
    }
    problems.into_result(
        &path,
        "every row must have a cell for each column of the header",
    )?;
    let header: Vec<String> = rows.remove(0).cells.iter().map(str::to_owned).collect();
    if rows.is_empty() {
        bail!("{path} has a header but no rows\n  help: it must hold a row for each day");
    }
    Ok(Table { header, rows })
}

/// `1 cell`, `3 cells`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
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

/// How many `\n`, `\r\n` or lone `\r` there are.
fn line_breaks(bytes: &[u8]) -> usize {
    let breaks = bytes.iter().filter(|byte| matches!(byte, b'\r' | b'\n'));
    let pairs = bytes.windows(2).filter(|pair| *pair == b"\r\n");
    breaks.count() - pairs.count()
}

/// What is wrong in a file, told all at once: the first five places, then how many more.
#[derive(Default)]
pub struct Problems(Vec<String>);

impl Problems {
    const SHOWN: usize = 5;

    /// Notes a problem.
    pub fn add(&mut self, line: usize, column: Option<&str>, problem: impl Display) {
        self.0.push(match column {
            Some(column) => format!("{line}: column `{column}`: {problem}"),
            None => format!("{line}: {problem}"),
        });
    }

    /// An error if there was a problem. `help` says what to do.
    pub fn into_result(self, path: impl Display, help: &str) -> anyhow::Result<()> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.into_error(path, help))
        }
    }

    /// The same where there is known to be a problem.
    pub fn into_error(self, path: impl Display, help: &str) -> anyhow::Error {
        let shown = self.0.iter().take(Self::SHOWN);
        let mut lines: Vec<String> = shown.map(|problem| format!("{path}:{problem}")).collect();
        if self.0.len() > Self::SHOWN {
            lines.push(format!("and {} more", self.0.len() - Self::SHOWN));
        }
        anyhow::anyhow!("{}\n  help: {help}", lines.join("\n"))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn table(bytes: &[u8]) -> Result<Table, String> {
        parse(Path::new("some.csv"), bytes).map_err(|error| error.to_string())
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
        assert_eq!(
            table.rows[0].cells,
            StringRecord::from(vec!["2020-01-31", "1"])
        );
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
            (b"\xff\xfeD\0a\0", "some.csv:1: the text is not UTF-8"),
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
    fn a_file_that_is_absent_can_be_told_from_one_that_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let error = read(&folder.path().join("absent.csv")).err().unwrap();
        assert!(error.downcast_ref::<DataMissing>().is_some(), "{error}");
        let error = read(folder.path()).err().unwrap();
        assert!(error.downcast_ref::<DataMissing>().is_none());
        assert!(error.to_string().contains("is a folder"), "{error}");
    }

    #[test]
    fn five_problems_are_shown_and_the_rest_counted() {
        let mut problems = Problems::default();
        for line in 2..9 {
            problems.add(line, Some("Price"), "wrong");
        }
        let error = problems.into_result("p.csv", "correct it").unwrap_err();
        insta::assert_snapshot!(error, @r"
        p.csv:2: column `Price`: wrong
        p.csv:3: column `Price`: wrong
        p.csv:4: column `Price`: wrong
        p.csv:5: column `Price`: wrong
        p.csv:6: column `Price`: wrong
        and 2 more
          help: correct it
        ");
    }
}
