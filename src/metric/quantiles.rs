//! What a model gives that forecasts quantiles.

/// The quantiles that a model gives in the place of single numbers, and which of them are its forecast.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Quantiles {
    levels: Vec<f64>,
    forecast: usize,
    /// Whether the forecast stands among the quantiles and is none of them.
    is_beside: bool,
}

impl Quantiles {
    /// Those of these levels, rising, where the one at the place `forecast` is the forecast. Without a level: numbers that are forecasts.
    pub fn new(levels: &[f64], forecast: usize) -> Self {
        Self {
            levels: levels.to_vec(),
            forecast,
            is_beside: false,
        }
    }

    /// The ends of intervals at these levels, with the forecast between them.
    pub fn around(levels: [f64; 2]) -> Self {
        Self {
            levels: levels.to_vec(),
            forecast: 1,
            is_beside: true,
        }
    }

    /// Their levels, rising.
    pub fn levels(&self) -> &[f64] {
        &self.levels
    }

    /// What a model gives [output · quantile] as the forecast [output] and all quantiles [quantile][output].
    pub fn apart(&self, predicted: Vec<f64>) -> (Vec<f64>, Vec<Vec<f64>>) {
        if self.levels.is_empty() {
            return (predicted, Vec::new());
        }
        let count = self.levels.len() + usize::from(self.is_beside);
        let at = |place: usize| predicted.iter().skip(place).step_by(count).copied().collect();
        let places = (0..count).filter(|place| !self.is_beside || *place != self.forecast);
        (at(self.forecast), places.map(at).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Quantiles;

    #[test]
    fn a_forecast_is_one_of_the_quantiles_or_stands_between_them() {
        let of_network = Quantiles::new(&[0.1, 0.5, 0.9], 1);
        let rows = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let quantiles = vec![vec![1.0, 4.0], vec![2.0, 5.0], vec![3.0, 6.0]];
        assert_eq!(of_network.apart(rows.clone()), (vec![2.0, 5.0], quantiles.clone()));
        let ends = vec![quantiles[0].clone(), quantiles[2].clone()];
        assert_eq!(Quantiles::around([0.1, 0.9]).apart(rows.clone()), (vec![2.0, 5.0], ends));
        assert_eq!(Quantiles::default().apart(rows.clone()), (rows, Vec::new()));
    }
}
