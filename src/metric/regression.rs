//! Forecasts → errors. Every mean is over all samples and all days ahead; none of them is defined without a sample, and
//! all but R² weigh every day alike.

use super::forecast::Forecast;
use super::forecasts::Forecasts;
use super::name;
use super::summary::{OF_ALL, OfAll, Steps};
use crate::data::ForecastTarget;

/// A loss of one forecast value, of which a metric is the mean.
#[derive(Debug)]
pub struct ValueLoss {
    /// Its word in records.
    pub name: &'static str,
    /// (forecast, truth) → loss
    pub of: fn(f64, f64) -> f64,
    /// Which values it is a loss of.
    pub values: Values,
}

/// The values of which a loss is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// In the target's unit.
    OfTarget,
    /// Standardised by the training rows: no number where a record does not tell its targets.
    Standardised,
}

impl ValueLoss {
    /// Of one value of that target, in its unit.
    pub fn at(&self, target: Option<&ForecastTarget>, forecast: f64, truth: f64) -> f64 {
        match (self.values, target) {
            (Values::OfTarget, _) => (self.of)(forecast, truth),
            (Values::Standardised, Some(target)) => (self.of)(target.standardised(forecast), target.standardised(truth)),
            (Values::Standardised, None) => f64::NAN,
        }
    }
}

/// The squared error.
pub static SQUARED: ValueLoss = ValueLoss {
    name: "squared",
    of: squared,
    values: Values::OfTarget,
};

/// The absolute error.
pub static ABSOLUTE: ValueLoss = ValueLoss {
    name: "absolute",
    of: absolute,
    values: Values::OfTarget,
};

/// The absolute error in percent of the observed value.
pub static PERCENTAGE: ValueLoss = ValueLoss {
    name: "percentage",
    of: percentage,
    values: Values::OfTarget,
};

/// The absolute error in percent of the mean of both values.
pub static SYMMETRIC_PERCENTAGE: ValueLoss = ValueLoss {
    name: "symmetric_percentage",
    of: symmetric_percentage,
    values: Values::OfTarget,
};

/// The squared error of standardised values.
pub static SCALED_SQUARED: ValueLoss = ValueLoss {
    name: "scaled_squared",
    of: squared,
    values: Values::Standardised,
};

/// The absolute error of standardised values.
pub static SCALED_ABSOLUTE: ValueLoss = ValueLoss {
    name: "scaled_absolute",
    of: absolute,
    values: Values::Standardised,
};

/// Every loss: what a summary keeps of each window.
pub static VALUE_LOSSES: [&ValueLoss; 6] = [
    &SQUARED,
    &ABSOLUTE,
    &PERCENTAGE,
    &SYMMETRIC_PERCENTAGE,
    &SCALED_SQUARED,
    &SCALED_ABSOLUTE,
];

/// (forecast - truth)²
pub fn squared(forecast: f64, truth: f64) -> f64 {
    (forecast - truth).powi(2)
}

/// |forecast - observed|
pub fn absolute(forecast: f64, truth: f64) -> f64 {
    (forecast - truth).abs()
}

/// A sum and then each [`squared`], one after the other.
pub fn add_squared(sum: f64, forecasts: &[f64], truths: &[f64]) -> f64 {
    let pairs = forecasts.iter().zip(truths);
    pairs.fold(sum, |sum, (forecast, truth)| sum + squared(*forecast, *truth))
}

/// A sum and then each [`absolute`], one after the other.
pub fn add_absolute(sum: f64, forecasts: &[f64], truths: &[f64]) -> f64 {
    let pairs = forecasts.iter().zip(truths);
    pairs.fold(sum, |sum, (forecast, truth)| sum + absolute(*forecast, *truth))
}

/// 100 |forecast - observed| / |observed|, in percent
pub fn percentage(forecast: f64, truth: f64) -> f64 {
    100.0 * ((forecast - truth) / truth).abs()
}

/// 200 |forecast - observed| / (|forecast| + |observed|), in percent; 0 where both are 0, for nothing is wrong there.
pub fn symmetric_percentage(forecast: f64, truth: f64) -> f64 {
    let size = forecast.abs() + truth.abs();
    if size == 0.0 {
        return 0.0;
    }
    200.0 * (forecast - truth).abs() / size
}

/// Mean of (forecast - truth)².
pub fn mse(forecasts: &Forecasts) -> Option<f64> {
    forecasts.mean(&SQUARED)
}

/// Square root of [`mse`].
pub fn rmse(forecasts: &Forecasts) -> Option<f64> {
    mse(forecasts).map(f64::sqrt)
}

/// Mean of |forecast - observed|.
pub fn mae(forecasts: &Forecasts) -> Option<f64> {
    forecasts.mean(&ABSOLUTE)
}

/// Mean of 100 |forecast - observed| / |observed|, in percent. Undefined where an observed value is 0: scikit-learn divides by a
/// tiny number there and gives a huge one, which says nothing.
pub fn mape(forecasts: &Forecasts) -> Option<f64> {
    // What is divided by 0 is no finite number.
    forecasts.mean(&PERCENTAGE)
}

/// Mean of 200 |forecast - observed| / (|forecast| + |observed|), in percent, from 0 to 200 (Makridakis, 1993).
pub fn smape(forecasts: &Forecasts) -> Option<f64> {
    forecasts.mean(&SYMMETRIC_PERCENTAGE)
}

/// 1 - Σ(forecast - truth)² / Σ(truth - mean truth)² of each day ahead and target, then their mean, as scikit-learn's
/// `r2_score`: one whose observed value never changes counts 1 if it is forecast perfectly, else 0. Undefined for fewer than
/// two samples.
pub fn r2(forecasts: &Forecasts) -> Option<f64> {
    if forecasts.count() < 2 {
        return None;
    }
    match forecasts.summary() {
        Some(summary) if summary.steps.grouped.is_some() => of_all(forecasts, |found| found.r2, |_| None),
        Some(summary) => {
            let columns = summary.steps.squared.iter().zip(&summary.steps.spread);
            mean(columns.map(|(error, spread)| r2_of_column(*error, *spread)))
        }
        None => {
            let samples = forecasts.whole();
            let columns = 0..samples.first().map_or(0, |sample| sample.truth.len());
            mean(columns.map(|column| r2_of_column(squared_at(samples, column), spread_at(samples, column))))
        }
    }
}

/// The same of each column's Σ(forecast - truth)² and Σ(truth - mean truth)².
pub(super) fn r2_of(columns: &[[f64; 2]]) -> Option<f64> {
    mean(columns.iter().map(|[error, spread]| r2_of_column(*error, *spread)))
}

fn r2_of_column(error: f64, spread: f64) -> f64 {
    match (spread == 0.0, error == 0.0) {
        (false, _) => 1.0 - error / spread,
        (true, true) => 1.0,
        (true, false) => 0.0,
    }
}

/// Σ (forecast - truth)² of a column.
fn squared_at(samples: &[Forecast], column: usize) -> f64 {
    let errors = samples
        .iter()
        .map(|sample| squared(sample.forecast[column], sample.truth[column]));
    errors.sum()
}

/// Σ (truth - mean truth)² of a column.
fn spread_at(samples: &[Forecast], column: usize) -> f64 {
    let truths = || samples.iter().map(|sample| sample.truth[column]);
    let centre = truths().sum::<f64>() / samples.len() as f64;
    truths().map(|truth| (truth - centre).powi(2)).sum()
}

/// [`mae`] divided by that of the last known value as the forecast of every day. Undefined where the latter is 0.
pub fn relative_mae(forecasts: &Forecasts) -> Option<f64> {
    let naive = forecasts.naive(&ABSOLUTE).filter(|naive| *naive != 0.0)?;
    Some(mae(forecasts)? / naive)
}

/// The mean absolute error of each target, divided by its mean absolute change from season to season before the test; then the mean over the
/// targets (Hyndman and Koehler, 2006), and over the series where there are many. Undefined where one of them never changes there.
pub fn mase(forecasts: &Forecasts) -> Option<f64> {
    if !forecasts.series().is_empty() {
        return forecasts.mean_of_series(name::MASE);
    }
    let scales = &forecasts.in_sample()?.absolute;
    mean_of_targets(
        &column_sums(forecasts, &|steps| &steps.absolute, f64::abs),
        scales,
        forecasts,
        |ratio| ratio,
    )
}

/// The square root of the mean squared error of each target, divided by its mean squared change from season to season before the test; then
/// the mean over the targets. Undefined as [`mase`] is.
pub fn rmsse(forecasts: &Forecasts) -> Option<f64> {
    if !forecasts.series().is_empty() {
        return forecasts.mean_of_series(name::RMSSE);
    }
    let scales = &forecasts.in_sample()?.squared;
    let squares = column_sums(forecasts, &|steps| &steps.squared, |error| error * error);
    mean_of_targets(&squares, scales, forecasts, f64::sqrt)
}

/// What `of` makes of the mean of each target, divided by its scale; then the mean over the targets.
fn mean_of_targets(sums: &[f64], scales: &[f64], forecasts: &Forecasts, of: fn(f64) -> f64) -> Option<f64> {
    if scales.iter().any(|scale| *scale <= 0.0) {
        return None;
    }
    let values = (forecasts.count() * forecasts.horizon()) as f64;
    mean(scales.iter().enumerate().map(|(target, scale)| {
        let own: f64 = sums.iter().skip(target).step_by(scales.len()).sum();
        of(own / values / scale)
    }))
}

/// Mean of forecast - observed.
pub fn bias(forecasts: &Forecasts) -> Option<f64> {
    let sums = column_sums(forecasts, &|steps| &steps.error, |error| error);
    let count = forecasts.count() * forecasts.horizon() * forecasts.target_count();
    (count > 0).then(|| sums.iter().sum::<f64>() / count as f64)
}

/// Σ over all samples for each step ahead and target of what `of` makes of forecast - observed; in a summary they are there. Both are in the
/// same order, so that even what nearly cancels is the same to the last bit.
pub(super) fn column_sums(forecasts: &Forecasts, saved: &dyn Fn(&Steps) -> &Vec<f64>, of: fn(f64) -> f64) -> Vec<f64> {
    if let Some(summary) = forecasts.summary() {
        return saved(&summary.steps).clone();
    }
    let samples = forecasts.whole();
    let columns = 0..samples.first().map_or(0, |sample| sample.truth.len());
    let of_column = |column: usize| {
        let errors = samples.iter().map(|sample| sample.forecast[column] - sample.truth[column]);
        errors.map(of).sum()
    };
    columns.map(of_column).collect()
}

/// The median of |forecast - observed|, between two in the middle their mean.
pub fn median_error(forecasts: &Forecasts) -> Option<f64> {
    of_all(
        forecasts,
        |found| found.median_error,
        |samples| median(samples.iter().flat_map(Forecast::sizes).collect()),
    )
}

/// The largest |forecast - observed|.
pub fn max_error(forecasts: &Forecasts) -> Option<f64> {
    of_all(forecasts, |found| Some(found.max_error), largest)
}

/// The share of all values whose forecast lies on the same side of the last known value as what was observed: above it, below it, or
/// at it.
pub fn directional_accuracy(forecasts: &Forecasts) -> Option<f64> {
    of_all(
        forecasts,
        |found| Some(found.directional_accuracy),
        |samples| {
            mean(
                samples
                    .iter()
                    .flat_map(Forecast::directions)
                    .map(|is_right| f64::from(u8::from(is_right))),
            )
        },
    )
}

/// What no sum over windows gives: a summary has it where it was made by these formulas.
fn of_all(forecasts: &Forecasts, saved: fn(&OfAll) -> Option<f64>, of: fn(&[Forecast]) -> Option<f64>) -> Option<f64> {
    match forecasts.summary() {
        Some(summary) => summary
            .of_all
            .as_ref()
            .filter(|found| found.version == OF_ALL)
            .and_then(saved),
        None => of(forecasts.whole()),
    }
}

/// The middle of some values; none where there is none.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = [values.len().checked_sub(1)? / 2, values.len() / 2];
    Some(middle.map(|place| values[place] / 2.0).iter().sum())
}

/// The largest error in size.
pub(super) fn largest(samples: &[Forecast]) -> Option<f64> {
    samples.iter().flat_map(Forecast::sizes).reduce(f64::max)
}

/// The mean of a loss over all samples, days and targets.
pub(super) fn mean_loss(samples: &[Forecast], targets: &[ForecastTarget], loss: &ValueLoss) -> Option<f64> {
    mean(samples.iter().flat_map(|sample| sample.losses(targets, loss)))
}

/// The same of the last known value as the forecast of every day.
pub(super) fn naive(samples: &[Forecast], targets: &[ForecastTarget], loss: &ValueLoss) -> Option<f64> {
    mean(samples.iter().flat_map(|sample| sample.naive_losses(targets, loss)))
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0usize);
    for value in values {
        sum += value;
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}
