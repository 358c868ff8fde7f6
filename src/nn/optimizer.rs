//! Optimizers: Adam (PyTorch's defaults), RMSprop (Keras's defaults), SGD with momentum.
//!
//! Their state can be read and put back, so that a training that was interrupted ends in the same bytes as one that was not.

mod rule;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use std::collections::BTreeMap;

use candle_core::backprop::GradStore;
use candle_core::{DType, Result, Tensor, Var};
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
    #[serde(default = "adam_epsilon", deserialize_with = "number::rate")]
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
    #[serde(default = "rmsprop_epsilon", deserialize_with = "number::rate")]
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

impl OptimizerSpec {
    /// The kinds that a file may name.
    pub const KINDS: &[&str] = &["adam", "rmsprop", "sgd"];

    /// The optimizer of that kind with its defaults: what a name alone means. None for another name.
    pub fn from_name(kind: &str) -> Option<Self> {
        match kind {
            "adam" => Some(Self::Adam(AdamSpec {
                beta1: beta1(),
                beta2: beta2(),
                epsilon: adam_epsilon(),
            })),
            "rmsprop" => Some(Self::Rmsprop(RmspropSpec {
                rho: rho(),
                epsilon: rmsprop_epsilon(),
            })),
            "sgd" => Some(Self::Sgd(SgdSpec { momentum: 0.0 })),
            _ => None,
        }
    }

    /// What it remembers of the gradients of each variable.
    fn memories(&self) -> &'static [&'static str] {
        match self {
            Self::Adam(_) => &["mean", "square"],
            Self::Rmsprop(_) => &["square"],
            Self::Sgd(SgdSpec { momentum: 0.0 }) => &[],
            Self::Sgd(_) => &["velocity"],
        }
    }
}

/// An optimizer at work on the variables of one network.
pub struct Optimizer {
    spec: OptimizerSpec,
    learning_rate: f64,
    steps: i64,
    slots: Vec<Slot>,
}

/// A variable, and what is remembered of its gradients, in the order of `OptimizerSpec::memories`.
struct Slot {
    path: String,
    variable: Var,
    memories: Vec<Var>,
}

impl Optimizer {
    /// An optimizer that has made no step yet, for f32 variables, each with its path.
    ///
    /// # Errors
    /// When the device refuses.
    pub fn new(
        spec: &OptimizerSpec,
        learning_rate: f64,
        variables: Vec<(String, Var)>,
    ) -> Result<Self> {
        let slot = |(path, variable): (String, Var)| {
            let zeros = |_: &&str| Var::zeros(variable.shape(), DType::F32, variable.device());
            let memories = spec.memories().iter().map(zeros).collect::<Result<_>>()?;
            Ok(Slot {
                path,
                variable,
                memories,
            })
        };
        Ok(Self {
            spec: spec.clone(),
            learning_rate,
            steps: 0,
            slots: variables.into_iter().map(slot).collect::<Result<_>>()?,
        })
    }

    /// Moves every variable that has a gradient.
    ///
    /// # Errors
    /// When the device refuses.
    pub fn step(&mut self, gradients: &GradStore) -> Result<()> {
        self.steps += 1;
        for slot in &self.slots {
            if let Some(gradient) = gradients.get(&slot.variable) {
                let moving = rule::Moving {
                    variable: &slot.variable,
                    gradient: &gradient.contiguous()?,
                    memories: &slot.memories,
                };
                rule::step(&self.spec, self.learning_rate, self.steps, moving)?;
            }
        }
        Ok(())
    }

    /// Size of the steps.
    pub fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    /// Sets the size of the steps from now on.
    pub fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = learning_rate;
    }

    /// A copy of all that `restore` needs: `steps`, and `MEMORY.PATH` as the shape of each variable. The learning rate is
    /// not part of it.
    ///
    /// # Errors
    /// When the device refuses.
    pub fn state(&self) -> Result<BTreeMap<String, Tensor>> {
        let mut state = BTreeMap::new();
        for slot in &self.slots {
            for (memory, name) in slot.memories.iter().zip(self.spec.memories()) {
                state.insert(format!("{name}.{}", slot.path), memory.copy()?);
            }
        }
        let steps = Tensor::new(self.steps, &candle_core::Device::Cpu)?;
        state.insert(STEPS.to_owned(), steps);
        Ok(state)
    }

    /// Goes on from a state that `state` gave, for the same variables and the same kind of optimizer.
    ///
    /// # Errors
    /// When something is missing or has another shape; the optimizer must not be used then.
    pub fn restore(&mut self, state: &BTreeMap<String, Tensor>) -> Result<()> {
        let find = |name: &str| match state.get(name) {
            Some(tensor) => Ok(tensor),
            None => candle_core::bail!("the optimizer's state lacks {name}"),
        };
        for slot in &self.slots {
            for (memory, name) in slot.memories.iter().zip(self.spec.memories()) {
                let name = format!("{name}.{}", slot.path);
                let saved = find(&name)?.to_device(memory.device())?;
                if saved.shape() != memory.shape() {
                    candle_core::bail!(
                        "the optimizer's state has {name} of shape {:?}, the network {:?}",
                        saved.dims(),
                        memory.dims()
                    );
                }
                memory.set(&saved)?;
            }
        }
        self.steps = find(STEPS)?.to_scalar()?;
        Ok(())
    }
}

/// Name of the count of steps in a state.
const STEPS: &str = "steps";

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
