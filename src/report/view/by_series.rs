//! The scores of cells that differ in nothing but their seed, by series → one table.

use super::counted;
use crate::judge;
use crate::metric::{OneSeries, name};
use crate::report::{DataTable, metrics, round};
use crate::store::record::Record;

/// Series that have a row, at most.
const MOST_ROWS: usize = 60;

/// What each row is of.
pub(super) const PART: &str = "series";

/// What is told of a series, where its forecasts define it.
const COLUMNS: [&str; 6] = [
    name::MAE,
    name::RMSE,
    name::MAPE,
    name::MASE,
    name::RELATIVE_MAE,
    name::COVERAGE,
];

/// A row for each of many series, over seeds the mean with its interval; empty where there is one alone, and where records do not have the
/// same. Before it a sentence on what it holds.
pub(super) fn table(records: &[&Record]) -> (String, DataTable) {
    let forecasts = records.iter().filter_map(|record| record.predictions.forecasts());
    let of_records: Vec<&[OneSeries]> = forecasts.map(|forecasts| forecasts.series()).collect();
    let names = |series: &[OneSeries]| series.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
    let Some(first) = of_records.first().filter(|first| !first.is_empty()) else {
        return (String::new(), DataTable::default());
    };
    if of_records.len() < records.len() || of_records.iter().any(|own| names(own) != names(first)) {
        return (String::new(), DataTable::default());
    }
    let is_known = |metric: &&&str| first.iter().any(|one| one.metrics.contains_key(**metric));
    let told: Vec<&str> = COLUMNS.iter().filter(is_known).copied().collect();
    let heading = |name: &&str| {
        let unit = metrics::unit(name, records.iter().copied());
        let label = metrics::label(name);
        if unit.is_empty() {
            label.to_owned()
        } else {
            format!("{label}, {unit}")
        }
    };
    let columns = [PART.to_owned(), "windows".to_owned()].into_iter();
    let row = |place: usize| {
        let one = &first[place];
        let cell = |metric: &&str| {
            let values = of_records.iter().filter_map(|own| own[place].metrics.get(*metric).copied());
            judge::summary_of(values).map_or_else(String::new, |summary| round::mean(metric, &summary))
        };
        let known = [one.name.clone(), round::count(one.windows)].into_iter();
        known.chain(told.iter().map(cell)).collect()
    };
    let shown = first.len().min(MOST_ROWS);
    let mut notes = Vec::new();
    if shown < first.len() {
        notes.push(format!("The first {shown} of {} series.", first.len()));
    }
    if records.len() > 1 {
        notes.push(format!(
            "The mean over {} and its 95 % interval.",
            counted(records.len(), "seed")
        ));
    }
    let table = DataTable {
        columns: columns.chain(told.iter().map(heading)).collect(),
        rows: (0..shown).map(row).collect(),
    };
    (notes.join(" "), table)
}
