//! A network serves any task whose samples it can read: it is the target that says what its outputs are.

use candle_core::{Device, Tensor};

use super::*;
use crate::data::series::window::Transform;
use crate::data::{Examples, Inputs, Items, TargetScale};
use crate::kind::from_name;
use crate::metric::{Keep, Quantiles, Scoring};
use crate::rng::{self, Stream};

/// Examples in memory: `make` gives the numbers of a sample and what is to be predicted, in its own unit and as training sees it.
fn examples(
    count: usize,
    shape: &[usize],
    stream: &mut Stream,
    make: impl Fn(&mut Stream) -> (Vec<f32>, f64, f32),
) -> Result<Examples> {
    let (mut inputs, mut truth, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..count {
        let (sample, observed, target) = make(stream);
        inputs.extend(sample);
        truth.push(vec![observed]);
        targets.push(target);
    }
    Ok(Examples::Items(Items {
        inputs: Inputs::Held(Tensor::from_vec(inputs, [&[count], shape].concat(), &Device::Cpu)?),
        targets: Tensor::from_vec(targets, (count, 1), &Device::Cpu)?,
        past: truth.iter().map(|_| vec![0.0]).collect(),
        names: (0..count).map(|number| format!("item {number}")).collect(),
        truth,
    }))
}

/// Trains a model and scores its predictions of the test examples.
fn scores(model: &str, data: &Dataset, loss: &str, epochs: usize) -> Result<BTreeMap<String, f64>> {
    let model: ModelSpec = toml::from_str(model)?;
    let weights = Weights::drawn(0, &Device::Cpu);
    let network = model.build(&data.sample_shape, &data.outputs, &weights)?;
    let settings = TrainSpec {
        epochs,
        batch_size: 20,
        loss: from_name(loss).context("a loss")?,
        ..super::settings()
    };
    assert!(settings.loss.fits(data.target.task()));
    let fitted = fit(network.as_ref(), &weights, data, &settings, 0, &mut |_| Ok(()))?;
    let followed = match data.target {
        Target::Numbers { .. } => "validation_mse",
        Target::Classes(_) => "validation_accuracy",
    };
    assert_eq!(fitted.history[followed].len(), epochs);
    let mut scoring = Scoring::new(&data.target, &data.test, Quantiles::default(), Keep::All);
    predict(network.as_ref(), (data, &data.test), &mut |index, row| {
        scoring.add(data.target.prediction((&data.test, index), row.into_iter(), 1))
    })?;
    Ok(scoring.finish().1)
}

fn dataset(target: Target, shape: &[usize], make: impl Fn(&mut Stream) -> (Vec<f32>, f64, f32)) -> Result<Dataset> {
    let mut stream = rng::stream(0, "any task", 0, 0);
    Ok(Dataset {
        target,
        outputs: 1.into(),
        sample_shape: shape.to_vec(),
        train: examples(300, shape, &mut stream, &make)?,
        validation: Some(examples(20, shape, &mut stream, &make)?),
        calibration: None,
        test: examples(40, shape, &mut stream, &make)?,
    })
}

#[test]
fn an_lstm_classifies() -> Result<()> {
    // Class 1: the line rises.
    let line = |stream: &mut Stream| {
        let slope = stream.normal();
        let noise: Vec<f64> = (0..6).map(|_| 0.1 * stream.normal()).collect();
        let line = noise.iter().enumerate();
        let line = line.map(|(step, noise)| (slope * step as f64 + noise) as f32);
        let class = f32::from(u8::from(slope > 0.0));
        (line.collect(), f64::from(class), class)
    };
    let classes = ["falling", "rising"].map(str::to_owned);
    let data = dataset(Target::Classes(classes), &[6, 1], line)?;
    let model = "kind = \"lstm\"\nhidden = [6]";
    let scores = scores(model, &data, "binary_cross_entropy", 15)?;
    assert!(scores["accuracy"] > 0.9, "{scores:?}");
    assert!(scores["auc"] > 0.95, "{scores:?}");
    Ok(())
}

#[test]
fn a_conv_lstm_regresses() -> Result<()> {
    // The target, in degrees, is 20 and 10 times what the maps hold on the whole.
    let heat = |stream: &mut Stream| {
        let level = 0.5 * stream.normal();
        let maps = (0..3 * 4 * 4).map(|_| (level + 0.1 * stream.normal()) as f32);
        (maps.collect(), 20.0 + 10.0 * level, level as f32)
    };
    let scale = TargetScale {
        offset: 20.0,
        factor: 10.0,
        transform: Transform::None,
    };
    let unit = "degrees".to_owned();
    let data = dataset(
        Target::Numbers {
            scales: vec![vec![scale]],
            unit,
            told: Vec::new(),
            publish: true,
            in_sample: None,
            many: Vec::new(),
        },
        &[3, 4, 4, 1],
        heat,
    )?;
    let model = "kind = \"conv_lstm\"\nfilters = 4";
    let scores = scores(model, &data, "mse", 60)?;
    // The targets' deviation is 5 degrees.
    assert!(scores["rmse"] < 2.5, "{scores:?}");
    assert!(scores["r2"] > 0.8, "{scores:?}");
    Ok(())
}
