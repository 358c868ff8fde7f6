//! What a worker is given: a cell, and what lay there of it when the sweep began. So it can tell what another runner has made since.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::plan::{Plan, PlannedCell};
use super::state::Failure;
use crate::files::Place;
use crate::store::paths::Results;
use crate::store::record::{Key, Record};

/// A cell for a worker; `P` is a [`PlannedCell`] or a reference to one.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order<P> {
    pub planned: P,
    pub before: Before,
}

/// What lay there of a cell, by marks that change with each writing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Before {
    /// Its record, where a valid one is to be made again.
    record: Option<String>,
    /// Its failure.
    failure: Option<String>,
}

/// What another runner has made of a cell.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// A valid record.
    Done,
    /// A failure of these very settings.
    Failed {
        error: String,
        /// The path of its log.
        log: String,
    },
}

impl Before {
    /// Of one cell, as it is now.
    ///
    /// # Errors
    /// When the system does not tell.
    pub(crate) fn of(planned: &PlannedCell, results: &Results) -> Result<Self> {
        let mut before = Self::of_any(planned, results)?;
        if !planned.begins_again {
            before.record = None; // any valid one is new
        }
        Ok(before)
    }

    /// Of one cell that is made again whatever lies there.
    ///
    /// # Errors
    /// When the system does not tell.
    pub(crate) fn of_any(planned: &PlannedCell, results: &Results) -> Result<Self> {
        let (experiment, id) = (&planned.cell.experiment, &planned.cell.id);
        Ok(Self {
            record: results.record(experiment, id)?.mark()?,
            failure: results.failure(experiment, id)?.mark()?,
        })
    }

    /// Of all cells of a plan of which anything lies there, by their names.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub(crate) fn of_all(plan: &Plan) -> Result<BTreeMap<String, Self>> {
        let results = plan.results();
        let experiments: BTreeSet<&str> = plan.cells.iter().map(|planned| &*planned.cell.experiment).collect();
        let mut failures: BTreeSet<Place> = BTreeSet::new();
        for experiment in experiments {
            failures.extend(results.failures(experiment)?.listed()?);
        }
        let mut found = BTreeMap::new();
        for planned in &plan.cells {
            let failure = results.failure(&planned.cell.experiment, &planned.cell.id)?;
            if planned.begins_again || failures.contains(&failure) {
                found.insert(planned.name(), Self::of(planned, &results)?);
            }
        }
        Ok(found)
    }
}

/// What another runner has made of a cell of which that lay there before.
///
/// # Errors
/// When the system does not tell.
pub(crate) fn settled(planned: &PlannedCell, before: &Before, results: &Results) -> Result<Option<Settled>> {
    let PlannedCell { cell, data, .. } = planned;
    let mark = results.record(&cell.experiment, &cell.id)?.mark()?;
    let is_valid = |record: &Record| Key::changes_since(cell, Some(data), record).is_empty();
    if mark.is_some()
        && mark != before.record
        && let Ok(Some(record)) = Record::read(results, &cell.experiment, &cell.id)
        && is_valid(&record)
    {
        return Ok(Some(Settled::Done));
    }
    let mark = results.failure(&cell.experiment, &cell.id)?.mark()?;
    if mark.is_some()
        && mark != before.failure
        && let Ok(Some(failure)) = Failure::read(results, &cell.experiment, &cell.id)
        && failure.key == Key::of(cell, data)
    {
        let Failure { error, log, .. } = failure;
        return Ok(Some(Settled::Failed { error, log }));
    }
    Ok(None)
}
