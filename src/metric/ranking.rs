//! Labels and scores → curves over all thresholds, and what is computed from them, as scikit-learn does.
//!
//! Labels are 0 or 1, scores finite. Items of equal score pass a threshold together.

/// Rates at each threshold, from the highest on: class 1 is predicted where score ≥ threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct RocCurve {
    /// Share of class 0 predicted as class 1; the first is 0.
    pub false_positive_rate: Vec<f64>,
    /// Share of class 1 predicted as class 1; the first is 0.
    pub true_positive_rate: Vec<f64>,
    /// The thresholds; the first is infinite, then every distinct score.
    pub thresholds: Vec<f64>,
}

/// The ROC curve with all its points (scikit-learn's `drop_intermediate=False`). Undefined where a class has no item.
///
/// # Panics
/// When the lists differ in length, as everything here.
pub fn roc_curve(labels: &[u8], scores: &[f64]) -> Option<RocCurve> {
    let steps = steps(labels, scores);
    let (positives, negatives) = totals(&steps)?;
    let mut curve = RocCurve {
        false_positive_rate: vec![0.0],
        true_positive_rate: vec![0.0],
        thresholds: vec![f64::INFINITY],
    };
    for step in steps {
        curve.false_positive_rate.push(step.negatives as f64 / negatives);
        curve.true_positive_rate.push(step.positives as f64 / positives);
        curve.thresholds.push(step.threshold);
    }
    Some(curve)
}

/// Area under the ROC curve by the trapezoidal rule: the chance that an item of class 1 scores above one of class 0,
/// equal scores counting half. Undefined where a class has no item.
pub fn auc(labels: &[u8], scores: &[f64]) -> Option<f64> {
    let curve = roc_curve(labels, scores)?;
    let (x, y) = (&curve.false_positive_rate, &curve.true_positive_rate);
    let areas = (1..x.len()).map(|i| (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2.0);
    Some(areas.sum())
}

/// Σ (recall - recall before) · precision over the thresholds. Undefined without an item of class 1.
pub fn average_precision(labels: &[u8], scores: &[f64]) -> Option<f64> {
    let steps = steps(labels, scores);
    let positives = steps.last().map_or(0, |step| step.positives);
    if positives == 0 {
        return None;
    }
    let (mut sum, mut before) = (0.0, 0);
    for step in steps {
        let precision = step.positives as f64 / (step.positives + step.negatives) as f64;
        sum += (step.positives - before) as f64 / positives as f64 * precision;
        before = step.positives;
    }
    Some(sum)
}

/// Mean of -ln(probability given to the true class), probabilities clipped to 1e-7 … 1 - 1e-7 as in Keras, so that a
/// sure and wrong prediction costs much but not everything. Undefined without an item.
pub fn log_loss(labels: &[u8], scores: &[f64]) -> Option<f64> {
    const CLIP: f64 = 1e-7;
    assert_eq!(labels.len(), scores.len(), "one score for each label");
    if labels.is_empty() {
        return None;
    }
    let losses = labels.iter().zip(scores).map(|(label, score)| {
        let score = score.clamp(CLIP, 1.0 - CLIP);
        -libm::log(if *label == 1 { score } else { 1.0 - score })
    });
    Some(losses.sum::<f64>() / labels.len() as f64)
}

/// Items with at least that score.
struct Step {
    threshold: f64,
    positives: u64,
    negatives: u64,
}

/// A step for each distinct score, highest first.
fn steps(labels: &[u8], scores: &[f64]) -> Vec<Step> {
    assert_eq!(labels.len(), scores.len(), "one score for each label");
    let mut items: Vec<(f64, u8)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    items.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut positives, mut negatives) = (0, 0);
    let mut steps = Vec::new();
    for same in items.chunk_by(|a, b| a.0 == b.0) {
        let ones = same.iter().filter(|(_, label)| *label == 1).count() as u64;
        positives += ones;
        negatives += same.len() as u64 - ones;
        steps.push(Step {
            threshold: same[0].0,
            positives,
            negatives,
        });
    }
    steps
}

/// Items of class 1 and of class 0; none where either is missing.
fn totals(steps: &[Step]) -> Option<(f64, f64)> {
    let last = steps.last()?;
    (last.positives > 0 && last.negatives > 0).then_some((last.positives as f64, last.negatives as f64))
}
