//! What training moves, as one value: copied whole, saved whole, put back whole. All chance comes from streams that are named
//! by epoch and batch, so that the count of both is the position of every stream.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::batch_metrics::RunningMeans;
use super::plateau::Waited;
use super::{History, Snapshot};

/// Everything that training moves. The same network on the same data goes on from equal states to the same bytes.
#[derive(Clone)]
pub struct State {
    /// Counters and sums.
    pub progress: Progress,
    /// A value for each epoch that is done.
    pub history: History,
    /// The weights, statistics included.
    pub weights: Snapshot,
    /// What the optimizer remembers.
    pub optimizer: Snapshot,
    /// The weights of the epoch with the best validation value so far, where there is a validation set.
    pub best: Option<Snapshot>,
}

/// What training counts and sums. The numbers are finite but for sums of metrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Epochs that are done.
    pub epoch: usize,
    /// Batches of the next epoch that are done.
    pub batch: usize,
    /// Whether early stopping has ended it.
    pub stopped: bool,
    /// Size of the last steps, and of the next where no schedule says otherwise.
    pub(super) learning_rate: f64,
    /// Sums over those batches.
    pub(super) means: RunningMeans,
    /// Of early stopping.
    pub(super) stopping: Waited,
    /// Of the learning rate's reduction.
    pub(super) plateau: Waited,
    /// The best validation value so far.
    pub(super) best: Option<f64>,
}

impl Progress {
    /// Before the first step.
    pub(super) fn new(learning_rate: f64) -> Self {
        Self {
            epoch: 0,
            batch: 0,
            stopped: false,
            learning_rate,
            means: RunningMeans::default(),
            stopping: Waited::default(),
            plateau: Waited::default(),
            best: None,
        }
    }

    /// How far that is of so many epochs.
    pub fn reached(&self, epochs: usize) -> Reached {
        Reached {
            epoch: self.epoch,
            batch: self.batch,
            is_done: self.stopped || self.epoch >= epochs,
            epochs,
            turn: None,
        }
    }
}

impl State {
    /// Its tensors' numbers in bytes.
    pub fn bytes(&self) -> usize {
        let snapshots = [Some(&self.weights), Some(&self.optimizer), self.best.as_ref()];
        let tensors = snapshots.into_iter().flatten().flat_map(Snapshot::values);
        tensors
            .map(|tensor| tensor.elem_count() * tensor.dtype().size_in_bytes())
            .sum()
    }
}

/// How far a training is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Epochs that are done.
    pub epoch: usize,
    /// Batches of the next epoch that are done.
    pub batch: usize,
    /// Whether no epoch is left.
    pub is_done: bool,
    /// Epochs at most.
    pub epochs: usize,
    /// Which training it is, where a model is trained several times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
}

impl Reached {
    /// Whether nothing is left to train.
    pub fn is_all(&self) -> bool {
        self.is_done && self.turn.is_none_or(|turn| turn.place + 1 >= turn.of)
    }

    /// The larger the further.
    pub fn at(&self) -> [usize; 3] {
        [self.turn.map_or(0, |turn| turn.place), self.epoch, self.batch]
    }
}

/// `in epoch 55 of 400`, `after its last epoch, 400`, `in epoch 3 of 20 of refit 7 of 50`
impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { epoch, epochs, .. } = self;
        if self.is_done {
            write!(f, "after its last epoch, {epoch}")?;
        } else {
            write!(f, "in epoch {} of {epochs}", epoch + 1)?;
        }
        match self.turn {
            Some(turn) => write!(f, " of {turn}"),
            None => Ok(()),
        }
    }
}

/// Which training one is of a model that is trained again as the test goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// Its place, from 0.
    pub place: usize,
    /// How many there are.
    pub of: usize,
}

/// `refit 7 of 50`
impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refit {} of {}", self.place + 1, self.of)
    }
}
