//! Bytes → examples: the kinds of dataset, and what every one of them becomes.

pub mod clips;
mod examples;
pub mod features;
mod missing;
pub mod prices;
pub mod series;
pub mod simulated;
pub mod window;

use anyhow::{Context, bail};
use candle_core::Device;
use serde::{Deserialize, Serialize};

use crate::task::{Task, TaskKind};
use clips::{ClipCut, ClipList, ClipSplit, ClipsSpec, SimulatedClipsSpec, Step};
pub use examples::{Dataset, Examples, Inputs, Meaning, TargetScale};
use features::backbone::{BackboneSpec, Folders};
pub use missing::{DataMissing, nearly};
use series::Series;
use window::{Cut, SeriesSplit, WindowSpec};

/// Everything that decides the examples of a cell: the data, how they are seen, how they are split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum DataSpec {
    /// A daily series cut into windows.
    Series {
        /// Where the series comes from: `[dataset.NAME]`.
        source: SeriesSource,
        /// `[window]`
        window: WindowSpec,
        /// `[split]`
        split: SeriesSplit,
    },
    /// Labelled clips seen through a frozen network.
    Clips {
        /// Where the clips come from: `[dataset.NAME]`.
        source: ClipsSource,
        /// `[backbone]`; absent for a model that looks at the labels alone.
        backbone: Option<BackboneSpec>,
        /// `[split]`
        split: ClipSplit,
    },
}

/// The kinds of `[dataset.NAME]` that are series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SeriesSource {
    /// `kind = "prices"`: a CSV file.
    Prices(prices::PricesSpec),
    /// `kind = "simulated_prices"`: built in.
    SimulatedPrices(simulated::SimulatedPricesSpec),
}

/// The kinds of `[dataset.NAME]` that are clips.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ClipsSource {
    /// `kind = "clips"`: a folder of videos or of folders of frames.
    Clips(ClipsSpec),
    /// `kind = "simulated_clips"`: built in.
    SimulatedClips(SimulatedClipsSpec),
}

/// A `[dataset.NAME]` of any kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Source {
    /// A daily series.
    Series(SeriesSource),
    /// Labelled clips.
    Clips(ClipsSource),
}

/// A `[split]` of any kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Split {
    /// Of a series, by time.
    Series(SeriesSplit),
    /// Of clips.
    Clips(ClipSplit),
}

impl Source {
    /// What is asked of a model.
    pub fn task(&self) -> TaskKind {
        match self {
            Self::Series(_) => TaskKind::Regression,
            Self::Clips(_) => TaskKind::Binary,
        }
    }

    /// Reads the data and lets them go again: what is wrong with them shows, whatever will be made of them.
    ///
    /// # Errors
    /// As [`DataSpec::read`].
    pub fn look_at(&self, data_folder: &std::path::Path) -> anyhow::Result<()> {
        match self {
            Self::Series(source) => source.read(data_folder, window::Transform::None).map(drop),
            Self::Clips(source) => source.read(data_folder).map(drop),
        }
    }
}

impl Split {
    /// Share of the training examples that is for validation instead.
    pub fn validation(&self) -> f64 {
        match self {
            Self::Series(split) => split.validation(),
            Self::Clips(split) => split.validation(),
        }
    }

    /// The same without a validation set.
    pub fn without_validation(mut self) -> Self {
        match &mut self {
            Self::Series(split) => *split.validation_mut() = 0.0,
            Self::Clips(split) => *split.validation_mut() = 0.0,
        }
        self
    }

    /// What can be split so.
    pub fn task(&self) -> TaskKind {
        match self {
            Self::Series(_) => TaskKind::Regression,
            Self::Clips(_) => TaskKind::Binary,
        }
    }
}

/// What data were read, before they are cut and split.
#[derive(Debug, Clone)]
pub enum Material {
    /// A daily series.
    Series(Series),
    /// Clips, found and not yet decoded.
    Clips {
        /// The clips.
        list: ClipList,
        /// Digest of the backbone's weights; absent where none is used.
        weights: Option<String>,
    },
}

/// What tells data apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests {
    /// Of the parsed rows of a series, of the names, labels and bytes of clips.
    pub data: String,
    /// Of the weights of a frozen network, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
}

impl Material {
    /// What tells these data from others.
    pub fn digests(&self) -> Digests {
        match self {
            Self::Series(series) => Digests {
                data: series.digest(),
                weights: None,
            },
            Self::Clips { list, weights } => Digests {
                data: list.digest(),
                weights: weights.clone(),
            },
        }
    }
}

impl DataSpec {
    /// What a network is asked for.
    pub fn task(&self) -> Task {
        match self {
            Self::Series { window, .. } => Task::Regression {
                horizon: window.horizon,
            },
            Self::Clips { .. } => Task::Binary,
        }
    }

    /// The data, checked. An error that is a [`DataMissing`] or a [`WeightsMissing`](features::backbone::WeightsMissing) says
    /// that a file is not there.
    pub fn read(&self, folders: &Folders) -> anyhow::Result<Material> {
        match self {
            Self::Series { source, window, .. } => source
                .read(&folders.data, window.transform)
                .map(Material::Series),
            Self::Clips {
                source, backbone, ..
            } => {
                let digest = |backbone: &BackboneSpec| backbone.digest(folders);
                Ok(Material::Clips {
                    list: source.read(&folders.data)?,
                    weights: backbone.as_ref().map(digest).transpose()?,
                })
            }
        }
    }

    /// A stretch of a series without a day, in a sentence, where days seem to be missing.
    pub fn hole(&self, material: &Material) -> Option<String> {
        match material {
            Material::Series(series) => series.hole(),
            Material::Clips { .. } => None,
        }
    }

    /// What is worth knowing of the data and no mistake: a hole in a series, by what clips are grouped.
    pub fn note(&self, material: &Material) -> Option<String> {
        match (self, material) {
            (Self::Clips { split, .. }, Material::Clips { list, .. }) => split.grouping(list),
            _ => self.hole(material),
        }
    }

    /// Whether the data are enough for the window and the split; the error says what is needed, and why.
    pub fn check_fit(&self, material: &Material) -> anyhow::Result<()> {
        match (self, material) {
            (Self::Series { window, split, .. }, Material::Series(series)) => {
                window::check(series, window, split).with_context(|| series.source.clone())
            }
            (Self::Clips { split, .. }, Material::Clips { list, .. }) => {
                clips::split(list, split).map(drop)
            }
            _ => bail!(OTHER_FORM),
        }
    }

    /// What a series becomes: shapes, days and scaling, without the numbers.
    pub fn cut(&self, series: &Series) -> anyhow::Result<Cut> {
        match self {
            Self::Series { window, split, .. } => {
                window::cut(series, window, split).with_context(|| series.source.clone())
            }
            Self::Clips { .. } => bail!(OTHER_FORM),
        }
    }

    /// Which clips are for training, validation and test.
    pub fn cut_clips(&self, list: &ClipList) -> anyhow::Result<ClipCut> {
        match self {
            Self::Clips { split, .. } => clips::split(list, split),
            Self::Series { .. } => bail!(OTHER_FORM),
        }
    }

    /// Training, validation and test examples, their tensors on that device. Feature maps that are not there yet are computed.
    pub fn build(
        &self,
        material: &Material,
        folders: &Folders,
        device: &Device,
    ) -> anyhow::Result<Dataset> {
        match (self, material) {
            (Self::Series { window, split, .. }, Material::Series(series)) => {
                window::build(series, window, split, device).with_context(|| series.source.clone())
            }
            (
                Self::Clips {
                    source,
                    backbone,
                    split,
                },
                Material::Clips { list, weights },
            ) => match (backbone, weights) {
                (Some(backbone), Some(weights)) => {
                    let seen = (backbone, weights.as_str());
                    features::build(list, source.steps(), seen, split, folders, device)
                }
                _ => features::labels(list, split, device),
            },
            _ => bail!(OTHER_FORM),
        }
    }
}

/// What was read belongs to another [`DataSpec`].
const OTHER_FORM: &str = "the data are of another form than the settings";

impl SeriesSource {
    /// What is wrong with the settings themselves, whatever the data hold.
    pub fn check(&self) -> anyhow::Result<()> {
        match self {
            Self::Prices(spec) => spec.check(),
            Self::SimulatedPrices(spec) => spec.check(),
        }
    }

    /// How many columns a network sees.
    pub fn feature_count(&self) -> usize {
        match self {
            Self::Prices(spec) => spec.features.len(),
            Self::SimulatedPrices(spec) => spec.features.len(),
        }
    }

    /// The series, checked; `transform` is what the window will apply to its columns.
    pub fn read(
        &self,
        data_folder: &std::path::Path,
        transform: window::Transform,
    ) -> anyhow::Result<Series> {
        match self {
            Self::Prices(spec) => spec.read(data_folder, transform),
            Self::SimulatedPrices(spec) => spec.series(),
        }
    }
}

impl ClipsSource {
    /// What is done to the frames of a clip.
    pub fn steps(&self) -> &[Step] {
        match self {
            Self::Clips(spec) => &spec.steps,
            Self::SimulatedClips(spec) => &spec.steps,
        }
    }

    /// The clips, found and not yet decoded.
    pub fn read(&self, data_folder: &std::path::Path) -> anyhow::Result<ClipList> {
        match self {
            Self::Clips(spec) => spec.read(data_folder),
            Self::SimulatedClips(spec) => Ok(spec.list()),
        }
    }
}
