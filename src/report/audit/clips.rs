//! Records of classified clips → what cannot be concluded from them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::errors::Known;
use super::rates::{self, Of, Rate};
use super::{Finding, Rule, Subject};
use crate::data::ClipSplit;
use crate::judge::{self, Judged, Verdict};
use crate::metric::Predictions;
use crate::metric::name;
use crate::report::results::ExperimentResults;
use crate::report::round;
use crate::statistics;
use crate::store::record::Stored;

/// Everything doubtful or impossible about the records of classifications.
pub fn findings(experiment: &ExperimentResults) -> Vec<Finding> {
    let records: Vec<&Stored> = experiment
        .records
        .iter()
        .filter(|stored| stored.record.predictions.scored().is_some())
        .collect();
    let mut findings = Vec::new();
    for stored in &records {
        findings.extend(of_rates(stored));
        findings.extend(of_cut(experiment, stored));
        findings.extend(behind_baseline(&records, stored));
    }
    findings.extend(too_close(&records));
    findings
}

fn found(stored: &Stored, rule: Rule, metrics: Vec<&'static str>, explanation: String) -> Finding {
    Finding {
        rule,
        subject: Subject::Cell(stored.id.clone()),
        metrics,
        explanation,
    }
}

/// Clips of each class in a test set.
pub fn support(predictions: &Predictions) -> Option<[u64; 2]> {
    let items = predictions.scored()?;
    let of = |class: u8| items.iter().filter(|item| item.label == class).count() as u64;
    Some([of(0), of(1)])
}

/// Whether the metrics of a record come from one confusion matrix, and its AUC from scores.
fn of_rates(stored: &Stored) -> Vec<Finding> {
    let record = &stored.record;
    let Predictions::Binary { classes, samples } = &record.predictions else {
        return Vec::new();
    };
    let Some(support) = support(&record.predictions) else {
        return Vec::new();
    };
    let of = record.metrics.iter().filter_map(|(name, &value)| {
        let (of, metric) = Of::metric(name)?;
        let value = Known::computed(value);
        Some(Rate { of, metric, value })
    });
    let rates: Vec<Rate> = of.collect();
    // Two scores are answers: what a network says of clips that differ has more than two values.
    let mut scores: Vec<u64> = samples.iter().map(|item| item.score.to_bits()).collect();
    scores.sort_unstable();
    scores.dedup();
    let auc = record
        .metrics
        .get(name::AUC)
        .map(|&auc| Known::computed(auc));
    let auc = auc.filter(|_| scores.len() == 2);
    rates::broken(&rates, auc.as_ref(), support, classes)
        .into_iter()
        .map(|(rule, metrics, explanation)| found(stored, rule, metrics, explanation))
        .collect()
}

/// Clips that the network has seen, or nearly.
fn of_cut(experiment: &ExperimentResults, stored: &Stored) -> Vec<Finding> {
    let cuts = &experiment.card.clip_cuts;
    let Some(cut) = cuts
        .iter()
        .find(|cut| cut.is_of(&stored.record.configuration))
    else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    if !cut.straddling.is_empty() {
        let groups: Vec<String> = cut
            .straddling
            .iter()
            .map(|group| group.join(" = "))
            .collect();
        let sentence = format!(
            "The same bytes lie in the test set and in training or validation: {}; duplicates = \"together\" in [split] \
             keeps them on one side.",
            groups.join(", ")
        );
        findings.push(found(stored, Rule::IdenticalClips, vec![], sentence));
    }
    if cut.neighbours > 0 {
        let split = ClipSplit::deserialize(&stored.record.configuration["split"]);
        let advice = split.map(|split| format!("; {}", split.advice_on_neighbours()));
        let sentence = format!(
            "{} of {} test clips have a neighbour in number in training or validation{}.",
            round::count(cut.neighbours),
            round::count(cut.test[0] + cut.test[1]),
            advice.unwrap_or_default()
        );
        findings.push(found(stored, Rule::NeighbouringClips, vec![], sentence));
    }
    findings
}

/// The best baseline on the same clips, where a network does not beat it.
fn behind_baseline(records: &[&Stored], stored: &Stored) -> Option<Finding> {
    if !stored.record.is_trained() {
        return None;
    }
    let accuracy = |one: &Stored| one.record.metrics.get(name::ACCURACY).copied();
    let (baseline, against) = records
        .iter()
        .filter(|other| !other.record.is_trained() && tests_the_same(other, stored))
        .filter_map(|other| Some((*other, Judged::alone(&[stored], &[other], name::ACCURACY)?)))
        .max_by(|(a, _), (b, _)| {
            accuracy(a)
                .unwrap_or(0.0)
                .total_cmp(&accuracy(b).unwrap_or(0.0))
        })?;
    let p = against.p?;
    if against.verdict == Verdict::Better(0) {
        return None;
    }
    let sentence = format!(
        "Accuracy is {}, that of {} on the same clips {} (McNemar's exact p {}).",
        round::number(accuracy(stored)?),
        baseline.record.model(),
        round::number(accuracy(baseline)?),
        is(p)
    );
    Some(found(
        stored,
        Rule::NotBeyondBaseline,
        vec![name::ACCURACY],
        sentence,
    ))
}

/// `= 0.55`, `< 0.001`
fn is(p: f64) -> String {
    let text = round::p_value(p);
    if text.starts_with(['<', '>']) {
        text
    } else {
        format!("= {text}")
    }
}

fn tests_the_same(a: &Stored, b: &Stored) -> bool {
    let names = |stored: &Stored| -> Vec<String> {
        let items = stored.record.predictions.scored().unwrap_or_default();
        let mut names: Vec<String> = items.iter().map(|item| item.name.clone()).collect();
        names.sort_unstable();
        names
    };
    a.record.dataset() == b.record.dataset() && names(a) == names(b)
}

/// The best of several networks on the same clips, where the next one is too close for so few clips.
fn too_close(records: &[&Stored]) -> Vec<Finding> {
    let mut tests: BTreeMap<String, BTreeMap<String, Vec<&Stored>>> = BTreeMap::new();
    for stored in records.iter().filter(|stored| stored.record.is_trained()) {
        let configuration = &stored.record.configuration;
        let place = [&configuration["dataset"], &configuration["split"]]
            .map(Value::to_string)
            .join("\n");
        let groups = tests.entry(place).or_default();
        groups
            .entry(stored.record.group())
            .or_default()
            .push(stored);
    }
    tests
        .into_values()
        .filter_map(|groups| of_test(groups.into_values().collect()))
        .flatten()
        .collect()
}

fn of_test(groups: Vec<Vec<&Stored>>) -> Option<Vec<Finding>> {
    let mean = |group: &[&Stored]| {
        let records = group.iter().map(|one| &one.record);
        Some(judge::summary(records, name::ACCURACY)?.mean)
    };
    let mut ranked: Vec<(f64, Vec<&Stored>)> = groups
        .into_iter()
        .filter_map(|group| Some((mean(&group)?, group)))
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let [(best, leaders), (next, others), ..] = &ranked[..] else {
        return None;
    };
    let items = leaders.first()?.record.predictions.scored()?.len();
    let against = Judged::alone(leaders, others, name::ACCURACY)?;
    let p = against.p?;
    if best <= next || matches!(against.verdict, Verdict::Better(_)) {
        return None;
    }
    let right = (best * items as f64).round() as u64;
    let (low, high) = statistics::binomial_interval(right.min(items as u64), items as u64)?;
    let sentence = format!(
        "Accuracy {} against {} of the next best, {}, on {} clips: McNemar's exact p {}. On so few clips the accuracy \
         alone is known to lie between {} and {} (95 %).",
        round::fixed(*best, 3),
        round::fixed(*next, 3),
        others.first()?.id,
        round::count(items),
        is(p),
        round::fixed(low, 3),
        round::fixed(high, 3)
    );
    Some(
        leaders
            .iter()
            .map(|stored| {
                found(
                    stored,
                    Rule::TooFewClips,
                    vec![name::ACCURACY],
                    sentence.clone(),
                )
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::audit::audit;
    use crate::report::sample::clips::{self, ClipSample};

    fn rules(experiment: &ExperimentResults) -> BTreeSet<Rule> {
        audit(experiment)
            .into_iter()
            .map(|finding| finding.rule)
            .collect()
    }

    fn network(seed: u64, noise: f64, batch_size: u64) -> ClipSample {
        ClipSample {
            model: "conv_lstm",
            seed: Some(seed),
            noise,
            batch_size,
        }
    }

    #[test]
    fn a_leaking_split_is_told_for_each_network() {
        let mut experiment = clips::experiment(&clips::study(), ReportSpec::default());
        assert_eq!(
            rules(&experiment),
            BTreeSet::from([Rule::IdenticalClips, Rule::NeighbouringClips])
        );
        let found = audit(&experiment);
        assert_eq!(found.len(), 6);
        assert!(
            found[0].explanation.contains("no13 = no14"),
            "{}",
            found[0].explanation
        );
        experiment.card.clip_cuts.clear();
        assert_eq!(rules(&experiment), BTreeSet::new());
    }

    #[test]
    fn a_network_that_a_baseline_equals() {
        let mut samples = clips::study();
        samples.retain(|sample| sample.seed.is_none());
        samples.extend([network(0, 3.6, 8), network(1, 3.6, 8)]);
        let mut experiment = clips::experiment(&samples, ReportSpec::default());
        experiment.card.clip_cuts.clear();
        assert_eq!(
            rules(&experiment),
            BTreeSet::from([Rule::NotBeyondBaseline])
        );
        let found = audit(&experiment).remove(0);
        assert!(
            found
                .explanation
                .contains("that of linear_probe on the same clips"),
            "{}",
            found.explanation
        );
    }

    #[test]
    fn answers_instead_of_scores() {
        let mut experiment = clips::experiment(&clips::study(), ReportSpec::default());
        experiment.card.clip_cuts.clear();
        for stored in &mut experiment.records {
            if let Predictions::Binary { samples, .. } = &mut stored.record.predictions {
                samples
                    .iter_mut()
                    .for_each(|item| item.score = item.score.round());
            }
            stored.record.metrics = crate::metric::score(&stored.record.predictions);
        }
        assert_eq!(rules(&experiment), BTreeSet::from([Rule::AucOfAnswers]));
    }
}
