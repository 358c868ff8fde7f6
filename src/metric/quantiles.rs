//! What a model gives that forecasts quantiles.

/// The quantiles that a model gives in the place of single numbers, and which of them are its forecast.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Quantiles {
    levels: Vec<f64>,
    forecast: usize,
}

impl Quantiles {
    /// Those of these levels, rising, where the one at the place `forecast` is the forecast. Without a level: numbers that are forecasts.
    pub fn new(levels: &[f64], forecast: usize) -> Self {
        Self {
            levels: levels.to_vec(),
            forecast,
        }
    }

    /// Their levels, rising.
    pub fn levels(&self) -> &[f64] {
        &self.levels
    }

    /// What a model gives [output · quantile] as the forecast [output] and all quantiles [quantile][output].
    pub fn apart(&self, predicted: Vec<f64>) -> (Vec<f64>, Vec<Vec<f64>>) {
        let count = self.levels.len();
        if count == 0 {
            return (predicted, Vec::new());
        }
        let at = |place: usize| predicted.iter().skip(place).step_by(count).copied().collect();
        (at(self.forecast), (0..count).map(at).collect())
    }
}
