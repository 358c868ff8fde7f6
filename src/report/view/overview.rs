//! What a reader learns of an experiment in ten seconds: what ran, what it shows, what it does not show, what failed.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Entry, counted, rule_anchor, setting, severity};
use crate::report::audit::{Finding, Rule, Subject, is_network};
use crate::report::comparison::{Comparison, Verdict};
use crate::report::results::{ExperimentResults, State};
use crate::report::{metrics, select};
use crate::spec::report::ComparisonSpec;

/// The front part of one experiment.
#[derive(Debug, Serialize)]
pub struct Overview {
    /// `complete`, `partial` or `failed`.
    pub state: &'static str,
    /// `66 of 66 cells done`, `2 failed, 4 missing`.
    pub states: Vec<String>,
    /// What was run.
    pub facts: Vec<Entry>,
    /// What it shows.
    pub tallies: Vec<Tally>,
    /// What it must not be trusted for, impossible first.
    pub warnings: Vec<Warning>,
    /// What failed.
    pub failures: Vec<FailureView>,
}

/// How often each of a few outcomes came out.
#[derive(Debug, PartialEq, Serialize)]
pub struct Tally {
    /// What was asked: `hybrid or lstm, by RMSE?`
    pub question: String,
    /// The outcomes that came out at least once.
    pub outcomes: Vec<Outcome>,
    /// What limits the answer; may be empty.
    pub caveat: &'static str,
}

/// One outcome.
#[derive(Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// `first`, `second`, `open` or `missing`: its colour.
    pub kind: &'static str,
    /// How often.
    pub count: usize,
    /// In words.
    pub text: String,
}

/// A rule of the audit that something breaks.
#[derive(Debug, Serialize)]
pub struct Warning {
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

/// A cell that failed.
#[derive(Debug, Serialize)]
pub struct FailureView {
    /// The cell's id.
    pub id: String,
    /// The id of the cell's place.
    pub anchor: String,
    /// Why.
    pub error: String,
    /// Where its log is; may be empty.
    pub log: String,
}

/// Makes the front part.
pub fn view(
    anchor: &str,
    results: &ExperimentResults,
    findings: &[Finding],
    specs: &[ComparisonSpec],
    comparisons: &[Comparison],
) -> Overview {
    let count = |wanted: State| {
        results
            .card
            .cells
            .keys()
            .filter(|id| results.state(id) == wanted)
            .count()
    };
    let planned = results.card.cells.len();
    let done = count(State::Done);
    let mut states = vec![format!("{done} of {} done", counted(planned, "cell"))];
    for (state, word) in [
        (State::Failed, "failed"),
        (State::Stale, "stale"),
        (State::Missing, "missing"),
    ] {
        if count(state) > 0 {
            states.push(format!("{} {word}", count(state)));
        }
    }
    let mut tallies: Vec<Tally> = specs
        .iter()
        .zip(comparisons)
        .flat_map(|(spec, comparison)| of_comparison(spec, comparison))
        .collect();
    tallies.extend(against_naive(results, findings));
    Overview {
        state: match (count(State::Failed), done == planned) {
            (1.., _) => "failed",
            (0, true) => "complete",
            (0, false) => "partial",
        },
        states,
        facts: facts(results),
        tallies,
        warnings: warnings(anchor, results, findings),
        failures: results
            .failures
            .iter()
            .map(|(id, failure)| FailureView {
                id: id.clone(),
                anchor: super::cells::anchor(anchor, &results.card, id),
                error: failure.error.clone(),
                log: failure.log.clone(),
            })
            .collect(),
    }
}

fn facts(results: &ExperimentResults) -> Vec<Entry> {
    let cells: Vec<&Value> = results.card.cells.values().collect();
    let mut facts = Vec::new();
    for (label, path) in [
        ("Datasets", "dataset"),
        ("Models", "model"),
        ("Horizon", "window.horizon"),
        ("Seeds", "seed"),
        ("Split", "split.kind"),
        ("Forecast origins", "split.origins"),
        ("Scaling fitted on", "window.fit_scale_on"),
    ] {
        let values = select::distinct(&cells, path);
        if !values.is_empty() {
            facts.push(Entry::new(label, setting::listed(&values)));
        }
    }
    facts
}

/// A tally for each pair of models.
fn of_comparison(spec: &ComparisonSpec, comparison: &Comparison) -> Vec<Tally> {
    let metric = metrics::label(&spec.metric);
    let of_pair = |pair: &[String; 2]| {
        let rows: Vec<_> = comparison
            .rows
            .iter()
            .filter(|row| row.pair == *pair)
            .collect();
        let count =
            |test: &dyn Fn(&Verdict) -> bool| rows.iter().filter(|row| test(&row.verdict)).count();
        let better = |model: &String| count(&|verdict| *verdict == Verdict::Better(model.clone()));
        let outcomes = [
            ("first", better(&pair[0]), format!("{} better", pair[0])),
            ("second", better(&pair[1]), format!("{} better", pair[1])),
            (
                "open",
                count(&|verdict| *verdict == Verdict::NoDifference),
                "no difference beyond chance".to_owned(),
            ),
            (
                "open",
                count(&|verdict| *verdict == Verdict::Equal),
                "numerically equal".to_owned(),
            ),
            (
                "missing",
                count(&|verdict| *verdict == Verdict::Untested),
                "not testable".to_owned(),
            ),
            (
                "missing",
                count(&|verdict| *verdict == Verdict::Missing),
                "missing".to_owned(),
            ),
        ];
        let small = rows.iter().any(|row| {
            row.contrast
                .as_ref()
                .is_some_and(|contrast| contrast.small_test)
        });
        Tally {
            question: format!("{} or {}, by {metric}?", pair[0], pair[1]),
            outcomes: kept(outcomes),
            caveat: if small {
                "Too few test days to rank models."
            } else {
                ""
            },
        }
    };
    spec.pairs
        .iter()
        .map(of_pair)
        .filter(|tally| !tally.outcomes.is_empty())
        .collect()
}

/// For each network: how many of its cells beat the naive forecast.
fn against_naive(results: &ExperimentResults, findings: &[Finding]) -> Vec<Tally> {
    let mut models: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for stored in results
        .records
        .iter()
        .filter(|stored| is_network(&stored.record))
    {
        let behind = findings.iter().any(|finding| {
            finding.rule == Rule::BehindNaive && finding.subject == Subject::Cell(stored.id.clone())
        });
        models.entry(stored.record.model()).or_default()[usize::from(behind)] += 1;
    }
    models
        .into_iter()
        .map(|(model, [ahead, behind])| Tally {
            question: format!("Does {model} beat the naive forecast, by RMSE, cell by cell?"),
            outcomes: kept([
                ("first", ahead, "yes".to_owned()),
                ("second", behind, "no".to_owned()),
            ]),
            caveat: "",
        })
        .collect()
}

fn kept<const N: usize>(outcomes: [(&'static str, usize, String); N]) -> Vec<Outcome> {
    let came = outcomes.into_iter().filter(|(_, count, _)| *count > 0);
    came.map(|(kind, count, text)| Outcome { kind, count, text })
        .collect()
}

fn warnings(anchor: &str, results: &ExperimentResults, findings: &[Finding]) -> Vec<Warning> {
    let mut rules: BTreeMap<Rule, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        rules.entry(finding.rule).or_default().push(finding);
    }
    rules
        .into_iter()
        .map(|(rule, findings)| Warning {
            severity: severity(rule),
            mark: rule.mark(),
            count: super::audit::count(results, &findings),
            meaning: rule.meaning(),
            anchor: rule_anchor(anchor, rule),
        })
        .collect()
}
