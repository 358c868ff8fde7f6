//! Two groups of cells → the difference of one metric, and whether it is beyond chance.

use std::collections::BTreeMap;

use super::metrics;
use crate::metric::{self, Forecast, ItemTest, Paired, Predictions, Scale};
use crate::statistics::{self, Chance, Summary};
use crate::store::record::Stored;

mod clips; // two groups of classifications, paired by clip

/// The difference of one metric between two groups of cells, the first minus the second.
///
/// A group is the cells that differ only in their seed; a model that knows no seed is a group of one, and counts as
/// constant over the seeds of the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    /// The mean of each group.
    pub means: [f64; 2],
    /// Mean difference of what `method` pairs.
    pub difference: f64,
    /// Its 95 % interval, where chance can be estimated.
    pub interval: Option<(f64, f64)>,
    /// The probability of such a difference by chance alone, before any correction for several comparisons.
    pub p: Option<f64>,
    /// That of Wilcoxon's signed-rank test, shown from six pairs; it never decides.
    pub wilcoxon: Option<f64>,
    /// How many pairs there are.
    pub pairs: usize,
    /// What is paired.
    pub method: Method,
    /// Whether the differences of the pairs vary by more than rounding: where they do not, they tell nothing of chance.
    pub varies: bool,
    /// Whether the two means are the same but for rounding.
    pub equal: bool,
    /// Whether the test set is too small to rank models.
    pub small_test: bool,
}

/// What is paired, and so what chance means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Seeds: the metric of each, by the paired t test.
    Seeds,
    /// Forecast origins: a loss averaged over the seeds, by the test of Diebold and Mariano (1995).
    Origins(Scale),
    /// Test clips: the scores averaged over the seeds, by the test that the metric takes.
    Clips(ItemTest),
}

/// Compares two groups; `None` when one of them has no value of that metric.
pub fn contrast(first: &[&Stored], second: &[&Stored], metric: &str) -> Option<Contrast> {
    let means = [
        Summary::of(&values(first, metric))?.mean,
        Summary::of(&values(second, metric))?.mean,
    ];
    let blank = Contrast {
        means,
        difference: means[0] - means[1],
        interval: None,
        p: None,
        wilcoxon: None,
        pairs: 0,
        method: Method::Seeds,
        varies: true,
        equal: statistics::numerically_equal(means[0], means[1]),
        small_test: first
            .iter()
            .chain(second)
            .any(|stored| stored.record.predictions.are_few()),
    };
    let is_classified = |group: &&[&Stored]| {
        let mut predictions = group.iter().map(|stored| &stored.record.predictions);
        predictions.all(|predictions| predictions.scored().is_some())
    };
    let paired = metric::find(metric).map_or(Paired::Seeds, |metric| metric.paired);
    if let Paired::Items(test) = paired
        && [first, second].iter().all(is_classified)
        && let Some(found) = clips::contrast(first, second, test, &blank)
    {
        return Some(found);
    }
    if ![first, second].iter().all(|group| is_backtest(group)) {
        return Some(over_seeds(first, second, metric, blank));
    }
    // A metric that is no mean over origins, as R², cannot be paired by them: its difference is shown, and not tested.
    let Paired::Values { loss, scale } = paired else {
        return Some(blank);
    };
    let mut contrast = over_origins(first, second, (loss, scale), blank);
    if scale == Scale::OverNaive
        && let Some(naive) = naive_error(first)
    {
        contrast.difference /= naive;
        contrast.interval = contrast
            .interval
            .map(|(low, high)| (low / naive, high / naive));
    }
    Some(contrast)
}

impl Contrast {
    /// Whether chance is that of seeds, although the metric is one of clips: other clips could turn the order.
    pub fn is_of_seeds_alone(&self, metric: &str) -> bool {
        self.method == Method::Seeds && metrics::is_of_clips(metric)
    }

    /// Which of the two has the better mean, 0 or 1; `None` when they are equal but for rounding.
    pub fn leader(&self, metric: &str) -> Option<usize> {
        let second = (self.difference > 0.0) == metrics::lower_is_better(metric);
        (!self.equal && self.difference != 0.0).then_some(usize::from(second))
    }

    /// With what a test says of chance; nothing where the differences do not vary.
    fn with(self, chance: Option<Chance>) -> Self {
        Self {
            interval: chance.map(|chance| chance.interval),
            p: chance.map(|chance| chance.p),
            varies: chance.is_some(),
            ..self
        }
    }
}

fn over_seeds(first: &[&Stored], second: &[&Stored], metric: &str, blank: Contrast) -> Contrast {
    let (a, b) = by_seed(first, second, metric);
    let pairs = a.len();
    // A single pair: paired_t is undefined.
    let Some(test) = statistics::paired_t(&a, &b) else {
        return Contrast { pairs, ..blank };
    };
    Contrast {
        difference: test.mean_difference,
        wilcoxon: test
            .chance
            .and_then(|_| statistics::wilcoxon_signed_rank(&a, &b)),
        pairs,
        ..blank.with(test.chance)
    }
}

fn over_origins(
    first: &[&Stored],
    second: &[&Stored],
    (loss, scale): (fn(f64, f64) -> f64, Scale),
    blank: Contrast,
) -> Contrast {
    let (of_first, of_second) = (losses(first, loss), losses(second, loss));
    // In the order of the record, which is that of time.
    let origins = first
        .iter()
        .take(1)
        .flat_map(|stored| forecasts(stored))
        .map(|sample| &sample.origin);
    let (a, b): (Vec<f64>, Vec<f64>) = origins
        .filter_map(|origin| Some((*of_first.get(origin)?, *of_second.get(origin)?)))
        .unzip();
    let method = Method::Origins(scale);
    let Some(test) = statistics::diebold_mariano(&a, &b, steps(first)) else {
        return Contrast {
            pairs: a.len(),
            method,
            ..blank
        };
    };
    Contrast {
        difference: test.mean_difference,
        pairs: a.len(),
        method,
        ..blank.with(test.chance)
    }
}

/// The horizon in steps from one origin to the next.
fn steps(group: &[&Stored]) -> usize {
    let setting = |path: &str| {
        group
            .iter()
            .find_map(|stored| stored.record.at(path)?.as_u64())
    };
    let horizon = setting("window.horizon").unwrap_or(1);
    let stride = setting("split.stride").unwrap_or(1).max(1);
    usize::try_from(horizon.div_ceil(stride).max(1)).unwrap_or(usize::MAX)
}

/// The values of the metric, paired by seed. A group without seeds has the same value for every seed of the other.
fn by_seed(first: &[&Stored], second: &[&Stored], metric: &str) -> (Vec<f64>, Vec<f64>) {
    let seeded = |group: &[&Stored]| -> BTreeMap<Option<u64>, f64> {
        let value = |stored: &&Stored| {
            let seed = stored.record.at("seed").and_then(serde_json::Value::as_u64);
            Some((seed, *stored.record.metrics.get(metric)?))
        };
        group.iter().filter_map(value).collect()
    };
    let (first, second) = (seeded(first), seeded(second));
    let of =
        |group: &BTreeMap<Option<u64>, f64>, seed| group.get(&seed).or(group.get(&None)).copied();
    let mut seeds: Vec<Option<u64>> = first.keys().chain(second.keys()).copied().collect();
    seeds.sort_unstable();
    seeds.dedup();
    if seeds.len() > 1 {
        seeds.retain(Option::is_some);
    }
    seeds
        .into_iter()
        .filter_map(|seed| Some((of(&first, seed)?, of(&second, seed)?)))
        .unzip()
}

/// The loss at each origin: its mean over days ahead and seeds.
fn losses(group: &[&Stored], loss: fn(f64, f64) -> f64) -> BTreeMap<String, f64> {
    let mut origins: BTreeMap<String, f64> = BTreeMap::new();
    for sample in group.iter().flat_map(|stored| forecasts(stored)) {
        let values = sample.forecast.iter().zip(&sample.truth);
        let sum: f64 = values
            .map(|(&forecast, &truth)| loss(forecast, truth))
            .sum();
        let mean = sum / (sample.truth.len() * group.len()) as f64;
        *origins.entry(sample.origin.clone()).or_default() += mean;
    }
    origins
}

fn forecasts(stored: &Stored) -> &[Forecast] {
    match &stored.record.predictions {
        Predictions::Regression { samples, .. } => samples,
        Predictions::Binary { .. } => &[],
    }
}

/// The mean absolute error of the naive forecast on the days of a group; `None` where it is 0.
fn naive_error(group: &[&Stored]) -> Option<f64> {
    let Predictions::Regression { samples, .. } = &group.first()?.record.predictions else {
        return None;
    };
    let errors: Vec<f64> = samples
        .iter()
        .flat_map(|sample| sample.truth.iter().map(|truth| (sample.last - truth).abs()))
        .collect();
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    (mean > 0.0).then_some(mean)
}

fn values(group: &[&Stored], metric: &str) -> Vec<f64> {
    group
        .iter()
        .filter_map(|stored| stored.record.metrics.get(metric).copied())
        .collect()
}

fn is_backtest(group: &[&Stored]) -> bool {
    let says = |stored: &&Stored| {
        stored
            .record
            .at("split.kind")
            .and_then(serde_json::Value::as_str)
            == Some("backtest")
    };
    group.iter().all(says)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::report::sample::Sample;

    fn group(model: &'static str, seeds: &[Option<u64>], origins: usize, miss: f64) -> Vec<Stored> {
        let sample = |&seed| {
            Sample {
                dataset: "litecoin",
                model,
                horizon: 3,
                seed,
                origins,
                miss,
            }
            .record()
        };
        seeds.iter().map(sample).collect()
    }

    fn refs(group: &[Stored]) -> Vec<&Stored> {
        group.iter().collect()
    }

    #[test]
    fn a_holdout_pairs_the_seeds_that_both_have() {
        let a = group("lstm", &[Some(0), Some(1), Some(2)], 1, 4.0);
        let b = group("hybrid", &[Some(1), Some(2), Some(3)], 1, 1.0);
        let found = contrast(&refs(&a), &refs(&b), "rmse").unwrap();
        assert_eq!((found.method, found.pairs), (Method::Seeds, 2));
        assert!(found.small_test);
        let of = |stored: &Stored| stored.record.metrics["rmse"];
        let difference = (of(&a[1]) - of(&b[0]) + of(&a[2]) - of(&b[1])) / 2.0;
        assert!((found.difference - difference).abs() < 1e-12);
    }

    #[test]
    fn a_baseline_is_constant_over_seeds() {
        let network = group("lstm", &[Some(0), Some(1), Some(2)], 1, 4.0);
        let naive = group("naive", &[None], 1, 0.0);
        let found = contrast(&refs(&network), &refs(&naive), "mae").unwrap();
        assert_eq!(found.pairs, 3);
        assert!((found.difference - (found.means[0] - found.means[1])).abs() < 1e-12);
        assert!(found.p.is_some());
    }

    #[test]
    fn one_value_on_each_side_leaves_nothing_to_test() {
        let found = contrast(
            &refs(&group("drift", &[None], 1, 0.0)),
            &refs(&group("naive", &[None], 1, 0.0)),
            "mae",
        );
        let found = found.unwrap();
        assert_eq!((found.p, found.pairs, found.equal), (None, 1, true));
    }

    #[test]
    fn differences_that_do_not_vary_tell_nothing_of_chance() {
        let by = |origins: usize, miss: &dyn Fn(usize) -> f64| {
            let mut found = group("lstm", &[Some(0), Some(1)], origins, 0.0);
            for (seed, stored) in found.iter_mut().enumerate() {
                let Predictions::Regression { samples, .. } = &mut stored.record.predictions else {
                    panic!("it forecasts");
                };
                for (index, sample) in samples.iter_mut().enumerate() {
                    sample.forecast = sample
                        .truth
                        .iter()
                        .map(|x| x + miss(index + seed))
                        .collect();
                }
                stored.record.metrics = crate::metric::score(&stored.record.predictions);
            }
            found
        };
        // Seeds that are all the same, and origins that are all missed by the same.
        for origins in [1, 40] {
            let (a, b) = (by(origins, &|_| 2.0), by(origins, &|_| 1.0));
            let found = contrast(&refs(&a), &refs(&b), "mae").unwrap();
            assert_eq!(
                (found.p, found.interval, found.varies),
                (None, None, false),
                "{origins}"
            );
            assert!((found.difference - 1.0).abs() < 1e-9 && !found.equal);
        }
        // A varying error that is a constant multiple of another one varies.
        let size = |index: usize| (1 + index % 5) as f64;
        let (a, b) = (by(40, &|i| 2.0 * size(i)), by(40, &size));
        assert!(contrast(&refs(&a), &refs(&b), "mae").unwrap().p.is_some());
        // Two seeds that differ as the others do.
        let (a, b) = (by(1, &|i| 2.0 + size(i)), by(1, &size));
        assert!(!contrast(&refs(&a), &refs(&b), "mae").unwrap().varies);
    }

    #[test]
    fn a_backtest_pairs_origins() {
        let a = group("lstm", &[Some(0), Some(1)], 40, 4.0);
        let b = group("hybrid", &[Some(0), Some(1)], 40, 1.0);
        let found = contrast(&refs(&a), &refs(&b), "rmse").unwrap();
        assert_eq!(
            (found.method, found.pairs),
            (Method::Origins(Scale::Root), 40)
        );
        assert!(!found.small_test);
        let mse = |group: &[Stored]| Summary::of(&values(&refs(group), "mse")).unwrap().mean;
        assert!((found.difference - (mse(&a) - mse(&b))).abs() < 1e-9);
        assert!(found.p.unwrap() < 1e-6);
    }
}
