//! `[train]`: how a network is trained.

use serde::{Deserialize, Serialize};

use super::schedule::By;
use super::{Checkpoint, Schedule};
use crate::data::Blame;
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
    /// Size of the steps; the largest of them where a schedule makes others.
    #[serde(deserialize_with = "number::rate")]
    pub learning_rate: f64,
    /// How the learning rate changes while training goes on, whatever comes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// The most that the Euclidean norm of all gradients together may be: longer ones are made shorter, in the same direction.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "number::some_positive"
    )]
    pub clip_norm: Option<f64>,
    /// Whether the examples that fill no whole batch are left out: of each epoch those that its order has last, of the validation
    /// examples the last ones; as PyTorch's `DataLoader(drop_last=True)`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub drop_last: bool,
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

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn is_false(truth: &bool) -> bool {
    !truth
}

impl TrainSpec {
    /// Whether its settings fit each other.
    ///
    /// # Errors
    /// What does not, where it is to be blamed.
    pub fn check(&self) -> Result<(), Blame> {
        let Some(schedule) = &self.schedule else {
            return Ok(());
        };
        if self.reduce_learning_rate.is_some() {
            return Err(Blame {
                help: Some("keep one of the two"),
                ..Blame::at(
                    "reduce_learning_rate",
                    "`reduce_learning_rate` cannot stand beside a `schedule`: both would set the learning rate",
                )
            });
        }
        // How many batches there are, only the data say.
        if schedule.by() == By::Epoch && schedule.warm_up() >= self.epochs {
            let (warm_up, epochs) = (schedule.warm_up(), self.epochs);
            return Err(Blame {
                help: Some("`by = \"batch\"` counts batches, where the schedule has it"),
                ..Blame::at(
                    "schedule",
                    format!("a warm-up of {warm_up} epochs is not over within {epochs}"),
                )
            });
        }
        Ok(())
    }

    /// Whether the number of epochs says when to stop and nothing else: what was trained for fewer is the beginning of this.
    pub fn may_be_prolonged(&self) -> bool {
        let schedule = self.schedule.as_ref();
        schedule.is_none_or(|schedule| !schedule.depends_on_length())
    }

    /// Of so many examples, those that are trained on in an epoch, or validated on.
    pub(super) fn kept(&self, examples: usize) -> usize {
        let rest = if self.drop_last { examples % self.batch_size } else { 0 };
        examples - rest
    }
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
