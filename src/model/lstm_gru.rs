//! `kind = "lstm_gru"`: an LSTM path and a GRU path side by side, each read at its last step, joined by a linear layer
//! (Patel et al., 2020).

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::path::{Dense, Dropped, Path, PathSpec};
use super::size::{self, GRU_GATES, LSTM_GATES};
use super::{LayerSummary, Model, Network, Role, Trained, sample_of};
use crate::data::{Outputs, STEPS};
use crate::nn::recurrent::{self, Kind, to_steps};
use crate::nn::weights::Weights;
use crate::nn::{Mode, linear};
use crate::number;
use crate::task::Task;

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

impl Model for LstmGruSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![
            ("model.lstm_gru", VERSION),
            ("nn.linear", linear::VERSION),
            ("nn.recurrent", recurrent::VERSION),
        ]
    }

    fn role(&self) -> Role<'_> {
        Role::Network(self)
    }

    fn fits(&self, axes: &[&str], _: &Task) -> bool {
        axes == STEPS
    }
}

impl Trained for LstmGruSpec {
    /// A network from [batch, time, features] to [batch, outputs]. Weights: `lstm.N.*`, `lstm_dense.N.*`, `gru.N.*`,
    /// `gru_dense.N.*`, `output.*`.
    fn build(&self, sample_shape: &[usize], outputs: &Outputs, weights: &Weights) -> anyhow::Result<Box<dyn Network>> {
        let [time, features] = sample_of(STEPS, sample_shape)?;
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
        let output = Dense::output(lstm.width() + gru.width(), outputs.width(), weights)?;
        Ok(Box::new(LstmGru { time, lstm, gru, output }))
    }

    fn weight_count(&self, sample_shape: &[usize], outputs: &Outputs) -> u128 {
        let [_, features] = sample_shape else {
            return 0;
        };
        let lstm = size::path([&self.lstm, &self.dense], LSTM_GATES, *features);
        let gru = size::path([&self.gru, &self.dense], GRU_GATES, *features);
        let output = size::dense(lstm.1 + gru.1, outputs.width() as u128);
        lstm.0.saturating_add(gru.0).saturating_add(output)
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
