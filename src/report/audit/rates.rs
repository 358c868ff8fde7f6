//! What holds between the rates of one classification: all of them come from one confusion matrix of whole items.

use super::known::Known;
use super::{Rule, Severity};
use crate::console::counted;
use crate::metric::classification::{ClassScores, Confusion};
use crate::metric::{self, Predictions, name};
use crate::report::round;
use crate::store::record::Stored;

/// More matrices than this are not tried: a check that takes seconds is not worth them.
const MOST_MATRICES: u64 = 4_000_000;

/// No confusion matrix has these rates.
pub(super) static NO_SUCH_CONFUSION: Rule = Rule {
    mark: "no such confusion matrix",
    severity: Severity::Impossible,
    is_about_networks: false,
    meaning: "Precision, recall, F1 and accuracy of one test all come from the same four whole numbers; none give these.",
    check: |evidence| {
        evidence.broken_rates(|rates| {
            let sentence = || format!("No predictions of {} give {}.", rates.items(), rates.listed());
            let metrics = || rates.rates.iter().filter_map(|rate| rate.metric).collect();
            rates.balanced.is_none().then(|| (metrics(), sentence()))
        })
    },
};

/// The area under the curve is the balanced accuracy: it comes from predicted classes.
pub(super) static AUC_OF_ANSWERS: Rule = Rule {
    mark: "AUC of predicted classes",
    severity: Severity::Doubtful,
    is_about_networks: false,
    meaning: "An area under the ROC curve that equals the balanced accuracy was most likely computed from predicted classes of 0 and 1 \
              instead of scores: that curve has a single corner, and its area is the balanced accuracy.",
    check: |evidence| evidence.broken_rates(auc_of_classes),
};

fn auc_of_classes(rates: &Rates) -> Option<(Vec<&'static str>, String)> {
    let auc = rates.auc.as_ref()?;
    let (low, high) = rates.balanced?;
    // A rate that leaves the balanced accuracy open within more than two digits says nothing of an area. Of a perfect
    // classifier, and of one that always predicts the same, both are equal anyway.
    let is_narrow = high - low <= 0.011 && high < 1.0 - 1e-9 && low > 0.5 + 1e-9;
    if !is_narrow || !auc.meets(low, high) {
        return None;
    }
    let between = if high - low < 1e-9 {
        round::number(low)
    } else {
        format!("between {} and {}", round::number(low), round::number(high))
    };
    let sentence = format!(
        "AUC is {}, and the balanced accuracy that {} imply on {} is {between}.",
        auc.text,
        rates.listed(),
        rates.items()
    );
    Some((vec![name::AUC], sentence))
}

/// A printed or computed rate: what it is of, which name readers know it by, its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rate {
    /// Which rate.
    pub of: Of,
    /// The metric that a mark stands beside; none where there is no such value.
    pub metric: Option<&'static str>,
    /// As far as it is known.
    pub value: Known,
}

/// What a rate is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// All predictions.
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
pub(super) enum Score {
    /// Of the items predicted as it, the share that is of it.
    Precision,
    /// Of its items, the share predicted as it.
    Recall,
    /// Harmonic mean of both.
    F1,
}

impl Score {
    /// The one of a column or metric of that name.
    pub(super) fn named(word: &str) -> Option<Self> {
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
    pub(super) fn metric(word: &str) -> Option<(Self, &'static str)> {
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

/// The rates of one classification, and what they imply.
pub(super) struct Rates {
    rates: Vec<Rate>,
    /// Held against the balanced accuracy, where it may have been computed from predicted classes.
    auc: Option<Known>,
    /// Items of each class.
    support: [u64; 2],
    classes: [String; 2],
    /// The lowest and the highest balanced accuracy of the confusion matrices with these rates; none where no matrix has them.
    balanced: Option<(f64, f64)>,
}

impl Rates {
    /// With every confusion matrix of so many items of each class tried; none where there is nothing to try, or too much.
    pub(super) fn new(rates: Vec<Rate>, auc: Option<Known>, support: [u64; 2], classes: &[String; 2]) -> Option<Self> {
        let [first, second] = support;
        let matrices = (first + 1).saturating_mul(second + 1);
        if rates.is_empty() || first == 0 || second == 0 || matrices > MOST_MATRICES {
            return None;
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
        Some(Self {
            rates,
            auc,
            support,
            classes: classes.clone(),
            balanced,
        })
    }

    /// Those of a record of a classification.
    pub(super) fn of_record(stored: &Stored) -> Option<Self> {
        let record = &stored.record;
        let Predictions::Binary { classes, samples } = &record.predictions else {
            return None;
        };
        let of = record.metrics.iter().filter_map(|(name, &value)| {
            let (of, metric) = Of::metric(name)?;
            Some(Rate {
                of,
                metric: Some(metric),
                value: Known::computed(value),
            })
        });
        // Two scores are classes: what a network says of items that differ has more than two values.
        let mut scores: Vec<u64> = samples.iter().map(|item| item.score.to_bits()).collect();
        scores.sort_unstable();
        scores.dedup();
        let auc = record.metrics.get(name::AUC).filter(|_| scores.len() == 2);
        let auc = auc.map(|&auc| Known::computed(auc));
        Self::new(of.collect(), auc, support(&record.predictions)?, classes)
    }

    fn listed(&self) -> String {
        let rates = self.rates.iter();
        let parts = rates.map(|rate| format!("{} {}", rate.of.in_words(&self.classes), rate.value.text));
        parts.collect::<Vec<_>>().join(", ")
    }

    fn items(&self) -> String {
        let [first, second] = self.support.map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        format!(
            "{} of {} and {} of {}",
            counted(first, "item"),
            self.classes[0],
            round::count(second),
            self.classes[1]
        )
    }
}

/// Items of each class in a test set.
pub(super) fn support(predictions: &Predictions) -> Option<[u64; 2]> {
    let items = predictions.scored()?;
    let of = |class: u8| items.iter().filter(|item| item.label == class).count() as u64;
    Some([of(0), of(1)])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::audit::evidence::Evidence;
    use crate::report::audit::{Subject, audit};
    use crate::report::sample::{self, clips};

    /// The marks of the rules that rates break.
    fn marks(rates: &[(Of, &str)], auc: Option<&str>, support: [u64; 2]) -> Vec<&'static str> {
        let rates: Vec<Rate> = rates
            .iter()
            .map(|(of, text)| Rate {
                of: *of,
                metric: None,
                value: Known::printed(text).unwrap(),
            })
            .collect();
        let auc = auc.and_then(Known::printed);
        let classes = ["fight", "no fight"].map(str::to_owned);
        let experiment = sample::experiment(&[], ReportSpec::default());
        let mut evidence = Evidence::of(&experiment);
        let rates = Rates::new(rates, auc, support, &classes);
        evidence.rates = rates.into_iter().map(|rates| (Subject::Cell(String::new()), rates)).collect();
        let rules = [&NO_SUCH_CONFUSION, &AUC_OF_ANSWERS].into_iter();
        let broken = rules.filter(|rule| !(rule.check)(&evidence).is_empty());
        broken.map(|rule| rule.mark).collect()
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
    fn the_printed_report_is_possible_and_its_auc_is_of_classes() {
        assert_eq!(marks(&PRINTED, None, [100, 100]), [""; 0]);
        assert_eq!(marks(&PRINTED, Some("0.95"), [100, 100]), ["AUC of predicted classes"]);
        assert_eq!(marks(&PRINTED, Some("0.98"), [100, 100]), [""; 0]);
    }

    #[test]
    fn rates_of_no_matrix_are_impossible() {
        // 92 and 98 of 100 each give an accuracy of 0.95 and nothing else.
        let mut rates = PRINTED;
        rates[6].1 = "0.97";
        assert_eq!(marks(&rates, None, [100, 100]), ["no such confusion matrix"]);
        // Of seven clips no share rounds to 0.5.
        let half = [(Of::Class(0, Score::Recall), "0.50")];
        assert_eq!(marks(&half, None, [7, 7]), ["no such confusion matrix"]);
        assert_eq!(marks(&half, None, [8, 7]), [""; 0]);
        assert_eq!(marks(&half, None, [0, 7]), [""; 0]);
    }

    #[test]
    fn accuracy_alone_implies_nothing_where_classes_differ_in_size() {
        let alone = [(Of::Accuracy, "0.95")];
        assert_eq!(marks(&alone, Some("0.95"), [20, 180]), [""; 0]);
        assert_eq!(marks(&alone, Some("0.95"), [100, 100]), ["AUC of predicted classes"]);
    }

    #[test]
    fn classes_instead_of_scores() {
        let mut experiment = clips::experiment(&clips::study(), ReportSpec::default());
        experiment.card.cuts.clear();
        for stored in &mut experiment.records {
            if let Predictions::Binary { samples, .. } = &mut stored.record.predictions {
                samples.iter_mut().for_each(|item| item.score = item.score.round());
            }
            stored.record.metrics = metric::score(&stored.record.predictions);
        }
        let found = audit(&experiment);
        assert!(found.iter().all(|finding| finding.rule == &AUC_OF_ANSWERS));
        assert!(!found.is_empty());
    }
}
