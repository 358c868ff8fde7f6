//! What runs left behind that were killed while they wrote: files that no reader looks at, removed by the next sweep.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::console;
use crate::files::{Place, is_left_over};
use crate::language::Experiment;
use crate::language::cell::Cell;
use crate::store::paths::{Cache, Results};

/// Removes what nobody writes any more in the folders that a sweep of these experiments writes into. What a process of this
/// machine still writes stays, and what may be another machine's, until it is a day old.
///
/// # Errors
/// When a folder cannot be listed, or a file not be removed.
pub(crate) fn remove(experiments: &[Experiment], results: &Results, cache: &Cache) -> Result<()> {
    let mut folders = vec![results.root(), cache.root(), results.claims()?, cache.claims()?];
    for experiment in experiments {
        let name = &experiment.name;
        folders.push(results.experiment(name)?);
        folders.push(results.records(name)?);
        folders.push(results.failures(name)?);
        folders.push(results.media(name)?);
        folders.push(results.state(name)?);
    }
    for name in ["plans", "fetched", "logs", "weights", "features", "checkpoints", "ends"] {
        let folder = cache.root().join(name)?;
        folders.extend(folder.listed()?);
        folders.push(folder);
    }
    for folder in folders {
        clear(&folder)?;
    }
    Ok(())
}

/// Removes what is told of the failures of cells that are `done`: of those whose sweep ended between their record and this, or took a
/// record for not written that is there.
///
/// # Errors
/// When a folder cannot be listed, or a file not be removed.
pub(crate) fn settle_failures<'a>(done: impl Iterator<Item = &'a Cell>, results: &Results) -> Result<()> {
    let mut failures: BTreeMap<&str, BTreeSet<Place>> = BTreeMap::new();
    for cell in done {
        let told = match failures.entry(&cell.experiment) {
            Entry::Occupied(told) => told.into_mut(),
            Entry::Vacant(place) => place.insert(results.failures(&cell.experiment)?.listed()?.into_iter().collect()),
        };
        let place = results.failure(&cell.experiment, &cell.id)?;
        if told.contains(&place) {
            place.remove()?;
        }
    }
    Ok(())
}

fn clear(folder: &Place) -> Result<()> {
    // A link, or a file where a folder should be, is told by whoever writes there.
    if folder.refuse_links().is_err() || !folder.path().is_dir() {
        return Ok(());
    }
    let listed = match folder.listed() {
        Ok(listed) => listed,
        // As another user's in a cache that is shared: nothing of it is this sweep's.
        Err(error) => {
            console::say(&format!("note: {error:#}; what was left over there stays"));
            return Ok(());
        }
    };
    for place in listed {
        // This program writes files alone.
        if !place.path().is_dir() && is_left_over(place.name(), || age(&place)) {
            place.remove()?;
        }
    }
    Ok(())
}

/// How long ago it was written; nothing where the clock or the system does not tell.
fn age(place: &Place) -> Duration {
    let written = place.path().symlink_metadata().and_then(|found| found.modified());
    let age = written.ok().and_then(|time| SystemTime::now().duration_since(time).ok());
    age.unwrap_or_default()
}
