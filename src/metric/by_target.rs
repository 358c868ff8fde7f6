//! The errors of each of several targets by itself, from all forecasts or from a summary's sums alike.

use super::forecast::Forecast;
use super::forecasts::Forecasts;
use super::regression::column_sums;

/// How far the forecasts of one target are off, over all of them and all steps ahead.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetErrors {
    /// Its column; empty where a record does not tell its targets.
    pub name: String,
    /// Mean of |forecast - observed|, in the target's unit.
    pub mae: f64,
    /// Square root of the mean of (forecast - observed)², in the target's unit.
    pub rmse: f64,
    /// Mean of (forecast - observed)² of values standardised by the training rows; none where those are not told.
    pub scaled_mse: Option<f64>,
    /// Mean of |forecast - observed| of the same values.
    pub scaled_mae: Option<f64>,
}

impl Forecasts {
    /// How many targets are forecast; one where there is no forecast.
    pub fn target_count(&self) -> usize {
        let of_told = self.targets().len().max(1);
        self.whole().first().map_or(of_told, Forecast::targets)
    }

    /// The errors of each target, in the order in which each step has its values; empty without a forecast.
    pub fn by_target(&self) -> Vec<TargetErrors> {
        let values = (self.count() * self.horizon()) as f64;
        if values == 0.0 {
            return Vec::new();
        }
        let several = self.target_count();
        let absolute = column_sums(self, &|steps| &steps.absolute, f64::abs);
        let squared = column_sums(self, &|steps| &steps.squared, |error| error * error);
        let errors = |target: usize| {
            let mean = |sums: &[f64]| sums.iter().skip(target).step_by(several).sum::<f64>() / values;
            let (mae, mse) = (mean(&absolute), mean(&squared));
            let told = self.targets().get(target);
            TargetErrors {
                name: told.map_or_else(String::new, |told| told.name.clone()),
                mae,
                rmse: mse.sqrt(),
                // What is standardised is divided by the deviation, and its square by the variance.
                scaled_mse: told.map(|told| mse / (told.deviation * told.deviation)),
                scaled_mae: told.map(|told| mae / told.deviation),
            }
        };
        (0..several).map(errors).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ForecastTarget;
    use crate::metric::{Keep, Last, Predictions, score};

    /// Two steps of two targets from two origins; errors of the first 1, 3, 1, 1, of the second 0, 10, -20, 10.
    fn forecasts() -> Forecasts {
        let target = |name: &str, deviation| ForecastTarget {
            name: name.to_owned(),
            mean: 5.0,
            deviation,
        };
        let sample = |origin: &str, forecast: [f64; 4], truth: [f64; 4]| Forecast {
            origin: origin.to_owned(),
            last: Last::new(vec![0.0, 0.0]).unwrap_or_else(|| 0.0.into()),
            forecast: forecast.to_vec(),
            truth: truth.to_vec(),
            quantiles: Vec::new(),
        };
        let samples = vec![
            sample("2020-01-01", [2.0, 50.0, 4.0, 60.0], [1.0, 50.0, 1.0, 50.0]),
            sample("2020-01-02", [3.0, 10.0, 4.0, 40.0], [2.0, 30.0, 3.0, 30.0]),
        ];
        Forecasts::of_targets(vec![target("load", 2.0), target("heat", 10.0)], String::new(), samples)
    }

    #[test]
    fn two_targets_by_hand() {
        let [load, heat] = &forecasts().by_target()[..] else {
            panic!("there are two targets")
        };
        assert_eq!((&*load.name, load.mae, load.rmse), ("load", 1.5, 3.0f64.sqrt()));
        assert_eq!((load.scaled_mse, load.scaled_mae), (Some(0.75), Some(0.75)));
        assert_eq!((&*heat.name, heat.mae, heat.rmse), ("heat", 10.0, 150.0f64.sqrt()));
        assert_eq!((heat.scaled_mse, heat.scaled_mae), (Some(1.5), Some(1.0)));
    }

    #[test]
    fn a_summary_gives_the_same_and_their_mean_is_that_of_all() {
        let all = forecasts();
        assert_eq!(all.clone().kept(Keep::Summary).by_target(), all.by_target());
        let scores = score(&Predictions::Regression(all.clone()));
        let mean = |of: fn(&TargetErrors) -> Option<f64>| {
            let each = all.by_target();
            each.iter().filter_map(of).sum::<f64>() / each.len() as f64
        };
        assert!((mean(|one| one.scaled_mse) - scores["scaled_mse"]).abs() < 1e-12);
        assert!((mean(|one| one.scaled_mae) - scores["scaled_mae"]).abs() < 1e-12);
        assert!((mean(|one| Some(one.mae)) - scores["mae"]).abs() < 1e-12);
    }

    #[test]
    fn without_a_forecast_there_is_nothing_and_one_target_need_not_be_told() {
        assert_eq!(Forecasts::new(String::new(), Vec::new()).by_target(), []);
        let mut one = forecasts().whole()[..1].to_vec();
        one[0].last = 0.0.into();
        let errors = Forecasts::new(String::new(), one).by_target();
        assert_eq!(
            (errors.len(), &*errors[0].name, errors[0].mae, errors[0].scaled_mse),
            (1, "", 3.5, None)
        );
    }
}
