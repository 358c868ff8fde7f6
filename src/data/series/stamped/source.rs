//! A file of rows: its text as a stream, its header, and the lines on which its rows stand.

use std::cell::{OnceCell, RefCell};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::records::{self, Record, Records, Unreadable};
use anyhow::{Context, bail};
use flate2::read::MultiGzDecoder;

use super::SeriesSpec;
use crate::data::DataMissing;
use crate::data::series::file::content;
use crate::files::{self, Reason};

/// Bytes that are looked at for what kind of file it is.
const HEAD: u64 = 64 << 10;

/// Lines before the header, at most.
pub(super) const MOST_SKIPPED: usize = 1000;

/// Where rows come from.
pub(super) struct Source {
    path: PathBuf,
    folder: PathBuf,
    file: String,
    separator: u8,
    skip_lines: usize,
    /// The columns' names, where the file has no header.
    columns: Vec<String>,
    /// The line of each row, once something is wrong with one.
    lines: OnceCell<Vec<usize>>,
}

impl Source {
    /// A file below the data folder.
    pub(super) fn new(folder: &Path, spec: &SeriesSpec) -> Self {
        Self {
            path: folder.join(&spec.file),
            folder: folder.to_owned(),
            file: spec.file.clone(),
            // A check has seen that it is one byte.
            separator: spec.separator.map_or(b',', |separator| separator as u8),
            skip_lines: spec.skip_lines,
            columns: spec.columns.clone(),
            lines: OnceCell::new(),
        }
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the header stands, for messages.
    pub(super) fn place_of_header(&self) -> String {
        format!("{}:{}", self.path.display(), 1 + self.skip_lines)
    }

    /// What says how many columns there are, for messages.
    pub(super) fn header_in_words(&self) -> &'static str {
        if self.columns.is_empty() { "the header" } else { "`columns`" }
    }

    /// Steps over the header, and says how many columns there are.
    pub(super) fn width(&self, records: &mut Records) -> anyhow::Result<usize> {
        if !self.columns.is_empty() {
            return Ok(self.columns.len());
        }
        let mut header = Record::default();
        records.read(&mut header).map_err(|error| self.unreadable(&error))?;
        Ok(header.len())
    }

    /// The columns' names, without the blanks around them.
    ///
    /// # Errors
    /// When there is no such file (a [`DataMissing`]), or it is no CSV file.
    pub(super) fn header(&self) -> anyhow::Result<Vec<String>> {
        if !self.columns.is_empty() {
            self.text()?;
            return Ok(self.columns.clone());
        }
        let mut record = Record::default();
        if !self.records()?.read(&mut record).map_err(|error| self.unreadable(&error))? {
            bail!("{} is empty\n  help: it must hold a header and rows", self.path.display());
        }
        Ok(record.iter().map(str::to_owned).collect())
    }

    /// The header and the rows.
    ///
    /// # Errors
    /// As [`Source::header`].
    pub(super) fn records(&self) -> anyhow::Result<Records> {
        Ok(Records::new(self.text()?, self.separator))
    }

    /// Its text, unpacked, without a byte-order mark.
    pub(super) fn text(&self) -> anyhow::Result<Box<dyn Read>> {
        let shown = || format!("cannot read {}", self.path.display());
        let mut file = files::open(&self.path, files::MOST_DATA).map_err(|error| match error.reason {
            Reason::Absent => anyhow::Error::new(DataMissing::below(&self.folder, &self.file)),
            Reason::Folder => anyhow::anyhow!("{} is a folder; `file` must name a CSV file", self.path.display()),
            _ => error.into(),
        })?;
        let mut head = beginning(&mut file).with_context(shown)?;
        let mut text: Box<dyn Read> = Box::new(file);
        if content::is_gzip(&head) {
            let packed = Cursor::new(head).chain(text);
            text = Box::new(MultiGzDecoder::new(packed));
            head =
                beginning(&mut text).with_context(|| format!("{}: what gzip compressed is damaged", self.path.display()))?;
        }
        content::refuse_other_kinds(&self.path, &head)?;
        if head.starts_with(b"\xef\xbb\xbf") {
            head.drain(..3);
        }
        let skipped = end_of_lines(&head, self.skip_lines).with_context(|| {
            let (shown, lines) = (self.path.display(), self.skip_lines);
            format!("{shown}: the file ends before the header, or it does not stand in its first {HEAD} bytes: `skip_lines` is {lines}")
        })?;
        head.drain(..skipped);
        Ok(Box::new(Guarded {
            text: Box::new(Cursor::new(head).chain(text)),
            since_break: 0,
            total: 0,
        }))
    }

    /// What is said where the stream ends in an error.
    pub(super) fn unreadable(&self, error: &Unreadable) -> anyhow::Error {
        let shown = self.path.display();
        match error {
            Unreadable::NotUtf8(byte) => {
                let line = self.line_at(*byte).map_or(0, |line| line + self.skip_lines);
                anyhow::anyhow!("{shown}:{line}: the text is not UTF-8\n  help: save the file as UTF-8")
            }
            Unreadable::Stream(error) => anyhow::anyhow!("cannot read {shown}: {error}"),
        }
    }

    /// The line of the header is 1, and that of a row the one on which it begins; rows count from 0.
    pub(super) fn line_of(&self, row: usize) -> usize {
        let lines = self.lines.get_or_init(|| self.lines().unwrap_or_default());
        // A file that changed while it was read has no line any more.
        let header = usize::from(self.columns.is_empty());
        lines.get(row + header).map_or(0, |line| line + self.skip_lines)
    }

    fn lines(&self) -> anyhow::Result<Vec<usize>> {
        let starts = Rc::new(RefCell::new(Starts::default()));
        let noted = Noted {
            text: self.text()?,
            starts: Rc::clone(&starts),
        };
        let mut records = records::reader(Box::new(noted), self.separator);
        let mut record = csv::ByteRecord::new();
        let mut bytes = Vec::new();
        while records.read_byte_record(&mut record)? {
            bytes.push(record.position().map_or(0, csv::Position::byte));
        }
        let starts = starts.borrow();
        Ok(bytes.into_iter().map(|byte| starts.line_at(byte)).collect())
    }

    fn line_at(&self, byte: u64) -> Option<usize> {
        let starts = Rc::new(RefCell::new(Starts::default()));
        let mut noted = Noted {
            text: self.text().ok()?,
            starts: Rc::clone(&starts),
        };
        io::copy(&mut noted, &mut io::sink()).ok()?;
        let line = starts.borrow().line_at(byte);
        Some(line)
    }
}

/// Where so many lines end.
fn end_of_lines(text: &[u8], lines: usize) -> Option<usize> {
    let mut rest = text;
    for _ in 0..lines {
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
        let is_pair = rest[end..].starts_with(b"\r\n");
        rest = &rest[end + 1 + usize::from(is_pair)..];
    }
    Some(text.len() - rest.len())
}

/// The first bytes of a stream.
fn beginning(text: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    text.take(HEAD).read_to_end(&mut head)?;
    Ok(head)
}

/// A stream that ends in an error rather than never, or in a line without end.
struct Guarded {
    text: Box<dyn Read>,
    since_break: usize,
    total: u64,
}

impl Read for Guarded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
        self.since_break = match buffer[..count].iter().rposition(is_break) {
            Some(last) => count - last - 1,
            None => self.since_break + count,
        };
        self.total += count as u64;
        if self.total > files::MOST_DATA {
            return Err(io::Error::other(format!(
                "it unpacks to more than {} bytes, which is more than is read",
                files::MOST_DATA
            )));
        }
        if self.since_break > content::MOST_OF_A_LINE {
            return Err(io::Error::other(format!(
                "a line is longer than {} bytes, which no row of a table is",
                content::MOST_OF_A_LINE
            )));
        }
        Ok(count)
    }
}

/// A stream that notes where lines begin.
struct Noted {
    text: Box<dyn Read>,
    starts: Rc<RefCell<Starts>>,
}

impl Read for Noted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        self.starts.borrow_mut().note(&buffer[..count]);
        Ok(count)
    }
}

/// Where the lines begin that hold something.
struct Starts {
    /// Byte and line, rising.
    known: Vec<(u64, usize)>,
    byte: u64,
    line: usize,
    is_begin: bool,
    was_return: bool,
}

impl Default for Starts {
    fn default() -> Self {
        Self {
            known: Vec::new(),
            byte: 0,
            line: 1,
            is_begin: true,
            was_return: false,
        }
    }
}

impl Starts {
    fn note(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                // The second half of `\r\n`.
                b'\n' if self.was_return => {}
                b'\n' | b'\r' => {
                    self.line += 1;
                    self.is_begin = true;
                }
                _ if self.is_begin => {
                    self.known.push((self.byte, self.line));
                    self.is_begin = false;
                }
                _ => {}
            }
            self.was_return = *byte == b'\r';
            self.byte += 1;
        }
    }

    /// The line of the first character at or after a byte that is no line end.
    fn line_at(&self, byte: u64) -> usize {
        let next = self.known.partition_point(|(start, _)| *start < byte);
        // Within a line it is that of the line.
        match (self.known.get(next), next.checked_sub(1).map(|before| self.known[before])) {
            (Some((_, line)), _) => *line,
            (None, Some((_, line))) => line,
            (None, None) => self.line,
        }
    }
}
