//! Pairs of records: which of them can be compared, and what is found.

use super::*;
use crate::metric::Predictions;
use crate::sample::Sample;

fn group(model: &'static str, seeds: &[Option<u64>], origins: usize, miss: f64) -> Vec<Stored> {
    let sample = |&seed| {
        Sample {
            dataset: "litecoin",
            model,
            horizon: 3,
            seed,
            origins,
            miss,
        }
        .record()
    };
    seeds.iter().map(sample).collect()
}

fn refs(group: &[Stored]) -> Vec<&Stored> {
    group.iter().collect()
}

#[test]
fn a_holdout_pairs_the_seeds_that_both_have() {
    let a = group("lstm", &[Some(0), Some(1), Some(2)], 1, 4.0);
    let b = group("hybrid", &[Some(1), Some(2), Some(3)], 1, 1.0);
    let found = contrast(&refs(&a), &refs(&b), "rmse").unwrap();
    assert_eq!((found.method, found.pairs), (Method::Seeds, 2));
    assert!(found.few);
    let of = |stored: &Stored| stored.record.metrics["rmse"];
    let difference = (of(&a[1]) - of(&b[0]) + of(&a[2]) - of(&b[1])) / 2.0;
    assert!((found.difference - difference).abs() < 1e-12);
}

#[test]
fn a_baseline_is_constant_over_seeds() {
    let network = group("lstm", &[Some(0), Some(1), Some(2)], 1, 4.0);
    let naive = group("naive", &[None], 1, 0.0);
    let found = contrast(&refs(&network), &refs(&naive), "mae").unwrap();
    assert_eq!(found.pairs, 3);
    assert!((found.difference - (found.means[0] - found.means[1])).abs() < 1e-12);
    assert!(found.p.is_some());
}

#[test]
fn one_value_on_each_side_leaves_nothing_to_test() {
    let found = contrast(
        &refs(&group("drift", &[None], 1, 0.0)),
        &refs(&group("naive", &[None], 1, 0.0)),
        "mae",
    );
    let found = found.unwrap();
    assert_eq!((found.p, found.pairs, found.equal), (None, 1, true));
}

#[test]
fn differences_that_do_not_vary_tell_nothing_of_chance() {
    let by = |origins: usize, miss: &dyn Fn(usize) -> f64| {
        let mut found = group("lstm", &[Some(0), Some(1)], origins, 0.0);
        for (seed, stored) in found.iter_mut().enumerate() {
            let Predictions::Regression(forecasts) = &mut stored.record.predictions else {
                panic!("it forecasts");
            };
            for (index, sample) in forecasts.samples_mut().iter_mut().enumerate() {
                sample.forecast = sample.truth.iter().map(|x| x + miss(index + seed)).collect();
            }
            stored.record.metrics = crate::metric::score(&stored.record.predictions);
        }
        found
    };
    // Seeds that are all the same, and origins that are all missed by the same.
    for origins in [1, 40] {
        let (a, b) = (by(origins, &|_| 2.0), by(origins, &|_| 1.0));
        let found = contrast(&refs(&a), &refs(&b), "mae").unwrap();
        assert_eq!((found.p, found.interval, found.varies), (None, None, false), "{origins}");
        assert!((found.difference - 1.0).abs() < 1e-9 && !found.equal);
    }
    // A varying error that is a constant multiple of another one varies.
    let size = |index: usize| (1 + index % 5) as f64;
    let (a, b) = (by(40, &|i| 2.0 * size(i)), by(40, &size));
    assert!(contrast(&refs(&a), &refs(&b), "mae").unwrap().p.is_some());
    // Two seeds that differ as the others do.
    let (a, b) = (by(1, &|i| 2.0 + size(i)), by(1, &size));
    assert!(!contrast(&refs(&a), &refs(&b), "mae").unwrap().varies);
}

#[test]
fn a_backtest_pairs_origins() {
    let a = group("lstm", &[Some(0), Some(1)], 40, 4.0);
    let b = group("hybrid", &[Some(0), Some(1)], 40, 1.0);
    let found = contrast(&refs(&a), &refs(&b), "rmse").unwrap();
    assert_eq!((found.method, found.pairs), (Method::Origins(Scale::Root), 40));
    assert!(!found.few);
    let mse = |group: &[Stored]| {
        let records = group.iter().map(|one| &one.record);
        summary(records, "mse").unwrap().mean
    };
    assert!((found.difference - (mse(&a) - mse(&b))).abs() < 1e-9);
    assert!(found.p.unwrap() < 1e-6);
}

#[test]
fn records_that_keep_a_summary_are_compared_as_those_that_keep_all() {
    let summed_up = |group: &[Stored]| -> Vec<Stored> {
        let mut group = group.to_vec();
        for stored in &mut group {
            stored.record.predictions = stored.record.predictions.clone().kept(metric::Keep::Summary);
        }
        group
    };
    let a = group("lstm", &[Some(0), Some(1)], 40, 4.0);
    let b = group("hybrid", &[Some(0), Some(1)], 40, 1.0);
    for metric in ["rmse", "mae", "mape", "smape", "relative_mae", "r2"] {
        let of_all = contrast(&refs(&a), &refs(&b), metric).unwrap();
        // Both, and one against one that keeps all.
        for b in [&summed_up(&b), &b] {
            let found = contrast(&refs(&summed_up(&a)), &refs(b), metric).unwrap();
            assert_eq!(
                (found.method, found.pairs, found.few),
                (of_all.method, of_all.pairs, of_all.few)
            );
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
            assert!(near(found.difference, of_all.difference), "{metric}");
            assert_eq!(found.p.is_some(), of_all.p.is_some());
            assert!(near(found.p.unwrap_or(1.0), of_all.p.unwrap_or(1.0)), "{metric}");
        }
    }
}

#[test]
fn of_very_many_origins_neighbours_are_one_pair() {
    let a = group("lstm", &[Some(0)], 9_000, 4.0);
    let mut b = group("hybrid", &[Some(0)], 9_000, 1.0);
    let of_all = contrast(&refs(&a), &refs(&b), "mae").unwrap();
    for stored in &mut b {
        stored.record.predictions = stored.record.predictions.clone().kept(metric::Keep::BySize);
    }
    let found = contrast(&refs(&a), &refs(&b), "mae").unwrap();
    assert_eq!((of_all.pairs, of_all.together), (9_000, 1));
    assert_eq!((found.pairs, found.together), (4_500, 2));
    assert!((found.difference - of_all.difference).abs() < 1e-9);
    assert!(found.p.unwrap() < 1e-6);
}

#[test]
fn too_few_origins_leave_the_difference_of_the_means_in_the_unit_of_the_metric() {
    let a = group("lstm", &[Some(0), Some(1)], 3, 4.0);
    let b = group("hybrid", &[Some(0), Some(1)], 3, 1.0);
    for metric in ["rmse", "relative_mae", "mae"] {
        let found = contrast(&refs(&a), &refs(&b), metric).unwrap();
        let mean = |group: &[Stored]| summary(group.iter().map(|one| &one.record), metric).unwrap().mean;
        assert_eq!((found.p, found.difference), (None, mean(&a) - mean(&b)), "{metric}");
        assert!(found.has_own_unit(), "{metric}");
    }
}

#[test]
fn of_many_series_what_is_paired_is_times() {
    let of_many = vec![
        ("2020-01-01, a", 1.0),
        ("2020-01-01, b", 3.0),
        ("2020-01-02, b", 5.0),
        ("2020-01-03, a", 7.0),
    ];
    assert_eq!(
        by_time(of_many),
        [("2020-01-01", 2.0), ("2020-01-02", 5.0), ("2020-01-03", 7.0)]
    );
    let of_one = vec![("2020-01-01", 1.0), ("2020-01-02", 3.0)];
    assert_eq!(by_time(of_one.clone()), of_one);
    assert_eq!(by_time(Vec::new()), []);
}
