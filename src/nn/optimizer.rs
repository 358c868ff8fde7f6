//! Optimizers: Adam (PyTorch's defaults), RMSprop (Keras's defaults), SGD with momentum.

use serde::{Deserialize, Serialize};

use crate::number;

/// Bumped when the same gradients would give other steps.
pub const VERSION: u32 = 1;

/// `train.optimizer`: a name alone, or `{ kind = "sgd", momentum = 0.9 }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OptimizerSpec {
    /// Kingma and Ba, 2015; PyTorch's defaults.
    Adam(AdamSpec),
    /// Tieleman and Hinton, 2012; Keras's defaults, epsilon inside the root.
    Rmsprop(RmspropSpec),
    /// Stochastic gradient descent, PyTorch's momentum.
    Sgd(SgdSpec),
}

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
    #[serde(default = "adam_epsilon", deserialize_with = "number::positive")]
    pub epsilon: f64,
}

/// `kind = "rmsprop"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RmspropSpec {
    /// Decay of the mean of squared gradients.
    #[serde(default = "rho", deserialize_with = "number::share")]
    pub rho: f64,
    /// Added inside the root.
    #[serde(default = "rmsprop_epsilon", deserialize_with = "number::positive")]
    pub epsilon: f64,
}

/// `kind = "sgd"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SgdSpec {
    /// Share of the last step that is kept.
    #[serde(default, deserialize_with = "number::share")]
    pub momentum: f64,
}

fn beta1() -> f64 {
    0.9
}

fn beta2() -> f64 {
    0.999
}

fn adam_epsilon() -> f64 {
    1e-8
}

fn rho() -> f64 {
    0.9
}

fn rmsprop_epsilon() -> f64 {
    1e-7
}
