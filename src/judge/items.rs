//! Two groups of classifications of the same items → their difference, item by item.
//!
//! A group of several seeds predicts by the score averaged over its seeds: so every item counts once, and what is tested is
//! whether the difference would hold on other items, not on other seeds.

use std::collections::BTreeMap;

use crate::metric::{Item, ItemTest};
use crate::statistics::Test;
use crate::store::record::Stored;

/// How many items there are, and what the test finds between the two groups; `None` when these were not tested on the same items,
/// or the test is undefined.
pub(super) fn compared(groups: [&[&Stored]; 2], test: &ItemTest) -> Option<(usize, Test)> {
    let [a, b] = [items(groups[0])?, items(groups[1])?];
    if a.is_empty() || !a.keys().eq(b.keys()) {
        return None;
    }
    let [a, b] = [a, b].map(|items| items.into_values().collect::<Vec<Item>>());
    Some((a.len(), (test.test)(&a, &b)?))
}

/// The items of a group by name; `None` when its records were not tested on the same ones.
fn items<'a>(group: &[&'a Stored]) -> Option<BTreeMap<&'a str, Item>> {
    let mut items: BTreeMap<&str, Item> = BTreeMap::new();
    for stored in group {
        for scored in stored.record.predictions.scored()? {
            let item = items.entry(&scored.name).or_insert_with(|| Item {
                label: scored.label,
                scores: Vec::new(),
            });
            item.scores.push(scored.score);
        }
    }
    let whole = items.values().all(|item| item.scores.len() == group.len());
    whole.then_some(items)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::judge::pair::{Method, contrast};
    use crate::metric::{DELONG, LOSSES, MCNEMAR};
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
        assert_eq!((found.method, found.pairs), (Method::Items(&MCNEMAR), 200));
        // By hand: the clips that one of the two alone classifies correctly.
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
        let test = crate::statistics::mcnemar(only_a, only_b, 200);
        assert_eq!(
            (found.difference, found.p),
            (test.difference, test.chance.map(|chance| chance.p))
        );
    }

    #[test]
    fn each_metric_has_its_test() {
        let network = group(|sample| sample.model == "conv_lstm");
        let majority = group(|sample| sample.model == "majority");
        let method = |metric| contrast(&refs(&network), &refs(&majority), metric).unwrap().method;
        assert_eq!(method("auc"), Method::Items(&DELONG));
        assert_eq!(method("log_loss"), Method::Items(&LOSSES));
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
