//! Bytes → examples: the kinds of dataset, and what every one of them becomes.

pub mod clips;
pub mod prices;
pub mod series;
pub mod simulated;
pub mod window;

use std::path::{Path, PathBuf};

use anyhow::Context;
use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::task::Task;
use series::Series;
use window::{Cut, SeriesSplit, WindowSpec, Windows};

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

impl DataSpec {
    /// What a network is asked for.
    pub fn task(&self) -> Task {
        let Self::Series { window, .. } = self;
        Task::Regression {
            horizon: window.horizon,
        }
    }

    /// What is wrong with the settings themselves, whatever the data hold.
    pub fn check(&self) -> anyhow::Result<()> {
        let Self::Series { source, .. } = self;
        source.check()
    }

    /// The series, checked. An error that is a [`DataMissing`] says that a file is not there.
    pub fn read(&self, data_folder: &Path) -> anyhow::Result<Series> {
        let Self::Series { source, window, .. } = self;
        source.read(data_folder, window.transform)
    }

    /// Whether that many rows are enough for the window and the split; the error says how many are needed, and why.
    pub fn check_length(&self, rows: usize) -> anyhow::Result<()> {
        let Self::Series { window, split, .. } = self;
        Windows::of(rows, window, split).map(drop)
    }

    /// What a series becomes: shapes, days and scaling, without the numbers.
    pub fn cut(&self, series: &Series) -> anyhow::Result<Cut> {
        let Self::Series { window, split, .. } = self;
        window::cut(series, window, split).with_context(|| series.source.clone())
    }

    /// Training, validation and test examples, their tensors on that device.
    pub fn build(&self, series: &Series, device: &Device) -> anyhow::Result<Dataset> {
        let Self::Series { window, split, .. } = self;
        window::build(series, window, split, device).with_context(|| series.source.clone())
    }
}

impl SeriesSource {
    /// What is wrong with the settings themselves, whatever the data hold.
    pub fn check(&self) -> anyhow::Result<()> {
        match self {
            Self::Prices(spec) => spec.check(),
            Self::SimulatedPrices(spec) => spec.check(),
        }
    }

    /// The series, checked; `transform` is what the window will apply to its columns.
    pub fn read(&self, data_folder: &Path, transform: window::Transform) -> anyhow::Result<Series> {
        match self {
            Self::Prices(spec) => spec.read(data_folder, transform),
            Self::SimulatedPrices(spec) => spec.series(),
        }
    }
}

/// What a model is trained and tested on.
pub struct Dataset {
    /// Decides the width of the output and the losses and metrics that fit.
    pub task: Task,
    /// Shape of one input without the batch: [time, feature].
    pub sample_shape: Vec<usize>,
    /// Trained on.
    pub train: Examples,
    /// Watched while training; absent when the share is 0.
    pub validation: Option<Examples>,
    /// Scored once, at the end.
    pub test: Examples,
    /// From a network's output back to the target's unit.
    pub target: TargetScale,
    /// The unit of the target, as "USD".
    pub unit: String,
}

/// Some examples, in time order.
pub struct Examples {
    /// What the network sees, scaled: [sample, time, feature], f32.
    pub inputs: Tensor,
    /// What it should answer, scaled: [sample, horizon], f32.
    pub targets: Tensor,
    /// What it should answer, in the target's unit: [sample][horizon].
    pub truth: Vec<Vec<f64>>,
    /// The target over the lookback, in its unit: [sample][time]. What a baseline may look at.
    pub past: Vec<Vec<f64>>,
    /// Each sample's name: the date of the last day that it may know.
    pub names: Vec<String>,
}

/// The scaling of the target: scaled = (transformed - offset) / factor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TargetScale {
    /// Subtracted.
    pub offset: f64,
    /// Divided by.
    pub factor: f64,
    /// Applied before the scaling.
    pub transform: window::Transform,
}

impl TargetScale {
    /// From a network's output to the target's unit.
    pub fn unscale(&self, output: f64) -> f64 {
        self.transform.invert(output * self.factor + self.offset)
    }
}

impl Examples {
    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.truth.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.truth.is_empty()
    }

    /// Inputs [index, time, feature] and targets [index, horizon] of those samples, in the order given.
    pub fn batch(&self, indices: &[usize]) -> candle_core::Result<(Tensor, Tensor)> {
        let indices: Vec<u32> = indices.iter().map(|index| *index as u32).collect();
        let indices = Tensor::new(indices, self.inputs.device())?;
        Ok((
            self.inputs.index_select(&indices, 0)?,
            self.targets.index_select(&indices, 0)?,
        ))
    }
}

/// A file that a dataset is read from is not there. Callers tell it from wrong data with `downcast_ref`: a cell whose data
/// are missing waits for them, a cell whose data are wrong has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataMissing {
    /// Where it was looked for.
    pub path: PathBuf,
}

impl std::fmt::Display for DataMissing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "data missing: there is no {}\n  help: name the folder that holds the data with `--data` or RUNNER_DATA",
            self.path.display()
        )
    }
}

impl std::error::Error for DataMissing {}
