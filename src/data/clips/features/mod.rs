//! Clips → feature maps of a frozen backbone → examples.
//!
//! Maps are computed once for every clip and view of it, kept as f16 in files named by all that decides them, and read back
//! by the batch. A file is written whole or not at all, so that a pass that was cut off goes on where it was.

pub mod backbone;
mod compute;
mod examples;
mod file;
mod pass;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use anyhow::Result;
use serde_json::json;

use crate::data::Folders;
use crate::data::clips::{self, AugmentSpec, Clip, ClipCut, ClipList, Step};
use crate::files::Place;
use crate::nn::resnet50;
use backbone::BackboneSpec;

use compute::compute;
pub use examples::{build, labels};
pub use file::{MapFile, Maps, StoredMaps};
pub use pass::Pass;

/// Bumped when the same maps would be kept as other numbers.
pub const VERSION: u32 = 1;

/// How a clip is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// As it is: in evaluation, and in training without augmentation.
    Plain,
    /// Augmented, by the draw of that number.
    Variant(usize),
}

/// Where the maps of one way of seeing clips are kept.
#[derive(Debug, Clone)]
pub struct FeatureFolder {
    /// Of clips as they are: what the augmentation says does not matter there.
    plain: Kept,
    augmented: Kept,
    steps: Vec<Step>,
    /// Of the maps of one clip: [time, height, width, channel].
    shape: [usize; 4],
}

/// A folder of maps, and the digest of all that decides them beside the clip and the view.
#[derive(Debug, Clone)]
struct Kept {
    folder: Place,
    digest: String,
}

/// Maps that some cell needs.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The clip.
    pub clip: Clip,
    /// How it is seen.
    pub view: View,
    /// Where its maps are kept.
    pub file: MapFile,
    /// [time, height, width, channel]
    shape: [usize; 4],
}

impl Wanted {
    /// Whether there is such a file, of the length that it must have. What it holds is checked when it is read.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn is_kept(&self) -> Result<bool> {
        self.file.is_kept(self.shape)
    }
}

impl FeatureFolder {
    /// The folder for clips seen through `steps` and that backbone, whose weights have the digest `weights`.
    ///
    /// # Errors
    /// None, for a digest is the name of a file.
    pub fn of(steps: &[Step], backbone: &BackboneSpec, weights: &str, folders: &Folders) -> Result<Self> {
        let versions = resnet50::VERSIONS.map(|(part, version)| json!([part, version]));
        let folder = |steps: Vec<Step>| -> Result<Kept> {
            // `Value` sorts its keys.
            let decisive = json!({
                "backbone": backbone.unpooled(),
                "code": versions,
                "clips": clips::VERSION,
                "features": VERSION,
                "steps": steps,
                "weights": weights,
            });
            let digest = blake3::hash(decisive.to_string().as_bytes()).to_hex();
            Ok(Kept {
                folder: folders.features(&digest[..32])?,
                digest: digest.to_string(),
            })
        };
        let as_is = |step: &&Step| !matches!(step, Step::Augment(_));
        // How many variants there are changes none of them.
        let one_variant = |step: &Step| match step {
            Step::Augment(spec) => Step::Augment(AugmentSpec {
                variants: 1,
                ..spec.clone()
            }),
            other => other.clone(),
        };
        Ok(Self {
            plain: folder(steps.iter().filter(as_is).cloned().collect())?,
            augmented: folder(steps.iter().map(one_variant).collect())?,
            shape: backbone.unpooled_shape(clips::output_shape(steps)),
            steps: steps.to_vec(),
        })
    }

    /// What tells it from other ways of seeing clips.
    pub fn name(&self) -> String {
        self.augmented.digest.clone()
    }

    /// The maps of a clip.
    ///
    /// # Errors
    /// When the clip's digest is no name of a file.
    pub fn wanted(&self, clip: &Clip, view: View) -> Result<Wanted> {
        let (kept, view_name) = match view {
            View::Plain => (&self.plain, "plain".to_owned()),
            View::Variant(number) => (&self.augmented, format!("variant{number}")),
        };
        let digest = clip.digest.get(..32).unwrap_or(&clip.digest);
        let name = format!("{digest}.{view_name}.safetensors");
        Ok(Wanted {
            clip: clip.clone(),
            view,
            file: MapFile {
                place: kept.folder.join(&name)?,
                of: format!("{} {} {view_name}", kept.digest, clip.digest),
            },
            shape: self.shape,
        })
    }

    /// All maps that a split needs: training clips in every variant, the others as they are.
    ///
    /// # Errors
    /// See [`FeatureFolder::wanted`].
    pub fn wanted_by(&self, list: &ClipList, cut: &ClipCut) -> Result<Vec<Wanted>> {
        let mut wanted = Vec::new();
        for index in &cut.train {
            for view in self.training_views() {
                wanted.push(self.wanted(&list.clips[*index], view)?);
            }
        }
        for index in cut.validation.iter().chain(&cut.test) {
            wanted.push(self.wanted(&list.clips[*index], View::Plain)?);
        }
        Ok(wanted)
    }

    /// How training clips are seen: in each variant, or as they are where there is none.
    fn training_views(&self) -> impl Iterator<Item = View> + use<> {
        let variants = clips::variants(&self.steps);
        let plain = (variants == 0).then_some(View::Plain);
        plain.into_iter().chain((0..variants).map(View::Variant))
    }
}
