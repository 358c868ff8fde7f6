//! What holds between the rates of one classification: all of them come from one confusion matrix of whole clips.

use super::Rule;
use super::errors::{Broken, Known};
use crate::console::counted;
use crate::metric::classification::{ClassScores, Confusion};
use crate::metric::{self, name};
use crate::report::round;

/// More matrices than this are not tried: a check that takes seconds is not worth them.
const MOST_MATRICES: u64 = 4_000_000;

/// A printed or computed rate: what it is of, which name readers know it by, its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Which rate.
    pub of: Of,
    /// The metric's name, for the mark beside its value.
    pub metric: &'static str,
    /// As far as it is known.
    pub value: Known,
}

/// What a rate is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// All answers.
    Accuracy,
    /// The mean of both recalls.
    BalancedAccuracy,
    /// Precision, recall or F1 of a class.
    Class(usize, Score),
    /// Of the mean over both classes.
    Macro(Score),
    /// Of the mean weighted by support.
    Weighted(Score),
}

/// A score of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Score {
    /// Of the clips answered with it, the share that is of it.
    Precision,
    /// Of its clips, the share answered with it.
    Recall,
    /// Harmonic mean of both.
    F1,
}

impl Score {
    /// The one of a column or metric of that name.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            name::PRECISION => Some(Self::Precision),
            name::RECALL => Some(Self::Recall),
            name::F1 => Some(Self::F1),
            _ => None,
        }
    }

    fn of(self, scores: ClassScores) -> f64 {
        match self {
            Self::Precision => scores.precision,
            Self::Recall => scores.recall,
            Self::F1 => scores.f1,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Precision => name::PRECISION,
            Self::Recall => name::RECALL,
            Self::F1 => "F1",
        }
    }
}

impl Of {
    /// The rate of a metric of ours, which counts class 1 as the positive one.
    pub fn metric(word: &str) -> Option<(Self, &'static str)> {
        let of = match word {
            name::ACCURACY => Self::Accuracy,
            name::BALANCED_ACCURACY => Self::BalancedAccuracy,
            name::MACRO_F1 => Self::Macro(Score::F1),
            other => Self::Class(1, Score::named(other)?),
        };
        Some((of, metric::find(word)?.name))
    }

    fn in_matrix(self, matrix: &Confusion) -> f64 {
        match self {
            Self::Accuracy => matrix.accuracy().unwrap_or_default(),
            Self::BalancedAccuracy => matrix.macro_average().recall,
            Self::Class(class, score) => score.of(matrix.class(class)),
            Self::Macro(score) => score.of(matrix.macro_average()),
            Self::Weighted(score) => score.of(matrix.weighted_average()),
        }
    }

    fn in_words(self, classes: &[String; 2]) -> String {
        match self {
            Self::Accuracy => name::ACCURACY.to_owned(),
            Self::BalancedAccuracy => "balanced accuracy".to_owned(),
            Self::Class(class, score) => format!("{} of {}", score.word(), classes[class]),
            Self::Macro(score) => format!("macro average of {}", score.word()),
            Self::Weighted(score) => format!("weighted average of {}", score.word()),
        }
    }
}

/// The rules that no confusion matrix with this many clips of each class satisfies; `auc` is held against the balanced
/// accuracy of those that do.
pub fn broken(
    rates: &[Rate],
    auc: Option<&Known>,
    support: [u64; 2],
    classes: &[String; 2],
) -> Vec<Broken> {
    let [first, second] = support;
    let matrices = (first + 1).saturating_mul(second + 1);
    if rates.is_empty() || first == 0 || second == 0 || matrices > MOST_MATRICES {
        return Vec::new();
    }
    let mut balanced: Option<(f64, f64)> = None;
    for right in 0..=first {
        for found in 0..=second {
            let matrix = Confusion {
                counts: [[right, first - right], [second - found, found]],
            };
            let fits = rates.iter().all(|rate| {
                let value = rate.of.in_matrix(&matrix);
                rate.value.low <= value && value <= rate.value.high
            });
            if fits {
                let value = matrix.macro_average().recall;
                let (low, high) = balanced.unwrap_or((value, value));
                balanced = Some((low.min(value), high.max(value)));
            }
        }
    }
    let listed = || {
        let parts: Vec<String> = rates
            .iter()
            .map(|rate| format!("{} {}", rate.of.in_words(classes), rate.value.text))
            .collect();
        parts.join(", ")
    };
    let clips = format!(
        "{} of {} and {} of {}",
        counted(usize::try_from(first).unwrap_or(usize::MAX), "clip"),
        classes[0],
        round::count(usize::try_from(second).unwrap_or(usize::MAX)),
        classes[1]
    );
    let Some((low, high)) = balanced else {
        let metrics = rates.iter().map(|rate| rate.metric).collect();
        let sentence = format!("No answers to {clips} give {}.", listed());
        return vec![(Rule::NoSuchConfusion, metrics, sentence)];
    };
    // A rate that leaves the balanced accuracy open within more than two digits says nothing of an area. Of a perfect
    // classifier, and of one that always answers the same, both are equal anyway.
    let is_narrow = high - low <= 0.011 && high < 1.0 - 1e-9 && low > 0.5 + 1e-9;
    match auc {
        Some(auc) if is_narrow && auc.low <= high && low <= auc.high => {
            let between = if high - low < 1e-9 {
                round::number(low)
            } else {
                format!("between {} and {}", round::number(low), round::number(high))
            };
            let sentence = format!(
                "AUC is {}, and the balanced accuracy that {} imply on {clips} is {between}.",
                auc.text,
                listed()
            );
            vec![(Rule::AucOfAnswers, vec![name::AUC], sentence)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn rules(rates: &[(Of, &str)], auc: Option<&str>, support: [u64; 2]) -> Vec<Rule> {
        let rates: Vec<Rate> = rates
            .iter()
            .map(|(of, text)| Rate {
                of: *of,
                metric: "accuracy",
                value: Known::printed(text).unwrap(),
            })
            .collect();
        let auc = auc.and_then(Known::printed);
        let classes = ["fight", "no fight"].map(str::to_owned);
        let broken = broken(&rates, auc.as_ref(), support, &classes);
        broken.into_iter().map(|(rule, ..)| rule).collect()
    }

    const PRINTED: [(Of, &str); 7] = [
        (Of::Class(0, Score::Precision), "0.98"),
        (Of::Class(0, Score::Recall), "0.92"),
        (Of::Class(0, Score::F1), "0.95"),
        (Of::Class(1, Score::Precision), "0.92"),
        (Of::Class(1, Score::Recall), "0.98"),
        (Of::Class(1, Score::F1), "0.95"),
        (Of::Accuracy, "0.95"),
    ];

    #[test]
    fn the_printed_report_is_possible_and_its_auc_is_of_answers() {
        assert_eq!(rules(&PRINTED, None, [100, 100]), []);
        assert_eq!(
            rules(&PRINTED, Some("0.95"), [100, 100]),
            [Rule::AucOfAnswers]
        );
        assert_eq!(rules(&PRINTED, Some("0.98"), [100, 100]), []);
    }

    #[test]
    fn rates_of_no_matrix_are_impossible() {
        // 92 and 98 of 100 each give an accuracy of 0.95 and nothing else.
        let mut rates = PRINTED;
        rates[6].1 = "0.97";
        assert_eq!(rules(&rates, None, [100, 100]), [Rule::NoSuchConfusion]);
        // Of seven clips no share rounds to 0.5.
        let half = [(Of::Class(0, Score::Recall), "0.50")];
        assert_eq!(rules(&half, None, [7, 7]), [Rule::NoSuchConfusion]);
        assert_eq!(rules(&half, None, [8, 7]), []);
        assert_eq!(rules(&half, None, [0, 7]), []);
    }

    #[test]
    fn accuracy_alone_implies_nothing_where_classes_differ_in_size() {
        let alone = [(Of::Accuracy, "0.95")];
        assert_eq!(rules(&alone, Some("0.95"), [20, 180]), []);
        assert_eq!(
            rules(&alone, Some("0.95"), [100, 100]),
            [Rule::AucOfAnswers]
        );
    }
}
