//! The forecasts of a cell: all of them, or their summary and a few.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::conformal::Calibrated;
use super::forecast::Forecast;
use super::intervals::QuantileSums;
use super::regression::{self, ValueLoss};
use super::summary::{Summary, Summing};
use crate::data::{ForecastTarget, InSample};

/// Forecasts of the test windows, in time order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecasts {
    /// Unit of every number, as "USD"; empty where there is none, or not one alone.
    pub unit: String,
    /// What the intervals around them were calibrated on; absent where they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calibration: Option<Calibrated>,
    /// How much the targets change by themselves before the test; absent where that is not known, as in records older than it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    in_sample: Option<InSample>,
    /// The levels of the quantiles that stand beside each forecast, rising, as 0.1 and 0.9; empty where none do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    levels: Vec<f64>,
    /// Every one; beside a summary, some.
    samples: Vec<Forecast>,
    /// The scores of each of many series, in the order of their names; empty of one alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    series: Vec<OneSeries>,
    /// What they come to, where not all are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    summary: Option<Box<Summary>>,
    /// What is forecast, in the order in which each step has its values; empty of one target whose scaling is not told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    targets: Vec<ForecastTarget>,
}

/// One of many series that were forecast together, by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OneSeries {
    /// Its name, as the windows' origins have it.
    pub name: String,
    /// How many of the test windows are its own.
    pub windows: usize,
    /// Every metric that their forecasts define.
    pub metrics: BTreeMap<String, f64>,
}

/// How much of its predictions a record keeps: `predictions` of an experiment. It changes no number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// All where a record of them stays small, else their summary.
    #[default]
    BySize,
    /// All.
    All,
    /// Their summary, and a few whole ones.
    Summary,
}

/// Bytes of forecasts that are all kept, about.
const MOST_BYTES: usize = 800_000;

impl Keep {
    /// Whether it is what stands for nothing said.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether so many forecasts of that width, with so many quantiles, are summed up.
    pub(super) fn sums_up(self, windows: usize, columns: usize, levels: usize) -> bool {
        match self {
            Self::All => false,
            Self::Summary => true,
            // A number takes a line of some 30 bytes, a forecast four lines besides.
            Self::BySize => windows.saturating_mul(150 + 30 * columns * (2 + levels)) > MOST_BYTES,
        }
    }
}

impl Forecasts {
    /// All forecasts of one target, in time order.
    pub fn new(unit: String, samples: Vec<Forecast>) -> Self {
        Self::of_targets(Vec::new(), unit, samples)
    }

    /// All forecasts, in time order.
    pub fn of_targets(targets: Vec<ForecastTarget>, unit: String, samples: Vec<Forecast>) -> Self {
        Self {
            unit,
            calibration: None,
            in_sample: None,
            levels: Vec::new(),
            samples,
            series: Vec::new(),
            summary: None,
            targets,
        }
    }

    /// With what is known of the targets before the test.
    pub fn with_in_sample(self, in_sample: Option<InSample>) -> Self {
        Self { in_sample, ..self }
    }

    /// With what their intervals were calibrated on.
    pub fn with_calibration(self, calibration: Option<Calibrated>) -> Self {
        Self { calibration, ..self }
    }

    /// With the scores of each of many series.
    pub(super) fn with_series(self, series: Vec<OneSeries>) -> Self {
        Self { series, ..self }
    }

    /// Those of which `whole` are some.
    pub(super) fn summed(summary: Summary, whole: Vec<Forecast>, targets: Vec<ForecastTarget>, unit: String) -> Self {
        Self {
            unit,
            calibration: None,
            in_sample: None,
            levels: Vec::new(),
            samples: whole,
            series: Vec::new(),
            summary: Some(Box::new(summary)),
            targets,
        }
    }

    /// The same, told of which levels their quantiles are, where they hold some.
    pub fn with_levels(self, levels: &[f64]) -> Self {
        let hold_some = self.samples.first().is_some_and(|sample| !sample.quantiles.is_empty());
        let levels = if hold_some { levels.to_vec() } else { Vec::new() };
        Self { levels, ..self }
    }

    /// As many as a record keeps.
    pub fn kept(self, keep: Keep) -> Self {
        let columns = self.samples.first().map_or(0, |sample| sample.truth.len());
        let levels = self.levels.len();
        if self.summary.is_some() || columns == 0 || !keep.sums_up(self.samples.len(), columns, levels) {
            return self;
        }
        let mut summing = Summing::new(&self.targets, [self.samples.len(), columns], &self.levels, keep);
        for sample in self.samples {
            summing.add(sample);
        }
        let (summary, whole) = summing.finish();
        Self::summed(summary, whole, self.targets, self.unit)
            .with_levels(&self.levels)
            .with_in_sample(self.in_sample)
            .with_series(self.series)
            .with_calibration(self.calibration)
    }

    /// The scores of each of many series, in the order of their names; empty of one alone.
    pub fn series(&self) -> &[OneSeries] {
        &self.series
    }

    /// The mean over many series of a metric that is measured by what each is like; none of one alone, and where one has none.
    pub(super) fn mean_of_series(&self, metric: &str) -> Option<f64> {
        let values = self.series.iter().map(|one| one.metrics.get(metric).copied());
        let sum = values.sum::<Option<f64>>()?;
        (!self.series.is_empty()).then(|| sum / self.series.len() as f64)
    }

    /// From how many times there are forecasts, about: of many series each has its own at each.
    pub fn times(&self) -> usize {
        self.count().div_ceil(self.series.len().max(1))
    }

    /// What is forecast, where that is told.
    pub fn targets(&self) -> &[ForecastTarget] {
        &self.targets
    }

    /// The levels of the quantiles beside each forecast, rising; empty where there are none.
    pub fn levels(&self) -> &[f64] {
        &self.levels
    }

    /// What their intervals were calibrated on; none where they were not.
    pub fn calibration(&self) -> Option<&Calibrated> {
        self.calibration.as_ref()
    }

    /// What the metrics of quantiles follow from; none where there are none, and in summaries older than it.
    pub(super) fn quantile_sums(&self) -> Option<QuantileSums> {
        if let Some(summary) = self.summary() {
            return summary.quantiles.clone();
        }
        let mut sums = QuantileSums::new(&self.levels).filter(|_| !self.samples.is_empty())?;
        self.samples.iter().for_each(|sample| sums.add(sample, true));
        Some(sums)
    }

    /// The summary, where not all are kept.
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_deref()
    }

    /// The summary, whether or not all are kept; none without a forecast.
    pub fn summed_up(&self) -> Option<Summary> {
        let of_all = || (!self.samples.is_empty()).then(|| Summary::of(&self.samples, &self.targets));
        self.summary().cloned().or_else(of_all)
    }

    /// Every forecast, where all are kept.
    pub fn all(&self) -> Option<&[Forecast]> {
        self.summary.is_none().then_some(&self.samples)
    }

    /// The forecasts that are kept: all, or beside a summary some.
    pub fn whole(&self) -> &[Forecast] {
        &self.samples
    }

    /// How many there are, kept or not.
    pub fn count(&self) -> usize {
        self.summary().map_or(self.samples.len(), |summary| summary.windows)
    }

    /// How many days each looks ahead; 0 where there is none.
    pub fn horizon(&self) -> usize {
        let of_summary = || self.summary().map_or(0, |summary| summary.steps.horizon(self.targets.len()));
        self.samples.first().map_or_else(of_summary, Forecast::horizon)
    }

    /// The mean of a loss over all forecasts, days and targets; none where it is not defined.
    pub fn mean(&self, loss: &ValueLoss) -> Option<f64> {
        match self.summary() {
            Some(summary) => summary.mean(loss),
            None => regression::mean_loss(&self.samples, &self.targets, loss),
        }
    }

    /// The mean of a loss over the first so many forecasts alone; none where there are fewer, and where single ones are not known.
    pub fn mean_of_first(&self, loss: &ValueLoss, windows: usize) -> Option<f64> {
        let every = self.together();
        let is_whole = windows > 0 && windows <= self.count() && windows.is_multiple_of(every);
        let losses = self.losses(loss, every).filter(|_| is_whole)?;
        let sum: f64 = losses[..windows / every].iter().map(|(_, loss)| loss).sum();
        Some(sum / (windows / every * self.horizon()) as f64)
    }

    /// The same of the last known value as the forecast of every day.
    pub fn naive(&self, loss: &ValueLoss) -> Option<f64> {
        match self.summary() {
            Some(summary) => summary.naive.get(loss.name).copied(),
            None => regression::naive(&self.samples, &self.targets, loss),
        }
    }

    /// What is known of the targets before the test.
    pub fn in_sample(&self) -> Option<&InSample> {
        self.in_sample.as_ref()
    }

    /// The mean of the squared or the absolute error of the naive forecast of the one target before the test, whose next season is like
    /// the last; none where it is 0 or not known, and of several targets, which have one each.
    pub fn in_sample_mean(&self, loss: &ValueLoss) -> Option<f64> {
        let in_sample = self.in_sample.as_ref()?;
        let means = [
            (&regression::SQUARED, &in_sample.squared),
            (&regression::ABSOLUTE, &in_sample.absolute),
        ];
        let (_, means) = means.into_iter().find(|(own, _)| own.name == loss.name)?;
        match means[..] {
            [mean] if mean > 0.0 => Some(mean),
            _ => None,
        }
    }

    /// So many windows beside each other stand together in what is known of single ones.
    pub fn together(&self) -> usize {
        self.summary().map_or(1, |summary| summary.every)
    }

    /// Of each window, or of the `every` that stand together, the first one's origin and the loss summed over its days; several
    /// windows and targets by their mean. None where it is no number somewhere, or windows stand together otherwise.
    pub fn losses(&self, loss: &ValueLoss, every: usize) -> Option<Vec<(&str, f64)>> {
        let (origins, sums): (Vec<&str>, Vec<f64>) = match self.summary() {
            Some(summary) => {
                let list = summary.losses.get(loss.name)?.iter();
                let sums = list.map(|mean| mean * self.horizon() as f64);
                (summary.origins.iter().map(String::as_str).collect(), sums.collect())
            }
            None => {
                let of = |one: &'_ Forecast| one.sum(&self.targets, loss) / one.targets() as f64;
                self.samples.iter().map(|one| (&*one.origin, of(one))).unzip()
            }
        };
        let own = self.together();
        if every == own {
            return Some(origins.into_iter().zip(sums).collect());
        }
        let firsts = origins.iter().step_by(every).copied();
        let means = sums.chunks(every).map(|sums| sums.iter().sum::<f64>() / sums.len() as f64);
        (own == 1).then(|| firsts.zip(means).collect())
    }

    /// The lowest and the highest observed value, in size; none without a forecast.
    pub fn truth_range(&self) -> Option<[f64; 2]> {
        match self.summary() {
            Some(summary) => summary.truth.range,
            None => truth_range(&self.samples),
        }
    }

    /// What tells the windows and their observed values from others.
    pub fn truth_digest(&self) -> String {
        match self.summary() {
            Some(summary) => summary.truth.digest.clone(),
            None => truth_digest(&self.samples),
        }
    }

    /// The forecasts, to be changed by a test.
    #[cfg(test)]
    pub(crate) fn samples_mut(&mut self) -> &mut Vec<Forecast> {
        &mut self.samples
    }
}

pub(super) fn truth_range(samples: &[Forecast]) -> Option<[f64; 2]> {
    let sizes = || samples.iter().flat_map(|sample| &sample.truth).map(|value| value.abs());
    Some([sizes().reduce(f64::min)?, sizes().reduce(f64::max)?])
}

fn truth_digest(samples: &[Forecast]) -> String {
    let mut digest = TruthDigest::default();
    samples.iter().for_each(|sample| digest.add(sample));
    digest.finish()
}

/// What tells windows and their observed values from others, computed window by window.
#[derive(Default)]
pub(super) struct TruthDigest(blake3::Hasher);

impl TruthDigest {
    pub(super) fn add(&mut self, sample: &Forecast) {
        self.0.update(sample.origin.as_bytes());
        for value in &sample.truth {
            self.0.update(&value.to_le_bytes());
        }
    }

    pub(super) fn finish(self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}
