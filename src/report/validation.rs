//! Records → what the validation set says of them: the only thing that may choose among settings.

use serde_json::Value;

use crate::metric::{self, name};
use crate::statistics::Summary;
use crate::store::record::{Record, Stored};
use crate::task::REGRESSION;
use crate::train::{Monitor, kept_epoch};

/// A value of the validation set that several groups of cells can be ranked by; lower is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Yardstick {
    /// The squared error in the unit of the target, which scaling and the loss of the training do not touch.
    SquaredError,
    /// The loss.
    Loss,
}

impl Yardstick {
    /// What all these records have and what means the same for all of them; `None` where there is no such value.
    pub(crate) fn of(records: &[&Record]) -> Option<Self> {
        let all_have = |name: &str| records.iter().all(|record| record.history.contains_key(name));
        let first = records.first()?;
        let is_series = first.predictions.task() == &REGRESSION;
        if is_series && all_have(Self::SquaredError.name()) {
            return Some(Self::SquaredError);
        }
        let same = |path: &str| records.iter().all(|record| record.at(path) == first.at(path));
        let comparable = ["train.loss", "window.scale", "window.transform", "window.fit_scale_on"]
            .into_iter()
            .all(same);
        (comparable && all_have(Self::Loss.name())).then_some(Self::Loss)
    }

    /// Its name in the history.
    fn name(self) -> &'static str {
        match self {
            Self::SquaredError => "validation_mse",
            Self::Loss => "validation_loss",
        }
    }

    /// `the validation MSE`
    pub(crate) fn words(self) -> String {
        match self {
            Self::SquaredError => format!("the validation {}", metric::label(name::MSE)),
            Self::Loss => "the validation loss".to_owned(),
        }
    }

    /// The mean over the seeds of a group, each at the epoch whose weights were tested.
    pub(crate) fn of_group(self, group: &[&Stored]) -> Option<f64> {
        let values: Option<Vec<f64>> = group
            .iter()
            .map(|stored| {
                let values = stored.record.history.get(self.name())?;
                values.get(tested_epoch(&stored.record)?).copied()
            })
            .collect();
        Some(Summary::of(&values?)?.mean)
    }
}

/// The epoch, from 0, whose weights a record was tested with: the best one with early stopping, else the last.
fn tested_epoch(record: &Record) -> Option<usize> {
    let stopping = record.at("train.early_stopping").map(|stopping| {
        let monitor = stopping.get("monitor").cloned().unwrap_or_default();
        let monitor: Monitor = serde_json::from_value(monitor).unwrap_or_default();
        let least = stopping.get("min_delta").and_then(Value::as_f64);
        (monitor, least.unwrap_or_default())
    });
    kept_epoch(&record.history, stopping)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::report::sample;

    fn record(losses: &[f64], settings: Value) -> Stored {
        let mut stored = sample::study(&[1], 40)[0].record();
        stored.record.history = BTreeMap::from([("validation_loss".to_owned(), losses.to_vec())]);
        for (key, value) in settings.as_object().unwrap() {
            stored.record.configuration["train"][key] = value.clone();
        }
        stored
    }

    #[test]
    fn the_epoch_is_the_one_whose_weights_were_tested() {
        let losses = [3.0, 1.0, 2.0];
        let plain = record(&losses, json!({}));
        assert_eq!(Yardstick::Loss.of_group(&[&plain]), Some(2.0));
        let stopped = record(&losses, json!({"early_stopping": {"patience": 1}}));
        assert_eq!(Yardstick::Loss.of_group(&[&stopped]), Some(1.0));
        assert_eq!(Yardstick::Loss.of_group(&[&plain, &stopped]), Some(1.5));
        let empty = record(&[], json!({}));
        assert_eq!(Yardstick::Loss.of_group(&[&empty]), None);
    }

    #[test]
    fn losses_of_different_kinds_are_not_compared() {
        let (a, b) = (record(&[1.0], json!({"loss": "mse"})), record(&[1.0], json!({"loss": "mae"})));
        assert_eq!(Yardstick::of(&[&a.record]), Some(Yardstick::Loss));
        assert_eq!(Yardstick::of(&[&a.record, &b.record]), None);
        let with_errors = |mut stored: Stored| {
            let values = vec![1.0];
            let history = &mut stored.record.history;
            history.insert("validation_mse".to_owned(), values);
            stored
        };
        let (a, b) = (with_errors(a), with_errors(b));
        assert_eq!(Yardstick::of(&[&a.record, &b.record]), Some(Yardstick::SquaredError));
    }
}
