//! `kind = "lstm"`: stacked LSTM layers, read at the last step, then linear layers.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::path::{Dense, Dropped, Path, PathSpec};
use super::size::{self, LSTM_GATES};
use super::{LayerSummary, Model, Network, Role, Trained, sample_of};
use crate::data::{Outputs, STEPS};
use crate::nn::recurrent::{self, Kind, to_steps};
use crate::nn::weights::Weights;
use crate::nn::{Mode, linear};
use crate::number;
use crate::task::Task;

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

impl Model for LstmSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![
            ("model.lstm", VERSION),
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

impl Trained for LstmSpec {
    /// A network from [batch, time, features] to [batch, outputs]. Weights: `lstm.N.*`, `dense.N.*`, `output.*`.
    fn build(&self, sample_shape: &[usize], outputs: &Outputs, weights: &Weights) -> anyhow::Result<Box<dyn Network>> {
        let [time, features] = sample_of(STEPS, sample_shape)?;
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
        let output = Dense::output(path.width(), outputs.width(), weights)?;
        Ok(Box::new(Lstm { time, path, output }))
    }

    fn weight_count(&self, sample_shape: &[usize], outputs: &Outputs) -> u128 {
        let [_, features] = sample_shape else {
            return 0;
        };
        let (count, width) = size::path([&self.hidden, &self.dense], LSTM_GATES, *features);
        count.saturating_add(size::dense(width, outputs.width() as u128))
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
