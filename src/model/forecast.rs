//! Forecasts from the past of the target alone.

use anyhow::{Result, ensure};

use crate::data::Dataset;

/// What a baseline makes of the past of each test example: (the target over the lookback, oldest first, horizon) → the target on the
/// next steps.
pub(super) fn of_past(data: &Dataset, forecast: impl Fn(&[f64], usize) -> Vec<f64>) -> Result<Vec<Vec<f64>>> {
    let horizon = data.outputs;
    let of_example = |index: usize| {
        let past = data.test.past(index);
        ensure!(!past.is_empty(), "a lookback holds at least one step");
        Ok(forecast(past, horizon))
    };
    (0..data.test.len()).map(of_example).collect()
}
