//! Every baseline of a series, and the metrics that are measured with what comes before the test.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::project::Project;

const WEEKLY: &str = r#"
title = "A rhythm of a week"

[dataset.weekly]
kind = "simulated_prices"
days = 300
volatility = 0.005
reversion = 0.3
season = { amplitude = 0.05, length = 7 }

[window]
lookback = 28
horizon = 7
season = 7

[split]
kind = "backtest"
origins = 20

[model.naive]
kind = "last_value"

[model.drift]
kind = "drift"

[model.lookback]
kind = "lookback_mean"

[model.mean]
kind = "training_mean"

[model.weekly]
kind = "seasonal_naive"
season = 7

[model.ets]
kind = "ets"
season = 7

[model.ets_lookback]
kind = "ets"
trend = "damped"
season = 7
fit_on = "lookback"

[model.theta]
kind = "theta"
season = 7

[model.theta_lookback]
kind = "theta"
season = 7
fit_on = "lookback"

[model.linear]
kind = "linear_regression"

[grid]
model = ["naive", "drift", "lookback", "mean", "weekly", "ets", "ets_lookback", "theta", "theta_lookback", "linear"]

[[report.table]]
title = "Errors"
rows = ["model"]
columns = ["mase", "rmsse", "median_error", "max_error", "bias", "directional_accuracy"]
"#;

/// The records by the name of their model.
fn records(project: &Project) -> BTreeMap<String, Value> {
    let records = project.records("results").into_values();
    let named = records.map(|record| {
        (
            record["configuration"]["model"]["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            record,
        )
    });
    named.collect()
}

#[test]
fn baselines_that_know_the_season_beat_those_that_do_not_and_all_are_scaled_alike() {
    let project = Project::new();
    project.write("experiments/weekly.toml", WEEKLY);
    project.run(&["sweep", "experiments"]).exits(0);
    let found = records(&project);
    assert_eq!(found.len(), 10);
    let mase = |model: &str| found[model]["metrics"]["mase"].as_f64().expect("it is defined");
    for model in ["weekly", "ets", "ets_lookback", "theta", "theta_lookback", "linear"] {
        for blind in ["naive", "drift", "lookback", "mean"] {
            assert!(mase(model) < mase(blind), "{model} {}, {blind} {}", mase(model), mase(blind));
        }
    }
    let before = &found["naive"]["predictions"]["in_sample"];
    assert_eq!(before["season"], json!(7));
    for (model, record) in &found {
        assert_eq!(record["predictions"]["in_sample"], *before, "{model}");
        for metric in ["mase", "rmsse", "median_error", "max_error", "bias", "directional_accuracy"] {
            assert!(record["metrics"][metric].is_number(), "{model} has no {metric}");
        }
    }
    let page = project.read("results/report.html");
    for label in [
        "MASE",
        "RMSSE",
        "Median error",
        "Maximum error",
        "Bias",
        "Directional accuracy",
    ] {
        assert!(page.contains(label), "{label}");
    }
    project.run(&["sweep", "experiments"]).exits(0).says("nothing to run");
    // A season of 1 is the default and stands nowhere; another one is another measure.
    project.edit(
        "experiments/weekly.toml",
        "\nseason = 7\n\n[split]",
        "\nseason = 5\n\n[split]",
    );
    project
        .run(&["list", "experiments"])
        .exits(0)
        .says("stale: window.season 7 → 5");
    project.edit(
        "experiments/weekly.toml",
        "\nseason = 5\n\n[split]",
        "\nseason = 1\n\n[split]",
    );
    project.run(&["sweep", "experiments"]).exits(0);
    let found = records(&project);
    assert_eq!(found["ets"]["predictions"]["in_sample"]["season"], json!(1));
    assert!(found["ets"]["configuration"]["window"].get("season").is_none());
}
