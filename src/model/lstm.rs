//! `kind = "lstm"`: stacked LSTM layers, read at the last step, then linear layers.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::path::{Dense, Dropped, Path, PathSpec};
use super::{LayerSummary, Network};
use crate::nn::Mode;
use crate::nn::recurrent::{Kind, to_steps};
use crate::nn::weights::Weights;
use crate::number;

/// Bumped when the same settings, seed and data would give another network.
pub const VERSION: u32 = 1;

/// `kind = "lstm"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LstmSpec {
    /// Width of each layer's hidden state.
    #[serde(deserialize_with = "number::some_widths")]
    pub hidden: Vec<usize>,
    /// Share of each layer's output that is dropped before the next layer, while training.
    #[serde(default, deserialize_with = "number::share")]
    pub dropout: f64,
    /// Width of each linear layer before the output.
    #[serde(default, deserialize_with = "number::widths")]
    pub dense: Vec<usize>,
}

impl LstmSpec {
    /// A network from [batch, time, features] to [batch, outputs]. Weights: `lstm.N.*`, `dense.N.*`, `output.*`.
    ///
    /// # Errors
    /// When one of the weights was made before, or the device refuses.
    pub fn build(
        &self,
        [time, features]: [usize; 2],
        outputs: usize,
        weights: &Weights,
    ) -> Result<Lstm> {
        let path = PathSpec {
            kind: Kind::Lstm,
            name: "lstm",
            hidden: &self.hidden,
            dropout: self.dropout,
            dropped: Dropped::Between,
            dense_name: "dense",
            dense: &self.dense,
        };
        let path = Path::new(&path, features, weights)?;
        let output = Dense::output(path.width(), outputs, weights)?;
        Ok(Lstm { time, path, output })
    }
}

/// The network of `kind = "lstm"`.
pub struct Lstm {
    time: usize,
    path: Path,
    output: Dense,
}

impl Network for Lstm {
    fn forward(&self, inputs: &Tensor, mode: Mode) -> Result<Tensor> {
        let last = self.path.forward(&to_steps(inputs)?, mode)?; // [batch, width]
        self.output.forward(&last)
    }

    fn summary(&self) -> Vec<LayerSummary> {
        let mut summary = Vec::new();
        self.path.summarize(self.time, &mut summary);
        self.output.summarize(&mut summary);
        summary
    }
}
