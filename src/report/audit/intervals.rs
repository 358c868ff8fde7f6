//! Intervals around forecasts → whether they hold as many of the observed values as they promise.

use serde_json::Value;

use super::{Broken, Rule, Severity};
use crate::console::counted;
use crate::metric::{Forecasts, coverage_of_blocks, name, promised_coverage};
use crate::report::round;
use crate::statistics::{self, Summary};
use crate::store::record::Record;

/// The share of observed values in the intervals is not the promised one.
pub(super) static NOT_AS_PROMISED: Rule = Rule {
    mark: "coverage not as promised",
    severity: Severity::Doubtful,
    is_about_networks: false,
    meaning: "An interval from a low to a high quantile promises to hold a certain share of what comes; the test held more or less, \
              by more than chance, so the intervals are too wide or too narrow.",
    check: |evidence| {
        let broken = evidence.experiment.records.iter().filter_map(|stored| {
            let promise = Promise::of(&stored.record).filter(|promise| !promise.may_be_kept())?;
            let explanation = format!("The intervals {}.", promise.in_words());
            Some(Broken {
                metrics: vec![name::COVERAGE],
                ..Broken::cell(&stored.id, explanation)
            })
        });
        broken.collect()
    },
};

/// What intervals promise, and what is known of what they hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Promise {
    /// The share of observed values that they promise to hold.
    promised: f64,
    /// The share that they held.
    covered: f64,
    /// Blocks of forecasts that do not overlap.
    blocks: usize,
    /// Where the share lies by these, with 95 %.
    interval: (f64, f64),
}

impl Promise {
    /// That of a record; none without intervals.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        let covered = *record.metrics.get(name::COVERAGE)?;
        let stride = record.at("split.stride").and_then(Value::as_u64).unwrap_or(1);
        Self::of_forecasts(record.predictions.forecasts()?, covered, stride as usize)
    }

    /// That of forecasts of which the intervals hold a share `covered`, and whose origins lie `stride` steps apart.
    ///
    /// Windows share their days, so that values are not independent: blocks of them that do not overlap count alone. Where each has
    /// a share of its own, Student's t says how far their mean is known; single values, and blocks that are all alike, are
    /// trials. Whole trials are on both sides the ones that widen the interval.
    fn of_forecasts(forecasts: &Forecasts, covered: f64, stride: usize) -> Option<Self> {
        let promised = promised_coverage(forecasts)?;
        let shares = coverage_of_blocks(forecasts, stride);
        let are_single = shares.iter().all(|share| [0.0, 1.0].contains(share));
        let of_shares = Summary::of(&shares)
            .and_then(|summary| summary.interval)
            .filter(|_| !are_single);
        let overlapping = forecasts.horizon().div_ceil(stride.max(1)).max(1);
        let trials = forecasts.times().div_ceil(overlapping) as u64;
        let (blocks, interval) = match of_shares {
            Some((low, high)) => (shares.len(), (low.max(0.0), high.min(1.0))),
            None => {
                let successes = covered.clamp(0.0, 1.0) * trials as f64;
                let (low, _) = statistics::binomial_interval(successes.floor() as u64, trials)?;
                let (_, high) = statistics::binomial_interval((successes.ceil() as u64).min(trials), trials)?;
                (trials as usize, (low, high))
            }
        };
        Some(Self {
            promised,
            covered,
            blocks,
            interval,
        })
    }

    /// Whether what was held differs from what was promised by no more than chance makes.
    fn may_be_kept(&self) -> bool {
        let (low, high) = self.interval;
        (low..=high).contains(&self.promised)
    }

    /// `promise to hold 0.900 of the observed values and hold 0.875; by 13 blocks of forecasts that do not overlap it is known to lie between
    /// 0.812 and 0.981 (95 %)`
    pub(crate) fn in_words(&self) -> String {
        let (low, high) = self.interval;
        format!(
            "promise to hold {} of the observed values and hold {}; by {} of forecasts that do not overlap it is known to lie between {} \
             and {} (95 %)",
            round::fixed(self.promised, 3),
            round::fixed(self.covered, 3),
            counted(self.blocks, "block"),
            round::fixed(low, 3),
            round::fixed(high, 3),
        )
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::metric::{Forecast, Keep, Predictions, score};
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

    fn told(windows: usize, horizon: usize, missed: usize, stride: usize) -> Option<String> {
        let forecasts = forecasts(windows, horizon, missed);
        let covered = score(&Predictions::Regression(forecasts.clone()))[name::COVERAGE];
        let promise = Promise::of_forecasts(&forecasts, covered, stride).filter(|promise| !promise.may_be_kept());
        promise.map(|promise| promise.in_words())
    }

    #[test]
    fn a_promise_is_broken_by_more_than_chance_only() {
        assert_eq!(told(100, 1, 5, 1), None, "as promised");
        // from scipy.stats import binomtest; binomtest(50, 100).proportion_ci()  # 0.39832, 0.60168
        assert_eq!(
            told(100, 1, 2, 1).unwrap(),
            "promise to hold 0.800 of the observed values and hold 0.500; by 100 blocks of forecasts that do not overlap it is known to lie \
             between 0.398 and 0.602 (95 %)"
        );
        assert!(told(1000, 1, 1000, 1).is_some(), "too wide intervals are told, too");
        // The same share of windows that overlap is that of a tenth of the trials.
        assert_eq!(told(100, 10, 2, 1), None);
        assert_eq!(told(100, 10, 2, 10), told(100, 1, 2, 1), "they do not overlap");
        assert_eq!(told(1, 7, 2, 1), None);
        let without = Forecasts::new(String::new(), Vec::new());
        assert_eq!(Promise::of_forecasts(&without, 0.5, 1), None);
    }

    #[test]
    fn shares_of_blocks_say_how_far_the_coverage_is_known() {
        // Of four steps ahead one, two or three are missed, in turn; every fourth window begins a block.
        let window = |index: usize| {
            let truth = (0..4).map(|step| if step <= index / 4 % 3 { 3.0 } else { 1.5 });
            Forecast {
                origin: format!("2{index:07}"),
                last: 1.0.into(),
                forecast: vec![1.0; 4],
                truth: truth.collect(),
                quantiles: vec![vec![0.0; 4], vec![2.0; 4]],
            }
        };
        let all = Forecasts::new("USD".to_owned(), (0..48).map(window).collect()).with_levels(&[0.1, 0.9]);
        assert_eq!(coverage_of_blocks(&all, 1), [0.75, 0.5, 0.25].repeat(4));
        assert_eq!(coverage_of_blocks(&all, 2).len(), 24);
        // x = [.75, .5, .25] * 4; scipy.stats.t.interval(.95, 11, .5, scipy.stats.sem(x))  # 0.36454, 0.63546
        for keep in [Keep::All, Keep::Summary] {
            let promise = Promise::of_forecasts(&all.clone().kept(keep), 0.5, 1).unwrap();
            let (low, high) = promise.interval;
            assert!((low - 0.36454).abs() < 1e-5 && (high - 0.63546).abs() < 1e-5, "{promise:?}");
            assert!(promise.blocks == 12 && !promise.may_be_kept());
        }
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
