//! `[[report.comparison]]` → is one model better than another, beyond chance?

use serde_json::Value;

use super::contrast::{Contrast, contrast};
use super::metrics;
use super::results::{ExperimentResults, task_of};
use super::select;
use crate::spec::configuration::value_at;
use crate::spec::report::ComparisonSpec;
use crate::statistics;
use crate::store::record::Stored;

/// A comparison, not yet rounded.
#[derive(Debug)]
pub struct Comparison {
    /// Dotted paths: each combination of their values is compared on its own.
    pub paths: Vec<String>,
    /// One for each combination and pair.
    pub rows: Vec<Row>,
}

/// Two models on the same data.
#[derive(Debug, Clone)]
pub struct Row {
    /// The values at the comparison's paths.
    pub values: Vec<Value>,
    /// The two models.
    pub pair: [String; 2],
    /// The unit of the metric among their records; empty where it has none.
    pub unit: String,
    /// The difference, the first minus the second; absent when one of them has no record.
    pub contrast: Option<Contrast>,
    /// The probability of such a difference by chance alone, corrected for all comparisons by this metric (Holm).
    pub p: Option<f64>,
    /// What it comes to.
    pub verdict: Verdict,
}

/// What a comparison comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This model is better, beyond chance.
    Better(String),
    /// A difference that chance alone could make.
    NoDifference,
    /// The same but for rounding.
    Equal,
    /// Chance cannot be told: a single pair.
    Untested,
    /// Chance cannot be told: the differences do not vary.
    Unvarying,
    /// A model has no record.
    Missing,
}

/// Compares what each specification asks for. Holm's correction is made within one metric, over all specifications.
pub fn build(specs: &[ComparisonSpec], experiment: &ExperimentResults) -> Vec<Comparison> {
    let mut comparisons: Vec<Comparison> = specs
        .iter()
        .map(|spec| contrasts(spec, experiment))
        .collect();
    let mut metrics: Vec<&str> = specs.iter().map(|spec| &*spec.metric).collect();
    metrics.sort_unstable();
    metrics.dedup();
    for metric in metrics {
        let rows = specs
            .iter()
            .zip(&mut comparisons)
            .filter(|(spec, _)| spec.metric == metric)
            .flat_map(|(_, comparison)| &mut comparison.rows);
        corrected(rows.collect(), metric);
    }
    comparisons
}

/// Gives rows of one metric their p values by Holm's correction over all of them, and their verdicts.
pub fn corrected(rows: Vec<&mut Row>, metric: &str) {
    let tested: Vec<f64> = rows
        .iter()
        .filter_map(|row| row.contrast.as_ref()?.p)
        .collect();
    let mut adjusted = statistics::holm(&tested).into_iter();
    for row in rows {
        if row.contrast.as_ref().is_some_and(|found| found.p.is_some()) {
            row.p = adjusted.next();
        }
        row.verdict = verdict(row, metric);
    }
}

fn verdict(row: &Row, metric: &str) -> Verdict {
    let Some(found) = &row.contrast else {
        return Verdict::Missing;
    };
    match (found.leader(metric), row.p) {
        _ if found.equal => Verdict::Equal,
        _ if !found.varies => Verdict::Unvarying,
        (_, None) => Verdict::Untested,
        (Some(leader), Some(p)) if p < statistics::LEVEL => {
            Verdict::Better(row.pair[leader].clone())
        }
        _ => Verdict::NoDifference,
    }
}

fn contrasts(spec: &ComparisonSpec, experiment: &ExperimentResults) -> Comparison {
    let planned = |model: &str| -> Vec<(&String, &Value)> {
        let cells = experiment.card.cells.iter();
        cells
            .filter(|(_, cell)| value_at(cell, "model").and_then(Value::as_str) == Some(model))
            .filter(|(_, cell)| select::matches(cell, &spec.filter))
            .filter(|(_, cell)| metrics::fits(&spec.metric, task_of(cell)))
            .collect()
    };
    // Every model must fall into groups that differ in nothing but their seed.
    let mut paths: Vec<String> = spec
        .each
        .iter()
        .filter(|path| *path != "model")
        .cloned()
        .collect();
    for model in spec.pairs.iter().flatten() {
        let cells: Vec<&Value> = planned(model).into_iter().map(|(_, cell)| cell).collect();
        paths = select::distinguishing(&cells, &paths);
    }
    let mut rows = Vec::new();
    for pair in &spec.pairs {
        let [first, second] = [&pair[0], &pair[1]]
            .map(|model| select::groups(planned(model), &paths, |(_, cell)| cell));
        for (values, cells) in &first {
            for (others, other_cells) in &second {
                // A baseline has no `train`, so it stands beside every batch size.
                let alike = values
                    .iter()
                    .zip(others)
                    .all(|(a, b)| a == b || a.is_null() || b.is_null());
                if !alike {
                    continue;
                }
                let values = values
                    .iter()
                    .zip(others)
                    .map(|(a, b)| if a.is_null() { b } else { a }.clone())
                    .collect();
                let [a, b] = [cells, other_cells].map(|cells| -> Vec<&Stored> {
                    cells
                        .iter()
                        .filter_map(|(id, _)| experiment.record(id))
                        .collect()
                });
                let contrast = contrast(&a, &b, &spec.metric);
                let records = a.iter().chain(&b).map(|stored| &stored.record);
                rows.push(Row {
                    values,
                    pair: pair.clone(),
                    unit: metrics::unit(&spec.metric, records),
                    contrast,
                    p: None,
                    verdict: Verdict::Missing,
                });
            }
        }
    }
    Comparison { paths, rows }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::report::sample;
    use crate::spec::report::ReportSpec;

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
        let found = build(
            &[spec(&[["hybrid", "lstm"], ["hybrid", "naive"]])],
            &experiment,
        )
        .remove(0);
        assert_eq!(found.paths, ["dataset", "window.horizon"]);
        assert_eq!(found.rows.len(), 8);
        let first = &found.rows[0];
        assert_eq!(
            first.values.iter().map(select::show).collect::<Vec<_>>(),
            ["litecoin", "1"]
        );
        assert_eq!(first.verdict, Verdict::Better("hybrid".to_owned()));
        assert!(
            first
                .contrast
                .as_ref()
                .is_some_and(|found| found.difference < 0.0)
        );
    }

    #[test]
    fn a_missing_model_and_a_model_against_itself() {
        let mut experiment = sample::experiment(&sample::study(&[1], 40), ReportSpec::default());
        experiment
            .records
            .retain(|stored| stored.record.model() != "naive");
        let rows = build(&[spec(&[["lstm", "naive"], ["lstm", "lstm"]])], &experiment)
            .remove(0)
            .rows;
        let verdicts: Vec<&Verdict> = rows.iter().map(|row| &row.verdict).collect();
        assert_eq!(
            verdicts,
            [
                &Verdict::Missing,
                &Verdict::Missing,
                &Verdict::Equal,
                &Verdict::Equal
            ]
        );
    }

    #[test]
    fn the_correction_counts_every_comparison_by_the_metric() {
        let experiment = sample::experiment(&sample::study(&[1], 1), ReportSpec::default());
        let pair = spec(&[["hybrid", "lstm"]]);
        let alone = build(std::slice::from_ref(&pair), &experiment);
        let both = build(&[pair.clone(), pair], &experiment);
        for (alone, both) in alone[0].rows.iter().zip(&both[0].rows) {
            assert!(both.p > alone.p || alone.p == Some(1.0));
        }
    }
}
