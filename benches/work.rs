//! The work that is compared with other libraries, one job a call: `cargo bench --bench work -- JOB …`. `compare.py` runs it
//! beside them. Each job prints one line that ends in a figure and its unit.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use candle_core::{Device, Tensor};
use pulp::{Simd, WithSimd};
use runner::data::Folders;
use runner::data::series::simulated::SimulatedPricesSpec;
use runner::data::series::window::Transform;
use runner::data::{Data, Dataset, SeriesData, SeriesSource};
use runner::files::Place;
use runner::kind;
use runner::model::ModelSpec;
use runner::nn::Mode;
use runner::nn::convolution::Maps;
use runner::nn::loss::loss_of;
use runner::nn::matrix::{Into, Matrix, MatrixMut, Threads, product};
use runner::nn::optimizer::{Optimizer, OptimizerSpec};
use runner::nn::resnet50::{Resnet50, Variant, Workspace};
use runner::nn::simd::dispatch;
use runner::nn::weights::Weights;
use runner::rng;
use runner::train::{self, TrainSpec};
use serde_json::json;

const USAGE: &str = "jobs:
  forecast lstm|hybrid HORIZON EPOCHS BATCH    one training epoch of the price study's networks
  length DAYS                                  one training step of the LSTM on sequences of that many days
  resnet50 keras|torchvision THREADS           ResNet50 over batches of ten 256x256 images, a batch a thread
  conv_lstm FILTERS BATCH                      one training step of the clip classifier on maps of 10x8x8x2048
  read FILE                                    a CSV file of rows a minute apart into a checked series; see read.py
  product                                      a large matrix product, one thread: the machine's rate
  peak                                         fused multiply-adds of registers alone, one thread: the most that a core does";

fn main() -> Result<()> {
    if let Some(large_pages) = runner::memory::large_pages() {
        // Once more, as a sweep starts its workers.
        let program = std::env::current_exe()?;
        let arguments = std::env::args_os().skip(1);
        let ended = Command::new(program).args(arguments).envs([large_pages]).status()?;
        std::process::exit(ended.code().unwrap_or(1));
    }
    runner::memory::keep_freed();
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *arguments {
        ["forecast", model, horizon, epochs, batch] => forecast(model, horizon.parse()?, epochs.parse()?, batch.parse()?),
        ["length", days] => length(days.parse()?),
        ["resnet50", variant, threads] => {
            let variant = serde_json::from_value(json!(variant))?;
            resnet50(variant, threads.parse()?)
        }
        ["conv_lstm", filters, batch] => conv_lstm(filters.parse()?, batch.parse()?),
        ["read", file] => read(Path::new(file)),
        ["product"] => matrix_product(),
        ["peak"] => peak(),
        // `cargo bench` and `cargo test` call every target without arguments.
        [] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!("{USAGE}"),
    }
}

fn read(file: &Path) -> Result<()> {
    let name = file.file_name().context("it must name a file")?;
    let source: SeriesSource = serde_json::from_value(json!({
        "kind": "series", "file": name.to_string_lossy(), "time": "date", "frequency": "1min", "features": "all", "target": "c9",
    }))?;
    let folder = file.parent().context("it must lie in a folder")?;
    let start = Instant::now();
    let series = source.read(folder, Transform::None)?;
    println!(
        "{} rows of {} columns: {:.3} s",
        series.rows(),
        series.columns.len(),
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// The networks of the price study, without their outputs' width.
fn forecaster(model: &str) -> Result<ModelSpec> {
    Ok(serde_json::from_value(match model {
        "lstm" => json!({ "kind": "lstm", "hidden": [30], "dense": [30] }),
        "hybrid" => json!({
            "kind": "lstm_gru", "lstm": [30, 50], "gru": [30], "dropout": 0.1, "dense": [30],
        }),
        other => bail!("there is no model {other}; lstm or hybrid"),
    })?)
}

/// 1851 simulated days in windows of 30.
fn windows(horizon: usize) -> Result<Dataset> {
    let source: SimulatedPricesSpec = serde_json::from_value(json!({ "days": 1851 + horizon }))?;
    let spec = SeriesData {
        source: SeriesSource::SimulatedPrices(source),
        window: serde_json::from_value(json!({ "lookback": 30, "horizon": horizon }))?,
        split: serde_json::from_value(json!({ "kind": "backtest", "origins": 1 }))?,
        intervals: None,
    };
    let nowhere = Folders {
        data: PathBuf::new(),
        cache: Place::root(Path::new("")),
    };
    spec.build(spec.read(&nowhere)?.as_ref(), &nowhere, &Device::Cpu)
}

fn forecast(model: &str, horizon: usize, epochs: usize, batch_size: usize) -> Result<()> {
    let data = windows(horizon)?;
    let weights = Weights::drawn(0, &Device::Cpu);
    let network = forecaster(model)?.build(&data.sample_shape, &data.outputs, &weights)?;
    let settings: TrainSpec = serde_json::from_value(json!({
        "epochs": epochs, "batch_size": batch_size, "loss": "mse", "optimizer": { "kind": "adam" }, "learning_rate": 1e-3,
    }))?;
    let mut seconds = Vec::new();
    let mut last = Instant::now();
    train::fit(network.as_ref(), &weights, &data, &settings, 0, &mut |_| {
        seconds.push(last.elapsed().as_secs_f64());
        last = Instant::now();
        Ok(())
    })?;
    let count = data.train.len();
    println!(
        "runner {model} horizon {horizon}, {count} windows, batch {batch_size}: {:.4} s/epoch",
        median(seconds)
    );
    Ok(())
}

fn length(days: usize) -> Result<()> {
    let weights = Weights::drawn(0, &Device::Cpu);
    let network = forecaster("lstm")?.build(&[days, 1], &1.into(), &weights)?;
    let mse = kind::from_name("mse").context("a kind of loss")?;
    let inputs = numbers(&[32, days, 1])?;
    let targets = numbers(&[32, 1])?;
    let seconds = repeat(5, || {
        let outputs = network.forward(&inputs, TRAINING)?;
        loss_of(&mse, &outputs, &targets)?.backward()?;
        Ok(())
    })?;
    println!(
        "runner lstm, one step on sequences of {days}: {:.3} us/day",
        seconds * 1e6 / days as f64
    );
    Ok(())
}

fn resnet50(variant: Variant, threads: usize) -> Result<()> {
    let network = Resnet50::drawn(variant, 64, 0);
    let maps = Maps {
        images: 10,
        height: 256,
        width: 256,
    };
    let images = random(maps.positions() * 3);
    let mut workspaces: Vec<Workspace> = (0..threads).map(|_| Workspace::default()).collect();
    // As in a pass over clips, a thread that is done takes the next; at the end the others are waited for.
    let batches = 4 * threads;
    let seconds = repeat(3, || {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for workspace in &mut workspaces {
                scope.spawn(|| {
                    while next.fetch_add(1, Ordering::Relaxed) < batches {
                        network.forward(&images, maps, workspace);
                    }
                });
            }
        });
        Ok(())
    })?;
    let frames = (10 * batches) as f64 / seconds;
    println!("runner resnet50 {variant:?}, {threads} threads: {frames:.2} frames/s");
    Ok(())
}

fn conv_lstm(filters: usize, batch: usize) -> Result<()> {
    let spec: ModelSpec =
        serde_json::from_value(json!({ "kind": "conv_lstm", "filters": filters, "dense": [1000, 256, 10] }))?;
    let weights = Weights::drawn(0, &Device::Cpu);
    let network = spec.build(&[10, 8, 8, 2048], &1.into(), &weights)?;
    let loss = kind::from_name("binary_cross_entropy").context("a kind of loss")?;
    let rmsprop = OptimizerSpec::from_name("rmsprop").context("a kind of optimizer")?;
    let mut optimizer = Optimizer::new(&rmsprop, 1e-3, weights.variables())?;
    let inputs = numbers(&[batch, 10, 8, 8, 2048])?;
    let targets = Tensor::ones((batch, 1), candle_core::DType::F32, &Device::Cpu)?;
    let seconds = repeat(3, || {
        let outputs = network.forward(&inputs, TRAINING)?;
        let loss = loss_of(&loss, &outputs, &targets)?;
        Ok(optimizer.step(&loss.backward()?)?)
    })?;
    let samples = batch as f64 / seconds;
    println!("runner conv_lstm {filters}, batch {batch}: {samples:.3} samples/s");
    Ok(())
}

fn matrix_product() -> Result<()> {
    const SIDE: usize = 1024;
    let (left, right) = (random(SIDE * SIDE), random(SIDE * SIDE));
    let mut output = vec![0.0; SIDE * SIDE];
    let seconds = repeat(9, || {
        product(
            MatrixMut::new(&mut output, SIDE, SIDE),
            Into::Fresh,
            Matrix::new(&left, SIDE, SIDE),
            Matrix::new(&right, SIDE, SIDE),
            Threads::One,
        );
        Ok(())
    })?;
    let rate = 2.0 * (SIDE as f64).powi(3) / seconds / 1e9;
    println!("runner product of {SIDE}x{SIDE}, 1 thread: {rate:.1} GFLOP/s");
    Ok(())
}

const TRAINING: Mode = Mode::Train {
    seed: 0,
    epoch: 0,
    batch: 0,
};

fn random(count: usize) -> Vec<f32> {
    let mut stream = rng::stream(0, "bench", 0, 0);
    (0..count).map(|_| stream.uniform_f32()).collect()
}

fn numbers(shape: &[usize]) -> Result<Tensor> {
    let count = shape.iter().product();
    Ok(Tensor::from_vec(random(count), shape, &Device::Cpu)?)
}

/// Median seconds of `count` calls, after one that warms up.
fn repeat(count: usize, mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    work()?;
    let mut seconds = Vec::new();
    for _ in 0..count {
        let start = Instant::now();
        work()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    Ok(median(seconds))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Multiply-adds whose numbers never leave the registers.
struct Registers {
    turns: usize,
}

impl WithSimd for Registers {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        // Chains enough to hide the latency of two units, few enough for sixteen registers.
        let mut sums = [simd.splat_f32s(1.0); 12];
        let (factor, addend) = std::hint::black_box((simd.splat_f32s(0.999), simd.splat_f32s(1e-3)));
        for _ in 0..self.turns {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, addend);
            }
        }
        let all = sums.into_iter().reduce(|a, b| simd.add_f32s(a, b));
        all.map_or(0.0, |all| simd.reduce_sum_f32s(all))
    }
}

/// Lanes of a vector.
struct Lanes;

impl WithSimd for Lanes {
    type Output = usize;

    fn with_simd<S: Simd>(self, _: S) -> usize {
        S::F32_LANES
    }
}

/// The most that a core does.
fn peak() -> Result<()> {
    const TURNS: usize = 5_000_000;
    let mut rates = Vec::new();
    for _ in 0..9 {
        let start = Instant::now();
        let sum = dispatch(Registers {
            turns: std::hint::black_box(TURNS),
        });
        std::hint::black_box(sum);
        let operations = 2 * TURNS * 12 * dispatch(Lanes);
        rates.push(operations as f64 / start.elapsed().as_secs_f64() / 1e9);
    }
    println!("runner peak of fused operations, 1 thread: {:.1} GFLOP/s", median(rates));
    Ok(())
}
