//! Two groups of records → the difference of one metric, and what chance alone could make of it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::items;
use crate::data::{Noun, time_and_series};
use crate::metric::regression::ABSOLUTE;
use crate::metric::{self, Better, Forecasts, ItemTest, Paired, Scale, ValueLoss};
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
    summary_of(records.filter_map(|record| record.metrics.get(metric).copied()))
}

/// A value of each of such records; `None` where there is none.
pub(crate) fn summary_of(values: impl Iterator<Item = f64>) -> Option<Summary> {
    Summary::of(&values.collect::<Vec<f64>>())
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

    /// Which of the two is better by what is paired, 0 or 1; `None` when they are equal but for rounding, and
    /// by a metric of which neither way is better.
    pub(crate) fn leader(&self) -> Option<usize> {
        let first_is_better = match metric::better(&self.metric) {
            Better::Lower => self.difference < 0.0,
            Better::Higher => self.difference > 0.0,
            Better::Nought => self.means[0].abs() < self.means[1].abs(),
            Better::Neither => return None,
        };
        (!self.equal && self.difference != 0.0).then_some(usize::from(!first_is_better))
    }

    /// Whether the difference has the metric's own unit: a root of a mean of squares is tested by the squares.
    pub(crate) fn has_own_unit(&self) -> bool {
        !matches!(self.method, Method::Origins(scale) if !scale.keeps_unit())
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
    let (a, b): (Vec<f64>, Vec<f64>) = paired(&of_first, &of_second).into_iter().unzip();
    // Origins that are too few, or not the same, are not tested: what is told is the difference of the means, in the metric's unit.
    let Some(test) = statistics::diebold_mariano(&a, &b, steps(groups[0], every)) else {
        return blank;
    };
    let divisor = match scale {
        Scale::OverNaive => naive_error(groups[0][0]),
        Scale::OverInSample | Scale::RootOverInSample => forecasts(groups[0][0]).and_then(|one| one.in_sample_mean(loss)),
        Scale::Same | Scale::Root => None,
    };
    // A metric of several targets, each measured by itself, is no mean of such losses.
    if divisor.is_none() && matches!(scale, Scale::OverInSample | Scale::RootOverInSample) {
        return blank;
    }
    let unit = divisor.unwrap_or(1.0);
    let found = Contrast {
        pairs: a.len(),
        together: every,
        method: Method::Origins(scale),
        ..blank.with(test)
    };
    Contrast {
        difference: found.difference / unit,
        interval: found.interval.map(|(low, high)| (low / unit, high / unit)),
        ..found
    }
}

/// The horizon in steps from one place of the lists to the next, at each of which so many origins stand together.
fn steps(group: &[&Stored], every: usize) -> usize {
    let horizon = forecasts(group[0]).map_or(1, Forecasts::horizon);
    let stride = group[0].record.at("split.stride").and_then(Value::as_u64);
    let stride = stride.and_then(|stride| usize::try_from(stride).ok());
    // Of many series, those of one time stand together.
    let of_each = forecasts(group[0]).map_or(1, |one| one.series().len().max(1));
    let step = (stride.unwrap_or(1).max(1).saturating_mul(every) / if every > 1 { of_each } else { 1 }).max(1);
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

/// The loss at each origin of the first record, in its order, which is that of time: its mean over days ahead and seeds; none where a
/// record does not have it.
fn losses<'a>(group: &[&'a Stored], loss: &ValueLoss, every: usize) -> Option<Vec<(&'a str, f64)>> {
    let mut origins: Vec<(&str, f64)> = Vec::new();
    for stored in group {
        let Some(forecasts) = forecasts(stored) else { continue };
        let own = forecasts.losses(loss, every)?;
        let share = |sum: f64| sum / (forecasts.horizon() * group.len()) as f64;
        if origins.is_empty() {
            origins = own.into_iter().map(|(origin, sum)| (origin, share(sum))).collect();
        } else if is_same(&origins, &own) {
            origins
                .iter_mut()
                .zip(own)
                .for_each(|(known, (_, sum))| known.1 += share(sum));
        } else {
            let places: BTreeMap<&str, usize> = origins.iter().map(|(origin, _)| *origin).zip(0..).collect();
            for (origin, sum) in own {
                if let Some(&place) = places.get(origin) {
                    origins[place].1 += share(sum);
                }
            }
        }
    }
    Some(by_time(origins))
}

/// Of many series those of one time by their mean: they miss together, and what is independent is times. Each stays as it is of one alone.
fn by_time(origins: Vec<(&str, f64)>) -> Vec<(&str, f64)> {
    let time = |origin| time_and_series(origin).map_or(origin, |(time, _)| time);
    let of_one = |own: &[(&'_ str, f64)]| own.iter().map(|(_, loss)| loss).sum::<f64>() / own.len() as f64;
    if origins.first().is_none_or(|(origin, _)| time(origin) == *origin) {
        return origins;
    }
    let times = origins.chunk_by(|a, b| time(a.0) == time(b.0));
    times.map(|own| (time(own[0].0), of_one(own))).collect()
}

/// Whether two lists are of the same origins in the same order, as those of one test are.
fn is_same(first: &[(&str, f64)], second: &[(&str, f64)]) -> bool {
    first.len() == second.len() && first.iter().zip(second).all(|(a, b)| a.0 == b.0)
}

/// The losses at the origins that both have, in the order of the first.
fn paired(first: &[(&str, f64)], second: &[(&str, f64)]) -> Vec<(f64, f64)> {
    if is_same(first, second) {
        return first.iter().zip(second).map(|(a, b)| (a.1, b.1)).collect();
    }
    let second: BTreeMap<&str, f64> = second.iter().copied().collect();
    let both = first.iter().filter_map(|(origin, a)| Some((*a, *second.get(origin)?)));
    both.collect()
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
mod tests;
