//! Labelled clips: bytes → frames → preprocessed images, and which clips are for training, validation and test.
//!
//! `folder → ClipList → split → (clip → frames → steps → images) → feature maps → examples`

mod apply;
mod augment;
mod broken;
pub(crate) mod card;
mod classes;
mod data;
mod drawn;
pub mod features;
mod frames;
mod images;
mod list;
mod natural;
mod resize;
mod sentence;
mod simulated;
pub mod split;
mod steps;
mod together;
mod video;

pub use apply::{run, run_until_normalise};
pub use augment::{AugmentSpec, Draw, Place, Transpose};
pub use broken::{OfClip, all as all_broken, open_all};
pub use classes::{Class, Classes};
pub use data::{ClipsData, FORM, FoundClips};
pub use drawn::SimulatedClip;
pub use images::{CHANNELS, Images, Pixels};
pub use list::{Clip, ClipList, ClipSource};
pub use simulated::SimulatedClipsSpec;
pub use split::{ClipCut, Drawn, Duplicates, GroupSpec, StratifiedSpec, split};
pub use steps::{Normalise, Step, StepMistake, augmentation, check, frame_count, output_shape, variants};
pub(crate) use together::{TOGETHER, frames_of};

use std::fmt::Debug;
use std::path::Path;

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

crate::kinds! {
    /// The kinds of `[dataset.NAME]` that are clips.
    pub enum ClipsSource: ClipsSettings {
        "clips" | "video videos video_clips" => Clips(ClipsSpec),
        "simulated_clips" | "synthetic_clips fake_clips" => SimulatedClips(SimulatedClipsSpec),
    }
}

/// What the settings of every dataset of clips offer.
pub trait ClipsSettings: Debug {
    /// What is done to the frames of a clip.
    fn steps(&self) -> &[Step];

    /// The clips, found and not yet decoded.
    ///
    /// # Errors
    /// When they are not here, or not what they must be.
    fn read(&self, data_folder: &Path) -> anyhow::Result<ClipList>;

    /// Where they come from, wherever the folder of data is; `list` is what was read.
    fn origin(&self, list: &ClipList) -> String;
}

crate::kinds! {
    /// The kinds of `[split]` of clips.
    pub enum ClipSplit: SplitOfClips {
        "stratified" | "stratify stratified_split stratified_shuffle_split" => Stratified(StratifiedSpec),
        "group" | "grouped group_shuffle_split by_group" => Group(GroupSpec),
    }
}

/// What the settings of every split of clips offer.
pub trait SplitOfClips: Debug {
    /// How its parts are drawn.
    fn drawn(&self) -> Drawn;

    /// The share for validation, to be changed.
    fn validation_mut(&mut self) -> &mut f64;

    /// What it keeps to, in a few words.
    fn in_words(&self) -> String;

    /// What would keep more neighbours on one side, in a sentence.
    fn advice_on_neighbours(&self) -> &'static str;
}

#[cfg(test)]
mod hockey;
