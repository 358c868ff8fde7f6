//! `kind = "adamw"`: Adam with decoupled weight decay (Loshchilov and Hutter, 2019), PyTorch's defaults.

use candle_core::Result;
use serde::{Deserialize, Serialize};

use super::adam::AdamSpec;
use super::rule::{Each, Moving, Rule};
use crate::number;

/// `kind = "adamw"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdamwSpec {
    /// Decay of the mean of gradients.
    #[serde(default = "beta1", deserialize_with = "number::share")]
    pub beta1: f64,
    /// Decay of the mean of squared gradients.
    #[serde(default = "beta2", deserialize_with = "number::share")]
    pub beta2: f64,
    /// Added to the root.
    #[serde(default = "epsilon", deserialize_with = "number::rate")]
    pub epsilon: f64,
    /// Share of every weight, biases too, that each step takes off, times the learning rate.
    #[serde(default = "weight_decay", deserialize_with = "number::not_negative")]
    pub weight_decay: f64,
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

fn weight_decay() -> f64 {
    0.01
}

impl AdamwSpec {
    fn adam(&self) -> AdamSpec {
        AdamSpec {
            beta1: self.beta1,
            beta2: self.beta2,
            epsilon: self.epsilon,
        }
    }
}

impl Rule for AdamwSpec {
    fn memories(&self) -> &'static [&'static str] {
        &["mean", "square"]
    }

    fn in_place(&self, learning_rate: f64, step: i64, moving: &Moving<'_>) -> Result<()> {
        let kept = (1.0 - learning_rate * self.weight_decay) as f32;
        let decayed = Each(|x, _| kept * x);
        moving.variable.inplace_op2(moving.gradient, &decayed)?;
        self.adam().in_place(learning_rate, step, moving)
    }

    fn composed(&self, learning_rate: f64, step: i64, moving: &Moving<'_>) -> Result<()> {
        let kept = 1.0 - learning_rate * self.weight_decay;
        moving.variable.set(&(moving.variable.as_tensor() * kept)?)?;
        self.adam().composed(learning_rate, step, moving)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use candle_core::{Tensor, Var};

    use super::super::{Optimizer, OptimizerSpec};
    use crate::nn::golden::{golden, largest_difference};

    #[test]
    fn golden_torch_adamw() -> candle_core::Result<()> {
        let numbers = golden("torch_optim");
        let (v, w) = (Var::from_tensor(&numbers["v"])?, Var::from_tensor(&numbers["w"])?);
        let spec = OptimizerSpec::from_name("adamw").unwrap();
        let variables = vec![("v".to_owned(), v.clone()), ("w".to_owned(), w.clone())];
        let mut optimizer = Optimizer::new(&spec, 0.05, variables)?;
        for step in 0..numbers["adamw.v"].dim(0)? {
            let of = |x: &Var, a: &str| -> candle_core::Result<Tensor> { (x.sqr()? * &numbers[a])?.sum_all() };
            let loss = (of(&v, "a")? + of(&w, "b")?)?;
            optimizer.step(&loss.backward()?)?;
            for (x, name) in [(&v, "adamw.v"), (&w, "adamw.w")] {
                let far = largest_difference(x, &numbers[name].get(step)?)?;
                assert!(far < 1e-5, "{name} after step {step}: {far}");
            }
        }
        Ok(())
    }
}
