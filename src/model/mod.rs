//! Settings → a network or a baseline: the kinds of model, and what every one of them offers.

pub mod baseline;
pub mod conv_lstm;
pub mod linear_probe;
pub mod lstm;
pub mod lstm_gru;
mod path;
mod size;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use anyhow::bail;
use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use self::baseline::{Baseline, Classify, Forecast};
use crate::nn::weights::Weights;
use crate::nn::{self, Mode};
use crate::task::{Task, TaskKind};

/// The kinds of `[model.NAME]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ModelSpec {
    /// Stacked LSTM layers.
    Lstm(lstm::LstmSpec),
    /// An LSTM path and a GRU path side by side.
    LstmGru(lstm_gru::LstmGruSpec),
    /// A ConvLSTM2D layer over feature maps, then dense layers.
    ConvLstm(conv_lstm::ConvLstmSpec),
    /// Tomorrow is like today.
    LastValue(baseline::LastValueSpec),
    /// The lookback's mean change goes on.
    Drift(baseline::DriftSpec),
    /// Every item is of the more frequent class.
    Majority(baseline::MajoritySpec),
    /// Logistic regression on features of the items.
    LinearProbe(linear_probe::LinearProbeSpec),
}

impl ModelSpec {
    /// The kinds that a file may name.
    pub const KINDS: &[&str] = &[
        "lstm",
        "lstm_gru",
        "conv_lstm",
        "last_value",
        "drift",
        "majority",
        "linear_probe",
    ];

    /// The kinds that have no network to train.
    pub const UNTRAINED: &[&str] = &["last_value", "drift", "majority", "linear_probe"];

    /// The kinds that look at the labels of clips alone.
    pub const OF_LABELS: &[&str] = &["majority"];

    /// The kinds that are made for a task.
    pub fn kinds_for(task: TaskKind) -> &'static [&'static str] {
        match task {
            TaskKind::Regression => &["lstm", "lstm_gru", "last_value", "drift"],
            TaskKind::Binary => &["conv_lstm", "majority", "linear_probe"],
        }
    }

    /// The task that the kind is made for.
    pub fn task(&self) -> TaskKind {
        if Self::kinds_for(TaskKind::Binary).contains(&self.kind()) {
            TaskKind::Binary
        } else {
            TaskKind::Regression
        }
    }

    /// The kind's name in a file.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Lstm(_) => "lstm",
            Self::LstmGru(_) => "lstm_gru",
            Self::ConvLstm(_) => "conv_lstm",
            Self::LastValue(_) => "last_value",
            Self::Drift(_) => "drift",
            Self::Majority(_) => "majority",
            Self::LinearProbe(_) => "linear_probe",
        }
    }

    /// Version of the code behind the kind: part of what makes a record valid.
    pub fn version(&self) -> u32 {
        match self {
            Self::Lstm(_) => lstm::VERSION,
            Self::LstmGru(_) => lstm_gru::VERSION,
            Self::ConvLstm(_) => conv_lstm::VERSION,
            Self::LastValue(_) | Self::Drift(_) | Self::Majority(_) => baseline::VERSION,
            Self::LinearProbe(_) => linear_probe::VERSION,
        }
    }

    /// Whether it sees the feature maps of clips, and not their labels alone.
    pub fn reads_maps(&self) -> bool {
        !matches!(self, Self::Majority(_))
    }

    /// The layers behind the kind that have a version of their own: each is part of what makes a record valid, too.
    pub fn layer_versions(&self) -> &'static [(&'static str, u32)] {
        match self {
            Self::Lstm(_) | Self::LstmGru(_) => &[
                ("nn.linear", nn::linear::VERSION),
                ("nn.recurrent", nn::recurrent::VERSION),
            ],
            Self::ConvLstm(_) => &[
                ("nn.batch_norm", nn::batch_norm::VERSION),
                ("nn.conv_lstm", nn::conv_lstm::VERSION),
                ("nn.linear", nn::linear::VERSION),
            ],
            Self::LastValue(_) | Self::Drift(_) | Self::Majority(_) | Self::LinearProbe(_) => &[],
        }
    }

    /// Whether it has weights to train; otherwise it is a baseline.
    pub fn trains(&self) -> bool {
        self.baseline().is_none()
    }

    /// What stands behind a kind that has no network to train.
    pub fn baseline(&self) -> Option<Baseline> {
        match self {
            Self::Lstm(_) | Self::LstmGru(_) | Self::ConvLstm(_) => None,
            Self::LastValue(_) => Some(Baseline::Forecast(Forecast::LastValue)),
            Self::Drift(_) => Some(Baseline::Forecast(Forecast::Drift)),
            Self::Majority(_) => Some(Baseline::Classify(Classify::Majority)),
            Self::LinearProbe(spec) => Some(Baseline::Classify(Classify::LinearProbe(*spec))),
        }
    }

    /// The network of a kind that trains, for samples of that shape (without the batch), its weights drawn from `weights`.
    ///
    /// # Errors
    /// When the shape is not one that the kind reads, the kind is a baseline, or the device refuses.
    pub fn build(
        &self,
        sample_shape: &[usize],
        task: Task,
        weights: &Weights,
    ) -> anyhow::Result<Box<dyn Network>> {
        let outputs = task.output_width();
        Ok(match self {
            Self::Lstm(spec) => {
                Box::new(spec.build(self.steps(sample_shape)?, outputs, weights)?)
            }
            Self::LstmGru(spec) => {
                Box::new(spec.build(self.steps(sample_shape)?, outputs, weights)?)
            }
            Self::ConvLstm(spec) => {
                Box::new(spec.build(self.maps(sample_shape)?, outputs, weights)?)
            }
            Self::LastValue(_) | Self::Drift(_) | Self::Majority(_) | Self::LinearProbe(_) => {
                bail!(
                    "a baseline of kind `{}` has no network to train",
                    self.kind()
                )
            }
        })
    }

    /// The shape of samples that are series.
    fn steps(&self, sample_shape: &[usize]) -> anyhow::Result<[usize; 2]> {
        let Ok(shape) = sample_shape.try_into() else {
            bail!(
                "a model of kind `{}` reads samples of shape [time, feature], these have {sample_shape:?}; for maps take one of \
                 kind `conv_lstm`",
                self.kind()
            );
        };
        Ok(shape)
    }

    /// The shape of samples that are sequences of maps.
    fn maps(&self, sample_shape: &[usize]) -> anyhow::Result<[usize; 4]> {
        let Ok(shape) = sample_shape.try_into() else {
            bail!(
                "a model of kind `{}` reads samples of shape [time, height, width, channel], these have {sample_shape:?}; for \
                 series take one of kind `lstm`",
                self.kind()
            );
        };
        Ok(shape)
    }
}

/// A network: what the training loop trains.
pub trait Network {
    /// [batch, sample shape…] → [batch, output width]; of a classification, logits.
    ///
    /// # Errors
    /// When a shape does not fit or the device refuses.
    fn forward(&self, inputs: &Tensor, mode: Mode) -> Result<Tensor>;

    /// The layers, in order, as a model summary lists them.
    fn summary(&self) -> Vec<LayerSummary>;
}

/// One line of a model summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerSummary {
    /// The layer's path among the weights, as `lstm.0`.
    pub name: String,
    /// What it is, as `LSTM`.
    pub kind: String,
    /// Shape of its output without the batch.
    pub output: Vec<usize>,
    /// Weights that are trained.
    pub trainable: usize,
    /// Weights that are not.
    pub frozen: usize,
}
