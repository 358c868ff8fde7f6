//! A comparison as GitHub's Markdown, for a pull request.

use super::Comparison;
use super::regression::Regression;
use super::text::{MOST_IDS, change, headline, ids, row, seeds};
use crate::report::metrics;

/// The whole comparison.
pub fn markdown(comparison: &Comparison, regressions: &[Regression]) -> String {
    let mut out = format!("**{}**\n", escaped(&headline(comparison)));
    for one in regressions {
        out += &format!(
            "\n- ❌ regression: `{}/{}`: {} {}\n",
            one.experiment,
            one.id,
            metrics::label(&one.effect.metric),
            change(&one.effect)
        );
    }
    for experiment in &comparison.experiments {
        out += &format!("\n### {}\n", escaped(&experiment.name));
        for group in &experiment.groups {
            out += &format!("\n`{}`{}\n", group.id, seeds(group));
            for setting in &group.settings {
                out += &format!("- `{}`\n", setting.to_string().replace('`', "'"));
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
        }
        for (sign, what, ids) in ids(experiment) {
            if !ids.is_empty() {
                out += &format!("\n{} {what}:\n", ids.len());
            }
            for id in ids.iter().take(MOST_IDS) {
                out += &format!("- {sign} `{id}`\n");
            }
            if ids.len() > MOST_IDS {
                out += &format!("- {sign} {} more\n", ids.len() - MOST_IDS);
            }
        }
    }
    for reason in &comparison.unreadable {
        out += &format!("\nCannot be compared: {}\n", escaped(reason));
    }
    out
}

/// Text that Markdown takes as text.
fn escaped(text: &str) -> String {
    let special = |c: char| {
        matches!(
            c,
            '\\' | '`' | '*' | '_' | '<' | '>' | '|' | '[' | ']' | '#'
        )
    };
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push(' '),
            c if special(c) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}
