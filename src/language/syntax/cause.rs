//! One statement → what is wrong with it, in the words of somebody who does not know TOML.

use std::ops::Range;

use toml::de::DeTable;

use super::super::keys::TABLES;
use super::statements::{Statement, Unclosed};

/// The place in the whole text, what is wrong, and what to do.
type Cause = (Range<usize>, String, Option<String>);

/// What is wrong with a statement by itself.
pub(super) fn of(text: &str, statement: &Statement) -> Option<Cause> {
    let own = &text[statement.range.clone()];
    if let Some(unclosed) = statement.unclosed {
        return Some(of_unclosed(unclosed));
    }
    let (_, errors) = DeTable::parse_recoverable(own);
    let error = errors.iter().min_by_key(|error| error.span().unwrap_or_default().start)?;
    let place = error.span().unwrap_or_default();
    // Keys that stand twice in one inline table are told with the others.
    if error.message() == "duplicate key" {
        return None;
    }
    let (range, message, help) = if statement.is_header(text) {
        of_header(own, place, error.message())
    } else {
        of_assignment(own, place, error.message())
    };
    let start = statement.range.start;
    Some((range.start + start..range.end + start, message, help))
}

fn of_unclosed(unclosed: Unclosed) -> Cause {
    let (message, help) = match (unclosed.opening, unclosed.width) {
        ('[', _) => ("`[` is never closed by `]`".to_owned(), "a list ends in `]`, as [1, 3, 7]"),
        ('{', _) => (
            "`{` is never closed by `}`".to_owned(),
            "a table in one line ends in `}`, as { from = 0, to = 4 }",
        ),
        (quote, 1) => (
            format!("the text that begins with {quote} has no end"),
            "text ends in the quote that it begins with, on the same line",
        ),
        (quote, width) => (
            format!("the text that begins with {} has no end", quote.to_string().repeat(width)),
            "text in three quotes ends in the same three quotes",
        ),
    };
    let range = unclosed.at..unclosed.at + unclosed.width;
    (range, message, Some(help.to_owned()))
}

fn of_header(own: &str, place: Range<usize>, message: &str) -> Cause {
    let opening = if own.starts_with("[[") { "[[" } else { "[" };
    let closing = if opening == "[[" { "]]" } else { "]" };
    let name = own.trim_matches(['[', ']']).trim();
    let is_name = !name.is_empty() && name.split('.').all(is_word);
    let help = is_name.then(|| format!("write {opening}{name}{closing}"));
    if !own.ends_with(closing) || own.ends_with("]]") != (opening == "[[") {
        let message = format!("the header is not closed by `{closing}`");
        return (0..own.len(), message, help);
    }
    if name.contains(' ') && name.split(' ').all(|word| word.split('.').all(is_word)) {
        let mut parts = name.split_whitespace();
        let first = parts.next().unwrap_or_default();
        let rest = parts.collect::<Vec<_>>().join("_");
        // `[model lstm]` wants its point; `[model.my lstm]` has it.
        let by = if matches!(first, "dataset" | "model") { '.' } else { '_' };
        let help = format!("write {opening}{first}{by}{rest}{closing}: points part the names, and a name has no space");
        return (0..own.len(), "the header has a space in its name".to_owned(), Some(help));
    }
    (place, message.to_owned(), help)
}

fn of_assignment(own: &str, place: Range<usize>, message: &str) -> Cause {
    let Some(equals) = assignment(own) else {
        return without_equals(own);
    };
    let key = own[..equals].trim();
    let value = own[equals + 1..].trim();
    if value.is_empty() {
        let message = format!("`{key}` has no value");
        let help = "give it one behind the `=`, or take the line out: what may be absent has a default";
        return (0..own.len(), message, Some(help.to_owned()));
    }
    if place.start <= equals {
        let help = "a key is made of letters, digits, _ and -; anything else needs quotes";
        return (place, message.to_owned(), Some(help.to_owned()));
    }
    // The whole word at the place: the parser stops in the middle of one.
    let word = word_at(own, place.start.min(own.len()).max(equals + 1));
    if let Some((message, help)) = of_word(key, &own[word.clone()], word.start == value_start(own, equals)) {
        return (word, message, Some(help));
    }
    let at = own.get(place.start..).unwrap_or_default();
    let (message, help) = match at.chars().next() {
        Some('(') => (
            "a list stands in square brackets".to_owned(),
            Some("write [30, 50] for (30, 50)".to_owned()),
        ),
        Some(',') if !value.starts_with(['[', '{']) => (
            "one value stands here, and a second follows behind the comma".to_owned(),
            Some("several values stand in brackets, as [30, 50]; a fraction has a point, as 0.5".to_owned()),
        ),
        _ if message.contains("escape") => (
            "the backslash begins no known escape".to_owned(),
            Some("in double quotes a backslash has a meaning of its own: write / or use single quotes".to_owned()),
        ),
        _ => match of_day(value) {
            Some((message, help)) => return (value_start(own, equals)..own.len(), message, Some(help)),
            None => (message.to_owned(), None),
        },
    };
    let end = place.end.max(place.start);
    (place.start..end, message, help)
}

/// What is wrong with a value that looks like a day, and how it is written.
fn of_day(value: &str) -> Option<(String, String)> {
    let mark = value.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = value.split(mark).collect();
    let [first, second, third] = parts.as_slice() else {
        return None;
    };
    let lengths = [first.len(), second.len(), third.len()];
    let short = |length: usize| (1..=2).contains(&length);
    if !matches!(mark, '.' | '-' | '/') || !parts.iter().all(|part| is_number(part)) {
        return None;
    }
    let day = |year: &str, month: &str, day: &str| {
        let date = jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        date.ok()
    };
    // Of two short numbers one is the month for certain only where the other is above 12.
    let (meant, is_of_form) = match lengths {
        [4, month, of_month] if short(month) && short(of_month) => (day(first, second, third), true),
        [one, two, 4] if short(one) && short(two) => {
            let [day_first, month_first] = [day(third, second, first), day(third, first, second)];
            let meant = match (day_first, month_first) {
                (Some(day), None) | (None, Some(day)) => Some(day),
                (Some(day), Some(same)) if day == same => Some(day),
                _ => None,
            };
            let is_day = day_first.or(month_first).is_some();
            (meant, is_day)
        }
        _ => return None,
    };
    let form = "a date is a year, a month and a day, as 2020-01-31".to_owned();
    if !is_of_form || lengths[0] == 4 && meant.is_none() {
        return Some((format!("there is no day {value}"), form));
    }
    let message = if lengths == [4, 2, 2] {
        "the parts of a date are joined by `-`"
    } else if lengths[0] == 4 {
        "the month and the day of a date have two digits each"
    } else {
        "a date is written with its year first, and `-` between"
    };
    Some((message.to_owned(), meant.map_or(form, |day| format!("write {day}"))))
}

fn value_start(own: &str, equals: usize) -> usize {
    let behind = &own[equals + 1..];
    equals + 1 + behind.len() - behind.trim_start().len()
}

/// A line that assigns nothing.
fn without_equals(own: &str) -> Cause {
    let whole = 0..own.lines().next().unwrap_or(own).len();
    if own.starts_with("//") || own.starts_with("--") || own.starts_with(';') {
        let message = "a comment begins with `#`".to_owned();
        let comment = own[whole.clone()].trim_start_matches(['/', '-', ';']).trim();
        return (whole, message, Some(format!("write # {comment}")));
    }
    if let Some((key, value)) = own.split_once(':')
        && key.split('.').all(|part| is_word(part.trim()))
    {
        if value.trim().is_empty()
            && let Some(header) = header_of(key.trim())
        {
            let message = "a header stands in brackets, and no `:` ends it".to_owned();
            return (whole, message, Some(format!("write {header}")));
        }
        let message = "a key and its value are parted by `=`, and not by `:`".to_owned();
        let help = format!("write {} = {}", key.trim(), value.trim());
        return (whole, message, Some(help));
    }
    if let Some((key, value)) = own.split_once(' ')
        && is_word(key)
        && DeTable::parse_recoverable(&format!("{key} = {value}")).1.is_empty()
    {
        let message = "there is no `=` between a key and its value".to_owned();
        let help = format!("write {key} = {}", value.trim());
        return (whole, message, Some(help));
    }
    let help = "a line is a header, as [train], or a key and its value, as epochs = 100".to_owned();
    let message = "the line assigns nothing: it has no `=`".to_owned();
    (whole, message, Some(help))
}

/// What is wrong with a word that is no value; `alone` where it begins the value.
fn of_word(key: &str, word: &str, alone: bool) -> Option<(String, String)> {
    let told = |message: String, help: &str| Some((message, help.to_owned()));
    match word.to_lowercase().as_str() {
        "none" | "null" | "nil" | "undefined" => {
            return told(
                format!("TOML has no `{word}`"),
                "leave the key out if it has a default, or give it a value",
            );
        }
        "true" | "yes" | "on" => return told(format!("`{word}` is no value"), "write true"),
        "false" | "no" | "off" => return told(format!("`{word}` is no value"), "write false"),
        "nan" | "na" | "n/a" | "infinity" | "inf" | "-inf" => {
            return told(format!("`{word}` is no value"), "a finite number is expected, as 0.5");
        }
        _ => {}
    }
    let first = word.chars().next()?;
    if matches!(first, '“' | '”' | '„' | '‘' | '’' | '«' | '`') {
        return told(
            format!("`{first}` is no quote of TOML"),
            "text stands in straight quotes, as \"lstm\"",
        );
    }
    if let Some(digits) = word.strip_prefix('.').filter(|rest| is_number(rest)) {
        return Some((
            "a number has a digit before its point".to_owned(),
            format!("write 0.{digits}"),
        ));
    }
    if let Some(whole) = word.strip_suffix('.').filter(|whole| is_number(whole)) {
        return Some(("a number has a digit behind its point".to_owned(), format!("write {whole}.0")));
    }
    let is_text = first.is_alphabetic() && word.chars().all(|c| c.is_alphanumeric() || "_-./".contains(c));
    if is_text {
        let help = if alone && is_word(key) {
            format!("write {key} = \"{word}\"")
        } else {
            format!("write \"{word}\"")
        };
        return Some(("text stands in quotes".to_owned(), help));
    }
    None
}

/// How the header of a table is written; none of what is no table.
fn header_of(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.split('.').collect();
    match parts.as_slice() {
        [table @ ("dataset" | "model")] => Some(format!("[{table}.NAME]")),
        ["report"] => Some("[[report.table]], [[report.figure]] or [[report.comparison]]".to_owned()),
        ["report", _] | ["grid", "exclude" | "include"] => Some(format!("[[{name}]]")),
        [table] if TABLES.contains(table) => Some(format!("[{table}]")),
        ["dataset" | "model", _] => Some(format!("[{name}]")),
        _ => None,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// The word around a byte: up to what parts values.
fn word_at(own: &str, at: usize) -> Range<usize> {
    let parts = |c: char| c.is_whitespace() || "[]{},=\"'#()".contains(c);
    let mut at = at;
    while !own.is_char_boundary(at) {
        at -= 1;
    }
    let start = own[..at]
        .rfind(parts)
        .map_or(0, |before| before + own[before..].chars().next().map_or(1, char::len_utf8));
    let end = own[at..].find(parts).map_or(own.len(), |after| at + after);
    start..end.max(start)
}

/// Where a statement assigns: its first `=` outside quotes.
pub(super) fn assignment(own: &str) -> Option<usize> {
    let mut quote = None;
    for (at, character) in own.char_indices() {
        match (quote, character) {
            (None, '=') => return Some(at),
            (None, '"' | '\'') => quote = Some(character),
            (None, '\n') => return None,
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    None
}
