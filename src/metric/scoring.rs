//! Predictions as they come, one test example after the other → what a record keeps of them, and their scores.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use super::forecast::{Forecast, Last};
use super::forecasts::{Forecasts, Keep, OneSeries};
use super::predictions::Predictions;
use super::quantiles::Quantiles;
use super::score;
use super::scored::Scored;
use super::summary::Summing;
use crate::data::{Examples, ForecastTarget, InSample, Target};

/// Forecast values that are held at once, at most: of more only what is kept. Whatever is kept, the scores follow from the same sums.
pub(super) const MOST_HELD: usize = 4 << 20;

/// The predictions of a test set in the making.
pub struct Scoring<'a> {
    target: &'a Target,
    examples: &'a Examples,
    quantiles: Quantiles,
    keep: Keep,
    added: usize,
    predictions: Coming<'a>,
    /// The same of each of many series by itself.
    each: Vec<Each<'a>>,
}

/// One of many series.
struct Each<'a> {
    name: &'a str,
    told: &'a [ForecastTarget],
    in_sample: Option<&'a InSample>,
    /// How many of the examples are its own.
    windows: usize,
    summing: Summing<'a>,
}

enum Coming<'a> {
    /// Forecasts, each held.
    Forecasts(Numbers<'a>, Vec<Forecast>),
    /// Forecasts that are too many to be held, and all of them where they are to be kept.
    Many(Numbers<'a>, Box<Summing<'a>>, Vec<Forecast>),
    /// Scores of class 1.
    Items(&'a [String; 2], Vec<Scored>),
}

/// What forecasts are of.
struct Numbers<'a> {
    told: &'a [ForecastTarget],
    unit: &'a str,
    in_sample: Option<&'a InSample>,
}

impl<'a> Scoring<'a> {
    /// Before the first prediction of these examples, in each of which these quantiles stand for a number.
    pub fn new(target: &'a Target, examples: &'a Examples, quantiles: Quantiles, mut keep: Keep) -> Self {
        let levels = quantiles.levels().to_vec();
        let mut each = Vec::new();
        let predictions = match target {
            Target::Numbers {
                told,
                unit,
                publish,
                in_sample,
                many,
                ..
            } => {
                let in_sample = in_sample.as_ref();
                let numbers = Numbers { told, unit, in_sample };
                let columns = if examples.is_empty() { 0 } else { examples.truth(0).len() };
                let size = [examples.len(), columns];
                let mut windows = vec![0; many.len()];
                if !many.is_empty() {
                    (0..examples.len()).for_each(|index| windows[examples.series_of(index)] += 1);
                }
                let own = many.iter().zip(windows).map(|((name, in_sample), windows)| Each {
                    name,
                    told,
                    in_sample: in_sample.as_ref(),
                    windows,
                    summing: Summing::new(told, [windows, columns], &levels, Keep::Summary).unpublished(),
                });
                each.extend(own);
                let is_large = size[0].saturating_mul(columns * (1 + levels.len())) > MOST_HELD;
                match (publish, is_large) {
                    (false, _) => {
                        let summing = Summing::new(told, size, &levels, keep).unpublished();
                        keep = Keep::Summary; // whatever is asked for
                        Coming::Many(numbers, Box::new(summing), Vec::new())
                    }
                    (true, true) => Coming::Many(numbers, Box::new(Summing::new(told, size, &levels, keep)), Vec::new()),
                    (true, false) => Coming::Forecasts(numbers, Vec::with_capacity(examples.len())),
                }
            }
            Target::Classes(classes) => Coming::Items(classes, Vec::with_capacity(examples.len())),
        };
        Self {
            target,
            examples,
            quantiles,
            keep,
            added: 0,
            predictions,
            each,
        }
    }

    /// Adds the prediction of the next example: [output · quantile], in the target's unit, or the probability of class 1.
    ///
    /// # Errors
    /// When there is no such example, it is of another width, or nothing is known of a forecast's past.
    pub fn add(&mut self, prediction: Vec<f64>) -> Result<()> {
        let (index, examples) = (self.added, self.examples);
        ensure!(index < examples.len(), "there are {index} examples, and more predictions");
        self.added += 1;
        let truth = examples.truth(index);
        let (prediction, quantiles) = self.quantiles.apart(prediction);
        ensure!(
            truth.len() == prediction.len(),
            "a prediction has {} numbers, and {} are asked for",
            prediction.len(),
            truth.len()
        );
        let forecast = |forecast| -> Result<Forecast> {
            let past = examples.past(index);
            let last = past.get(past.len().saturating_sub(self.target.count())..);
            let last = last.and_then(|last| Last::new(last.to_vec()));
            Ok(Forecast {
                origin: examples.name(index),
                last: last.context("a window holds at least one day")?,
                forecast,
                truth: truth.to_vec(),
                quantiles,
            })
        };
        match &mut self.predictions {
            Coming::Forecasts(_, forecasts) => {
                let forecast = forecast(prediction)?;
                if let Some(each) = self.each.get_mut(examples.series_of(index)) {
                    each.summing.add(forecast.clone());
                }
                forecasts.push(forecast);
            }
            Coming::Many(_, summing, all) => {
                let forecast = forecast(prediction)?;
                if let Some(each) = self.each.get_mut(examples.series_of(index)) {
                    each.summing.add(forecast.clone());
                }
                if self.keep == Keep::All {
                    all.push(forecast.clone());
                }
                summing.add(forecast);
            }
            Coming::Items(_, items) => items.push(Scored {
                name: examples.name(index),
                label: u8::from(truth[0] > 0.5),
                score: prediction[0],
            }),
        }
        Ok(())
    }

    /// What a record keeps of them, and every metric that they define.
    pub fn finish(self) -> (Predictions, BTreeMap<String, f64>) {
        let levels = self.quantiles.levels();
        let series: Vec<OneSeries> = self.each.into_iter().map(Each::scored).collect();
        let all = match self.predictions {
            Coming::Forecasts(of, all) => Predictions::Regression(of.forecasts(all).with_levels(levels).with_series(series)),
            Coming::Many(of, summing, all) => {
                let (summary, whole) = summing.finish();
                let summed = Forecasts::summed(summary, whole, of.told.to_vec(), of.unit.to_owned());
                let summed = summed.with_in_sample(of.in_sample.cloned());
                let summed = Predictions::Regression(summed.with_levels(levels).with_series(series.clone()));
                let scores = score(&summed);
                return match self.keep {
                    Keep::All => (
                        Predictions::Regression(of.forecasts(all).with_levels(levels).with_series(series)),
                        scores,
                    ),
                    Keep::BySize | Keep::Summary => (summed, scores),
                };
            }
            Coming::Items(classes, items) => Predictions::Binary {
                classes: classes.clone(),
                samples: items.into_iter().collect(),
            },
        };
        let scores = score(&all);
        (all.kept(self.keep), scores)
    }
}

impl Each<'_> {
    /// Its scores.
    fn scored(self) -> OneSeries {
        let (summary, whole) = self.summing.finish();
        let forecasts = Forecasts::summed(summary, whole, self.told.to_vec(), String::new());
        OneSeries {
            name: self.name.to_owned(),
            windows: self.windows,
            metrics: score(&Predictions::Regression(forecasts.with_in_sample(self.in_sample.cloned()))),
        }
    }
}

impl Numbers<'_> {
    fn forecasts(&self, all: Vec<Forecast>) -> Forecasts {
        Forecasts::of_targets(self.told.to_vec(), self.unit.to_owned(), all).with_in_sample(self.in_sample.cloned())
    }
}
