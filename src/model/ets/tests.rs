//! Exponential smoothing against statsmodels.

use serde_json::Value;

use super::recursion::{State, Weights};
use super::*;
use crate::model::tests::{assert_near, golden_baselines, predicted, series_of};

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

fn shape_of(case: &Value) -> Shape {
    Shape {
        trend: serde_json::from_value(case["trend"].clone()).unwrap(),
        season: case["season"].as_u64().unwrap() as usize,
    }
}

#[test]
fn golden_statsmodels_ets_with_its_own_weights() {
    let golden = golden_baselines();
    for case in golden.cases("ets") {
        let weights = Weights {
            level: number(&case["level"]),
            slope: number(&case["slope"]),
            seasonal: number(&case["seasonal"]),
            damping: number(&case["damping"]),
        };
        let mut state = State {
            level: number(&case["initial"]["level"]),
            slope: number(&case["initial"]["slope"]),
            seasonal: numbers(&case["initial"]["seasonal"]),
        };
        let mut squares = 0.0;
        state.run(&weights, golden.series(case).into_iter(), |error| squares += error * error);
        assert_near(&[squares], &[number(&case["sse"])], 1e-9);
        let expected = numbers(&case["forecast"]);
        assert_near(&state.forecast(&weights, expected.len()), &expected, 1e-9);
    }
}

#[test]
fn golden_statsmodels_ets_fitted() {
    let golden = golden_baselines();
    let mut seen = 0;
    for case in golden.cases("ets") {
        let values = golden.series(case);
        let fitted = shape_of(case).fit(&values).unwrap();
        // Its search may end above ours, in a valley of its own.
        let theirs = number(&case["sse"]);
        assert!(
            fitted.squares <= theirs * (1.0 + 1e-7),
            "{}: {} against {theirs}",
            case["series"],
            fitted.squares
        );
        let mut state = fitted.start.clone();
        state.run(&fitted.weights, values.iter().copied(), |_| {});
        let expected = numbers(&case["forecast"]);
        let found = state.forecast(&fitted.weights, expected.len());
        if fitted.squares >= theirs * (1.0 - 1e-6) {
            assert_near(&found, &expected, 1e-6);
            seen += 1;
        }
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn a_fit_to_what_comes_before_the_test_goes_on_with_what_is_known_at_each_origin() {
    // A line that bends in the test: the slope follows.
    let mut series: Vec<f64> = (0..40)
        .map(|step| 2.0 * f64::from(step) + 0.1 * f64::from(step % 3))
        .collect();
    let data = series_of(&series, [4, 2], 3);
    let spec = |text: &str| -> EtsSpec { toml::from_str(text).unwrap() };
    let once = predicted(&spec("trend = \"additive\""), &data).unwrap();
    let last = series.len() - 1;
    series[last] += 1000.0;
    let other = predicted(&spec("trend = \"additive\""), &series_of(&series, [4, 2], 3)).unwrap();
    assert_eq!(once, other, "the last value is known at no origin");
    for (index, forecast) in once.iter().enumerate() {
        for (found, truth) in forecast.iter().zip(data.test.truth(index)) {
            assert!((found - truth).abs() < 0.5, "{found} {truth}");
        }
    }
    // From the lookback alone: what came before it changes nothing.
    let narrow = spec("fit_on = \"lookback\"");
    let mut early = series.clone();
    early[3] += 1000.0;
    let of = |series: &[f64]| predicted(&narrow, &series_of(series, [6, 2], 3)).unwrap();
    assert_eq!(of(&series), of(&early));
}

#[test]
fn equal_values_go_on() {
    for (trend, season) in [(Trend::None, 1), (Trend::Damped, 1), (Trend::Additive, 4)] {
        let fitted = Shape { trend, season }.fit(&[7.0; 20]).unwrap();
        let mut state = fitted.start;
        state.run(&fitted.weights, [7.0; 20].into_iter(), |_| {});
        assert_near(&state.forecast(&fitted.weights, 5), &[7.0; 5], 1e-9);
    }
}

#[test]
fn too_few_values_are_a_mistake_at_the_key_or_told_with_what_to_do() {
    let spec = |text: &str| -> EtsSpec { toml::from_str(text).unwrap() };
    // A level, six seasonal states beside it, two weights and one more.
    let weekly = spec("season = 7\nfit_on = \"lookback\"");
    assert!(weekly.check(&[10, 1]).is_ok());
    assert_eq!(weekly.check(&[9, 1]).unwrap_err().key, "fit_on");
    assert!(spec("season = 7").check(&[1, 1]).is_ok());
    let error = weekly.shape().fit(&[1.0; 9]).unwrap_err().to_string();
    assert!(
        error.contains("9 values are too few") && error.contains("takes 10"),
        "{error}"
    );
}
