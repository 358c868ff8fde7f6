//! `runner report`: render the HTML report again.

use std::path::Path;

use anyhow::Result;

use super::turn::Turn;
use super::{Exit, WrongUsage};
use crate::claim::Lost;
use crate::cli::ReportArguments;
use crate::console;
use crate::files;
use crate::report;
use crate::store::beside;
use crate::store::paths::Results;

pub(super) fn execute(arguments: &ReportArguments) -> Result<Exit> {
    let results = Results(arguments.results.clone());
    if !files::is_folder(&results.0)? {
        let folder = results.0.display();
        return Err(WrongUsage(if results.0.exists() {
            format!("{folder} is no folder; `--results` names the folder of the results")
        } else {
            format!("there is no folder {folder}; `runner sweep` makes it, `--results` names another")
        })
        .into());
    }
    let path = write(&results, arguments.templates.as_deref(), &Turn::of(&results)?)?;
    if !arguments.quiet {
        console::print(&path)?;
    }
    Ok(Exit::Done)
}

/// Renders the report of all results, by the built-in templates or those of a folder; gives its path. Runners do that in turns, so that
/// the last one has read all records.
pub(super) fn write(results: &Results, templates: Option<&Path>, turn: &Turn) -> Result<String> {
    let rendered = report::render(&results.0, templates)?;
    for reason in &rendered.unreadable {
        console::say(&format!("warning: not in the report: {reason}"));
    }
    match beside::write(results, &rendered.html, &rendered.beside, &|| turn.hold().check()) {
        // Whoever took the turn over has read later what is there.
        Err(error) if error.is::<Lost>() => console::say("the report is another runner's, for this one was silent for long"),
        written => drop(written?),
    }
    Ok(results.report()?.to_string())
}
