//! What is left of a cell that has no record, and so why it may have none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::Result;

use super::state::Failure;
use crate::data::Digests;
use crate::files::Place;
use crate::language::Experiment;
use crate::language::cell::Cell;
use crate::store::key::digest_of;
use crate::store::paths::{Cache, Results};
use crate::store::record::Key;

/// What lies in the results and the cache, listed once for all cells: of most nothing is left.
pub(crate) struct Traces {
    /// Experiment → the names of the files of its failures.
    failures: BTreeMap<String, BTreeSet<String>>,
    /// Experiment → the names of its logs.
    logs: BTreeMap<String, BTreeSet<String>>,
    /// The names of the folders of trained weights.
    weights: BTreeSet<String>,
    results: Results,
    cache: Cache,
}

/// Why a cell may have no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trace {
    /// It failed, and this has changed since, in words.
    FailedOtherwise(Vec<String>),
    /// Weights of its very key are in the cache.
    Computed,
    /// There is a log of it.
    Tried,
    /// Nothing is left of it.
    Never,
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FailedOtherwise(changes) => write!(f, "it failed before this changed: {}", changes.join(", ")),
            Self::Computed => f.write_str("computed before, and no record is here"),
            Self::Tried => f.write_str("tried before, and no record is here"),
            Self::Never => f.write_str("never run"),
        }
    }
}

impl Traces {
    /// Those of some experiments' cells.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub(crate) fn of(experiments: &[Experiment], results: &Results, cache: &Cache) -> Result<Self> {
        let mut traces = Self {
            failures: BTreeMap::new(),
            logs: BTreeMap::new(),
            weights: names(&cache.weights_folder()?)?,
            results: results.clone(),
            cache: cache.clone(),
        };
        for experiment in experiments {
            let name = &experiment.name;
            let Some(first) = experiment.cells.first() else { continue };
            let (failures, logs) = (results.failures(name)?, cache.log(name, &first.id)?.folder());
            traces.failures.insert(name.clone(), names(&failures)?);
            traces.logs.insert(name.clone(), names(&logs)?);
        }
        Ok(traces)
    }

    /// Why a cell has no record whose data have those digests.
    ///
    /// # Errors
    /// When its name is none of a file.
    pub(crate) fn why(&self, cell: &Cell, digests: &Digests) -> Result<Trace> {
        let is_among = |listed: &BTreeMap<String, BTreeSet<String>>, place: &Place| {
            listed.get(&cell.experiment).is_some_and(|names| names.contains(place.name()))
        };
        let (experiment, id) = (&cell.experiment, &cell.id);
        if is_among(&self.failures, &self.results.failure(experiment, id)?)
            // One that cannot be read tells nothing.
            && let Ok(Some(failure)) = Failure::read(&self.results, experiment, id)
        {
            let changes = Key::of(cell, digests).changes(cell, &failure.key, &failure.configuration);
            return Ok(Trace::FailedOtherwise(changes));
        }
        if cell.train.is_some() && !self.weights.is_empty() && self.weights.contains(&digest_of(&Key::of(cell, digests))) {
            return Ok(Trace::Computed);
        }
        let is_logged = is_among(&self.logs, &self.cache.log(experiment, id)?);
        Ok(if is_logged { Trace::Tried } else { Trace::Never })
    }
}

fn names(folder: &Place) -> Result<BTreeSet<String>> {
    let listed = folder.listed()?.into_iter();
    Ok(listed.map(|place| place.name().to_owned()).collect())
}
