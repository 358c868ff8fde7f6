//! Tables → rows of strings.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Mark, counted, heading, marks};
use crate::judge::words;
use crate::language::report::TableSpec;
use crate::report::audit::{Finding, Severity};
use crate::report::row::{Kind, Ours, Row};
use crate::report::table::Table;
use crate::report::{metrics, round, select};
use crate::store::record::Record;
use crate::sweep::told::Told;

/// One table.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TableView {
    /// Above it.
    pub title: String,
    /// Below the title.
    pub description: String,
    /// Headings of the columns that say what a row is about.
    pub paths: Vec<String>,
    /// Headings of the metrics.
    pub metrics: Vec<MetricView>,
    /// Whether each metric has a column of printed values.
    pub has_printed: bool,
    /// The rows.
    pub rows: Vec<RowView>,
    /// What is wrong with every row that could have it.
    pub marks: Vec<Mark>,
    /// Whether some rows have marks of their own.
    pub has_marks: bool,
    /// Sentences below it.
    pub notes: Vec<String>,
}

/// The heading of a metric.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MetricView {
    /// As `RMSE`.
    pub label: String,
    /// As `USD`; may be empty.
    pub unit: String,
}

/// One row.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RowView {
    /// What it is about.
    pub labels: Vec<String>,
    /// One for each metric.
    pub values: Vec<ValueView>,
    /// How many seeds it stands for, and what is missing.
    pub seeds: String,
    /// What is wrong with it.
    pub marks: Vec<Mark>,
}

/// One value of ours and the printed one.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ValueView {
    /// The mean, or the state of its cells, as `missing`.
    pub text: String,
    /// Half the width of the mean's interval, as ` ± 0.42`; empty without one.
    pub spread: String,
    /// The values of the seeds, in the order of the seeds; their range where they are many; empty for one.
    pub each: String,
    /// `measured`, `missing`, `failed` or `none`.
    pub state: &'static str,
    /// What the column is sorted by; empty without a value.
    pub sort: String,
    /// Half the width of the mean's interval with all its digits; empty without one.
    pub half: String,
    /// The values of the seeds with all their digits, as `0=4.25 1=4.5`; empty for one.
    pub seeds: String,
    /// Whether it is the best, beyond chance.
    pub best: bool,
    /// As printed; empty without one.
    pub printed: String,
    /// How far ours is from it, as `+12 %`; empty where one is missing.
    pub gap: String,
    /// What is impossible about the printed value; empty when nothing is.
    pub impossible: String,
    /// What is impossible about ours; empty when nothing is.
    pub ours_impossible: String,
}

/// Makes the strings of a table.
pub(super) fn view(anchor: &str, spec: &TableSpec, table: &Table) -> TableView {
    let everywhere = marks::broken_everywhere(table);
    let rows: Vec<RowView> = table
        .rows
        .iter()
        .map(|row| row_view(anchor, row, &table.metrics, &everywhere))
        .collect();
    TableView {
        title: spec.title.clone(),
        description: spec.description.clone(),
        paths: table.paths.iter().map(|path| heading(path)).collect(),
        metrics: table
            .metrics
            .iter()
            .map(|name| MetricView {
                label: metrics::label(name).to_owned(),
                unit: metrics::unit(name, records(table)),
            })
            .collect(),
        has_printed: table.has_printed,
        marks: marks::of_table(anchor, &everywhere),
        has_marks: rows.iter().any(|row| !row.marks.is_empty()),
        rows,
        notes: notes(table),
    }
}

fn records<'a>(table: &'a Table) -> impl Iterator<Item = &'a Record> {
    let stored = table.rows.iter().flat_map(|row| &row.records);
    stored.map(|stored| &stored.record)
}

fn row_view(anchor: &str, row: &Row, metrics: &[String], everywhere: &BTreeSet<marks::Broken>) -> RowView {
    let values = metrics.iter().zip(&row.ours).zip(&row.printed);
    RowView {
        labels: row.values.iter().map(select::show).collect(),
        values: values
            .map(|((metric, ours), printed)| value_view(row, metric, ours, printed))
            .collect(),
        seeds: seeds(row),
        marks: marks::of_row(anchor, row, everywhere),
    }
}

fn value_view(row: &Row, metric: &str, ours: &Ours, printed: &str) -> ValueView {
    let (text, state) = match &ours.summary {
        Some(summary) => (round::mean(metric, summary), "measured"),
        None if row.states.is_empty() => ("not planned".to_owned(), "none"),
        None if row.states.iter().all(|(_, told)| told.is_done()) => ("undefined".to_owned(), "none"),
        None => {
            let name = most_urgent(row.states.iter().map(|(_, told)| told));
            let looks = if name == "failed" { "failed" } else { "missing" };
            (name.to_owned(), looks)
        }
    };
    let (text, spread) = match text.split_once(" ± ") {
        Some((mean, half)) => (mean.to_owned(), format!(" ± {half}")),
        None => (text, String::new()),
    };
    let gap = ours
        .summary
        .map(|summary| metrics::against_printed(metric, summary.mean, printed));
    ValueView {
        text,
        spread,
        each: each_seed(row, metric),
        gap: gap.unwrap_or_default(),
        state,
        sort: ours.summary.map_or_else(String::new, |summary| summary.mean.to_string()),
        half: ours
            .summary
            .and_then(|summary| summary.interval)
            .map_or_else(String::new, |(low, high)| ((high - low) / 2.0).to_string()),
        seeds: match seeds_of(row, metric) {
            seeds if seeds.len() < 2 => String::new(),
            seeds => {
                let written = seeds.iter().map(|(seed, value)| format!("{seed}={value}"));
                written.collect::<Vec<_>>().join(" ")
            }
        },
        best: ours.best,
        printed: printed.to_owned(),
        impossible: if printed.is_empty() {
            String::new()
        } else {
            impossible(&row.printed_findings, metric)
        },
        ours_impossible: impossible(&row.findings, metric),
    }
}

/// The state among these that asks for the most attention.
fn most_urgent<'a>(states: impl Iterator<Item = &'a Told>) -> &'static str {
    let names: Vec<&str> = states.map(Told::name).collect();
    let urgent = Told::NAMES.into_iter().find(|name| names.contains(name));
    urgent.unwrap_or("missing")
}

/// So many values of seeds are shown one by one.
const MOST_SEEDS: usize = 10;

/// Each seed and its value, in the order of the seeds.
fn seeds_of(row: &Row, metric: &str) -> Vec<(u64, f64)> {
    let mut seeds: Vec<(u64, f64)> = row
        .records
        .iter()
        .filter_map(|stored| {
            let seed = stored.record.at("seed").and_then(serde_json::Value::as_u64);
            Some((seed?, *stored.record.metrics.get(metric)?))
        })
        .collect();
    seeds.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    seeds
}

/// The values of the seeds behind a mean.
fn each_seed(row: &Row, metric: &str) -> String {
    let seeds = seeds_of(row, metric);
    let values = || seeds.iter().map(|(_, value)| *value);
    match seeds.len() {
        0 | 1 => String::new(),
        count if count > MOST_SEEDS => format!(
            "{} to {}",
            round::value(metric, values().fold(f64::INFINITY, f64::min)),
            round::value(metric, values().fold(f64::NEG_INFINITY, f64::max))
        ),
        _ => {
            let values: Vec<String> = values().map(|value| round::value(metric, value)).collect();
            values.join(", ")
        }
    }
}

/// The marks of the impossible findings that touch a metric.
fn impossible(findings: &[&Finding], metric: &str) -> String {
    let mut marks: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.rule.severity == Severity::Impossible && finding.metrics.contains(&metric))
        .map(|finding| finding.rule.mark)
        .collect();
    marks.dedup();
    marks.join(", ")
}

/// `5 seeds`, `3 of 5 seeds (1 failed, 1 missing)`, `no seed`.
fn seeds(row: &Row) -> String {
    let count = |name: &str| {
        let names = row.states.iter().map(|(_, told)| told.name());
        names.filter(|known| *known == name).count()
    };
    let planned = row.states.len();
    let done = count("done");
    if planned == 0 {
        return "–".to_owned();
    }
    if planned == 1 && row.kind == Kind::Baseline {
        return if done == 1 { "–" } else { "0 of 1" }.to_owned();
    }
    let lost: Vec<String> = Told::NAMES
        .into_iter()
        .filter(|name| *name != "done" && count(name) > 0)
        .map(|name| format!("{} {name}", count(name)))
        .collect();
    if lost.is_empty() {
        planned.to_string()
    } else {
        format!("{done} of {planned} ({})", lost.join(", "))
    }
}

fn notes(table: &Table) -> Vec<String> {
    let rows = || table.rows.iter();
    let mut notes = Vec::new();
    let most = rows().map(|row| row.states.len()).max().unwrap_or_default();
    if most > 1 {
        notes.push("Values are the mean over seeds ± half the width of its 95 % interval (Student's t).".to_owned());
    }
    notes.extend(units(table));
    if records(table).any(|record| record.predictions.are_few()) {
        notes.push("No best value is marked where the test set is too small to rank models.".to_owned());
    }
    if rows().any(|row| row.ours.iter().any(|value| value.best)) {
        notes.push(
            "★ is better than every other model on the same data, beyond chance (p < 0.05, Holm's correction over all \
             pairs of models of the table)."
                .to_owned(),
        );
    }
    if rows().len() > 1 {
        let about = records(table).map(|record| (record.predictions.task(), record.noun()));
        for (task, noun) in about {
            let note = words::paired_by_items(task, noun);
            notes.extend(note.filter(|note| !notes.contains(note)));
        }
    }
    if rows()
        .any(|row| (row.ours.iter().zip(&row.printed)).any(|(ours, printed)| ours.summary.is_some() && !printed.is_empty()))
    {
        notes.push("Beside a printed value stands how far ours is from it.".to_owned());
    }
    let is_impossible = |finding: &&Finding| finding.rule.severity == Severity::Impossible;
    let printed = rows().filter(|row| row.printed_findings.iter().any(is_impossible)).count();
    if printed > 0 {
        notes.push(format!(
            "✕ marks values that cannot all be right, in {}.",
            counted(printed, "printed row")
        ));
    }
    notes
}

/// The unit of each dataset, where these do not share one: no heading can say it.
fn units(table: &Table) -> Option<String> {
    let mut units: BTreeSet<(&str, &str)> = BTreeSet::new();
    for record in records(table) {
        units.insert((record.dataset(), metrics::shared_unit([record])));
    }
    units.retain(|(_, unit)| !unit.is_empty());
    let shared = metrics::shared_unit(records(table));
    let listed: Vec<String> = units.iter().map(|(dataset, unit)| format!("{dataset} in {unit}")).collect();
    (shared.is_empty() && !listed.is_empty())
        .then(|| format!("Values are in the unit of their dataset: {}.", listed.join(", ")))
}

#[cfg(test)]
mod tests;
