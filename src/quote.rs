//! Text from a file as a message shows it: never longer than a line, and nothing in it that a terminal would obey.

/// Characters that are shown, at most.
const SHOWN: usize = 60;

/// The text, cut after 60 characters. Control characters and those that turn the direction of writing are escaped.
pub fn shown(text: &str) -> String {
    let mut shown = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == SHOWN {
            shown.push('…');
            break;
        }
        if character.is_control() || turns_direction(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Names in a list as messages show them: `` `a`, `b` and 3 more ``.
pub fn listed<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let quoted: Vec<String> = names
        .iter()
        .take(most)
        .map(|name| format!("`{}`", shown(name.as_ref())))
        .collect();
    match names.len().saturating_sub(most) {
        0 => quoted.join(", "),
        more => format!("{} and {more} more", quoted.join(", ")),
    }
}

fn turns_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_cut_and_control_characters_are_escaped() {
        assert_eq!(shown("1,234.5 é"), "1,234.5 é");
        assert_eq!(shown("a\x1b[2J\n\u{202e}b"), "a\\u{1b}[2J\\n\\u{202e}b");
        assert_eq!(shown(&"é".repeat(60)), "é".repeat(60));
        assert_eq!(shown(&"é".repeat(1 << 20)), "é".repeat(60) + "…");
    }

    #[test]
    fn lists_name_the_first_and_count_the_others() {
        assert_eq!(listed(&["a", "b"], 2), "`a`, `b`");
        assert_eq!(listed(&["a", "b", "c"], 1), "`a` and 2 more");
    }
}
