//! Schedules, clipping and dropped batches as a whole training has them.

use serde_json::json;

use super::*;

fn with(changes: serde_json::Value) -> Result<TrainSpec> {
    let mut settings = serde_json::to_value(settings())?;
    for (key, value) in changes.as_object().context("a table")? {
        settings[key] = value.clone();
    }
    Ok(serde_json::from_value(settings)?)
}

#[test]
fn the_history_tells_the_rate_of_the_last_batch_of_each_epoch() -> Result<()> {
    let rates = |schedule| -> Result<Vec<f64>> {
        let (end, _) = train(&with(json!({ "epochs": 4, "schedule": schedule }))?, 0)?;
        Ok(end.history["learning_rate"].clone())
    };
    assert_eq!(rates(json!({ "kind": "halving", "after": 2 }))?, [0.01, 0.01, 0.005, 0.0025]);
    let batches = data()?.train.len().div_ceil(settings().batch_size);
    let last = json!({ "kind": "warm_up", "warm_up": 2 * batches, "by": "batch" });
    let share = |done: usize| 0.01 * (done as f64 / (2 * batches + 1) as f64);
    assert_eq!(rates(last)?, [share(batches), share(2 * batches), 0.01, 0.01]);
    Ok(())
}

#[test]
fn a_rate_that_has_fallen_to_nothing_moves_nothing() -> Result<()> {
    let schedule = json!({ "kind": "exponential", "factor": 1e-200, "after": 3 });
    let trained = |epochs: usize| train(&with(json!({ "epochs": epochs, "schedule": schedule }))?, 0);
    let ((three, _), (eight, _)) = (trained(3)?, trained(8)?);
    assert_eq!(numbers(&three.weights)?, numbers(&eight.weights)?);
    let (before, _) = trained(2)?;
    assert_ne!(numbers(&before.weights)?, numbers(&three.weights)?);
    Ok(())
}

#[test]
fn a_clipped_step_is_no_longer_than_the_norm_times_the_rate() -> Result<()> {
    let step = |clip: Option<f64>| -> Result<f64> {
        let changes = json!({ "epochs": 1, "optimizer": { "kind": "sgd" }, "learning_rate": 1.0, "batch_size": 1000 });
        let spec = TrainSpec {
            clip_norm: clip,
            ..with(changes)?
        };
        let (end, _) = train(&spec, 0)?;
        let start = Weights::drawn(0, &Device::Cpu);
        small_hybrid(&data()?, &start)?;
        let (before, after) = (numbers(&snapshot(&start)?)?, numbers(&end.weights)?);
        let squares = before.iter().zip(&after).map(|(a, b)| f64::from(b - a).powi(2));
        Ok(squares.sum::<f64>().sqrt())
    };
    let whole = step(None)?;
    assert!(whole > 0.01, "{whole}");
    for most in [0.3 * whole, 0.9 * whole] {
        let clipped = step(Some(most))?;
        assert!((clipped - most).abs() < 1e-3 * most, "{clipped} of {most}");
    }
    assert_eq!(step(Some(2.0 * whole))?, whole);
    Ok(())
}

#[test]
fn the_last_smaller_batch_is_dropped() -> Result<()> {
    let data = data()?;
    let validation = data.validation.as_ref().context("a share")?;
    let (count, validated) = (data.train.len(), validation.len());
    let dropping = |size: usize| with(json!({ "epochs": 1, "drop_last": true, "batch_size": size, "learning_rate": 1e-12 }));
    let size = validated - 1;
    assert!(!count.is_multiple_of(size) && size > 1);
    let weights = Weights::drawn(0, &Device::Cpu);
    let network = small_hybrid(&data, &weights)?;
    let loss_of_first = |count: usize| -> Result<f64> {
        let means = evaluate(network.as_ref(), &data, validation, count, &settings().loss)?;
        Ok(means.loss())
    };
    let (kept, all) = (loss_of_first(size)?, loss_of_first(validated)?);
    let (spec, mut steps) = (dropping(size)?, Counted(0));
    let end = Training::new(network.as_ref(), &weights, &data, &spec, 0)?.run(&mut steps)?;
    assert_eq!(steps.0, count / size);
    let found = end.history["validation_loss"][0];
    assert!(
        (found - kept).abs() < 1e-6 * kept && (found - all).abs() > 1e-4 * all,
        "{found}, {kept} of {all}"
    );
    // Where a batch is larger than what there is, nothing would be left.
    for (size, set) in [(count + 1, "training"), (validated + 1, "validation")] {
        let error = train(&dropping(size)?, 0).err().context("refused")?.to_string();
        assert!(error.contains(&format!("{set} examples")), "{error}");
    }
    Ok(())
}

#[test]
fn a_warm_up_that_training_does_not_outlast_is_refused() -> Result<()> {
    let schedule = json!({ "kind": "warm_up", "warm_up": 1000, "by": "batch" });
    let error = train(&with(json!({ "schedule": schedule }))?, 0).err().context("refused")?;
    assert!(error.to_string().contains("a warm-up of 1000 batches"), "{error}");
    Ok(())
}

/// Steps of the optimizer.
struct Counted(usize);

impl Along for Counted {
    fn epoch(&mut self, _: EpochEnd) -> Result<()> {
        Ok(())
    }

    fn step(&mut self, training: &Training) -> Result<()> {
        self.0 += usize::from(training.progress().batch > 0);
        Ok(())
    }
}
