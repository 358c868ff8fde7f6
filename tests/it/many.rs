//! Many series in one file, from the file to the record.

use serde_json::Value;

use crate::project::Project;

const EXPERIMENT: &str = r#"
title = "Shops"
seed = 0

[dataset.shops]
kind = "series"
file = "shops.csv"
time = "day"
frequency = "1d"
by = "shop"
features = ["sold"]
target = "sold"
calendar = ["weekday"]

[window]
lookback = 7
horizon = 2
season = 7
transform = "log_return"

[split]
kind = "borders"
train = 2024-02-20
validation = 2024-03-05

[model.mean]
kind = "training_mean"

[model.gru]
kind = "gru"
hidden = [4]

[train]
epochs = 3
batch_size = 16
loss = "mse"
optimizer = "adam"
learning_rate = 0.01

[grid]
model = ["mean", "gru"]
"#;

/// So many days of each shop up to the last of March, the rows of all shops mixed by day.
fn shops(lengths: &[(&str, i64, f64)]) -> String {
    let mut rows = Vec::new();
    for (shop, days, level) in lengths {
        for ago in 0..*days {
            let day = jiff::civil::date(2024, 3, 31).saturating_sub(jiff::Span::new().days(ago));
            let sold = level * (1.0 + 0.1 * f64::from(day.weekday().to_monday_zero_offset()) + 0.01 * (ago % 5) as f64);
            rows.push(format!("{day},{shop},{sold:.3}\n"));
        }
    }
    rows.sort();
    format!("day,shop,sold\n{}", rows.concat())
}

fn project() -> Project {
    let project = Project::new();
    project.write("data/shops.csv", &shops(&[("north", 90, 100.0), ("east", 70, 7.0)]));
    project.write("experiments/shops.toml", EXPERIMENT);
    project
}

#[test]
fn one_network_learns_from_all_and_each_has_its_scores() {
    let project = project();
    project
        .run(&["check", "experiments"])
        .exits(0)
        .says("2 series of 70 to 90 rows: `east`, `north`");
    project.run(&["sweep", "experiments"]).exits(0).says("2 done");
    let again = [
        "sweep",
        "experiments",
        "--results",
        "again",
        "--cache",
        "other",
        "--jobs",
        "1",
    ];
    project.run(&again).exits(0);
    let (records, same) = (project.records("results"), project.records("again"));
    assert!(records == same && records.len() == 2, "the same bytes");
    for record in records.values() {
        let predictions = &record["predictions"];
        let number = |value: &Value| value.as_f64().expect("a number");
        let [east, north] = [0, 1].map(|place| &predictions["series"][place]);
        assert_eq!((east["name"].as_str(), north["name"].as_str()), (Some("east"), Some("north")));
        assert_eq!(predictions["samples"][1]["origin"], "2024-03-04, north");
        // Each has as many windows, so that the mean over all is that over both.
        let mae = |one: &Value| number(&one["metrics"]["mae"]);
        assert_eq!(east["windows"], north["windows"]);
        assert!((number(&record["metrics"]["mae"]) - (mae(east) + mae(north)) / 2.0).abs() < 1e-9);
        let mase = |one: &Value| number(&one["metrics"]["mase"]);
        assert!((number(&record["metrics"]["mase"]) - (mase(east) + mase(north)) / 2.0).abs() < 1e-9);
    }
    // Scores that do not follow from the forecasts are told.
    let name = "results/shops/cells/shops,mean.json";
    let text = project.read(name);
    let mut record: Value = serde_json::from_str(&text).expect("a record is JSON");
    record["predictions"]["series"][0]["metrics"]["mae"] = 0.5.into();
    project.write(name, &record.to_string());
    project
        .run(&["list", "experiments"])
        .exits(0)
        .says("of its series \"east\" does not follow from its predictions");
}

#[test]
fn a_series_that_is_too_short_is_named() {
    let project = project();
    project.write(
        "data/shops.csv",
        &shops(&[("north", 90, 100.0), ("east", 28, 7.0), ("west", 30, 9.0)]),
    );
    project
        .run(&["check", "experiments"])
        .exits(1)
        .says("series `east`: `split.train`")
        .says("so it is with `west`, of 3 series");
}
