//! `kind = "adam"` (Kingma and Ba, 2015), PyTorch's defaults.

use candle_core::Result;
use serde::{Deserialize, Serialize};

use super::rule::{Each, Moving, Rule, average};
use crate::number;

/// `kind = "adam"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdamSpec {
    /// Decay of the mean of gradients.
    #[serde(default = "beta1", deserialize_with = "number::share")]
    pub beta1: f64,
    /// Decay of the mean of squared gradients.
    #[serde(default = "beta2", deserialize_with = "number::share")]
    pub beta2: f64,
    /// Added to the root.
    #[serde(default = "epsilon", deserialize_with = "number::rate")]
    pub epsilon: f64,
}

fn beta1() -> f64 {
    0.9
}

fn beta2() -> f64 {
    0.999
}

fn epsilon() -> f64 {
    1e-8
}

impl AdamSpec {
    /// The step size and the factor on the root of the mean square, both corrected for the zeros at the start.
    fn corrected(&self, learning_rate: f64, step: i64) -> (f64, f64) {
        let correction = |beta: f64| 1.0 - libm::pow(beta, step as f64);
        let size = learning_rate / correction(self.beta1);
        (size, 1.0 / correction(self.beta2).sqrt())
    }
}

impl Rule for AdamSpec {
    fn memories(&self) -> &'static [&'static str] {
        &["mean", "square"]
    }

    fn in_place(&self, learning_rate: f64, step: i64, moving: &Moving<'_>) -> Result<()> {
        let [mean, square] = moving.memories else {
            unreachable!("the memories are those of the rule");
        };
        let (size, root_scale) = self.corrected(learning_rate, step);
        let (size, root_scale) = (size as f32, root_scale as f32);
        let epsilon = self.epsilon as f32;
        let (keep, share) = (self.beta1 as f32, (1.0 - self.beta1) as f32);
        mean.inplace_op2(moving.gradient, &Each(|m, g| keep * m + share * g))?;
        let (keep, share) = (self.beta2 as f32, (1.0 - self.beta2) as f32);
        square.inplace_op2(moving.gradient, &Each(|s, g| keep * s + share * g * g))?;
        let moved = |x, m, s: f32| x - size * m / (s.sqrt() * root_scale + epsilon);
        moving.variable.inplace_op3(mean, square, &Each(moved))
    }

    fn composed(&self, learning_rate: f64, step: i64, moving: &Moving<'_>) -> Result<()> {
        let [mean, square] = moving.memories else {
            unreachable!("the memories are those of the rule");
        };
        let (variable, gradient) = (moving.variable, moving.gradient);
        let (size, root_scale) = self.corrected(learning_rate, step);
        average(mean, self.beta1, gradient, 1.0 - self.beta1)?;
        average(square, self.beta2, &gradient.sqr()?, 1.0 - self.beta2)?;
        let root = ((square.sqrt()? * root_scale)? + self.epsilon)?;
        variable.set(&(variable.as_tensor() - ((mean.as_tensor() * size)? / root)?)?)
    }
}
