//! `kind = "nlinear"`: one linear map from the past of a column to its next steps, around its last value (Zeng, Chen, Zhang and Xu,
//! 2023, "Are Transformers Effective for Time Series Forecasting?", AAAI). The columns share the weights.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::linear_over_time::{self, OverTime, map};
use super::size;
use super::{LayerSummary, Model, Network, Role, Trained};
use crate::data::{Blame, Outputs, STEPS};
use crate::nn::linear::Dense;
use crate::nn::weights::Weights;
use crate::nn::{Mode, linear, rows};
use crate::task::{REGRESSION, Task};

/// Bumped when the same settings, seed and data would give another network.
pub const VERSION: u32 = 1;

/// `kind = "nlinear"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NlinearSpec {}

impl Model for NlinearSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![
            ("model.nlinear", VERSION),
            ("nn.linear", linear::VERSION),
            ("nn.rows", rows::VERSION),
        ]
    }

    fn role(&self) -> Role<'_> {
        Role::Network(self)
    }

    fn check_outputs(&self, outputs: &Outputs) -> std::result::Result<(), Blame> {
        linear_over_time::check(outputs)
    }

    fn fits(&self, axes: &[&str], task: &Task) -> bool {
        axes == STEPS && *task == REGRESSION
    }
}

impl Trained for NlinearSpec {
    /// A network from [batch, time, features] to [batch, steps * targets]. Weights: `linear.*`.
    fn build(&self, sample_shape: &[usize], outputs: &Outputs, weights: &Weights) -> anyhow::Result<Box<dyn Network>> {
        let (over, time) = OverTime::of(sample_shape, outputs)?;
        let linear = map(time, outputs.steps, false, &weights.below("linear"))?;
        Ok(Box::new(Nlinear { over, linear }))
    }

    fn weight_count(&self, sample_shape: &[usize], outputs: &Outputs) -> u128 {
        let [time, _] = sample_shape else {
            return 0;
        };
        size::dense(*time as u128, outputs.steps as u128)
    }
}

/// The network of `kind = "nlinear"`.
struct Nlinear {
    over: OverTime,
    linear: Dense,
}

impl Network for Nlinear {
    fn forward(&self, inputs: &Tensor, _: Mode) -> Result<Tensor> {
        let past = self.over.rows(inputs)?; // [batch * target, time]
        let coming = self.linear.forward(&rows::without_last(&past)?)?; // [batch * target, step]
        self.over.outputs(&rows::with_last(&coming, &past)?)
    }

    fn summary(&self) -> Vec<LayerSummary> {
        vec![LayerSummary {
            name: "linear".to_owned(),
            kind: "Linear over time, around the last value".to_owned(),
            output: self.over.shape(),
            trainable: self.linear.weight_count(),
            frozen: 0,
        }]
    }
}
