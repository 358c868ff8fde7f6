//! What an experiment shows when its file does not say.

use std::collections::BTreeMap;

use serde_json::Value;

use super::metrics;
use super::results::ExperimentResults;
use super::select;
use crate::language::figure::FigureKind;
use crate::language::report::{ComparisonSpec, FigureSpec, ReportSpec, TableSpec};
use crate::metric::{METRICS, Predictions};
use crate::store::record::Stored;
use crate::task::{BINARY, TASKS};

/// Beyond this many models, comparing each with each says too much at once.
const MODELS_TO_COMPARE: usize = 4;

/// The declarations of an experiment's card, with defaults for the kinds of which there are none: a table of every
/// metric, comparisons of each model with each, learning curves and forecasts; of a classification the confusion matrix, the
/// ROC curve, learning curves and the layers.
pub(crate) fn declared_or_default(experiment: &ExperimentResults) -> ReportSpec {
    let mut report = experiment.card.report.clone();
    let cells: Vec<_> = experiment.card.configurations().collect();
    let (no_table, no_comparison) = (report.table.is_empty(), report.comparison.is_empty());
    for task in TASKS {
        let columns = metrics::of(experiment, task);
        if columns.is_empty() {
            continue;
        }
        if no_table {
            report.table.push(TableSpec {
                title: "All metrics".to_owned(),
                filter: BTreeMap::new(),
                rows: ["dataset", "model"].map(str::to_owned).to_vec(),
                columns: columns.clone(),
                reference: None,
                windows: Default::default(),
                description: String::new(),
            });
        }
        let own: Vec<&Value> = cells
            .iter()
            .copied()
            .filter(|cell| experiment.card.task_of(cell) == Some(task))
            .collect();
        let models = select::distinct(&own, "model");
        if no_comparison && (2..=MODELS_TO_COMPARE).contains(&models.len()) {
            report
                .comparison
                .extend(metrics::deciding(&columns).map(|metric| ComparisonSpec {
                    title: "Each model with each".to_owned(),
                    description: String::new(),
                    filter: BTreeMap::new(),
                    each: vec!["dataset".to_owned()],
                    metric: metric.clone(),
                    pairs: pairs(&models.iter().map(select::show).collect::<Vec<_>>()),
                }));
        }
    }
    if report.figure.is_empty() {
        let by = ["dataset", "model"].map(str::to_owned);
        let mut each = select::distinguishing(&cells, &by);
        each.retain(|path| path != "model" && !path.starts_with("model."));
        let figure = |kind, title: &str| FigureSpec {
            kind,
            title: title.to_owned(),
            description: String::new(),
            filter: BTreeMap::new(),
            each: each.clone(),
            lines: "model".to_owned(),
            x: String::new(),
            metrics: Vec::new(),
            log: false,
            reference: None,
        };
        let records = || experiment.records.iter();
        let is_classified = |stored: &&Stored| stored.record.predictions.scored().is_some();
        if records().any(|stored| is_classified(&stored)) {
            for (kind, title) in [
                (FigureKind::ConfusionMatrix, "Confusion matrix, {dataset}"),
                (FigureKind::RocCurve, "ROC curve, {dataset}"),
            ] {
                report.figure.push(figure(kind, title));
            }
            let own = METRICS.iter().filter(|one| one.task == &BINARY);
            let followed = own.filter(|one| one.followed.is_some());
            let known = followed.map(|one| one.name).chain(["loss"]);
            let metrics: Vec<String> = known
                .flat_map(|name| [name.to_owned(), format!("validation_{name}")])
                .filter(|name| {
                    let mut records = records().filter(is_classified);
                    records.any(|stored| stored.record.history.contains_key(name))
                })
                .collect();
            if !metrics.is_empty() {
                report.figure.push(FigureSpec {
                    metrics,
                    ..figure(FigureKind::LearningCurves, "Training on {dataset}")
                });
            }
        }
        if records().any(|stored| !stored.record.history.is_empty() && !is_classified(&stored)) {
            report
                .figure
                .push(figure(FigureKind::LearningCurves, "Training on {dataset}"));
        }
        if records().any(|stored| matches!(stored.record.predictions, Predictions::Regression(_))) {
            report.figure.push(figure(FigureKind::Forecast, "Forecasts of {dataset}"));
        }
        if records().any(|stored| is_classified(&stored)) {
            report
                .figure
                .push(figure(FigureKind::ModelSummary, "The networks on {dataset}"));
        }
    }
    report
}

fn pairs(names: &[String]) -> Vec<[String; 2]> {
    let mut pairs = Vec::new();
    for (index, first) in names.iter().enumerate() {
        for second in &names[index + 1..] {
            pairs.push([first.clone(), second.clone()]);
        }
    }
    pairs
}
