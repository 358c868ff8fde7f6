use candle_core::Device;

use super::*;
use crate::data::Folders;
use crate::data::series::simulated::SimulatedPricesSpec;
use crate::data::series::window::{BacktestSpec, FitScaleOn, Scale, Transform, WindowSpec};
use crate::data::{Data, SeriesData, SeriesSource, SeriesSplit, Target};
use crate::files::Place;
use crate::kind;
use crate::model::ModelSpec;
use crate::model::lstm_gru::LstmGruSpec;
use crate::nn::golden::{committed, largest_difference};
use crate::nn::optimizer::{Optimizer, OptimizerSpec};

/// Sixty simulated days, a fifth of the windows for validation.
fn data() -> Result<Dataset> {
    let source: SimulatedPricesSpec = serde_json::from_value(serde_json::json!({ "days": 60 }))?;
    let spec = SeriesData {
        source: SeriesSource::SimulatedPrices(source),
        window: WindowSpec {
            lookback: 5,
            horizon: 2,
            transform: Transform::None,
            scale: Scale::MinMax,
            fit_scale_on: FitScaleOn::Train,
            scale_series: Default::default(),
            season: 1,
        },
        split: SeriesSplit::Backtest(BacktestSpec {
            origins: 6,
            stride: 1,
            validation: 0.2,
            refit_every: 0,
            train_rows: None,
        }),
        intervals: None,
    };
    let here = std::path::Path::new(".");
    let folders = Folders {
        data: here.to_owned(),
        cache: Place::root(here),
    };
    spec.build(spec.read(&folders)?.as_ref(), &folders, &Device::Cpu)
}

fn cross_entropy() -> Loss {
    kind::from_name("binary_cross_entropy").expect("a loss")
}

fn settings() -> TrainSpec {
    TrainSpec {
        epochs: 8,
        batch_size: 7,
        loss: kind::from_name("mse").expect("mse is a loss"),
        optimizer: OptimizerSpec::from_name("adam").expect("adam is an optimizer"),
        learning_rate: 0.01,
        schedule: None,
        clip_norm: None,
        drop_last: false,
        early_stopping: None,
        reduce_learning_rate: None,
        checkpoint: Checkpoint::default(),
    }
}

/// A small hybrid with dropout.
fn small_hybrid(data: &Dataset, weights: &Weights) -> Result<Box<dyn Network>> {
    let model = ModelSpec::LstmGru(LstmGruSpec {
        lstm: vec![4, 3],
        gru: vec![3],
        dropout: 0.2,
        dense: vec![3],
    });
    model.build(&data.sample_shape, &data.outputs, weights)
}

/// Trains a small hybrid with dropout; gives what training gave and the weights that the network holds at the end.
fn train(spec: &TrainSpec, seed: u64) -> Result<(State, Snapshot)> {
    let data = data()?;
    let weights = Weights::drawn(seed, &Device::Cpu);
    let network = small_hybrid(&data, &weights)?;
    let fitted = fit(network.as_ref(), &weights, &data, spec, seed, &mut |_| Ok(()))?;
    let held = snapshot(&weights)?;
    Ok((fitted, held))
}

fn numbers(snapshot: &Snapshot) -> Result<Vec<f32>> {
    let mut all = Vec::new();
    for tensor in snapshot.values() {
        all.extend(tensor.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(all)
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() -> Result<()> {
    let (one, held) = train(&settings(), 1)?;
    let (same, held_again) = train(&settings(), 1)?;
    let (other, _) = train(&settings(), 2)?;
    assert_eq!(one.history, same.history);
    assert_eq!(numbers(&held)?, numbers(&held_again)?);
    assert_ne!(one.history, other.history);
    Ok(())
}

#[test]
fn the_history_holds_every_value_of_every_epoch_and_the_loss_falls() -> Result<()> {
    let (fitted, _) = train(&settings(), 0)?;
    let names: Vec<&str> = fitted.history.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "learning_rate",
            "loss",
            "mae",
            "mse",
            "validation_loss",
            "validation_mae",
            "validation_mse"
        ]
    );
    assert!(fitted.history.values().all(|values| values.len() == 8));
    let loss = &fitted.history["loss"];
    assert!(loss[7] < loss[0], "{loss:?}");
    Ok(())
}

#[test]
fn the_running_mean_weighs_the_last_smaller_batch() -> Result<()> {
    // With a learning rate of next to nothing and no dropout the epoch's loss is that of the whole set at once.
    let data = data()?;
    let weights = Weights::drawn(0, &Device::Cpu);
    let model = ModelSpec::LstmGru(LstmGruSpec {
        lstm: vec![3],
        gru: vec![3],
        dropout: 0.0,
        dense: vec![],
    });
    let network = model.build(&data.sample_shape, &data.outputs, &weights)?;
    let whole = evaluate(network.as_ref(), &data, &data.train, data.train.len(), &settings().loss)?;
    let spec = TrainSpec {
        epochs: 1,
        learning_rate: 1e-12,
        ..settings()
    };
    assert_ne!(data.train.len() % spec.batch_size, 0, "the last batch must be smaller");
    let fitted = fit(network.as_ref(), &weights, &data, &spec, 0, &mut |_| Ok(()))?;
    let mut history = History::new();
    whole.into_history("", &mut history);
    for name in ["loss", "mse", "mae"] {
        let (running, whole) = (fitted.history[name][0], history[name][0]);
        assert!((running - whole).abs() < 1e-5 * whole, "{name}: {running} and {whole}");
    }
    Ok(())
}

#[test]
fn early_stopping_ends_with_the_weights_of_the_best_epoch() -> Result<()> {
    let spec = TrainSpec {
        epochs: 200,
        learning_rate: 0.2,
        early_stopping: Some(EarlyStoppingSpec {
            monitor: Monitor::ValidationLoss,
            patience: 3,
            min_delta: 0.0,
        }),
        ..settings()
    };
    let (fitted, held) = train(&spec, 0)?;
    let losses = &fitted.history["validation_loss"];
    assert!(losses.len() < 200, "it must stop early");
    let best = losses
        .iter()
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(b.1))
        .map(|(epoch, _)| epoch);
    assert_eq!(best, Some(losses.len() - 1 - 3));
    let kept = fitted.best.as_ref().context("there is a validation set")?;
    assert_eq!(numbers(&held)?, numbers(kept)?);
    assert_ne!(numbers(kept)?, numbers(&fitted.weights)?);
    Ok(())
}

#[test]
fn a_plateau_lowers_the_learning_rate_down_to_its_least() -> Result<()> {
    let plateau = ReduceLearningRateSpec {
        monitor: Monitor::ValidationLoss,
        factor: 0.5,
        patience: 1,
        min_delta: 1e9,
        cooldown: 0,
        min_learning_rate: 0.004,
    };
    let spec = TrainSpec {
        epochs: 5,
        reduce_learning_rate: Some(plateau),
        ..settings()
    };
    let (fitted, _) = train(&spec, 0)?;
    assert_eq!(fitted.history["learning_rate"], [0.01, 0.01, 0.005, 0.004, 0.004]);
    Ok(())
}

#[test]
fn a_loss_that_is_no_number_stops_with_the_reason() {
    let spec = TrainSpec {
        optimizer: OptimizerSpec::from_name("sgd").expect("sgd is an optimizer"),
        learning_rate: 1e30,
        ..settings()
    };
    let error = train(&spec, 0).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(
        error.contains("the training loss became") && error.contains("learning rate"),
        "{error}"
    );
}

#[test]
fn a_metric_that_is_no_number_stops_too() -> Result<()> {
    // The loss of the logarithm stays small where the price itself is beyond all numbers.
    let mut data = data()?;
    let Target::Numbers { scales, .. } = &mut data.target else {
        panic!("a series has a target");
    };
    let scale = &mut scales[0][0];
    scale.transform = Transform::Log;
    scale.factor = 1e6;
    let weights = Weights::drawn(0, &Device::Cpu);
    let model = ModelSpec::LstmGru(LstmGruSpec {
        lstm: vec![3],
        gru: vec![3],
        dropout: 0.0,
        dense: vec![],
    });
    let network = model.build(&data.sample_shape, &data.outputs, &weights)?;
    let fitted = fit(network.as_ref(), &weights, &data, &settings(), 0, &mut |_| Ok(()));
    let error = fitted.err().context("it must stop")?;
    assert!(error.is::<Diverged>() && error.to_string().contains("became inf"), "{error}");
    Ok(())
}

#[test]
fn the_cross_entropy_of_a_logit_is_right_and_does_not_overflow() -> Result<()> {
    let loss = |logit: f32, label: f32| -> Result<f32> {
        let outputs = Tensor::new(&[[logit]], &Device::Cpu)?;
        let targets = Tensor::new(&[[label]], &Device::Cpu)?;
        Ok(loss_of(&cross_entropy(), &outputs, &targets)?.to_scalar()?)
    };
    // -ln(sigmoid(0.7)) and -ln(1 - sigmoid(0.7))
    assert!((loss(0.7, 1.0)? - 0.403_186).abs() < 1e-6);
    assert!((loss(0.7, 0.0)? - 1.103_186).abs() < 1e-6);
    assert!((loss(-200.0, 1.0)? - 200.0).abs() < 1e-4);
    assert!(loss(200.0, 1.0)?.abs() < 1e-6);
    Ok(())
}

#[test]
fn a_snapshot_holds_the_statistics_and_puts_them_back() -> Result<()> {
    let weights = Weights::drawn(0, &Device::Cpu);
    let statistic = weights.make_statistic("moving_mean", &[2], 0.0)?;
    let before = snapshot(&weights)?;
    statistic.set(&Tensor::new(&[3f32, 4.0], &Device::Cpu)?)?;
    restore(&weights, &before)?;
    assert_eq!(statistic.to_vec1::<f32>()?, [0.0, 0.0]);
    assert!(restore(&weights, &Snapshot::new()).is_err());
    Ok(())
}

/// The whole classifier as Keras trains it: the weights after the first and the third step of RMSprop, and the statistics.
#[test]
fn training_steps_are_those_of_keras() -> Result<()> {
    let keras = committed("keras_classifier");
    let (x, y) = (&keras["x"], &keras["y"]);
    let width = |name: &str| keras[&format!("init.{name}.bias")].elem_count();
    let spec: ModelSpec = toml::from_str(&format!(
        "kind = \"conv_lstm\"\nfilters = {}\ndense = [{}, {}]",
        width("conv_lstm2d") / 4,
        width("dense"),
        width("dense_1"),
    ))?;
    let weights = Weights::drawn(0, &Device::Cpu);
    let network = spec.build(&x.dims()[1..], &1.into(), &weights)?;
    for (path, variable) in weights.all() {
        let initial = &keras[&format!("init.{path}")];
        variable.set(&initial.reshape(variable.shape())?)?;
    }
    let rmsprop = OptimizerSpec::from_name("rmsprop").context("a kind")?;
    let mut optimizer = Optimizer::new(&rmsprop, 1e-3, weights.variables())?;
    let losses: Vec<f32> = keras["losses"].to_vec1()?;
    for (step, &expected) in losses.iter().enumerate() {
        let mode = Mode::Train {
            seed: 0,
            epoch: 0,
            batch: step as u64,
        };
        let z = network.forward(&x.narrow(0, 4 * step, 4)?, mode)?;
        let loss = loss_of(&cross_entropy(), &z, &y.narrow(0, 4 * step, 4)?)?;
        optimizer.step(&loss.backward()?)?;
        let loss = loss.to_scalar::<f32>()?;
        assert!((loss - expected).abs() <= 1e-5, "step {step}: {loss}");
        let name = ["first", "", "third"][step];
        if name.is_empty() {
            continue; // no weights are kept between
        }
        for (path, variable) in weights.all() {
            let theirs = keras[&format!("{name}.{path}")].reshape(variable.shape())?;
            let initial = keras[&format!("init.{path}")].reshape(variable.shape())?;
            let norm = |t: Tensor| -> Result<f32> { Ok(t.sqr()?.sum_all()?.to_scalar::<f32>()?) };
            let (gap, moved) = (norm((variable.as_tensor() - &theirs)?)?, norm((&theirs - initial)?)?);
            assert!(gap <= 1e-6 * moved, "{name} {path}: {gap} of {moved}");
        }
    }
    let predicted = candle_nn::ops::sigmoid(&network.forward(x, Mode::Evaluate)?)?;
    assert!(largest_difference(&predicted, &keras["pred"])? <= 1e-5);
    Ok(())
}

mod any_task;
mod quantiles;
mod settings;
