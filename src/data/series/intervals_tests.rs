//! Which windows calibrate intervals, of one series and of many.

use candle_core::Device;
use serde_json::json;

use super::checked::{Named, Series, tests::series};
use super::intervals::IntervalsSpec;
use super::time::Times;
use super::window::{self, WindowSpec};
use super::{Dataset, SeriesSplit};
use crate::data::{Calibration, Examples};

fn intervals(coverage: f64) -> IntervalsSpec {
    serde_json::from_value(json!({ "kind": "conformal", "coverage": coverage })).unwrap()
}

fn settings(horizon: usize, validation: f64) -> (WindowSpec, SeriesSplit) {
    let window = json!({ "lookback": 4, "horizon": horizon, "scale": "none" });
    let split = json!({ "kind": "backtest", "origins": 5, "validation": validation });
    (
        serde_json::from_value(window).unwrap(),
        serde_json::from_value(split).unwrap(),
    )
}

fn names(examples: &Examples) -> Vec<String> {
    (0..examples.len()).map(|index| examples.name(index)).collect()
}

/// The windows as they are without intervals, and with.
fn both(series: &Series, horizon: usize, validation: f64, coverage: f64) -> anyhow::Result<[Dataset; 2]> {
    let (window, split) = settings(horizon, validation);
    let build = || window::build(series, &window, &split, &Device::Cpu);
    let checked = window::check_intervals(series, &window, &split, &intervals(coverage));
    let held_back = intervals(coverage).held_back(build()?);
    // What is told before the data are built is what is told then.
    assert_eq!(
        checked.err().map(|error| error.to_string()),
        held_back.as_ref().err().map(ToString::to_string)
    );
    Ok([build()?, held_back?])
}

#[test]
fn the_last_half_calibrates_and_no_value_is_forecast_in_both_halves() -> anyhow::Result<()> {
    let values: Vec<f64> = (0..60).map(f64::from).collect();
    for (horizon, validation, coverage) in [(1, 0.5, 0.9), (3, 0.5, 0.8), (4, 0.6, 0.5)] {
        let [without, with] = both(&series(&values), horizon, validation, coverage)?;
        let (Some(all), Some(watched)) = (&without.validation, &with.validation) else {
            anyhow::bail!("both have validation windows");
        };
        let Some(Calibration { examples, spec }) = &with.calibration else {
            anyhow::bail!("some windows calibrate");
        };
        assert_eq!((spec.coverage, without.calibration.is_none()), (coverage, true));
        let (all, watched) = (names(all), names(watched));
        assert_eq!(names(examples), all[all.len() / 2..]);
        assert_eq!(watched, all[..all.len() / 2 - (horizon - 1)]);
        // Rows are numbered by their values.
        let last = with.validation.as_ref().map(|own| own.truth(own.len() - 1)[horizon - 1]);
        assert!(last < Some(examples.truth(0)[0]));
        assert!(examples.truth(examples.len() - 1)[horizon - 1] < with.test.truth(0)[0]);
        assert_eq!(names(&without.train), names(&with.train));
        assert_eq!(names(&without.test), names(&with.test));
    }
    Ok(())
}

#[test]
fn too_few_windows_are_an_error_before_anything_is_trained() {
    let values: Vec<f64> = (0..60).map(f64::from).collect();
    let told = |horizon, validation, coverage| {
        let error = both(&series(&values), horizon, validation, coverage).err();
        error.map(|error| error.to_string()).unwrap_or_default()
    };
    assert!(
        told(1, 0.3, 0.95).contains("take the errors of 19 windows at least, and 8 calibrate: the last half of 15 windows")
    );
    assert!(told(6, 0.25, 0.5).contains("none of 10 windows for validation is left to be watched"));
}

#[test]
fn many_series_are_halved_at_one_time_and_each_has_windows_enough() -> anyhow::Result<()> {
    let values: Vec<f64> = (0..60).map(f64::from).collect();
    let mut many = series(&[values.clone(), values].concat());
    let half = series(&(0..60).map(f64::from).collect::<Vec<_>>()).times;
    many.times = Times::of([half.counts(), half.counts()].concat(), half.clock().clone());
    let named = |name: &str, rows| Named {
        name: name.to_owned(),
        rows,
    };
    many.many = vec![named("acme", 0..60), named("bolt", 60..120)];
    let [without, with] = both(&many, 2, 0.5, 0.8)?;
    let (Some(all), Some(Calibration { examples, .. })) = (&without.validation, &with.calibration) else {
        anyhow::bail!("some windows calibrate");
    };
    let (all, late) = (names(all), names(examples));
    assert_eq!(late, all[all.len() - late.len()..]);
    assert!(
        late[0].ends_with(", acme") && late.len() % 2 == 0,
        "no time stands in both halves"
    );
    let told = both(&many, 2, 0.5, 0.95)
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(
        told.contains("of series `acme` calibrate: the last half of 50 windows"),
        "{told}"
    );
    Ok(())
}
