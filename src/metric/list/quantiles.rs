//! The metrics of quantiles that stand beside forecasts; see [`intervals`].

use crate::metric::{Better, Metric, Paired, Unit, intervals, name};
use crate::task::REGRESSION;

/// The loss of quantiles.
pub(super) const PINBALL: Metric = Metric {
    name: name::PINBALL,
    synonyms: "pinball_loss mean_pinball_loss quantile_loss mean_quantile_loss",
    label: "Pinball loss",
    unit: Unit::Target,
    better: Better::Lower,
    task: &REGRESSION,
    decides: false,
    is_usual: false,
    description: "Pinball loss of the forecast quantiles: q (observed - quantile) above that of level q, (1 - q)(quantile - observed) below; \
                      the mean over levels, forecasts and days",
    compute: |predictions| intervals::pinball(predictions.forecasts()?),
    followed: None,
    paired: Paired::Seeds,
};

/// What share their interval holds.
pub(super) const COVERAGE: Metric = Metric {
    name: name::COVERAGE,
    synonyms: "picp interval_coverage prediction_interval_coverage coverage_probability",
    label: "Coverage",
    unit: Unit::Share,
    better: Better::Neither,
    task: &REGRESSION,
    decides: false,
    is_usual: false,
    description: "Share of the observed values from the lowest to the highest forecast quantile; their levels' difference is promised",
    compute: |predictions| intervals::coverage(predictions.forecasts()?),
    followed: None,
    paired: Paired::Seeds,
};

/// How wide it is.
pub(super) const MEAN_WIDTH: Metric = Metric {
    name: name::MEAN_WIDTH,
    synonyms: "mpiw interval_width mean_interval_width",
    label: "Mean width",
    unit: Unit::Target,
    better: Better::Neither,
    task: &REGRESSION,
    decides: false,
    is_usual: false,
    description: "Mean distance from the lowest to the highest forecast quantile",
    compute: |predictions| intervals::mean_width(predictions.forecasts()?),
    followed: None,
    paired: Paired::Seeds,
};

/// Both in one score.
pub(super) const MSIS: Metric = Metric {
    name: name::MSIS,
    synonyms: "mean_scaled_interval_score",
    label: "MSIS",
    unit: Unit::None,
    better: Better::Lower,
    task: &REGRESSION,
    decides: false,
    is_usual: false,
    description: "Mean scaled interval score: width from the lowest to the highest quantile, plus 2/α times the distance to an observed value \
                      outside, over the mean absolute change from season to season before the test; α is the share left outside",
    compute: |predictions| intervals::msis(predictions.forecasts()?),
    followed: None,
    paired: Paired::Seeds,
};
