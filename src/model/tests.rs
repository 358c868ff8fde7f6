//! What holds for every kind of network: it learns, whatever the number of threads; against PyTorch's numbers stand their own file.

mod golden; // against PyTorch's numbers
mod walk; // trained again as the test goes on

use candle_core::{Device, Tensor};

use super::*;
use crate::data::series::checked::{Column, tests::series};
use crate::data::series::window::{self, BacktestSpec, WindowSpec};
use crate::data::{Dataset, STEPS, SeriesSplit};
use crate::nn::golden::committed_text;
use crate::nn::optimizer::{Optimizer, OptimizerSpec};
use crate::rng;

/// The examples of a series, unscaled, with that lookback and horizon and that many origins a step apart.
pub(super) fn series_of(values: &[f64], window: [usize; 2], origins: usize) -> Dataset {
    columns_of(&[values], window, origins)
}

/// The same of several columns, each a target.
fn columns_of(columns: &[&[f64]], [lookback, horizon]: [usize; 2], origins: usize) -> Dataset {
    let settings = serde_json::json!({ "lookback": lookback, "horizon": horizon, "scale": "none" });
    let window: WindowSpec = serde_json::from_value(settings).unwrap();
    let split = SeriesSplit::Backtest(BacktestSpec {
        origins,
        stride: 1,
        validation: 0.0,
        refit_every: 0,
        train_rows: None,
    });
    let mut series = series(columns[0]);
    series.columns = columns
        .iter()
        .zip(1..)
        .map(|(values, number)| Column {
            name: format!("column {number}"),
            values: values.to_vec(),
        })
        .collect();
    series.features = columns.len();
    series.targets = (0..columns.len()).collect();
    window::build(&series, &window, &split, &Device::Cpu).unwrap()
}

/// What a baseline forecasts for all test examples.
pub(super) fn predicted(baseline: &dyn Baseline, data: &Dataset) -> anyhow::Result<Vec<Vec<f64>>> {
    let predictor = baseline.predictor(data)?;
    (0..data.test.len()).map(|index| predictor(&data.test, index)).collect()
}

/// What other libraries forecast for small series.
pub(super) struct Baselines(serde_json::Value);

/// See [`Baselines`].
pub(super) fn golden_baselines() -> Baselines {
    Baselines(serde_json::from_str(&committed_text("baselines.json")).unwrap())
}

impl Baselines {
    /// Those of a kind.
    pub(super) fn cases(&self, kind: &str) -> impl Iterator<Item = &serde_json::Value> {
        self.0[kind].as_array().unwrap().iter()
    }

    /// The series of one of them.
    pub(super) fn series(&self, case: &serde_json::Value) -> Vec<f64> {
        serde_json::from_value(self.0["series"][case["series"].as_str().unwrap()].clone()).unwrap()
    }
}

/// Fails unless each number is that near to the expected one, relatively, or to 1.
pub(super) fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (one, other) in found.iter().zip(expected) {
        assert!(
            (one - other).abs() <= tolerance * other.abs().max(1.0),
            "{found:?}, expected {expected:?}"
        );
    }
}

#[test]
fn a_dlinear_can_begin_at_the_mean_of_the_lookback() -> anyhow::Result<()> {
    let weights = Weights::drawn(0, &Device::Cpu);
    let spec = of_kind("dlinear", "start = \"mean\"\nkernel = 5");
    let network = spec.build(&[8, 2], &outputs(3), &weights)?;
    for (path, variable) in weights.variables() {
        if path.ends_with("bias") {
            variable.set(&variable.zeros_like()?)?;
        }
    }
    let past: Vec<f32> = (0..16).map(|number| (number / 2) as f32).collect();
    let x = Tensor::from_vec(past, (1, 8, 2), &Device::Cpu)?;
    let forecast = network.forward(&x, Mode::Evaluate)?.to_vec2::<f32>()?;
    assert!(forecast[0].iter().all(|value| (value - 3.5).abs() < 1e-5), "{forecast:?}");
    Ok(())
}

#[test]
fn linear_forecasters_need_their_targets_among_the_features() {
    for kind in ["nlinear", "dlinear"] {
        let spec = small(kind);
        assert!(spec.check_outputs(&outputs(2)).is_ok());
        assert!(
            spec.check_outputs(&2.into())
                .is_err_and(|blame| blame.message.contains("none of the features"))
        );
    }
}

#[test]
fn a_baseline_forecasts_each_of_several_targets_as_if_it_were_alone() -> anyhow::Result<()> {
    let mut chance = rng::stream(0, "several targets", 0, 0);
    let mut random = || -> Vec<f64> { (0..90).map(|step| f64::from(step % 7) + chance.normal()).collect() };
    let columns = [random(), random()];
    let (window, origins) = ([15, 3], 4);
    let both = columns_of(&[&columns[0], &columns[1]], window, origins);
    let mut seen = 0;
    for kind in ModelSpec::kinds() {
        let spec = small(kind);
        let Role::Baseline(baseline) = spec.role() else { continue };
        if !spec.fits(STEPS, both.target.task()) {
            continue;
        }
        let found = predicted(baseline, &both)?;
        for (target, column) in columns.iter().enumerate() {
            let alone = predicted(baseline, &series_of(column, window, origins))?;
            for (found, alone) in found.iter().zip(&alone) {
                let own: Vec<f64> = found.iter().skip(target).step_by(2).copied().collect();
                assert_eq!(own, *alone, "{kind}");
            }
        }
        seen += 1;
    }
    assert!(seen >= 8, "{seen}");
    Ok(())
}

/// So many steps of the first feature.
pub(super) fn outputs(steps: usize) -> Outputs {
    let targets = vec![Some(0)];
    Outputs { steps, targets }
}

/// The shape of samples that a small model reads.
pub(super) fn sample_of(kind: &str) -> &'static [usize] {
    match kind {
        "conv_lstm" => &[4, 3, 2, 2],
        _ => &[10, 3],
    }
}

/// A small model of each kind.
pub(super) fn small(kind: &str) -> ModelSpec {
    let settings = match kind {
        "lstm" | "gru" => "hidden = [8, 6]\ndense = [5]",
        "lstm_gru" => "lstm = [8, 6]\ngru = [7]\ndense = [5, 4]",
        "conv_lstm" => "filters = 4\ndense = [16, 16]",
        "seasonal_naive" | "theta" => "season = 7",
        "ets" => "trend = \"damped\"\nseason = 4",
        "nlinear" | "dlinear" | "last_value" | "lookback_mean" | "training_mean" | "drift" => "",
        "linear_regression" | "majority" | "linear_probe" => "",
        other => panic!("no small model of kind {other}: add one"),
    };
    of_kind(kind, settings)
}

fn of_kind(kind: &str, settings: &str) -> ModelSpec {
    toml::from_str(&format!("kind = \"{kind}\"\n{settings}")).unwrap()
}

#[test]
fn every_model_overfits_eight_samples() -> anyhow::Result<()> {
    for kind in networks() {
        let spec = small(kind);
        let mut stream = rng::stream(0, "overfit", 0, 0);
        let mut random = |shape: &[usize]| {
            let count = shape.iter().product();
            let numbers = (0..count).map(|_| stream.uniform_f32()).collect::<Vec<_>>();
            Tensor::from_vec(numbers, shape, &Device::Cpu)
        };
        let sample = sample_of(kind);
        let (x, y) = (random(&[&[8], sample].concat())?, random(&[8, 2])?);
        let weights = Weights::drawn(0, &Device::Cpu);
        let network = spec.build(sample, &outputs(2), &weights)?;
        let adam = OptimizerSpec::from_name("adam").unwrap();
        let mut optimizer = Optimizer::new(&adam, 0.02, weights.variables())?;
        let mut last = f32::INFINITY;
        for step in 0..600 {
            let mode = Mode::Train {
                seed: 0,
                epoch: step,
                batch: 0,
            };
            let loss = (network.forward(&x, mode)? - &y)?.sqr()?.mean_all()?;
            optimizer.step(&loss.backward()?)?;
            last = loss.to_scalar()?;
        }
        assert!(last < 1e-3, "{kind} ends at {last}");
    }
    Ok(())
}

/// A network of that kind with a sample and a batch that are large enough for threads to share the work.
fn shared_by_threads(kind: &str) -> (ModelSpec, &'static [usize], usize) {
    let series: &[usize] = &[5, 1];
    let (settings, sample, count) = match kind {
        "lstm" | "gru" => ("hidden = [40]\ndense = [300, 300]", series, 900),
        "lstm_gru" => ("lstm = [20]\ngru = [20]\ndropout = 0.2\ndense = [300, 300]", series, 900),
        "conv_lstm" => ("filters = 40\ndropout = 0.2\ndense = [300, 300]", &[3, 5, 6, 70][..], 32),
        "nlinear" | "dlinear" => ("", &[300, 7][..], 200),
        other => panic!("no large network of kind {other}: add one"),
    };
    (of_kind(kind, settings), sample, count)
}

/// The kinds that are networks.
pub(super) fn networks() -> impl Iterator<Item = &'static str> {
    ModelSpec::kinds().into_iter().filter(|kind| small(kind).trains())
}

/// The weights of each kind of network after three steps.
fn trained_numbers() -> anyhow::Result<Vec<u32>> {
    let mut bits = Vec::new();
    for kind in networks() {
        let (spec, sample, count) = shared_by_threads(kind);
        let weights = Weights::drawn(1, &Device::Cpu);
        let network = spec.build(sample, &outputs(7), &weights)?;
        let mut stream = rng::stream(0, "threads", 0, 0);
        let shape = [&[count], sample].concat();
        let numbers = (0..shape.iter().product()).map(|_| stream.uniform_f32());
        let x = Tensor::from_vec(numbers.collect(), shape, &Device::Cpu)?;
        let adam = OptimizerSpec::from_name("adam").unwrap();
        let mut optimizer = Optimizer::new(&adam, 0.01, weights.variables())?;
        for batch in 0..3 {
            let mode = Mode::Train {
                seed: 0,
                epoch: 0,
                batch,
            };
            let loss = network.forward(&x, mode)?.sqr()?.mean_all()?;
            optimizer.step(&loss.backward()?)?;
        }
        for (_, variable) in weights.all() {
            let numbers: Vec<f32> = variable.flatten_all()?.to_vec1()?;
            bits.extend(numbers.into_iter().map(f32::to_bits));
        }
    }
    Ok(bits)
}

#[test]
fn training_does_not_depend_on_the_number_of_threads() -> anyhow::Result<()> {
    // The number of threads is fixed for a process, so this test runs itself in two more.
    const FILE: &str = "RUNNER_TEST_TRAINED_NUMBERS";
    if let Some(file) = std::env::var_os(FILE) {
        std::fs::write(file, format!("{:?}", trained_numbers()?))?;
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let trained = |threads: &str| -> anyhow::Result<String> {
        let file = folder.path().join(threads);
        let output = std::process::Command::new(std::env::current_exe()?)
            .args(["--exact", "model::tests::training_does_not_depend_on_the_number_of_threads"])
            .env(FILE, &file)
            .env("RAYON_NUM_THREADS", threads)
            .output()?;
        assert!(output.status.success(), "{output:?}");
        Ok(std::fs::read_to_string(file)?)
    };
    assert!(trained("1")? == trained("4")?, "the weights differ");
    Ok(())
}

#[test]
fn kinds_are_those_that_a_file_names() {
    for kind in ModelSpec::kinds() {
        assert_eq!(small(kind).kind(), kind);
    }
}

#[test]
fn a_summary_counts_weights_as_pytorch_does() -> anyhow::Result<()> {
    let spec: ModelSpec = toml::from_str("kind = \"lstm_gru\"\nlstm = [30, 50]\ngru = [30]\ndropout = 0.1\ndense = [30]")?;
    let weights = Weights::drawn(0, &Device::Cpu);
    let network = spec.build(&[30, 1], &7.into(), &weights)?;
    let lines: Vec<(String, String, Vec<usize>, usize)> = network
        .summary()
        .into_iter()
        .map(|line| (line.name, line.kind, line.output, line.trainable))
        .collect();
    let line = |name: &str, kind: &str, output: &[usize], count| (name.to_owned(), kind.to_owned(), output.to_vec(), count);
    // LSTM: 4 h (i + h + 2); GRU: 3 h (i + h + 2); linear: o (i + 1)
    let expected = [
        line("lstm.0", "LSTM", &[30, 30], 3960),
        line("lstm.0.dropout", "Dropout", &[30, 30], 0),
        line("lstm.1", "LSTM", &[50], 16400),
        line("lstm_dense.0", "Linear", &[30], 1530),
        line("gru.0", "GRU", &[30], 2970),
        line("gru.0.dropout", "Dropout", &[30], 0),
        line("gru_dense.0", "Linear", &[30], 930),
        line("output", "Linear", &[7], 427),
    ];
    assert_eq!(lines, expected);
    let variables = weights.variables();
    let counted: usize = variables.iter().map(|(_, var)| var.elem_count()).sum();
    assert_eq!(counted, lines.iter().map(|line| line.3).sum::<usize>());
    Ok(())
}

#[test]
fn wrong_samples_and_baselines_build_no_network() {
    let weights = Weights::drawn(0, &Device::Cpu);
    let task = 1;
    let build = |kind, shape: &[usize]| match small(kind).build(shape, &task.into(), &weights) {
        Ok(_) => panic!("a network was built"),
        Err(error) => error.to_string(),
    };
    assert!(build("lstm", &[4, 8, 8, 3]).contains("[4, 8, 8, 3]"));
    let error = build("conv_lstm", &[4, 3]);
    assert!(error.contains("height") && error.contains("[4, 3]"), "{error}");
    for kind in ["drift", "majority", "linear_probe"] {
        assert!(build(kind, &[4, 1]).contains(&format!("`{kind}`")));
    }
}
