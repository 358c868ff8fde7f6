//! The forecasts of a cell: all of them, or their summary and a few.

use serde::{Deserialize, Serialize};

use super::regression::{self, ValueLoss};
use super::summary::{self, Summary};

/// Forecasts of the test windows, in time order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecasts {
    /// Unit of every number, as "USD".
    pub unit: String,
    /// Every one; beside a summary, some.
    samples: Vec<Forecast>,
    /// What they come to, where not all are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    summary: Option<Box<Summary>>,
}

/// One forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// The date of the last known day.
    pub origin: String,
    /// The target on that day: the naive forecast of every coming day.
    pub last: f64,
    /// The forecast of each coming day.
    pub forecast: Vec<f64>,
    /// What was observed.
    pub truth: Vec<f64>,
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

    /// Whether so many forecasts of that width are summed up.
    fn sums_up(self, windows: usize, horizon: usize) -> bool {
        match self {
            Self::All => false,
            Self::Summary => true,
            // A number takes a line of some 30 bytes, a forecast four lines besides.
            Self::BySize => windows.saturating_mul(150 + 60 * horizon) > MOST_BYTES,
        }
    }
}

impl Forecast {
    /// Σ loss over the coming days.
    pub fn sum(&self, loss: &ValueLoss) -> f64 {
        let values = self.forecast.iter().zip(&self.truth);
        values.map(|(&forecast, &truth)| (loss.of)(forecast, truth)).sum()
    }
}

impl Forecasts {
    /// All forecasts, in time order.
    pub fn new(unit: String, samples: Vec<Forecast>) -> Self {
        let summary = None;
        Self { unit, samples, summary }
    }

    /// As many as a record keeps.
    pub fn kept(self, keep: Keep) -> Self {
        let is_whole = self.summary.is_none() && !self.samples.is_empty();
        if !is_whole || !keep.sums_up(self.samples.len(), self.horizon()) {
            return self;
        }
        Self {
            summary: Some(Box::new(Summary::of(&self.samples))),
            samples: summary::whole(&self.samples),
            unit: self.unit,
        }
    }

    /// The summary, where not all are kept.
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_deref()
    }

    /// The summary, whether or not all are kept; none without a forecast.
    pub fn summed_up(&self) -> Option<Summary> {
        let of_all = || (!self.samples.is_empty()).then(|| Summary::of(&self.samples));
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
        self.samples.first().map_or(0, |sample| sample.truth.len())
    }

    /// The mean of a loss over all forecasts and days; none where it is not defined.
    pub fn mean(&self, loss: &ValueLoss) -> Option<f64> {
        match self.summary() {
            Some(summary) => summary.mean(loss),
            None => regression::mean_loss(&self.samples, loss),
        }
    }

    /// The same of the last known value as the forecast of every day.
    pub fn naive(&self, loss: &ValueLoss) -> Option<f64> {
        match self.summary() {
            Some(summary) => summary.naive.get(loss.name).copied(),
            None => regression::naive(&self.samples, loss),
        }
    }

    /// So many windows beside each other stand together in what is known of single ones.
    pub fn together(&self) -> usize {
        self.summary().map_or(1, |summary| summary.every)
    }

    /// Of each window, or of the `every` that stand together, the first one's origin and the loss summed over its days; several by
    /// their mean. None where it is no number somewhere, or windows stand together otherwise.
    pub fn losses(&self, loss: &ValueLoss, every: usize) -> Option<Vec<(&str, f64)>> {
        let (origins, sums): (Vec<&str>, Vec<f64>) = match self.summary() {
            Some(summary) => {
                let list = summary.losses.get(loss.name)?.iter();
                let sums = list.map(|mean| mean * self.horizon() as f64);
                (summary.origins.iter().map(String::as_str).collect(), sums.collect())
            }
            None => self.samples.iter().map(|one| (&*one.origin, one.sum(loss))).unzip(),
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
            Some(summary) => Some([summary.truth.lowest, summary.truth.highest]),
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

pub(super) fn truth_digest(samples: &[Forecast]) -> String {
    let mut hash = blake3::Hasher::new();
    for sample in samples {
        hash.update(sample.origin.as_bytes());
        for value in &sample.truth {
            hash.update(&value.to_le_bytes());
        }
    }
    hash.finalize().to_hex().to_string()
}
