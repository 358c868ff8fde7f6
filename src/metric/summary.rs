//! What a record keeps of forecasts that are too many to be kept one by one: as much as every metric, test and figure needs.

mod summing; // window by window

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::forecast::Forecast;
use super::forecasts::{Keep, truth_range};
use super::intervals::QuantileSums;
use super::lines;
use super::regression::{self, VALUE_LOSSES, ValueLoss};
use crate::data::ForecastTarget;
pub(super) use summing::Summing;

/// The percentiles of the errors at each step, rising.
pub const PERCENTILES: [f64; 5] = [5.0, 25.0, 50.0, 75.0, 95.0];

/// Bumped when the formulas of [`OfAll`] would give other numbers, together with that of all metrics.
pub(super) const OF_ALL: u32 = 1;

/// Forecasts, summed up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How many windows there were.
    pub windows: usize,
    /// So many windows beside each other stand together in the lists; 1: each by itself.
    pub every: usize,
    /// The last known day of each window, or of the first of those that stand together, in time order.
    #[serde(with = "lines::names")]
    pub origins: Vec<String>,
    /// Mean loss of each window, or of those that stand together, by the word of the loss; absent where it is no number somewhere.
    #[serde(with = "lines::named_numbers")]
    pub losses: BTreeMap<String, Vec<f64>>,
    /// Mean loss of the naive forecast, the last known value again, over all windows.
    pub naive: BTreeMap<String, f64>,
    /// Sums at each step ahead.
    pub steps: Steps,
    /// How the errors at some steps are distributed.
    pub errors: ErrorSpread,
    /// What was observed.
    pub truth: Truth,
    /// Metrics that follow from nothing else here; absent in records older than they.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_all: Option<OfAll>,
    /// Sums of the quantiles beside the forecasts; absent where there are none, and in records older than it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantiles: Option<QuantileSums>,
}

/// Metrics that take every single forecast: they are kept as they are, and never computed again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfAll {
    /// The version of the formulas that gave them.
    pub version: u32,
    /// See [`regression::median_error`]; absent where there are too many values to be held for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median_error: Option<f64>,
    /// See [`regression::max_error`].
    pub max_error: f64,
    /// See [`regression::r2`]; only where steps stand together, so that it does not follow from their sums.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r2: Option<f64>,
    /// See [`regression::directional_accuracy`].
    pub directional_accuracy: f64,
}

impl OfAll {
    /// What they contradict, if anything: no value is missed by more than the most, at least half of them by the median or more.
    fn contradicts(&self, whole: &[Forecast], mean: Option<f64>) -> Option<String> {
        let (most, direction) = (self.max_error, self.directional_accuracy);
        let median = self.median_error.unwrap_or(0.0);
        let near = 1.0 + 1e-9;
        let is_in_order = (0.0..=most).contains(&median) && (0.0..=1.0).contains(&direction);
        let is_seen = regression::largest(whole).is_none_or(|seen| seen <= most);
        let is_of_mean = mean.is_none_or(|mean| mean <= most * near && median <= 2.0 * mean * near);
        let holds = is_in_order && is_seen && is_of_mean;
        (!holds).then(|| {
            format!("its errors cannot have a median of {median}, a maximum of {most} and a share of {direction} in the right direction")
        })
    }
}

/// Sums over all windows: a number for each step ahead and target, first all of the first step. Of many steps, neighbours stand together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Steps {
    /// How steps stand together; absent where each stands by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grouped: Option<Grouped>,
    /// Σ (forecast - truth)
    #[serde(with = "lines::numbers")]
    pub error: Vec<f64>,
    /// Σ |forecast - truth|
    #[serde(with = "lines::numbers")]
    pub absolute: Vec<f64>,
    /// Σ (forecast - truth)²
    #[serde(with = "lines::numbers")]
    pub squared: Vec<f64>,
    /// Σ (truth - mean truth)²
    #[serde(with = "lines::numbers")]
    pub spread: Vec<f64>,
}

/// How the steps of sums stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grouped {
    /// All steps.
    pub horizon: usize,
    /// So many of them at each place; the last may be fewer.
    pub together: usize,
}

impl Steps {
    /// Steps ahead and targets of what was summed, of so many targets.
    pub fn horizon(&self, targets: usize) -> usize {
        self.grouped
            .map_or(self.squared.len() / targets.max(1), |grouped| grouped.horizon)
    }

    /// The place of a step, from 0, among the sums, and how many steps stand there.
    fn place(&self, step: usize, targets: usize) -> (usize, usize) {
        let Some(Grouped { horizon, together }) = self.grouped else {
            return (step, 1);
        };
        let place = step / together;
        debug_assert!(place * targets < self.squared.len(), "the step is one of the horizon");
        (place, together.min(horizon - place * together))
    }

    /// The mean error at a step, from 0, of a target, from 0, of so many, over so many windows; of steps that stand together their mean.
    pub fn mean_error(&self, step: usize, [target, targets]: [usize; 2], windows: usize) -> f64 {
        let (place, steps) = self.place(step, targets);
        self.error[place * targets + target] / (windows * steps) as f64
    }
}

/// The errors, forecast - truth, at some steps ahead: the first, the last, and as many between as there is room for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorSpread {
    /// The steps, from 1, rising.
    pub steps: Vec<usize>,
    /// [`PERCENTILES`] by their word, as `p05`: a number for each of these steps and each target, first all of the first step.
    #[serde(with = "lines::named_numbers")]
    pub percentiles: BTreeMap<String, Vec<f64>>,
}

/// The observed values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// What tells these windows and values from others.
    pub digest: String,
    /// The lowest and the highest in size; none where no value of them may be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
}

/// The word of a percentile.
fn word(percent: f64) -> String {
    format!("p{percent:02}")
}

impl Summary {
    /// That of forecasts of one width in time order, of which there is at least one.
    pub fn of(samples: &[Forecast], targets: &[ForecastTarget]) -> Self {
        let columns = samples.first().map_or(1, |window| window.truth.len());
        let mut summing = Summing::new(targets, [samples.len(), columns], &[], Keep::BySize);
        samples.iter().for_each(|sample| summing.add(sample.clone()));
        summing.finish().0
    }

    /// How many windows stand at a place of the lists.
    pub fn together(&self, place: usize) -> usize {
        self.every.min(self.windows - place * self.every)
    }

    /// The mean of a loss over all windows; none where it is no number.
    pub fn mean(&self, loss: &ValueLoss) -> Option<f64> {
        let list = self.losses.get(loss.name)?.iter().enumerate();
        let sum: f64 = list.map(|(place, mean)| mean * self.together(place) as f64).sum();
        Some(sum / self.windows as f64)
    }
}

impl ErrorSpread {
    /// The percentiles at that place of the lists, rising; none where they are not all there.
    pub fn at(&self, place: usize) -> Option<[f64; 5]> {
        let mut found = [0.0; 5];
        for (value, percent) in found.iter_mut().zip(PERCENTILES) {
            *value = *self.percentiles.get(&word(percent))?.get(place)?;
        }
        Some(found)
    }
}

impl Summary {
    /// Whether it can be that of the forecasts of which `whole` are some, with quantiles of these levels where they are told.
    ///
    /// # Errors
    /// What it contradicts.
    pub fn check(
        &self,
        whole: &[Forecast],
        known: &[ForecastTarget],
        levels: &[f64],
        is_near: impl Fn(f64, f64) -> bool,
    ) -> Result<(), String> {
        if whole.is_empty() && self.truth.range.is_some() {
            return Err("it keeps no window whole".to_owned());
        }
        let targets = whole.first().map_or(known.len().max(1), Forecast::targets);
        let horizon = self.steps.horizon(targets);
        let columns = horizon * targets;
        if columns == 0 || whole.iter().any(|one| one.truth.len() != columns) {
            return Err(format!("its summary is of {columns} values of {targets} targets"));
        }
        let together = self.steps.grouped.map_or(1, |grouped| grouped.together);
        if together == 0 {
            return Err("its summary has no step at a place".to_owned());
        }
        let sums = horizon.div_ceil(together) * targets;
        if self.every == 0 || self.windows == 0 || self.windows < whole.len() {
            return Err(format!("its summary is of {} windows, {} together", self.windows, self.every));
        }
        let places = self.windows.div_ceil(self.every);
        if self.origins.len() != places || !self.origins.is_sorted_by(|a, b| a < b) {
            return Err("the origins of its summary are not those of its windows in the order of time".to_owned());
        }
        if let Some((first, last)) = whole.first().zip(whole.last())
            && (self.origins[0] != first.origin || (self.every == 1 && self.origins[places - 1] != last.origin))
        {
            return Err("the windows that it keeps whole are not the first and the last of its summary".to_owned());
        }
        for (name, list) in &self.losses {
            if list.len() != places || list.iter().any(|value| *value < 0.0) {
                return Err(format!("its summary has no {name} loss for each window"));
            }
        }
        let Steps {
            error,
            absolute,
            squared,
            spread,
            ..
        } = &self.steps;
        if [error, absolute, squared, spread].iter().any(|list| list.len() != sums) {
            return Err(format!("its summary has no sums for each of {columns} steps"));
        }
        if let Some(mean) = self.mean(&regression::SQUARED)
            && !is_near(squared.iter().sum::<f64>() / (self.windows * columns) as f64, mean)
        {
            return Err("the squared errors of its windows and of its steps do not add up to the same".to_owned());
        }
        let steps = &self.errors.steps;
        let are_rising = |place| self.errors.at(place).is_some_and(|found| found.is_sorted());
        if steps.iter().any(|step| !(1..=horizon).contains(step)) || !(0..steps.len() * targets).all(are_rising) {
            return Err("the percentiles of its errors are not those of its steps".to_owned());
        }
        if let (Some([lowest, highest]), Some(range)) = (self.truth.range, truth_range(whole))
            && (range[0] < lowest || range[1] > highest)
        {
            return Err(format!("it observed values outside of {lowest} to {highest}"));
        }
        let told = [self.windows, horizon, targets];
        if self.quantiles.as_ref().is_some_and(|sums| !sums.is_possible(told, levels)) {
            return Err("the sums of its quantiles are not those of its levels, windows and targets".to_owned());
        }
        let mean = self.mean(&regression::ABSOLUTE);
        let contradicted = self.of_all.as_ref().and_then(|found| found.contradicts(whole, mean));
        contradicted.map_or_else(|| self.check_whole(whole, known, is_near), Err)
    }

    /// Holds each window that is kept whole to its place in the lists.
    fn check_whole(
        &self,
        whole: &[Forecast],
        known: &[ForecastTarget],
        is_near: impl Fn(f64, f64) -> bool,
    ) -> Result<(), String> {
        if self.every > 1 {
            return Ok(());
        }
        for window in whole {
            let place = self.origins.binary_search(&window.origin);
            let place = place.map_err(|_| format!("its summary has no window from {:?}", window.origin))?;
            for loss in VALUE_LOSSES {
                let mean = window.sum(known, loss) / window.truth.len() as f64;
                match self.losses.get(loss.name) {
                    Some(list) if !is_near(list[place], mean) => {
                        let (name, origin) = (loss.name, &window.origin);
                        return Err(format!(
                            "the {name} loss of {} from {origin:?} does not follow from its forecast, which gives {mean}",
                            list[place]
                        ));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests;
