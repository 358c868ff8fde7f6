//! A network that is trained to forecast quantiles.

use serde_json::json;

use super::*;
use crate::metric::{Keep, Predictions, Quantiles, Scoring};
use crate::model::Role;

/// Trains a GRU on simulated prices by the pinball loss; gives its outputs on the test windows and its history.
fn trained(data: &Dataset, spec: &TrainSpec) -> Result<(Vec<Vec<f64>>, History)> {
    let weights = Weights::drawn(0, &Device::Cpu);
    let model: ModelSpec = toml::from_str("kind = \"gru\"\nhidden = [4]")?;
    let Role::Network(network) = model.role() else {
        anyhow::bail!("it is trained");
    };
    let network = network.build_for(&data.sample_shape, &data.outputs, spec.loss.outputs(), &weights)?;
    let end = fit(network.as_ref(), &weights, data, spec, 0, &mut |_| Ok(()))?;
    let mut outputs = Vec::new();
    predict(network.as_ref(), (data, &data.test), &mut |_, row| {
        outputs.push(row);
        Ok(())
    })?;
    Ok((outputs, end.history))
}

#[test]
fn quantiles_rise_and_the_middle_one_is_the_forecast() -> Result<()> {
    let data = data()?;
    let levels = [0.1, 0.5, 0.9];
    let spec = TrainSpec {
        epochs: 60,
        loss: serde_json::from_value(json!({ "kind": "pinball", "quantiles": levels }))?,
        ..settings()
    };
    let (outputs, history) = trained(&data, &spec)?;
    let losses = &history["loss"];
    assert!(losses[59] < 0.7 * losses[0], "{losses:?}");
    for row in &outputs {
        assert_eq!(row.len(), 3 * data.outputs.width());
        assert!(row.chunks(3).all(|quantiles| quantiles.is_sorted()), "{row:?}");
    }
    let predicted = |(index, row): (usize, Vec<f64>)| data.target.prediction((&data.test, index), row.into_iter(), 3);
    let predicted: Vec<Vec<f64>> = outputs.into_iter().enumerate().map(predicted).collect();
    let quantiles = Quantiles::new(&levels, spec.loss.forecast());
    let scored = |keep| -> Result<_> {
        let mut scoring = Scoring::new(&data.target, &data.test, quantiles.clone(), keep);
        predicted.iter().try_for_each(|row| scoring.add(row.clone()))?;
        Ok(scoring.finish())
    };
    let (predictions, metrics) = scored(Keep::All)?;
    let forecasts = predictions.forecasts().context("a regression")?;
    assert_eq!(forecasts.levels(), levels);
    for (forecast, row) in forecasts.whole().iter().zip(&predicted) {
        for step in 0..data.outputs.width() {
            let found: Vec<f64> = forecast.quantiles.iter().map(|row| row[step]).collect();
            assert_eq!(found, row[3 * step..3 * step + 3]);
            assert_eq!(forecast.forecast[step], found[1]);
        }
    }
    let text = serde_json::to_value(&predictions)?;
    assert_eq!(serde_json::from_value::<Predictions>(text)?, predictions);
    // What a summary keeps whole has its quantiles, too.
    let (summed, same) = scored(Keep::Summary)?;
    let summed = summed.forecasts().context("a regression")?;
    assert!(summed.summary().is_some() && summed.levels() == levels && same == metrics);
    let kept = |sample: &crate::metric::Forecast| forecasts.whole().contains(sample);
    assert!(summed.whole().iter().all(kept));
    Ok(())
}

#[test]
fn what_is_followed_in_training_is_the_forecast() -> Result<()> {
    let data = data()?;
    let of = |loss: serde_json::Value| -> Result<History> {
        let spec = TrainSpec {
            epochs: 1,
            learning_rate: 1e-12,
            loss: serde_json::from_value(loss)?,
            ..settings()
        };
        Ok(trained(&data, &spec)?.1)
    };
    // One quantile alone is drawn as one output is, and the loss of the half is half of the absolute error.
    let (half, mae) = (
        of(json!({ "kind": "pinball", "quantiles": [0.5] }))?,
        of(json!({ "kind": "mae" }))?,
    );
    for name in ["mae", "mse", "validation_mae"] {
        assert!((half[name][0] - mae[name][0]).abs() < 1e-6 * mae[name][0], "{name}");
    }
    let far = (2.0 * half["validation_loss"][0] - mae["validation_loss"][0]).abs();
    assert!(far < 1e-6, "{far}");
    Ok(())
}
