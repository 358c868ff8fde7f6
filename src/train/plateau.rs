//! Waiting for a validation value to improve, as Keras's EarlyStopping and ReduceLROnPlateau do.

use serde::{Deserialize, Serialize};

use crate::task::{BINARY, Task};

use super::{EarlyStoppingSpec, History, Monitor, ReduceLearningRateSpec};

impl Monitor {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::ValidationLoss, Self::ValidationAccuracy];

    /// Whether training for a task follows it.
    pub fn fits(self, task: &Task) -> bool {
        match self {
            Self::ValidationLoss => true,
            Self::ValidationAccuracy => *task == BINARY,
        }
    }

    /// Its name in the history.
    pub fn name(self) -> &'static str {
        match self {
            Self::ValidationLoss => "validation_loss",
            Self::ValidationAccuracy => "validation_accuracy",
        }
    }

    /// Whether `now` is better than `before` by more than `min_delta`.
    pub fn improves(self, now: f64, before: f64, min_delta: f64) -> bool {
        match self {
            Self::ValidationLoss => now < before - min_delta,
            Self::ValidationAccuracy => now > before + min_delta,
        }
    }

    /// The last epoch's value; not a number where the history does not hold it.
    pub(super) fn of(self, history: &History) -> f64 {
        let last = history.get(self.name()).and_then(|values| values.last());
        last.copied().unwrap_or(f64::NAN)
    }
}

/// The epoch, from 0, whose weights a network holds at the end of a training with that history: with early stopping, by its monitor
/// and its least change, the best one, else the last. None before the first.
pub fn kept_epoch(history: &History, stopping: Option<(Monitor, f64)>) -> Option<usize> {
    let last = history.values().map(Vec::len).max()?.checked_sub(1)?;
    let Some((monitor, least)) = stopping else {
        return Some(last);
    };
    let mut best: Option<(usize, f64)> = None;
    for (epoch, &now) in history.get(monitor.name())?.iter().enumerate() {
        if best.is_none_or(|(_, before)| monitor.improves(now, before, least)) {
            best = Some((epoch, now));
        }
    }
    best.map(|(epoch, _)| epoch)
}

/// How long to wait for an improvement.
pub(super) struct Patience {
    monitor: Monitor,
    patience: usize,
    min_delta: f64,
    cooldown: usize,
}

/// What was seen so far, and the epochs without improvement.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Waited {
    best: Option<f64>,
    waited: usize,
    cooling: usize,
}

impl Patience {
    pub(super) fn of_early_stopping(spec: &EarlyStoppingSpec) -> Self {
        Self {
            monitor: spec.monitor,
            patience: spec.patience,
            min_delta: spec.min_delta,
            cooldown: 0,
        }
    }

    pub(super) fn of_plateau(spec: &ReduceLearningRateSpec) -> Self {
        Self {
            monitor: spec.monitor,
            patience: spec.patience,
            min_delta: spec.min_delta,
            cooldown: spec.cooldown,
        }
    }

    /// Takes the last epoch's value; true when patience has just run out, and counting starts again.
    ///
    /// An improvement must exceed `min_delta`. During a cooldown no epoch counts as waited.
    pub(super) fn is_exhausted_by(&self, history: &History, so_far: &mut Waited) -> bool {
        let now = self.monitor.of(history);
        if so_far.cooling > 0 {
            so_far.cooling -= 1;
            so_far.waited = 0;
        }
        if so_far
            .best
            .is_none_or(|best| self.monitor.improves(now, best, self.min_delta))
        {
            so_far.best = Some(now);
            so_far.waited = 0;
        } else if so_far.cooling == 0 {
            so_far.waited += 1;
            if so_far.waited >= self.patience {
                so_far.waited = 0;
                so_far.cooling = self.cooldown;
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The epochs, from 1, after which patience runs out.
    fn exhausted(patience: Patience, values: &[f64]) -> Vec<usize> {
        let (mut history, mut waited) = (History::new(), Waited::default());
        let mut epochs = Vec::new();
        for (epoch, value) in values.iter().enumerate() {
            history.entry(patience.monitor.name().to_owned()).or_default().push(*value);
            if patience.is_exhausted_by(&history, &mut waited) {
                epochs.push(epoch + 1);
            }
        }
        epochs
    }

    #[test]
    fn early_stopping_waits_for_patience_epochs_after_the_best() {
        let spec = EarlyStoppingSpec {
            monitor: Monitor::ValidationLoss,
            patience: 2,
            min_delta: 0.0,
        };
        let losses = [5.0, 4.0, 4.5, 3.0, 3.0, 3.5];
        assert_eq!(exhausted(Patience::of_early_stopping(&spec), &losses), [6]);
    }

    #[test]
    fn an_improvement_must_exceed_min_delta() {
        let spec = EarlyStoppingSpec {
            monitor: Monitor::ValidationLoss,
            patience: 2,
            min_delta: 0.5,
        };
        assert_eq!(exhausted(Patience::of_early_stopping(&spec), &[5.0, 4.8, 4.6]), [3]);
    }

    #[test]
    fn accuracy_improves_upwards() {
        let spec = EarlyStoppingSpec {
            monitor: Monitor::ValidationAccuracy,
            patience: 1,
            min_delta: 0.0,
        };
        assert_eq!(exhausted(Patience::of_early_stopping(&spec), &[0.5, 0.6, 0.6]), [3]);
    }

    #[test]
    fn a_plateau_is_counted_anew_after_each_reduction_and_not_while_cooling() {
        let spec = |cooldown| ReduceLearningRateSpec {
            monitor: Monitor::ValidationLoss,
            factor: 0.5,
            patience: 2,
            min_delta: 0.0,
            cooldown,
            min_learning_rate: 0.0,
        };
        let flat = [1.0; 9];
        assert_eq!(exhausted(Patience::of_plateau(&spec(0)), &flat), [3, 5, 7, 9]);
        // Keras 3: the epoch that ends the cooldown counts again.
        assert_eq!(exhausted(Patience::of_plateau(&spec(2)), &flat), [3, 6, 9]);
    }
}
