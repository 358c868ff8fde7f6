//! `kind = "theta"`: the Theta method (Assimakopoulos and Nikolopoulos, 2000): half the slope of the straight line through all values, added
//! to simple exponential smoothing, which is what it comes to (Hyndman and Billah, 2003). A season that a test finds is taken out
//! before and put in again: divided by where all values are above 0, else subtracted. As statsmodels' `ThetaModel`.

mod season;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use self::season::Season;
use super::{Baseline, FitOn, Model, Predictor, Role, forecast, search};
use crate::data::{Blame, Dataset, STEPS};
use crate::number;
use crate::task::{REGRESSION, Task};

/// Bumped when the same examples would give other forecasts.
pub const VERSION: u32 = 1;

/// The smoothing weight lies so far from 0 and 1 at least.
const EDGE: f64 = 1e-4;

/// So many values have a slope and a level beside it.
const FEWEST_VALUES: usize = 3;

/// `kind = "theta"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThetaSpec {
    /// Steps of a season, as 7 of daily values with a rhythm of a week; 1: there is none.
    #[serde(default = "one", deserialize_with = "number::from_one::<_, { number::MOST_DAYS }>")]
    pub season: usize,
    /// What it is fitted to.
    #[serde(default)]
    pub fit_on: FitOn,
}

fn one() -> usize {
    1
}

impl ThetaSpec {
    /// So many values are needed: two seasons, of which one tells the mean and both the season.
    fn fewest_values(&self) -> usize {
        match self.season {
            1 => FEWEST_VALUES,
            season => season.saturating_mul(2).max(FEWEST_VALUES),
        }
    }
}

impl Model for ThetaSpec {
    fn code(&self) -> Vec<(&'static str, u32)> {
        vec![("model.theta", VERSION)]
    }

    fn role(&self) -> Role<'_> {
        Role::Baseline(self)
    }

    fn learns(&self) -> bool {
        self.fit_on == FitOn::Train
    }

    fn check(&self, sample_shape: &[usize]) -> Result<(), Blame> {
        let needed = self.fewest_values();
        match sample_shape {
            [lookback, ..] if self.fit_on == FitOn::Lookback && *lookback < needed => Err(Blame {
                help: Some(forecast::TOO_SHORT),
                ..Blame::at(
                    "fit_on",
                    format!(
                        "a lookback of {lookback} is too short to fit the Theta method to, which takes {needed} values here"
                    ),
                )
            }),
            _ => Ok(()),
        }
    }

    fn fits(&self, axes: &[&str], task: &Task) -> bool {
        axes == STEPS && *task == REGRESSION
    }
}

impl Baseline for ThetaSpec {
    fn predictor<'a>(&'a self, data: &'a Dataset) -> Result<Predictor<'a>> {
        forecast::of_fitted(data, self.fit_on, |values| self.fit(values), Fitted::forecast)
    }
}

/// A fitted Theta method.
#[derive(Debug)]
struct Fitted {
    /// α of the smoothing.
    weight: f64,
    /// Of the straight line.
    slope: f64,
    /// What was taken out before.
    season: Option<Season>,
}

impl ThetaSpec {
    /// Fits it to values, oldest first.
    ///
    /// # Errors
    /// When there are too few of them.
    fn fit(&self, values: &[f64]) -> Result<Fitted> {
        let (needed, count) = (self.fewest_values(), values.len());
        ensure!(
            count >= needed,
            "{count} values are too few for the Theta method, which takes {needed} here\n  help: use a longer series, or a shorter `season`"
        );
        let season = Season::found(values, self.season);
        let plain: Vec<f64> = match &season {
            Some(season) => season.without(values).collect(),
            None => values.to_vec(),
        };
        let squares = |place: &[f64]| smoothed(plain.iter().copied(), weight(place[0])).1;
        let starts: Vec<Vec<f64>> = (0..10).map(|tenth| vec![f64::from(tenth) / 10.0 + 0.05]).collect();
        let found = search::lowest(&starts, squares);
        let (place, _) = found.context("smoothing of these values gives no finite numbers")?;
        Ok(Fitted {
            weight: weight(place[0]),
            slope: slope(&plain),
            season,
        })
    }
}

/// The smoothing weight that stands at a place from 0 to 1.
fn weight(share: f64) -> f64 {
    EDGE + share * (1.0 - 2.0 * EDGE)
}

impl Fitted {
    /// The steps after a history that begins where the fit began.
    fn forecast(&self, history: &[f64], horizon: usize) -> Vec<f64> {
        let count = history.len();
        let (level, _) = match &self.season {
            Some(season) => smoothed(season.without(history), self.weight),
            None => smoothed(history.iter().copied(), self.weight),
        };
        // What smoothing lags behind a straight line.
        let lag = (1.0 - libm::pow(1.0 - self.weight, count as f64)) / self.weight;
        let step = |ahead: usize| {
            let plain = level + self.slope / 2.0 * (ahead as f64 + lag);
            match &self.season {
                Some(season) => season.put_in(plain, count + ahead),
                None => plain,
            }
        };
        (0..horizon).map(step).collect()
    }
}

/// The level after simple exponential smoothing that starts at the first value, and the sum of its squared errors.
fn smoothed(mut values: impl Iterator<Item = f64>, weight: f64) -> (f64, f64) {
    let first = values.next().unwrap_or(0.0);
    values.fold((first, 0.0), |(level, squares), value| {
        let error = value - level;
        (level + weight * error, squares + error * error)
    })
}

/// That of the straight line with the least squares.
fn slope(values: &[f64]) -> f64 {
    let middle = (values.len() - 1) as f64 / 2.0;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let (mut product, mut square) = (0.0, 0.0);
    for (step, value) in values.iter().enumerate() {
        let from_middle = step as f64 - middle;
        product += from_middle * (value - mean);
        square += from_middle * from_middle;
    }
    product / square
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::model::tests::{assert_near, golden_baselines, predicted, series_of};

    #[test]
    fn golden_statsmodels_theta() {
        let golden = golden_baselines();
        let mut seasons = 0;
        for case in golden.cases("theta") {
            let values = golden.series(case);
            let spec = ThetaSpec {
                season: case["season"].as_u64().unwrap() as usize,
                fit_on: FitOn::Train,
            };
            let fitted = spec.fit(&values).unwrap();
            assert_eq!(
                fitted.season.is_some(),
                case["is_seasonal"].as_bool().unwrap(),
                "{}",
                case["series"]
            );
            seasons += usize::from(fitted.season.is_some());
            assert_near(&[fitted.slope], &[case["slope"].as_f64().unwrap()], 1e-9);
            let expected: Vec<f64> = serde_json::from_value(case["forecast"].clone()).unwrap();
            let theirs = Fitted {
                weight: case["level"].as_f64().unwrap(),
                season: fitted.season.clone(),
                ..fitted
            };
            assert_near(&theirs.forecast(&values, expected.len()), &expected, 1e-9);
            // Their search ends earlier than ours, where the errors are nearly flat.
            let plain = |fitted: &Fitted| match &fitted.season {
                Some(season) => smoothed(season.without(&values), fitted.weight).1,
                None => smoothed(values.iter().copied(), fitted.weight).1,
            };
            let (ours, least) = (plain(&fitted), plain(&theirs));
            assert!(
                ours <= least * (1.0 + 1e-9) && ours > 0.9999 * least,
                "{}: {ours} {least}",
                case["series"]
            );
            assert_near(&fitted.forecast(&values, expected.len()), &expected, 1e-3);
        }
        assert_eq!(seasons, 4);
    }

    #[test]
    fn each_origin_is_forecast_from_what_is_known_there() {
        let series: Vec<f64> = (0..60)
            .map(|step| f64::from(step) + [0.0, 4.0, -4.0][step as usize % 3])
            .collect();
        let spec = ThetaSpec {
            season: 3,
            fit_on: FitOn::Train,
        };
        let data = series_of(&series, [5, 3], 4);
        for (index, forecast) in predicted(&spec, &data).unwrap().iter().enumerate() {
            assert_near(forecast, data.test.truth(index), 0.1);
        }
        let narrow = ThetaSpec {
            fit_on: FitOn::Lookback,
            ..spec
        };
        let of = |series: &[f64]| predicted(&narrow, &series_of(series, [9, 3], 4)).unwrap();
        let mut early = series.clone();
        early[3] += 1000.0;
        assert_eq!(of(&series), of(&early), "what came before the lookback changes nothing");
    }

    #[test]
    fn too_short_a_lookback_is_a_mistake_at_its_key() {
        let spec = ThetaSpec {
            season: 7,
            fit_on: FitOn::Lookback,
        };
        assert!(spec.check(&[14, 1]).is_ok());
        assert_eq!(spec.check(&[13, 1]).unwrap_err().key, "fit_on");
        let error = spec.fit(&[1.0; 13]).unwrap_err().to_string();
        assert!(error.contains("13 values are too few"), "{error}");
    }
}
