//! Labels and predicted classes → the confusion matrix, and what is computed from it, as scikit-learn's `classification_report`
//! with both classes listed. A rate whose denominator is 0 is 0, as there.

/// 1 where the logit is on the side of the true class, else 0; class 1 is predicted from a logit of 0 on.
pub fn is_right(logit: f32, truth: f64) -> f64 {
    let class = if logit >= 0.0 { 1.0 } else { 0.0 };
    f64::from(u8::from(class == truth))
}

/// Counts of items by true and predicted class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confusion {
    /// [true class][predicted class]
    pub counts: [[u64; 2]; 2],
}

/// How well one class is told, or the average over both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassScores {
    /// Of the items predicted as the class, the share that is of it.
    pub precision: f64,
    /// Of the items of the class, the share predicted as it.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Items of the class; of an average, all items.
    pub support: u64,
}

impl Confusion {
    /// Counts labels and predictions, each 0 or 1.
    ///
    /// # Panics
    /// When the lists differ in length or hold another class.
    pub fn of(labels: &[u8], predicted: &[u8]) -> Self {
        assert_eq!(labels.len(), predicted.len(), "one prediction for each label");
        let mut counts = [[0; 2]; 2];
        for (label, class) in labels.iter().zip(predicted) {
            counts[usize::from(*label)][usize::from(*class)] += 1;
        }
        Self { counts }
    }

    /// The same with class 1 predicted from a score of 0.5 on.
    pub fn at_half(labels: &[u8], scores: &[f64]) -> Self {
        let predicted: Vec<u8> = scores.iter().map(|score| u8::from(*score >= 0.5)).collect();
        Self::of(labels, &predicted)
    }

    /// Number of items.
    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Share of the items given their true class; undefined without an item.
    pub fn accuracy(&self) -> Option<f64> {
        let right = self.counts[0][0] + self.counts[1][1];
        (self.total() > 0).then(|| ratio(right, self.total()))
    }

    /// Mean of both recalls; undefined where a class has no item.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        let classes = [self.class(0), self.class(1)];
        classes
            .iter()
            .all(|class| class.support > 0)
            .then(|| self.macro_average().recall)
    }

    /// Scores of class 0 or 1.
    pub fn class(&self, class: usize) -> ClassScores {
        let right = self.counts[class][class];
        let support = self.counts[class][0] + self.counts[class][1];
        let predicted = self.counts[0][class] + self.counts[1][class];
        ClassScores {
            precision: ratio(right, predicted),
            recall: ratio(right, support),
            f1: ratio(2 * right, support + predicted),
            support,
        }
    }

    /// Mean over the two classes.
    pub fn macro_average(&self) -> ClassScores {
        self.average([0.5, 0.5])
    }

    /// Mean over the two classes, weighted by their items.
    pub fn weighted_average(&self) -> ClassScores {
        self.average([0, 1].map(|class| ratio(self.class(class).support, self.total())))
    }

    fn average(&self, weights: [f64; 2]) -> ClassScores {
        let classes = [self.class(0), self.class(1)];
        let of = |score: fn(&ClassScores) -> f64| weights[0] * score(&classes[0]) + weights[1] * score(&classes[1]);
        ClassScores {
            precision: of(|class| class.precision),
            recall: of(|class| class.recall),
            f1: of(|class| class.f1),
            support: self.total(),
        }
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
