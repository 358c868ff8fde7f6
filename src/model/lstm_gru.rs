//! `kind = "lstm_gru"`: an LSTM path and a GRU path side by side, each read at its last step, joined by a linear layer
//! (Patel et al., 2020).

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

/// `kind = "lstm_gru"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LstmGruSpec {
    /// Width of each layer of the LSTM path.
    #[serde(deserialize_with = "number::some_widths")]
    pub lstm: Vec<usize>,
    /// Width of each layer of the GRU path.
    #[serde(deserialize_with = "number::some_widths")]
    pub gru: Vec<usize>,
    /// Share dropped while training: between the LSTM layers, and from the GRU path's output.
    #[serde(default, deserialize_with = "number::share")]
    pub dropout: f64,
    /// Width of each linear layer at the end of each path.
    #[serde(default, deserialize_with = "number::widths")]
    pub dense: Vec<usize>,
}

impl LstmGruSpec {
    /// A network from [batch, time, features] to [batch, outputs]. Weights: `lstm.N.*`, `lstm_dense.N.*`, `gru.N.*`,
    /// `gru_dense.N.*`, `output.*`.
    ///
    /// # Errors
    /// When one of the weights was made before, or the device refuses.
    pub fn build(
        &self,
        [time, features]: [usize; 2],
        outputs: usize,
        weights: &Weights,
    ) -> Result<LstmGru> {
        let lstm = PathSpec {
            kind: Kind::Lstm,
            name: "lstm",
            hidden: &self.lstm,
            dropout: self.dropout,
            dropped: Dropped::Between,
            dense_name: "lstm_dense",
            dense: &self.dense,
        };
        let gru = PathSpec {
            kind: Kind::Gru,
            name: "gru",
            hidden: &self.gru,
            dropout: self.dropout,
            dropped: Dropped::BehindEvery,
            dense_name: "gru_dense",
            dense: &self.dense,
        };
        let lstm = Path::new(&lstm, features, weights)?;
        let gru = Path::new(&gru, features, weights)?;
        let output = Dense::output(lstm.width() + gru.width(), outputs, weights)?;
        Ok(LstmGru {
            time,
            lstm,
            gru,
            output,
        })
    }
}

/// The network of `kind = "lstm_gru"`.
pub struct LstmGru {
    time: usize,
    lstm: Path,
    gru: Path,
    output: Dense,
}

impl Network for LstmGru {
    fn forward(&self, inputs: &Tensor, mode: Mode) -> Result<Tensor> {
        let steps = to_steps(inputs)?;
        let lstm = self.lstm.forward(&steps, mode)?; // [batch, width of the LSTM path]
        let gru = self.gru.forward(&steps, mode)?; // [batch, width of the GRU path]
        self.output.forward(&Tensor::cat(&[lstm, gru], 1)?)
    }

    fn summary(&self) -> Vec<LayerSummary> {
        let mut summary = Vec::new();
        self.lstm.summarize(self.time, &mut summary);
        self.gru.summarize(self.time, &mut summary);
        self.output.summarize(&mut summary);
        summary
    }
}
