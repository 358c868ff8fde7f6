//! Networks against what costs nothing.

use super::ranking::{is, share_of_right};
use super::{Broken, Rule, Severity};
use crate::judge::{Judged, Verdict};
use crate::metric::{METRICS, Metric, Paired};
use crate::report::{metrics, round};
use crate::store::record::{Record, Stored};
use crate::task::REGRESSION;

/// A baseline is as good, as far as the test set can tell.
pub(super) static NOT_BEYOND_BASELINE: Rule = Rule {
    mark: "not beyond baseline",
    severity: Severity::Doubtful,
    is_about_networks: true,
    meaning: "A baseline costs next to nothing: a network that does not beat it beyond chance has not shown that it is needed.",
    check: |evidence| {
        let records = || evidence.experiment.records.iter();
        let baselines: Vec<&Stored> = records().filter(|one| !one.record.is_trained()).collect();
        let networks = evidence.networks();
        networks.filter_map(|stored| not_beyond(&baselines, stored)).collect()
    },
};

/// The best baseline on the same items, where a network does not beat it.
fn not_beyond(baselines: &[&Stored], stored: &Stored) -> Option<Broken> {
    let metric = share_of_right(stored.record.predictions.task())?;
    let value = |one: &Stored| one.record.metrics.get(metric.name).copied();
    let (baseline, against) = baselines
        .iter()
        .filter(|other| tests_the_same(other, stored))
        .filter_map(|other| Some((*other, Judged::alone(&[stored], &[other], metric.name)?)))
        .max_by(|(a, _), (b, _)| {
            let [a, b] = [a, b].map(|one| value(one).unwrap_or(0.0));
            a.total_cmp(&b)
        })?;
    let p = against.p?;
    if against.verdict == Verdict::Better(0) {
        return None;
    }
    let sentence = format!(
        "{} is {}, that of {} on the same {}s {} (McNemar's exact p {}).",
        metric.label,
        round::number(value(stored)?),
        baseline.record.model(),
        stored.record.noun().one,
        round::number(value(baseline)?),
        is(p)
    );
    Some(Broken {
        metrics: vec![metric.name],
        ..Broken::cell(&stored.id, sentence)
    })
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

/// The naive forecast is at least as good.
pub(super) static BEHIND_NAIVE: Rule = Rule {
    mark: "behind naive",
    severity: Severity::Doubtful,
    is_about_networks: true,
    meaning: "The naive forecast, the last known value again, costs nothing: a network that does not beat it has learned nothing \
              of use.",
    check: |evidence| {
        evidence.broken_cells(|stored| {
            let metric = naive_metric();
            let (network, naive) = against_naive(&stored.record)?;
            let unit = metrics::unit(metric.name, [&stored.record]);
            let value = |x: f64| format!("{} {unit}", round::number(x)).trim_end().to_owned();
            (stored.record.is_trained() && network >= naive).then(|| {
                format!(
                    "{} is {}, that of the naive forecast from the same origins {}.",
                    metric.label,
                    value(network),
                    value(naive)
                )
            })
        })
    },
};

/// The error by which forecasts are held against the naive one.
pub(crate) fn naive_metric() -> &'static Metric {
    let mut metrics = METRICS.iter();
    let deciding = metrics.find(|metric| metric.task == &REGRESSION && metric.decides);
    deciding.expect("one metric of each task decides")
}

/// Whether the naive forecast from the same origins is at least as good; false of what is no forecast.
pub(crate) fn is_behind_naive(record: &Record) -> bool {
    against_naive(record).is_some_and(|(error, naive)| error >= naive)
}

/// The error of a record's forecasts, and that of the naive forecast from the same origins.
fn against_naive(record: &Record) -> Option<(f64, f64)> {
    let metric = naive_metric();
    let Paired::Values { loss, scale } = metric.paired else {
        return None;
    };
    let naive = record.predictions.forecasts()?.naive(loss)?;
    let naive = scale.of_mean(naive).filter(|naive| naive.is_finite())?;
    Some((metric.of(&record.predictions)?, naive))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::audit::audit;
    use crate::report::sample::clips::{self, ClipSample};

    #[test]
    fn a_network_that_a_baseline_equals() {
        let network = |seed| ClipSample {
            model: "conv_lstm",
            seed: Some(seed),
            noise: 3.6,
            batch_size: 8,
        };
        let mut samples = clips::study();
        samples.retain(|sample| sample.seed.is_none());
        samples.extend([network(0), network(1)]);
        let mut experiment = clips::experiment(&samples, ReportSpec::default());
        experiment.card.cuts.clear();
        let found = audit(&experiment);
        assert!(found.iter().all(|one| one.rule == &NOT_BEYOND_BASELINE));
        assert!(
            found[0].explanation.contains("that of linear_probe on the same clips"),
            "{}",
            found[0].explanation
        );
    }
}
