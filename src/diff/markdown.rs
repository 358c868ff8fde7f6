//! A comparison as GitHub's Markdown, for a pull request.

use super::Comparison;
use super::regression::Judgement;
use super::text::{MOST_IDS, change, headline, ids, lack, row, seeds};
use crate::report::metrics;

/// A comment on GitHub holds 65,536 characters.
const MOST_BYTES: usize = 60_000;

/// The whole comparison, as far as a comment holds it.
pub fn markdown(comparison: &Comparison, judgement: &Judgement) -> String {
    let mut out = format!("**{}**\n", escaped(&headline(comparison)));
    for one in judgement.regressions.iter().take(MOST_IDS) {
        out += &format!(
            "\n- ❌ regression: {}: {} {}\n",
            code(&format!("{}/{}", one.experiment, one.id)),
            metrics::label(&one.effect.metric),
            change(&one.effect)
        );
    }
    let more = judgement.regressions.len().saturating_sub(MOST_IDS);
    if more > 0 {
        out += &format!("\n- ❌ {more} more regressions\n");
    }
    for reason in judgement.unchecked.iter().take(MOST_IDS) {
        out += &format!("\n- ❌ not checked: {}\n", escaped(reason));
    }
    let mut left_out = 0;
    for experiment in &comparison.experiments {
        out += &format!("\n### {}\n", escaped(&experiment.name));
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
                out += &format!("- {}\n", escaped(part));
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
            for id in ids.iter().take(MOST_IDS) {
                out += &format!("- {}\n", code(id));
            }
            if ids.len() > MOST_IDS {
                out += &format!("- and {} more\n", ids.len() - MOST_IDS);
            }
        }
    }
    if left_out > 0 {
        out += &format!("\nAnd {left_out} more groups, for which there is no room here.\n");
    }
    for reason in comparison.unreadable.iter().take(MOST_IDS) {
        out += &format!("\nCannot be compared: {}\n", escaped(reason));
    }
    let more = comparison.unreadable.len().saturating_sub(MOST_IDS);
    if more > 0 {
        out += &format!("\nAnd {more} more cannot be compared.\n");
    }
    out
}

/// Text in a code span.
fn code(text: &str) -> String {
    let plain = text.chars().map(|c| match c {
        '`' => '\'',
        c if c.is_control() => ' ',
        c => c,
    });
    format!("`{}`", plain.collect::<String>())
}

/// Text that Markdown takes as text.
fn escaped(text: &str) -> String {
    let special = |c: char| {
        matches!(
            c,
            '\\' | '`' | '*' | '_' | '<' | '>' | '|' | '[' | ']' | '#' | '~' | '&'
        )
    };
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() => out.push(' '),
            c if special(c) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
