//! What the recurrent networks are made of: a path of recurrent layers, read at the last step, then linear layers.

use candle_core::{Result, Tensor};

use super::LayerSummary;
use crate::nn::Mode;
use crate::nn::dropout::Dropout;
use crate::nn::linear;
use crate::nn::recurrent::{Kind, Read, Recurrent};
use crate::nn::weights::Weights;

/// Recurrent layers with dropout behind them, then linear layers without activation between them.
pub(super) struct Path {
    recurrent: Vec<RecurrentLayer>,
    dense: Dense,
}

struct RecurrentLayer {
    name: String,
    kind: Kind,
    layer: Recurrent,
    /// On what the layer gives, before it goes on.
    dropout: Option<Dropout>,
}

/// Where dropout stands in a path of recurrent layers.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Dropped {
    /// Between the layers.
    Between,
    /// Between the layers and behind the last.
    BehindEvery,
}

/// Settings of a path.
pub(super) struct PathSpec<'a> {
    pub(super) kind: Kind,
    /// First part of the recurrent layers' names.
    pub(super) name: &'a str,
    pub(super) hidden: &'a [usize],
    pub(super) dropout: f64,
    pub(super) dropped: Dropped,
    /// First part of the linear layers' names.
    pub(super) dense_name: &'a str,
    pub(super) dense: &'a [usize],
}

impl Path {
    /// A path that reads `features` numbers at each step.
    pub(super) fn new(spec: &PathSpec<'_>, features: usize, weights: &Weights) -> Result<Self> {
        let mut recurrent = Vec::new();
        let mut width = features;
        for (index, &hidden) in spec.hidden.iter().enumerate() {
            let name = format!("{}.{index}", spec.name);
            let last = index + 1 == spec.hidden.len();
            let drops = spec.dropout > 0.0 && (!last || spec.dropped == Dropped::BehindEvery);
            recurrent.push(RecurrentLayer {
                kind: spec.kind,
                layer: Recurrent::new(spec.kind, width, hidden, &weights.below(&name))?,
                dropout: drops.then(|| Dropout::new(spec.dropout, &weights.full(&name))),
                name,
            });
            width = hidden;
        }
        Ok(Self {
            recurrent,
            dense: Dense::new(spec.dense_name, width, spec.dense, weights)?,
        })
    }

    /// Width of what comes out.
    pub(super) fn width(&self) -> usize {
        self.dense.width
    }

    /// steps [time, features, batch] → [batch, width].
    pub(super) fn forward(&self, steps: &Tensor, mode: Mode) -> Result<Tensor> {
        let mut steps = steps.clone();
        for (index, recurrent) in self.recurrent.iter().enumerate() {
            let last = index + 1 == self.recurrent.len();
            let read = if last { Read::Last } else { Read::Every };
            steps = recurrent.layer.forward(&steps, read)?;
            if let Some(dropout) = &recurrent.dropout {
                steps = dropout.forward(&steps, mode)?;
            }
        }
        let last = steps.squeeze(0)?.t()?; // [1, hidden, batch] → [batch, hidden]
        self.dense.forward(&last)
    }

    /// Adds its layers for sequences of `time` steps.
    pub(super) fn summarize(&self, time: usize, summary: &mut Vec<LayerSummary>) {
        for (index, recurrent) in self.recurrent.iter().enumerate() {
            let hidden = recurrent.layer.hidden();
            let last = index + 1 == self.recurrent.len();
            let output = if last { vec![hidden] } else { vec![time, hidden] };
            let kind = match recurrent.kind {
                Kind::Lstm => "LSTM",
                Kind::Gru => "GRU",
            };
            summary.push(LayerSummary {
                name: recurrent.name.clone(),
                kind: kind.to_owned(),
                output: output.clone(),
                trainable: recurrent.layer.weight_count(),
                frozen: 0,
            });
            if recurrent.dropout.is_some() {
                summary.push(LayerSummary {
                    name: format!("{}.dropout", recurrent.name),
                    kind: "Dropout".to_owned(),
                    output,
                    trainable: 0,
                    frozen: 0,
                });
            }
        }
        self.dense.summarize(summary);
    }
}

/// Linear layers without activation between them.
pub(super) struct Dense {
    layers: Vec<(String, linear::Dense)>,
    width: usize,
}

impl Dense {
    /// Layers NAME.0, NAME.1, … of those widths.
    pub(super) fn new(name: &str, inputs: usize, widths: &[usize], weights: &Weights) -> Result<Self> {
        let named = widths.iter().enumerate();
        let named = named.map(|(index, &outputs)| (format!("{name}.{index}"), outputs));
        Self::named(named, inputs, weights)
    }

    /// The one layer `output`.
    pub(super) fn output(inputs: usize, outputs: usize, weights: &Weights) -> Result<Self> {
        Self::named(std::iter::once(("output".to_owned(), outputs)), inputs, weights)
    }

    fn named(named: impl Iterator<Item = (String, usize)>, inputs: usize, weights: &Weights) -> Result<Self> {
        let mut width = inputs;
        let mut layers = Vec::new();
        for (name, outputs) in named {
            let layer = linear::Dense::pytorch(width, outputs, &weights.below(&name))?;
            layers.push((name, layer));
            width = outputs;
        }
        Ok(Self { layers, width })
    }

    /// [batch, inputs] → [batch, width].
    pub(super) fn forward(&self, inputs: &Tensor) -> Result<Tensor> {
        let mut numbers = inputs.clone();
        for (_, layer) in &self.layers {
            numbers = layer.forward(&numbers)?;
        }
        Ok(numbers)
    }

    /// Adds its layers.
    pub(super) fn summarize(&self, summary: &mut Vec<LayerSummary>) {
        for (name, layer) in &self.layers {
            summary.push(LayerSummary {
                name: name.clone(),
                kind: "Linear".to_owned(),
                output: vec![layer.width()],
                trainable: layer.weight_count(),
                frozen: 0,
            });
        }
    }
}
