//! A comparison as GitHub's Markdown, for a pull request.

use super::Comparison;
use super::regression::Judgement;
use super::text::{MOST_IDS, headline, ids, label, lack, no_longer_planned, plain, row, seeds};
use crate::judge::round;

/// A comment on GitHub holds 65,536 characters.
const MOST_BYTES: usize = 48_000; // the last lists and lines may follow

/// The whole comparison, as far as a comment holds it.
pub fn markdown(comparison: &Comparison, judgement: &Judgement) -> String {
    let mut out = format!("**{}**\n", escaped(&headline(comparison)));
    for one in judgement.regressions.iter().take(MOST_IDS) {
        out += &format!(
            "\n- ❌ regression: {}: {} {}\n",
            code(&format!("{}/{}", one.experiment, one.id)),
            escaped(&label(&one.effect.metric)),
            round::change(one.effect.difference, one.effect.relative)
        );
    }
    let more = judgement.regressions.len().saturating_sub(MOST_IDS);
    if more > 0 {
        out += &format!("\n- ❌ {more} more regressions\n");
    }
    for reason in judgement.unchecked.iter().take(MOST_IDS) {
        out += &format!("\n- ❌ not checked: {}\n", escaped(reason));
    }
    let more = judgement.unchecked.len().saturating_sub(MOST_IDS);
    if more > 0 {
        out += &format!("\n- ❌ {more} more not checked\n");
    }
    for allowed in judgement.allowed().take(MOST_IDS) {
        out += &format!("\n- {}\n", escaped(&allowed));
    }
    let (mut left_out, mut more_ids) = (0, 0);
    for experiment in &comparison.experiments {
        if out.len() > MOST_BYTES {
            left_out += experiment.groups.len();
            more_ids += experiment.added.len() + experiment.removed.len();
            continue;
        }
        out += &format!("\n### {}\n", escaped(&plain(&experiment.name)));
        for group in &experiment.groups {
            if out.len() > MOST_BYTES {
                left_out += 1;
                continue;
            }
            out += &format!("\n{}{}\n", code(&group.id), seeds(group));
            for setting in &group.settings {
                out += &format!("- {}\n", code(&setting.to_string()));
            }
            for part in &group.parts {
                out += &format!("- {}\n", escaped(&plain(part)));
            }
            if !group.effects.is_empty() {
                out += "\n| metric | before | after | change | |\n|---|--:|--:|--:|---|\n";
            }
            for effect in &group.effects {
                let cells = row(effect).map(|text| escaped(&text));
                out += &format!("| {} |\n", cells.join(" | "));
            }
            for lacking in &group.lacking {
                out += &format!("\n{}\n", escaped(&lack(lacking, group.cells)));
            }
        }
        for (_, what, ids) in ids(experiment) {
            if !ids.is_empty() {
                out += &format!("\n{} {what}:\n", ids.len());
            }
            let shown = if out.len() > MOST_BYTES { 0 } else { MOST_IDS };
            for id in ids.iter().take(shown) {
                out += &format!("- {}\n", code(id));
            }
            if ids.len() > shown {
                out += &format!("- and {} more\n", ids.len() - shown);
            }
        }
    }
    if left_out > 0 {
        out += &format!("\nAnd {left_out} more groups, for which there is no room here.\n");
    }
    if more_ids > 0 {
        out += &format!("\nAnd {more_ids} more cells that only one side has.\n");
    }
    let shown = if out.len() > MOST_BYTES { 3 } else { MOST_IDS };
    for reason in comparison.unreadable.iter().take(shown) {
        out += &format!("\nCannot be compared: {}\n", escaped(&plain(reason)));
    }
    let more = comparison.unreadable.len().saturating_sub(shown);
    if more > 0 {
        out += &format!("\nAnd {more} more cannot be compared.\n");
    }
    for unplanned in comparison.unplanned.iter().take(shown) {
        out += &format!("\n{}\n", escaped(&no_longer_planned(unplanned)));
    }
    let more = comparison.unplanned.len().saturating_sub(shown);
    if more > 0 {
        out += &format!(
            "\nAnd {more} more experiments have records of cells that they no longer plan.\n"
        );
    }
    out
}

/// Text in a code span.
fn code(text: &str) -> String {
    format!("`{}`", plain(text).replace('`', "'"))
}

/// What stands between two letters that must not become a link or a mention.
const APART: &str = "<!-- -->";

/// Text that Markdown takes as text, and GitHub for no link and no person's name.
fn escaped(text: &str) -> String {
    let special = |c: char| {
        matches!(
            c,
            '\\' | '`' | '*' | '_' | '<' | '>' | '|' | '[' | ']' | '#' | '~' | '&'
        )
    };
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
