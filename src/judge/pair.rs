//! Two groups of records → the difference of one metric, and what chance alone could make of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::items;
use crate::data::Noun;
use crate::metric::regression::ABSOLUTE;
use crate::metric::{self, Forecasts, ItemTest, Paired, Scale, ValueLoss};
use crate::statistics::{self, Summary, Test};
use crate::store::record::{Record, Stored};

/// The difference of one metric between two groups of records, the first minus the second.
///
/// A group is the records that differ only in their seed; a model that knows no seed is a group of one, and counts as
/// constant over the seeds of the other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Contrast {
    /// The metric's word.
    pub metric: String,
    /// What the items of the test are called.
    pub noun: Noun,
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
    /// So many origins beside each other stand together in one pair: of very many, records know no single ones.
    pub together: usize,
    /// What is paired.
    pub method: Method,
    /// Whether the differences of the pairs vary by more than rounding: where they do not, they tell nothing of chance.
    pub varies: bool,
    /// Whether the two means are the same but for rounding.
    pub equal: bool,
    /// Whether the test set is too small to rank models.
    pub few: bool,
}

/// What is paired, and so what chance means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// Seeds: the metric of each, by the paired t test.
    Seeds,
    /// Forecast origins: a loss averaged over the seeds, by the test of Diebold and Mariano (1995).
    Origins(Scale),
    /// Test items: the scores averaged over the seeds, by the test that the metric takes.
    Items(&'static ItemTest),
}

/// Where else a difference beyond chance would hold, from the least to the most that can be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// The test set is too small to rank models.
    FewItems,
    /// Under other seeds; other test items could turn the order.
    Seeds,
    /// On other test items too.
    Items,
}

/// A metric of records that differ only in their seed; `None` where none has it.
pub(crate) fn summary<'a>(records: impl IntoIterator<Item = &'a Record>, metric: &str) -> Option<Summary> {
    let records = records.into_iter();
    let values: Vec<f64> = records.filter_map(|record| record.metrics.get(metric).copied()).collect();
    Summary::of(&values)
}

/// Compares two groups; `None` when one of them has no value of that metric.
pub(crate) fn contrast(first: &[&Stored], second: &[&Stored], metric: &str) -> Option<Contrast> {
    let groups = [first, second];
    let [a, b] = groups.map(|group| summary(group.iter().map(|one| &one.record), metric));
    let means = [a?.mean, b?.mean];
    let few = |stored: &&&Stored| stored.record.predictions.are_few();
    let blank = Contrast {
        metric: metric.to_owned(),
        noun: first[0].record.noun(),
        means,
        difference: means[0] - means[1],
        interval: None,
        p: None,
        wilcoxon: None,
        pairs: 0,
        together: 1,
        method: Method::Seeds,
        varies: true,
        equal: statistics::numerically_equal(means[0], means[1]),
        few: groups.into_iter().flatten().any(|stored| few(&stored)),
    };
    let has_origins = groups.into_iter().flatten().all(|stored| count(stored) > 1);
    Some(match metric::find(metric).map(|metric| metric.paired) {
        Some(Paired::Items(test)) => match items::compared(groups, test) {
            Some((pairs, found)) => Contrast {
                pairs,
                method: Method::Items(test),
                // Equal means may hide different predictions, and equal classes different scores.
                equal: blank.equal && found.difference == 0.0,
                ..blank.with(found)
            },
            None => over_seeds(groups, blank),
        },
        Some(Paired::Values { loss, scale }) if has_origins => over_origins(groups, (loss, scale), blank),
        // A metric that is no mean over origins, as R², cannot be paired by them: its difference is shown, and not tested.
        _ if has_origins => blank,
        _ => over_seeds(groups, blank),
    })
}

impl Contrast {
    /// Where else its difference would hold.
    pub(crate) fn reach(&self) -> Reach {
        match self.method {
            _ if self.few => Reach::FewItems,
            Method::Seeds => Reach::Seeds,
            Method::Origins(_) | Method::Items(_) => Reach::Items,
        }
    }

    /// Which of the two is better by what is paired, 0 or 1; `None` when they are equal but for rounding.
    pub(crate) fn leader(&self) -> Option<usize> {
        let second = (self.difference > 0.0) == metric::lower_is_better(&self.metric);
        (!self.equal && self.difference != 0.0).then_some(usize::from(second))
    }

    /// Whether the difference has the metric's own unit: a root of a mean of squares is tested by the squares.
    pub(crate) fn has_own_unit(&self) -> bool {
        self.method != Method::Origins(Scale::Root)
    }

    /// With what a test finds; nothing of chance where the differences do not vary.
    fn with(self, Test { difference, chance }: Test) -> Self {
        Self {
            difference,
            interval: chance.map(|chance| chance.interval),
            p: chance.map(|chance| chance.p),
            varies: chance.is_some(),
            ..self
        }
    }
}

fn over_seeds(groups: [&[&Stored]; 2], blank: Contrast) -> Contrast {
    let (a, b) = by_seed(groups, &blank.metric);
    let pairs = a.len();
    // A single pair: paired_t is undefined.
    let Some(test) = statistics::paired_t(&a, &b) else {
        return Contrast { pairs, ..blank };
    };
    Contrast {
        wilcoxon: test.chance.and_then(|_| statistics::wilcoxon_signed_rank(&a, &b)),
        pairs,
        ..blank.with(test)
    }
}

fn over_origins(groups: [&[&Stored]; 2], (loss, scale): (&ValueLoss, Scale), blank: Contrast) -> Contrast {
    // Records that list the losses of so many origins together are compared as the coarsest.
    let every = groups
        .into_iter()
        .flatten()
        .map(|stored| forecasts(stored).map_or(1, Forecasts::together));
    let every = every.max().unwrap_or(1);
    let [Some(of_first), Some(of_second)] = groups.map(|group| losses(group, loss, every)) else {
        return blank;
    };
    // In the order of the record, which is that of time.
    let origins = forecasts(groups[0][0]).and_then(|forecasts| forecasts.losses(loss, every));
    let (a, b): (Vec<f64>, Vec<f64>) = origins
        .iter()
        .flatten()
        .filter_map(|(origin, _)| Some((*of_first.get(origin)?, *of_second.get(origin)?)))
        .unzip();
    // Origins that are too few, or not the same, are not tested: what is told is the difference of the means, in the metric's unit.
    let Some(test) = statistics::diebold_mariano(&a, &b, steps(groups[0], every)) else {
        return blank;
    };
    let naive = match scale {
        Scale::OverNaive => naive_error(groups[0][0]).unwrap_or(1.0),
        Scale::Same | Scale::Root => 1.0,
    };
    let found = Contrast {
        pairs: a.len(),
        together: every,
        method: Method::Origins(scale),
        ..blank.with(test)
    };
    Contrast {
        difference: found.difference / naive,
        interval: found.interval.map(|(low, high)| (low / naive, high / naive)),
        ..found
    }
}

/// The horizon in steps from one place of the lists to the next, at each of which so many origins stand together.
fn steps(group: &[&Stored], every: usize) -> usize {
    let horizon = forecasts(group[0]).map_or(1, Forecasts::horizon);
    let stride = group[0].record.at("split.stride").and_then(Value::as_u64);
    let stride = stride.and_then(|stride| usize::try_from(stride).ok());
    let step = stride.unwrap_or(1).max(1).saturating_mul(every);
    horizon.div_ceil(step).max(1)
}

/// The values of the metric, paired by seed. A group without seeds has the same value for every seed of the other.
fn by_seed(groups: [&[&Stored]; 2], metric: &str) -> (Vec<f64>, Vec<f64>) {
    let [first, second] = groups.map(|group| -> BTreeMap<Option<u64>, f64> {
        let value = |stored: &&Stored| {
            let seed = stored.record.at("seed").and_then(Value::as_u64);
            Some((seed, *stored.record.metrics.get(metric)?))
        };
        group.iter().filter_map(value).collect()
    });
    let of = |group: &BTreeMap<Option<u64>, f64>, seed| group.get(&seed).or(group.get(&None)).copied();
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

/// The loss at each origin: its mean over days ahead and seeds; none where a record does not have it.
fn losses<'a>(group: &[&'a Stored], loss: &ValueLoss, every: usize) -> Option<BTreeMap<&'a str, f64>> {
    let mut origins: BTreeMap<&str, f64> = BTreeMap::new();
    for stored in group {
        let Some(forecasts) = forecasts(stored) else { continue };
        for (origin, sum) in forecasts.losses(loss, every)? {
            *origins.entry(origin).or_default() += sum / (forecasts.horizon() * group.len()) as f64;
        }
    }
    Some(origins)
}

fn forecasts(stored: &Stored) -> Option<&Forecasts> {
    stored.record.predictions.forecasts()
}

/// From how many origins a record forecasts.
fn count(stored: &Stored) -> usize {
    forecasts(stored).map_or(0, Forecasts::count)
}

/// The mean absolute error of the naive forecast; `None` where it is 0.
fn naive_error(stored: &Stored) -> Option<f64> {
    forecasts(stored)?.naive(&ABSOLUTE).filter(|mean| *mean > 0.0)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::metric::Predictions;
    use crate::sample::Sample;

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
        assert!(found.few);
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
                let Predictions::Regression(forecasts) = &mut stored.record.predictions else {
                    panic!("it forecasts");
                };
                for (index, sample) in forecasts.samples_mut().iter_mut().enumerate() {
                    sample.forecast = sample.truth.iter().map(|x| x + miss(index + seed)).collect();
                }
                stored.record.metrics = crate::metric::score(&stored.record.predictions);
            }
            found
        };
        // Seeds that are all the same, and origins that are all missed by the same.
        for origins in [1, 40] {
            let (a, b) = (by(origins, &|_| 2.0), by(origins, &|_| 1.0));
            let found = contrast(&refs(&a), &refs(&b), "mae").unwrap();
            assert_eq!((found.p, found.interval, found.varies), (None, None, false), "{origins}");
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
        assert_eq!((found.method, found.pairs), (Method::Origins(Scale::Root), 40));
        assert!(!found.few);
        let mse = |group: &[Stored]| {
            let records = group.iter().map(|one| &one.record);
            summary(records, "mse").unwrap().mean
        };
        assert!((found.difference - (mse(&a) - mse(&b))).abs() < 1e-9);
        assert!(found.p.unwrap() < 1e-6);
    }

    #[test]
    fn records_that_keep_a_summary_are_compared_as_those_that_keep_all() {
        let summed_up = |group: &[Stored]| -> Vec<Stored> {
            let mut group = group.to_vec();
            for stored in &mut group {
                stored.record.predictions = stored.record.predictions.clone().kept(metric::Keep::Summary);
            }
            group
        };
        let a = group("lstm", &[Some(0), Some(1)], 40, 4.0);
        let b = group("hybrid", &[Some(0), Some(1)], 40, 1.0);
        for metric in ["rmse", "mae", "mape", "smape", "relative_mae", "r2"] {
            let of_all = contrast(&refs(&a), &refs(&b), metric).unwrap();
            // Both, and one against one that keeps all.
            for b in [&summed_up(&b), &b] {
                let found = contrast(&refs(&summed_up(&a)), &refs(b), metric).unwrap();
                assert_eq!(
                    (found.method, found.pairs, found.few),
                    (of_all.method, of_all.pairs, of_all.few)
                );
                let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
                assert!(near(found.difference, of_all.difference), "{metric}");
                assert_eq!(found.p.is_some(), of_all.p.is_some());
                assert!(near(found.p.unwrap_or(1.0), of_all.p.unwrap_or(1.0)), "{metric}");
            }
        }
    }

    #[test]
    fn of_very_many_origins_neighbours_are_one_pair() {
        let a = group("lstm", &[Some(0)], 9_000, 4.0);
        let mut b = group("hybrid", &[Some(0)], 9_000, 1.0);
        let of_all = contrast(&refs(&a), &refs(&b), "mae").unwrap();
        for stored in &mut b {
            stored.record.predictions = stored.record.predictions.clone().kept(metric::Keep::BySize);
        }
        let found = contrast(&refs(&a), &refs(&b), "mae").unwrap();
        assert_eq!((of_all.pairs, of_all.together), (9_000, 1));
        assert_eq!((found.pairs, found.together), (4_500, 2));
        assert!((found.difference - of_all.difference).abs() < 1e-9);
        assert!(found.p.unwrap() < 1e-6);
    }

    #[test]
    fn too_few_origins_leave_the_difference_of_the_means_in_the_unit_of_the_metric() {
        let a = group("lstm", &[Some(0), Some(1)], 3, 4.0);
        let b = group("hybrid", &[Some(0), Some(1)], 3, 1.0);
        for metric in ["rmse", "relative_mae", "mae"] {
            let found = contrast(&refs(&a), &refs(&b), metric).unwrap();
            let mean = |group: &[Stored]| summary(group.iter().map(|one| &one.record), metric).unwrap().mean;
            assert_eq!((found.p, found.difference), (None, mean(&a) - mean(&b)), "{metric}");
            assert!(found.has_own_unit(), "{metric}");
        }
    }
}
