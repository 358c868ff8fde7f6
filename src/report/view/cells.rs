//! Planned cells → what can be unfolded.

use serde::Serialize;
use serde_json::Value;

use super::{Entry, Mark, rule_anchor, setting, severity};
use crate::metric::Predictions;
use crate::report::audit::{Finding, Subject, by_subject};
use crate::report::results::{ExperimentResults, State};
use crate::report::{metrics, round, select};
use crate::store::card::Card;
use crate::store::record::Record;

/// The cells of one dataset.
#[derive(Debug, Serialize)]
pub struct CellGroup {
    /// The dataset's name.
    pub title: String,
    /// Its cells, by id.
    pub cells: Vec<CellView>,
}

/// One planned cell.
#[derive(Debug, Serialize)]
pub struct CellView {
    /// Its id on the page.
    pub anchor: String,
    /// Its own id.
    pub id: String,
    /// `done`, `failed`, `stale` or `missing`.
    pub state: &'static str,
    /// The deciding metric or the reason why there is none.
    pub headline: String,
    /// What is wrong with it.
    pub marks: Vec<Mark>,
    /// The same in sentences.
    pub explanations: Vec<String>,
    /// Its log, when it failed.
    pub log: String,
    /// Every setting, as the experiment file would say it.
    pub settings: String,
    /// Every metric.
    pub metrics: Vec<Entry>,
    /// What makes its record valid.
    pub key: Vec<Entry>,
    /// Where and when it ran.
    pub provenance: Vec<Entry>,
    /// Headings of the table of predictions.
    pub columns: Vec<String>,
    /// One for each forecast origin or item.
    pub predictions: Vec<Vec<String>>,
}

/// Every planned cell, by dataset.
pub fn groups(anchor: &str, results: &ExperimentResults, findings: &[Finding]) -> Vec<CellGroup> {
    let by_subject = by_subject(findings);
    let cells: Vec<(&String, &Value)> = results.card.cells.iter().collect();
    select::groups(cells, &["dataset".to_owned()], |(_, configuration)| {
        configuration
    })
    .into_iter()
    .map(|(dataset, cells)| CellGroup {
        title: dataset.iter().map(select::show).collect(),
        cells: in_natural_order(cells)
            .into_iter()
            .map(|(id, configuration)| {
                let findings = by_subject
                    .get(&Subject::Cell(id.clone()))
                    .cloned()
                    .unwrap_or_default();
                cell(anchor, id, configuration, results, &findings)
            })
            .collect(),
    })
    .collect()
}

/// By model, then by what varies, then by seed.
fn in_natural_order<'a>(cells: Vec<(&'a String, &'a Value)>) -> Vec<(&'a String, &'a Value)> {
    let configurations: Vec<&Value> = cells
        .iter()
        .map(|(_, configuration)| *configuration)
        .collect();
    let mut paths = select::distinguishing(&configurations, &["model".to_owned()]);
    paths.push("seed".to_owned());
    let groups = select::groups(cells, &paths, |(_, configuration)| configuration);
    groups.into_iter().flat_map(|(_, cells)| cells).collect()
}

/// The id of a cell's place on the page; its own id may hold what an address cannot.
pub fn anchor(experiment: &str, card: &Card, id: &str) -> String {
    let place = card
        .cells
        .keys()
        .position(|known| known == id)
        .unwrap_or_default();
    format!("{experiment}-cell-{}", place + 1)
}

fn cell(
    experiment: &str,
    id: &str,
    configuration: &Value,
    results: &ExperimentResults,
    findings: &[&Finding],
) -> CellView {
    let stored = results.record(id);
    let record = stored.map(|stored| &stored.record);
    let failure = results.failures.get(id);
    let (columns, predictions) = record
        .map(|record| predictions(&record.predictions))
        .unwrap_or_default();
    let (state, headline) = match results.state(id) {
        State::Done => (
            "done",
            record
                .map(|record| headline(record, results))
                .unwrap_or_default(),
        ),
        State::Failed => (
            "failed",
            failure
                .and_then(|failure| failure.error.lines().next())
                .unwrap_or_default()
                .to_owned(),
        ),
        State::Stale => (
            "stale",
            "its record was made with other settings or data".to_owned(),
        ),
        State::Missing => ("missing", "has not run".to_owned()),
    };
    CellView {
        anchor: anchor(experiment, &results.card, id),
        id: id.to_owned(),
        state,
        headline,
        marks: findings
            .iter()
            .map(|finding| Mark {
                severity: severity(finding.rule),
                text: finding.rule.mark().to_owned(),
                anchor: rule_anchor(experiment, finding.rule),
            })
            .collect(),
        explanations: findings
            .iter()
            .map(|finding| finding.explanation.clone())
            .collect(),
        log: failure
            .map(|failure| failure.log.clone())
            .unwrap_or_default(),
        settings: setting::toml(record.map_or(configuration, |record| &record.configuration)),
        metrics: record
            .map(|record| metrics_of(record, results))
            .unwrap_or_default(),
        key: record.map(key).unwrap_or_default(),
        provenance: record
            .map(|record| {
                record
                    .provenance
                    .iter()
                    .map(|(name, value)| Entry::new(name, select::show(value)))
                    .collect()
            })
            .unwrap_or_default(),
        columns,
        predictions,
    }
}

fn headline(record: &Record, results: &ExperimentResults) -> String {
    let names: Vec<String> = record.metrics.keys().cloned().collect();
    let Some(name) = metrics::deciding(&names) else {
        return String::new();
    };
    let value = metrics::value(&name, record.metrics[&name]);
    format!(
        "{} {value} {}",
        metrics::label(&name),
        metrics::unit(&name, results)
    )
    .trim_end()
    .to_owned()
}

fn metrics_of(record: &Record, results: &ExperimentResults) -> Vec<Entry> {
    let mut entries: Vec<Entry> = metrics::sorted(record.metrics.keys())
        .into_iter()
        .map(|name| {
            let value = round::precise(record.metrics[&name]);
            let text = format!("{value} {}", metrics::unit(&name, results));
            Entry::new(metrics::label(&name), text.trim_end())
        })
        .collect();
    if let Some(epochs) = record.history.values().map(Vec::len).max() {
        entries.push(Entry::new("epochs trained", round::count(epochs)));
    }
    entries
}

fn key(record: &Record) -> Vec<Entry> {
    let code: Vec<String> = record
        .key
        .code
        .iter()
        .map(|(part, version)| format!("{part} {version}"))
        .collect();
    vec![
        Entry::new("configuration", &record.key.configuration),
        Entry::new("data", &record.key.data),
        Entry::new("code", code.join(", ")),
    ]
}

fn predictions(predictions: &Predictions) -> (Vec<String>, Vec<Vec<String>>) {
    match predictions {
        Predictions::Regression { unit, samples } => {
            let horizon = samples
                .iter()
                .map(|sample| sample.truth.len())
                .max()
                .unwrap_or_default();
            let mut columns = vec!["last known day".to_owned(), format!("last value, {unit}")];
            for ahead in 1..=horizon {
                columns.push(format!("forecast +{ahead}"));
                columns.push(format!("true +{ahead}"));
            }
            let row = |sample: &crate::metric::Forecast| {
                let mut row = vec![sample.origin.clone(), round::precise(sample.last)];
                for (&forecast, &truth) in sample.forecast.iter().zip(&sample.truth) {
                    row.push(round::precise(forecast));
                    row.push(round::precise(truth));
                }
                row
            };
            (columns, samples.iter().map(row).collect())
        }
        Predictions::Binary { classes, samples } => {
            let columns = vec![
                "item".to_owned(),
                "true class".to_owned(),
                format!("probability of {}", classes[1]),
            ];
            let row = |sample: &crate::metric::Scored| {
                let class = &classes[usize::from(sample.label.min(1))];
                vec![
                    sample.name.clone(),
                    class.clone(),
                    round::precise(sample.score),
                ]
            };
            (columns, samples.iter().map(row).collect())
        }
    }
}
