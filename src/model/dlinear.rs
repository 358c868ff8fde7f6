//! `kind = "dlinear"`: the past of a column as a trend, its moving average, and what remains; one linear map each to its next steps,
//! summed (Zeng, Chen, Zhang and Xu, 2023, "Are Transformers Effective for Time Series Forecasting?", AAAI). The columns share the
//! weights.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Deserializer, Serialize};

use super::linear_over_time::{self, OverTime, map};
use super::size;
use super::{LayerSummary, Model, Network, Role, Trained};
use crate::data::{Blame, Outputs, STEPS};
use crate::nn::linear::Dense;
use crate::nn::weights::Weights;
use crate::nn::{Mode, linear, rows};
use crate::number;
use crate::task::{REGRESSION, Task};

/// Bumped when the same settings, seed and data would give another network.
pub const VERSION: u32 = 1;

/// `kind = "dlinear"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DlinearSpec {
    /// Steps of the moving average; odd.
    #[serde(default = "kernel", deserialize_with = "odd")]
    pub kernel: usize,
    /// How the weights of both maps begin.
    #[serde(default, skip_serializing_if = "Start::is_default")]
    pub start: Start,
}

/// How the weights of a linear forecaster begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// Drawn, as PyTorch's.
    #[default]
    Drawn,
    /// All at 1 / lookback: at first the forecast is the mean of the lookback.
    Mean,
}

impl Start {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

fn kernel() -> usize {
    25
}

fn odd<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<usize, D::Error> {
    let kernel = number::from_one::<_, { number::MOST_DAYS }>(deserializer)?;
    match kernel % 2 {
        1 => Ok(kernel),
        _ => Err(serde::de::Error::custom(format!(
            "must be odd, as {}, so that a mean has as many steps before as after it, found {kernel}",
            kernel + 1
        ))),
    }
}

impl Model for DlinearSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![
            ("model.dlinear", VERSION),
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

impl Trained for DlinearSpec {
    /// A network from [batch, time, features] to [batch, steps * targets]. Weights: `remainder.*`, `trend.*`.
    fn build(&self, sample_shape: &[usize], outputs: &Outputs, weights: &Weights) -> anyhow::Result<Box<dyn Network>> {
        let (over, time) = OverTime::of(sample_shape, outputs)?;
        let map = |name: &str| map(time, outputs.steps, self.start == Start::Mean, &weights.below(name));
        Ok(Box::new(Dlinear {
            over,
            kernel: self.kernel,
            remainder: map("remainder")?,
            trend: map("trend")?,
        }))
    }

    fn weight_count(&self, sample_shape: &[usize], outputs: &Outputs) -> u128 {
        let [time, _] = sample_shape else {
            return 0;
        };
        size::dense(*time as u128, outputs.steps as u128).saturating_mul(2)
    }
}

/// The network of `kind = "dlinear"`.
struct Dlinear {
    over: OverTime,
    kernel: usize,
    remainder: Dense,
    trend: Dense,
}

impl Network for Dlinear {
    fn forward(&self, inputs: &Tensor, _: Mode) -> Result<Tensor> {
        let past = self.over.rows(inputs)?; // [batch * target, time]
        let trend = rows::moving_average(&past, self.kernel)?;
        let remainder = (&past - &trend)?;
        let coming = (self.remainder.forward(&remainder)? + self.trend.forward(&trend)?)?; // [batch * target, step]
        self.over.outputs(&coming)
    }

    fn summary(&self) -> Vec<LayerSummary> {
        let layer = |name: &str, of: &str, dense: &Dense| LayerSummary {
            name: name.to_owned(),
            kind: format!("Linear over time, of the {of}"),
            output: self.over.shape(),
            trainable: dense.weight_count(),
            frozen: 0,
        };
        vec![
            layer("remainder", "remainder", &self.remainder),
            layer("trend", &format!("moving average of {}", self.kernel), &self.trend),
        ]
    }
}
