//! Every metric on four rows worked by hand, where it is undefined, and all of them against scikit-learn.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod golden; // against other libraries' numbers

use std::collections::BTreeSet;

use candle_core::Tensor;

use super::*;
use crate::data::ForecastTarget;
use crate::metric::classification::Confusion;
use crate::task::{BINARY, REGRESSION};

/// One day ahead each. Before the test the target changed by ±1 and ±3 a day.
fn forecasts(rows: &[(f64, f64, f64)]) -> Predictions {
    let samples = rows.iter().map(|(last, forecast, truth)| Forecast {
        origin: "2020-01-31".to_owned(),
        last: (*last).into(),
        forecast: vec![*forecast],
        truth: vec![*truth],
        quantiles: Vec::new(),
    });
    let before = InSample::of(&[&[3.0, 4.0, 1.0]], 1);
    Predictions::Regression(Forecasts::new("USD".to_owned(), samples.collect())).with_in_sample(before)
}

/// The same of a target that is told, with quantiles 1 below and above; standardised its values are as they are.
fn told(rows: &[(f64, f64, f64)]) -> Predictions {
    let target = ForecastTarget {
        name: "Price".to_owned(),
        mean: 0.0,
        deviation: 1.0,
    };
    let Predictions::Regression(forecasts) = forecasts(rows) else {
        panic!("forecasts");
    };
    let (mut samples, before) = (forecasts.whole().to_vec(), forecasts.in_sample().cloned());
    for sample in &mut samples {
        sample.quantiles = [-1.0, 1.0].map(|by| vec![sample.forecast[0] + by]).to_vec();
    }
    let forecasts = Forecasts::of_targets(vec![target], "USD".to_owned(), samples).with_levels(&[0.1, 0.9]);
    Predictions::Regression(forecasts).with_in_sample(before)
}

fn items(rows: &[(u8, f64)]) -> Predictions {
    let samples = rows.iter().map(|(label, score)| Scored {
        name: "item".to_owned(),
        label: *label,
        score: *score,
    });
    Predictions::Binary {
        classes: ["no".to_owned(), "yes".to_owned()],
        samples: samples.collect(),
    }
}

/// Fails unless exactly these metrics are defined, with these values.
fn assert_scores(predictions: &Predictions, expected: &[(&str, f64)]) {
    let scores = score(predictions);
    let names = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    let defined: BTreeSet<String> = scores.keys().cloned().collect();
    assert_eq!(defined, names(expected.iter().map(|row| row.0).collect()));
    for (name, value) in expected {
        let found = scores[*name];
        assert!((found - value).abs() < 1e-12, "{name}: {found}, expected {value}");
    }
}

#[test]
fn four_forecasts_by_hand() {
    // (last, forecast, truth): errors 1, -2, 0, 3; mean truth 10, spread 4 + 0 + 0 + 4.
    let rows = [(9.0, 9.0, 8.0), (8.0, 8.0, 10.0), (10.0, 10.0, 10.0), (11.0, 15.0, 12.0)];
    assert_scores(
        &forecasts(&rows),
        &[
            ("mse", 14.0 / 4.0),
            ("rmse", 3.5f64.sqrt()),
            ("mae", 6.0 / 4.0),
            ("mape", (12.5 + 20.0 + 0.0 + 25.0) / 4.0),
            ("smape", (200.0 / 17.0 + 400.0 / 18.0 + 600.0 / 27.0) / 4.0),
            ("r2", 1.0 - 14.0 / 8.0),
            ("relative_mae", (6.0 / 4.0) / (4.0 / 4.0)),
            ("mase", (6.0 / 4.0) / 2.0),
            ("rmsse", (3.5f64 / 5.0).sqrt()),
            ("median_error", 1.5),
            ("max_error", 3.0),
            ("bias", 2.0 / 4.0),
            // At the last value and not below it, at it and not above it; twice right.
            ("directional_accuracy", 0.5),
        ],
    );
}

#[test]
fn errors_are_scaled_where_something_changed_before_the_test() {
    let scored = |before: &[f64], season| {
        let plain = forecasts(&[(1.0, 3.0, 2.0)]);
        let found = score(&plain.with_in_sample(InSample::of(&[before], season)));
        ["mase", "rmsse"].map(|name| found.get(name).copied())
    };
    assert_eq!(
        scored(&[1.0, 5.0, 3.0, 9.0], 2),
        [Some(1.0 / 3.0), Some((1.0f64 / 10.0).sqrt())]
    );
    assert_eq!(scored(&[4.0; 9], 1), [None; 2], "it never changed");
    assert_eq!(scored(&[4.0, 5.0], 2), [None; 2], "it is not known");
}

#[test]
fn the_better_bias_is_the_one_nearer_to_none() {
    assert!(badness("bias", -2.0) > badness("bias", 1.0));
    assert!(badness("mae", 2.0) > badness("mae", 1.0) && badness("r2", 0.5) > badness("r2", 0.9));
}

#[test]
fn four_items_by_hand() {
    // Class 1 scores 0.9 and 0.4, class 0 scores 0.6 and 0.2: one of each class is classified correctly.
    let rows = [(1, 0.9), (1, 0.4), (0, 0.6), (0, 0.2)];
    let predictions = items(&rows);
    assert_eq!(predictions.confusion().unwrap().counts, [[1, 1], [1, 1]]);
    let losses = [0.9f64, 0.4, 1.0 - 0.6, 1.0 - 0.2].map(|p| -p.ln());
    assert_scores(
        &predictions,
        &[
            ("accuracy", 0.5),
            ("balanced_accuracy", 0.5),
            ("precision", 0.5),
            ("recall", 0.5),
            ("f1", 0.5),
            ("macro_f1", 0.5),
            // Of the four pairs, 0.4 against 0.6 is the one in the wrong order.
            ("auc", 0.75),
            // Recall 1/2 is gained at precision 1, the other half at 2/3.
            ("average_precision", 0.5 + 0.5 * 2.0 / 3.0),
            ("log_loss", losses.iter().sum::<f64>() / 4.0),
        ],
    );
}

#[test]
fn averages_weigh_classes_or_items() {
    let confusion = Confusion::of(&[1, 0, 0, 0], &[1, 1, 0, 0]);
    assert_eq!(confusion.class(1).precision, 0.5);
    assert_eq!(confusion.class(0).recall, 2.0 / 3.0);
    assert_eq!(confusion.macro_average().precision, 0.75);
    assert_eq!(confusion.weighted_average().precision, 0.25 * 0.5 + 0.75);
    assert_eq!(confusion.weighted_average().support, 4);
}

#[test]
fn what_is_undefined_is_left_out() {
    assert_scores(&forecasts(&[]), &[]);
    assert_scores(
        &items(&[]),
        &[("f1", 0.0), ("macro_f1", 0.0), ("precision", 0.0), ("recall", 0.0)],
    );
    // One forecast: no R². An observed value of 0: no MAPE. A perfect naive forecast: no relative MAE.
    assert_scores(
        &forecasts(&[(0.0, 1.0, 0.0)]),
        &[
            ("mae", 1.0),
            ("mse", 1.0),
            ("rmse", 1.0),
            ("smape", 200.0),
            ("mase", 0.5),
            ("rmsse", 0.2f64.sqrt()),
            ("median_error", 1.0),
            ("max_error", 1.0),
            ("bias", 1.0),
            ("directional_accuracy", 0.0),
        ],
    );
    assert_scores(&forecasts(&[(1.0, f64::NAN, 2.0), (1.0, 1.0, 2.0)]), &[]);
    assert_scores(&items(&[(1, f64::NAN), (0, 0.5)]), &[]);
    let one_class = score(&items(&[(1, 0.9), (1, 0.2)]));
    for name in ["auc", "balanced_accuracy"] {
        assert!(!one_class.contains_key(name), "{name}");
    }
    assert_eq!(score(&items(&[(0, 0.9)])).get("average_precision"), None);
}

#[test]
fn a_truth_that_never_changes_has_the_r2_of_scikit_learn() {
    // from sklearn.metrics import r2_score; r2_score([5, 5], [5, 5]), r2_score([5, 5], [5, 6])  # 1.0, 0.0
    let r2 = |second| find("r2").unwrap().of(&forecasts(&[(1.0, 5.0, 5.0), (1.0, second, 5.0)]));
    assert_eq!(r2(5.0), Some(1.0));
    assert_eq!(r2(6.0), Some(0.0));
}

#[test]
fn equal_scores_count_half() {
    let (labels, scores) = ([1, 0, 1, 0], [0.5; 4]);
    assert_eq!(ranking::auc(&labels, &scores), Some(0.5));
    let curve = ranking::roc_curve(&labels, &scores).unwrap();
    assert_eq!(curve.thresholds, [f64::INFINITY, 0.5]);
}

#[test]
fn a_sure_and_wrong_answer_has_a_finite_loss() {
    let loss = ranking::log_loss(&[0], &[1.0]).unwrap();
    assert!((loss - 1e-7f64.ln().abs()).abs() < 1e-6, "{loss}");
}

#[test]
fn every_metric_has_its_own_name_and_task() {
    let names: BTreeSet<&str> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(names.len(), METRICS.len());
    for predictions in [told(&[(1.0, 2.0, 3.0); 2]), items(&[(1, 0.9), (0, 0.1)])] {
        for metric in METRICS {
            let fits = metric.task == predictions.task();
            assert_eq!(metric.of(&predictions).is_some(), fits, "{}", metric.name);
        }
    }
}

/// Fails unless the two agree to 1e-6 of the expected value.
/// What is paired and what is followed is what the metric says, so that no test and no curve is one of another number.
#[test]
fn losses_of_pairs_and_of_histories_average_to_their_metric() {
    let rows = [(10.0, 11.0, 12.0), (12.0, 12.5, 9.0), (9.0, 9.0, 9.5), (9.5, 7.0, 11.0)];
    let regression = told(&rows);
    let naive = rows.iter().map(|(last, _, truth)| (last - truth).abs()).sum::<f64>() / 4.0;
    let binary = items(&[(0, 0.2), (1, 0.5), (1, 0.4), (0, 0.9), (1, 0.7)]);
    let mut seen = 0;
    for metric in METRICS {
        let mean =
            |of: fn(f64, f64) -> f64| rows.iter().map(|(_, forecast, truth)| of(*forecast, *truth)).sum::<f64>() / 4.0;
        let value = metric.of(&regression).or_else(|| metric.of(&binary)).unwrap();
        if let Paired::Values { loss, scale } = metric.paired {
            let mean = match scale {
                Scale::Same => mean(loss.of),
                Scale::Root => mean(loss.of).sqrt(),
                Scale::OverNaive => mean(loss.of) / naive,
                Scale::OverInSample => mean(loss.of) / 2.0,
                Scale::RootOverInSample => (mean(loss.of) / 5.0).sqrt(),
            };
            assert_close(metric.name, mean, value);
            seen += 1;
        }
        match metric.followed {
            Some(Followed::Values(add)) => {
                let (forecasts, truths): (Vec<f64>, Vec<f64>) =
                    rows.iter().map(|(_, forecast, truth)| (*forecast, *truth)).unzip();
                assert_close(metric.name, add(0.0, &forecasts, &truths) / 4.0, value);
            }
            Some(Followed::Logits(of)) => {
                let logits = [-1.4, 0.0, -0.4, 2.2, 0.8].iter().zip([0.0, 1.0, 1.0, 0.0, 1.0]);
                let mean = logits.map(|(logit, truth)| of(*logit, truth)).sum::<f64>() / 5.0;
                assert_close(metric.name, mean, value);
            }
            None => {}
        }
        let fits = match metric.paired {
            Paired::Seeds => true,
            Paired::Values { .. } => metric.task == &REGRESSION,
            Paired::Items(_) => metric.task == &BINARY,
        };
        assert!(fits, "{} is paired by what its task has not", metric.name);
    }
    assert_eq!(seen, 10);
}

fn assert_close(name: &str, found: f64, expected: f64) {
    let tolerance = 1e-6 * expected.abs().max(1e-12);
    assert!((found - expected).abs() <= tolerance, "{name}: {found}, expected {expected}");
}

/// Element by element, with as much room around 0.
fn assert_all_close(name: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (found, expected) in found.iter().zip(expected) {
        let tolerance = 1e-6 * expected.abs().max(1.0);
        assert!((found - expected).abs() <= tolerance, "{name}: {found}, expected {expected}");
    }
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.to_dtype(candle_core::DType::F64).unwrap().flatten_all().unwrap();
    flat.to_vec1().unwrap()
}
