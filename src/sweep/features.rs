//! The feature maps that the cells of a plan need: computed in one pass, in a worker of its own, before the cells start.
//!
//! A clip that cannot be read stops neither the pass nor the sweep: the cells that need it say so themselves.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use candle_core::Device;

use super::plan::Plan;
use crate::dataset::clips::Step;
use crate::dataset::features::backbone::{BackboneSpec, Folders};
use crate::dataset::features::{FeatureFolder, MapFile, Wanted, compute};
use crate::dataset::{DataSpec, Material};
use crate::files::Unwritable;
use crate::store::key::digest_of;

/// Maps of one backbone and one list of steps.
pub struct Pass {
    backbone: BackboneSpec,
    /// Digest of its weights.
    weights: String,
    steps: Vec<Step>,
    /// By file: a clip is wanted once, whatever number of cells need it.
    wanted: BTreeMap<MapFile, Wanted>,
}

/// Whether some cell of the plan sees clips through a backbone.
pub fn needs_maps(plan: &Plan) -> bool {
    let maps = |data: &DataSpec| {
        matches!(
            data,
            DataSpec::Clips {
                backbone: Some(_),
                ..
            }
        )
    };
    plan.cells.iter().any(|planned| maps(&planned.cell.data))
}

/// Everything that the plan's cells need and that is not there.
///
/// # Errors
/// When clips or weights cannot be read.
pub fn missing(plan: &Plan, folders: &Folders) -> Result<Vec<Pass>> {
    let mut seen = BTreeSet::new();
    // Passes may share clips as they are: each file is computed, and counted, once.
    let mut files = BTreeSet::new();
    let mut passes: BTreeMap<String, Pass> = BTreeMap::new();
    let mut materials: BTreeMap<(String, String), Material> = BTreeMap::new();
    for planned in &plan.cells {
        let data = &planned.cell.data;
        let DataSpec::Clips {
            source,
            backbone: Some(backbone),
            ..
        } = data
        else {
            continue;
        };
        if !seen.insert(digest_of(data)) {
            continue;
        }
        // Cells that differ in their splits alone share one reading of all files.
        let material = match materials.entry((digest_of(source), digest_of(backbone))) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(data.read(folders)?),
        };
        if let Material::Clips {
            list,
            weights: Some(weights),
        } = material
        {
            let steps = source.steps();
            let folder = FeatureFolder::of(steps, backbone, weights, folders)?;
            let pass = passes.entry(folder.name()).or_insert_with(|| Pass {
                backbone: backbone.clone(),
                weights: weights.clone(),
                steps: steps.to_vec(),
                wanted: BTreeMap::new(),
            });
            for wanted in folder.wanted_by(list, &data.cut_clips(list)?)? {
                if !wanted.is_kept()? && files.insert(wanted.file.clone()) {
                    pass.wanted.insert(wanted.file.clone(), wanted);
                }
            }
        }
    }
    Ok(passes.into_values().collect())
}

/// How far a pass is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
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
pub fn run(
    passes: &[Pass],
    folders: &Folders,
    device: &Device,
    told: &mut dyn FnMut(Progress) -> Result<()>,
) -> Result<()> {
    let total = passes.iter().map(|pass| pass.wanted.len()).sum();
    let mut done = 0;
    for pass in passes {
        let wanted: Vec<Wanted> = pass.wanted.values().cloned().collect();
        compute(
            &wanted,
            &pass.steps,
            (&pass.backbone, &pass.weights),
            folders,
            device,
            &mut |error| {
                done += 1;
                told(Progress {
                    done,
                    total,
                    error: error.as_ref(),
                })?;
                match error {
                    // The others will fail like it.
                    Some(error) if error.is::<Unwritable>() => Err(error),
                    _ => Ok(()),
                }
            },
        )?;
    }
    Ok(())
}
