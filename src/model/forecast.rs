//! Forecasts from the past of the targets alone.

use anyhow::ensure;

use super::Predictor;
use crate::data::Dataset;

/// What a baseline makes of the past of each test example: (a target over the lookback, oldest first, horizon) → that target on the
/// next steps.
pub(super) fn of_past<'a>(data: &'a Dataset, forecast: impl Fn(&[f64], usize) -> Vec<f64> + 'a) -> Predictor<'a> {
    let targets = data.target.count();
    let horizon = data.outputs.steps;
    Box::new(move |index| {
        let past = data.test.past(index);
        ensure!(!past.is_empty(), "a lookback holds at least one step");
        if targets == 1 {
            return Ok(forecast(past, horizon));
        }
        let mut forecasts = vec![0.0; horizon * targets];
        for target in 0..targets {
            let own: Vec<f64> = past.iter().skip(target).step_by(targets).copied().collect();
            for (step, value) in forecast(&own, horizon).into_iter().enumerate() {
                forecasts[step * targets + target] = value;
            }
        }
        Ok(forecasts)
    })
}
