//! Layers with their backward, initial weights and optimizers: arithmetic only, no model.

mod activation;
pub mod batch_norm;
mod buffer;
pub mod conv_lstm;
pub mod convolution;
pub mod dropout;
#[cfg(test)]
pub(crate) mod golden;
pub mod linear;
pub mod loss;
pub mod matrix;
mod numbers;
pub mod optimizer;
pub mod quantiles;
pub mod recurrent;
pub mod resnet50;
pub mod rows; // linear forecasters
pub mod simd;
pub mod weights;
mod winograd;

use serde::{Deserialize, Serialize};

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

/// How a forward pass runs.
#[derive(Debug, Clone, Copy)]
pub enum Mode {
    /// Training: dropout draws its mask from (seed, layer, epoch, batch).
    Train {
        /// The cell's seed.
        seed: u64,
        /// Epoch, from 0.
        epoch: u64,
        /// Batch of the epoch, from 0.
        batch: u64,
    },
    /// Evaluation: no dropout, fixed statistics.
    Evaluate,
}
