//! Loss and metrics of an epoch as running means over its batches, each batch weighted by its size.

use anyhow::Result;
use candle_core::Tensor;

use super::History;
use crate::dataset::{Dataset, Examples};
use crate::task::Task;

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

    /// Adds the metrics of a batch: `outputs` [batch, width] answer the examples at `indices`.
    pub(super) fn add_outputs(
        &mut self,
        data: &Dataset,
        examples: &Examples,
        indices: &[usize],
        outputs: &Tensor,
    ) -> Result<()> {
        let outputs = outputs.to_vec2::<f32>()?;
        match data.task {
            Task::Regression { .. } => {
                let (mut squares, mut magnitudes, mut values) = (0.0, 0.0, 0.0);
                for (outputs, &index) in outputs.iter().zip(indices) {
                    for (output, truth) in outputs.iter().zip(&examples.truth[index]) {
                        let error = data.meaning.answer(f64::from(*output)) - truth;
                        squares += error * error;
                        magnitudes += error.abs();
                        values += 1.0;
                    }
                }
                self.add(&[("mse", squares), ("mae", magnitudes)], values);
            }
            Task::Binary => {
                let right = outputs.iter().zip(indices).filter(|(outputs, index)| {
                    let class = if outputs[0] >= 0.0 { 1.0 } else { 0.0 };
                    class == examples.truth[**index][0]
                });
                self.add(&[("accuracy", right.count() as f64)], indices.len() as f64);
            }
        }
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
        let mut push = |name: &str, value| {
            history
                .entry(format!("{prefix}{name}"))
                .or_default()
                .push(value)
        };
        push("loss", self.loss());
        for (name, total) in &self.metrics {
            push(name, total / self.values);
        }
    }
}
