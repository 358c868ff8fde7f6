//! `train.schedule`: how large steps are in the course of a training. The rate is a function of how many steps are done, so that
//! nothing of it is saved.

pub mod cosine;
pub mod exponential;
pub mod halving;
pub mod one_cycle;
pub mod warm_up;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use std::f64::consts::PI;
use std::fmt::Debug;

use serde::{Deserialize, Serialize};

crate::kinds! {
    /// `train.schedule`: a name alone, or `{ kind = "cosine", warm_up = 2 }`.
    pub enum Schedule: Course {
        "halving" | "halve type1" => Halving(halving::HalvingSpec),
        "exponential" | "exponentiallr exponential_lr exponential_decay" => Exponential(exponential::ExponentialSpec),
        "cosine" | "cosine_annealing cosineannealinglr cosine_annealing_lr cosine_decay" => Cosine(cosine::CosineSpec),
        "one_cycle" | "onecycle onecyclelr one_cycle_lr super_convergence" => OneCycle(one_cycle::OneCycleSpec),
        "warm_up" | "warmup warmup_steps warmup_epochs num_warmup_steps linear_warmup constant_with_warmup" => WarmUp(warm_up::WarmUpSpec),
    }
}

/// What a schedule counts: the moments at which PyTorch's `scheduler.step()` would be called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// All batches of an epoch have one rate.
    #[default]
    Epoch,
    /// Each batch has its own.
    Batch,
}

/// A place in a training, both numbers from 0, and the length of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The epoch.
    pub epoch: usize,
    /// The batch of that epoch.
    pub batch: usize,
    /// Epochs at most.
    pub epochs: usize,
    /// Batches of an epoch.
    pub batches: usize,
}

/// The course of a learning rate.
pub trait Course: Debug {
    /// Version of its numbers. One above the first stands in the keys of the cells that train with it.
    fn version(&self) -> u32 {
        1
    }

    /// What its steps are.
    fn by(&self) -> By;

    /// Steps of its warm-up, which comes before everything else: of `n`, step `i` (from 0) has the share (i + 1) / (n + 1) of the rate,
    /// as PyTorch's `LinearLR(start_factor=1 / (n + 1), total_iters=n)`.
    fn warm_up(&self) -> usize;

    /// Whether its rates depend on how long training is: then a training of more epochs is another one from its first step on.
    fn depends_on_length(&self) -> bool;

    /// The rate of step `step`, from 0, of so many; both without the warm-up. `learning_rate` is the setting of `[train]`.
    fn rate(&self, learning_rate: f64, step: usize, steps: usize) -> f64;
}

impl Schedule {
    /// The learning rate of a batch; `learning_rate` is the setting of `[train]`.
    pub fn rate_at(&self, learning_rate: f64, at: Moment) -> f64 {
        let (step, steps) = match self.by() {
            By::Epoch => (at.epoch, at.epochs),
            By::Batch => (at.epoch * at.batches + at.batch, at.epochs * at.batches),
        };
        let warm_up = self.warm_up();
        if step < warm_up {
            return learning_rate * ((step + 1) as f64 / (warm_up + 1) as f64);
        }
        self.rate(learning_rate, step - warm_up, steps.saturating_sub(warm_up))
    }
}

/// From `start` to `end` along half a wave of the cosine: `share` of the way is done, from 0 to 1.
fn along_a_cosine(start: f64, end: f64, share: f64) -> f64 {
    end + (start - end) * (1.0 + libm::cos(PI * share)) / 2.0
}
