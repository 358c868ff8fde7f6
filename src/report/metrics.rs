//! What the report says of a metric: its label, its unit, which way is better.

use serde_json::Value;

use super::results::ExperimentResults;
use super::round;
use crate::language::configuration::value_at;
use crate::metric::{self, Predictions, Unit};
pub(crate) use crate::metric::{badness, deciding, label, sorted};
use crate::store::record::Record;
use crate::task::Task;

/// Every metric among the records of a task that its experiment shows.
pub(crate) fn of(experiment: &ExperimentResults, task: &'static Task) -> Vec<String> {
    let records = experiment.records.iter().map(|stored| &stored.record);
    let own = records.filter(|record| record.predictions.task() == task);
    let names = own.flat_map(|record| record.metrics.keys());
    sorted(names.filter(|name| is_shown(name, experiment)))
}

/// Whether an experiment shows a metric: a usual one, or one that it asks for.
pub(crate) fn is_shown(name: &str, experiment: &ExperimentResults) -> bool {
    metric::is_usual(name) || experiment.card.report.asked().any(|asked| asked == name)
}

/// Whether cells of a task can have a metric; one that this version does not know fits every task.
pub(crate) fn fits(name: &str, task: &'static Task) -> bool {
    metric::find(name).is_none_or(|metric| metric.task == task)
}

/// The unit of a metric among these records, as `USD²`; empty when it has none, and where they do not share one.
pub(crate) fn unit<'a>(name: &str, records: impl IntoIterator<Item = &'a Record>) -> String {
    let unit = metric::find(name).map_or(Unit::None, |metric| metric.unit);
    unit.of_target(shared_unit(records))
}

/// A value of a metric among these records, with label and unit: `RMSE 4.31 ± 0.12 USD`.
pub(crate) fn in_words<'a>(name: &str, value: &str, records: impl IntoIterator<Item = &'a Record>) -> String {
    let text = format!("{} {value} {}", label(name), unit(name, records));
    text.trim_end().to_owned()
}

/// The unit of all targets of these records; empty where they have none or several.
pub(crate) fn shared_unit<'a>(records: impl IntoIterator<Item = &'a Record>) -> &'a str {
    let units = records.into_iter().filter_map(|record| match &record.predictions {
        Predictions::Regression(forecasts) => Some(forecasts.unit.as_str()),
        Predictions::Binary { .. } => None,
    });
    let mut shared = None;
    for unit in units {
        if *shared.get_or_insert(unit) != unit {
            return "";
        }
    }
    shared.unwrap_or_default()
}

/// A metric over the windows that were scored for print: without the last, smaller batch of the planned cell's `split.paper_batch`.
/// None where that is not said, or single windows are not known.
pub(crate) fn of_paper(record: &Record, planned: &Value, name: &str) -> Option<f64> {
    let batch = value_at(planned, "split.paper_batch")?.as_u64()? as usize;
    let windows = record.predictions.forecasts()?.count() / batch.max(1) * batch;
    metric::find(name)?.of_first(&record.predictions, windows)
}

/// How far a value is from a printed one: shares by their difference, other numbers in percent of it. Empty where the
/// printed text is no number, or a percentage of 0 is asked for.
pub(crate) fn against_printed(name: &str, ours: f64, printed: &str) -> String {
    let Some(printed) = printed.parse::<f64>().ok().filter(|p| p.is_finite()) else {
        return String::new();
    };
    let (difference, decimals, unit) = if round::is_share(name) {
        (ours - printed, 3, "")
    } else if printed == 0.0 {
        return String::new();
    } else {
        ((ours - printed) / printed.abs() * 100.0, 0, " %")
    };
    let text = round::fixed(difference, decimals);
    // None where it rounds to nothing.
    let is_seen = text.contains(|c: char| ('1'..='9').contains(&c));
    let sign = if difference > 0.0 && is_seen { "+" } else { "" };
    format!("{sign}{text}{unit}")
}

/// What a metric is, in a sentence with the formula.
pub(crate) fn description(name: &str) -> &'static str {
    metric::find(name).map_or("not a metric of this version", |metric| metric.description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_to_a_printed_value() {
        assert_eq!(against_printed("rmse", 5.0, "4.00"), "+25 %");
        assert_eq!(against_printed("mae", 0.87, "8.70"), "−90 %");
        assert_eq!(against_printed("accuracy", 0.7621, "0.95"), "−0.188");
        assert_eq!(against_printed("rmse", 4.0, "4.00"), "0 %");
        assert_eq!(against_printed("rmse", 4.001, "4.00"), "0 %");
        assert_eq!(against_printed("rmse", 1.0, "n/a"), "");
        assert_eq!(against_printed("r2", 1.0, "0"), "");
    }
}
