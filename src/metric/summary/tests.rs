//! A summary gives what all forecasts give, is small, and tells when it contradicts itself.

use super::*;
use crate::data::ForecastTarget;
use crate::metric::{Forecasts, InSample, Keep, Last, METRICS, Metric, Predictions, score};
use crate::rng;

/// Forecasts from one origin a day, from `2000-01-01` on as far as their names go.
fn forecasts(windows: usize, horizon: usize) -> Vec<Forecast> {
    let mut chance = rng::stream(7, "summary", windows as u64, horizon as u64);
    let window = |index: usize| {
        let truth: Vec<f64> = (0..horizon)
            .map(|step| 50.0 + ((index + step) as f64 / 9.0).sin() * 20.0)
            .collect();
        Forecast {
            origin: format!("2{index:07}"),
            last: (50.0 + ((index as f64 - 1.0) / 9.0).sin() * 20.0).into(),
            forecast: truth.iter().map(|truth| truth + chance.normal()).collect(),
            truth,
            quantiles: Vec::new(),
        }
    };
    (0..windows).map(window).collect()
}

fn predictions(samples: &[Forecast]) -> Predictions {
    let told = vec![ForecastTarget {
        name: "Price".to_owned(),
        mean: 40.0,
        deviation: 20.0,
    }];
    let before = InSample::of(&[&[1.0, 4.0, 2.0]], 1);
    Predictions::Regression(Forecasts::of_targets(told, "USD".to_owned(), samples.to_vec())).with_in_sample(before)
}

/// As near as the check of a record asks for.
fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

#[test]
fn every_metric_is_that_of_all_forecasts() {
    // Each by itself, and three together with a rest.
    for (windows, horizon) in [(1, 1), (40, 7), (20_000, 1)] {
        let all = predictions(&forecasts(windows, horizon));
        let summed_up = all.clone().kept(Keep::Summary);
        let (all, short) = (score(&all), score(&summed_up));
        assert_eq!(all.keys().collect::<Vec<_>>(), short.keys().collect::<Vec<_>>());
        let of_quantiles = ["pinball", "coverage", "mean_width", "msis"];
        let is_own = |metric: &&Metric| metric.task == summed_up.task() && !of_quantiles.contains(&metric.name);
        let own = METRICS.iter().filter(is_own).count();
        assert_eq!(all.len(), if windows > 1 { own } else { own - 1 }, "R² takes two windows");
        for (name, value) in &all {
            assert!(is_near(*value, short[name]), "{name}: {value} {}", short[name]);
        }
    }
}

#[test]
fn what_is_undefined_stays_undefined() {
    let mut samples = forecasts(40, 2);
    samples[3].truth[1] = 0.0;
    let short = predictions(&samples).kept(Keep::Summary);
    let scores = score(&short);
    assert!(!scores.contains_key("mape") && scores.contains_key("smape"));
    // A truth that never changes and is forecast perfectly.
    for sample in &mut samples {
        sample.truth.fill(5.0);
        sample.forecast.fill(5.0);
        sample.last = 5.0.into();
    }
    let short = predictions(&samples).kept(Keep::Summary);
    assert_eq!(score(&predictions(&samples)), score(&short));
    assert_eq!(score(&short).get("r2"), Some(&1.0));
}

#[test]
fn what_follows_from_no_sum_is_kept_with_the_version_of_its_formulas() {
    let mut short = Forecasts::new(String::new(), forecasts(50, 4)).kept(Keep::Summary);
    let names = ["median_error", "max_error", "directional_accuracy"];
    let defined = |forecasts: &Forecasts| {
        let scores = score(&Predictions::Regression(forecasts.clone()));
        names.map(|name| scores.contains_key(name))
    };
    assert_eq!(defined(&short), [true; 3]);
    let text = serde_json::to_value(&short).unwrap();
    let mut older = text.clone();
    older["summary"].as_object_mut().unwrap().remove("of_all");
    let mut of_another = text.clone();
    of_another["summary"]["of_all"]["version"] = (OF_ALL + 1).into();
    for other in [older, of_another] {
        short = serde_json::from_value(other.clone()).unwrap();
        assert_eq!(defined(&short), [false; 3]);
        assert_eq!(serde_json::to_value(&short).unwrap(), other, "it is written as it was read");
    }
}

#[test]
fn wide_forecasts_and_many_make_a_small_record() {
    for (windows, horizon) in [(2785, 96), (20_000, 24), (300, 720), (3_900, 1)] {
        let kept = predictions(&forecasts(windows, horizon)).kept(Keep::BySize);
        let text = serde_json::to_string_pretty(&serde_json::to_value(&kept).unwrap()).unwrap();
        assert!(text.len() < 950_000, "{windows} x {horizon}: {}", text.len());
        let back: Predictions = serde_json::from_str(&text).unwrap();
        assert_eq!(back, kept);
        let found = back.forecasts().unwrap();
        assert_eq!((found.count(), found.horizon()), (windows, horizon));
        let summary = found.summary().unwrap();
        summary.check(found.whole(), found.targets(), &[], is_near).unwrap();
    }
    let few = predictions(&forecasts(60, 7));
    assert_eq!(few.clone().kept(Keep::BySize), few);
    let many = predictions(&forecasts(2785, 96));
    assert_eq!(many.clone().kept(Keep::All), many);
}

#[test]
fn the_windows_kept_whole_are_spread_and_the_worst_are_among_them() {
    let mut samples = forecasts(2785, 96);
    samples[1234].forecast.fill(1e6);
    let kept = predictions(&samples).kept(Keep::BySize);
    let whole = kept.forecasts().unwrap().whole();
    assert_eq!(whole.len(), 12);
    let origins: Vec<&str> = whole.iter().map(|one| &*one.origin).collect();
    assert!(origins.is_sorted() && origins.contains(&&*samples[1234].origin));
    assert_eq!((&whole[0], whole.last().unwrap()), (&samples[0], &samples[2784]));
}

#[test]
fn losses_of_windows_are_those_of_the_forecasts() {
    let samples = forecasts(9_000, 3);
    let Predictions::Regression(all) = predictions(&samples) else {
        panic!("forecasts");
    };
    let short = all.clone().kept(Keep::BySize);
    assert_eq!((all.together(), short.together()), (1, 2));
    for loss in VALUE_LOSSES {
        let (of_all, of_short) = (all.losses(loss, 2).unwrap(), short.losses(loss, 2).unwrap());
        assert_eq!(of_all.len(), 4_500);
        for ((origin, value), (other, short)) in of_all.iter().zip(&of_short) {
            assert!(origin == other && is_near(*value, *short), "{origin}: {value} {short}");
        }
        assert_eq!(short.losses(loss, 1), None, "two that stand together are not told apart");
    }
}

#[test]
fn a_summary_that_contradicts_itself_is_told() {
    let kept = Forecasts::new(String::new(), forecasts(50, 4)).kept(Keep::Summary);
    type Lie = (&'static str, fn(&mut Summary, &mut Vec<Forecast>));
    let lies: [Lie; 13] = [
        ("no window whole", |_, whole| whole.clear()),
        ("windows, 0 together", |summary, _| summary.every = 0),
        ("origins of its summary", |summary, _| summary.windows += 1),
        ("in the order of time", |summary, _| summary.origins.swap(3, 4)),
        ("not the first and the last", |_, whole| drop(whole.pop())),
        ("no squared loss for each window", |summary, _| {
            summary.losses.get_mut("squared").unwrap().push(1.0);
        }),
        ("no sums for each of 4 steps", |summary, _| summary.steps.spread.truncate(3)),
        ("do not add up to the same", |summary, _| summary.steps.squared[0] *= 1.001),
        ("percentiles of its errors", |summary, _| {
            summary.errors.percentiles.get_mut("p05").unwrap()[1] = 1e9;
        }),
        ("observed values outside", |summary, _| summary.truth.range = Some([0.0, 1.0])),
        ("its errors cannot have", |summary, _| {
            summary.of_all.as_mut().unwrap().max_error /= 2.0
        }),
        ("its errors cannot have", |summary, _| {
            let median = summary.of_all.as_mut().unwrap().median_error.as_mut();
            *median.unwrap() *= 9.0;
        }),
        ("does not follow from its forecast", |_, whole| whole[1].forecast[0] += 1e-3),
    ];
    for (told, lie) in lies {
        let (mut summary, mut whole) = (kept.summary().unwrap().clone(), kept.whole().to_vec());
        summary.check(&whole, &[], &[], is_near).unwrap();
        lie(&mut summary, &mut whole);
        let error = summary.check(&whole, &[], &[], is_near).unwrap_err();
        assert!(error.contains(told), "{told}: {error}");
    }
}

#[test]
fn a_brief_summary_of_several_targets_gives_the_same() {
    let (windows, horizon, targets) = (1_100, 90, 7);
    let mut chance = rng::stream(8, "brief", 0, 0);
    let told: Vec<ForecastTarget> = (0..targets)
        .map(|target| ForecastTarget {
            name: format!("column {target}"),
            mean: 50.0,
            deviation: 1.0 + target as f64,
        })
        .collect();
    let window = |index: usize| {
        let truth: Vec<f64> = (0..horizon * targets)
            .map(|column| 50.0 + ((index + column / targets) as f64 / 9.0).sin() * 20.0 + (column % targets) as f64)
            .collect();
        Forecast {
            origin: format!("2{index:07}"),
            last: Last::new(vec![50.0; targets]).unwrap(),
            forecast: truth.iter().map(|truth| truth + 0.1 + chance.normal()).collect(),
            truth,
            quantiles: Vec::new(),
        }
    };
    let samples: Vec<Forecast> = (0..windows).map(window).collect();
    let all = Predictions::Regression(Forecasts::of_targets(told, String::new(), samples));
    let brief = all.clone().kept(Keep::Summary);
    let summary = brief.forecasts().unwrap().summary().unwrap();
    assert_eq!((summary.every, summary.origins.len()), (4, 275));
    assert_eq!(summary.steps.grouped, Some(Grouped { horizon, together: 2 }));
    summary
        .check(
            brief.forecasts().unwrap().whole(),
            brief.forecasts().unwrap().targets(),
            &[],
            is_near,
        )
        .unwrap();
    let (long, short) = (score(&all), score(&brief));
    assert_eq!(long.keys().collect::<Vec<_>>(), short.keys().collect::<Vec<_>>());
    for (name, value) in &long {
        assert!(is_near(*value, short[name]), "{name}: {value} {}", short[name]);
    }
    let mse = crate::metric::find("scaled_mse").unwrap();
    let (of_all, of_brief) = (mse.of_first(&all, 1_024), mse.of_first(&brief, 1_024));
    assert!(
        of_all.zip(of_brief).is_some_and(|(a, b)| is_near(a, b)),
        "{of_all:?} {of_brief:?}"
    );
    assert_eq!(mse.of_first(&brief, 1_022), None, "no place ends there");
    assert_eq!(mse.of_first(&all, 1_101), None);
    let Predictions::Regression(_) = serde_json::from_value(serde_json::to_value(&brief).unwrap()).unwrap() else {
        panic!("forecasts");
    };
}
