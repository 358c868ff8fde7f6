//! The printed values of the violence study.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Finding, Subject, audit};
use crate::language::report::ReportSpec;
use crate::report::results::ExperimentResults;
use crate::report::sample::clips;

fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().filter_map(Result::ok).collect()
}

fn study() -> ExperimentResults {
    let report = json!({
        "table": [{"title": "t", "rows": ["model"], "columns": ["accuracy", "auc"], "reference": "table.csv"}],
        "figure": [{"kind": "classification_report", "reference": "report.csv"}],
    });
    let report: ReportSpec = serde_json::from_value(report).unwrap_or_default();
    assert_eq!(report.figure.len(), 1);
    let mut experiment = clips::experiment(&clips::study(), report);
    let table = include_str!("../../../experiments/violence_reference.csv");
    let rates = include_str!("../../../experiments/violence_report_reference.csv");
    experiment.card.reference.insert("table.csv".to_owned(), rows(table));
    experiment.card.reference.insert("report.csv".to_owned(), rows(rates));
    experiment
}

fn of_printed(experiment: &ExperimentResults) -> Vec<Finding> {
    let mut findings = audit(experiment);
    findings.retain(|finding| matches!(finding.subject, Subject::Printed { .. }));
    findings
}

#[test]
fn the_printed_rates_are_possible_and_the_area_is_of_classes() {
    let findings = of_printed(&study());
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.mark).collect();
    assert_eq!(rules, ["AUC of predicted classes"]);
    insta::assert_snapshot!(findings[0].explanation);
}

#[test]
fn a_report_that_no_predictions_give() {
    let mut experiment = study();
    if let Some(rows) = experiment.card.reference.get_mut("report.csv") {
        rows[2].insert("f1".to_owned(), "0.90".to_owned());
    }
    let findings = of_printed(&experiment);
    let subjects: Vec<&Subject> = findings
        .iter()
        .filter(|finding| finding.rule.mark == "no such confusion matrix")
        .map(|finding| &finding.subject)
        .collect();
    let report = Subject::Printed {
        file: "report.csv".to_owned(),
        row: 0,
    };
    assert_eq!(subjects, [&report]);
}
