//! Forecasts from the past of the targets alone, each target by itself.

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::Predictor;
use crate::data::Dataset;

/// What a baseline is fitted to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitOn {
    /// The training rows, as often as a network is trained; each forecast then starts from all that is known at its origin.
    #[default]
    Train,
    /// The lookback of each forecast, anew: what a network sees of it.
    Lookback,
}

/// What to do where a lookback is too short to be fitted to.
pub(super) const TOO_SHORT: &str = "leave `fit_on` out to fit to all training rows, or give `window.lookback` more of them";

/// What a baseline makes of the past of each example: (a target over the lookback, oldest first, horizon) → that target on the
/// next steps.
pub(super) fn of_past<'a>(data: &'a Dataset, forecast: impl Fn(&[f64], usize) -> Vec<f64> + 'a) -> Predictor<'a> {
    of_lookbacks(data, move |past, horizon| Ok(forecast(past, horizon)))
}

/// The same of a baseline that is fitted first: `fit` makes something of a target, oldest first, from which `forecast` goes on (that target
/// from the same step on to the origin, horizon).
///
/// # Errors
/// Those of `fit`; so does the predictor.
pub(super) fn of_fitted<'a, Fitted: 'a>(
    data: &'a Dataset,
    fit_on: FitOn,
    fit: impl Fn(&[f64]) -> Result<Fitted> + 'a,
    forecast: impl Fn(&Fitted, &[f64], usize) -> Vec<f64> + 'a,
) -> Result<Predictor<'a>> {
    let (targets, horizon) = (data.target.count(), data.outputs.steps);
    Ok(match fit_on {
        FitOn::Train => {
            let of_each = |series| -> Result<Vec<Fitted>> {
                let known = data.train.covered(series);
                (0..targets).map(|target| fit(&own(known, target, targets))).collect()
            };
            let fitted: Vec<Vec<Fitted>> = (0..data.train.series()).map(of_each).collect::<Result<_>>()?;
            Box::new(move |examples, index| {
                let (history, fitted) = (examples.history(index), &fitted[examples.series_of(index)]);
                together(targets, |target| {
                    Ok(forecast(&fitted[target], &own(history, target, targets), horizon))
                })
            })
        }
        FitOn::Lookback => of_lookbacks(data, move |past, horizon| Ok(forecast(&fit(past)?, past, horizon))),
    })
}

/// What a baseline makes of (a target over the lookback of an example, horizon).
pub(super) fn of_lookbacks<'a>(
    data: &'a Dataset,
    forecast: impl Fn(&[f64], usize) -> Result<Vec<f64>> + 'a,
) -> Predictor<'a> {
    let (targets, horizon) = (data.target.count(), data.outputs.steps);
    Box::new(move |examples, index| {
        let past = examples.past(index);
        ensure!(!past.is_empty(), "a lookback holds at least one step");
        together(targets, |target| forecast(&own(past, target, targets), horizon))
            .with_context(|| format!("the lookback until {}", examples.name(index)))
    })
}

/// One of several targets: [step * target] → [step].
pub(super) fn own(values: &[f64], target: usize, targets: usize) -> Vec<f64> {
    values.iter().skip(target).step_by(targets).copied().collect()
}

/// The forecasts of each target [step] → [step * target], first all of the first step.
pub(super) fn together(targets: usize, mut of: impl FnMut(usize) -> Result<Vec<f64>>) -> Result<Vec<f64>> {
    let each: Vec<Vec<f64>> = (0..targets).map(&mut of).collect::<Result<_>>()?;
    let steps = 0..each.first().map_or(0, Vec::len);
    Ok(steps
        .flat_map(|step| each.iter().map(move |forecast| forecast[step]))
        .collect())
}
