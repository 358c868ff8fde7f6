//! Printed rows → what holds between their values. Printed numbers stay text until here, for their digits say how far they are known.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Subject;
use super::errors::{Errors, truth_range};
use super::known::Known;
use super::rates::{Of, Rate, Rates, Score, support};
use crate::language::configuration::{origins, value_at};
use crate::language::report::OF_CLASSES;
use crate::metric::{Predictions, name};
use crate::report::results::ExperimentResults;
use crate::report::select;
use crate::store::card::{Card, PlannedCell, TEST};
use crate::store::record::Stored;

/// A printed row: column → text.
type Row = BTreeMap<String, String>;

/// The planned cells that a printed row is about: those that have the row's values at its dotted
/// paths and belong to a table that shows the file. Empty when the row has no such path.
fn cells_of<'a>(card: &'a Card, file: &str, row: &BTreeMap<String, String>) -> Vec<&'a PlannedCell> {
    let tables = card.report.table.iter().map(|one| (&one.reference, &one.filter));
    let figures = card.report.figure.iter().map(|one| (&one.reference, &one.filter));
    let filters: Vec<_> = tables
        .chain(figures)
        .filter(|(reference, _)| reference.as_deref() == Some(file))
        .map(|(_, filter)| filter)
        .collect();
    card.cells
        .values()
        .filter(|planned| {
            let cell = &planned.configuration;
            let mut paths = row
                .iter()
                .filter_map(|(path, text)| Some((value_at(cell, path)?, text)))
                .peekable();
            // A classification report may leave out what its figure says already.
            (paths.peek().is_some() || row.contains_key("row"))
                && paths.all(|(value, text)| select::is_written(value, text))
                && (filters.is_empty() || filters.iter().any(|filter| select::matches(cell, filter)))
        })
        .collect()
}

/// Every printed row with the cells that it is about.
pub(super) fn rows(experiment: &ExperimentResults) -> impl Iterator<Item = (Subject, &String, &Row, Vec<&PlannedCell>)> {
    let files = experiment.card.reference.iter();
    files.flat_map(move |(file, rows)| {
        rows.iter().enumerate().map(move |(index, row)| {
            let about = cells_of(&experiment.card, file, row);
            (subject(file, index), file, row, about)
        })
    })
}

fn subject(file: &str, row: usize) -> Subject {
    Subject::Printed {
        file: file.to_owned(),
        row,
    }
}

/// The printed errors of forecasts.
pub(super) fn errors(experiment: &ExperimentResults) -> impl Iterator<Item = (Subject, Errors)> {
    rows(experiment).map(|(subject, _, row, about)| {
        let known = |(name, text): (&String, &String)| Some((name.clone(), Known::printed(text)?));
        let errors = Errors {
            metrics: row.iter().filter_map(known).collect(),
            one_value: !about.is_empty() && about.iter().all(|cell| forecasts_one_value(&cell.configuration)),
            truth: truth_range(&on_same_days(experiment, &about)),
        };
        (subject, errors)
    })
}

/// The printed rates of classifications.
pub(super) fn rates(experiment: &ExperimentResults) -> impl Iterator<Item = (Subject, Rates)> {
    let of_rows =
        rows(experiment).filter_map(|(subject, _, row, about)| Some((subject, rates_of_row(experiment, row, &about)?)));
    let files = experiment.card.reference.iter();
    files
        .flat_map(|(file, rows)| of_reports(experiment, file, rows))
        .chain(of_rows)
}

/// A row of a table: rates of class 1, accuracy and AUC.
fn rates_of_row(experiment: &ExperimentResults, row: &Row, about: &[&PlannedCell]) -> Option<Rates> {
    if row.contains_key("row") {
        return None; // of a classification report, whose rows belong together
    }
    let (classes, support) = test_items(experiment, about)?;
    let rate = |(name, text): (&String, &String)| {
        let (of, metric) = Of::metric(name)?;
        Some(Rate {
            of,
            metric: Some(metric),
            value: Known::printed(text)?,
        })
    };
    let rates = row.iter().filter_map(rate).collect();
    let auc = row.get(name::AUC).and_then(|text| Known::printed(text));
    Rates::new(rates, auc, support, &classes)
}

/// The rows of printed classification reports: those that agree in all but their rates are one report.
fn of_reports(experiment: &ExperimentResults, file: &str, rows: &[Row]) -> Vec<(Subject, Rates)> {
    let mut reports: BTreeMap<Vec<(&String, &String)>, Vec<usize>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| row.contains_key("row")) {
        let about = row.iter().filter(|(name, _)| !OF_CLASSES.contains(&name.as_str()));
        reports.entry(about.collect()).or_default().push(index);
    }
    let mut found = Vec::new();
    for members in reports.into_values() {
        let first = members[0];
        let about = cells_of(&experiment.card, file, &rows[first]);
        let Some((classes, tested)) = test_items(experiment, &about) else {
            continue;
        };
        let mut support = tested;
        let mut rates = Vec::new();
        for row in members.iter().map(|&index| &rows[index]) {
            let word = row["row"].as_str();
            let class = classes.iter().position(|class| class == word);
            if let (Some(class), Some(printed)) = (class, row.get("support").and_then(|text| text.parse().ok())) {
                support[class] = printed;
            }
            for (column, text) in row {
                let (Some(score), Some(value)) = (Score::named(column), Known::printed(text)) else {
                    continue;
                };
                let of = match (class, word) {
                    (Some(class), _) => Of::Class(class, score),
                    (None, name::ACCURACY) => Of::Accuracy,
                    (None, "macro average") => Of::Macro(score),
                    (None, "weighted average") => Of::Weighted(score),
                    (None, _) => continue,
                };
                rates.push(Rate { of, metric: None, value });
            }
        }
        let rates = Rates::new(rates, None, support, &classes);
        found.extend(rates.map(|rates| (subject(file, first), rates)));
    }
    found
}

/// The classes and the items of each in the test set that these cells share, where it is known.
fn test_items(experiment: &ExperimentResults, about: &[&PlannedCell]) -> Option<([String; 2], [u64; 2])> {
    let card = &experiment.card;
    let of_cut = |cell: &PlannedCell| {
        let dataset = value_at(&cell.configuration, "dataset")?.as_str()?;
        let [first, second] = &card.contents(dataset)?.classes[..] else {
            return None;
        };
        let [a, b] = card.cut(cell)?.part(TEST)?.by_class[..] else {
            return None;
        };
        Some((
            [&first.name, &second.name].map(String::clone),
            [a, b].map(|count| count as u64),
        ))
    };
    let of_record = |cell: &PlannedCell| {
        let same = |stored: &&Stored| stored.record.configuration == cell.configuration;
        let predictions = &experiment.records.iter().find(same)?.record.predictions;
        match predictions {
            Predictions::Binary { classes, .. } => Some((classes.clone(), support(predictions)?)),
            Predictions::Regression(_) => None,
        }
    };
    let mut known = about.iter().filter_map(|cell| of_cut(cell).or_else(|| of_record(cell)));
    let first = known.next()?;
    known.all(|other| other == first).then_some(first)
}

fn forecasts_one_value(cell: &Value) -> bool {
    origins(cell) == Some(1) && value_at(cell, "window.horizon").and_then(Value::as_u64) == Some(1)
}

/// Records of any model that were tested on the same days as these cells.
fn on_same_days<'a>(experiment: &'a ExperimentResults, about: &[&PlannedCell]) -> Vec<&'a Stored> {
    let same = |a: &Value, b: &Value| {
        ["dataset", "window.horizon", "split.kind", "split.origins", "split.stride"]
            .iter()
            .all(|path| value_at(a, path) == value_at(b, path))
    };
    experiment
        .records
        .iter()
        .filter(|stored| {
            about
                .iter()
                .any(|cell| same(&stored.record.configuration, &cell.configuration))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::report::{ReportSpec, TableSpec};
    use crate::report::audit::{audit, by_subject};
    use crate::report::sample;

    /// Tables 1 to 3 of the price study: model, dataset, horizon, MSE, RMSE, MAE, MAPE.
    const PRINTED: [[&str; 7]; 12] = [
        ["lstm", "litecoin", "1", "18.41", "4.29", "8.59", "0.5"],
        ["lstm", "monero", "1", "13.19", "3.63", "7.02", "2.12"],
        ["hybrid", "litecoin", "1", "14.25", "3.78", "8.10", "3.44"],
        ["hybrid", "monero", "1", "8.76", "2.96", "3.86", "0.22"],
        ["lstm", "litecoin", "3", "23.44", "4.84", "13.92", "4.65"],
        ["lstm", "monero", "3", "13.26", "3.64", "7.08", "1.14"],
        ["hybrid", "litecoin", "3", "14.37", "3.79", "7.31", "1.26"],
        ["hybrid", "monero", "3", "8.29", "2.88", "4.04", "0.78"],
        ["lstm", "litecoin", "7", "20.94", "4.58", "13.51", "5.42"],
        ["lstm", "monero", "7", "22.38", "4.73", "15.91", "7.86"],
        ["hybrid", "litecoin", "7", "13.69", "3.70", "7.35", "2.52"],
        ["hybrid", "monero", "7", "9.5", "3.08", "4.81", "1.15"],
    ];

    fn study() -> ExperimentResults {
        let table = TableSpec {
            title: "Printed".to_owned(),
            filter: BTreeMap::new(),
            rows: vec!["model".to_owned(), "dataset".to_owned()],
            columns: vec!["rmse".to_owned()],
            reference: Some("printed.csv".to_owned()),
            windows: Default::default(),
            description: String::new(),
        };
        let report = ReportSpec {
            table: vec![table],
            ..ReportSpec::default()
        };
        let mut experiment = sample::experiment(&sample::study(&[1, 3, 7], 1), report);
        let names = ["model", "dataset", "window.horizon", "mse", "rmse", "mae", "mape"];
        let rows = PRINTED.map(|row| names.iter().zip(row).map(|(n, t)| (n.to_string(), t.to_owned())).collect());
        experiment.card.reference.insert("printed.csv".to_owned(), rows.to_vec());
        experiment
    }

    #[test]
    fn every_printed_row_is_impossible() {
        let findings = audit(&study());
        let subjects = by_subject(&findings);
        for (row, texts) in PRINTED.iter().enumerate() {
            let subject = Subject::Printed {
                file: "printed.csv".to_owned(),
                row,
            };
            let mut wanted = vec!["MAE > RMSE"];
            if texts[2] == "1" {
                wanted.push("MAE ≠ RMSE");
            }
            wanted.push("MAE against MAPE"); // prices of 202 to 1,754 USD where the true ones are near 75
            let rules: Vec<&str> = subjects[&subject].iter().map(|finding| finding.rule.mark).collect();
            assert_eq!(rules, wanted, "row {row}");
        }
    }

    #[test]
    fn a_sentence_gives_the_numbers() {
        let findings = audit(&study());
        let of_first = by_subject(&findings)[&Subject::Printed {
            file: "printed.csv".to_owned(),
            row: 0,
        }]
            .clone();
        let sentences: Vec<&str> = of_first.iter().map(|finding| &*finding.explanation).collect();
        insta::assert_snapshot!(sentences.join("\n"));
    }

    #[test]
    fn a_row_that_names_no_cell_is_still_checked_for_what_always_holds() {
        let mut experiment = study();
        experiment.card.cells.clear();
        experiment.records.clear();
        let findings = audit(&experiment);
        assert_eq!(findings.len(), 12);
        assert!(findings.iter().all(|finding| finding.rule.mark == "MAE > RMSE"));
    }
}
