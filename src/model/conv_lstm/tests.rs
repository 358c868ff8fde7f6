//! The classifier's head against Keras's numbers, its summary against the source's, and its settings.

use candle_core::{DType, Device, Var};

use super::*;
use crate::model::ModelSpec;
use crate::nn::golden::{golden, largest_difference};
use crate::nn::optimizer::{Optimizer, OptimizerSpec};

/// The dense head of the source's classifier in Keras: batch normalization, then dense layers of 16, 8, 4 and 1.
#[test]
fn golden_keras_head() -> anyhow::Result<()> {
    let golden = golden("keras_head");
    let (x, y) = (&golden["x"], &golden["y"]);
    let weights = Weights::drawn(0, &Device::Cpu);
    let norm = BatchNorm::new(x.dim(1)?, &weights.below("0"))?;
    let mut dense = Vec::new();
    while let Some(bias) = golden.get(&format!("init.{}.bias", dense.len() + 1)) {
        let kernel = &golden[&format!("init.{}.kernel", dense.len() + 1)];
        let name = (dense.len() + 1).to_string();
        let layer = Dense::keras(kernel.dim(0)?, bias.dim(0)?, &weights.below(&name))?;
        dense.push(layer);
    }
    let all = weights.all();
    for (path, variable) in &all {
        variable.set(&golden[&format!("init.{path}")])?;
    }
    let theirs = golden.keys().filter(|name| name.starts_with("init."));
    assert_eq!(theirs.count(), all.len(), "Keras has other weights");
    let forward = |mode| -> Result<Tensor> {
        let mut numbers = norm.forward(x, mode)?;
        for (index, layer) in dense.iter().enumerate() {
            numbers = layer.forward(&numbers)?;
            if index + 1 < dense.len() {
                numbers = numbers.relu()?;
            }
        }
        Ok(numbers)
    };
    let rmsprop = OptimizerSpec::from_name("rmsprop").unwrap();
    let mut optimizer = Optimizer::new(&rmsprop, 1e-3, weights.variables())?;
    let losses: Vec<f32> = golden["losses"].to_vec1()?;
    for (step, &expected) in losses.iter().enumerate() {
        let mode = Mode::Train {
            seed: 0,
            epoch: step as u64,
            batch: 0,
        };
        // Binary cross-entropy of a logit z: max(z, 0) - z y + ln(1 + e^-|z|).
        let z = forward(mode)?;
        let tail = (z.abs()?.neg()?.exp()? + 1.0)?.log()?;
        let loss = ((z.relu()? - (&z * y)?)? + tail)?.mean_all()?;
        optimizer.step(&loss.backward()?)?;
        let loss = loss.to_scalar::<f32>()?;
        assert!(
            (loss - expected).abs() <= 1e-4 * expected,
            "step {step}: {loss}, not {expected}"
        );
    }
    let predicted = candle_nn::ops::sigmoid(&forward(Mode::Evaluate)?)?;
    assert!(largest_difference(&predicted, &golden["pred"])? <= 1e-3);
    Ok(())
}

#[test]
fn a_classifier_of_the_source_s_size_has_its_layers_and_counts() -> anyhow::Result<()> {
    let spec: ModelSpec = toml::from_str("kind = \"conv_lstm\"\nfilters = 256\ndense = [1000, 256, 10]")?;
    // An outline: the real weights would take 150 MB.
    let network = spec.build(&[10, 8, 8, 2048], &1.into(), &Weights::outline())?;
    let summary = network.summary();
    let lines: Vec<(&str, &str, &[usize], usize)> = summary
        .iter()
        .map(|line| {
            let count = line.trainable + line.frozen;
            (line.name.as_str(), line.kind.as_str(), &*line.output, count)
        })
        .collect();
    let expected: [(&str, &str, &[usize], usize); 7] = [
        ("conv_lstm2d", "ConvLSTM2D", &[8, 8, 256], 21_234_688),
        ("flatten", "Flatten", &[16384], 0),
        ("batch_normalization", "BatchNormalization", &[16384], 65_536),
        ("dense", "Dense", &[1000], 16_385_000),
        ("dense_1", "Dense", &[256], 256_256),
        ("dense_2", "Dense", &[10], 2570),
        ("dense_3", "Dense", &[1], 11),
    ];
    assert_eq!(lines, expected);
    // With the frozen feature extractor of 23,587,712 the source prints 37,911,293 trainable of 61,531,773.
    let trainable: usize = summary.iter().map(|line| line.trainable).sum();
    let frozen: usize = summary.iter().map(|line| line.frozen).sum();
    assert_eq!((trainable, frozen), (37_911_293, 32_768));
    assert_eq!(23_587_712 + trainable + frozen, 61_531_773);
    Ok(())
}

#[test]
fn a_summary_of_a_classifier_counts_its_weights() -> anyhow::Result<()> {
    let spec: ModelSpec = toml::from_str("kind = \"conv_lstm\"\nfilters = 3\ndense = [5, 4]\ndropout = 0.5")?;
    let weights = Weights::drawn(0, &Device::Cpu);
    let network = spec.build(&[2, 3, 4, 2], &1.into(), &weights)?;
    let summary = network.summary();
    let names: Vec<&str> = summary.iter().map(|line| line.name.as_str()).collect();
    // No dropout behind the first dense layer, as in the source.
    let expected = [
        "conv_lstm2d",
        "flatten",
        "batch_normalization",
        "dropout",
        "dense",
        "dense_1",
        "dropout_1",
        "dense_2",
    ];
    assert_eq!(names, expected);
    let count = |variables: Vec<(String, Var)>| -> usize { variables.iter().map(|(_, var)| var.elem_count()).sum() };
    let trainable: usize = summary.iter().map(|line| line.trainable).sum();
    let frozen: usize = summary.iter().map(|line| line.frozen).sum();
    assert_eq!(count(weights.variables()), trainable);
    assert_eq!(count(weights.all()), trainable + frozen);
    let maps = Tensor::zeros((6, 2, 3, 4, 2), DType::F32, &Device::Cpu)?;
    assert_eq!(network.forward(&maps, Mode::Evaluate)?.dims(), [6, 1]);
    Ok(())
}

#[test]
fn settings_of_a_classifier_have_defaults_and_limits() {
    let read = |settings: &str| -> std::result::Result<ModelSpec, _> {
        toml::from_str(&format!("kind = \"conv_lstm\"\n{settings}"))
    };
    let spec = ConvLstmSpec {
        filters: 8,
        kernel: 3,
        recurrent_activation: RecurrentActivation::Sigmoid,
        dense: vec![],
        dropout: 0.0,
    };
    assert_eq!(read("filters = 8").unwrap(), ModelSpec::ConvLstm(spec));
    assert!(read("filters = 8\nrecurrent_activation = \"hard_sigmoid\"").is_ok());
    for wrong in [
        "",
        "filters = 0",
        "filters = 8\nkernel = 4",
        "filters = 8\ndropout = 1.0",
        "filters = 8\ndense = [0]",
        "filters = 8\nrecurrent_activation = \"relu\"",
        "filters = 8\nhidden = 3",
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}
