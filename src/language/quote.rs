//! Text of files as a message shows it: what is quoted is cut, and nothing in it reaches the terminal as a command.

/// How many characters of one quoted text are shown.
const MOST_QUOTED: usize = 80;

/// How many characters of a whole message are shown.
const MOST_SHOWN: usize = 1500;

/// The text with every character that is not printed written as its code, as `\u{1b}`; line ends stay.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            out.extend(character.escape_unicode());
        } else {
            out.push(character);
        }
    }
    out
}

/// Characters that a terminal obeys or does not show, among them those that turn the direction of writing.
fn is_hidden(character: char) -> bool {
    character.is_control() && character != '\n'
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A message with long texts in quotes or backticks cut, and with everything in it visible.
pub(super) fn cut(message: &str) -> String {
    let message = visible(message);
    let mut out = String::with_capacity(message.len());
    let mut rest = message.as_str();
    while let Some(open) = rest.find(['`', '"']) {
        let quote = rest[open..].chars().next().unwrap_or('`');
        let inner = &rest[open + 1..];
        out.push_str(&rest[..=open]);
        let Some(close) = inner.find(quote) else {
            rest = inner;
            continue;
        };
        out.push_str(&shortened(&inner[..close], MOST_QUOTED));
        out.push(quote);
        rest = &inner[close + 1..];
    }
    out.push_str(rest);
    shortened(&out, MOST_SHOWN)
}

fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some(_) => text.chars().take(most - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_is_obeyed_by_a_terminal() {
        assert_eq!(
            visible("a\u{1b}[31mb\r\u{7}\u{202e}\n"),
            "a\\u{1b}[31mb\\u{d}\\u{7}\\u{202e}\n"
        );
    }

    #[test]
    fn long_quoted_texts_are_cut() {
        let long = "x".repeat(200);
        let message = cut(&format!("unknown field `{long}`, found \"{long}\""));
        let short = format!("{}…", "x".repeat(79));
        assert_eq!(message, format!("unknown field `{short}`, found \"{short}\""));
        assert_eq!(cut("the `a` and \"b\" it's"), "the `a` and \"b\" it's");
        assert!(cut(&"y ".repeat(5000)).chars().count() <= MOST_SHOWN);
    }
}
