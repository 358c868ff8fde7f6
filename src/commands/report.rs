//! `runner report`: render the HTML report again.

use anyhow::Result;

use super::Exit;
use crate::cli::ReportArguments;
use crate::console;
use crate::report;
use crate::store::files;
use crate::store::paths::Results;

pub(super) fn execute(arguments: &ReportArguments) -> Result<Exit> {
    let results = Results(arguments.results.clone());
    let path = write(&results)?;
    if !arguments.quiet {
        console::print(&path)?;
    }
    Ok(Exit::Done)
}

/// Renders the report of all results; gives its path.
pub(super) fn write(results: &Results) -> Result<String> {
    let html = report::render(&results.0)?;
    let path = results.report();
    files::write(&path, html.as_bytes())?;
    Ok(path.display().to_string())
}
