//! Bytes → examples: the kinds of dataset, and what every one of them becomes.

pub mod prices;
pub mod series;
pub mod simulated;
pub mod window;

use std::path::PathBuf;

use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use crate::task::Task;
use window::{SeriesSplit, WindowSpec};

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
