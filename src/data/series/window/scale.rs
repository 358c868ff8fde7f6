//! How a column is scaled, as scikit-learn's MinMaxScaler and StandardScaler do it.

use super::Scale;

/// scaled = (value - offset) / factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ColumnScale {
    /// Subtracted.
    pub offset: f64,
    /// Divided by; not 0.
    pub factor: f64,
}

impl ColumnScale {
    /// The scaling of these values, of which there must be at least one. A column of equal values is divided by 1.
    pub(super) fn fit(scale: Scale, values: &[f64]) -> Self {
        match scale {
            Scale::MinMax => {
                let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
                let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let range = highest - lowest;
                Self {
                    offset: lowest,
                    factor: if range < 10.0 * f64::EPSILON { 1.0 } else { range },
                }
            }
            Scale::Standard => {
                let count = values.len() as f64;
                let mean = values.iter().sum::<f64>() / count;
                let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
                let variance = squares / count;
                // What rounding alone would give for equal values (Chan, Golub and LeVeque, 1983).
                let rounding = count * f64::EPSILON * variance + (count * mean * f64::EPSILON).powi(2);
                Self {
                    offset: mean,
                    factor: if variance <= rounding { 1.0 } else { variance.sqrt() },
                }
            }
            Scale::None => Self {
                offset: 0.0,
                factor: 1.0,
            },
        }
    }

    /// Scales one value.
    pub(super) fn apply(self, value: f64) -> f64 {
        (value - self.offset) / self.factor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalings_by_hand() {
        let values = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0];
        let min_max = ColumnScale::fit(Scale::MinMax, &values);
        assert_eq!((min_max.offset, min_max.factor), (2.0, 7.0));
        assert_eq!((min_max.apply(2.0), min_max.apply(9.0)), (0.0, 1.0));
        let standard = ColumnScale::fit(Scale::Standard, &values);
        assert_eq!((standard.offset, standard.factor), (5.0, 2.0));
        let none = ColumnScale::fit(Scale::None, &values);
        assert_eq!(none.apply(4.5), 4.5);
    }

    #[test]
    fn equal_values_are_not_divided_by_zero() {
        for value in [0.1, 0.0, 1e9 / 3.0] {
            for scale in [Scale::MinMax, Scale::Standard] {
                let fitted = ColumnScale::fit(scale, &[value; 7]);
                assert_eq!(fitted.factor, 1.0);
                assert!(fitted.apply(value).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn golden_min_max_scaler() -> candle_core::Result<()> {
        let tensors = crate::nn::golden::golden("sklearn");
        let numbers = |name: &str| {
            let tensor = tensors[name].to_dtype(candle_core::DType::F64)?;
            tensor.flatten_all()?.to_vec1::<f64>()
        };
        let values = numbers("z")?;
        let scale = ColumnScale::fit(Scale::MinMax, &values);
        for (value, expected) in values.iter().zip(numbers("scaled")?) {
            let scaled = scale.apply(*value);
            assert!((scaled - expected).abs() <= 1e-6 * expected.abs().max(1e-3));
        }
        Ok(())
    }
}
