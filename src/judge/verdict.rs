//! Contrasts → p values corrected for being several, and what each comes to.

use std::collections::BTreeMap;

use super::{Contrast, Reach, contrast};
use crate::statistics;
use crate::store::record::Stored;

/// What a difference comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The first (0) or the second (1) is better, beyond chance.
    Better(usize),
    /// A difference that chance alone could make.
    NoDifference,
    /// The same but for rounding.
    Equal,
    /// Chance cannot be told: a single pair, or pairs that reach no further than is asked.
    Untested,
    /// Chance cannot be told: the differences do not vary.
    Unvarying,
}

/// A contrast and what it comes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judged {
    /// The contrast.
    pub contrast: Contrast,
    /// The probability of such a difference by chance alone, corrected for all that it is judged together with (Holm).
    pub p: Option<f64>,
    /// What it comes to.
    pub verdict: Verdict,
}

impl Judged {
    /// Compares two groups by a metric, as if by nothing else; `None` when one of them has no value of it.
    pub(crate) fn alone(first: &[&Stored], second: &[&Stored], metric: &str) -> Option<Self> {
        let contrast = contrast(first, second, metric)?;
        Some(Self {
            p: contrast.p,
            verdict: verdict(&contrast, contrast.p),
            contrast,
        })
    }
}

/// Judges several contrasts together: within each metric the p values of all that reach at least so far are corrected, and the
/// others have none.
pub(crate) fn together<'a>(found: impl IntoIterator<Item = &'a mut Judged>, least: Reach) {
    let mut by_metric: BTreeMap<String, Vec<&mut Judged>> = BTreeMap::new();
    for one in found {
        let of_metric = by_metric.entry(one.contrast.metric.clone());
        of_metric.or_default().push(one);
    }
    for found in by_metric.into_values() {
        let tested = |one: &Judged| one.contrast.p.filter(|_| one.contrast.reach() >= least);
        let raw: Vec<f64> = found.iter().filter_map(|one| tested(one)).collect();
        let mut corrected = statistics::holm(&raw).into_iter();
        for one in found {
            one.p = tested(one).and_then(|_| corrected.next());
            one.verdict = verdict(&one.contrast, one.p);
        }
    }
}

fn verdict(contrast: &Contrast, p: Option<f64>) -> Verdict {
    match (contrast.leader(), p) {
        _ if contrast.equal => Verdict::Equal,
        _ if !contrast.varies => Verdict::Unvarying,
        (_, None) => Verdict::Untested,
        (Some(leader), Some(p)) if p < statistics::LEVEL => Verdict::Better(leader),
        _ => Verdict::NoDifference,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Noun;
    use crate::judge::Method;
    use crate::metric::{MCNEMAR, name};

    /// Accuracies of two models, 0.9 and 0.8.
    fn found(metric: &str, p: f64, method: Method) -> Judged {
        let contrast = Contrast {
            metric: metric.to_owned(),
            noun: Noun::default(),
            means: [0.9, 0.8],
            difference: 0.1,
            interval: None,
            p: Some(p),
            wilcoxon: None,
            pairs: 200,
            together: 1,
            method,
            varies: true,
            equal: false,
            few: false,
        };
        Judged {
            p: None,
            verdict: Verdict::Untested,
            contrast,
        }
    }

    #[test]
    fn only_what_reaches_as_far_as_is_asked_is_corrected_within_its_metric() {
        let by_items = Method::Items(&MCNEMAR);
        let of = |least| {
            let mut found = [
                found(name::ACCURACY, 0.02, by_items),
                found(name::LOG_LOSS, 0.02, by_items),
                found(name::ACCURACY, 0.03, Method::Seeds),
            ];
            together(&mut found, least);
            found.map(|one| (one.p, one.verdict))
        };
        let better = |p, place| (Some(p), Verdict::Better(place));
        // Lower log losses are better, and nothing else is by log loss.
        let untested = (None, Verdict::Untested);
        assert_eq!(of(Reach::Items), [better(0.02, 0), better(0.02, 1), untested]);
        let both = [better(0.04, 0), better(0.02, 1), better(0.04, 0)];
        assert_eq!(of(Reach::Seeds), both);
    }

    #[test]
    fn a_small_test_set_reaches_nowhere() {
        let mut few = found(name::ACCURACY, 0.001, Method::Items(&MCNEMAR));
        few.contrast.few = true;
        together([&mut few], Reach::Seeds);
        assert_eq!((few.p, few.verdict), (None, Verdict::Untested));
        together([&mut few], Reach::FewItems);
        assert_eq!(few.verdict, Verdict::Better(0));
    }
}
