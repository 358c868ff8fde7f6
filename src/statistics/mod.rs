//! What is beyond chance: one definition for the report and for comparisons between commits.
//!
//! - Over seeds: the mean with its 95 % interval ([`Summary`]); two models or two commits by [`paired_t`], the seeds being
//!   the pairs. [`wilcoxon_signed_rank`] is shown beside it and never decides.
//! - Rolling forecasts: losses averaged over seeds, paired by origin, by [`diebold_mariano`].
//! - Classified items: [`mcnemar`] on the items that only one of two models classifies correctly; [`delong`] for two areas
//!   under the ROC curve; [`paired_t`] for a loss, the items being the pairs.
//! - Several comparisons within one metric: their p values through [`holm`], then each against [`LEVEL`].
//! - Changes too small to mean anything: [`numerically_equal`].
//!
//! - Differences that do not vary tell nothing of chance, however large they are: no interval and no p value.
//!
//! Numbers that go in must be finite; each function says what it makes of too few or of equal ones.

mod counts;
mod forecasts;
mod paired;
mod percentile;
mod rankings;
mod student;
mod summary;

pub(crate) use counts::{binomial_interval, holm, mcnemar, numerically_equal};
pub(crate) use forecasts::diebold_mariano;
pub(crate) use paired::{paired_t, wilcoxon_signed_rank};
pub(crate) use percentile::percentile;
pub(crate) use rankings::delong;
pub(crate) use summary::Summary;

/// What a test finds between a and b.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Test {
    /// That of a minus that of b: of paired values the mean of a - b.
    pub difference: f64,
    /// Whether chance alone could make it; absent where all pairs differ by the same, so that there is no chance to be seen.
    pub chance: Option<Chance>,
}

/// What a test says of chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Chance {
    /// The 95 % interval of the difference.
    pub interval: (f64, f64),
    /// The probability of such a difference by chance alone, two-sided.
    pub p: f64,
}

/// A p value below this is beyond chance.
pub(crate) const LEVEL: f64 = 0.05;
