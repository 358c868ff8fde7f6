//! How many weights a network would have, before it is built: one that no memory holds is told where its settings are read.

use super::ModelSpec;

/// LSTM layers have four gates, GRU layers three.
const LSTM_GATES: u128 = 4;
const GRU_GATES: u128 = 3;

impl ModelSpec {
    /// The weights of its network, trained or not, for samples of that shape (without the batch); 0 for a baseline, and for a
    /// shape that it does not read.
    pub fn weight_count(&self, sample_shape: &[usize], outputs: usize) -> u128 {
        let outputs = outputs as u128;
        match (self, sample_shape) {
            (Self::Lstm(spec), [_, features]) => {
                let path = [spec.hidden.as_slice(), &spec.dense];
                let (count, width) = path_of(path, LSTM_GATES, *features);
                count.saturating_add(dense(width, outputs))
            }
            (Self::LstmGru(spec), [_, features]) => {
                let lstm = path_of([&spec.lstm, &spec.dense], LSTM_GATES, *features);
                let gru = path_of([&spec.gru, &spec.dense], GRU_GATES, *features);
                let output = dense(lstm.1 + gru.1, outputs);
                lstm.0.saturating_add(gru.0).saturating_add(output)
            }
            (Self::ConvLstm(spec), [_, height, width, channels]) => {
                let [height, width, channels] =
                    [*height, *width, *channels].map(|side| side as u128);
                let (filters, kernel) = (spec.filters as u128, spec.kernel as u128);
                let gates = LSTM_GATES * filters;
                let recurrent = (kernel * kernel)
                    .saturating_mul(channels + filters)
                    .saturating_add(1)
                    .saturating_mul(gates);
                let flat = height.saturating_mul(width).saturating_mul(filters);
                let (head, last) = dense_of(&spec.dense, flat);
                // Four numbers for each place of a batch normalization.
                let rest = flat.saturating_mul(4).saturating_add(dense(last, outputs));
                recurrent.saturating_add(head).saturating_add(rest)
            }
            _ => 0,
        }
    }
}

/// The weights of recurrent layers with linear layers behind them, and the width that comes out.
fn path_of([hidden, widths]: [&[usize]; 2], gates: u128, features: usize) -> (u128, u128) {
    let mut width = features as u128;
    let mut count = 0_u128;
    for &hidden in hidden {
        let hidden = hidden as u128;
        let inputs = width.saturating_add(hidden).saturating_add(2);
        count = count.saturating_add(gates.saturating_mul(hidden).saturating_mul(inputs));
        width = hidden;
    }
    let (behind, width) = dense_of(widths, width);
    (count.saturating_add(behind), width)
}

fn dense_of(widths: &[usize], mut inputs: u128) -> (u128, u128) {
    let mut count = 0_u128;
    for &width in widths {
        count = count.saturating_add(dense(inputs, width as u128));
        inputs = width as u128;
    }
    (count, inputs)
}

/// A linear layer with its biases.
fn dense(inputs: u128, outputs: u128) -> u128 {
    inputs.saturating_add(1).saturating_mul(outputs)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use candle_core::Device;
    use serde_json::json;

    use super::*;
    use crate::nn::weights::Weights;
    use crate::task::Task;

    #[test]
    fn the_count_is_that_of_the_network() {
        let horizon = Task::Regression { horizon: 3 };
        for (spec, shape, task) in [
            (
                json!({"kind": "lstm", "hidden": [5, 4], "dense": [3, 2]}),
                vec![7, 2],
                horizon,
            ),
            (json!({"kind": "lstm", "hidden": [3]}), vec![7, 1], horizon),
            (
                json!({"kind": "lstm_gru", "lstm": [5, 4], "gru": [3], "dense": [2]}),
                vec![7, 2],
                horizon,
            ),
            (
                json!({"kind": "conv_lstm", "filters": 3, "dense": [4, 2], "kernel": 5}),
                vec![2, 3, 4, 5],
                Task::Binary,
            ),
            (
                json!({"kind": "conv_lstm", "filters": 2}),
                vec![2, 3, 3, 5],
                Task::Binary,
            ),
            (json!({"kind": "drift"}), vec![7, 2], horizon),
        ] {
            let model: ModelSpec = serde_json::from_value(spec).unwrap();
            let built = if model.trains() {
                let weights = Weights::drawn(0, &Device::Cpu);
                let network = model.build(&shape, task, &weights).unwrap();
                let layers = network.summary();
                layers
                    .iter()
                    .map(|layer| layer.trainable + layer.frozen)
                    .sum()
            } else {
                0
            };
            let outputs = task.output_width();
            assert_eq!(
                model.weight_count(&shape, outputs),
                built as u128,
                "{model:?}"
            );
        }
    }

    #[test]
    fn no_width_is_too_large_to_count() {
        let model: ModelSpec = serde_json::from_value(
            json!({"kind": "lstm", "hidden": [10_000_000], "dense": [10_000_000]}),
        )
        .unwrap();
        assert!(model.weight_count(&[30, 1], 1) > 1 << 48);
    }
}
