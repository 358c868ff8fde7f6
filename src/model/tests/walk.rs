//! A model that is trained again as the test goes on, against numpy's numbers.

use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::data::Target;
use crate::model::linear_regression::LinearRegressionSpec;
use crate::model::training_mean::TrainingMeanSpec;

#[derive(Deserialize)]
struct Case {
    series: String,
    window: Value,
    split: Value,
    refits: Vec<Refit>,
    linear_regression: Vec<Vec<f64>>,
    training_mean: Vec<f64>,
}

#[derive(Deserialize)]
struct Refit {
    rows: usize,
    train: usize,
    validation: usize,
    lowest: f64,
    range: f64,
}

#[test]
fn golden_numpy_step_by_step() {
    let text: Value = serde_json::from_str(&committed_text("walk.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_value(text["cases"].clone()).unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let values = golden_baselines().series(&serde_json::json!({ "series": case.series }));
        let series = series(&values);
        let window: WindowSpec = serde_json::from_value(case.window).unwrap();
        let backtest: BacktestSpec = serde_json::from_value(case.split).unwrap();
        let of = |split: &SeriesSplit, place| window::build_training(&series, &window, split, &Device::Cpu, place).unwrap();
        let split = SeriesSplit::Backtest(backtest.clone());
        // A baseline holds nothing back.
        let of_baseline = SeriesSplit::Backtest(BacktestSpec {
            validation: 0.0,
            ..backtest
        });
        let (mut lines, mut means) = (Vec::new(), Vec::new());
        assert_eq!(split.trainings(), case.refits.len());
        for (place, expected) in case.refits.iter().enumerate() {
            let data = of(&split, place);
            let validation = data.validation.as_ref().map_or(0, crate::data::Examples::len);
            assert_eq!(data.test.history(0).len(), expected.rows, "{} {place}", case.series);
            assert_eq!([data.train.len(), validation], [expected.train, expected.validation]);
            let Target::Numbers { scales, .. } = &data.target else {
                panic!("a series has numbers");
            };
            assert_near(
                &[scales[0][0].offset, scales[0][0].factor],
                &[expected.lowest, expected.range],
                1e-12,
            );
            let data = of(&of_baseline, place);
            lines.extend(predicted(&LinearRegressionSpec {}, &data).unwrap());
            means.extend(predicted(&TrainingMeanSpec {}, &data).unwrap());
        }
        assert_near(&lines.concat(), &case.linear_regression.concat(), 1e-8);
        let expected: Vec<f64> = case
            .training_mean
            .iter()
            .flat_map(|mean| vec![*mean; window.horizon])
            .collect();
        assert_near(&means.concat(), &expected, 1e-12);
    }
}

#[test]
fn what_learns_nothing_says_so_and_gives_the_same_whatever_is_known() {
    let values: Vec<f64> = (0..60).map(|step| f64::from(step * step % 17)).collect();
    let series = series(&values);
    let window: WindowSpec = serde_json::from_value(serde_json::json!({ "lookback": 14, "horizon": 2 })).unwrap();
    let of = |split: Value| -> SeriesSplit { SeriesSplit::Backtest(serde_json::from_value(split).unwrap()) };
    let once = of(serde_json::json!({ "origins": 9 }));
    let again = of(serde_json::json!({ "origins": 9, "refit_every": 2, "train_rows": 40 }));
    let mut learning = Vec::new();
    for settings in [
        "kind = \"last_value\"",
        "kind = \"drift\"",
        "kind = \"lookback_mean\"",
        "kind = \"seasonal_naive\"\nseason = 7",
        "kind = \"ets\"\nfit_on = \"lookback\"",
        "kind = \"theta\"\nfit_on = \"lookback\"",
        "kind = \"ets\"",
        "kind = \"theta\"",
        "kind = \"training_mean\"",
        "kind = \"linear_regression\"",
    ] {
        let model: ModelSpec = toml::from_str(settings).unwrap();
        let Role::Baseline(baseline) = model.role() else {
            panic!("{settings} is no baseline");
        };
        let whole = window::build(&series, &window, &once, &Device::Cpu).unwrap();
        let whole = predicted(baseline, &whole).unwrap();
        let mut parts = Vec::new();
        for place in 0..again.trainings() {
            let data = window::build_training(&series, &window, &again, &Device::Cpu, place).unwrap();
            parts.extend(predicted(baseline, &data).unwrap());
        }
        assert_eq!(whole.len(), parts.len());
        assert_eq!(whole != parts, model.learns(), "{settings}");
        learning.extend(model.learns().then_some(settings));
    }
    assert_eq!(learning.len(), 4);
}
