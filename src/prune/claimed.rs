//! Cells that somebody computes at this moment: all that is theirs stays.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::{Findings, Item, Kind};
use crate::claim::Owner;
use crate::files::Place;
use crate::store::paths::{Cache, Results};

/// Takes what is theirs out of what can go, and with it all of an experiment that has no file.
///
/// # Errors
/// When a claim names no cell.
pub(super) fn keep(
    claims: &BTreeMap<String, Owner>,
    results: &Results,
    cache: &Cache,
    findings: &mut Findings,
) -> Result<()> {
    let mut places: BTreeSet<Place> = BTreeSet::new();
    let mut experiments: BTreeSet<&str> = BTreeSet::new();
    for (name, owner) in claims {
        // What is claimed and is no cell has no slash.
        let Some((experiment, id)) = name.split_once('/') else {
            continue;
        };
        experiments.insert(experiment);
        places.insert(results.record(experiment, id)?);
        places.insert(results.failure(experiment, id)?);
        places.insert(cache.log(experiment, id)?);
        findings.kept.push(format!("{name}: it is computed at this moment, {owner}"));
    }
    let folders: Vec<Place> = experiments
        .iter()
        .map(|experiment| results.experiment(experiment))
        .collect::<Result<_>>()?;
    let is_needed = |item: &Item| folders.iter().any(|folder| item.place.path().starts_with(folder.path()));
    for (kind, items) in &mut findings.removable {
        items.retain(|item| !places.contains(&item.place) && (*kind != Kind::Experiment || !is_needed(item)));
    }
    findings.removable.retain(|_, items| !items.is_empty());
    findings.gone.retain(|name| !experiments.contains(&**name));
    Ok(())
}
