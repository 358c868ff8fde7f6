//! `kind = "sgd"`: stochastic gradient descent, PyTorch's momentum.

use candle_core::Result;
use serde::{Deserialize, Serialize};

use super::rule::{Each, Moving, Rule, average};
use crate::number;

/// `kind = "sgd"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SgdSpec {
    /// Share of the last step that is kept.
    #[serde(default, deserialize_with = "number::share")]
    pub momentum: f64,
}

impl Rule for SgdSpec {
    fn memories(&self) -> &'static [&'static str] {
        if self.momentum == 0.0 { &[] } else { &["velocity"] }
    }

    fn in_place(&self, learning_rate: f64, _: i64, moving: &Moving<'_>) -> Result<()> {
        let (variable, gradient) = (moving.variable, moving.gradient);
        let rate = learning_rate as f32;
        let [velocity] = moving.memories else {
            return variable.inplace_op2(gradient, &Each(|x, g| x - rate * g));
        };
        let momentum = self.momentum as f32;
        velocity.inplace_op2(gradient, &Each(|v, g| momentum * v + g))?;
        variable.inplace_op2(velocity, &Each(|x, v| x - rate * v))
    }

    fn composed(&self, learning_rate: f64, _: i64, moving: &Moving<'_>) -> Result<()> {
        let (variable, gradient) = (moving.variable, moving.gradient);
        let [velocity] = moving.memories else {
            return variable.set(&(variable.as_tensor() - (gradient * learning_rate)?)?);
        };
        average(velocity, self.momentum, gradient, 1.0)?;
        variable.set(&(variable.as_tensor() - (velocity.as_tensor() * learning_rate)?)?)
    }
}
