//! `runner diff`: what a commit, a branch or a folder changed in the records, and whether it matters.

use std::io::IsTerminal;

use anyhow::Result;
use serde_json::json;

use super::{Exit, WrongUsage};
use crate::cli::DiffArguments;
use crate::console;
use crate::diff::document::Document;
use crate::diff::html::html;
use crate::diff::markdown::markdown;
use crate::diff::regression::{Guard, Judgement};
use crate::diff::side;
use crate::diff::terminal::{Look, terminal};
use crate::diff::{self, removed};
use crate::files;

pub(super) fn execute(arguments: &DiffArguments) -> Result<Exit> {
    let guards = arguments
        .fail_on_regress
        .iter()
        .map(|text| Guard::parse(text))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|problem| WrongUsage(format!("--fail-on-regress: {problem}")))?;
    let (before, after) = (arguments.before.as_deref(), arguments.after.as_deref());
    let (before, after) = side::both(before, after, &arguments.results).map_err(|error| WrongUsage(format!("{error:#}")))?;
    // 1 is for a regression alone.
    let wrong = |error: anyhow::Error| WrongUsage(format!("{error:#}"));
    let asked: Vec<&str> = guards.iter().filter_map(Guard::metric).collect();
    let comparison = diff::compare(&before, &after, &asked).map_err(wrong)?;
    removed::check(&comparison, &arguments.allow_removed)
        .map_err(|problem| WrongUsage(format!("--allow-removed: {problem}")))?;
    let judgement = Judgement::of(&comparison, &guards, &arguments.allow_removed);
    let document = Document::of(&comparison, &judgement);
    if arguments.json {
        console::print_json(&json!({
            "comparison": comparison,
            "regressions": judgement.regressions,
            "removed": judgement.removed,
            "unchecked": judgement.unchecked,
        }))?;
    } else if arguments.markdown {
        console::print(markdown(&document).trim_end())?;
    } else {
        console::print_styled(&terminal(&document, look()))?;
    }
    if let Some(path) = &arguments.html {
        let page = html(&document, &comparison)?;
        files::write_where_told(path, page.as_bytes()).map_err(wrong)?;
    }
    Ok(if judgement.passes() { Exit::Done } else { Exit::Failed })
}

/// Colours only for a person who wants them; lines as wide as the terminal, and whole where a program reads them.
fn look() -> Look {
    let wants_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let is_terminal = std::io::stdout().is_terminal();
    let width = if is_terminal {
        terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
    } else {
        None
    };
    let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
    let width = width.or_else(columns);
    Look {
        width: width.unwrap_or(usize::MAX),
        color: is_terminal && !wants_none && !is_dumb,
    }
}
