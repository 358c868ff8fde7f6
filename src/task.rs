//! What is asked of a network: where datasets, models, metrics and the training loop meet.

use serde::{Deserialize, Serialize};

/// The task of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Forecast the target on each of the next `horizon` steps.
    Regression {
        /// Steps ahead, the width of the output.
        horizon: usize,
    },
    /// Tell class 0 from class 1; the output is one logit, positive for class 1.
    Binary,
}

/// The task without its sizes: what a metric or a loss is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskKind {
    /// Numbers are predicted.
    Regression,
    /// One of two classes is predicted.
    Binary,
}

impl Task {
    /// Width of a network's output, which has shape [batch, width].
    pub fn output_width(self) -> usize {
        match self {
            Self::Regression { horizon } => horizon,
            Self::Binary => 1,
        }
    }

    /// The task without its sizes.
    pub fn kind(self) -> TaskKind {
        match self {
            Self::Regression { .. } => TaskKind::Regression,
            Self::Binary => TaskKind::Binary,
        }
    }
}

impl std::fmt::Display for TaskKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Regression => "regression",
            Self::Binary => "binary classification",
        })
    }
}

/// What training makes small, averaged over all outputs of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Mean squared error.
    Mse,
    /// Mean absolute error.
    Mae,
    /// Binary cross-entropy of a logit.
    BinaryCrossEntropy,
}

impl Loss {
    /// The task that the loss is made for.
    pub fn task(self) -> TaskKind {
        match self {
            Self::Mse | Self::Mae => TaskKind::Regression,
            Self::BinaryCrossEntropy => TaskKind::Binary,
        }
    }
}
