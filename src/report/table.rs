//! `[[report.table]]` → rows: each group of cells by mean and interval over seeds, printed values beside them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::audit::{self, Finding, Subject};
use super::best::mark_best;
use super::metrics;
use super::results::ExperimentResults;
use super::row::{Kind, Ours, Row};
use super::select;
use crate::judge;
use crate::language::configuration::value_at;
use crate::language::report::{ScoredWindows, TableSpec};
use crate::store::record::Stored;

/// A table, not yet rounded.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    /// Dotted paths: one column each, before those of the metrics.
    pub paths: Vec<String>,
    /// Metrics.
    pub metrics: Vec<String>,
    /// Whether there are printed values to show beside ours.
    pub has_printed: bool,
    /// In the natural order of the values at `paths`; printed rows that no planned cell matches come last.
    pub rows: Vec<Row<'a>>,
}

/// Builds one table.
pub(crate) fn build<'a>(spec: &TableSpec, experiment: &'a ExperimentResults, findings: &'a [Finding]) -> Table<'a> {
    let by_subject = audit::by_subject(findings);
    let of = |subject: &Subject| by_subject.get(subject).cloned().unwrap_or_default();
    let planned: Vec<(&String, &Value)> = experiment
        .card
        .in_order()
        .into_iter()
        .filter(|(_, configuration)| select::matches(configuration, &spec.filter))
        // A row of which no column can have a value says nothing.
        .filter(|(_, configuration)| {
            let task = experiment.card.task_of(configuration);
            task.is_some_and(|task| spec.columns.iter().any(|name| metrics::fits(name, task)))
        })
        .collect();
    let configurations: Vec<&Value> = planned.iter().map(|(_, configuration)| *configuration).collect();
    let paths = select::distinguishing(&configurations, &spec.rows);
    let mut rows: Vec<Row> = select::groups(planned, &paths, |(_, configuration)| configuration)
        .into_iter()
        .map(|(values, cells)| {
            let records: Vec<&Stored> = cells.iter().filter_map(|(id, _)| experiment.record(id)).collect();
            Row {
                values,
                states: cells.iter().map(|(id, _)| (id.as_str(), experiment.told(id))).collect(),
                ours: spec
                    .columns
                    .iter()
                    .map(|metric| Ours {
                        summary: match spec.windows {
                            ScoredWindows::All => judge::summary(records.iter().map(|one| &one.record), metric),
                            ScoredWindows::Paper => judge::summary_of(cells.iter().filter_map(|(id, planned)| {
                                let record = &experiment.record(id)?.record;
                                metrics::of_paper(record, planned, metric)
                            })),
                        },
                        best: false,
                    })
                    .collect(),
                printed: vec![String::new(); spec.columns.len()],
                findings: cells.iter().flat_map(|(id, _)| of(&Subject::Cell((*id).clone()))).collect(),
                printed_findings: Vec::new(),
                kind: if cells
                    .iter()
                    .any(|(_, configuration)| value_at(configuration, "train").is_some())
                {
                    Kind::Network
                } else {
                    Kind::Baseline
                },
                records,
            }
        })
        .collect();
    in_order_of_models(&mut rows, &paths, &experiment.models());
    if let Some(file) = &spec.reference {
        for (index, printed) in belonging(spec, experiment, file) {
            let findings = of(&Subject::Printed {
                file: file.clone(),
                row: index,
            });
            add_printed(&mut rows, &paths, &spec.columns, printed, findings);
        }
    }
    // Print is what other windows are scored for; which model is best tell all of them.
    if spec.windows == ScoredWindows::All {
        mark_best(&mut rows, &paths, &spec.columns);
    }
    Table {
        paths,
        metrics: spec.columns.clone(),
        has_printed: spec.reference.is_some(),
        rows,
    }
}

/// Rows in natural order, but for models, whose order is that of the page.
fn in_order_of_models(rows: &mut [Row], paths: &[String], models: &[&str]) {
    rows.sort_by(|a, b| {
        let place = |value: &Value| models.iter().position(|model| Some(*model) == value.as_str());
        let order = paths
            .iter()
            .zip(a.values.iter().zip(&b.values))
            .map(|(path, (a, b))| match &**path {
                "model" => place(a).cmp(&place(b)),
                _ => select::compare(a, b),
            });
        order.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
}

/// The printed rows that do not contradict the table's `where`.
fn belonging<'a>(
    spec: &TableSpec,
    experiment: &'a ExperimentResults,
    file: &str,
) -> Vec<(usize, &'a BTreeMap<String, String>)> {
    let wanted = select::flatten_filter(&spec.filter);
    let rows = experiment.card.reference.get(file).into_iter().flatten().enumerate();
    rows.filter(|(_, row)| {
        wanted
            .iter()
            .all(|(path, value)| row.get(path).is_none_or(|text| select::is_written(value, text)))
    })
    .collect()
}

/// Puts printed values beside ours, or into a row of their own where there is none of ours.
fn add_printed<'a>(
    rows: &mut Vec<Row<'a>>,
    paths: &[String],
    metrics: &[String],
    printed: &BTreeMap<String, String>,
    findings: Vec<&'a Finding>,
) {
    let texts: Vec<String> = metrics
        .iter()
        .map(|metric| printed.get(metric).cloned().unwrap_or_default())
        .collect();
    let mut matching = rows.iter_mut().filter(|row| {
        let mut known = paths
            .iter()
            .zip(&row.values)
            .filter_map(|(path, value)| Some((value, printed.get(path)?)));
        known.all(|(value, text)| select::is_written(value, text))
    });
    if let Some(row) = matching.next() {
        row.printed = texts;
        row.printed_findings = findings;
        return;
    }
    let value = |path| printed.get(path).map_or(Value::Null, |text| Value::from(text.as_str()));
    rows.push(Row {
        values: paths.iter().map(value).collect(),
        states: Vec::new(),
        ours: vec![
            Ours {
                summary: None,
                best: false
            };
            metrics.len()
        ],
        printed: texts,
        findings: Vec::new(),
        printed_findings: findings,
        records: Vec::new(),
        kind: Kind::Printed,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::sample;
    use crate::sweep::told::Told;

    fn spec(rows: &[&str]) -> TableSpec {
        TableSpec {
            title: "Errors".to_owned(),
            filter: BTreeMap::new(),
            rows: rows.iter().map(|path| (*path).to_owned()).collect(),
            columns: vec!["rmse".to_owned(), "mae".to_owned()],
            reference: None,
            windows: Default::default(),
            description: String::new(),
        }
    }

    fn labels(table: &Table) -> Vec<String> {
        table
            .rows
            .iter()
            .map(|row| row.values.iter().map(select::show).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn one_row_for_each_combination_with_the_mean_over_seeds() {
        let experiment = sample::experiment(&sample::study(&[1, 7], 40), ReportSpec::default());
        let table = build(&spec(&["model"]), &experiment, &[]);
        assert_eq!(table.paths, ["model", "dataset", "window.horizon"]);
        assert_eq!(table.rows.len(), 12);
        assert_eq!(labels(&table)[..2], ["lstm litecoin 1", "lstm litecoin 7"]);
        let seeds: Vec<usize> = table.rows.iter().map(|row| row.states.len()).collect();
        assert_eq!(seeds, [3, 3, 3, 3, 3, 3, 3, 3, 1, 1, 1, 1]);
        let of_first = table.rows[0]
            .records
            .iter()
            .map(|stored| stored.record.metrics["rmse"])
            .sum::<f64>()
            / 3.0;
        assert_eq!(table.rows[0].ours[0].summary.map(|summary| summary.mean), Some(of_first));
    }

    #[test]
    fn a_mean_goes_through_the_seeds_in_their_order() {
        let one = sample::study(&[7], 40)[0];
        let of_seed = |seed: u64| sample::Sample { seed: Some(seed), ..one };
        let samples: Vec<_> = (0..12).map(of_seed).collect();
        let experiment = sample::experiment(&samples, ReportSpec::default());
        let table = build(&spec(&["model"]), &experiment, &[]);
        let records = table.rows[0].records.iter();
        let seeds: Vec<Option<u64>> = records
            .map(|stored| stored.record.at("seed").and_then(Value::as_u64))
            .collect();
        assert_eq!(seeds, (0..12).map(Some).collect::<Vec<_>>());
    }

    #[test]
    fn printed_rows_stand_beside_ours_or_alone() {
        let mut experiment = sample::experiment(&sample::study(&[1], 1), ReportSpec::default());
        let row = |model: &str, rmse: &str| {
            BTreeMap::from(
                [("model", model), ("dataset", "monero"), ("rmse", rmse)].map(|(k, v)| (k.to_owned(), v.to_owned())),
            )
        };
        experiment
            .card
            .reference
            .insert("p.csv".to_owned(), vec![row("lstm", "3.63"), row("arima", "9.1")]);
        let table = build(
            &TableSpec {
                reference: Some("p.csv".to_owned()),
                ..spec(&["model", "dataset"])
            },
            &experiment,
            &[],
        );
        let printed: Vec<(String, &str)> = labels(&table)
            .into_iter()
            .zip(table.rows.iter().map(|row| &*row.printed[0]))
            .collect();
        assert_eq!(printed[1], ("lstm monero".to_owned(), "3.63"));
        assert_eq!(printed[6], ("arima monero".to_owned(), "9.1"));
        assert!(printed.iter().filter(|(_, text)| !text.is_empty()).count() == 2);
    }

    #[test]
    fn missing_and_failed_cells_are_counted() {
        let mut experiment = sample::experiment(&sample::study(&[1], 1)[..3], ReportSpec::default());
        let gone = experiment.records.remove(0).id;
        let failed = experiment.records.remove(0).id;
        let wrong = Told::Wrong("no number".to_owned());
        experiment.told.insert(failed, wrong.clone());
        let table = build(&spec(&["model"]), &experiment, &[]);
        let states: Vec<Told> = table.rows[0].states.iter().map(|(_, told)| told.clone()).collect();
        assert_eq!(states, [Told::Missing, wrong, Told::Done], "{gone}");
        assert_eq!(table.rows[0].ours[0].summary.map(|summary| summary.n), Some(1));
    }
}
