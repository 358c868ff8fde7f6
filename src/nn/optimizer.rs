//! Optimizers: Adam and AdamW (PyTorch's defaults), RMSprop (Keras's defaults), SGD with momentum.
//!
//! Their state can be read and put back, so that a training that was interrupted ends in the same bytes as one that was not.

pub mod adam;
pub mod adamw;
mod clip;
pub mod rmsprop;
mod rule;
pub mod sgd;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use std::collections::BTreeMap;

use crate::kind;
use candle_core::backprop::GradStore;
use candle_core::{DType, Result, Tensor, Var};
pub use rule::{Moving, Rule};

/// Bumped when the same gradients would give other steps.
pub const VERSION: u32 = 1;

crate::kinds! {
    /// `train.optimizer`: a name alone, or `{ kind = "sgd", momentum = 0.9 }`.
    pub enum OptimizerSpec: Rule {
        "adam" => Adam(adam::AdamSpec),
        "adamw" => Adamw(adamw::AdamwSpec),
        "rmsprop" => Rmsprop(rmsprop::RmspropSpec),
        "sgd" => Sgd(sgd::SgdSpec),
    }
}

impl OptimizerSpec {
    /// The optimizer of that kind with its defaults: what a name alone means. None for another name.
    pub fn from_name(kind: &str) -> Option<Self> {
        kind::from_name(kind)
    }
}

/// An optimizer at work on the variables of one network.
pub struct Optimizer {
    spec: OptimizerSpec,
    learning_rate: f64,
    clip_norm: Option<f64>,
    steps: i64,
    slots: Vec<Slot>,
}

/// A variable, and what is remembered of its gradients, in the order of `Rule::memories`.
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
    pub fn new(spec: &OptimizerSpec, learning_rate: f64, variables: Vec<(String, Var)>) -> Result<Self> {
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
            clip_norm: None,
            steps: 0,
            slots: variables.into_iter().map(slot).collect::<Result<_>>()?,
        })
    }

    /// The same, with gradients whose common Euclidean norm is above `clip_norm` made that long before each step; as they are
    /// without one.
    pub fn clipped(self, clip_norm: Option<f64>) -> Self {
        Self { clip_norm, ..self }
    }

    /// Moves every variable that has a gradient.
    ///
    /// # Errors
    /// When the device refuses.
    pub fn step(&mut self, gradients: &GradStore) -> Result<()> {
        self.steps += 1;
        let slots = self.slots.iter();
        let with_gradient = slots.filter_map(|slot| Some((slot, gradients.get(&slot.variable)?)));
        let (slots, mut gradients): (Vec<&Slot>, Vec<Tensor>) = with_gradient
            .map(|(slot, gradient)| Ok((slot, gradient.contiguous()?)))
            .collect::<Result<_>>()?;
        if let Some(most) = self.clip_norm {
            clip::clip(&mut gradients, most)?;
        }
        for (slot, gradient) in slots.into_iter().zip(&gradients) {
            let moving = Moving {
                variable: &slot.variable,
                gradient,
                memories: &slot.memories,
            };
            rule::step(&*self.spec, self.learning_rate, self.steps, &moving)?;
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
