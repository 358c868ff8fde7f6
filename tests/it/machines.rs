//! The same seed gives the same bytes: with every kind of vector that the processor has, on any number of threads, and on any
//! machine, which the snapshot of digests stands for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::project::{Project, Ran};

/// Each form of data and each kind of network.
pub const EVERY_FORM: &str = r#"
title = "Every form"

[dataset.acme]
kind = "simulated_prices"
days = 130

[dataset.moving]
kind = "simulated_clips"
clips = 20
size = 64
steps = [{ frames = 3 }, { resize = 128 }, { normalise = "unit" }]

[backbone]
kind = "resnet50"
weights = "random"
width = 8

[window]
lookback = 6
horizon = 2
transform = "log"

[split]
kind = "backtest"
origins = 5
validation = 0.2

[model.lstm]
kind = "lstm"
hidden = [9]
dense = [5]

[model.hybrid]
kind = "lstm_gru"
lstm = [7, 5]
gru = [5]
dropout = 0.1
dense = [4]

[model.conv_lstm]
kind = "conv_lstm"
filters = 5
dense = [6]

[model.probe]
kind = "linear_probe"
penalty = 1.0

[train]
epochs = 2
batch_size = 19
loss = "mse"
optimizer = "adam"
learning_rate = 0.01

[grid]
dataset = ["acme"]
model = ["lstm", "hybrid"]

[[grid.include]]
dataset = "moving"
model = "conv_lstm"
split = { kind = "stratified", test = 0.3, validation = 0.2 }
train = { batch_size = 5, loss = "binary_cross_entropy", optimizer = "rmsprop" }

[[grid.include]]
dataset = "moving"
model = "probe"
split = { kind = "stratified", test = 0.3, validation = 0.2 }
"#;

/// The records of `EVERY_FORM`, without their provenance.
fn records(project: &Project, simd: &str, threads: &str) -> BTreeMap<PathBuf, Value> {
    let folders = [format!("results_{simd}_{threads}"), format!("cache_{simd}_{threads}")];
    let arguments = [
        "sweep",
        "experiments",
        "--jobs",
        "1",
        "--results",
        &folders[0],
        "--cache",
        &folders[1],
    ];
    let mut command = project.command(&arguments);
    command.env("RUNNER_SIMD", simd).env("RAYON_NUM_THREADS", threads);
    Ran::from(command.output().expect("runner starts")).exits(0);
    project.records(&folders[0])
}

#[test]
fn every_kind_of_vector_gives_the_same_bytes() {
    let project = Project::new();
    project.write("experiments/every.toml", EVERY_FORM);
    let names = runner::nn::simd::names();
    let widest = names.last().expect("there is at least one");
    let expected = records(&project, widest, "2");
    assert_eq!(expected.len(), 4);
    for (simd, threads) in names.iter().map(|simd| (*simd, "1")) {
        let found = records(&project, simd, threads);
        for (name, record) in &expected {
            assert_eq!(&found[name], record, "{simd}: {}", name.display());
        }
    }
    let digest = |record: &Value| {
        let numbers = ["history", "metrics", "predictions"].map(|part| record[part].to_string());
        blake3::hash(numbers.concat().as_bytes()).to_hex()[..16].to_owned()
    };
    let digests: Vec<String> = expected
        .iter()
        .map(|(name, record)| format!("{}  {}", digest(record), name.display()))
        .collect();
    insta::assert_snapshot!(digests.join("\n"));
}

#[test]
fn what_the_processor_has_not_got_is_told() {
    let project = Project::small();
    let mut command = project.command(&["list", "experiments"]);
    let output = command.env("RUNNER_SIMD", "v9").output();
    Ran::from(output.expect("runner starts"))
        .exits(2)
        .says("RUNNER_SIMD is `v9`, which this processor has not got; it has scalar");
}
