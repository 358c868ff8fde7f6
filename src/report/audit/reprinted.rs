//! Printed values whose very windows we have scored: whether our settings give them.

use super::known::Known;
use super::{Broken, Rule, Severity, printed};
use crate::judge;
use crate::language::report::ScoredWindows;
use crate::metric;
use crate::report::{metrics, round};

/// A printed value lies where its settings, with our seeds, do not lead.
pub(super) static PRINT_IS_ELSEWHERE: Rule = Rule {
    mark: "not what its settings give",
    severity: Severity::Doubtful,
    is_about_networks: false,
    meaning: "On the same windows, the settings that are said to give the printed value give others: so far off no further seed \
              is expected in more than one of twenty cases, and what has no seed gives one value alone.",
    check: |evidence| {
        let experiment = evidence.experiment;
        let tables = experiment.card.report.table.iter();
        let paper: Vec<&String> = tables
            .filter(|table| table.windows == ScoredWindows::Paper)
            .filter_map(|table| table.reference.as_ref())
            .collect();
        let mut broken = Vec::new();
        for (subject, file, row, about) in printed::rows(experiment) {
            if !paper.contains(&file) {
                continue;
            }
            let records: Vec<_> = about
                .iter()
                .filter_map(|planned| Some((experiment.record_of(planned)?, *planned)))
                .collect();
            // Cells of several settings are no seeds of one.
            if records
                .windows(2)
                .any(|pair| pair[0].0.record.group() != pair[1].0.record.group())
            {
                continue;
            }
            for metric in metric::METRICS {
                let Some(print) = row.get(metric.name).and_then(|text| Known::printed(text)) else {
                    continue;
                };
                let values = records
                    .iter()
                    .filter_map(|(stored, planned)| metrics::of_paper(&stored.record, &planned.configuration, metric.name));
                let Some(ours) = judge::summary_of(values) else { continue };
                let has_seeds = records.iter().any(|(stored, _)| stored.record.is_trained());
                let half = match (has_seeds, ours.interval) {
                    (false, _) => 0.0,
                    // Of one more value, where the interval is that of the mean of n.
                    (true, Some((low, high))) => (high - low) / 2.0 * (ours.n as f64 + 1.0).sqrt(),
                    (true, None) => continue,
                };
                if print.meets(ours.mean - half, ours.mean + half) {
                    continue;
                }
                let explanation = match has_seeds {
                    false => format!(
                        "The printed {} of {} is not the {} that these settings give on the same windows.",
                        metric.label_inside(),
                        print.text,
                        round::precise(ours.mean)
                    ),
                    true => format!(
                        "The printed {} of {} lies outside of {} to {}, where {} seeds of the same settings on the same windows expect \
                         one more.",
                        metric.label_inside(),
                        print.text,
                        round::precise(ours.mean - half),
                        round::precise(ours.mean + half),
                        ours.n
                    ),
                };
                broken.push(Broken {
                    subject: subject.clone(),
                    metrics: vec![metric.name],
                    explanation,
                });
            }
        }
        broken
    },
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::language::report::{ReportSpec, TableSpec};
    use crate::report::audit::audit;
    use crate::report::results::ExperimentResults;
    use crate::report::{sample, table};

    /// Forty origins, of which print scored the first thirty-two; a printed MAE for a model of litecoin.
    fn printed(model: &str, mae: &str) -> ExperimentResults {
        let spec = TableSpec {
            title: "Print".to_owned(),
            filter: BTreeMap::from([("dataset".to_owned(), json!("litecoin"))]),
            rows: vec!["model".to_owned()],
            columns: vec!["mae".to_owned()],
            reference: Some("print.csv".to_owned()),
            windows: ScoredWindows::Paper,
            description: String::new(),
        };
        let report = ReportSpec {
            table: vec![spec],
            ..ReportSpec::default()
        };
        let mut experiment = sample::experiment(&sample::study(&[1], 40), report);
        for cell in experiment.card.cells.values_mut() {
            cell.configuration["split"]["paper_batch"] = json!(16);
        }
        let row = [("dataset", "litecoin"), ("model", model), ("mae", mae)];
        let row = row.map(|(path, text)| (path.to_owned(), text.to_owned()));
        experiment.card.reference.insert("print.csv".to_owned(), vec![row.into()]);
        experiment
    }

    /// The MAE of each record of a model over its first origins.
    fn of_first(experiment: &ExperimentResults, model: &str, origins: usize) -> Vec<f64> {
        let own = experiment.records.iter().map(|stored| &stored.record);
        let own = own.filter(|record| record.model() == model && record.dataset() == "litecoin");
        let mae = |samples: &[metric::Forecast]| {
            let errors = samples[..origins].iter().map(|one| (one.forecast[0] - one.truth[0]).abs());
            errors.sum::<f64>() / origins as f64
        };
        own.filter_map(|record| Some(mae(record.predictions.forecasts()?.all()?)))
            .collect()
    }

    fn found(experiment: &ExperimentResults) -> Vec<String> {
        let findings = audit(experiment).into_iter();
        let own = findings.filter(|finding| *finding.rule == PRINT_IS_ELSEWHERE);
        own.map(|finding| finding.explanation).collect()
    }

    #[test]
    fn the_windows_of_print_are_scored_apart() {
        let experiment = printed("naive", "1");
        let [spec] = &experiment.card.report.table[..] else {
            panic!("one table");
        };
        let table = table::build(spec, &experiment, &[]);
        for row in &table.rows {
            let mean = row.ours[0].summary.map(|summary| summary.mean);
            let own = of_first(&experiment, row.values[0].as_str().unwrap_or_default(), 32);
            let expected = own.iter().sum::<f64>() / own.len() as f64;
            assert!(
                mean.is_some_and(|mean| (mean / expected - 1.0).abs() < 1e-12),
                "{mean:?} {expected}"
            );
            assert!(!row.ours[0].best);
        }
        assert_eq!(table.rows.len(), 3);
    }

    #[test]
    fn a_printed_value_that_its_settings_do_not_give_is_marked() {
        let experiment = printed("naive", "1");
        let [naive] = of_first(&experiment, "naive", 32)[..] else {
            panic!("a baseline has one record");
        };
        assert!(found(&printed("naive", &format!("{naive:.3}"))).is_empty());
        let told = found(&printed("naive", &format!("{:.3}", naive + 0.002)));
        assert!(told.len() == 1 && told[0].contains("is not the"), "{told:?}");
        let lstm = of_first(&experiment, "lstm", 32);
        let mean = lstm.iter().sum::<f64>() / lstm.len() as f64;
        assert!(found(&printed("lstm", &format!("{mean:.3}"))).is_empty());
        let told = found(&printed("lstm", &format!("{:.3}", 3.0 * mean)));
        assert!(
            told.len() == 1 && told[0].contains("3 seeds of the same settings"),
            "{told:?}"
        );
    }
}
