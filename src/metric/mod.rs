//! Predictions → numbers: the list of metrics, each with its unit and which way is better.

pub mod classification;
mod forecasts; // all of them, or their summary
mod items; // tests on the items that two models share
mod lines; // long lists in one line of a record
pub mod name; // the metrics' words
mod paired;
mod predictions;
pub mod ranking;
pub mod regression;
mod scored; // items, an object or a part of three lines each
mod summary; // what is kept of many forecasts

use std::collections::BTreeMap;

use crate::task::{BINARY, REGRESSION, Task};
pub use forecasts::{Forecast, Forecasts, Keep};
pub use items::ItemTest;
pub(crate) use items::{DELONG, Item, LOSSES, MCNEMAR};
pub use paired::{Followed, Paired, Scale};
pub use predictions::{ITEMS_TO_RANK, Predictions};
pub use regression::ValueLoss;
pub use scored::{Items, Scored};
pub use summary::{PERCENTILES, Summary};

/// Bumped when the same predictions would give other numbers.
pub const VERSION: u32 = 1;

/// One metric.
pub struct Metric {
    /// Its word in an experiment file and in records.
    pub name: &'static str,
    /// What else the field calls it, parted by spaces; in lower case, with `_` for spaces and hyphens.
    pub synonyms: &'static str,
    /// What people read.
    pub label: &'static str,
    /// The unit of its values.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// The task that it is made for.
    pub task: &'static Task,
    /// Whether it stands for the others of its task where there is room for one.
    pub decides: bool,
    /// What it is, in a sentence with the formula.
    pub description: &'static str,
    /// Its value; none where it is undefined, and for another task.
    pub compute: fn(&Predictions) -> Option<f64>,
    /// How it is followed while a network trains, where it is.
    pub followed: Option<Followed>,
    /// By what two models are paired when they are compared by it.
    pub paired: Paired,
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
    /// None: a share of 1, written with three decimals.
    Share,
    /// None: a ratio, a coefficient.
    None,
}

impl Unit {
    /// How it is written where the target's is `target`, as `USD²`; empty where there is none.
    pub fn of_target(self, target: &str) -> String {
        match self {
            Self::Target => target.to_owned(),
            Self::TargetSquared if target.is_empty() => String::new(),
            Self::TargetSquared => format!("{target}²"),
            Self::Percent => "%".to_owned(),
            Self::Share | Self::None => String::new(),
        }
    }
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

    /// Its label inside a sentence: `log loss`, but `AUC`.
    pub fn label_inside(&self) -> String {
        let is_acronym = self.label.chars().nth(1).is_none_or(|letter| !letter.is_lowercase());
        match is_acronym {
            true => self.label.to_owned(),
            false => self.label.to_lowercase(),
        }
    }

    /// Whether it is the share of the items that are classified correctly.
    pub fn is_share_of_right(&self) -> bool {
        matches!(self.paired, Paired::Items(test) if *test == MCNEMAR)
    }
}

/// The metric of that name.
pub fn find(name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.name == name)
}

/// How a metric is written: `RMSE`; one that this version does not know by its word.
pub fn label(name: &str) -> &str {
    find(name).map_or(name, |metric| metric.label)
}

/// Whether a lower value is better.
pub fn lower_is_better(name: &str) -> bool {
    find(name).is_none_or(|metric| metric.better == Better::Lower)
}

/// Each of these metrics once, in the order of the list of metrics; names that it does not know come last.
pub fn sorted<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let place = |name: &str| {
        let place = METRICS.iter().position(|metric| metric.name == name);
        place.unwrap_or(METRICS.len())
    };
    let mut names: Vec<String> = names.cloned().collect();
    names.sort_by_key(|name| (place(name), name.clone()));
    names.dedup();
    names
}

/// The one of these sorted metrics that stands for the others where there is room for one.
pub fn deciding(names: &[String]) -> Option<&String> {
    let decides = |name: &&String| find(name).is_some_and(|metric| metric.decides);
    names.iter().find(decides).or(names.first())
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
        name: name::MSE,
        synonyms: "mean_squared_error",
        label: "MSE",
        unit: Unit::TargetSquared,
        better: Better::Lower,
        task: &REGRESSION,
        decides: false,
        description: "Mean squared error: the mean of (forecast - truth)² over all forecasts and days",
        compute: |predictions| regression::mse(predictions.forecasts()?),
        followed: Some(Followed::Values(regression::squared)),
        paired: Paired::by(&regression::SQUARED),
    },
    Metric {
        name: name::RMSE,
        synonyms: "root_mean_squared_error",
        label: "RMSE",
        unit: Unit::Target,
        better: Better::Lower,
        task: &REGRESSION,
        decides: true,
        description: "Root mean squared error: the square root of MSE",
        compute: |predictions| regression::rmse(predictions.forecasts()?),
        followed: None,
        paired: Paired::Values {
            loss: &regression::SQUARED,
            scale: Scale::Root,
        },
    },
    Metric {
        name: name::MAE,
        synonyms: "mean_absolute_error",
        label: "MAE",
        unit: Unit::Target,
        better: Better::Lower,
        task: &REGRESSION,
        decides: false,
        description: "Mean absolute error: the mean of |forecast - observed| over all forecasts and days",
        compute: |predictions| regression::mae(predictions.forecasts()?),
        followed: Some(Followed::Values(regression::absolute)),
        paired: Paired::by(&regression::ABSOLUTE),
    },
    Metric {
        name: name::MAPE,
        synonyms: "mean_absolute_percentage_error",
        label: "MAPE",
        unit: Unit::Percent,
        better: Better::Lower,
        task: &REGRESSION,
        decides: false,
        description: "Mean absolute percentage error: the mean of 100 |forecast - observed| / |observed|; undefined where an \
                      observed value is 0",
        compute: |predictions| regression::mape(predictions.forecasts()?),
        followed: None,
        paired: Paired::by(&regression::PERCENTAGE),
    },
    Metric {
        name: "smape",
        synonyms: "symmetric_mape symmetric_mean_absolute_percentage_error",
        label: "sMAPE",
        unit: Unit::Percent,
        better: Better::Lower,
        task: &REGRESSION,
        decides: false,
        description: "Symmetric mean absolute percentage error: the mean of 200 |forecast - observed| / (|forecast| + \
                      |observed|), from 0 to 200 (Makridakis, 1993)",
        compute: |predictions| regression::smape(predictions.forecasts()?),
        followed: None,
        paired: Paired::by(&regression::SYMMETRIC_PERCENTAGE),
    },
    Metric {
        name: name::R2,
        synonyms: "r_squared r2_score rsquared coefficient_of_determination",
        label: "R²",
        unit: Unit::None,
        better: Better::Higher,
        task: &REGRESSION,
        decides: false,
        description: "Coefficient of determination: 1 - Σ(forecast - truth)² / Σ(truth - mean truth)² for each day \
                      ahead, then the mean over the days; undefined for fewer than two forecasts",
        compute: |predictions| regression::r2(predictions.forecasts()?),
        followed: None,
        paired: Paired::Seeds,
    },
    Metric {
        name: name::RELATIVE_MAE,
        synonyms: "rmae",
        label: "Relative MAE",
        unit: Unit::None,
        better: Better::Lower,
        task: &REGRESSION,
        decides: false,
        description: "MAE divided by the MAE of forecasting the last known value (Hyndman and Koehler, 2006): below 1 \
                      beats that naive forecast; undefined where the naive forecast is perfect",
        compute: |predictions| regression::relative_mae(predictions.forecasts()?),
        followed: None,
        paired: Paired::Values {
            loss: &regression::ABSOLUTE,
            scale: Scale::OverNaive,
        },
    },
    Metric {
        name: name::ACCURACY,
        synonyms: "acc accuracy_score",
        label: "Accuracy",
        unit: Unit::Share,
        better: Better::Higher,
        task: &BINARY,
        decides: true,
        description: "Share of the items given their true class; class 1 is predicted from a score of 0.5 on",
        compute: |predictions| predictions.confusion()?.accuracy(),
        followed: Some(Followed::Logits(classification::is_right)),
        paired: Paired::Items(&MCNEMAR),
    },
    Metric {
        name: name::BALANCED_ACCURACY,
        synonyms: "balanced_acc bal_acc bacc",
        label: "Balanced accuracy",
        unit: Unit::Share,
        better: Better::Higher,
        task: &BINARY,
        decides: false,
        description: "Mean of the two classes' recalls; undefined where a class has no item",
        compute: |predictions| predictions.confusion()?.balanced_accuracy(),
        followed: None,
        paired: Paired::Seeds,
    },
    Metric {
        name: name::PRECISION,
        synonyms: "ppv precision_score",
        label: "Precision",
        unit: Unit::Share,
        better: Better::Higher,
        task: &BINARY,
        decides: false,
        description: "Of the items predicted as class 1, the share that is of class 1; 0 where there is none",
        compute: |predictions| Some(predictions.confusion()?.class(1).precision),
        followed: None,
        paired: Paired::Seeds,
    },
    Metric {
        name: name::RECALL,
        synonyms: "sensitivity tpr recall_score true_positive_rate",
        label: "Recall",
        unit: Unit::Share,
        better: Better::Higher,
        task: &BINARY,
        decides: false,
        description: "Of the items of class 1, the share predicted as class 1; 0 where there is none",
        compute: |predictions| Some(predictions.confusion()?.class(1).recall),
        followed: None,
        paired: Paired::Seeds,
    },
    Metric {
        name: name::F1,
        synonyms: "f1_score f_score fscore f_measure",
        label: "F1",
        unit: Unit::Share,
        better: Better::Higher,
        task: &BINARY,
        decides: false,
        description: "Harmonic mean of precision and recall of class 1",
        compute: |predictions| Some(predictions.confusion()?.class(1).f1),
        followed: None,
        paired: Paired::Seeds,
    },
    Metric {
        name: name::MACRO_F1,
        synonyms: "f1_macro macro_f1_score",
        label: "Macro F1",
        unit: Unit::Share,
        better: Better::Higher,
        task: &BINARY,
        decides: false,
        description: "Mean of the two classes' F1",
        compute: |predictions| Some(predictions.confusion()?.macro_average().f1),
        followed: None,
        paired: Paired::Seeds,
    },
    Metric {
        name: name::AUC,
        synonyms: "roc_auc auroc roc roc_auc_score",
        label: "AUC",
        unit: Unit::Share,
        better: Better::Higher,
        task: &BINARY,
        decides: false,
        description: "Area under the ROC curve: the chance that an item of class 1 scores above one of class 0; \
                      undefined where a class has no item",
        compute: |predictions| {
            let (labels, scores) = predictions.labels_and_scores()?;
            ranking::auc(&labels, &scores)
        },
        followed: None,
        paired: Paired::Items(&DELONG),
    },
    Metric {
        name: name::AVERAGE_PRECISION,
        synonyms: "ap pr_auc auprc prauc average_precision_score",
        label: "Average precision",
        unit: Unit::Share,
        better: Better::Higher,
        task: &BINARY,
        decides: false,
        description: "Precision at each threshold, weighted by the recall gained there; undefined without an item of \
                      class 1",
        compute: |predictions| {
            let (labels, scores) = predictions.labels_and_scores()?;
            ranking::average_precision(&labels, &scores)
        },
        followed: None,
        paired: Paired::Seeds,
    },
    Metric {
        name: name::LOG_LOSS,
        synonyms: "bce logloss cross_entropy crossentropy binary_crossentropy bce_loss bceloss bce_with_logits",
        label: "Log loss",
        unit: Unit::None,
        better: Better::Lower,
        task: &BINARY,
        decides: false,
        description: "Mean of -ln(probability given to the true class), probabilities clipped to 1e-7 … 1 - 1e-7",
        compute: |predictions| {
            let (labels, scores) = predictions.labels_and_scores()?;
            ranking::log_loss(&labels, &scores)
        },
        followed: None,
        paired: Paired::Items(&LOSSES),
    },
];

#[cfg(test)]
mod tests;
