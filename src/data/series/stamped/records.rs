//! A stream of text → its records. Lines without quotes, which most files have alone, are taken apart here, several times as fast as the
//! csv crate takes any; from the first that needs more on, that crate does it.

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::Index;

use csv::{Reader, StringRecord};
use memchr::{memchr_iter, memchr2};

/// The cells of a row.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    text: String,
    /// Where each begins and ends.
    cells: Vec<(usize, usize)>,
}

impl Record {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Each in turn, without the blanks around it.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self[index].trim())
    }
}

impl Index<usize> for Record {
    type Output = str;

    fn index(&self, index: usize) -> &str {
        let (start, end) = self.cells[index];
        &self.text[start..end]
    }
}

/// Why a record cannot be read.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// It is no UTF-8; the byte at which it begins.
    NotUtf8(u64),
    /// The stream ends in an error.
    Stream(String),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Stream(error.to_string())
    }
}

/// What takes a stream apart.
enum Way {
    Lines(BufReader<Box<dyn Read>>),
    Any(Box<Reader<Box<dyn Read>>>, StringRecord),
    End,
}

/// The records of a stream.
pub(super) struct Records {
    way: Way,
    separator: u8,
    line: Vec<u8>,
    /// Bytes of the lines that were taken apart here.
    bytes: u64,
}

impl Records {
    /// Of a text whose cells that mark separates.
    pub(super) fn new(text: Box<dyn Read>, separator: u8) -> Self {
        Self {
            way: Way::Lines(BufReader::with_capacity(1 << 16, text)),
            separator,
            line: Vec::new(),
            bytes: 0,
        }
    }

    /// The next record; false where there is none. Empty lines are none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn read(&mut self, record: &mut Record) -> Result<bool, Unreadable> {
        record.text.clear();
        record.cells.clear();
        loop {
            let lines = match &mut self.way {
                Way::End => return Ok(false),
                Way::Any(reader, held) => return any(reader, held, record, self.bytes),
                Way::Lines(lines) => lines,
            };
            self.line.clear();
            if lines.read_until(b'\n', &mut self.line)? == 0 {
                return Ok(false);
            }
            let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if memchr2(b'"', b'\r', line).is_some() {
                self.hand_over();
                continue;
            }
            if !line.is_empty() {
                let text = std::str::from_utf8(line).map_err(|_| Unreadable::NotUtf8(self.bytes))?;
                record.text.push_str(text);
                let mut start = 0;
                for end in memchr_iter(self.separator, line) {
                    record.cells.push((start, end));
                    start = end + 1;
                }
                record.cells.push((start, line.len()));
            }
            self.bytes += self.line.len() as u64;
            if !line.is_empty() {
                return Ok(true);
            }
        }
    }

    /// Leaves the line at hand and all behind it to the csv crate.
    fn hand_over(&mut self) {
        let Way::Lines(rest) = std::mem::replace(&mut self.way, Way::End) else {
            return;
        };
        let text: Box<dyn Read> = Box::new(Cursor::new(std::mem::take(&mut self.line)).chain(rest));
        self.way = Way::Any(Box::new(reader(text, self.separator)), StringRecord::new());
    }
}

/// A reader of any CSV text.
pub(super) fn reader(text: Box<dyn Read>, separator: u8) -> Reader<Box<dyn Read>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .buffer_capacity(1 << 16)
        .from_reader(text)
}

fn any(
    reader: &mut Reader<Box<dyn Read>>,
    held: &mut StringRecord,
    record: &mut Record,
    before: u64,
) -> Result<bool, Unreadable> {
    let is_there = reader.read_record(held).map_err(|error| match error.kind() {
        csv::ErrorKind::Utf8 { pos: Some(place), .. } => Unreadable::NotUtf8(before + place.byte()),
        _ => Unreadable::Stream(error.to_string()),
    })?;
    for cell in &*held {
        let start = record.text.len();
        record.text.push_str(cell);
        record.cells.push((start, record.text.len()));
    }
    Ok(is_there)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn boxed(text: &str) -> Box<dyn Read> {
        Box::new(Cursor::new(text.as_bytes().to_vec()))
    }

    fn ours(text: &str) -> Vec<Vec<String>> {
        let mut records = Records::new(boxed(text), b',');
        let mut record = Record::default();
        let mut all = Vec::new();
        while records.read(&mut record).unwrap() {
            all.push((0..record.len()).map(|index| record[index].to_owned()).collect());
        }
        all
    }

    #[test]
    fn a_quote_hands_the_rest_over_at_its_line() {
        assert_eq!(
            ours("a,b\r\n1,2\n\n\"3\n3\",4\n5,6"),
            [["a", "b"], ["1", "2"], ["3\n3", "4"], ["5", "6"]]
        );
    }

    proptest::proptest! {
        #[test]
        fn records_are_those_of_the_csv_crate(text in "([a-z0-9 ]{0,3}[,\n]|\r\n|\"[a,\n]{0,3}\"|\r){0,30}") {
            let theirs: Vec<Vec<String>> = reader(boxed(&text), b',')
                .records()
                .map(|record| record.unwrap().iter().map(str::to_owned).collect())
                .collect();
            assert_eq!(ours(&text), theirs, "{text:?}");
        }
    }
}
