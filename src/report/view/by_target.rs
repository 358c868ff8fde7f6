//! The errors of cells that differ in nothing but their seed, by target → one table.

use super::counted;
use crate::judge;
use crate::metric::{self, TargetErrors};
use crate::report::{DataTable, metrics, round};
use crate::store::record::Record;

/// Targets that have a row, at most.
const MOST_ROWS: usize = 60;

/// What is told of a target, by the word of the metric that it is for all of them.
const COLUMNS: [(&str, fn(&TargetErrors) -> Option<f64>); 4] = [
    ("mae", |errors| Some(errors.mae)),
    ("rmse", |errors| Some(errors.rmse)),
    ("scaled_mse", |errors| errors.scaled_mse),
    ("scaled_mae", |errors| errors.scaled_mae),
];

/// A row for each of several targets, over seeds the mean with its interval; empty where there is one target alone, and where records
/// do not have the same. Before it a sentence on what it holds.
pub(super) fn table(records: &[&Record]) -> (String, DataTable) {
    let forecasts = records.iter().filter_map(|record| record.predictions.forecasts());
    let of_records: Vec<Vec<TargetErrors>> = forecasts.map(metric::Forecasts::by_target).collect();
    let Some(first) = of_records.first().filter(|first| first.len() > 1) else {
        return (String::new(), DataTable::default());
    };
    let names = |errors: &[TargetErrors]| errors.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    if of_records.len() < records.len() || of_records.iter().any(|own| names(own) != names(first)) {
        return (String::new(), DataTable::default());
    }
    let told = COLUMNS
        .iter()
        .filter(|(_, of)| first.iter().all(|errors| of(errors).is_some()));
    let told: Vec<_> = told.collect();
    let heading = |name: &str| {
        let unit = metrics::unit(name, records.iter().copied());
        let label = metrics::label(name);
        if unit.is_empty() {
            label.to_owned()
        } else {
            format!("{label}, {unit}")
        }
    };
    let columns = std::iter::once("target".to_owned()).chain(told.iter().map(|(name, _)| heading(name)));
    let row = |target: usize| {
        let name = match &*first[target].name {
            "" => (target + 1).to_string(),
            name => name.to_owned(),
        };
        let cell = |metric: &str, of: fn(&TargetErrors) -> Option<f64>| {
            let values = of_records.iter().filter_map(|own| of(&own[target]));
            judge::summary_of(values).map_or_else(String::new, |summary| round::mean(metric, &summary))
        };
        let cells = told.iter().map(|(metric, of)| cell(metric, *of));
        std::iter::once(name).chain(cells).collect()
    };
    let shown = first.len().min(MOST_ROWS);
    let mut note = match records.len() {
        1 => String::new(),
        several => format!("The mean over {} and its 95 % interval.", counted(several, "seed")),
    };
    if shown < first.len() {
        note = format!("The first {shown} of {} targets. {note}", first.len());
    }
    let table = DataTable {
        columns: columns.collect(),
        rows: (0..shown).map(row).collect(),
    };
    (note.trim().to_owned(), table)
}
