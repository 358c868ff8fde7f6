//! One mistake of a specification, and how all of them are printed.

use std::collections::HashSet;
use std::fmt::{self, Write as _};

use super::quote::{cut, visible};
use super::source::{Location, Origin, SourceMap, Span};
use crate::console::{PARTED, counted};

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// The place to blame; absent where no text is at fault (a missing file).
    pub span: Option<Span>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
    /// Whether others were not looked for behind it.
    pub cut_off: bool,
}

impl Diagnostic {
    /// A mistake at a place.
    pub fn at(span: Span, message: impl Into<String>) -> Self {
        Self {
            span: Some(span),
            message: message.into(),
            help: None,
            cut_off: false,
        }
    }

    /// A mistake that stands in no text.
    pub fn nowhere(message: impl Into<String>) -> Self {
        Self {
            span: None,
            message: message.into(),
            help: None,
            cut_off: false,
        }
    }

    /// The same with what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Every mistake of the files that were asked for, ready to print.
#[derive(Debug)]
pub struct SpecError {
    mistakes: Vec<Mistake>,
}

/// How many mistakes of one file are told.
pub(crate) const MOST_OF_A_FILE: usize = 50;

/// Mistakes that are looked for in one part of a file, as a table or a list.
pub(crate) const MOST_OF_A_PART: usize = 2000;

/// Mistakes of a file that are left out.
#[derive(Default)]
struct LeftOut {
    count: usize,
    /// Whether there may be more.
    at_least: bool,
}

/// What is said of the mistakes of a file that are left out; `last` is the last one that is not.
fn more(left_out: &LeftOut, last: Option<&Mistake>) -> Option<Mistake> {
    let file = match last?.location.as_ref().map(|location| &location.origin) {
        Some(Origin::File(path)) => format!("{}: ", path.display()),
        _ => String::new(),
    };
    (left_out.count > 0).then(|| Mistake {
        location: None,
        message: format!(
            "{file}and {}{}",
            if left_out.at_least { "at least " } else { "" },
            counted(left_out.count, "more mistake")
        ),
        help: None,
    })
}

/// A diagnostic with its place found.
#[derive(Debug, PartialEq, Eq)]
struct Mistake {
    location: Option<Location>,
    message: String,
    help: Option<String>,
}

impl SpecError {
    /// The mistakes in the order of the texts, each once; of very many in one file the first.
    pub fn new(mut diagnostics: Vec<Diagnostic>, sources: &SourceMap) -> Self {
        // By place alone: of one place, the order in which they were found stays.
        diagnostics.sort_by_key(|diagnostic| diagnostic.span);
        let mut seen = HashSet::new();
        diagnostics.retain(|diagnostic| seen.insert(diagnostic.clone()));
        let mut mistakes: Vec<Mistake> = Vec::new();
        let mut file = None;
        let mut of_file = 0;
        let mut left_out = LeftOut::default();
        for diagnostic in diagnostics {
            let own = diagnostic.span.map(|span| sources.number_of(span));
            if own != file {
                mistakes.extend(more(&std::mem::take(&mut left_out), mistakes.last()));
                (file, of_file) = (own, 0);
            }
            of_file += 1;
            left_out.at_least |= diagnostic.cut_off;
            if of_file > MOST_OF_A_FILE {
                left_out.count += 1;
                continue;
            }
            mistakes.push(Mistake {
                location: diagnostic.span.map(|span| sources.locate(span)),
                message: diagnostic.message,
                help: diagnostic.help,
            });
        }
        mistakes.extend(more(&left_out, mistakes.last()));
        Self { mistakes }
    }

    /// The same with what is wrong elsewhere, as with the data, told behind.
    #[must_use]
    pub fn and(mut self, messages: impl IntoIterator<Item = String>) -> Self {
        self.mistakes.extend(
            messages
                .into_iter()
                .flat_map(|message| {
                    let parts = message.split(PARTED).map(str::to_owned);
                    parts.collect::<Vec<_>>()
                })
                .map(|message| Mistake {
                    location: None,
                    message,
                    help: None,
                }),
        );
        self
    }

    /// How many mistakes there are.
    pub fn count(&self) -> usize {
        self.mistakes.len()
    }

    /// Every mistake as a person reads it; `colour` for a terminal.
    pub fn render(&self, colour: bool) -> String {
        let paint = Paint { colour };
        let mut text = String::new();
        for (index, mistake) in self.mistakes.iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            mistake.render(&mut text, &paint).expect("writing to a string does not fail");
        }
        text
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl std::error::Error for SpecError {}

impl Mistake {
    fn render(&self, out: &mut String, paint: &Paint) -> fmt::Result {
        let error = paint.red("error:");
        match &self.location {
            None => writeln!(out, "{error} {}", cut(&self.message))?,
            Some(location) => {
                writeln!(out, "{error} {}: {}", visible(&place(location)), cut(&self.message))?;
                excerpt(out, location, paint)?;
            }
        }
        if let Some(help) = &self.help {
            writeln!(out, "  {} {}", paint.blue("help:"), cut(help))?;
        }
        Ok(())
    }
}

/// `file:line:column`, or the option.
fn place(location: &Location) -> String {
    match &location.origin {
        Origin::File(path) => format!("{}:{}:{}", path.display(), location.line, location.column),
        Origin::Option(option) => option.clone(),
    }
}

/// The line with a marker below.
fn excerpt(out: &mut String, location: &Location, paint: &Paint) -> fmt::Result {
    let number = location.line.to_string();
    let margin = " ".repeat(number.len());
    let bar = paint.blue("|");
    let parts = |from: usize, count: usize| -> String {
        let part: String = location.text.chars().skip(from).take(count).collect();
        tabs_widened(&part)
    };
    let indent = " ".repeat(parts(0, location.indent).chars().count());
    let covered = parts(location.indent, location.width).chars().count();
    let marker = "^".repeat(covered.max(1));
    writeln!(out, "{margin} {bar}")?;
    let line = format!("{} {bar} {}", paint.blue(&number), tabs_widened(&location.text));
    writeln!(out, "{}", line.trim_end())?;
    writeln!(out, "{margin} {bar} {indent}{}", paint.red(&marker))
}

/// A tab has no width that a marker could match.
fn tabs_widened(text: &str) -> String {
    visible(&text.replace('\t', "    ").replace('\u{feff}', " "))
}

/// Colours for a terminal, or none.
struct Paint {
    colour: bool,
}

impl Paint {
    fn red(&self, text: &str) -> String {
        self.with("1;31", text)
    }

    fn blue(&self, text: &str) -> String {
        self.with("1;34", text)
    }

    fn with(&self, code: &str, text: &str) -> String {
        let mut painted = String::new();
        if self.colour {
            let _ = write!(painted, "\x1b[{code}m{text}\x1b[0m");
        } else {
            painted.push_str(text);
        }
        painted
    }
}
