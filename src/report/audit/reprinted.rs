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
