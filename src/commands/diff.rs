//! `runner diff`: what a commit, a branch or a folder changed in the records, and whether it matters.

use std::io::IsTerminal;

use anyhow::Result;
use serde_json::json;

use super::{Exit, WrongUsage};
use crate::cli::DiffArguments;
use crate::console;
use crate::diff::regression::{self, Guard};
use crate::diff::side;
use crate::diff::text::{self, Look};
use crate::diff::{self, html, markdown};
use crate::store::files;

pub(super) fn execute(arguments: &DiffArguments) -> Result<Exit> {
    let guards = arguments
        .fail_on_regress
        .iter()
        .map(|text| Guard::parse(text))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|problem| WrongUsage(format!("--fail-on-regress: {problem}")))?;
    let (before, after) = (arguments.before.as_deref(), arguments.after.as_deref());
    let (before, after) = side::both(before, after, &arguments.results)
        .map_err(|error| WrongUsage(format!("{error:#}")))?;
    let comparison = diff::compare(&before, &after)?;
    let regressions = regression::regressions(&comparison, &guards);
    if let Some(path) = &arguments.html {
        files::write(path, html::render(&comparison, &regressions)?.as_bytes())?;
    }
    let text = if arguments.json {
        serde_json::to_string_pretty(&json!({
            "comparison": comparison,
            "regressions": regressions,
        }))?
    } else if arguments.markdown {
        markdown::markdown(&comparison, &regressions)
            .trim_end()
            .to_owned()
    } else {
        text::terminal(&comparison, &regressions, look())
    };
    console::print(&text)?;
    Ok(if regressions.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Colours only for a person who wants them; lines as wide as the terminal.
fn look() -> Look {
    let wants_none = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let is_terminal = std::io::stdout().is_terminal();
    let width = if is_terminal {
        terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
    } else {
        None
    };
    Look {
        width: width.unwrap_or(120),
        color: is_terminal && !wants_none && !is_dumb,
    }
}
