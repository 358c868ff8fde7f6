//! Settings of one model, tried on the same data → whether the test set chose among them.

use serde_json::Value;

use super::evidence::grouped;
use super::{Broken, Rule, Severity};
use crate::judge;
use crate::language::configuration::without_seed;
use crate::metric;
use crate::report::round;
use crate::report::validation::Yardstick;
use crate::store::record::{Record, Stored};

/// The best settings were found by looking at the test set.
pub(super) static CHOSEN_ON_TEST: Rule = Rule {
    mark: "chosen on test",
    severity: Severity::Doubtful,
    is_about_networks: true,
    meaning: "Settings picked by their test score are too good by the luck of that pick; pick on a validation set, and look at the \
              test set once.",
    check: |evidence| {
        let studies = grouped(evidence.networks(), |stored| {
            let mut rest = without_seed(&stored.record.configuration);
            if let Some(table) = rest.as_object_mut() {
                table.remove("train");
                table.insert("model".to_owned(), Value::from(stored.record.model()));
            }
            rest.to_string()
        });
        studies.filter_map(of_study).flatten().collect()
    },
};

/// The settings of one model on the same data, where the best on the test set are not the best on the validation set.
fn of_study(groups: Vec<Vec<&Stored>>) -> Option<Vec<Broken>> {
    if groups.len() < 2 {
        return None;
    }
    let names = metric::sorted(groups[0][0].record.metrics.keys());
    let metric = metric::deciding(&names)?;
    let mean = |group: &Vec<&Stored>| {
        let summary = judge::summary(group.iter().map(|one| &one.record), metric)?;
        (summary.n == group.len()).then_some(summary.mean)
    };
    let means: Vec<f64> = groups.iter().map(mean).collect::<Option<_>>()?;
    let lowest = |values: &[f64]| (0..values.len()).min_by(|&a, &b| values[a].total_cmp(&values[b]));
    let records: Vec<&Record> = groups.iter().flatten().map(|one| &one.record).collect();
    let yardstick = Yardstick::of(&records);
    let by_validation = yardstick.and_then(|yardstick| {
        let values = groups.iter().map(|group| yardstick.of_group(group));
        Some((yardstick.words(), lowest(&values.collect::<Option<Vec<_>>>()?)?))
    });
    let tested = lowest(&means.iter().map(|value| metric::badness(metric, *value)).collect::<Vec<_>>())?;
    let value = |group: usize| round::number(means[group]);
    let name = |group: usize| groups[group][0].id.clone();
    let sentence = match by_validation {
        Some((_, validated)) if validated == tested => return None,
        Some((words, validated)) => format!(
            "Of {} settings of {} it is the best on the test set ({metric} {}), but {words} would have chosen {} \
             ({metric} {}). Naming it the best is a choice made on test scores.",
            groups.len(),
            groups[tested][0].record.model(),
            value(tested),
            name(validated),
            value(validated)
        ),
        None => format!(
            "Of {} settings of {} it is the best on the test set ({metric} {}), and there is no validation set that could \
             have chosen it. Naming it the best is a choice made on test scores.",
            groups.len(),
            groups[tested][0].record.model(),
            value(tested)
        ),
    };
    let leaders = groups[tested].iter();
    let broken = leaders.map(|stored| Broken::cell(&stored.id, sentence.clone()));
    Some(broken.collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::audit::audit;
    use crate::report::results::ExperimentResults;
    use crate::report::sample::clips::{self, ClipSample};

    fn rules(experiment: &ExperimentResults) -> BTreeSet<&'static str> {
        audit(experiment).into_iter().map(|finding| finding.rule.mark).collect()
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
    fn settings_that_only_the_test_set_can_tell_apart() {
        let mut samples: Vec<ClipSample> = (0..2)
            .flat_map(|seed| [network(seed, 1.6, 8), network(seed, 1.7, 16)])
            .collect();
        let mut experiment = clips::experiment(&samples, ReportSpec::default());
        experiment.card.cuts.clear();
        // Both settings have the same history, so the first is what validation chooses; the test may choose it too.
        for stored in &mut experiment.records {
            let worse = stored.record.at("train.batch_size").and_then(Value::as_u64) == Some(8);
            let losses = stored.record.history.get_mut("validation_loss");
            losses
                .into_iter()
                .flatten()
                .for_each(|loss| *loss += if worse { 0.0 } else { 1.0 });
            stored
                .record
                .metrics
                .insert("accuracy".to_owned(), if worse { 0.95 } else { 0.96 });
        }
        // The metrics were changed by hand, which their confusion matrix gives away.
        let found = rules(&experiment);
        assert!(
            found.contains("chosen on test") && found.contains("too close to rank"),
            "{found:?}"
        );
        assert!(found.contains("no such confusion matrix"), "{found:?}");
        samples.truncate(1);
        assert!(rules(&clips::experiment(&samples, ReportSpec::default())).contains("one seed"));
    }
}
