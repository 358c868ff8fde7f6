//! `results/EXPERIMENT/state/cells.json`: what a sweep saw that results alone do not show, for the report. It holds for this
//! machine and this moment, so git is told to pass over its folder.
//!
//! A reason counts only as long as it speaks of what is there: of the same planned settings and the same record. So one that a
//! later sweep did not see again is gone with it, and one of other settings is passed over.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::state::State;
use super::told::Told;
use crate::files::{self, Broken};
use crate::language::cell::Cell;
use crate::store::key::digest_of;
use crate::store::paths::Results;
use crate::store::record::Record;

/// The format.
const VERSION: u32 = 1;

/// What one sweep saw of the cells of an experiment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// Cells of whose state the results alone do not tell the reason, by id.
    cells: BTreeMap<String, SeenCell>,
    /// `VERSION` when it was written.
    version: u32,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SeenCell {
    /// Hash of its planned settings.
    configuration: String,
    /// Hash of the key of the record that lay there; absent where none could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record: Option<String>,
    /// Its state.
    told: Told,
}

impl Seen {
    /// Of these cells of one experiment.
    ///
    /// # Errors
    /// When a record that makes a cell stale can no longer be looked at.
    pub(crate) fn of<'a>(cells: impl IntoIterator<Item = (&'a Cell, &'a State)>, results: &Results) -> Result<Self> {
        let mut seen = BTreeMap::new();
        for (cell, state) in cells {
            let told = state.told();
            // The results show what is done, what failed and what is missing by themselves.
            if matches!(told, Told::Done | Told::Missing | Told::Failed { .. }) {
                continue;
            }
            let record = match Record::read(results, &cell.experiment, &cell.id) {
                Err(error) if error.is::<Broken>() => None,
                // One of a newer format is the reason itself.
                Err(_) if matches!(told, Told::Wrong(_)) => None,
                read => read?,
            };
            let cell_seen = SeenCell {
                configuration: digest_of(&cell.configuration()),
                record: record.map(|record| digest_of(&record.key)),
                told,
            };
            seen.insert(cell.id.clone(), cell_seen);
        }
        Ok(Self {
            cells: seen,
            version: VERSION,
        })
    }

    /// Writes it, or removes an earlier one where there is nothing to tell.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn write(&self, experiment: &str, results: &Results) -> Result<()> {
        let folder = results.state(experiment)?;
        let place = folder.join(FILE)?;
        if self.cells.is_empty() {
            return place.remove();
        }
        let ignore = folder.join(".gitignore")?;
        if !ignore.is_there()? {
            ignore.write(b"*\n")?;
        }
        files::write_json(&place, self)
    }

    /// What the last sweep saw. A broken file is as good as none: the next sweep writes it anew, and it holds nothing that
    /// could be lost.
    ///
    /// # Errors
    /// When there is one that cannot be read or is of a newer format.
    pub(crate) fn read(experiment: &str, results: &Results) -> Result<Self> {
        let place = results.state(experiment)?.join(FILE)?;
        match files::read_saved(&place, VERSION) {
            Err(error) if error.is::<Broken>() => Ok(Self::default()),
            read => Ok(read?.unwrap_or_default()),
        }
    }

    /// What was seen of a cell of these planned settings whose record is the one that lies there now.
    pub(crate) fn of_cell(&self, id: &str, planned: &Value, record: Option<&Record>) -> Option<&Told> {
        let seen = self.cells.get(id)?;
        let holds = seen.configuration == digest_of(planned) && seen.record == record.map(|record| digest_of(&record.key));
        holds.then_some(&seen.told)
    }
}

const FILE: &str = "cells.json";
