//! A training that goes on from any of its steps ends in the same bytes; and nothing goes on from what is not whole and its own.

use anyhow::{Context, Result, bail};
use candle_core::{Device, Tensor};
use serde_json::{Value, json};

use super::format::{self, Header, Unusable};
use super::walked::Walked;
use crate::data::series::window::Transform;
use crate::data::{Dataset, Examples, Inputs, Items, Outputs, Target, TargetScale};
use crate::kind::{Kinds, from_name};
use crate::metric::Calibrated;
use crate::model::{ModelSpec, Role};
use crate::nn::optimizer::OptimizerSpec;
use crate::nn::weights::Weights;
use crate::rng;
use crate::store::record::Refit;
use crate::train::{Along, EpochEnd, History, State, TrainSpec, Training};

/// One number, whose past is the first of what is seen.
fn outputs() -> Outputs {
    Outputs {
        steps: 1,
        targets: vec![Some(0)],
    }
}

/// Examples of that shape whose answer is the mean of what is seen.
fn examples(count: usize, shape: &[usize], part: u64) -> Result<Examples> {
    let numbers: usize = shape.iter().product();
    let mut stream = rng::stream(0, "examples", part, 0);
    let inputs: Vec<f32> = (0..count * numbers).map(|_| stream.normal() as f32).collect();
    let means = inputs
        .chunks(numbers)
        .map(|sample| sample.iter().sum::<f32>() / numbers as f32);
    let targets: Vec<f32> = means.collect();
    Ok(Examples::Items(Items {
        inputs: Inputs::Held(Tensor::from_vec(inputs, [&[count], shape].concat(), &Device::Cpu)?),
        truth: targets.iter().map(|target| vec![f64::from(*target)]).collect(),
        targets: Tensor::from_vec(targets, (count, 1), &Device::Cpu)?,
        past: Vec::new(),
        names: (0..count).map(|number| number.to_string()).collect(),
    }))
}

fn dataset(shape: &[usize]) -> Result<Dataset> {
    let scale = TargetScale {
        offset: 0.0,
        factor: 1.0,
        transform: Transform::None,
    };
    Ok(Dataset {
        target: Target::Numbers {
            scales: vec![vec![scale]],
            unit: String::new(),
            told: Vec::new(),
            publish: true,
            in_sample: None,
            many: Vec::new(),
        },
        outputs: outputs(),
        sample_shape: shape.to_vec(),
        train: examples(11, shape, 0)?,
        validation: Some(examples(5, shape, 1)?),
        calibration: None,
        test: examples(5, shape, 2)?,
    })
}

/// `changes` are settings of `[train]` that differ from two epochs of three batches each.
fn settings(changes: &Value) -> Result<TrainSpec> {
    let mut settings = json!({
        "epochs": 2, "batch_size": 4, "loss": "mse", "optimizer": { "kind": "adam" }, "learning_rate": 0.05,
    });
    for (key, value) in changes.as_object().context("a table")? {
        settings[key] = value.clone();
    }
    Ok(serde_json::from_value(settings)?)
}

/// A training by settings, with what it borrows.
struct Case {
    model: ModelSpec,
    data: Dataset,
    spec: TrainSpec,
}

impl Case {
    fn new(model: &str, changes: &Value) -> Result<Self> {
        let model: ModelSpec = toml::from_str(model)?;
        let shapes: [&[usize]; 2] = [&[5, 2], &[3, 4, 4, 2]];
        let shape = shapes.into_iter().find(|shape| {
            let weights = Weights::drawn(0, &Device::Cpu);
            model.build(shape, &outputs(), &weights).is_ok()
        });
        Ok(Self {
            model,
            data: dataset(shape.context("a shape that it reads")?)?,
            spec: settings(changes)?,
        })
    }

    /// Trains from a state, or from nothing; gives the end, and the weights that the network holds then.
    fn train(&self, from: Option<State>, along: &mut dyn Along) -> Result<(State, Vec<u8>)> {
        let weights = Weights::drawn(3, &Device::Cpu);
        let Role::Network(network) = self.model.role() else {
            bail!("it is trained");
        };
        let network = network.build_for(&self.data.sample_shape, &outputs(), self.spec.loss.outputs(), &weights)?;
        let mut training = Training::new(network.as_ref(), &weights, &self.data, &self.spec, 3)?;
        if let Some(state) = from {
            training.go_on_from(state)?;
        }
        let end = training.run(along)?;
        let held = weights
            .all()
            .into_iter()
            .map(|(path, variable)| (path, variable.as_tensor().clone()));
        Ok((end, safetensors::serialize(held, None)?))
    }

    /// Goes on from the bytes of every step, and ends where it would have ended. Gives the end.
    fn holds(&self) -> Result<State> {
        let mut steps = Steps::default();
        let (end, held) = self.train(None, &mut steps)?;
        assert!(steps.0.len() > 4, "{} steps", steps.0.len());
        let whole = bytes_of(&end)?;
        for saved in steps.0 {
            let (_, state, _) = read(&saved)?;
            assert_eq!(bytes_of(&state)?, saved, "what is read is what was written");
            let reached = state.progress.reached(self.spec.epochs);
            let (again, held_again) = self.train(Some(state), &mut Steps::default())?;
            assert!(
                bytes_of(&again)? == whole && held_again == held,
                "from {reached:?}: {:?}",
                self.model
            );
        }
        Ok(end)
    }
}

/// The bytes of every step.
#[derive(Default)]
struct Steps(Vec<Vec<u8>>);

impl Along for Steps {
    fn epoch(&mut self, _: EpochEnd) -> Result<()> {
        Ok(())
    }

    fn step(&mut self, training: &Training) -> Result<()> {
        self.0.push(bytes_of(&training.state()?)?);
        Ok(())
    }
}

const TRAIL: &str = "of this cell";

fn header(state: &State) -> Header {
    Header {
        version: format::VERSION,
        trail: TRAIL.to_owned(),
        epochs: 2,
        seconds: 0.5,
        progress: state.progress.clone(),
        refits: Vec::new(),
        calibrated: None,
        refit_seconds: Vec::new(),
    }
}

fn bytes_of(state: &State) -> Result<Vec<u8>> {
    format::to_bytes(&header(state), state, &Walked::default())
}

fn read(bytes: &[u8]) -> Result<(Header, State, Walked)> {
    match format::from_bytes(bytes, TRAIL) {
        Ok(read) => Ok(read),
        Err(reason) => bail!("{reason}"),
    }
}

const LSTM: &str = "kind = \"lstm\"\nhidden = [3]\ndense = [3]";
const HYBRID: &str = "kind = \"lstm_gru\"\nlstm = [3, 2]\ngru = [2]\ndense = [2]\ndropout = 0.3";

#[test]
fn every_network_goes_on_from_every_step_to_the_same_bytes() -> Result<()> {
    let models = [
        LSTM,
        HYBRID,
        "kind = \"gru\"\nhidden = [3, 2]",
        "kind = \"nlinear\"",
        "kind = \"dlinear\"\nkernel = 3",
        "kind = \"conv_lstm\"\nfilters = 2\ndense = [3]\ndropout = 0.2",
    ];
    let mut kinds: Vec<&str> = Vec::new();
    for model in models {
        let case = Case::new(model, &json!({}))?;
        kinds.push(case.model.kind());
        case.holds()?;
    }
    for kind in ModelSpec::kinds() {
        let with_season = || toml::from_str(&format!("kind = \"{kind}\"\nseason = 7")).ok();
        let model: Option<ModelSpec> = from_name(kind).or_else(with_season);
        let is_baseline = model.is_some_and(|model| !model.trains());
        assert!(is_baseline || kinds.contains(&kind), "{kind} has no case here");
    }
    Ok(())
}

#[test]
fn every_optimizer_goes_on_from_every_step_to_the_same_bytes() -> Result<()> {
    for kind in OptimizerSpec::kinds() {
        Case::new(LSTM, &json!({ "optimizer": { "kind": kind } }))?.holds()?;
    }
    let momentum = json!({ "optimizer": { "kind": "sgd", "momentum": 0.9 }, "batch_size": 3 });
    Case::new(HYBRID, &momentum)?.holds()?;
    Ok(())
}

#[test]
fn counters_of_stopping_and_plateau_and_the_best_weights_go_on_too() -> Result<()> {
    let changes = json!({
        "epochs": 40, "learning_rate": 0.3,
        "early_stopping": { "patience": 4 },
        "reduce_learning_rate": { "factor": 0.5, "patience": 2, "cooldown": 1 },
    });
    let end = Case::new(HYBRID, &changes)?.holds()?;
    assert!(end.progress.stopped && end.history["loss"].len() < 40);
    let rates = &end.history["learning_rate"];
    assert!(rates.last() < rates.first(), "the plateau was seen");
    Ok(())
}

#[test]
fn quantiles_go_on_from_every_step_to_the_same_bytes() -> Result<()> {
    let loss = json!({ "kind": "pinball", "quantiles": [0.2, 0.5, 0.9] });
    Case::new(HYBRID, &json!({ "loss": loss }))?.holds()?;
    Ok(())
}

#[test]
fn every_schedule_goes_on_from_every_step_to_the_same_bytes() -> Result<()> {
    for schedule in [
        json!({ "kind": "halving" }),
        json!({ "kind": "exponential", "factor": 0.9, "by": "batch" }),
        json!({ "kind": "cosine", "warm_up": 1 }),
        json!({ "kind": "one_cycle" }),
        json!({ "kind": "warm_up", "warm_up": 4, "by": "batch" }),
    ] {
        let changes = json!({ "epochs": 3, "schedule": schedule, "clip_norm": 0.5, "drop_last": true });
        let end = Case::new(HYBRID, &changes)?.holds()?;
        let rates = &end.history["learning_rate"];
        assert!(rates[0] != rates[1], "{schedule}: {rates:?}");
    }
    Ok(())
}

#[test]
fn a_training_of_more_epochs_goes_on_from_the_end_of_one_of_fewer() -> Result<()> {
    let of = |epochs: usize| {
        let (stopping, schedule) = (json!({ "patience": 50 }), json!({ "kind": "halving", "after": 2 }));
        Case::new(
            HYBRID,
            &json!({ "epochs": epochs, "early_stopping": stopping, "schedule": schedule }),
        )
    };
    let (long, _) = of(5)?.train(None, &mut Steps::default())?;
    let (short, _) = of(2)?.train(None, &mut Steps::default())?;
    let (_, short, _) = read(&bytes_of(&short)?)?;
    let (went_on, _) = of(5)?.train(Some(short), &mut Steps::default())?;
    assert_eq!(bytes_of(&went_on)?, bytes_of(&long)?);
    // One of fewer does not begin behind its end.
    let refused = of(2)?.train(Some(long), &mut Steps::default()).err();
    assert!(refused.context("refused")?.to_string().contains("it is at epoch 5"));
    Ok(())
}

#[test]
fn sums_beyond_all_numbers_are_kept() -> Result<()> {
    let mut case = Case::new(LSTM, &json!({}))?;
    let Target::Numbers { scales, .. } = &mut case.data.target else {
        bail!("numbers");
    };
    let scale = &mut scales[0][0];
    (scale.transform, scale.factor) = (Transform::Log, 1e300);
    let mut steps = Steps::default();
    assert!(case.train(None, &mut steps).is_err(), "it diverges at the end of its epoch");
    let last = steps.0.last().context("there was a step")?;
    let (header, state, _) = read(last)?;
    assert!(serde_json::to_string(&header)?.contains(&f64::INFINITY.to_bits().to_string()));
    assert_eq!(bytes_of(&state)?, *last);
    Ok(())
}

#[test]
fn what_is_not_whole_and_its_own_is_refused() -> Result<()> {
    let mut steps = Steps::default();
    let (end, _) = Case::new(LSTM, &json!({}))?.train(None, &mut steps)?;
    let bytes = steps.0.last().context("there was a step")?.clone();
    let refused = |bytes: &[u8]| format::from_bytes(bytes, TRAIL).err();
    assert_eq!(refused(&bytes), None);
    for length in (0..bytes.len()).step_by(97) {
        assert_eq!(refused(&bytes[..length]), Some(Unusable::Damaged), "cut at {length}");
    }
    for at in (0..bytes.len()).step_by(89) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        assert_eq!(refused(&flipped), Some(Unusable::Damaged), "flipped at {at}");
    }
    let foreign = |header: Header| -> Result<String> {
        match refused(&format::to_bytes(&header, &end, &Walked::default())?) {
            Some(Unusable::Foreign(reason)) => Ok(reason),
            other => bail!("{other:?}"),
        }
    };
    let mut other = header(&end);
    other.version = 0;
    assert_eq!(foreign(other)?, "it has format 0, this program writes 1");
    let mut other = header(&end);
    other.trail = "of another cell".to_owned();
    assert_eq!(foreign(other)?, "other settings, data or versions of the code gave it");
    // Whole, of the right name, and of another network all the same: nothing is put into the network.
    let case = Case::new("kind = \"lstm\"\nhidden = [4]\ndense = [3]", &json!({}))?;
    let error = case.train(Some(end.clone()), &mut Steps::default()).err();
    assert!(error.context("refused")?.to_string().contains("is of shape"));
    let mut lacking = end;
    lacking.optimizer.pop_first();
    let case = Case::new(LSTM, &json!({ "epochs": 9 }))?;
    assert!(case.train(Some(lacking), &mut Steps::default()).is_err());
    Ok(())
}

/// What two trainings have left: a forecast each.
fn walked() -> Walked {
    let refit = |origin: &str| Refit {
        origin: origin.to_owned(),
        windows: 1,
        rows: 40,
        trained: None,
    };
    let mut walked = Walked::default();
    for (origin, loss, seconds) in [("2020-01-01", 0.5, 2.0), ("2020-01-02", 0.25, 5.5)] {
        let history = History::from([("loss".to_owned(), vec![loss, loss / 3.0])]);
        let calibrated = Calibrated {
            windows: 7,
            origins: ["2019-12-01".to_owned(), "2019-12-07".to_owned()],
            half_widths: vec![[loss, 2.0 * loss]],
        };
        walked.add(
            refit(origin),
            (history, Some(calibrated)),
            vec![vec![1.0 / 3.0, f64::from(f32::MAX), loss]],
            seconds,
        );
    }
    walked
}

#[test]
fn what_finished_trainings_left_is_kept_with_the_one_that_runs() -> Result<()> {
    let (end, _) = Case::new(LSTM, &json!({}))?.train(None, &mut Steps::default())?;
    let walked = walked();
    assert_eq!(walked.history["loss"], [0.5, 0.5 / 3.0], "that of the first");
    assert_eq!(walked.seconds, [2.0, 3.5]);
    let header = Header {
        refits: walked.refits.clone(),
        calibrated: walked.calibrated.clone(),
        refit_seconds: walked.seconds.clone(),
        ..header(&end)
    };
    let bytes = format::to_bytes(&header, &end, &walked)?;
    let (read_header, state, read_walked) = read(&bytes)?;
    assert_eq!((read_header, read_walked), (header.clone(), walked.clone()));
    assert_eq!(format::to_bytes(&header, &state, &walked)?, bytes);
    // Of other trainings than it says.
    let mut lacking = walked;
    lacking.predictions.pop();
    let foreign = format::from_bytes(&format::to_bytes(&header, &end, &lacking)?, TRAIL).err();
    let Some(Unusable::Foreign(reason)) = foreign else {
        bail!("{foreign:?}");
    };
    assert_eq!(reason, "it holds 1 predictions of 2");
    Ok(())
}

mod trail;
