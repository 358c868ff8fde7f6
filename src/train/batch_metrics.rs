//! Loss and metrics of an epoch as running means over its batches, each batch weighted by its size.

use std::collections::BTreeMap;

use anyhow::Result;
use candle_core::Tensor;
use serde::{Deserialize, Serialize};

use super::History;
use crate::data::{Dataset, Examples};
use crate::metric::{Followed, METRICS};
use crate::nn::loss::Loss;

/// Sums over the samples of an epoch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct RunningMeans {
    loss: f64,
    samples: f64,
    #[serde(with = "by_bits")]
    metrics: BTreeMap<String, f64>,
    values: f64,
}

/// Sums that may have left all numbers before their epoch ends and says so: JSON knows no infinity.
mod by_bits {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(sums: &BTreeMap<String, f64>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(sums.iter().map(|(name, sum)| (name, sum.to_bits())))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, f64>, D::Error> {
        let bits = BTreeMap::<String, u64>::deserialize(deserializer)?;
        Ok(bits.into_iter().map(|(name, bits)| (name, f64::from_bits(bits))).collect())
    }
}

impl RunningMeans {
    /// Adds the mean loss of a batch of `samples`.
    pub(super) fn add_loss(&mut self, loss: f64, samples: usize) {
        self.loss += loss * samples as f64;
        self.samples += samples as f64;
    }

    /// Adds the metrics of a batch: `outputs` [batch, width · quantile] are those of the examples at `indices`, for that loss.
    pub(super) fn add_outputs(
        &mut self,
        data: &Dataset,
        examples: &Examples,
        indices: &[usize],
        outputs: &Tensor,
        loss: &Loss,
    ) -> Result<()> {
        let outputs = outputs.to_vec2::<f32>()?;
        let (each, which) = (loss.outputs(), loss.forecast());
        let task = data.target.task();
        let own = METRICS.iter().filter(|metric| *metric.task == *task);
        let forecasts = |(outputs, index): (&Vec<f32>, &usize)| {
            let own = outputs.iter().skip(which).step_by(each);
            data.target.forecasts((examples, *index), own.copied())
        };
        let forecasts: Vec<Vec<f64>> = outputs.iter().zip(indices).map(forecasts).collect();
        for (name, followed) in own.filter_map(|metric| Some((metric.name, metric.followed?))) {
            let mut sum = 0.0;
            for ((outputs, forecasts), &index) in outputs.iter().zip(&forecasts).zip(indices) {
                let truth = examples.truth(index);
                match followed {
                    Followed::Values(add) => sum = add(sum, forecasts, truth),
                    Followed::Logits(of) => {
                        let own = outputs.iter().skip(which).step_by(each);
                        own.zip(truth).for_each(|(output, truth)| sum += of(*output, *truth));
                    }
                }
            }
            let total = self.metrics.entry(name.to_owned());
            total.and_modify(|total| *total += sum).or_insert(sum);
        }
        self.values += outputs.iter().map(|outputs| outputs.len() / each).sum::<usize>() as f64;
        Ok(())
    }

    /// The mean loss.
    pub(super) fn loss(&self) -> f64 {
        self.loss / self.samples
    }

    /// Appends the epoch's means to the history, each name behind `prefix`.
    pub(super) fn into_history(self, prefix: &str, history: &mut History) {
        let mut push = |name: &str, value| history.entry(format!("{prefix}{name}")).or_default().push(value);
        push("loss", self.loss());
        for (name, total) in &self.metrics {
            push(name, total / self.values);
        }
    }
}
