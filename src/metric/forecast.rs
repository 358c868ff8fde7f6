//! One forecast beside what was observed.

use serde::de::value::SeqAccessDeserializer;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::lines;
use super::regression::ValueLoss;
use crate::data::ForecastTarget;

/// One forecast of some steps ahead, of each a value for each target: first all of the first step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// The date of the last known day.
    pub origin: String,
    /// The targets on that day: the naive forecast of every coming day.
    pub last: Last,
    /// The forecast of each coming day.
    #[serde(with = "lines::few_or_line")]
    pub forecast: Vec<f64>,
    /// What was observed.
    #[serde(with = "lines::few_or_line")]
    pub truth: Vec<f64>,
    /// Quantiles of what was to come: for each level, lowest first, a number beside each of `forecast`.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "lines::rows")]
    pub quantiles: Vec<Vec<f64>>,
}

impl Forecast {
    /// How many targets it forecasts.
    pub fn targets(&self) -> usize {
        self.last.len()
    }

    /// How many days it looks ahead.
    pub fn horizon(&self) -> usize {
        self.truth.len() / self.targets()
    }

    /// A loss of each value.
    pub(super) fn losses(&self, targets: &[ForecastTarget], loss: &ValueLoss) -> impl Iterator<Item = f64> {
        let pairs = self.forecast.iter().zip(&self.truth).enumerate();
        pairs.map(|(column, (forecast, truth))| loss.at(targets.get(column % self.targets()), *forecast, *truth))
    }

    /// The same of the last known values as the forecast of every day.
    pub(super) fn naive_losses(&self, targets: &[ForecastTarget], loss: &ValueLoss) -> impl Iterator<Item = f64> {
        self.truth.iter().enumerate().map(|(column, truth)| {
            let target = column % self.targets();
            loss.at(targets.get(target), self.last[target], *truth)
        })
    }

    /// |forecast - observed| of each value.
    pub(super) fn sizes(&self) -> impl Iterator<Item = f64> {
        let values = self.forecast.iter().zip(&self.truth);
        values.map(|(forecast, truth)| (forecast - truth).abs())
    }

    /// Of each value whether its forecast lies on the side of the last known one on which the observed value came to lie: above it, below
    /// it, or at it.
    pub(super) fn directions(&self) -> impl Iterator<Item = bool> {
        let values = self.forecast.iter().zip(&self.truth).enumerate();
        values.map(|(column, (forecast, truth))| {
            let last = &self.last[column % self.targets()];
            forecast.partial_cmp(last) == truth.partial_cmp(last)
        })
    }

    /// Σ loss over the coming days and the targets.
    pub fn sum(&self, targets: &[ForecastTarget], loss: &ValueLoss) -> f64 {
        self.losses(targets, loss).sum()
    }
}

/// The last known value of each target, of which there is at least one; of one alone it is written as a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Last(Vec<f64>);

impl Last {
    /// Of each target; none where there is none.
    pub fn new(values: Vec<f64>) -> Option<Self> {
        (!values.is_empty()).then_some(Self(values))
    }
}

impl std::ops::Deref for Last {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        &self.0
    }
}

impl From<f64> for Last {
    fn from(value: f64) -> Self {
        Self(vec![value])
    }
}

impl Serialize for Last {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0[..] {
            [value] => serializer.serialize_f64(value),
            _ => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Last {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrSeveral)
    }
}

struct OneOrSeveral;

impl<'de> Visitor<'de> for OneOrSeveral {
    type Value = Last;

    fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str("the last known value, or that of each target")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Last, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Last, E> {
        Ok((value as f64).into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Last, E> {
        Ok((value as f64).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<Last, A::Error> {
        let values = Vec::deserialize(SeqAccessDeserializer::new(values))?;
        Last::new(values).ok_or_else(|| A::Error::custom("a forecast is one of at least one target"))
    }
}
