//! By what two models are paired when they are compared by a metric, and so what chance means.

use super::items::ItemTest;
use super::regression::ValueLoss;

/// What is paired.
#[derive(Clone, Copy)]
pub enum Paired {
    /// Seeds alone: the metric is no mean over what is predicted, as R² and F1.
    Seeds,
    /// Forecast origins, by the mean of a loss of each value.
    Values {
        /// Of one value.
        loss: &'static ValueLoss,
        /// What turns the mean loss into the metric.
        scale: Scale,
    },
    /// Items, with a test of their own.
    Items(&'static ItemTest),
}

/// What turns the mean of a loss into the metric whose models are paired by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Nothing: the metric is that mean.
    Same,
    /// A root, so that the loss has the square of the metric's unit.
    Root,
    /// Division by the naive forecast's mean absolute error.
    OverNaive,
    /// Division by the mean of the same loss of the naive forecast on the steps before the test.
    OverInSample,
    /// The same, and then a root, so that the loss has the square of the metric's unit.
    RootOverInSample,
}

impl Scale {
    /// Whether what is paired has the metric's own unit.
    pub fn keeps_unit(self) -> bool {
        !matches!(self, Self::Root | Self::RootOverInSample)
    }

    /// The metric of a mean loss, where it follows from that alone.
    pub fn of_mean(self, mean: f64) -> Option<f64> {
        match self {
            Self::Same => Some(mean),
            Self::Root => Some(mean.sqrt()),
            Self::OverNaive | Self::OverInSample | Self::RootOverInSample => None,
        }
    }
}

/// How a metric is followed while a network trains: a number for each output, of which the history has the mean.
#[derive(Clone, Copy)]
pub enum Followed {
    /// A sum, and with it that of further (prediction, truth) in the target's unit: as many at once, for there are millions in an epoch.
    Values(fn(f64, &[f64], &[f64]) -> f64),
    /// (logit, true class).
    Logits(fn(f32, f64) -> f64),
}

impl Paired {
    /// By origin, by a loss whose mean is the metric.
    pub(super) const fn by(loss: &'static ValueLoss) -> Self {
        Self::Values {
            loss,
            scale: Scale::Same,
        }
    }
}
