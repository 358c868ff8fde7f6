//! The metrics against scikit-learn's numbers, and those of forecasts against their formulas in NumPy.

use serde_json::Value;

use super::{assert_all_close, assert_close, numbers};
use crate::data::InSample;
use crate::metric::classification::Confusion;
use crate::metric::{Forecast, Forecasts, Keep, Last, Predictions, ranking, regression, score};
use crate::nn::golden::{golden, golden_folder};

fn expected_scores() -> Value {
    let text = std::fs::read_to_string(golden_folder().join("golden.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["sklearn"].take()
}

#[test]
fn golden_regression_metrics() {
    let tensors = golden("sklearn");
    let rows = |name: &str| {
        let horizon = tensors[name].dim(1).unwrap();
        let rows: Vec<Vec<f64>> = numbers(&tensors[name]).chunks(horizon).map(<[f64]>::to_vec).collect();
        rows
    };
    let samples = rows("pred").into_iter().zip(rows("true")).map(|(forecast, truth)| Forecast {
        origin: String::new(),
        last: 0.0.into(),
        forecast,
        truth,
        quantiles: Vec::new(),
    });
    let predictions = Predictions::Regression(Forecasts::new("USD".to_owned(), samples.collect()));
    let (found, expected) = (score(&predictions), expected_scores());
    for (ours, theirs) in [
        ("mse", "mse"),
        ("rmse", "rmse"),
        ("mae", "mae"),
        ("mape", "mape_percent"),
        ("r2", "r2"),
    ] {
        assert_close(ours, found[ours], expected[theirs].as_f64().unwrap());
    }
}

#[test]
fn golden_forecast_metrics_of_several_targets() {
    let text = std::fs::read_to_string(golden_folder().join("golden_layers.json")).unwrap();
    let expected = &serde_json::from_str::<Value>(&text).unwrap()["forecast_metrics"];
    let tensors = golden("forecast_metrics");
    // [origin, horizon, target] each, and of the last known and the training values [row, target].
    let [pred, truth, last, before] = ["pred", "true", "last", "insample"].map(|name| numbers(&tensors[name]));
    let targets = tensors["last"].dim(1).unwrap();
    let width = tensors["pred"].dim(1).unwrap() * targets;
    let windows = pred.chunks(width).zip(truth.chunks(width)).zip(last.chunks(targets));
    let windows = windows.map(|((forecast, truth), last)| Forecast {
        origin: String::new(),
        last: Last::new(last.to_vec()).unwrap(),
        forecast: forecast.to_vec(),
        truth: truth.to_vec(),
        quantiles: Vec::new(),
    });
    let forecasts = Forecasts::new(String::new(), windows.collect());
    let columns: Vec<Vec<f64>> = (0..targets)
        .map(|target| before.iter().skip(target).step_by(targets).copied().collect())
        .collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    for season in [1, 24] {
        let forecasts = forecasts.clone().with_in_sample(InSample::of(&columns, season));
        for keep in [Keep::All, Keep::Summary] {
            let found = score(&Predictions::Regression(forecasts.clone().kept(keep)));
            for name in ["mase", "rmsse"] {
                assert_close(name, found[name], expected[name][season.to_string()].as_f64().unwrap());
            }
            for (ours, theirs) in [
                ("smape", "smape_percent"),
                ("median_error", "median_absolute_error"),
                ("max_error", "max_error"),
                ("bias", "mean_error"),
                ("directional_accuracy", "directional_accuracy"),
            ] {
                assert_close(ours, found[ours], expected[theirs].as_f64().unwrap());
            }
        }
    }
    assert_eq!(regression::symmetric_percentage(0.0, 0.0), 0.0);
}

#[test]
fn golden_metrics_of_quantiles() {
    let text = std::fs::read_to_string(golden_folder().join("golden_layers.json")).unwrap();
    let expected = &serde_json::from_str::<Value>(&text).unwrap()["forecast_metrics"];
    let tensors = golden("forecast_metrics");
    // [origin, horizon, target] each, of quantiles [origin, horizon, target, level], of the values before the test [row, target].
    let of = |name: &str| numbers(&tensors[name]);
    let (truth, before, quantiles) = (of("true"), of("insample"), of("quantile_pred"));
    let targets = tensors["last"].dim(1).unwrap();
    let width = tensors["true"].dim(1).unwrap() * targets;
    let forecasts = |levels: &[f64], rows: &[Vec<f64>]| {
        let windows = truth.chunks(width).enumerate().map(|(place, truth)| Forecast {
            origin: String::new(),
            last: Last::new(vec![0.0; targets]).unwrap(),
            forecast: rows[0][place * width..][..width].to_vec(),
            truth: truth.to_vec(),
            quantiles: rows.iter().map(|row| row[place * width..][..width].to_vec()).collect(),
        });
        Forecasts::new(String::new(), windows.collect()).with_levels(levels)
    };
    let of_levels: Vec<Vec<f64>> = (0..3)
        .map(|level| quantiles.iter().skip(level).step_by(3).copied().collect())
        .collect();
    let losses: Vec<f64> = expected["pinball"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_f64)
        .collect();
    let interval = &expected["interval"];
    let columns: Vec<Vec<f64>> = (0..targets)
        .map(|target| before.iter().skip(target).step_by(targets).copied().collect())
        .collect();
    let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
    for keep in [Keep::All, Keep::Summary] {
        let scored = |forecasts: Forecasts| score(&Predictions::Regression(forecasts.kept(keep)));
        let found = scored(forecasts(&[0.1, 0.5, 0.9], &of_levels));
        assert_close("pinball", found["pinball"], losses.iter().sum::<f64>() / 3.0);
        for (row, (level, loss)) in of_levels.iter().zip([0.1, 0.5, 0.9].iter().zip(&losses)) {
            let found = scored(forecasts(&[*level], std::slice::from_ref(row)));
            assert_close("pinball of a level", found["pinball"], *loss);
        }
        for season in [1, 24] {
            let forecasts = forecasts(&[0.05, 0.95], &[of("lo"), of("hi")]);
            let found = scored(forecasts.with_in_sample(InSample::of(&columns, season)));
            for name in ["coverage", "mean_width"] {
                assert_close(name, found[name], interval[name].as_f64().unwrap());
            }
            assert_close("msis", found["msis"], interval["msis"][season.to_string()].as_f64().unwrap());
        }
    }
}

/// Labels and scores of the golden classification.
fn golden_items() -> (Vec<u8>, Vec<f64>) {
    let tensors = golden("sklearn");
    let labels = numbers(&tensors["labels"]).iter().map(|label| *label as u8).collect();
    (labels, numbers(&tensors["scores"]))
}

#[test]
fn golden_classification_report() {
    let (labels, scores) = golden_items();
    let confusion = Confusion::at_half(&labels, &scores);
    let expected = expected_scores();
    for (truth, predicted) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let count = expected["confusion"][truth][predicted].as_u64();
        assert_eq!(Some(confusion.counts[truth][predicted]), count);
    }
    let report = &expected["report"];
    assert_close(
        "accuracy",
        confusion.accuracy().unwrap(),
        report["accuracy"].as_f64().unwrap(),
    );
    for (name, scores) in [
        ("0", confusion.class(0)),
        ("1", confusion.class(1)),
        ("macro avg", confusion.macro_average()),
        ("weighted avg", confusion.weighted_average()),
    ] {
        for (score, found) in [
            ("precision", scores.precision),
            ("recall", scores.recall),
            ("f1-score", scores.f1),
            ("support", scores.support as f64),
        ] {
            let expected = report[name][score].as_f64().unwrap();
            assert_close(&format!("{name} {score}"), found, expected);
        }
    }
}

#[test]
fn golden_ranking() {
    let (labels, scores) = golden_items();
    let expected = expected_scores();
    for (name, found) in [
        ("auc", ranking::auc(&labels, &scores)),
        ("average_precision", ranking::average_precision(&labels, &scores)),
        ("log_loss", ranking::log_loss(&labels, &scores)),
    ] {
        assert_close(name, found.unwrap(), expected[name].as_f64().unwrap());
    }
    let (tensors, curve) = (golden("sklearn"), ranking::roc_curve(&labels, &scores).unwrap());
    assert_all_close("roc_fpr", &curve.false_positive_rate, &numbers(&tensors["roc_fpr"]));
    assert_all_close("roc_tpr", &curve.true_positive_rate, &numbers(&tensors["roc_tpr"]));
}
