//! Of a cell without a record, the record of its experiment that is most like it.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Asked;
use crate::files;
use crate::language::configuration::{differences, without_idle};
use crate::store::record::Key;

/// The record that is most like a cell.
#[derive(Debug, Serialize)]
pub(super) struct Nearest {
    /// Its cell's id.
    pub id: String,
    /// Its file.
    pub path: String,
    /// What differs, in words, from the record to the cell.
    pub differs: Vec<String>,
}

/// As much of a record as tells what it was made from.
#[derive(Deserialize)]
struct Made {
    configuration: Value,
    key: Key,
}

/// The record with the fewest differences, the first by name of several; none where there is no record.
///
/// # Errors
/// When the records cannot be listed.
pub(super) fn find(asked: &Asked) -> Result<Option<Nearest>> {
    let cell = asked.cell;
    let settings = without_idle(&cell.configuration());
    let digests = asked.data.of(&cell.data).digests();
    let mut nearest: Option<Nearest> = None;
    for place in asked.results.records(&cell.experiment)?.listed()? {
        let Some(id) = place.name().strip_suffix(".json").filter(|id| *id != cell.id) else {
            continue;
        };
        // What cannot be read is told where its own cell is looked at.
        let Ok(Some(made)) = files::read_json::<Made>(&place) else {
            continue;
        };
        let mut differs: Vec<String> = differences(&without_idle(&made.configuration), &settings)
            .iter()
            .map(ToString::to_string)
            .collect();
        let of_cell = Key::of(cell, digests.unwrap_or(&made.key.digests()));
        differs.extend(of_cell.changes_beside_settings(&made.key));
        if nearest.as_ref().is_none_or(|known| differs.len() < known.differs.len()) {
            nearest = Some(Nearest {
                id: id.to_owned(),
                path: place.to_string(),
                differs,
            });
        }
    }
    Ok(nearest)
}
