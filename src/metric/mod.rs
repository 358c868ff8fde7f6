//! Predictions → numbers: the list of metrics, each with its unit and which way is better.

mod by_target; // each of several targets by itself
pub mod classification;
mod conformal; // intervals around them
mod forecast; // one of them
mod forecasts; // all of them, or their summary
mod intervals; // quantiles beside them
mod items; // tests on the items that two models share
pub(crate) mod lines; // long lists in one line of a record
mod list; // every metric
pub mod name; // the metrics' words
mod paired;
mod predictions;
mod quantiles; // what a model gives that forecasts them
pub mod ranking;
pub mod regression;
mod scored; // items, an object or a part of three lines each
mod scoring; // predictions as they come
mod summary; // what is kept of many forecasts

use std::collections::BTreeMap;

pub use crate::data::InSample;
use crate::task::Task;
pub use by_target::TargetErrors;
pub use conformal::{Calibrated, HalfWidths};
pub use forecast::{Forecast, Last};
pub use forecasts::{Forecasts, Keep, OneSeries};
pub use intervals::{coverage_of_blocks, promised_coverage};
pub use items::ItemTest;
pub(crate) use items::{DELONG, Item, LOSSES, MCNEMAR};
pub use list::METRICS;
pub use paired::{Followed, Paired, Scale};
pub use predictions::{ITEMS_TO_RANK, Predictions};
pub use quantiles::Quantiles;
pub use regression::ValueLoss;
pub use scored::{Items, Scored};
pub use scoring::Scoring;
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
    /// Whether it is shown where nobody asks for it by its name: in tables that no experiment declares, beside a cell, in a diff.
    pub is_usual: bool,
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
    /// The nearer to 0 the better.
    Nought,
    /// Neither way by itself: it is told beside other metrics, and no model is better by it.
    Neither,
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

    /// Its value over the first so many forecasts alone; none where it is not the mean of a loss of each of them, and where single
    /// ones are not known.
    pub fn of_first(&self, predictions: &Predictions, windows: usize) -> Option<f64> {
        let Paired::Values { loss, scale } = self.paired else {
            return None;
        };
        scale.of_mean(predictions.forecasts()?.mean_of_first(loss, windows)?)
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

/// Which way a metric is better; lower, as far as is known of one that this version does not know.
pub fn better(name: &str) -> Better {
    find(name).map_or(Better::Lower, |metric| metric.better)
}

/// A number that is the lower the better a value of a metric is; 0 where no value is better than another.
pub fn badness(name: &str, value: f64) -> f64 {
    match better(name) {
        Better::Lower => value,
        Better::Higher => -value,
        Better::Nought => value.abs(),
        Better::Neither => 0.0,
    }
}

/// Whether a metric is shown where nobody asks for it by its name; one that this version does not know is.
pub fn is_usual(name: &str) -> bool {
    find(name).is_none_or(|metric| metric.is_usual)
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

#[cfg(test)]
mod tests;
