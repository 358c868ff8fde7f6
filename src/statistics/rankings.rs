//! Two scores of the same items → whether one ranks the classes better.

use statrs::distribution::{ContinuousCDF, Normal};

use super::student::{mean_and_squares, vary};
use super::{Chance, LEVEL, Test};

/// Tests whether two scores of the same items have the same area under the ROC curve (DeLong, DeLong and Clarke-Pearson,
/// 1988). Undefined for fewer than two items of a class; nothing is said of chance where every item of a class is placed alike.
///
/// # Panics
/// When the lists differ in length.
pub(crate) fn delong(labels: &[u8], a: &[f64], b: &[f64]) -> Option<Test> {
    assert!(
        labels.len() == a.len() && a.len() == b.len(),
        "one score of each kind for each label"
    );
    let of_class = |class: u8, scores: &[f64]| -> Vec<f64> {
        let items = labels.iter().zip(scores);
        items.filter(|(label, _)| **label == class).map(|(_, score)| *score).collect()
    };
    let [a, b] = [a, b].map(|scores| [of_class(0, scores), of_class(1, scores)]);
    // How much better a places each item of a class among those of the other.
    let better = |class: usize| -> Vec<f64> {
        let [of_a, of_b] = [&a, &b].map(|scores| placements(&scores[class], &scores[1 - class], class));
        of_a.iter().zip(of_b).map(|(a, b)| a - b).collect()
    };
    let classes = [better(0), better(1)];
    if classes.iter().any(|class| class.len() < 2) {
        return None;
    }
    let variance: f64 = classes
        .iter()
        .map(|class| {
            let n = class.len() as f64;
            mean_and_squares(class).1 / (n - 1.0) / n
        })
        .sum();
    let difference = mean_and_squares(&classes[1]).0;
    let error = variance.sqrt();
    let normal = Normal::standard();
    let half = normal.inverse_cdf(1.0 - LEVEL / 2.0) * error;
    let varies = classes.iter().any(|class| vary(class, 1.0));
    Some(Test {
        difference,
        chance: varies.then(|| Chance {
            interval: (difference - half, difference + half),
            p: (2.0 * normal.cdf(-(difference / error).abs())).min(1.0),
        }),
    })
}

/// For each score the share of the others that it lies on the right side of: above for class 1, below for class 0; an equal
/// one counts half.
fn placements(scores: &[f64], others: &[f64], class: usize) -> Vec<f64> {
    let mut sorted = others.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = |score: &f64| {
        let below = sorted.partition_point(|other| other < score);
        let equal = sorted.partition_point(|other| other <= score) - below;
        let right = match class {
            1 => below,
            _ => sorted.len() - below - equal,
        };
        (right as f64 + equal as f64 / 2.0) / sorted.len() as f64
    };
    scores.iter().map(place).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const LABELS: [u8; 8] = [0, 0, 0, 0, 1, 1, 1, 1];
    const A: [f64; 8] = [0.1, 0.2, 0.3, 0.6, 0.4, 0.7, 0.8, 0.9];
    const B: [f64; 8] = [0.3, 0.6, 0.2, 0.7, 0.5, 0.1, 0.8, 0.4];

    #[test]
    fn a_difference_by_hand() {
        // AUC of a 15/16, of b 8/16. Class 1: placements of a 3/4 1 1 1, of b 2/4 0 1 2/4; their differences
        // .25 1 0 .5 have mean 7/16 and squares .546875. Class 0: a 1 1 1 3/4, b 3/4 1/4 3/4 1/4: .25 .75 .25 .5, squares .171875.
        let test = delong(&LABELS, &A, &B).unwrap();
        assert!((test.difference - 7.0 / 16.0).abs() < 1e-12);
        let error = (0.546875f64 / 12.0 + 0.171875 / 12.0).sqrt();
        let chance = test.chance.unwrap();
        let half = (chance.interval.1 - chance.interval.0) / 2.0;
        assert!((half - 1.959963984540054 * error).abs() < 1e-6, "{test:?}");
        assert!(chance.interval.0 < 0.0 || chance.p < LEVEL);
        let back = delong(&LABELS, &B, &A).unwrap();
        assert_eq!(back.difference, -test.difference);
        assert_eq!(back.chance.unwrap().p, chance.p);
    }

    #[test]
    fn nothing_varies_or_nothing_is_there() {
        let same = delong(&LABELS, &A, &A).unwrap();
        assert_eq!((same.difference, same.chance), (0.0, None));
        assert_eq!(delong(&[0, 1, 1], &[0.1; 3], &[0.2; 3]), None);
        let (right, wrong) = ([0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 0.0, 0.0]);
        let sure = delong(&[0, 0, 1, 1], &right, &wrong).unwrap();
        assert_eq!((sure.difference, sure.chance), (1.0, None));
    }
}
