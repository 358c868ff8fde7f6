//! Loss and metrics of an epoch as running means over its batches, each batch weighted by its size.

use anyhow::Result;
use candle_core::Tensor;

use super::History;
use crate::data::{Dataset, Examples};
use crate::metric::{Followed, METRICS};

/// Sums over the samples of an epoch.
#[derive(Default)]
pub(super) struct RunningMeans {
    loss: f64,
    samples: f64,
    metrics: Vec<(&'static str, f64)>,
    values: f64,
}

impl RunningMeans {
    /// Adds the mean loss of a batch of `samples`.
    pub(super) fn add_loss(&mut self, loss: f64, samples: usize) {
        self.loss += loss * samples as f64;
        self.samples += samples as f64;
    }

    /// Adds the metrics of a batch: `outputs` [batch, width] are those of the examples at `indices`.
    pub(super) fn add_outputs(
        &mut self,
        data: &Dataset,
        examples: &Examples,
        indices: &[usize],
        outputs: &Tensor,
    ) -> Result<()> {
        let outputs = outputs.to_vec2::<f32>()?;
        let task = data.target.task();
        let own = METRICS.iter().filter(|metric| *metric.task == *task);
        let mut sums = Vec::new();
        for (name, followed) in own.filter_map(|metric| Some((metric.name, metric.followed?))) {
            let mut sum = 0.0;
            for (outputs, &index) in outputs.iter().zip(indices) {
                for (output, truth) in outputs.iter().zip(&examples.truth[index]) {
                    sum += match followed {
                        Followed::Values(of) => of(data.target.prediction(f64::from(*output)), *truth),
                        Followed::Logits(of) => of(*output, *truth),
                    };
                }
            }
            sums.push((name, sum));
        }
        let values = outputs.iter().map(Vec::len).sum::<usize>() as f64;
        self.add(&sums, values);
        Ok(())
    }

    fn add(&mut self, sums: &[(&'static str, f64)], values: f64) {
        if self.metrics.is_empty() {
            self.metrics = sums.to_vec();
        } else {
            for ((_, total), (_, sum)) in self.metrics.iter_mut().zip(sums) {
                *total += sum;
            }
        }
        self.values += values;
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
