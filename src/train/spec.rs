//! `[train]`: how a network is trained.

use serde::{Deserialize, Serialize};

use super::Checkpoint;
use crate::nn::loss::Loss;
use crate::nn::optimizer::OptimizerSpec;
use crate::number;

/// `[train]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSpec {
    /// Passes over the training examples, at most.
    #[serde(deserialize_with = "number::from_one::<_, { number::MOST_EPOCHS }>")]
    pub epochs: usize,
    /// Examples of one step; the last batch of an epoch may be smaller.
    #[serde(deserialize_with = "number::from_one::<_, { number::MOST_EXAMPLES }>")]
    pub batch_size: usize,
    /// The loss that is minimised.
    #[serde(with = "crate::kind::alone")]
    pub loss: Loss,
    /// How steps are made from gradients.
    pub optimizer: OptimizerSpec,
    /// Size of the steps.
    #[serde(deserialize_with = "number::rate")]
    pub learning_rate: f64,
    /// Stop when a monitored value no longer improves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<EarlyStoppingSpec>,
    /// Lower the learning rate when a monitored value no longer improves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reduce_learning_rate: Option<ReduceLearningRateSpec>,
    /// When it is saved beside its going on. It changes no number: it is read from a file and stands in no configuration; a
    /// decided cell holds it beside.
    #[serde(default, skip_serializing)]
    pub checkpoint: Checkpoint,
}

/// `train.early_stopping`, as Keras's EarlyStopping with restored best weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyStoppingSpec {
    /// The monitored value.
    #[serde(default)]
    pub monitor: Monitor,
    /// Epochs without improvement after which training stops.
    #[serde(deserialize_with = "number::from_one::<_, { number::MOST_EPOCHS }>")]
    pub patience: usize,
    /// The least change that counts as an improvement.
    #[serde(default, deserialize_with = "number::not_negative")]
    pub min_delta: f64,
}

/// `train.reduce_learning_rate`, as Keras's ReduceLROnPlateau.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReduceLearningRateSpec {
    /// The monitored value.
    #[serde(default)]
    pub monitor: Monitor,
    /// The learning rate is multiplied by it.
    #[serde(deserialize_with = "number::between_zero_and_one")]
    pub factor: f64,
    /// Epochs without improvement after which it is lowered.
    #[serde(deserialize_with = "number::from_one::<_, { number::MOST_EPOCHS }>")]
    pub patience: usize,
    /// The least change that counts as an improvement (Keras's default 1e-4).
    #[serde(default = "plateau_min_delta", deserialize_with = "number::not_negative")]
    pub min_delta: f64,
    /// Epochs to wait after a reduction before counting again.
    #[serde(default, deserialize_with = "number::at_most::<_, { number::MOST_EPOCHS }>")]
    pub cooldown: usize,
    /// Never below this.
    #[serde(default, deserialize_with = "number::not_negative")]
    pub min_learning_rate: f64,
}

fn plateau_min_delta() -> f64 {
    1e-4
}

/// A value computed on the validation examples after each epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Monitor {
    /// The loss; lower is better.
    #[default]
    ValidationLoss,
    /// The accuracy of a classification; higher is better.
    ValidationAccuracy,
}
