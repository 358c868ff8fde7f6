//! What is said of a comparison, on the terminal: wrapped to its width, and coloured where a person looks at it.

use super::document::{Document, MOST_LISTED, Row, Tone};
use super::plain::one_line;

/// How the terminal shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether it shows colours.
    pub color: bool,
}

impl Look {
    fn painted(self, text: &str, tone: Tone) -> String {
        let code = match tone {
            // Blue and orange, which every kind of colour blindness tells apart.
            Tone::Good => "38;5;33",
            Tone::Bad => "38;5;208",
            Tone::Neither => "2",
        };
        self.styled(text, code)
    }

    fn styled(self, text: &str, code: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The whole; why it does not pass comes last, where a reader's eye is.
pub(crate) fn terminal(document: &Document, look: Look) -> String {
    let wrapped = |text: &str, indent: usize| wrap(text, indent, look.width);
    let bold = |text: &str| look.styled(&wrapped(text, 0), "1");
    let mut out = bold(&document.headline());
    for experiment in &document.experiments {
        out += &format!("\n\n{}", bold(&experiment.name));
        for section in &experiment.sections {
            let heading = format!("{}{}", section.id, section.seeds);
            out += &format!("\n{}", wrapped(&heading, 2));
            for line in section.settings.iter().chain(&section.parts) {
                out += &format!("\n{}", wrapped(line, 4));
            }
            out += &table(&section.rows, look);
            for line in &section.lacking {
                out += &format!("\n{}", wrapped(line, 4));
            }
        }
        for list in &experiment.lists {
            for id in list.ids.iter().take(MOST_LISTED) {
                out += &format!("\n{}", wrapped(&format!("{} {id}", list.sign), 2));
            }
            let more = list.ids.len().saturating_sub(MOST_LISTED);
            if more > 0 {
                out += &format!("\n  {} {more} more {}", list.sign, list.word);
            }
        }
    }
    for reason in &document.unreadable {
        out += "\n\n";
        out += &wrapped(&format!("cannot be compared: {reason}"), 0);
    }
    for line in document.unplanned.iter().chain(&document.allowed) {
        out += &format!("\n\n{}", wrapped(line, 0));
    }
    for (place, failure) in document.failures.iter().enumerate() {
        let line = wrapped(&format!("{}: {}", failure.word, failure.sentence()), 0);
        out += if place == 0 { "\n\n" } else { "\n" };
        out += &look.painted(&line, Tone::Bad);
    }
    out
}

/// Rows with aligned columns; the verdict goes below its row where the line would be too long.
fn table(rows: &[Row], look: Look) -> String {
    let widest = |of: fn(&Row) -> &String| {
        let widths = rows.iter().map(|row| of(row).chars().count());
        widths.max().unwrap_or_default()
    };
    let [a, b, c, d] = [
        widest(|row| &row.label),
        widest(|row| &row.before),
        widest(|row| &row.after),
        widest(|row| &row.change),
    ];
    let mut out = String::new();
    for row in rows {
        let Row {
            label,
            before,
            after,
            change,
            verdict,
            tone,
        } = row;
        let line = format!("    {label:a$}  {before:>b$} → {after:>c$}  {change:>d$}");
        let fits = line.chars().count() + 2 + verdict.chars().count() <= look.width;
        if fits {
            out += &format!("\n{line}  {}", look.painted(verdict, *tone));
            continue;
        }
        // Narrow: the numbers, then what they come to, each in as many lines as it takes.
        let numbers = if line.chars().count() <= look.width {
            line
        } else {
            let line = format!("{label} {before} → {after} {change}");
            wrap(&line, 4, look.width)
        };
        let indent = if look.width >= 80 { a + 6 } else { 8 };
        let verdict = look.painted(&wrap(verdict, indent, look.width), *tone);
        out += &format!("\n{numbers}\n{verdict}");
    }
    out
}

/// Text in lines of at most `width` columns, broken at spaces, then at commas, then anywhere; `indent` stands before each, and
/// more before all but the first.
fn wrap(text: &str, indent: usize, width: usize) -> String {
    let text = one_line(text);
    let (mut lines, mut line) = (Vec::new(), " ".repeat(indent));
    let mut is_empty = true;
    for piece in text.split_inclusive([' ', ',']) {
        let fits =
            |line: &str, piece: &str| line.chars().count() + piece.trim_end().chars().count() <= width.max(indent + 8);
        if !is_empty && !fits(&line, piece) {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent + 2)));
        }
        for letter in piece.chars() {
            if !fits(&line, &letter.to_string()) {
                lines.push(std::mem::replace(&mut line, " ".repeat(indent + 2)));
            }
            line.push(letter);
        }
        is_empty = false;
    }
    lines.push(line);
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n")
}
