//! Clips as a form of data: seen through a frozen network, or by their labels alone.

use std::path::{Path, PathBuf};

use anyhow::Context;
use candle_core::Device;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::features::Pass;
use super::features::backbone::BackboneSpec;
use super::{Clip, ClipCut, ClipList, ClipSplit, ClipsSource, features};
use crate::data::card::Image;
use crate::data::form::{FromParts, Sample, SourceSettings, SplitSettings};
use crate::data::slot::SlotSettings;
use crate::data::{Blame, Data, Dataset, Digests, Folders, Form, MAPS, Noun, Outputs, Raw, Seen, raw_as};
use crate::kind::Kinds;
use crate::nn::resnet50;
use crate::task::BINARY;

/// Labelled clips.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClipsData {
    /// Where the clips come from: `[dataset.NAME]`.
    pub source: ClipsSource,
    /// `[backbone]`; absent for a model that looks at the labels alone.
    pub backbone: Option<BackboneSpec>,
    /// `[split]`
    pub split: ClipSplit,
}

/// Clips, found and not yet decoded.
#[derive(Debug, Clone)]
pub struct FoundClips {
    /// The clips.
    pub list: ClipList,
    /// Digest of the backbone's weights; absent where none is used.
    pub weights: Option<String>,
}

impl FoundClips {
    fn clip(&self, name: &str) -> Option<&Clip> {
        self.list.clips.iter().find(|clip| clip.name == name)
    }
}

/// The clips that were found.
pub(super) fn raw_list(raw: &dyn Raw) -> anyhow::Result<&ClipList> {
    Ok(&raw_as::<FoundClips>(raw)?.list)
}

/// Clips.
pub static FORM: Form = Form {
    word: "clips",
    holds: "clips",
    is: "holds clips",
    being: "clips are",
    noun: Noun {
        one: "clip",
        tested: "test clips",
    },
    axes: MAPS,
    task: &BINARY,
    sources: ClipsSource::kinds,
    splits: ClipSplit::kinds,
};

const BACKBONE: &str = BackboneSpec::SLOT.table;

impl FromParts for ClipsData {
    type Source = ClipsSource;
    type Split = ClipSplit;

    fn sample(source: &ClipsSource, seen: &Seen) -> Result<Option<Sample>, Blame> {
        let backbone = seen.get(BACKBONE).map(BackboneSpec::deserialize).transpose();
        let backbone = backbone.expect("a backbone that was read is read again from what it was written as");
        let Some(backbone) = backbone else {
            return Ok(None);
        };
        let shape = backbone.output_shape(super::output_shape(source.steps()))?;
        Ok(Some(Sample {
            shape: shape.to_vec(),
            outputs: 1.into(),
            changes: None,
        }))
    }

    fn of(source: &ClipsSource, split: &ClipSplit, seen: &Seen) -> serde_json::Result<Self> {
        let backbone = seen.get(BACKBONE).map(BackboneSpec::deserialize);
        Ok(Self {
            source: source.clone(),
            backbone: backbone.transpose()?,
            split: split.clone(),
        })
    }
}

impl ClipsData {
    /// Which clips are for training, validation and test.
    ///
    /// # Errors
    /// When the split does not fit the clips.
    pub fn cut(&self, list: &ClipList) -> anyhow::Result<ClipCut> {
        super::split(list, &self.split)
    }

    /// [time, height, width, channel] of a clip after the steps.
    pub fn images(&self) -> [usize; 4] {
        super::output_shape(self.source.steps())
    }
}

impl Data for ClipsData {
    fn form(&self) -> &'static Form {
        &FORM
    }

    fn outputs(&self, _: Option<&dyn Raw>) -> Outputs {
        1.into()
    }

    fn tables(&self) -> Vec<(&'static str, Value)> {
        let mut tables = vec![("dataset", json!(self.source)), ("split", json!(self.split))];
        if let Some(backbone) = &self.backbone {
            tables.push((BACKBONE, json!(backbone)));
        }
        tables
    }

    fn code(&self) -> Vec<(&'static str, u32)> {
        let mut parts = vec![("dataset.clips", super::VERSION)];
        if self.backbone.is_some() {
            parts.push(("dataset.features", features::VERSION));
            parts.extend(resnet50::VERSIONS);
        }
        parts
    }

    fn read_by(&self) -> Value {
        json!([self.source, self.backbone])
    }

    fn read(&self, folders: &Folders) -> anyhow::Result<Box<dyn Raw>> {
        let digest = |backbone: &BackboneSpec| backbone.digest(folders);
        Ok(Box::new(FoundClips {
            list: self.source.read(&folders.data)?,
            weights: self.backbone.as_ref().map(digest).transpose()?,
        }))
    }

    fn check_fit(&self, raw: &dyn Raw) -> anyhow::Result<()> {
        self.cut(raw_list(raw)?).map(drop)
    }

    /// Clips that are seen by their labels alone are not opened.
    fn opened_by(&self) -> Option<Value> {
        self.backbone.as_ref().map(|_| json!(self.source))
    }

    fn open(&self, raw: &dyn Raw) -> anyhow::Result<()> {
        super::open_all(raw_list(raw)?, self.source.steps())
    }

    /// By what clips are grouped.
    fn note(&self, raw: &dyn Raw) -> Option<String> {
        super::split::grouping(&self.split, raw_list(raw).ok()?)
    }

    fn has_pass(&self) -> bool {
        self.backbone.is_some()
    }

    /// The feature maps.
    fn pass(&self, raw: &dyn Raw, folders: &Folders) -> anyhow::Result<Option<Pass>> {
        let FoundClips { list, weights } = raw_as::<FoundClips>(raw)?;
        let (Some(backbone), Some(weights)) = (&self.backbone, weights) else {
            return Ok(None);
        };
        let seen = (backbone, weights.as_str());
        Pass::of((list, &self.cut(list)?), self.source.steps(), seen, folders).map(Some)
    }

    fn weights_file(&self, folders: &Folders) -> anyhow::Result<Option<PathBuf>> {
        match &self.backbone {
            Some(backbone) => backbone.path(folders),
            None => Ok(None),
        }
    }

    fn build(&self, raw: &dyn Raw, folders: &Folders, device: &Device) -> anyhow::Result<Dataset> {
        let FoundClips { list, weights } = raw_as::<FoundClips>(raw)?;
        match (&self.backbone, weights) {
            (Some(backbone), Some(weights)) => {
                let (steps, seen) = (self.source.steps(), (backbone, weights.as_str()));
                features::build(list, steps, seen, &self.split, folders, device)
            }
            _ => features::labels(list, &self.split, device),
        }
    }
}

impl Raw for FoundClips {
    fn digests(&self) -> Digests {
        Digests {
            data: self.list.digest(),
            weights: self.weights.clone(),
        }
    }

    fn item_digest(&self, item: &str) -> Option<&str> {
        self.clip(item).map(|clip| clip.digest.as_str())
    }

    /// The fifth frame, or the first of a shorter clip.
    fn picture(&self, item: &str) -> anyhow::Result<Image> {
        let clip = self.clip(item).with_context(|| format!("there is no clip {item}"))?;
        let frames = clip.frames(5).or_else(|_| clip.frames(1))?;
        frames.image(frames.count - 1)
    }
}

impl SourceSettings for ClipsSource {
    fn check(&self) -> Result<(), Blame> {
        super::check(self.steps()).map_err(|mistake| Blame {
            index: Some(mistake.index),
            ..Blame::at("steps", mistake.message)
        })
    }

    fn look_at(&self, data_folder: &Path) -> anyhow::Result<()> {
        self.read(data_folder).map(drop)
    }
}

impl SplitSettings for ClipSplit {
    fn has_validation(&self) -> bool {
        self.drawn().validation > 0.0
    }

    fn without_validation(&mut self) {
        *(**self).validation_mut() = 0.0;
    }

    fn unread_by_baselines(&self) -> &'static [&'static str] {
        &["validation"]
    }
}
