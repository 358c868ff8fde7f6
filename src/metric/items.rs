//! Tests on the items that two models share: what is compared of each item, and how that is said.

use super::ranking;
use crate::statistics::{self, Test};

/// A test of two models on the same items.
pub struct ItemTest {
    /// Tests are told apart by their names.
    name: &'static str,
    /// How it pairs two models, in sentences; (what an item is called) → text.
    pub(crate) pairing: fn(&str) -> String,
    /// The items of two models in the same order → the first minus the second; none where the test is undefined.
    pub(crate) test: fn(&[Item], &[Item]) -> Option<Test>,
}

/// One test item under all seeds of a model.
pub(crate) struct Item {
    /// The true class, 0 or 1.
    pub label: u8,
    /// The probability given to class 1 under each seed.
    pub scores: Vec<f64>,
}

impl Item {
    fn score(&self) -> f64 {
        self.mean(|score| score)
    }

    fn is_right(&self) -> bool {
        u8::from(self.score() >= 0.5) == self.label
    }

    /// The cross-entropy, clipped as the metric `log_loss` clips it.
    fn loss(&self) -> f64 {
        self.mean(|score| ranking::log_loss(&[self.label], &[score]).unwrap_or_default())
    }

    fn mean(&self, of: impl Fn(f64) -> f64) -> f64 {
        let seeds = self.scores.len() as f64;
        self.scores.iter().map(|&score| of(score) / seeds).sum()
    }
}

/// McNemar's exact test on the items that one of the two alone classifies correctly.
pub(crate) static MCNEMAR: ItemTest = ItemTest {
    name: "mcnemar",
    pairing: |item| {
        format!(
            "Both models predict the class of each test {item} once, several seeds by their mean score, and are paired by {item}: \
             McNemar's exact test on the {item}s that one of them alone classifies correctly; interval by Bonett and Price. So the \
             difference is that of the predictions by mean score; the two values before it are means over seeds."
        )
    },
    test: |a, b| {
        let alone = |own: &[Item], other: &[Item]| {
            let pairs = own.iter().zip(other);
            pairs.filter(|(own, other)| own.is_right() && !other.is_right()).count() as u64
        };
        Some(statistics::mcnemar(alone(a, b), alone(b, a), a.len() as u64))
    },
};

/// Of the area under the ROC curve: the test of DeLong, DeLong and Clarke-Pearson.
pub(crate) static DELONG: ItemTest = ItemTest {
    name: "delong",
    pairing: |item| {
        format!(
            "Both models are paired by test {item}, several seeds by their mean score: the test of DeLong, DeLong and \
             Clarke-Pearson. So the difference is that of the mean scores; the two values before it are means over seeds."
        )
    },
    test: |a, b| {
        let labels: Vec<u8> = a.iter().map(|item| item.label).collect();
        let [a, b] = [a, b].map(|items| each(items, Item::score));
        statistics::delong(&labels, &a, &b)
    },
};

/// The paired t test on the loss of each item, averaged over the seeds.
pub(crate) static LOSSES: ItemTest = ItemTest {
    name: "losses",
    pairing: |item| {
        format!("Both models are paired by test {item}: the paired t test on the loss of each {item}, averaged over seeds.")
    },
    test: |a, b| {
        let [a, b] = [a, b].map(|items| each(items, Item::loss));
        statistics::paired_t(&a, &b)
    },
};

fn each(items: &[Item], value: fn(&Item) -> f64) -> Vec<f64> {
    items.iter().map(value).collect()
}

impl PartialEq for ItemTest {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ItemTest {}

impl std::fmt::Debug for ItemTest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}
