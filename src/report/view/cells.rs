//! Planned cells → what can be unfolded.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use super::fit::ahead::Ahead;
use super::{Entry, Mark, by_series, by_target, counted, predictions, rule_anchor, setting};
use crate::judge;
use crate::language::name;
use crate::report::DataTable;
use crate::report::audit::{Finding, Promise, Subject, by_subject};
use crate::report::history;
use crate::report::results::ExperimentResults;
use crate::report::{metrics, round, select};
use crate::store::card::Card;
use crate::store::record::Record;
use crate::sweep::told::Told;

/// The cells of one dataset.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CellsOfDataset {
    /// The dataset's name.
    pub title: String,
    /// Its cells, by model and what else varies.
    pub groups: Vec<Group>,
}

/// Cells that differ in nothing but their seed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Group {
    /// What their ids share.
    pub title: String,
    /// `20 seeds`.
    pub seeds: String,
    /// The state that asks for the most attention, in one word.
    pub state: &'static str,
    /// How many cells are in it, unless all are.
    pub of: String,
    /// The deciding metric's mean over seeds.
    pub headline: String,
    /// What the table of predictions holds, where that needs a sentence.
    pub note: String,
    /// The predictions of all of them.
    pub predictions: DataTable,
    /// What the table of errors by part holds, where that needs a sentence.
    pub note_of_parts: String,
    /// The errors of all of them by series, where there are many, or by target; empty of one target of one series.
    pub parts: DataTable,
    /// What the parts are: `series` or `target`.
    pub parts_are: &'static str,
    /// By seed.
    pub cells: Vec<CellView>,
}

/// One planned cell. Where the page has no room for more it has a line alone: no settings, and nothing below.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct CellView {
    /// Its id on the page.
    pub anchor: String,
    /// Its own id.
    pub id: String,
    /// Its state in one word.
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
    /// Its record below the folder of results, when it has one.
    pub record: String,
    /// Its loss over the epochs, a drawing; empty when it trained nothing.
    pub curve: String,
    /// The same in words.
    pub history: String,
}

impl CellView {
    /// A cell that has a line alone.
    pub(super) fn line(state: &'static str) -> Self {
        Self {
            state,
            ..Self::default()
        }
    }

    /// Whether it has a line alone.
    pub(super) fn is_line(&self) -> bool {
        self.settings.is_empty()
    }
}

/// A planned cell: its id and its configuration.
type Planned<'a> = (&'a String, &'a Value);

/// Every planned cell, by dataset, then by model, then by what varies, then by seed. Of thousands those have more than a line that
/// the page may have room for.
pub(super) fn by_dataset(anchor: &str, results: &ExperimentResults, findings: &[Finding]) -> Vec<CellsOfDataset> {
    let by_subject = by_subject(findings);
    let anchors = Anchors::of(anchor, &results.card);
    let cells: Vec<Planned> = {
        let cells = results.card.cells.iter();
        cells.map(|(id, cell)| (id, &cell.configuration)).collect()
    };
    let datasets = select::groups(cells, &["dataset".to_owned()], |(_, cell)| cell);
    let datasets = datasets.into_iter().map(|(dataset, cells)| (dataset, by_seed(cells)));
    let datasets: Vec<(Vec<Value>, Vec<Vec<Planned>>)> = datasets.collect();
    let of = |(id, configuration): Planned| {
        let findings = by_subject.get(&Subject::Cell(id.clone()));
        let findings = findings.map(Vec::as_slice).unwrap_or_default();
        cell(&anchors, id, configuration, results, findings)
    };
    let in_order: Vec<Planned> = datasets.iter().flat_map(|(_, groups)| groups).flatten().copied().collect();
    let ahead = Ahead::of(in_order.len(), |place| of(in_order[place]));
    let mut place = 0;
    let mut view = |planned: Planned| {
        let is_whole = ahead.is_whole(place) || results.record(planned.0).is_none();
        place += 1;
        if is_whole {
            of(planned)
        } else {
            line(&anchors, planned.0, results)
        }
    };
    let mut group = |cells: Vec<Planned>| {
        let views = cells.iter().copied().map(&mut view).collect();
        group(results, &cells, views, ahead.most_rows())
    };
    datasets
        .into_iter()
        .map(|(dataset, groups)| CellsOfDataset {
            title: dataset.iter().map(select::show).collect(),
            groups: groups.into_iter().map(&mut group).collect(),
        })
        .collect()
}

/// Cells that differ in nothing but their seed, in the order of their seeds.
fn by_seed(cells: Vec<Planned>) -> Vec<Vec<Planned>> {
    let configurations: Vec<&Value> = cells.iter().map(|(_, cell)| *cell).collect();
    let paths = select::distinguishing(&configurations, &["model".to_owned()]);
    let in_order = |(_, cells)| {
        let by_seed = select::groups(cells, &["seed".to_owned()], |(_, cell): &(_, _)| *cell);
        by_seed.into_iter().flat_map(|(_, cells)| cells).collect()
    };
    let groups = select::groups(cells, &paths, |(_, cell)| cell);
    groups.into_iter().map(in_order).collect()
}

/// `most_rows` of predictions are left where that is known before they are made.
fn group(results: &ExperimentResults, cells: &[Planned], views: Vec<CellView>, most_rows: Option<usize>) -> Group {
    let records: Vec<&Record> = cells.iter().filter_map(|(id, _)| Some(&results.record(id)?.record)).collect();
    let count = |state: &str| views.iter().filter(|view| view.state == state).count();
    let state = Told::NAMES.into_iter().find(|&state| count(state) > 0).unwrap_or("done");
    let nothing = || (String::new(), DataTable::default());
    let are_many = records
        .iter()
        .any(|record| record.predictions.forecasts().is_some_and(|all| !all.series().is_empty()));
    let [(note, predictions), (note_of_parts, parts)] = match &views[..] {
        // They would stand below it.
        [only] if only.is_line() => [nothing(), nothing()],
        _ if are_many => [predictions::table(&records, most_rows), by_series::table(&records)],
        _ => [predictions::table(&records, most_rows), by_target::table(&records)],
    };
    Group {
        title: name::without_seed(cells[0].0).into_owned(),
        seeds: counted(cells.len(), "seed"),
        state,
        of: match count(state) {
            all if all == cells.len() => String::new(),
            some => some.to_string(),
        },
        headline: headline(&records),
        note,
        predictions,
        note_of_parts,
        parts,
        parts_are: if are_many { by_series::PART } else { "target" },
        cells: views,
    }
}

/// Where the cells of an experiment stand on the page; their own ids may hold what an address cannot.
pub(super) struct Anchors<'a> {
    experiment: &'a str,
    places: HashMap<&'a str, usize>,
}

impl<'a> Anchors<'a> {
    /// Those of the cells of a card.
    pub(super) fn of(experiment: &'a str, card: &'a Card) -> Self {
        let places = card.cells.keys().map(String::as_str).zip(1..).collect();
        Self { experiment, places }
    }

    /// That of a cell.
    pub(super) fn of_cell(&self, id: &str) -> String {
        let place = self.places.get(id).copied().unwrap_or(1);
        format!("{}-cell-{place}", self.experiment)
    }
}

/// A cell with a line alone.
fn line(anchors: &Anchors, id: &str, results: &ExperimentResults) -> CellView {
    let record = results.record(id).map(|stored| &stored.record);
    let told = results.told(id);
    let first = told.reason().lines().next().unwrap_or_default().to_owned();
    CellView {
        anchor: anchors.of_cell(id),
        id: id.to_owned(),
        headline: match &told {
            Told::Done => headline(record.as_slice()),
            Told::DoneUnchecked => format!("{} ({first})", headline(record.as_slice())),
            Told::Missing => "has not run".to_owned(),
            _ => first,
        },
        ..CellView::line(told.name())
    }
}

fn cell(anchors: &Anchors, id: &str, configuration: &Value, results: &ExperimentResults, findings: &[&Finding]) -> CellView {
    let record = results.record(id).map(|stored| &stored.record);
    let history = record.and_then(history::draw);
    CellView {
        marks: findings
            .iter()
            .map(|finding| Mark {
                severity: finding.rule.severity.word(),
                text: finding.rule.mark.to_owned(),
                anchor: rule_anchor(anchors.experiment, finding.rule),
            })
            .collect(),
        explanations: findings.iter().map(|finding| finding.explanation.clone()).collect(),
        log: results.told(id).log().to_owned(),
        settings: setting::toml(record.map_or(configuration, |record| &record.configuration)),
        metrics: record.map(|record| metrics_of(record, results)).unwrap_or_default(),
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
        record: record.map_or_else(String::new, |_| format!("{}/cells/{id}.json", results.card.name)),
        curve: history.as_ref().map_or_else(String::new, |history| history.svg.clone()),
        history: history.map_or_else(String::new, |history| history.text),
        ..line(anchors, id, results)
    }
}

/// The deciding metric's mean.
fn headline(records: &[&Record]) -> String {
    let Some(first) = records.first() else {
        return String::new();
    };
    let names = metrics::sorted(first.metrics.keys());
    let Some(name) = metrics::deciding(&names) else {
        return String::new();
    };
    let summary = judge::summary(records.iter().copied(), name);
    summary.map_or_else(String::new, |summary| {
        let value = round::mean(name, &summary);
        metrics::in_words(name, &value, records.iter().copied())
    })
}

fn metrics_of(record: &Record, results: &ExperimentResults) -> Vec<Entry> {
    let names = record.metrics.keys().filter(|name| metrics::is_shown(name, results));
    metrics::sorted(names)
        .into_iter()
        .map(|name| {
            let value = round::precise(record.metrics[&name]);
            let text = format!("{value} {}", metrics::unit(&name, [record]));
            Entry::new(metrics::label(&name), text.trim_end())
        })
        .chain(intervals(record))
        .collect()
}

/// What the intervals around forecasts promise and hold, and what they were calibrated on.
fn intervals(record: &Record) -> Option<Entry> {
    let promise = Promise::of(record)?;
    let forecasts = record.predictions.forecasts()?;
    let calibrated = forecasts.calibration().map_or_else(String::new, |calibration| {
        let [first, last] = &calibration.origins;
        let widths = match calibration.half_widths[..] {
            [[near, far]] if forecasts.series().is_empty() => format!(
                "; half of their width is {} at the first step ahead and {} at the last",
                round::precise(near),
                round::precise(far)
            ),
            _ => String::new(), // several targets or series have no one unit or size
        };
        let windows = counted(calibration.windows, "validation window");
        format!("; calibrated on {windows} from {first} to {last}, which nothing was chosen by{widths}")
    });
    Some(Entry::new("Intervals", format!("{}{calibrated}", promise.in_words())))
}

/// As much of a hash as tells two apart; the record has all of it.
fn shortened(hash: &str) -> String {
    hash.chars().take(12).collect()
}

fn key(record: &Record) -> Vec<Entry> {
    let code: Vec<String> = record
        .key
        .code
        .iter()
        .map(|(part, version)| format!("{part} {version}"))
        .collect();
    vec![
        Entry::new("configuration", shortened(&record.key.configuration)),
        Entry::new("data", shortened(&record.key.data)),
        Entry::new("code", code.join(", ")),
    ]
}
