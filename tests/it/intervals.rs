//! `[intervals]`: what a record has of intervals around its forecasts.

use serde_json::{Value, json};

use crate::project::Project;

const INTERVALS: &str = "[intervals]\nkind = \"conformal\"\ncoverage = 0.8\n\n[grid]";

/// The small project with intervals around its forecasts.
fn project() -> Project {
    let project = Project::small();
    let file = "experiments/small.toml";
    project.edit(file, "days = 90", "days = 200");
    project.edit(file, "origins = 10", "origins = 40");
    project.edit(file, "[grid]", INTERVALS);
    project
}

fn record(project: &Project, id: &str) -> Value {
    serde_json::from_str(&project.small_record(id)).expect("a record is JSON")
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list").iter();
    list.map(|number| number.as_f64().expect("a number")).collect()
}

#[test]
fn records_have_intervals_of_one_width_at_each_step_and_what_they_hold() {
    let project = project();
    project.run(&["check", "experiments"]).exits(0);
    project.run(&["sweep", "experiments"]).exits(0).says("5 trained");
    for id in ["simulated,lstm,seed=0", "simulated,hybrid,seed=1", "simulated,naive"] {
        let record = record(&project, id);
        let predictions = &record["predictions"];
        assert_eq!(predictions["levels"], json!([0.1, 0.9]), "{id}");
        // 198 - 8 - 2 - 39 windows lie before the test: 30 are for validation, of which 15 calibrate.
        let calibration = &predictions["calibration"];
        assert_eq!(calibration["windows"], json!(15), "{id}");
        let ends = numbers(&calibration["half_widths"][0]);
        let (mut inside, mut all) = (0, 0);
        for sample in predictions["samples"].as_array().expect("all are kept") {
            let [forecast, truth] = [&sample["forecast"], &sample["truth"]].map(numbers);
            let [low, high] = [0, 1].map(|end| numbers(&sample["quantiles"][end]));
            for step in 0..2 {
                assert!((forecast[step] - low[step] - ends[step]).abs() < 1e-9, "{id}");
                assert!((high[step] - forecast[step] - ends[step]).abs() < 1e-9, "{id}");
                inside += usize::from((low[step]..=high[step]).contains(&truth[step]));
                all += 1;
            }
            assert!(sample["origin"].as_str() > calibration["origins"][1].as_str(), "{id}");
        }
        assert_eq!(all, 80);
        assert_eq!(record["metrics"]["coverage"], json!(inside as f64 / 80.0), "{id}");
        for metric in ["pinball", "mean_width", "msis"] {
            assert!(record["metrics"][metric].as_f64() > Some(0.0), "{id}: {metric}");
        }
        assert_eq!(
            record["configuration"]["intervals"],
            json!({ "kind": "conformal", "coverage": 0.8 })
        );
        assert_eq!(record["configuration"]["split"]["validation"], json!(0.2), "{id}");
        assert_eq!(record["key"]["code"]["intervals.conformal"], json!(1), "{id}");
    }
    let page = project.read("results/report.html");
    for told in [
        "promise to hold 0.800 of the observed values and hold",
        "calibrated on 15 validation windows",
        "blocks of forecasts that do not overlap",
    ] {
        assert!(page.contains(told), "{told}");
    }
    project.run(&["sweep", "experiments"]).exits(0).says("nothing to run");
    project.edit("experiments/small.toml", "coverage = 0.8", "coverage = 0.7");
    project
        .run(&["list", "experiments"])
        .exits(0)
        .says("stale: intervals.coverage 0.8 → 0.7");
    let explained = project.run(&["explain", "simulated,lstm,seed=0", "experiments"]).exits(0);
    explained.says("intervals.coverage").says("experiments/small.toml:");
}

#[test]
fn the_same_seed_gives_the_same_intervals_whatever_runs_beside() {
    let project = project();
    let sweep = |results: &str, jobs: &str| {
        let cache = format!("cache of {results}");
        project
            .run(&[
                "sweep",
                "experiments",
                "--results",
                results,
                "--cache",
                &cache,
                "--jobs",
                jobs,
            ])
            .exits(0)
            .says("5 trained");
    };
    sweep("alone", "1");
    sweep("beside", "3");
    assert_eq!(project.records("alone"), project.records("beside"));
}

#[test]
fn early_stopping_sees_the_first_half_alone() {
    let project = project();
    let file = "experiments/small.toml";
    // Whatever coverage is asked for, the network is the same; without intervals it watches all validation windows.
    project.edit(file, "seed = [0, 1]", "seed = [0]\nintervals.coverage = [0.5, 0.8, 0.9]");
    project.edit(
        file,
        "model = [\"lstm\", \"hybrid\", \"naive\"]",
        "model = [\"lstm\", \"naive\"]",
    );
    project.run(&["sweep", "experiments"]).exits(0).says("6 done");
    let of = |coverage: &str| record(&project, &format!("simulated,lstm,coverage={coverage},seed=0"));
    let (narrow, wide) = (of("0.5"), of("0.9"));
    assert_eq!(narrow["history"], wide["history"]);
    assert_eq!(narrow["metrics"]["mae"], wide["metrics"]["mae"]);
    let width = |record: &Value| record["metrics"]["mean_width"].as_f64();
    assert!(width(&narrow) < width(&wide));
    project.edit(file, "\nintervals.coverage = [0.5, 0.8, 0.9]", "");
    project.edit(file, INTERVALS, "[grid]");
    project.run(&["sweep", "experiments", "--results", "without"]).exits(0);
    let without = &project.records("without")[std::path::Path::new("small/cells/simulated,lstm,seed=0.json")];
    assert_eq!(without["history"]["loss"], wide["history"]["loss"]);
    assert_ne!(without["history"]["validation_loss"], wide["history"]["validation_loss"]);
    assert!(without["predictions"].get("calibration").is_none() && without["configuration"].get("intervals").is_none());
}

#[test]
fn windows_that_are_too_few_are_told_before_anything_is_trained() {
    let project = project();
    project.edit("experiments/small.toml", "coverage = 0.8", "coverage = 0.95");
    for command in ["check", "sweep"] {
        let told = project.run(&[command, "experiments"]).exits(1);
        told.says("take the errors of 19 windows at least, and 15 calibrate: the last half of 30 windows for validation")
            .says("raise `split.validation`, or lower `intervals.coverage`");
    }
    assert!(project.records("results").is_empty());
    // What a dataset says of its own is nearer.
    project.edit(
        "experiments/small.toml",
        "days = 200",
        "days = 200\nintervals = { kind = \"conformal\", coverage = 0.9 }",
    );
    project.run(&["check", "experiments"]).exits(0);
}

/// Two shops of which one sells a hundred times as much, of which a record may hold no value.
#[test]
fn each_of_many_series_has_intervals_as_wide_as_its_own_errors() {
    let project = Project::new();
    let mut rows = "day,shop,sold\n".to_owned();
    for (shop, size) in [("acme", 1), ("bolt", 100)] {
        // A walk that comes to no end: 7 and 11 have no common factor with 23.
        for day in 0..120 {
            let sold = size * (50 + day * 7 % 23 - day * 11 % 19);
            rows.push_str(&format!("2020-{:02}-{:02},{shop},{sold}\n", day / 28 + 1, day % 28 + 1));
        }
    }
    project.write("data/shops.csv", &rows);
    project.write(
        "experiments/shops.toml",
        r#"
        [dataset.shops]
        kind = "series"
        file = "shops.csv"
        time = "day"
        frequency = "any"
        by = "shop"
        features = ["sold"]
        target = "sold"
        publish = false

        [window]
        lookback = 4
        horizon = 2

        [split]
        kind = "borders"
        train = "2020-03-01"
        validation = "2020-04-10"

        [model.naive]
        kind = "last_value"

        [intervals]
        kind = "conformal"
        coverage = 0.8

        [grid]
        model = ["naive"]
        "#,
    );
    project.run(&["sweep", "experiments"]).exits(0).says("1 done");
    project.run(&["list", "experiments"]).exits(0).says("1 done");
    let records = project.records("results");
    let record = records.values().next().expect("there is one");
    let series = record["predictions"]["series"].as_array().expect("there are two");
    let [acme, bolt] = [0, 1].map(|one| &series[one]["metrics"]);
    let width = |metrics: &Value| metrics["mean_width"].as_f64().expect("a width");
    assert!((width(bolt) / width(acme) - 100.0).abs() < 1e-9);
    assert_eq!(acme["coverage"], bolt["coverage"]);
    assert_eq!(acme["msis"], bolt["msis"], "which has no unit");
    let calibration = &record["predictions"]["calibration"];
    let windows = calibration["windows"].as_u64().expect("a number");
    assert!(windows > 0 && windows.is_multiple_of(2));
    assert_eq!(calibration["origins"][1], json!("2020-04-07, bolt"));
    assert_eq!(record["predictions"]["samples"], json!([]));
}
