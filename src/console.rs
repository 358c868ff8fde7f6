//! What a person reads on the terminal. A reader that goes away (`runner list … | head`) is no error, and a message that
//! nobody can read stops no sweep.
//!
//! Text from files may hold anything: what could move the cursor, colour the terminal or turn the reading order round is
//! written as its code, here, for everything that is printed.

use std::borrow::Cow;
use std::io::{ErrorKind, Write};

use serde::Serialize;

use anyhow::{Context, Result};

/// Prints a result on standard output, with a line end after it, without control characters.
///
/// # Errors
/// When it cannot be written, as on a full disk; not when the reader has gone.
pub fn print(text: &str) -> Result<()> {
    print_styled(&clean(text))
}

/// Prints a value as JSON. What a terminal would act on is written as JSON's own escape, so that the value stays the same.
///
/// # Errors
/// See [`print`].
pub fn print_json(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    print_styled(&escaped(&text, |character| format!("\\u{:04x}", u32::from(character))))
}

/// Prints text that holds colours of this program's own making; what comes from files must be [`clean`]ed before.
///
/// # Errors
/// See [`print`].
pub fn print_styled(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("failed to write to standard output"),
        _ => Ok(()),
    }
}

/// What parts one problem from the next where a text tells several.
pub const PARTED: &str = "\n\n";

/// A number without the digits that only its binary form has: `110`, not `110.00000000000001`.
pub fn shortest(number: f64) -> String {
    let rounded: f64 = format!("{number:.11e}").parse().unwrap_or(number);
    rounded.to_string()
}

/// Words in a row: `mse, mae or huber`.
pub fn joined(words: &[impl AsRef<str>], joint: &str) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words[..] {
        [ref others @ .., last] if !others.is_empty() => format!("{} {joint} {last}", others.join(", ")),
        _ => words.concat(),
    }
}

/// Every problem of a text, as an error each.
pub fn errors(text: &str) -> String {
    let errors = text.split(PARTED).map(|problem| format!("error: {problem}"));
    errors.collect::<Vec<_>>().join("\n")
}

/// Says something on standard error, with a line end after it, without control characters.
pub fn say(text: &str) {
    // There is no place left to tell that nobody can be told.
    drop(writeln!(std::io::stderr().lock(), "{}", clean(text)));
}

/// From now on what this process says, and what the libraries and the runtime in it do, goes into a file. Where the system cannot
/// do that, it stays where it went.
///
/// # Errors
/// When the system refuses.
pub fn say_into(file: &std::fs::File) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::fd::AsRawFd;
        #[expect(unsafe_code, reason = "dup2 is a function of C")]
        // Sound: both numbers are of open files, and standard error stays open.
        let told = unsafe { libc::dup2(file.as_raw_fd(), libc::STDERR_FILENO) };
        if told < 0 {
            return Err(std::io::Error::last_os_error());
        }
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

/// A count with its word, which takes an s unless there is one of it: `1 cell`, `1,066 cells`. The one place that knows a plural.
pub fn counted(count: usize, word: &str) -> String {
    format!("{} {}", grouped(&count.to_string()), noun(count, word))
}

/// A word for so many things, without their number.
pub fn noun(count: usize, word: &str) -> String {
    format!("{word}{}", if count == 1 { "" } else { "s" })
}

/// Digits with commas between thousands.
pub fn grouped(digits: &str) -> String {
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// Text whose control characters, but for line ends and tabs, and whose marks of the reading order are written as `\u{1b}`.
pub fn clean(text: &str) -> Cow<'_, str> {
    escaped(text, |character| character.escape_unicode().to_string())
}

/// The first `most` characters of a text, and what says that there were more.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// A text from a file as a message quotes it: on one line, cut, without control characters.
pub fn quoted(text: &str) -> String {
    let one_line = cut(text, MOST_QUOTED).replace(['\n', '\r', '\t'], " ");
    clean(&one_line).into_owned()
}

/// Names from a file as a message lists them, no more than `most`: `` `a`, `b` and 3 more ``.
pub fn listed<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let named = names.iter().take(most);
    let list: Vec<String> = named.map(|name| format!("`{}`", quoted(name.as_ref()))).collect();
    match names.len().saturating_sub(most) {
        0 => list.join(", "),
        more => format!("{} and {more} more", list.join(", ")),
    }
}

/// The most characters of a text from a file that a message quotes.
const MOST_QUOTED: usize = 80;

fn escaped(text: &str, code: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if acts(character) {
            out.push_str(&code(character));
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// Whether a terminal does something at a character other than show it.
fn acts(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        // Marks, embeddings and isolates of the reading order.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_a_row() {
        assert_eq!(joined(&["mse", "mae", "huber"], "or"), "mse, mae or huber");
        assert_eq!(joined(&["mse", "mae"], "and"), "mse and mae");
        assert_eq!(
            (joined(&["bce"], "or"), joined(&[""; 0], "or")),
            ("bce".to_owned(), String::new())
        );
    }

    #[test]
    fn lists_name_the_first_and_count_the_others() {
        assert_eq!(listed(&["a", "b"], 2), "`a`, `b`");
        assert_eq!(listed(&["a\u{1b}", "b", "c"], 1), "`a\\u{1b}` and 2 more");
    }

    #[test]
    fn one_thing_has_no_plural() {
        let shown = [0, 1, 2, 999, 1066, 1_234_567].map(|number| counted(number, "cell"));
        let expected = ["0 cells", "1 cell", "2 cells", "999 cells", "1,066 cells", "1,234,567 cells"];
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_a_terminal_would_act_on_is_written_as_its_code() {
        assert_eq!(clean("a\n\tb é"), "a\n\tb é");
        assert_eq!(clean("\u{1b}[2J\u{9b}31m"), "\\u{1b}[2J\\u{9b}31m");
        assert_eq!(clean("a\rb\u{7f}\u{202e}c"), "a\\u{d}b\\u{7f}\\u{202e}c");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("éé", 2), "éé");
        assert_eq!(cut("ééé", 2), "éé…");
        assert_eq!(quoted(&"x\n".repeat(100)).chars().count(), 81);
    }
}
