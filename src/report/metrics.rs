//! What the report says of a metric: its label, its unit, which way is better.

use super::results::ExperimentResults;
use crate::metric::Predictions;

/// The order in which a reader wants them.
const ORDER: [&str; 4] = ["mse", "rmse", "mae", "mape"];

/// Every metric among the records.
pub fn of(experiment: &ExperimentResults) -> Vec<String> {
    sorted(
        experiment
            .records
            .iter()
            .flat_map(|stored| stored.record.metrics.keys()),
    )
}

/// Each of these metrics once, in the order in which a reader wants them.
pub fn sorted<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut names: Vec<String> = names.cloned().collect();
    names.sort_by_key(|name| {
        (
            ORDER
                .iter()
                .position(|known| known == name)
                .unwrap_or(ORDER.len()),
            name.clone(),
        )
    });
    names.dedup();
    names
}

/// The one of these metrics that stands for the others where there is room for one.
pub fn deciding(names: &[String]) -> Option<String> {
    names
        .iter()
        .find(|name| *name == "rmse")
        .or(names.first())
        .cloned()
}

/// How a metric is written: `RMSE`.
pub fn label(name: &str) -> String {
    name.to_uppercase()
}

/// The unit of a metric among these results, as `USD²`; empty when it has none.
pub fn unit(name: &str, experiment: &ExperimentResults) -> String {
    let target = experiment
        .records
        .iter()
        .find_map(|stored| match &stored.record.predictions {
            Predictions::Regression { unit, .. } => Some(unit.as_str()),
            Predictions::Binary { .. } => None,
        });
    match (name, target.unwrap_or_default()) {
        ("mape", _) => "%".to_owned(),
        (_, "") => String::new(),
        ("mse", unit) => format!("{unit}²"),
        (_, unit) => unit.to_owned(),
    }
}

/// Whether a lower value is better.
pub fn lower_is_better(_name: &str) -> bool {
    true
}
