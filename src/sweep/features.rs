//! The feature maps that the cells of a plan need: computed in one pass, in a worker of its own, before the cells start.
//!
//! A clip that cannot be read stops neither the pass nor the sweep: the cells that need it say so themselves.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use candle_core::Device;

use super::plan::Plan;
use crate::data::clips::features::Pass;
use crate::data::{Folders, Raw};
use crate::store::key::{digest_of, digest_of_data};

/// Whether something is computed for some cell of the plan before the cells start.
pub(crate) fn needs_maps(plan: &Plan) -> bool {
    plan.cells.iter().any(|planned| planned.cell.data.has_pass())
}

/// Everything that the plan's cells need and that is not there.
///
/// # Errors
/// When clips or weights cannot be read.
pub(crate) fn missing(plan: &Plan, folders: &Folders) -> Result<Vec<Pass>> {
    let mut seen = BTreeSet::new();
    // Passes may share clips as they are: each file is computed, and counted, once.
    let mut files = BTreeSet::new();
    let mut passes: BTreeMap<String, Pass> = BTreeMap::new();
    let mut known: BTreeMap<String, Box<dyn Raw>> = BTreeMap::new();
    for planned in &plan.cells {
        let data = &planned.cell.data;
        if !data.has_pass() || !seen.insert(digest_of_data(data)) {
            continue;
        }
        // Cells that differ in their splits alone share one reading of all files.
        let raw = match known.entry(digest_of(&data.read_by())) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(data.read(folders)?),
        };
        let Some(mut pass) = data.pass(raw.as_ref(), folders)? else {
            continue;
        };
        pass.retain_missing(|file| files.insert(file.clone()))?;
        match passes.entry(pass.name().to_owned()) {
            Entry::Occupied(mut known) => known.get_mut().merge(pass),
            Entry::Vacant(place) => drop(place.insert(pass)),
        }
    }
    Ok(passes.into_values().collect())
}

/// How far a pass is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress<'a> {
    /// Clips tried.
    pub done: usize,
    /// Clips in all.
    pub total: usize,
    /// Why the last one has no maps.
    pub error: Option<&'a anyhow::Error>,
}

/// Runs the passes, and tells of each clip.
///
/// # Errors
/// When weights cannot be read, maps cannot be written, or `told` fails.
pub(crate) fn run(
    passes: &[Pass],
    folders: &Folders,
    device: &Device,
    told: &mut dyn FnMut(Progress) -> Result<()>,
) -> Result<()> {
    let total = passes.iter().map(Pass::len).sum();
    let mut done = 0;
    for pass in passes {
        pass.run(folders, device, &mut |error| {
            done += 1;
            told(Progress { done, total, error })
        })?;
    }
    Ok(())
}
