//! Predictions → numbers: the list of metrics, each with its unit and which way is better.

pub mod classification;
mod predictions;
pub mod ranking;
pub mod regression;

use std::collections::BTreeMap;

use crate::task::TaskKind;
pub use predictions::{Forecast, Predictions, Scored};

/// Bumped when the same predictions would give other numbers.
pub const VERSION: u32 = 1;

/// One metric.
pub struct Metric {
    /// Its word in an experiment file and in records.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// The unit of its values.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// The task that it is made for.
    pub task: TaskKind,
    /// What it is, in a sentence with the formula.
    pub description: &'static str,
    /// Its value; none where it is undefined, and for another task.
    pub compute: fn(&Predictions) -> Option<f64>,
}

/// The unit of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// The target's, as USD.
    Target,
    /// The square of the target's.
    TargetSquared,
    /// Percent: 5 is five percent.
    Percent,
    /// None: a ratio, a share of 1, a coefficient.
    None,
}

/// Which way a metric is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Lower is better.
    Lower,
    /// Higher is better.
    Higher,
}

impl Metric {
    /// Its value, where it is defined: none for another task, and none for predictions that are not finite.
    pub fn of(&self, predictions: &Predictions) -> Option<f64> {
        if !predictions.are_finite() {
            return None;
        }
        // Finite predictions can still overflow when they are squared.
        (self.compute)(predictions).filter(|value| value.is_finite())
    }
}

/// The metric of that name.
pub fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

/// Every metric that these predictions define, by name.
pub fn score(predictions: &Predictions) -> BTreeMap<String, f64> {
    METRICS
        .iter()
        .filter_map(|metric| Some((metric.name.to_owned(), metric.of(predictions)?)))
        .collect()
}

/// Every metric, in the order in which tables show them.
pub static METRICS: &[Metric] = &[
    Metric {
        name: "mse",
        label: "MSE",
        unit: Unit::TargetSquared,
        better: Better::Lower,
        task: TaskKind::Regression,
        description: "Mean squared error: the mean of (forecast - truth)² over all forecasts and days",
        compute: |predictions| regression::mse(predictions.forecasts()?),
    },
    Metric {
        name: "rmse",
        label: "RMSE",
        unit: Unit::Target,
        better: Better::Lower,
        task: TaskKind::Regression,
        description: "Root mean squared error: the square root of MSE",
        compute: |predictions| regression::rmse(predictions.forecasts()?),
    },
    Metric {
        name: "mae",
        label: "MAE",
        unit: Unit::Target,
        better: Better::Lower,
        task: TaskKind::Regression,
        description: "Mean absolute error: the mean of |forecast - truth| over all forecasts and days",
        compute: |predictions| regression::mae(predictions.forecasts()?),
    },
    Metric {
        name: "mape",
        label: "MAPE",
        unit: Unit::Percent,
        better: Better::Lower,
        task: TaskKind::Regression,
        description: "Mean absolute percentage error: the mean of 100 |forecast - truth| / |truth|; undefined where a \
                      true value is 0",
        compute: |predictions| regression::mape(predictions.forecasts()?),
    },
    Metric {
        name: "r2",
        label: "R²",
        unit: Unit::None,
        better: Better::Higher,
        task: TaskKind::Regression,
        description: "Coefficient of determination: 1 - Σ(forecast - truth)² / Σ(truth - mean truth)² for each day \
                      ahead, then the mean over the days; undefined for fewer than two forecasts",
        compute: |predictions| regression::r2(predictions.forecasts()?),
    },
    Metric {
        name: "relative_mae",
        label: "Relative MAE",
        unit: Unit::None,
        better: Better::Lower,
        task: TaskKind::Regression,
        description: "MAE divided by the MAE of forecasting the last known value (Hyndman and Koehler, 2006): below 1 \
                      beats that naive forecast; undefined where the naive forecast is perfect",
        compute: |predictions| regression::relative_mae(predictions.forecasts()?),
    },
    Metric {
        name: "accuracy",
        label: "Accuracy",
        unit: Unit::None,
        better: Better::Higher,
        task: TaskKind::Binary,
        description: "Share of the items given their true class; class 1 is answered from a score of 0.5 on",
        compute: |predictions| predictions.confusion()?.accuracy(),
    },
    Metric {
        name: "balanced_accuracy",
        label: "Balanced accuracy",
        unit: Unit::None,
        better: Better::Higher,
        task: TaskKind::Binary,
        description: "Mean of the two classes' recalls; undefined where a class has no item",
        compute: |predictions| predictions.confusion()?.balanced_accuracy(),
    },
    Metric {
        name: "precision",
        label: "Precision",
        unit: Unit::None,
        better: Better::Higher,
        task: TaskKind::Binary,
        description: "Of the items answered with class 1, the share that is of class 1; 0 where there is none",
        compute: |predictions| Some(predictions.confusion()?.class(1).precision),
    },
    Metric {
        name: "recall",
        label: "Recall",
        unit: Unit::None,
        better: Better::Higher,
        task: TaskKind::Binary,
        description: "Of the items of class 1, the share answered with class 1; 0 where there is none",
        compute: |predictions| Some(predictions.confusion()?.class(1).recall),
    },
    Metric {
        name: "f1",
        label: "F1",
        unit: Unit::None,
        better: Better::Higher,
        task: TaskKind::Binary,
        description: "Harmonic mean of precision and recall of class 1",
        compute: |predictions| Some(predictions.confusion()?.class(1).f1),
    },
    Metric {
        name: "macro_f1",
        label: "Macro F1",
        unit: Unit::None,
        better: Better::Higher,
        task: TaskKind::Binary,
        description: "Mean of the two classes' F1",
        compute: |predictions| Some(predictions.confusion()?.macro_average().f1),
    },
    Metric {
        name: "auc",
        label: "AUC",
        unit: Unit::None,
        better: Better::Higher,
        task: TaskKind::Binary,
        description: "Area under the ROC curve: the chance that an item of class 1 scores above one of class 0; \
                      undefined where a class has no item",
        compute: |predictions| {
            let (labels, scores) = predictions.labels_and_scores()?;
            ranking::auc(&labels, &scores)
        },
    },
    Metric {
        name: "average_precision",
        label: "Average precision",
        unit: Unit::None,
        better: Better::Higher,
        task: TaskKind::Binary,
        description: "Precision at each threshold, weighted by the recall gained there; undefined without an item of \
                      class 1",
        compute: |predictions| {
            let (labels, scores) = predictions.labels_and_scores()?;
            ranking::average_precision(&labels, &scores)
        },
    },
    Metric {
        name: "log_loss",
        label: "Log loss",
        unit: Unit::None,
        better: Better::Lower,
        task: TaskKind::Binary,
        description: "Mean of -ln(probability given to the true class), probabilities clipped to 1e-7 … 1 - 1e-7",
        compute: |predictions| {
            let (labels, scores) = predictions.labels_and_scores()?;
            ranking::log_loss(&labels, &scores)
        },
    },
];

#[cfg(test)]
mod tests;
