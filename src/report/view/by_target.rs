//! The errors of cells that differ in nothing but their seed, by target → one table.

use super::counted;
use crate::judge;
use crate::metric::{self, TargetErrors, name};
use crate::report::{DataTable, metrics, round};
use crate::store::record::Record;

/// Targets that have a row, at most.
const MOST_ROWS: usize = 60;

/// One of the errors of a target; none where it is not known.
type OneOf = fn(&TargetErrors) -> Option<f64>;

/// What is told of a target, by the word of the metric that it is for all of them.
const COLUMNS: [(&str, OneOf); 4] = [
    (name::MAE, |errors| Some(errors.mae)),
    (name::RMSE, |errors| Some(errors.rmse)),
    (name::SCALED_MSE, |errors| errors.scaled_mse),
    (name::SCALED_MAE, |errors| errors.scaled_mae),
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
        let cell = |metric: &str, of: OneOf| {
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::data::ForecastTarget;
    use crate::language::report::ReportSpec;
    use crate::metric::{Forecasts, Last, Predictions};
    use crate::report::sample;

    #[test]
    fn several_targets_have_a_row_each_and_one_has_no_table() {
        let mut experiment = sample::experiment(&sample::study(&[2], 4), ReportSpec::default());
        let records = |stored: &[crate::store::record::Stored]| {
            let own = stored.iter().map(|stored| stored.record.clone());
            own.filter(|record| record.model() == "lstm" && record.dataset() == "monero")
                .collect::<Vec<Record>>()
        };
        let one = records(&experiment.records);
        assert!(table(&one.iter().collect::<Vec<_>>()).1.rows.is_empty());
        // Two steps of one target are one step of two.
        for stored in &mut experiment.records {
            let mut samples = stored.record.predictions.forecasts().unwrap().whole().to_vec();
            for sample in &mut samples {
                sample.last = Last::new(vec![sample.last[0]; 2]).unwrap();
            }
            let target = |name: &str| ForecastTarget {
                name: name.to_owned(),
                mean: 0.0,
                deviation: 2.0,
            };
            let targets = vec![target("load"), target("heat")];
            stored.record.predictions = Predictions::Regression(Forecasts::of_targets(targets, "MW".to_owned(), samples));
        }
        let several = records(&experiment.records);
        let (note, shown) = table(&several.iter().collect::<Vec<_>>());
        assert_eq!(note, "The mean over 3 seeds and its 95 % interval.");
        assert_eq!(shown.columns[..3], ["target", "MAE, MW", "RMSE, MW"]);
        assert_eq!(
            (&*shown.rows[0][0], &*shown.rows[1][0], shown.rows.len()),
            ("load", "heat", 2)
        );
        let (note, of_one) = table(&[&several[0]]);
        let errors = several[0].predictions.forecasts().unwrap().by_target();
        assert_eq!((&*note, &of_one.rows[1][1]), ("", &round::value(name::MAE, errors[1].mae)));
    }
}
