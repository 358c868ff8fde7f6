//! What the finished trainings of a walk have left, and where the cell is that goes on from there.

use std::sync::Arc;

use anyhow::{Result, ensure};

use crate::metric::Calibrated;
use crate::store::record::Refit;
use crate::train::{History, State};

/// What the finished trainings of a walk have left; nothing where a model is trained once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Walked {
    /// The history of the first.
    pub history: History,
    /// What its intervals were calibrated on, where there are some.
    pub calibrated: Option<Calibrated>,
    /// What the record says of each.
    pub refits: Vec<Refit>,
    /// For how long each was trained and predicted, in all processes.
    pub seconds: Vec<f64>,
    /// What they predicted: [example][output · quantile], in the target's unit.
    pub predictions: Vec<Vec<f64>>,
}

impl Walked {
    /// Another training is finished, so many seconds after the cell was begun.
    pub(super) fn add(
        &mut self,
        refit: Refit,
        (history, calibrated): (History, Option<Calibrated>),
        predictions: Vec<Vec<f64>>,
        seconds: f64,
    ) {
        if self.refits.is_empty() {
            (self.history, self.calibrated) = (history, calibrated);
        }
        self.seconds.push((seconds - self.seconds.iter().sum::<f64>()).max(0.0));
        self.refits.push(refit);
        self.predictions.extend(predictions);
    }

    /// Whether all its parts are of the same trainings.
    ///
    /// # Errors
    /// What contradicts what.
    pub(super) fn check(&self) -> Result<()> {
        let windows: usize = self.refits.iter().map(|refit| refit.windows).sum();
        ensure!(
            windows == self.predictions.len(),
            "it holds {} predictions of {windows}",
            self.predictions.len()
        );
        ensure!(
            self.refits.is_empty() == self.history.is_empty() && self.refits.len() == self.seconds.len(),
            "its history does not go with its refits"
        );
        Ok(())
    }

    /// Its numbers in bytes, but for a few.
    pub(super) fn bytes(&self) -> usize {
        self.predictions.iter().map(|row| size_of_val(row.as_slice())).sum()
    }
}

/// All that a cell goes on from.
#[derive(Clone)]
pub(super) struct Saved {
    /// The training that runs.
    pub state: State,
    /// Those before it.
    pub walked: Arc<Walked>,
    /// For how long they took, in all processes.
    pub seconds: f64,
}
