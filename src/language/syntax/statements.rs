//! A text → its statements: headers and `key = value`, each from its first byte to its last, however many lines it spans.
//!
//! This knows as little of TOML as finding the end of a statement needs: brackets, quotes and comments. A bracket or a quote
//! that is never closed would swallow the rest of the file; it ends here before the next line that begins a statement.

use std::ops::Range;

/// A header or `key = value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    /// Its bytes, without a comment behind it.
    pub range: Range<usize>,
    /// What never ends in it.
    pub unclosed: Option<Unclosed>,
}

/// A bracket or quote that is never closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unclosed {
    /// Where it stands.
    pub at: usize,
    /// What it opens with: `[`, `{`, `"` or `'`.
    pub opening: char,
    /// How many bytes open it: 3 for `"""`.
    pub width: usize,
}

impl Statement {
    /// Whether it is a header, as `[train]`.
    pub(super) fn is_header(&self, text: &str) -> bool {
        text[self.range.clone()].starts_with('[')
    }
}

/// Every statement of a text, in order.
pub(super) fn statements(text: &str) -> Vec<Statement> {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        at: 0,
    };
    let mut statements = Vec::new();
    while let Some(statement) = scanner.next_statement() {
        statements.push(statement);
    }
    statements
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn starts_with(&self, prefix: &[u8]) -> bool {
        self.bytes[self.at..].starts_with(prefix)
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'\n') {
            self.at += 1;
        }
    }

    fn next_statement(&mut self) -> Option<Statement> {
        loop {
            match self.peek()? {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => self.skip_line(),
                _ if self.starts_with("\u{feff}".as_bytes()) => self.at += 3,
                _ => break,
            }
        }
        let start = self.at;
        if self.peek() == Some(b'[') {
            self.skip_line();
            let line = &self.bytes[start..self.at];
            let end = line.iter().position(|byte| *byte == b'#');
            let end = start + end.unwrap_or(line.len());
            return Some(Statement {
                range: start..self.trimmed(start, end),
                unclosed: None,
            });
        }
        let mut open: Vec<usize> = Vec::new();
        let mut unclosed = None;
        // What stands before, comments and spaces aside.
        let mut before = 0;
        let mut end = start;
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' if open.is_empty() || unclosed.is_some() => break,
                b'\n' => {
                    let innermost = open[open.len() - 1];
                    if self.begins_anew(self.bytes[innermost], before) {
                        unclosed = Some(self.bracket(innermost));
                        break;
                    }
                }
                b'#' => {
                    self.skip_line();
                    continue;
                }
                b'"' | b'\'' => {
                    let at = self.at;
                    let width = self.string();
                    if let Some(width) = width {
                        unclosed = unclosed.or(Some(Unclosed {
                            at,
                            opening: byte.into(),
                            width,
                        }));
                    }
                    before = byte;
                    end = self.at;
                    continue;
                }
                b'[' | b'{' => open.push(self.at),
                b']' | b'}' => {
                    open.pop();
                }
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                before = byte;
                end = self.at + 1;
            }
            self.at += 1;
        }
        if let (Some(innermost), None) = (open.last(), unclosed) {
            unclosed = Some(self.bracket(*innermost));
        }
        Some(Statement {
            range: start..end,
            unclosed,
        })
    }

    fn bracket(&self, at: usize) -> Unclosed {
        Unclosed {
            at,
            opening: self.bytes[at].into(),
            width: 1,
        }
    }

    fn trimmed(&self, start: usize, mut end: usize) -> usize {
        while end > start && self.bytes[end - 1].is_ascii_whitespace() {
            end -= 1;
        }
        end
    }

    /// Passes a string; gives the width of its opening where it is not closed: on the line, of one that may span one alone.
    fn string(&mut self) -> Option<usize> {
        let quote = self.bytes[self.at];
        let triple = self.starts_with(&[quote; 3]);
        let width = if triple { 3 } else { 1 };
        self.at += width;
        while let Some(byte) = self.peek() {
            if byte == b'\\' && quote == b'"' && self.bytes.get(self.at + 1) != Some(&b'\n') {
                self.at = (self.at + 2).min(self.bytes.len());
            } else if byte == b'\n' && !triple {
                return Some(width);
            } else if byte == quote && (!triple || self.starts_with(&[quote; 3])) {
                self.at += width;
                // `""""` ends a text with a quote in it.
                while triple && self.peek() == Some(quote) {
                    self.at += 1;
                }
                return None;
            } else {
                self.at += 1;
            }
        }
        Some(width)
    }

    /// Whether the line after this one begins a statement, though a bracket is open: `key =` stands in no list, and in a table
    /// only after a comma or the brace.
    fn begins_anew(&self, innermost: u8, before: u8) -> bool {
        let rest = &self.bytes[self.at + 1..];
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = rest[..end.unwrap_or(rest.len())].trim_ascii();
        let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.\"' ".contains(byte);
        if let Some(inner) = line.strip_prefix(b"[") {
            // `[nan]` is a list; a header's name is another word.
            let name = inner.strip_prefix(b"[").unwrap_or(inner);
            let length = name.iter().take_while(|byte| is_key(byte)).count();
            let (name, behind) = name.split_at(length);
            let is_value = [&b"true"[..], b"false", b"nan", b"inf"].contains(&name);
            return name.first().is_some_and(u8::is_ascii_alphabetic) && behind.starts_with(b"]") && !is_value;
        }
        let length = line.iter().take_while(|byte| is_key(byte)).count();
        let assigns = length > 0 && line[length..].starts_with(b"=");
        assigns && (innermost == b'[' || !matches!(before, b',' | b'{'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(&str, Option<usize>)> {
        let part = |statement: Statement| {
            let unclosed = statement.unclosed.map(|unclosed| unclosed.at);
            (&text[statement.range], unclosed)
        };
        statements(text).into_iter().map(part).collect()
    }

    #[test]
    fn statements_end_where_their_brackets_and_quotes_do() {
        let text = "# a\nx = 1 # [\n[a.b] # c\ny = [\n  1, # ]\n  [2]\n]\nz = { p = 1,\n q = \"]\" }\nw = '''\n[\n'''\n";
        assert_eq!(
            parts(text),
            [
                ("x = 1", None),
                ("[a.b]", None),
                ("y = [\n  1, # ]\n  [2]\n]", None),
                ("z = { p = 1,\n q = \"]\" }", None),
                ("w = '''\n[\n'''", None),
            ]
        );
    }

    #[test]
    fn what_is_never_closed_ends_before_the_next_statement() {
        assert_eq!(parts("x = [\"a\"\ny = 2\n"), [("x = [\"a\"", Some(4)), ("y = 2", None)]);
        assert_eq!(
            parts("x = [[1], [2]\n[train]\ny = { a = 1\nz = 2"),
            [
                ("x = [[1], [2]", Some(4)),
                ("[train]", None),
                ("y = { a = 1", Some(26)),
                ("z = 2", None)
            ]
        );
        assert_eq!(parts("x = \"a\ny = [1\n"), [("x = \"a", Some(4)), ("y = [1", Some(11))]);
    }
}
