//! Two groups of classifications of the same items → their difference, item by item.
//!
//! A group of several seeds answers by the score averaged over its seeds: so every item counts once, and what is tested is
//! whether the difference would hold on other items, not on other seeds.

use std::collections::BTreeMap;

use crate::metric::{ItemTest, Scored, ranking};
use crate::statistics::{self, Chance, paired_t};
use crate::store::record::Stored;

/// How many items there are, the difference and what its test says of chance; `None` when the two groups were not tested on
/// the same items, or the test is undefined.
pub(super) fn differences(groups: [&[&Stored]; 2], test: ItemTest) -> Option<(usize, f64, Option<Chance>)> {
    let (a, b) = (items(groups[0])?, items(groups[1])?);
    if a.len() != b.len() || a.is_empty() || !a.keys().eq(b.keys()) {
        return None;
    }
    let pairs: Vec<(&Item, &Item)> = a.values().zip(b.values()).collect();
    let unzipped =
        |value: fn(&Item) -> f64| -> (Vec<f64>, Vec<f64>) { pairs.iter().map(|(a, b)| (value(a), value(b))).unzip() };
    let (difference, chance) = match test {
        ItemTest::Answers => {
            let only = |one: fn(&(&Item, &Item)) -> (bool, bool)| {
                let alone = pairs.iter().map(one).filter(|(own, other)| *own && !other);
                alone.count() as u64
            };
            let only_a = only(|(a, b)| (a.is_right(), b.is_right()));
            let only_b = only(|(a, b)| (b.is_right(), a.is_right()));
            let items = pairs.len() as u64;
            let chance = Chance {
                interval: statistics::paired_shares_interval(only_a, only_b, items),
                p: statistics::mcnemar_exact(only_a, only_b),
            };
            let difference = (only_a as f64 - only_b as f64) / items as f64;
            (difference, Some(chance))
        }
        ItemTest::Ranking => {
            let labels: Vec<u8> = pairs.iter().map(|(a, _)| a.label).collect();
            let (a, b) = unzipped(|item| item.score);
            let found = statistics::delong(&labels, &a, &b)?;
            (found.difference, found.chance)
        }
        ItemTest::Loss => {
            let (a, b) = unzipped(|item| item.loss);
            let found = paired_t(&a, &b)?;
            (found.mean_difference, found.chance)
        }
    };
    Some((pairs.len(), difference, chance))
}

/// One test item under all seeds of a group.
struct Item {
    label: u8,
    /// The mean over seeds.
    score: f64,
    /// The mean over seeds of the cross-entropy.
    loss: f64,
}

impl Item {
    fn is_right(&self) -> bool {
        u8::from(self.score >= 0.5) == self.label
    }
}

/// The items of a group by name; `None` when its records were not tested on the same ones.
fn items(group: &[&Stored]) -> Option<BTreeMap<String, Item>> {
    let mut items: BTreeMap<String, (Item, usize)> = BTreeMap::new();
    let records = group.len() as f64;
    for stored in group {
        for scored in stored.record.predictions.scored()? {
            let blank = Item {
                label: scored.label,
                score: 0.0,
                loss: 0.0,
            };
            let (item, seen) = items.entry(scored.name.clone()).or_insert((blank, 0));
            item.score += scored.score / records;
            item.loss += loss(scored) / records;
            *seen += 1;
        }
    }
    let whole = |(name, (item, seen))| (seen == group.len()).then_some((name, item));
    items.into_iter().map(whole).collect()
}

/// The cross-entropy of one item, clipped as the metric `log_loss` clips it.
fn loss(item: &Scored) -> f64 {
    ranking::log_loss(&[item.label], &[item.score]).unwrap_or_default()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::judge::pair::{Method, contrast};
    use crate::sample::clips::{self, ClipSample};

    fn group(wanted: fn(&ClipSample) -> bool) -> Vec<Stored> {
        let samples = clips::study().into_iter().filter(wanted);
        samples.map(|sample| sample.record()).collect()
    }

    fn refs(group: &[Stored]) -> Vec<&Stored> {
        group.iter().collect()
    }

    #[test]
    fn seeds_answer_by_their_mean_score_and_clips_are_paired() {
        let network = group(|sample| sample.model == "conv_lstm");
        let probe = group(|sample| sample.model == "linear_probe");
        let found = contrast(&refs(&network), &refs(&probe), "accuracy").unwrap();
        assert_eq!((found.method, found.pairs), (Method::Items(ItemTest::Answers), 200));
        // By hand: the clips that one of the two alone classifies rightly.
        let items = |stored: &Stored| stored.record.predictions.scored().unwrap().to_vec();
        let right = |score: f64, label: u8| u8::from(score >= 0.5) == label;
        let (mut only_a, mut only_b) = (0, 0);
        for (index, other) in items(&probe[0]).iter().enumerate() {
            let mean = network.iter().map(|stored| items(stored)[index].score).sum::<f64>() / 3.0;
            match (right(mean, other.label), right(other.score, other.label)) {
                (true, false) => only_a += 1,
                (false, true) => only_b += 1,
                _ => {}
            }
        }
        assert!(only_a > 0);
        assert_eq!(found.p, Some(statistics::mcnemar_exact(only_a, only_b)));
        let difference = (only_a as f64 - only_b as f64) / 200.0;
        assert!((found.difference - difference).abs() < 1e-12);
    }

    #[test]
    fn each_metric_has_its_test() {
        let network = group(|sample| sample.model == "conv_lstm");
        let majority = group(|sample| sample.model == "majority");
        let method = |metric| contrast(&refs(&network), &refs(&majority), metric).unwrap().method;
        assert_eq!(method("auc"), Method::Items(ItemTest::Ranking));
        assert_eq!(method("log_loss"), Method::Items(ItemTest::Loss));
        assert_eq!(method("f1"), Method::Seeds);
        let probe = group(|sample| sample.model == "linear_probe");
        let found = contrast(&refs(&network), &refs(&probe), "auc").unwrap();
        assert!(found.difference > 0.05 && found.p.unwrap() < 1e-3);
        // All right against one score for all: neither ranking varies from clip to clip.
        let found = contrast(&refs(&network), &refs(&majority), "auc").unwrap();
        assert!(found.difference > 0.4 && found.p.is_none() && !found.varies);
    }

    #[test]
    fn other_clips_cannot_be_paired() {
        let network = group(|sample| sample.model == "conv_lstm");
        let mut probe = group(|sample| sample.model == "linear_probe");
        if let crate::metric::Predictions::Binary { samples, .. } = &mut probe[0].record.predictions {
            samples[0].name = "another".to_owned();
        }
        let found = contrast(&refs(&network), &refs(&probe), "accuracy").unwrap();
        assert_eq!(found.method, Method::Seeds);
    }
}
