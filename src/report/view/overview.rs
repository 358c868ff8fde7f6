//! What a reader learns of an experiment in ten seconds: what ran, what it shows, what it does not show, what failed.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::cells::Anchors;
use super::standing::{self, StandingView};
use super::{Entry, counted, rule_anchor, setting};
use crate::console::noun;
use crate::judge::{Verdict, words};
use crate::language::report::ComparisonSpec;
use crate::report::audit::{self, Finding, Rule};
use crate::report::comparison::{Comparison, Row};
use crate::report::results::ExperimentResults;
use crate::report::{metrics, round, select};
use crate::store::record::Stored;
use crate::sweep::told::Told;

/// How many colours the style sheet has for series.
const SERIES: usize = 8;

/// The front part of one experiment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Overview {
    /// `complete`, `partial` or `failed`.
    pub state: &'static str,
    /// `66 of 66 cells done`, `2 failed, 4 missing`.
    pub states: Vec<String>,
    /// The first numbers.
    pub standing: StandingView,
    /// What was run.
    pub facts: Vec<Entry>,
    /// What it shows.
    pub tallies: Vec<Tally>,
    /// What it must not be trusted for, impossible first.
    pub warnings: Vec<Warning>,
    /// Why cells have no valid record.
    pub failures: Vec<FailureView>,
}

/// How often each of a few outcomes came out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Tally {
    /// What was asked: `hybrid or lstm, by RMSE?`
    pub question: String,
    /// What was counted: `in 6 tests`.
    pub of: String,
    /// The outcomes that came out at least once.
    pub outcomes: Vec<Outcome>,
    /// What limits what is said; may be empty.
    pub caveat: String,
}

/// One outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Outcome {
    /// Its colour, as a CSS value.
    pub tone: String,
    /// How often.
    pub count: usize,
    /// In words.
    pub text: String,
}

/// A rule of the audit that something breaks.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Warning {
    /// `impossible` or `doubtful`.
    pub severity: &'static str,
    /// A few words.
    pub mark: &'static str,
    /// `12 of 12 printed rows`.
    pub count: String,
    /// One sentence.
    pub meaning: &'static str,
    /// The id of the rule's place.
    pub anchor: String,
}

/// Cells without a valid record, for one reason.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FailureView {
    /// Their ids, and the ids of their places on the page.
    pub cells: Vec<Entry>,
    /// How many are not named here; empty where all are.
    pub others: String,
    /// Their state in one word.
    pub state: &'static str,
    /// Why.
    pub reason: String,
    /// Where the log is; may be empty.
    pub log: String,
}

/// Makes the front part, and says what was found in one sentence.
pub(super) fn view(
    anchor: &str,
    results: &ExperimentResults,
    findings: &[Finding],
    specs: &[ComparisonSpec],
    comparisons: &[Comparison],
) -> (Overview, String) {
    let told: Vec<(&String, Told)> = results.card.cells.keys().map(|id| (id, results.told(id))).collect();
    let count = |name: &str| told.iter().filter(|(_, told)| told.name() == name).count();
    let (planned, done) = (results.card.cells.len(), count("done"));
    let mut states = vec![format!("{done} of {} done", counted(planned, "cell"))];
    let others = Told::NAMES.into_iter().filter(|name| *name != "done" && count(name) > 0);
    states.extend(others.map(|name| format!("{} {name}", round::count(count(name)))));
    let unchecked = told.iter().filter(|(_, told)| *told == Told::DoneUnchecked);
    match unchecked.count() {
        0 => {}
        all if all == done => states.push("the data are not here, so not checked".to_owned()),
        some => states.push(format!("of {} the data are not here, so not checked", round::count(some))),
    }
    let mut tallies: Vec<Tally> = specs
        .iter()
        .zip(comparisons)
        .flat_map(|(spec, comparison)| of_comparison(results, spec, comparison))
        .collect();
    tallies.extend(against_naive(results));
    let (standing, found) = standing::view(results);
    let overview = Overview {
        state: match (count("failed"), done == planned) {
            (1.., _) => "failed",
            (0, true) => "complete",
            (0, false) => "partial",
        },
        states,
        standing,
        facts: facts(results),
        tallies,
        warnings: warnings(anchor, results, findings),
        failures: failures(anchor, results, &told),
    };
    (overview, found)
}

/// So many cells of one reason are named.
const MOST_NAMED: usize = 5;

/// Why cells have no valid record, each reason once; a cell that has simply not run needs none.
fn failures(anchor: &str, results: &ExperimentResults, told: &[(&String, Told)]) -> Vec<FailureView> {
    let anchors = Anchors::of(anchor, &results.card);
    let mut reasons: Vec<(&Told, Vec<&String>)> = Vec::new();
    for (id, told) in told {
        if told.is_done() || *told == Told::Missing {
            continue;
        }
        match reasons.iter_mut().find(|(known, _)| *known == told) {
            Some((_, ids)) => ids.push(id),
            None => reasons.push((told, vec![id])),
        }
    }
    let place = |name: &str| Told::NAMES.iter().position(|known| *known == name);
    reasons.sort_by_key(|(told, _)| place(told.name()));
    reasons
        .into_iter()
        .map(|(told, ids)| {
            let named = ids.iter().take(MOST_NAMED);
            FailureView {
                cells: named.map(|id| Entry::new(id.as_str(), anchors.of_cell(id))).collect(),
                others: match ids.len().saturating_sub(MOST_NAMED) {
                    0 => String::new(),
                    others => format!("and {} more", round::count(others)),
                },
                state: told.name(),
                reason: told.reason(),
                log: told.log().to_owned(),
            }
        })
        .collect()
}

fn facts(results: &ExperimentResults) -> Vec<Entry> {
    let cells: Vec<&Value> = results.card.configurations().collect();
    let mut facts = Vec::new();
    for (label, path) in [
        ("Datasets", "dataset"),
        ("Models", "model"),
        ("Horizon", "window.horizon"),
        ("Seeds", "seed"),
        ("Feature extractor", "backbone.kind"),
        ("Split", "split.kind"),
        ("Forecast origins", "split.origins"),
        ("Scaling fitted on", "window.fit_scale_on"),
    ] {
        let mut values = select::distinct(&cells, path);
        if path == "model" {
            values = results.models().into_iter().map(Value::from).collect();
        }
        if !values.is_empty() {
            facts.push(Entry::new(label, setting::listed(&values)));
        }
    }
    facts
}

/// A tally for each pair of models.
fn of_comparison(results: &ExperimentResults, spec: &ComparisonSpec, comparison: &Comparison) -> Vec<Tally> {
    let metric = metrics::label(&spec.metric);
    let of_pair = |pair: &[String; 2]| {
        let rows: Vec<_> = comparison.rows.iter().filter(|row| row.pair == *pair).collect();
        let count = |verdicts: &[Option<Verdict>]| {
            let verdict = |row: &&&Row| row.found.as_ref().map(|found| found.verdict);
            rows.iter().filter(|row| verdicts.contains(&verdict(row))).count()
        };
        let better = |place: usize| {
            let model = &pair[place];
            let text = format!("{model} better, beyond chance");
            outcome(&tone(results, model), count(&[Some(Verdict::Better(place))]), text)
        };
        Tally {
            question: format!("{} or {}, by {metric}?", pair[0], pair[1]),
            of: format!("in {}", counted(rows.len(), "test")),
            outcomes: kept([
                better(0),
                better(1),
                outcome(OPEN, count(&[Some(Verdict::NoDifference)]), "no difference beyond chance"),
                outcome(OPEN, count(&[Some(Verdict::Equal)]), words::EQUAL),
                outcome(
                    MISSING,
                    count(&[Some(Verdict::Untested), Some(Verdict::Unvarying)]),
                    "not testable",
                ),
                outcome(MISSING, count(&[None]), "without a record of both"),
            ]),
            caveat: words::caveat(rows.iter().filter_map(|row| Some(&row.found.as_ref()?.contrast))),
        }
    };
    spec.pairs
        .iter()
        .map(of_pair)
        .filter(|tally| !tally.outcomes.is_empty())
        .collect()
}

/// For each network: in how many of its cells the error is below that of the naive forecast. A count of cells, in other words
/// than those of tests: nothing here says what is beyond chance.
fn against_naive(results: &ExperimentResults) -> Vec<Tally> {
    let tally = |model: &str| {
        let (behind, ahead): (Vec<&Stored>, Vec<&Stored>) = results
            .records
            .iter()
            .filter(|stored| stored.record.model() == model && stored.record.is_trained())
            .filter(|stored| stored.record.predictions.forecasts().is_some())
            .partition(|stored| audit::is_behind_naive(&stored.record));
        Tally {
            question: format!(
                "Is the {} of {model} below that of the naive forecast?",
                audit::naive_metric().label
            ),
            of: format!("counted, not tested, in {}", counted(behind.len() + ahead.len(), "cell")),
            outcomes: kept([
                outcome(&tone(results, model), ahead.len(), noun(ahead.len(), "cell") + " below"),
                outcome(OPEN, behind.len(), noun(behind.len(), "cell") + " not below"),
            ]),
            caveat: String::new(),
        }
    };
    results
        .models()
        .into_iter()
        .map(tally)
        .filter(|tally| !tally.outcomes.is_empty())
        .collect()
}

const OPEN: &str = "var(--open)";
const MISSING: &str = "var(--missing)";

/// The colour of a model, as in the figures.
fn tone(results: &ExperimentResults, model: &str) -> String {
    format!("var(--series-{})", results.place_of_model(model) % SERIES + 1)
}

fn outcome(tone: &str, count: usize, text: impl Into<String>) -> Outcome {
    Outcome {
        tone: tone.to_owned(),
        count,
        text: text.into(),
    }
}

fn kept<const N: usize>(outcomes: [Outcome; N]) -> Vec<Outcome> {
    outcomes.into_iter().filter(|outcome| outcome.count > 0).collect()
}

fn warnings(anchor: &str, results: &ExperimentResults, findings: &[Finding]) -> Vec<Warning> {
    let mut rules: BTreeMap<&Rule, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        rules.entry(finding.rule).or_default().push(finding);
    }
    rules
        .into_iter()
        .map(|(rule, findings)| Warning {
            severity: rule.severity.word(),
            mark: rule.mark,
            count: super::audit::count(results, &findings),
            meaning: rule.meaning,
            anchor: rule_anchor(anchor, rule),
        })
        .collect()
}
