//! What a metric's change from before to after comes to: where chance cannot be told, its size decides.

use serde::Serialize;

use super::{Judged, Verdict};
use crate::metric;

/// A relative change that counts as one where chance cannot be told.
pub(crate) const TOLERANCE: f64 = 0.01;

/// What a change of a metric comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// Better, beyond chance.
    Better,
    /// Worse, beyond chance.
    Worse,
    /// A difference that chance alone could make.
    NoDifference,
    /// The same but for rounding.
    Equal,
    /// Better; chance cannot be told, the change is larger than the tolerance.
    BetterUntested,
    /// Worse; chance cannot be told, the change is larger than the tolerance.
    WorseUntested,
    /// Chance cannot be told, and the change is within the tolerance.
    WithinTolerance,
    /// A change of which this program cannot say whether it is for the better: the test and the means over seeds point in
    /// opposite directions, a value is no number, or the metric is not one of this version.
    Unclear,
}

impl Change {
    /// Of a contrast of after, the first, with before, the second.
    pub(crate) fn of(found: &Judged) -> Self {
        let contrast = &found.contrast;
        let [after, before] = contrast.means;
        let worsening = worsening(&contrast.metric, before, after);
        let has_direction = metric::find(&contrast.metric).is_some() && (after - before).is_finite();
        match found.verdict {
            Verdict::Equal => Self::Equal,
            Verdict::NoDifference => Self::NoDifference,
            _ if !has_direction => Self::Unclear,
            Verdict::Better(0) if worsening <= 0.0 => Self::Better,
            Verdict::Better(1) if worsening >= 0.0 => Self::Worse,
            Verdict::Better(_) => Self::Unclear,
            _ if worsening.abs() <= TOLERANCE => Self::WithinTolerance,
            _ if worsening > 0.0 => Self::WorseUntested,
            _ => Self::BetterUntested,
        }
    }

    /// Whether it is for the better (`true`) or for the worse; `None` where it is neither.
    pub(crate) fn is_good(self) -> Option<bool> {
        match self {
            Self::Better | Self::BetterUntested => Some(true),
            Self::Worse | Self::WorseUntested => Some(false),
            Self::NoDifference | Self::Equal | Self::WithinTolerance | Self::Unclear => None,
        }
    }
}

/// How much worse a metric got, relative to before; 0 or less where it did not.
pub(crate) fn worsening(metric: &str, before: f64, after: f64) -> f64 {
    let worse = metric::badness(metric, after) - metric::badness(metric, before);
    match before.abs() {
        size if size > 0.0 => worse / size,
        _ if worse == 0.0 => 0.0,
        _ => worse * f64::INFINITY,
    }
}
