//! `--cache-limit`: what goes so that the cache holds no more than it may. Logs, plans, ends of trainings, weights and feature maps
//! go, those that were used least recently first. What is no work of a moment and stands nowhere else stays: checkpoints of trainings
//! that have no record yet, what was fetched, what runs at this moment, and what is not this program's.

use std::collections::BTreeSet;

use anyhow::Result;
use indicatif::BinaryBytes;

use super::artifacts::{is_map, is_weights};
use super::held::{self, Held};
use super::needed::Needed;
use super::{Findings, Item, Kind};
use crate::checkpoint::ENDING;
use crate::files::Place;
use crate::store::paths::Cache;

/// Finds what goes so that the cache, which holds all that, is at most `limit` bytes long when all is gone that can go; what stays
/// above it is told.
pub(super) fn find(limit: u64, mut all: Vec<Held>, needed: &Needed, cache: &Cache, findings: &mut Findings) {
    let root = cache.root();
    let going: BTreeSet<&Place> = findings.removable.values().flatten().map(|item| &item.place).collect();
    all.retain(|held| held.place.as_ref().is_none_or(|place| !going.contains(place)));
    let mut bytes: u64 = all.iter().map(|held| held.bytes).sum();
    all.sort_by(|a, b| a.used.cmp(&b.used).then_with(|| a.place.cmp(&b.place)));
    let mut over = Vec::new();
    for held in all {
        let place = held.place.filter(|place| may_go(&root, place, needed));
        if let Some(place) = place.filter(|_| bytes > limit) {
            bytes -= held.bytes;
            over.push(Item {
                place,
                bytes: held.bytes,
            });
        }
    }
    if !over.is_empty() {
        findings.removable.insert(Kind::OverLimit, over);
    }
    findings.above_limit = bytes.checked_sub(limit).filter(|above| *above > 0);
    if let Some(above) = findings.above_limit {
        findings.kept.push(format!(
            "{root}: {} more than --cache-limit: checkpoints of trainings that have no record yet, what was fetched, and what a sweep \
             needs that runs",
            BinaryBytes(above)
        ));
    }
}

/// Finds what goes for the limit alone, also while sweeps run: what they still need stays.
///
/// # Errors
/// When the cache cannot be listed.
pub(crate) fn find_alone(limit: u64, cache: &Cache) -> Result<Findings> {
    let mut findings = Findings::default();
    let needed = Needed::of_what_runs(cache, &mut Findings::default())?;
    find(limit, held::all(cache)?, &needed, cache, &mut findings);
    Ok(findings)
}

/// Whether it can be made again and nobody needs it now.
fn may_go(root: &Place, place: &Place, needed: &Needed) -> bool {
    let below = place.path().strip_prefix(root.path()).unwrap_or(place.path());
    let names: Vec<&str> = below.iter().filter_map(|name| name.to_str()).collect();
    let knows_cells = needed.weights_hidden.is_none();
    match names[..] {
        ["logs", experiment, log] => log
            .strip_suffix(".log")
            .is_some_and(|id| !needed.logs.contains(&(experiment.to_owned(), id.to_owned()))),
        ["plans", plan] => plan.strip_suffix(".json").is_some_and(|name| !needed.plans.contains(name)),
        ["weights", key, file] => knows_cells && is_weights(key, file) && !needed.weights.contains(key),
        ["ends", trail, file] => knows_cells && file.ends_with(ENDING) && !needed.ends.contains(trail),
        ["features", folder, file] => {
            let name = (folder.to_owned(), file.to_owned());
            needed.maps_hidden.is_none() && is_map(folder, file) && !needed.maps.contains(&name)
        }
        _ => false,
    }
}
