//! Forecasts → errors. Every mean is over all samples and all days ahead; none of them is defined without a sample, and
//! all but R² weigh every day alike.

use super::Forecast;

/// (forecast - truth)²
pub fn squared(forecast: f64, truth: f64) -> f64 {
    (forecast - truth).powi(2)
}

/// |forecast - observed|
pub fn absolute(forecast: f64, truth: f64) -> f64 {
    (forecast - truth).abs()
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
pub fn mse(samples: &[Forecast]) -> Option<f64> {
    mean(pairs(samples).map(|(forecast, truth)| squared(forecast, truth)))
}

/// Square root of [`mse`].
pub fn rmse(samples: &[Forecast]) -> Option<f64> {
    mse(samples).map(f64::sqrt)
}

/// Mean of |forecast - observed|.
pub fn mae(samples: &[Forecast]) -> Option<f64> {
    mean(pairs(samples).map(|(forecast, truth)| absolute(forecast, truth)))
}

/// Mean of 100 |forecast - observed| / |observed|, in percent. Undefined where an observed value is 0: scikit-learn divides by a
/// tiny number there and gives a huge one, which says nothing.
pub fn mape(samples: &[Forecast]) -> Option<f64> {
    if pairs(samples).any(|(_, truth)| truth == 0.0) {
        return None;
    }
    mean(pairs(samples).map(|(forecast, truth)| percentage(forecast, truth)))
}

/// Mean of 200 |forecast - observed| / (|forecast| + |observed|), in percent, from 0 to 200 (Makridakis, 1993).
pub fn smape(samples: &[Forecast]) -> Option<f64> {
    mean(pairs(samples).map(|(forecast, truth)| symmetric_percentage(forecast, truth)))
}

/// 1 - Σ(forecast - truth)² / Σ(truth - mean truth)² of each day ahead, then their mean, as scikit-learn's
/// `r2_score`: a day whose observed value never changes counts 1 if it is forecast perfectly, else 0. Undefined for fewer than
/// two samples.
pub fn r2(samples: &[Forecast]) -> Option<f64> {
    if samples.len() < 2 {
        return None;
    }
    let days = samples[0].truth.len();
    mean((0..days).map(|day| {
        let truths = || samples.iter().map(|sample| sample.truth[day]);
        let centre = truths().sum::<f64>() / samples.len() as f64;
        let spread: f64 = truths().map(|truth| (truth - centre).powi(2)).sum();
        let errors = samples
            .iter()
            .map(|sample| (sample.forecast[day] - sample.truth[day]).powi(2));
        let error: f64 = errors.sum();
        match (spread == 0.0, error == 0.0) {
            (false, _) => 1.0 - error / spread,
            (true, true) => 1.0,
            (true, false) => 0.0,
        }
    }))
}

/// [`mae`] divided by that of the last known value as the forecast of every day. Undefined where the latter is 0.
pub fn relative_mae(samples: &[Forecast]) -> Option<f64> {
    let naive = mean(samples.iter().flat_map(|sample| {
        let truths = sample.truth.iter();
        truths.map(|truth| (sample.last - truth).abs())
    }))?;
    if naive == 0.0 {
        return None;
    }
    Some(mae(samples)? / naive)
}

/// Every (forecast, truth).
fn pairs(samples: &[Forecast]) -> impl Iterator<Item = (f64, f64)> {
    samples.iter().flat_map(|sample| {
        let truths = sample.truth.iter().copied();
        sample.forecast.iter().copied().zip(truths)
    })
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0usize);
    for value in values {
        sum += value;
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}
