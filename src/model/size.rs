//! How many weights a network would have, before it is built: one that no memory holds is told where its settings are read.

/// Gates of an LSTM layer.
pub(super) const LSTM_GATES: u128 = 4;
/// Gates of a GRU layer.
pub(super) const GRU_GATES: u128 = 3;

/// The weights of recurrent layers with linear layers behind them, and the width that comes out.
pub(super) fn path([hidden, widths]: [&[usize]; 2], gates: u128, features: usize) -> (u128, u128) {
    let mut width = features as u128;
    let mut count = 0_u128;
    for &hidden in hidden {
        let hidden = hidden as u128;
        let inputs = width.saturating_add(hidden).saturating_add(2);
        count = count.saturating_add(gates.saturating_mul(hidden).saturating_mul(inputs));
        width = hidden;
    }
    let (behind, width) = dense_layers(widths, width);
    (count.saturating_add(behind), width)
}

/// The weights of linear layers one behind the other, and the width that comes out.
pub(super) fn dense_layers(widths: &[usize], mut inputs: u128) -> (u128, u128) {
    let mut count = 0_u128;
    for &width in widths {
        count = count.saturating_add(dense(inputs, width as u128));
        inputs = width as u128;
    }
    (count, inputs)
}

/// A linear layer with its biases.
pub(super) fn dense(inputs: u128, outputs: u128) -> u128 {
    inputs.saturating_add(1).saturating_mul(outputs)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use candle_core::Device;
    use serde_json::json;

    use crate::model::tests::{networks, outputs, sample_of, small};
    use crate::model::{ModelSpec, Role};
    use crate::nn::weights::Weights;

    const OUTPUTS: usize = 3;

    #[test]
    fn the_count_is_that_of_the_network() {
        let mut models: Vec<(ModelSpec, Vec<usize>)> =
            networks().map(|kind| (small(kind), sample_of(kind).to_vec())).collect();
        // Without what is optional, and with what is not by default.
        for (spec, shape) in [
            (json!({"kind": "lstm", "hidden": [3]}), vec![7, 1]),
            (json!({"kind": "conv_lstm", "filters": 3, "kernel": 5}), vec![2, 3, 4, 5]),
        ] {
            models.push((serde_json::from_value(spec).unwrap(), shape));
        }
        for (model, shape) in models {
            let Role::Network(settings) = model.role() else {
                panic!("{model:?} is no network");
            };
            let weights = Weights::drawn(0, &Device::Cpu);
            let network = settings.build(&shape, &outputs(OUTPUTS), &weights).unwrap();
            let layers = network.summary();
            let built: usize = layers.iter().map(|layer| layer.trainable + layer.frozen).sum();
            assert_eq!(settings.weight_count(&shape, &outputs(OUTPUTS)), built as u128, "{model:?}");
        }
    }

    #[test]
    fn no_width_is_too_large_to_count() {
        let model: ModelSpec =
            serde_json::from_value(json!({"kind": "lstm", "hidden": [10_000_000], "dense": [10_000_000]})).unwrap();
        let Role::Network(settings) = model.role() else {
            panic!("an LSTM is a network");
        };
        assert!(settings.weight_count(&[30, 1], &1.into()) > 1 << 48);
    }
}
