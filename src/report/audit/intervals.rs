//! Intervals around forecasts → whether they hold as many of the observed values as they promise.

use serde_json::Value;

use super::{Broken, Rule, Severity};
use crate::console::counted;
use crate::metric::{Forecasts, name, promised_coverage};
use crate::report::round;
use crate::statistics;

/// The share of observed values in the intervals is not the promised one.
pub(super) static NOT_AS_PROMISED: Rule = Rule {
    mark: "coverage not as promised",
    severity: Severity::Doubtful,
    is_about_networks: true,
    meaning: "An interval from a low to a high quantile promises to hold a certain share of what comes; the test held more or less, \
              by more than chance, so the intervals are too wide or too narrow.",
    check: |evidence| {
        let broken = evidence.experiment.records.iter().filter_map(|stored| {
            let record = &stored.record;
            let covered = *record.metrics.get(name::COVERAGE)?;
            let stride = record.at("split.stride").and_then(Value::as_u64).unwrap_or(1);
            let explanation = not_as_promised(record.predictions.forecasts()?, covered, stride)?;
            Some(Broken {
                metrics: vec![name::COVERAGE],
                ..Broken::cell(&stored.id, explanation)
            })
        });
        broken.collect()
    },
};

/// A sentence where the promise lies outside the interval of the covered share, of windows whose origins lie `stride` steps apart.
///
/// Windows share their days, so that values are not independent: of so many windows only those count that lie a horizon apart, each as
/// one trial. Whole trials are on both sides the ones that widen the interval.
fn not_as_promised(forecasts: &Forecasts, covered: f64, stride: u64) -> Option<String> {
    let promised = promised_coverage(forecasts)?;
    let overlapping = (forecasts.horizon() as u64).div_ceil(stride.max(1)).max(1);
    let trials = (forecasts.count() as u64).div_ceil(overlapping);
    let successes = covered.clamp(0.0, 1.0) * trials as f64;
    let (low, _) = statistics::binomial_interval(successes.floor() as u64, trials)?;
    let (_, high) = statistics::binomial_interval((successes.ceil() as u64).min(trials), trials)?;
    (promised < low || promised > high).then(|| {
        format!(
            "The intervals promise to hold {} of the observed values and hold {}; by {} of forecasts that do not overlap it is known to lie \
             between {} and {} (95 %).",
            round::fixed(promised, 3),
            round::fixed(covered, 3),
            counted(trials as usize, "block"),
            round::fixed(low, 3),
            round::fixed(high, 3),
        )
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::metric::{Forecast, Predictions, score};
    use crate::report::audit::{Finding, Subject, audit};
    use crate::report::sample::{self, Sample};

    /// So many windows of so many days, of which one in `missed` lies above intervals that promise 0.8.
    fn forecasts(windows: usize, horizon: usize, missed: usize) -> Forecasts {
        let sample = |index: usize| Forecast {
            origin: format!("2{index:07}"),
            last: 1.0.into(),
            forecast: vec![1.0; horizon],
            truth: vec![if index.is_multiple_of(missed) { 3.0 } else { 1.5 }; horizon],
            quantiles: vec![vec![0.0; horizon], vec![2.0; horizon]],
        };
        Forecasts::new("USD".to_owned(), (0..windows).map(sample).collect()).with_levels(&[0.1, 0.9])
    }

    fn told(windows: usize, horizon: usize, missed: usize, stride: u64) -> Option<String> {
        let forecasts = forecasts(windows, horizon, missed);
        let covered = score(&Predictions::Regression(forecasts.clone()))[name::COVERAGE];
        not_as_promised(&forecasts, covered, stride)
    }

    #[test]
    fn a_promise_is_broken_by_more_than_chance_only() {
        assert_eq!(told(100, 1, 5, 1), None, "as promised");
        // from scipy.stats import binomtest; binomtest(50, 100).proportion_ci()  # 0.39832, 0.60168
        assert_eq!(
            told(100, 1, 2, 1).unwrap(),
            "The intervals promise to hold 0.800 of the observed values and hold 0.500; by 100 blocks of forecasts that do not overlap it is \
             known to lie between 0.398 and 0.602 (95 %)."
        );
        assert!(told(1000, 1, 1000, 1).is_some(), "too wide intervals are told, too");
        // The same share of windows that overlap is that of a tenth of the trials.
        assert_eq!(told(100, 10, 2, 1), None);
        assert_eq!(told(100, 10, 2, 10), told(100, 1, 2, 1), "they do not overlap");
        assert_eq!(told(1, 7, 2, 1), None);
        let without = Forecasts::new(String::new(), Vec::new());
        assert_eq!(not_as_promised(&without, 0.5, 1), None);
    }

    #[test]
    fn the_audit_tells_of_the_cell() {
        let sample = Sample {
            dataset: "litecoin",
            model: "lstm",
            horizon: 1,
            seed: Some(0),
            origins: 60,
            miss: 1.0,
        };
        let mut experiment = sample::experiment(std::slice::from_ref(&sample), ReportSpec::default());
        let record = &mut experiment.records[0].record;
        record.predictions = Predictions::Regression(forecasts(60, 1, 2));
        record.metrics = score(&record.predictions);
        let findings = audit(&experiment);
        let found: Vec<&Finding> = findings.iter().filter(|one| one.rule == &NOT_AS_PROMISED).collect();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].subject, Subject::Cell(sample.id()));
        assert_eq!(found[0].metrics, [name::COVERAGE]);
    }
}
