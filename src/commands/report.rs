//! `runner report`: render the HTML report again.

use std::path::Path;

use anyhow::Result;

use super::{Exit, WrongUsage};
use crate::cli::ReportArguments;
use crate::console;
use crate::files;
use crate::report;
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
    let path = write(&results, arguments.templates.as_deref())?;
    if !arguments.quiet {
        console::print(&path)?;
    }
    Ok(Exit::Done)
}

/// Renders the report of all results, by the built-in templates or those of a folder; gives its path.
pub(super) fn write(results: &Results, templates: Option<&Path>) -> Result<String> {
    let rendered = report::render(&results.0, templates)?;
    for reason in &rendered.unreadable {
        console::say(&format!("warning: not in the report: {reason}"));
    }
    let place = results.report()?;
    place.write(rendered.html.as_bytes())?;
    Ok(place.to_string())
}
