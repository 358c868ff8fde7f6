//! Networks against what costs nothing.

use std::collections::BTreeMap;

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

/// A baseline from the same origins is at least as good.
pub(super) static BEHIND_BASELINE: Rule = Rule {
    mark: "behind baseline",
    severity: Severity::Doubtful,
    is_about_networks: true,
    meaning: "A baseline costs next to nothing, the naive forecast, the last known value again, nothing at all: a network that does \
              not beat the best of them has learned nothing of use.",
    check: |evidence| {
        let mut baselines: BTreeMap<Test, Vec<&Stored>> = BTreeMap::new();
        for stored in evidence.experiment.records.iter().filter(|one| !one.record.is_trained()) {
            if let Some(test) = test_of(&stored.record) {
                baselines.entry(test).or_default().push(stored);
            }
        }
        evidence.broken_cells(|stored| {
            let test = test_of(&stored.record).filter(|_| stored.record.is_trained())?;
            behind(&stored.record, baselines.get(&test).map_or(&[], Vec::as_slice))
        })
    },
};

/// What forecasts are of: the dataset, and a digest of the origins and of what was observed.
type Test<'a> = (&'a str, String);

fn test_of(record: &Record) -> Option<Test<'_>> {
    Some((record.dataset(), record.predictions.forecasts()?.truth_digest()))
}

/// The best of the baselines of the same test, the naive forecast among them, where a network does not beat it.
fn behind(network: &Record, baselines: &[&Stored]) -> Option<String> {
    let metric = naive_metric();
    let (error, naive) = against_naive(network)?;
    let errors = baselines
        .iter()
        .filter_map(|baseline| Some((baseline.record.model(), metric.of(&baseline.record.predictions)?)));
    let best = errors
        .min_by(|(_, a), (_, b)| a.total_cmp(b))
        .filter(|(_, best)| *best <= naive);
    let (name, least) = match best {
        Some((model, best)) if baselines.len() > 1 => {
            let count = round::count(baselines.len());
            (format!("{model}, the best of {count} baselines from the same origins,"), best)
        }
        Some((model, best)) => (format!("{model} from the same origins"), best),
        None => ("the naive forecast from the same origins".to_owned(), naive),
    };
    let unit = metrics::unit(metric.name, [network]);
    let value = |x: f64| format!("{} {unit}", round::number(x)).trim_end().to_owned();
    (error >= least).then(|| format!("{} is {}, that of {name} {}.", metric.label, value(error), value(least)))
}

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
    use crate::report::sample::{self, Sample};

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

    #[test]
    fn a_network_is_held_against_the_best_baseline_of_its_test() {
        let cell = |model, seed, horizon, miss| Sample {
            dataset: "litecoin",
            model,
            horizon,
            seed,
            origins: 40,
            miss,
        };
        let samples = [
            cell("lstm", Some(0), 1, 1.0),
            cell("naive", None, 1, 0.0),
            cell("lstm", Some(0), 3, 40.0),
        ];
        let mut experiment = sample::experiment(&samples, ReportSpec::default());
        let told = |experiment: &_| -> Vec<String> {
            let found = audit(experiment).into_iter().filter(|one| one.rule == &BEHIND_BASELINE);
            found.map(|one| one.explanation).collect()
        };
        let before = told(&experiment);
        assert_eq!(before.len(), 1, "{before:?}");
        assert!(
            before[0].contains("that of the naive forecast from the same origins "),
            "{before:?}"
        );
        // Another baseline, better than the network: the naive forecast is not.
        let mut better = samples[1].record();
        better.record.configuration["model"]["name"] = "theta".into();
        let crate::metric::Predictions::Regression(forecasts) = &mut better.record.predictions else {
            panic!("it forecasts");
        };
        for sample in forecasts.samples_mut() {
            sample.forecast = sample.truth.iter().map(|truth| truth + 0.125).collect();
        }
        experiment.records.push(better);
        let mut after = told(&experiment);
        after.retain(|sentence| !before.contains(sentence));
        assert_eq!(after.len(), 1, "{after:?}");
        let named = "that of theta, the best of 2 baselines from the same origins, 0.125 USD.";
        assert!(after[0].ends_with(named), "{after:?}");
    }
}
