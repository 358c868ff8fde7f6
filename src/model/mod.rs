//! Settings → a network or a baseline: the kinds of model, and what every one of them offers.

pub mod baseline;
pub mod lstm;
pub mod lstm_gru;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use crate::nn::Mode;

/// The kinds of `[model.NAME]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ModelSpec {
    /// Stacked LSTM layers.
    Lstm(lstm::LstmSpec),
    /// An LSTM path and a GRU path side by side.
    LstmGru(lstm_gru::LstmGruSpec),
    /// Tomorrow is like today.
    LastValue(baseline::LastValueSpec),
    /// The lookback's mean change goes on.
    Drift(baseline::DriftSpec),
}

/// A network: what the training loop trains.
pub trait Network {
    /// [batch, sample shape…] → [batch, output width].
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
