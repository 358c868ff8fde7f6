//! What a CSV file says as text: its header and rows, each with its line.

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
    pub cells: StringRecord,
}

/// `1 cell`, `3 cells`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
