//! `kind = "conv_lstm"`: a ConvLSTM2D layer over feature maps, read at the last step, then batch normalization and dense layers,
//! as the source's classifier of film clips. Layers are named and listed as Keras prints them.

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::size::{self, LSTM_GATES};
use super::{LayerSummary, Model, Network, Role, Trained, sample_of};
use crate::data::{MAPS, Outputs};
use crate::nn::Mode;
use crate::nn::batch_norm::{self, BatchNorm};
use crate::nn::conv_lstm::{self, ConvLstm2d, RecurrentActivation};
use crate::nn::dropout::Dropout;
use crate::nn::linear::{self, Dense};
use crate::nn::weights::Weights;
use crate::number;
use crate::task::Task;

/// Bumped when the same settings, seed and data would give another network.
pub const VERSION: u32 = 1;

/// `kind = "conv_lstm"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvLstmSpec {
    /// Channels of the ConvLSTM2D's hidden state.
    #[serde(deserialize_with = "number::from_one::<_, { number::MOST_WIDTH }>")]
    pub filters: usize,
    /// Side of its square kernels, an odd number.
    #[serde(default = "kernel", deserialize_with = "number::odd")]
    pub kernel: usize,
    /// Function of its gates.
    #[serde(default)]
    pub recurrent_activation: RecurrentActivation,
    /// Width of each dense layer before the output, each with ReLU.
    #[serde(default, deserialize_with = "number::widths")]
    pub dense: Vec<usize>,
    /// Share dropped while training: behind the batch normalization, and behind each dense layer but the first and the output.
    #[serde(default, deserialize_with = "number::share")]
    pub dropout: f64,
}

fn kernel() -> usize {
    3
}

impl Model for ConvLstmSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![
            ("model.conv_lstm", VERSION),
            ("nn.batch_norm", batch_norm::VERSION),
            ("nn.conv_lstm", conv_lstm::VERSION),
            ("nn.linear", linear::VERSION),
        ]
    }

    fn role(&self) -> Role<'_> {
        Role::Network(self)
    }

    fn fits(&self, axes: &[&str], _: &Task) -> bool {
        axes == MAPS
    }
}

impl Trained for ConvLstmSpec {
    /// A network from [batch, time, height, width, channels] to [batch, outputs]. Weights: `conv_lstm2d.*`,
    /// `batch_normalization.*`, `dense.*`, `dense_1.*`, …, the last of them the output.
    fn build(&self, sample_shape: &[usize], outputs: &Outputs, weights: &Weights) -> anyhow::Result<Box<dyn Network>> {
        let [_, height, width, channels] = sample_of(MAPS, sample_shape)?;
        let recurrent = ConvLstm2d::new(
            channels,
            self.filters,
            self.kernel,
            self.recurrent_activation,
            &weights.below("conv_lstm2d"),
        )?;
        let flat = height * width * self.filters;
        let norm = BatchNorm::new(flat, &weights.below("batch_normalization"))?;
        let mut layers = Layers {
            weights,
            dropout: self.dropout,
            dense_count: 0,
            list: Vec::new(),
        };
        layers.add_dropout(flat);
        let mut inputs = flat;
        for (index, &width) in self.dense.iter().enumerate() {
            layers.add_dense(inputs, width, After::Relu)?;
            if index > 0 {
                layers.add_dropout(width);
            }
            inputs = width;
        }
        layers.add_dense(inputs, outputs.width(), After::Nothing)?;
        Ok(Box::new(ConvLstm {
            recurrent,
            map: [height, width],
            norm,
            layers: layers.list,
        }))
    }

    fn weight_count(&self, sample_shape: &[usize], outputs: &Outputs) -> u128 {
        let [_, height, width, channels] = *sample_shape else {
            return 0;
        };
        let [height, width, channels] = [height, width, channels].map(|side| side as u128);
        let (filters, kernel) = (self.filters as u128, self.kernel as u128);
        let recurrent = (kernel * kernel)
            .saturating_mul(channels + filters)
            .saturating_add(1)
            .saturating_mul(LSTM_GATES * filters);
        let flat = height.saturating_mul(width).saturating_mul(filters);
        let (head, last) = size::dense_layers(&self.dense, flat);
        // Four numbers for each place of a batch normalization.
        let rest = flat
            .saturating_mul(4)
            .saturating_add(size::dense(last, outputs.width() as u128));
        recurrent.saturating_add(head).saturating_add(rest)
    }
}

/// The network of `kind = "conv_lstm"`.
pub struct ConvLstm {
    recurrent: ConvLstm2d,
    map: [usize; 2],
    norm: BatchNorm,
    layers: Vec<Layer>,
}

/// A layer behind the batch normalization.
struct Layer {
    name: String,
    width: usize,
    kind: LayerKind,
}

enum LayerKind {
    Dropout(Dropout),
    Dense(Dense, After),
}

/// What happens to what a dense layer gives.
#[derive(Clone, Copy)]
enum After {
    Relu,
    Nothing,
}

/// Layers on their way into the network.
struct Layers<'a> {
    weights: &'a Weights,
    dropout: f64,
    dense_count: usize,
    list: Vec<Layer>,
}

impl Layers<'_> {
    fn add_dropout(&mut self, width: usize) {
        if self.dropout > 0.0 {
            let name = numbered("dropout", self.list.len() - self.dense_count);
            let layer = Dropout::new(self.dropout, &self.weights.full(&name));
            let kind = LayerKind::Dropout(layer);
            self.list.push(Layer { name, width, kind });
        }
    }

    fn add_dense(&mut self, inputs: usize, width: usize, after: After) -> Result<()> {
        let name = numbered("dense", self.dense_count);
        let layer = Dense::keras(inputs, width, &self.weights.below(&name))?;
        let kind = LayerKind::Dense(layer, after);
        self.list.push(Layer { name, width, kind });
        self.dense_count += 1;
        Ok(())
    }
}

/// Keras's names: `dense`, `dense_1`, `dense_2`, …
fn numbered(name: &str, index: usize) -> String {
    match index {
        0 => name.to_owned(),
        index => format!("{name}_{index}"),
    }
}

impl Network for ConvLstm {
    fn forward(&self, inputs: &Tensor, mode: Mode) -> Result<Tensor> {
        let last = self.recurrent.forward(inputs)?; // [batch, height, width, filters]
        let mut numbers = self.norm.forward(&last.flatten_from(1)?, mode)?;
        for layer in &self.layers {
            numbers = match &layer.kind {
                LayerKind::Dropout(dropout) => dropout.forward(&numbers, mode)?,
                LayerKind::Dense(dense, After::Relu) => dense.forward(&numbers)?.relu()?,
                LayerKind::Dense(dense, After::Nothing) => dense.forward(&numbers)?,
            };
        }
        Ok(numbers)
    }

    fn summary(&self) -> Vec<LayerSummary> {
        let line = |name: &str, kind: &str, output: &[usize], trainable, frozen| LayerSummary {
            name: name.to_owned(),
            kind: kind.to_owned(),
            output: output.to_vec(),
            trainable,
            frozen,
        };
        let [height, width] = self.map;
        let map = [height, width, self.recurrent.filters()];
        let (weights, features) = (self.recurrent.weight_count(), self.norm.features());
        let (norm, flat) = ("batch_normalization", [features]);
        let mut summary = vec![
            line("conv_lstm2d", "ConvLSTM2D", &map, weights, 0),
            line("flatten", "Flatten", &flat, 0, 0),
            // Gamma and beta are trained, the two statistics are not.
            line(norm, "BatchNormalization", &flat, 2 * features, 2 * features),
        ];
        for layer in &self.layers {
            let (kind, trainable) = match &layer.kind {
                LayerKind::Dropout(_) => ("Dropout", 0),
                LayerKind::Dense(dense, _) => ("Dense", dense.weight_count()),
            };
            summary.push(line(&layer.name, kind, &[layer.width], trainable, 0));
        }
        summary
    }
}
