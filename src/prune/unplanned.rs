//! Records of cells that their experiment no longer plans.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::language::Experiment;
use crate::store::paths::Results;

/// So many ids are named in a line.
const MOST_NAMED: usize = 5;

/// Ids of the records of an experiment that are of no cell of it, sorted.
///
/// # Errors
/// When the experiment's name is none of a folder. A folder that cannot be listed has none: each planned cell tells why.
pub(crate) fn unplanned(experiment: &Experiment, results: &Results) -> Result<Vec<String>> {
    let planned: BTreeSet<&str> = experiment.cells.iter().map(|cell| cell.id.as_str()).collect();
    let files = results.records(&experiment.name)?.listed().unwrap_or_default();
    let ids = files.iter().filter_map(|file| file.name().strip_suffix(".json"));
    let unplanned = ids.filter(|id| !planned.contains(id));
    Ok(unplanned.map(str::to_owned).collect())
}

/// `2 records of cells that are no longer planned: seed=3, seed=4; …`; nothing where there are none.
pub(crate) fn in_words(ids: &[String]) -> Option<String> {
    if ids.is_empty() {
        return None;
    }
    let records = match ids.len() {
        1 => "1 record of a cell that is no longer planned".to_owned(),
        count => format!("{count} records of cells that are no longer planned"),
    };
    let mut named = ids.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    if ids.len() > MOST_NAMED {
        named += &format!(" and {} more", ids.len() - MOST_NAMED);
    }
    Some(format!(
        "{records}: {named}; `runner prune` removes {}",
        if ids.len() == 1 { "it" } else { "them" }
    ))
}
