//! The maps that some cells need, computed in one go.

use std::collections::BTreeMap;

use anyhow::{Error, Result};
use candle_core::Device;

use super::backbone::BackboneSpec;
use super::file::MapFile;
use super::{FeatureFolder, Wanted, compute};
use crate::data::Folders;
use crate::data::clips::{ClipCut, ClipList, Step};
use crate::files::Unwritable;

/// Maps of one backbone and one list of steps.
pub struct Pass {
    /// What tells it from passes of other backbones or steps.
    name: String,
    backbone: BackboneSpec,
    /// Digest of its weights.
    weights: String,
    steps: Vec<Step>,
    /// By file: a clip is wanted once, whatever number of cells need it.
    wanted: BTreeMap<MapFile, Wanted>,
}

impl Pass {
    /// Every map that a split of the clips needs, there or not.
    pub(in crate::data::clips) fn of(
        (list, cut): (&ClipList, &ClipCut),
        steps: &[Step],
        (backbone, weights): (&BackboneSpec, &str),
        folders: &Folders,
    ) -> Result<Self> {
        let folder = FeatureFolder::of(steps, backbone, weights, folders)?;
        let wanted = folder.wanted_by(list, cut)?.into_iter();
        Ok(Self {
            name: folder.name(),
            backbone: backbone.clone(),
            weights: weights.to_owned(),
            steps: steps.to_vec(),
            wanted: wanted.map(|wanted| (wanted.file.clone(), wanted)).collect(),
        })
    }

    /// What tells it from passes of other backbones or steps.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The files of all its maps.
    pub fn files(&self) -> impl Iterator<Item = &MapFile> {
        self.wanted.keys()
    }

    /// How many maps there are.
    pub fn len(&self) -> usize {
        self.wanted.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Leaves out the maps that are there, and those for which `keep` is false.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn retain_missing(&mut self, mut keep: impl FnMut(&MapFile) -> bool) -> Result<()> {
        let mut kept = BTreeMap::new();
        for (file, wanted) in std::mem::take(&mut self.wanted) {
            if !wanted.is_kept()? && keep(&file) {
                kept.insert(file, wanted);
            }
        }
        self.wanted = kept;
        Ok(())
    }

    /// Takes in what another pass of the same name wants.
    pub fn merge(&mut self, other: Self) {
        self.wanted.extend(other.wanted);
    }

    /// Computes the maps that are not there, and tells of each clip why it has none, where that is so.
    ///
    /// # Errors
    /// When weights cannot be read, maps cannot be written, or `told` fails.
    pub fn run(&self, folders: &Folders, device: &Device, told: &mut dyn FnMut(Option<&Error>) -> Result<()>) -> Result<()> {
        let wanted: Vec<Wanted> = self.wanted.values().cloned().collect();
        let seen = (&self.backbone, self.weights.as_str());
        compute(&wanted, &self.steps, seen, folders, device, &mut |error| {
            told(error.as_ref())?;
            match error {
                // The others will fail like it.
                Some(error) if error.is::<Unwritable>() => Err(error),
                _ => Ok(()),
            }
        })
    }
}
