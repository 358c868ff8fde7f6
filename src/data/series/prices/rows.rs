//! What a CSV file says as text: its header and rows, each with its line.

use std::ops::Index;

use csv::StringRecord;

/// What a CSV file says, before anything of it is understood. Each row has as many cells as the header.
pub(super) struct Table {
    /// The columns' names, without the blanks around them.
    pub header: Vec<String>,
    /// At least one row, in the file's order.
    pub rows: Vec<Row>,
    /// What is wrong with the few rows that have more or fewer cells than the header, which are left out.
    pub uneven: anyhow::Result<()>,
}

/// One row.
pub(super) struct Row {
    /// The line that it starts on; the file's first line is 1.
    pub line: usize,
    /// Its cells, without the blanks around them.
    pub cells: Cells,
}

/// The cells of a row, as small as they can be: a file has many rows, and csv's own rows take three times the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cells {
    /// All of them after one another.
    text: Box<str>,
    /// Where each ends; a text of less than 4 GiB is read.
    ends: Box<[u32]>,
}

impl Cells {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Each in turn.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| &self[index])
    }
}

impl Index<usize> for Cells {
    type Output = str;

    fn index(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.text[start..self.ends[index] as usize]
    }
}

impl From<&StringRecord> for Cells {
    fn from(record: &StringRecord) -> Self {
        let mut end = 0;
        let ends = record.iter().map(|cell| {
            end += cell.len() as u32;
            end
        });
        Self {
            ends: ends.collect(),
            text: record.as_slice().into(),
        }
    }
}

/// `1 cell`, `3 cells`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
