//! `kind = "rmsprop"` (Tieleman and Hinton, 2012), Keras's defaults, epsilon inside the root.

use candle_core::Result;
use serde::{Deserialize, Serialize};

use super::rule::{Each, Moving, Rule, average};
use crate::number;

/// `kind = "rmsprop"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RmspropSpec {
    /// Decay of the mean of squared gradients.
    #[serde(default = "rho", deserialize_with = "number::share")]
    pub rho: f64,
    /// Added inside the root.
    #[serde(default = "epsilon", deserialize_with = "number::rate")]
    pub epsilon: f64,
}

fn rho() -> f64 {
    0.9
}

fn epsilon() -> f64 {
    1e-7
}

impl Rule for RmspropSpec {
    fn memories(&self) -> &'static [&'static str] {
        &["square"]
    }

    fn in_place(&self, learning_rate: f64, _: i64, moving: &Moving<'_>) -> Result<()> {
        let [square] = moving.memories else {
            unreachable!("the memories are those of the rule");
        };
        let rate = learning_rate as f32;
        let (keep, share) = (self.rho as f32, (1.0 - self.rho) as f32);
        let epsilon = self.epsilon as f32;
        square.inplace_op2(moving.gradient, &Each(|s, g| keep * s + share * g * g))?;
        let moved = |x, g, s: f32| x - rate * g / (s + epsilon).sqrt();
        moving.variable.inplace_op3(moving.gradient, square, &Each(moved))
    }

    fn composed(&self, learning_rate: f64, _: i64, moving: &Moving<'_>) -> Result<()> {
        let [square] = moving.memories else {
            unreachable!("the memories are those of the rule");
        };
        let (variable, gradient) = (moving.variable, moving.gradient);
        average(square, self.rho, &gradient.sqr()?, 1.0 - self.rho)?;
        let root = (square.as_tensor() + self.epsilon)?.sqrt()?;
        variable.set(&(variable.as_tensor() - ((gradient * learning_rate)? / root)?)?)
    }
}
