//! `[[report.comparison]]` → is one model better than another, beyond chance?

use serde_json::Value;

use super::alike::Alike;
use super::metrics;
use super::results::ExperimentResults;
use super::select;
use crate::judge::{self, Judged, Reach};
use crate::language::configuration::value_at;
use crate::language::report::ComparisonSpec;
use crate::store::record::Stored;

/// A comparison, not yet rounded.
#[derive(Debug)]
pub(crate) struct Comparison {
    /// Dotted paths: each combination of their values is compared on its own.
    pub paths: Vec<String>,
    /// One for each combination and pair.
    pub rows: Vec<Row>,
}

/// Two models on the same data.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The values at the comparison's paths.
    pub values: Vec<Value>,
    /// The two models.
    pub pair: [String; 2],
    /// The unit of the metric among their records; empty where it has none.
    pub unit: String,
    /// The difference, the first minus the second, judged with all others by this metric; absent when a model has no record.
    pub found: Option<Judged>,
}

/// Compares what each specification asks for. Holm's correction is made within one metric, over all specifications.
pub(crate) fn build(specs: &[ComparisonSpec], experiment: &ExperimentResults) -> Vec<Comparison> {
    let mut comparisons: Vec<Comparison> = specs.iter().map(|spec| contrasts(spec, experiment)).collect();
    let rows = comparisons.iter_mut().flat_map(|one| &mut one.rows);
    judge::together(rows.filter_map(|row| row.found.as_mut()), Reach::FewItems);
    comparisons
}

fn contrasts(spec: &ComparisonSpec, experiment: &ExperimentResults) -> Comparison {
    let planned = |model: &str| -> Vec<(&String, &Value)> {
        let cells = experiment.card.in_order().into_iter();
        cells
            .filter(|(_, cell)| value_at(cell, "model").and_then(Value::as_str) == Some(model))
            .filter(|(_, cell)| select::matches(cell, &spec.filter))
            .filter(|(_, cell)| {
                experiment
                    .card
                    .task_of(cell)
                    .is_some_and(|task| metrics::fits(&spec.metric, task))
            })
            .collect()
    };
    // Every model must fall into groups that differ in nothing but their seed.
    let mut paths: Vec<String> = spec.each.iter().filter(|path| *path != "model").cloned().collect();
    for model in spec.pairs.iter().flatten() {
        let cells: Vec<&Value> = planned(model).into_iter().map(|(_, cell)| cell).collect();
        paths = select::distinguishing(&cells, &paths);
    }
    let mut rows = Vec::new();
    for pair in &spec.pairs {
        let [first, second] = [&pair[0], &pair[1]].map(|model| select::groups(planned(model), &paths, |(_, cell)| cell));
        // A baseline has no `train`, so it stands beside every batch size.
        let beside = Alike::new(second.iter().map(|(values, _)| values.clone()).collect());
        for (values, cells) in &first {
            for (others, other_cells) in beside.of(values).into_iter().map(|place| &second[place]) {
                let values = values
                    .iter()
                    .zip(others)
                    .map(|(a, b)| if a.is_null() { b } else { a }.clone())
                    .collect();
                let [a, b] = [cells, other_cells]
                    .map(|cells| -> Vec<&Stored> { cells.iter().filter_map(|(id, _)| experiment.record(id)).collect() });
                let records = a.iter().chain(&b).map(|stored| &stored.record);
                rows.push(Row {
                    values,
                    pair: pair.clone(),
                    unit: metrics::unit(&spec.metric, records),
                    found: Judged::alone(&a, &b, &spec.metric),
                });
            }
        }
    }
    Comparison { paths, rows }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::judge::Verdict;
    use crate::language::report::ReportSpec;
    use crate::report::sample;

    fn spec(pairs: &[[&str; 2]]) -> ComparisonSpec {
        ComparisonSpec {
            title: "Compared".to_owned(),
            description: String::new(),
            filter: BTreeMap::new(),
            each: vec!["dataset".to_owned()],
            metric: "rmse".to_owned(),
            pairs: pairs.iter().map(|pair| pair.map(str::to_owned)).collect(),
        }
    }

    #[test]
    fn a_backtest_tells_models_apart() {
        let experiment = sample::experiment(&sample::study(&[1, 3], 40), ReportSpec::default());
        let found = build(&[spec(&[["hybrid", "lstm"], ["hybrid", "naive"]])], &experiment).remove(0);
        assert_eq!(found.paths, ["dataset", "window.horizon"]);
        assert_eq!(found.rows.len(), 8);
        let first = &found.rows[0];
        assert_eq!(first.values.iter().map(select::show).collect::<Vec<_>>(), ["litecoin", "1"]);
        let found = first.found.as_ref().unwrap();
        assert_eq!(found.verdict, Verdict::Better(0));
        assert!(found.contrast.difference < 0.0);
    }

    #[test]
    fn a_missing_model_and_a_model_against_itself() {
        let mut experiment = sample::experiment(&sample::study(&[1], 40), ReportSpec::default());
        experiment.records.retain(|stored| stored.record.model() != "naive");
        let rows = build(&[spec(&[["lstm", "naive"], ["lstm", "lstm"]])], &experiment)
            .remove(0)
            .rows;
        let verdicts = rows.iter().map(|row| row.found.as_ref());
        let verdicts: Vec<Option<Verdict>> = verdicts.map(|found| found.map(|found| found.verdict)).collect();
        let equal = Some(Verdict::Equal);
        assert_eq!(verdicts, [None, None, equal, equal]);
    }

    #[test]
    fn the_correction_counts_every_comparison_by_the_metric() {
        let experiment = sample::experiment(&sample::study(&[1], 1), ReportSpec::default());
        let pair = spec(&[["hybrid", "lstm"]]);
        let alone = build(std::slice::from_ref(&pair), &experiment);
        let both = build(&[pair.clone(), pair], &experiment);
        for (alone, both) in alone[0].rows.iter().zip(&both[0].rows) {
            let [alone, both] = [alone, both].map(|row| row.found.as_ref().unwrap().p);
            assert!(both > alone || alone == Some(1.0));
        }
    }
}
