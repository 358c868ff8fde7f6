//! Where a piece of a specification stands: every text that was read, one after the other, so that a span alone says file,
//! line and column, however the trees of several files are mixed (`extends`, `--set`).

use std::path::{Path, PathBuf};

/// A range of bytes in the texts of a [`SourceMap`], counted through all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// Every text that was read.
#[derive(Debug, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

/// One text.
#[derive(Debug)]
struct Source {
    origin: Origin,
    text: String,
    base: usize,
    /// Where each line begins.
    lines: Vec<usize>,
}

/// How many characters of a line are shown before the place, and from it on.
const SHOWN: [usize; 2] = [40, 80];

/// Where a text came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// An option of the command line, as `--set train.epochs=3`.
    Option(String),
}

/// A span, found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The text that holds it.
    pub origin: Origin,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line, without its end; of a long one what stands around the place.
    pub text: String,
    /// How many characters of `text` stand before the place.
    pub indent: usize,
    /// How many characters of `text` the span covers, at least 1.
    pub width: usize,
}

impl SourceMap {
    /// Takes a text in and says where its first byte is counted.
    pub fn add(&mut self, origin: Origin, text: String) -> usize {
        // One byte between two texts, so that the end of one is not the start of the next.
        let base = self.sources.last().map_or(0, |last| last.base + last.text.len() + 1);
        let behind = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let lines = std::iter::once(0).chain(behind).collect();
        self.sources.push(Source {
            origin,
            text,
            base,
            lines,
        });
        base
    }

    /// The file at `path`, if it was taken in before: its text and where its first byte is counted.
    pub fn file(&self, path: &Path) -> Option<(&str, usize)> {
        let source = self
            .sources
            .iter()
            .find(|source| matches!(&source.origin, Origin::File(known) if known == path))?;
        Some((&source.text, source.base))
    }

    /// The file that a span stands in; `None` for an option of the command line.
    pub fn file_of(&self, span: Span) -> Option<&Path> {
        match &self.source_of(span).origin {
            Origin::File(path) => Some(path),
            Origin::Option(_) => None,
        }
    }

    /// The number of the text that a span stands in, in the order in which they were taken in.
    pub fn number_of(&self, span: Span) -> usize {
        let after = self.sources.partition_point(|source| source.base <= span.start);
        after - 1
    }

    fn source_of(&self, span: Span) -> &Source {
        &self.sources[self.number_of(span)]
    }

    /// Finds a span.
    pub fn locate(&self, span: Span) -> Location {
        let source = self.source_of(span);
        let text = source.text.as_str();
        let start = floor_boundary(text, span.start - source.base);
        let end = floor_boundary(text, span.end.saturating_sub(source.base)).max(start);
        let line = source.lines.partition_point(|begin| *begin <= start);
        let line_start = source.lines[line - 1];
        let line_end = source.lines.get(line).map_or(text.len(), |next| next - 1).max(start);
        let whole = text[line_start..line_end].trim_end_matches('\r');
        let column = text[line_start..start].chars().count();
        let length = whole.chars().count();
        let [before, after] = SHOWN;
        // The place stays in sight, and of a line that is not much longer all is shown.
        let (first, last) = if length <= before + after {
            (0, length)
        } else {
            let first = column.saturating_sub(before);
            (first, (column.max(before) + after).min(length))
        };
        let mut shown: String = whole.chars().skip(first).take(last - first).collect();
        if first > 0 {
            shown.insert(0, '…');
        }
        if last < length {
            shown.push('…');
        }
        let covered = text[start..end.clamp(start, line_end)].chars().count();
        Location {
            origin: source.origin.clone(),
            line,
            column: column + 1,
            text: shown,
            indent: column - first + usize::from(first > 0),
            width: covered.min(last.saturating_sub(column)).max(1),
        }
    }
}

/// The last boundary between two characters at or before `index`.
fn floor_boundary(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_found_in_its_file() {
        let mut map = SourceMap::default();
        map.add(Origin::File("a.toml".into()), "x = 1\ny = 2".to_owned());
        let base = map.add(Origin::File("b.toml".into()), "é = 1\r\nzé = 2\r\n".to_owned());
        let start = base + "é = 1\r\nz".len();
        let location = map.locate(Span { start, end: start + 100 });
        assert_eq!(location.origin, Origin::File("b.toml".into()));
        assert_eq!((location.line, location.column), (2, 2));
        assert_eq!(location.text, "zé = 2");
        assert_eq!(location.width, 5);
    }

    #[test]
    fn the_end_of_a_text_belongs_to_it() {
        let mut map = SourceMap::default();
        map.add(Origin::File("a.toml".into()), "x = [\n".to_owned());
        map.add(Origin::File("b.toml".into()), "y = 1".to_owned());
        let location = map.locate(Span { start: 6, end: 6 });
        assert_eq!(location.origin, Origin::File("a.toml".into()));
        assert_eq!((location.line, location.column, location.width), (2, 1, 1));
    }
}
