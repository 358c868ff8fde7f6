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
}

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
    /// The whole line, without its end.
    pub text: String,
    /// How many characters of the line the span covers, at least 1.
    pub width: usize,
}

impl SourceMap {
    /// Takes a text in and says where its first byte is counted.
    pub fn add(&mut self, origin: Origin, text: String) -> usize {
        // One byte between two texts, so that the end of one is not the start of the next.
        let base = self
            .sources
            .last()
            .map_or(0, |last| last.base + last.text.len() + 1);
        self.sources.push(Source { origin, text, base });
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

    fn source_of(&self, span: Span) -> &Source {
        let after = self
            .sources
            .partition_point(|source| source.base <= span.start);
        &self.sources[after - 1]
    }

    /// Finds a span.
    pub fn locate(&self, span: Span) -> Location {
        let source = self.source_of(span);
        let text = source.text.as_str();
        let start = floor_boundary(text, span.start - source.base);
        let end = floor_boundary(text, span.end.saturating_sub(source.base)).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..]
            .find('\n')
            .map_or(text.len(), |newline| start + newline);
        let line = text[line_start..line_end].trim_end_matches('\r');
        let covered =
            &text[start..end.clamp(start, line_start + line.len().max(start - line_start))];
        Location {
            origin: source.origin.clone(),
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            text: line.to_owned(),
            width: covered.chars().count().max(1),
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
        let base = map.add(
            Origin::File("b.toml".into()),
            "é = 1\r\nzé = 2\r\n".to_owned(),
        );
        let start = base + "é = 1\r\nz".len();
        let location = map.locate(Span {
            start,
            end: start + 100,
        });
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
