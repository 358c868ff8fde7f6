//! Labelled clips: bytes → frames → preprocessed images, and which clips are for training, validation and test.
//!
//! `folder → ClipList → split → (clip → frames → steps → images)`. What the images become afterwards, feature maps and
//! tensors, is left to others.

mod apply;
mod augment;
mod broken;
mod classes;
mod frames;
mod images;
mod list;
mod natural;
mod resize;
mod simulated;
pub mod split;
mod steps;
mod together;
mod video;

pub use apply::{run, run_until_normalise};
pub use augment::{AugmentSpec, Draw, Place, Transpose};
pub use broken::{OfClip, all as all_broken, open_all};
pub use classes::{Class, Classes};
pub use images::{CHANNELS, Images, Pixels};
pub use list::{Clip, ClipList, ClipSource};
pub use simulated::{SimulatedClip, SimulatedClipsSpec};
pub use split::{ClipCut, ClipSplit, Duplicates, GroupSpec, StratifiedSpec, split};
pub use steps::{
    Normalise, Step, StepMistake, augmentation, check, frame_count, output_shape, variants,
};
pub(crate) use together::{TOGETHER, frames_of};

use serde::{Deserialize, Serialize};

/// Bumped when the same clips and steps would give other images, or the same clips and split other parts.
pub const VERSION: u32 = 1;

/// The most bytes of a file of a clip: a video or a frame.
const MOST_BYTES_OF_A_FILE: u64 = 16 << 30;

/// `kind = "clips"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipsSpec {
    /// The folder of videos or of folders of frames, relative to the data folder.
    pub folder: String,
    /// Which names belong to which class.
    pub classes: Classes,
    /// What is done to the frames of a clip, in order.
    pub steps: Vec<Step>,
}

#[cfg(test)]
mod hockey;
