//! Windows of many series, and windows of changes.

use serde_json::json;

use super::*;
use crate::data::series::SeriesSplit;
use crate::data::series::checked::{Named, Series, tests::series};
use crate::data::{Dataset, Examples, Target};

fn window(more: &serde_json::Value) -> WindowSpec {
    let mut settings = json!({ "lookback": 2, "horizon": 1, "scale": "min-max" });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(settings).unwrap()
}

fn split(settings: serde_json::Value) -> SeriesSplit {
    serde_json::from_value(settings).unwrap()
}

/// A short series, ten times as large, before a long one, both up to the tenth of January.
fn two() -> Series {
    let mut both = series(&[]);
    let (short, long) = (series(&[0.0; 10]).times.range(4..10), series(&[0.0; 10]).times);
    both.times = crate::data::series::time::Times::of([short.counts(), long.counts()].concat(), long.clock().clone());
    both.columns[0].values = (1..=6)
        .map(|step| f64::from(step * 10))
        .chain((1..=10).map(f64::from))
        .collect();
    both.many = [("b", 0..6), ("long", 6..16)]
        .map(|(name, rows)| Named {
            name: name.to_owned(),
            rows,
        })
        .to_vec();
    both.tells_targets = true;
    both
}

fn built(series: &Series, window: &WindowSpec, split: &SeriesSplit) -> Dataset {
    build(series, window, split, &candle_core::Device::Cpu).unwrap()
}

fn names(examples: &Examples) -> Vec<String> {
    (0..examples.len()).map(|index| examples.name(index)).collect()
}

fn inputs(examples: &Examples) -> Vec<Vec<f32>> {
    let indices: Vec<usize> = (0..examples.len()).collect();
    let (inputs, _) = examples.batch(&indices, None).unwrap();
    inputs.flatten_from(1).unwrap().to_vec2().unwrap()
}

#[test]
fn no_window_reaches_from_one_series_into_another() {
    let data = built(
        &two(),
        &window(&json!({})),
        &split(json!({ "kind": "backtest", "origins": 2 })),
    );
    assert_eq!(
        names(&data.test),
        ["2020-01-08, b", "2020-01-08, long", "2020-01-09, b", "2020-01-09, long"],
        "in the order of time"
    );
    let truths: Vec<&[f64]> = (0..4).map(|index| data.test.truth(index)).collect();
    assert_eq!(truths, [[50.0], [9.0], [60.0], [10.0]]);
    // Of the short one the windows that end before its fifth row: 10, 20 → 30 and 20, 30 → 40.
    assert_eq!(data.train.len(), 2 + 6);
    assert_eq!(
        names(&data.train)[..3],
        ["2020-01-06, b", "2020-01-07, b", "2020-01-02, long"]
    );
    assert_eq!(data.test.history(0), [10.0, 20.0, 30.0, 40.0]);
    assert_eq!(data.test.history(3), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    assert_eq!(
        (data.train.series(), data.train.covered(0), data.train.covered(1).len()),
        (2, &[10.0, 20.0, 30.0, 40.0][..], 8)
    );
}

#[test]
fn each_is_scaled_by_itself_or_all_together() {
    let backtest = split(json!({ "kind": "backtest", "origins": 1 }));
    let each = built(&two(), &window(&json!({})), &backtest);
    // 10 to 50 and 1 to 9 are trained on.
    assert_eq!(inputs(&each.test), [[0.75, 1.0], [0.875, 1.0]]);
    let unscaled = |data: &Dataset, index| data.target.prediction((&data.test, index), [1.0].into_iter(), 1)[0];
    assert_eq!((unscaled(&each, 0), unscaled(&each, 1)), (50.0, 9.0));
    let together = built(&two(), &window(&json!({ "scale_series": "together" })), &backtest);
    let of = |value: f64| ((value - 1.0) / 49.0) as f32;
    assert_eq!(inputs(&together.test), [[of(40.0), of(50.0)], [of(8.0), of(9.0)]]);
    assert_eq!((unscaled(&together, 0), unscaled(&together, 1)), (50.0, 50.0));
}

#[test]
fn scores_without_a_unit_are_standardised_alike_and_what_a_series_is_like_is_told_of_each() {
    let data = built(
        &two(),
        &window(&json!({})),
        &split(json!({ "kind": "backtest", "origins": 2 })),
    );
    let Target::Numbers {
        told, many, in_sample, ..
    } = &data.target
    else {
        panic!("a series has numbers");
    };
    // 10 to 40 and 1 to 8 come before the test.
    assert_eq!(told[0].mean, (100.0 + 36.0) / 12.0);
    assert!(in_sample.is_none());
    let absolute: Vec<(&str, f64)> = many
        .iter()
        .map(|(name, own)| (&**name, own.as_ref().unwrap().absolute[0]))
        .collect();
    assert_eq!(absolute, [("b", 10.0), ("long", 1.0)]);
}

#[test]
fn borders_are_times_and_a_series_that_is_too_short_is_named() {
    let at = |train: &str, validation: &str| split(json!({ "kind": "borders", "train": train, "validation": validation }));
    let data = built(&two(), &window(&json!({})), &at("2020-01-08", "2020-01-09"));
    assert_eq!(
        names(data.validation.as_ref().unwrap()),
        ["2020-01-07, b", "2020-01-07, long"]
    );
    assert_eq!(names(&data.test).len(), 4);
    assert_eq!(data.train.len(), 1 + 5);
    let told = check(&two(), &window(&json!({})), &at("2020-01-06", "2020-01-09"))
        .unwrap_err()
        .to_string();
    assert!(
        told.starts_with("series `b`: `split.train` = \"2020-01-06\" gives 1 rows"),
        "{told}"
    );
    let told = check(&two(), &window(&json!({ "lookback": 9 })), &at("2020-01-07", "2020-01-09"))
        .unwrap_err()
        .to_string();
    assert!(told.ends_with("so it is with `long`, of 2 series"), "{told}");
    assert!(
        split(json!({ "kind": "borders", "train": 3 }))
            .fits_many()
            .is_err_and(|blame| blame.key == "train")
    );
    let cut = cut(&two(), &window(&json!({})), &at("2020-01-08", "2020-01-09")).unwrap();
    assert_eq!((cut.all[0], cut.train[0], cut.test[0]), (4 + 8, 6, 4));
    assert_eq!(cut.train_days.map(|day| day.to_string()), ["2020-01-01", "2020-01-07"]);
    assert_eq!(cut.test_days.map(|day| day.to_string()), ["2020-01-09", "2020-01-10"]);
}

#[test]
fn a_split_that_counts_from_the_end_needs_one_end() {
    let mut series = two();
    series.many[0].rows = 0..5;
    let told = check(
        &series,
        &window(&json!({})),
        &split(json!({ "kind": "backtest", "origins": 2 })),
    )
    .unwrap_err();
    assert!(told.to_string().contains("the split counts from the end"), "{told}");
}

#[test]
fn changes_are_what_a_network_sees_and_what_it_forecasts_adds_up() {
    let prices = [8.0, 10.0, 5.0, 20.0, 10.0, 40.0, 80.0, 20.0];
    let settings = |transform: &str| window(&json!({ "horizon": 2, "scale": "none", "transform": transform }));
    let backtest = split(json!({ "kind": "backtest", "origins": 1 }));
    let data = built(&series(&prices), &settings("difference"), &backtest);
    // Six rows before the test: windows 0 to 2, of which the first sees the first row, which has no change.
    assert_eq!(data.train.len(), 2);
    assert_eq!(inputs(&data.train), [[2.0, -5.0], [-5.0, 15.0]]);
    assert_eq!(inputs(&data.test), [[-10.0, 30.0]]);
    assert_eq!(data.test.truth(0), [80.0, 20.0], "in its own unit");
    let (_, targets) = data.test.batch(&[0], None).unwrap();
    assert_eq!(targets.to_vec2::<f32>().unwrap(), [[40.0, -60.0]]);
    let forecast = |data: &Dataset, outputs: Vec<f64>| data.target.prediction((&data.test, 0), outputs.into_iter(), 1);
    assert_eq!(forecast(&data, vec![1.5, 2.0]), [41.5, 43.5]);
    let data = built(&series(&prices), &settings("log_return"), &backtest);
    let (half, double) = (0.5f64.ln(), 2f64.ln());
    for (found, expected) in inputs(&data.test)[0].iter().zip([half, 4f64.ln()]) {
        assert!((f64::from(*found) - expected).abs() < 1e-6);
    }
    for (found, expected) in forecast(&data, vec![double, half]).iter().zip([80.0, 40.0]) {
        assert!((found - expected).abs() < 1e-9, "{found}");
    }
    // Scaled by the changes of the training rows alone.
    let scaled = built(&series(&prices), &window(&json!({ "transform": "difference" })), &backtest);
    assert_eq!(inputs(&scaled.test), [[0.8f32, 1.0]]);
    assert!(check(&series(&prices), &settings("difference"), &backtest).is_ok());
    let told = check(&series(&prices[..6]), &settings("difference"), &backtest)
        .unwrap_err()
        .to_string();
    assert!(told.contains("takes one more before the first window"), "{told}");
}

#[test]
fn what_a_calendar_says_is_neither_transformed_nor_scaled() {
    let mut hours = series(&[8.0, 10.0, 5.0, 20.0, 10.0, 40.0]);
    hours.columns.insert(
        0,
        crate::data::series::checked::Column {
            name: "hour (sine)".to_owned(),
            values: vec![0.0, -0.5, 0.25, -1.0, 0.5, 0.75],
        },
    );
    (hours.features, hours.calendar, hours.targets) = (1, 1, vec![1]);
    let data = built(
        &hours,
        &window(&json!({ "transform": "log" })),
        &split(json!({ "kind": "holdout" })),
    );
    assert_eq!(inputs(&data.test), [[-1.0, 0.5]]);
}
