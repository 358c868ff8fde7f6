//! Findings → each rule once, with everything that breaks it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::cells::Anchors;
use super::{counted, rule_anchor};
use crate::language::configuration::value_at;
use crate::report::audit::{Finding, Rule, Severity, Subject};
use crate::report::results::ExperimentResults;
use crate::store::card::Card;

/// One rule and what breaks it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RuleView {
    /// Its id on the page.
    pub anchor: String,
    /// `impossible` or `doubtful`.
    pub severity: &'static str,
    /// A few words.
    pub mark: &'static str,
    /// One sentence for a reader who knows no statistics.
    pub meaning: &'static str,
    /// How many break it: `12 of 12 printed rows`.
    pub count: String,
    /// What breaks it.
    pub subjects: Vec<SubjectView>,
}

/// What breaks a rule.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SubjectView {
    /// The cell's id or the printed row.
    pub name: String,
    /// The id of the cell's place; empty for a printed row.
    pub anchor: String,
    /// One sentence with the numbers.
    pub explanation: String,
}

/// Every rule that something breaks, impossible before doubtful.
pub(super) fn view(anchor: &str, results: &ExperimentResults, findings: &[Finding]) -> Vec<RuleView> {
    let mut rules: BTreeMap<&Rule, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        rules.entry(finding.rule).or_default().push(finding);
    }
    let anchors = Anchors::of(anchor, &results.card);
    rules
        .into_iter()
        .map(|(rule, findings)| RuleView {
            anchor: rule_anchor(anchor, rule),
            severity: rule.severity.word(),
            mark: rule.mark,
            meaning: rule.meaning,
            count: count(results, &findings),
            subjects: findings.iter().map(|finding| subject(&anchors, results, finding)).collect(),
        })
        .collect()
}

/// How much of what was audited is impossible and doubtful, in one sentence.
pub(super) fn summary(results: &ExperimentResults, findings: &[Finding]) -> String {
    let of = |severity: Severity| {
        let subjects: BTreeSet<&Subject> = findings
            .iter()
            .filter(|finding| finding.rule.severity == severity)
            .map(|finding| &finding.subject)
            .collect();
        let printed = subjects
            .iter()
            .filter(|subject| matches!(subject, Subject::Printed { .. }))
            .count();
        (printed, subjects.len() - printed)
    };
    let (printed, ours) = of(Severity::Impossible);
    let (doubtful_printed, doubtful) = of(Severity::Doubtful);
    let rows: usize = results.card.reference.values().map(Vec::len).sum();
    let cells = counted(results.records.len(), "cell");
    let mut parts = vec![format!("{ours} of {cells} impossible, {doubtful} doubtful")];
    if rows > 0 {
        let mut part = format!("{printed} of {} impossible", counted(rows, "printed row"));
        if doubtful_printed > 0 {
            part += &format!(", {doubtful_printed} doubtful");
        }
        parts.push(part);
    }
    format!("Here: {}.", parts.join("; "))
}

/// `12 of 12 printed rows`, `3 of 66 cells`, or both.
pub(super) fn count(results: &ExperimentResults, findings: &[&Finding]) -> String {
    let printed = findings
        .iter()
        .filter(|finding| matches!(finding.subject, Subject::Printed { .. }))
        .count();
    let ours = findings.len() - printed;
    let all_printed = results.card.reference.values().map(Vec::len).sum();
    let mut parts = Vec::new();
    if printed > 0 {
        parts.push(format!("{printed} of {}", counted(all_printed, "printed row")));
    }
    if ours > 0 {
        parts.push(format!("{ours} of {}", counted(results.records.len(), "cell")));
    }
    parts.join(", ")
}

fn subject(anchors: &Anchors, results: &ExperimentResults, finding: &Finding) -> SubjectView {
    let (name, anchor) = match &finding.subject {
        Subject::Cell(id) => (id.clone(), anchors.of_cell(id)),
        Subject::Printed { file, row } => (printed_name(&results.card, file, *row), String::new()),
    };
    SubjectView {
        name,
        anchor,
        explanation: finding.explanation.clone(),
    }
}

/// What a printed row says that it is about: the texts at its dotted paths, in the order of the plan's own names.
fn printed_name(card: &Card, file: &str, row: usize) -> String {
    let place = format!("{file}, row {}", row + 1);
    let Some(texts) = card.reference.get(file).and_then(|rows| rows.get(row)) else {
        return place;
    };
    let about: Vec<String> = texts
        .iter()
        .filter(|(path, _)| card.configurations().any(|cell| value_at(cell, path).is_some()))
        .map(|(path, text)| format!("{path}={text}"))
        .collect();
    if about.is_empty() {
        place
    } else {
        format!("{place}: {}", about.join(","))
    }
}
