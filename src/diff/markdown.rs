//! What is said of a comparison, as GitHub's Markdown for a pull request: as far as a comment holds it.

use super::document::{Document, MOST_LISTED, Section};

/// A comment on GitHub holds 65,536 characters.
const MOST_BYTES: usize = 48_000; // the last lists and lines may follow

/// The whole, as far as a comment holds it; why it does not pass comes first.
pub(crate) fn markdown(document: &Document) -> String {
    let mut out = format!("**{}**\n", escaped(&document.headline()));
    for (word, many) in [("regression", "regressions"), ("not checked", "not checked")] {
        let failures = document.failures.iter();
        let own: Vec<_> = failures.filter(|failure| failure.word == word).collect();
        for failure in own.iter().take(MOST_LISTED) {
            let group = match failure.group.as_str() {
                "" => String::new(),
                group => format!("{}: ", code(group)),
            };
            out += &format!("\n- ❌ {word}: {group}{}\n", escaped(&failure.text));
        }
        let more = own.len().saturating_sub(MOST_LISTED);
        if more > 0 {
            out += &format!("\n- ❌ {more} more {many}\n");
        }
    }
    for allowed in document.allowed.iter().take(MOST_LISTED) {
        out += &format!("\n- {}\n", escaped(allowed));
    }
    let (mut left_out, mut more_ids) = (0, 0);
    for experiment in &document.experiments {
        if out.len() > MOST_BYTES {
            left_out += experiment.sections.len();
            more_ids += experiment.lists.iter().map(|list| list.ids.len()).sum::<usize>();
            continue;
        }
        out += &format!("\n### {}\n", escaped(&experiment.name));
        for section in &experiment.sections {
            if out.len() > MOST_BYTES {
                left_out += 1;
            } else {
                out += &of_section(section);
            }
        }
        for list in &experiment.lists {
            out += &format!("\n{} {}:\n", list.ids.len(), list.word);
            let shown = if out.len() > MOST_BYTES { 0 } else { MOST_LISTED };
            for id in list.ids.iter().take(shown) {
                out += &format!("- {}\n", code(id));
            }
            if list.ids.len() > shown {
                out += &format!("- and {} more\n", list.ids.len() - shown);
            }
        }
    }
    if left_out > 0 {
        out += &format!("\nAnd {left_out} more groups, for which there is no room here.\n");
    }
    if more_ids > 0 {
        out += &format!("\nAnd {more_ids} more cells that only one side has.\n");
    }
    let shown = if out.len() > MOST_BYTES { 3 } else { MOST_LISTED };
    for (before, lines, more) in [
        ("Cannot be compared: ", &document.unreadable, "cannot be compared"),
        (
            "",
            &document.unplanned,
            "experiments have records of cells that they no longer plan",
        ),
    ] {
        for line in lines.iter().take(shown) {
            out += &format!("\n{before}{}\n", escaped(line));
        }
        if lines.len() > shown {
            out += &format!("\nAnd {} more {more}.\n", lines.len() - shown);
        }
    }
    out
}

fn of_section(section: &Section) -> String {
    let mut out = format!("\n{}{}\n", code(&section.id), section.seeds);
    for setting in &section.settings {
        out += &format!("- {}\n", code(setting));
    }
    for part in &section.parts {
        out += &format!("- {}\n", escaped(part));
    }
    if !section.rows.is_empty() {
        out += "\n| metric | before | after | change | |\n|---|--:|--:|--:|---|\n";
    }
    for row in &section.rows {
        let cells = [&row.label, &row.before, &row.after, &row.change, &row.verdict];
        let cells = cells.map(|text| escaped(text));
        out += &format!("| {} |\n", cells.join(" | "));
    }
    for line in &section.lacking {
        out += &format!("\n{}\n", escaped(line));
    }
    out
}

/// Text in a code span.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

/// What stands between two letters that must not become a link or a mention.
const APART: &str = "<!-- -->";

/// Text that Markdown takes as text, and GitHub for no link and no person's name.
fn escaped(text: &str) -> String {
    let special = |c: char| matches!(c, '\\' | '`' | '*' | '_' | '<' | '>' | '|' | '[' | ']' | '#' | '~' | '&');
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            c if c.is_control() => out.push(' '),
            c if special(c) => out.extend(['\\', c]),
            '@' => out += &format!("@{APART}"),
            ':' if letters.peek() == Some(&'/') => out += &format!(":{APART}"),
            '.' if out.ends_with("www") || out.ends_with("WWW") => out += &format!("{APART}."),
            c => out.push(c),
        }
    }
    out
}
