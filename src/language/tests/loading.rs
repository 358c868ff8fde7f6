//! From files to experiments.

use serde_json::json;

use super::{Folder, SMALL, experiment};
use crate::language::Experiment;
use crate::language::configuration::without_idle;

/// The first example of the documentation.
const PRICES: &str = r#"
title = "Price forecasting: LSTM against LSTM+GRU"
seed = 0

[dataset.litecoin]
kind = "prices"
file = "crypto/litecoin.csv"
features = ["Price"]
target = "Price"

[dataset.monero]
kind = "prices"
file = "crypto/monero.csv"
features = ["Price"]
target = "Price"

[window]
lookback = 30
horizon = 1
scale = "min-max"
fit_scale_on = "all"

[split]
kind = "holdout"
validation = 0.0

[model.lstm]
kind = "lstm"
hidden = [30]
dense = [30]

[model.hybrid]
kind = "lstm_gru"
lstm = [30, 50]
gru = [30]
dropout = 0.1
dense = [30]

[model.naive]
kind = "last_value"

[train]
epochs = 100
batch_size = 32
loss = "mse"
optimizer = "adam"
learning_rate = 0.001

[grid]
dataset = ["litecoin", "monero"]
model = ["lstm", "hybrid", "naive"]
window.horizon = [1, 3, 7]
seed = { from = 0, to = 4 }

[[report.table]]
title = "Table 1. Forecast horizon 1 day"
where = { window.horizon = 1 }
rows = ["model", "dataset"]
columns = ["mse", "rmse", "mae", "mape"]

[[report.figure]]
kind = "learning_curves"
each = ["dataset", "window.horizon"]
lines = "model"
"#;

#[test]
fn the_price_study_expands() {
    let experiment = experiment(PRICES);
    // Two networks with five seeds, and one baseline without.
    assert_eq!(experiment.cells.len(), 2 * 3 * (2 * 5 + 1));
    let ids: Vec<&str> = experiment.cells.iter().map(|cell| cell.id.as_str()).collect();
    for id in [
        "litecoin,lstm,horizon=1,seed=0",
        "litecoin,lstm,horizon=7,seed=3",
        "monero,naive,horizon=3",
    ] {
        assert!(ids.contains(&id), "{id} is missing in {ids:#?}");
    }
    assert_eq!(experiment.title, "Price forecasting: LSTM against LSTM+GRU");
    assert_eq!(experiment.report.table[0].filter["window.horizon"], 1);
}

#[test]
fn a_configuration_is_shaped_as_the_file() {
    let experiment = experiment(PRICES);
    let cell = experiment
        .cells
        .iter()
        .find(|cell| cell.id == "monero,lstm,horizon=1,seed=2")
        .unwrap();
    assert_eq!(
        cell.configuration(),
        json!({
            "dataset": {
                "name": "monero", "kind": "prices", "file": "crypto/monero.csv", "features": ["Price"],
                "target": "Price", "date": "Date", "calendar": "daily", "unit": "",
            },
            "model": { "name": "lstm", "kind": "lstm", "hidden": [30], "dense": [30], "dropout": 0.0 },
            "seed": 2,
            "split": { "kind": "holdout", "validation": 0.0 },
            "train": {
                "epochs": 100, "batch_size": 32, "loss": "mse", "learning_rate": 0.001,
                "optimizer": { "kind": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8 },
            },
            "window": {
                "lookback": 30, "horizon": 1, "scale": "min-max", "fit_scale_on": "all", "transform": "none",
            },
        })
    );
    let key = without_idle(&cell.configuration());
    for path in [
        "/dataset/name",
        "/dataset/file",
        "/dataset/unit",
        "/dataset/calendar",
        "/model/name",
    ] {
        assert_eq!(key.pointer(path), None, "{path}");
    }
    assert_eq!(key["dataset"]["target"], "Price");
}

#[test]
fn a_plan_survives_json() {
    let text = format!(
        "{}model = [\"lstm\", \"naive\"]\nseed = [0, 18446744073709551615]\ntrain.learning_rate = [0.1, 1e-7, 0.30000000000000004]\n",
        SMALL.replace(
            "kind = \"simulated_prices\"",
            "kind = \"simulated_prices\"\nseed = 9007199254740993"
        )
    );
    let plan = vec![experiment(&text), experiment(PRICES)];
    let there = serde_json::to_string(&plan).unwrap();
    let back: Vec<Experiment> = serde_json::from_str(&there).unwrap();
    assert_eq!(back, plan);
}

#[test]
fn a_file_extends_another() {
    let folder = Folder::new(&[
        ("prices.toml", PRICES),
        (
            "backtest.toml",
            r#"
extends = "prices.toml"
title = "Backtest"

[window]
fit_scale_on = "train"

[split]
kind = "backtest"
origins = 60

[model.lstm]
kind = "drift"

[grid]
"window.horizon" = [7]
seed = { from = 0, to = 2 }

[[report.table]]
title = "All"
rows = ["model"]
columns = ["rmse"]
"#,
        ),
    ]);
    let experiments = folder.load(&["backtest.toml", "prices.toml"], &[]).unwrap();
    let backtest = &experiments[0];
    assert_eq!((backtest.name.as_str(), backtest.title.as_str()), ("backtest", "Backtest"));
    // Per dataset: the hybrid with three seeds, drift, naive.
    assert_eq!(backtest.cells.len(), 2 * (3 + 1 + 1));
    let hybrid = backtest.cells.iter().find(|cell| cell.model_name == "hybrid").unwrap();
    let configuration = hybrid.configuration();
    assert_eq!(
        configuration["split"],
        json!({ "kind": "backtest", "origins": 60, "stride": 1, "validation": 0.0 })
    );
    assert_eq!(configuration["window"]["fit_scale_on"], "train");
    assert_eq!(configuration["window"]["lookback"], 30);
    assert_eq!(backtest.report.table.len(), 1);
    // What is not given again stays: the figure.
    assert_eq!(backtest.report.figure.len(), 1);
    assert_eq!(experiments[1].cells.len(), 66);
}

#[test]
fn options_change_settings_and_axes() {
    let folder = Folder::new(&[(
        "small.toml",
        &format!(
            "{SMALL}model = [\"lstm\", \"naive\"]\nseed = [0, 1]\n[[grid.zip]]\ntrain.epochs = [2, 4]\ntrain.batch_size = [8, 16]\n"
        ),
    )]);
    let ids = |set: &[(&str, &str)]| -> Vec<String> {
        let experiments = folder.load(&["small.toml"], set).unwrap();
        experiments[0]
            .cells
            .iter()
            .map(|cell| cell.id.replace("simulated,", ""))
            .collect()
    };
    assert_eq!(ids(&[("model", "naive")]), ["naive"]);
    // An axis keeps its one value in the name, which so is the one that the whole grid gives.
    assert_eq!(
        ids(&[("model", "lstm"), ("seed", "1"), ("train.epochs", "3")]),
        ["lstm,batch_size=8,epochs=3,seed=1", "lstm,batch_size=16,epochs=3,seed=1",]
    );
    assert_eq!(ids(&[("model", "lstm"), ("window.scale", "none"), ("seed", "0")]).len(), 2);
    let experiments = folder.load(&["small.toml"], &[("train.optimizer.beta1", "0.5")]).unwrap();
    assert_eq!(experiments[0].cells[0].configuration()["train"]["optimizer"]["beta1"], 0.5);
}

#[test]
fn a_folder_is_read_in_order() {
    let text = format!("{SMALL}model = [\"naive\"]\n");
    let folder = Folder::new(&[("b.toml", &text), ("a.toml", &text), ("notes.md", "")]);
    let experiments = folder.load(&[""], &[]).unwrap();
    let names: Vec<&str> = experiments.iter().map(|experiment| experiment.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn printed_values_stay_text() {
    let text = format!(
        "{SMALL}model = [\"lstm\", \"naive\"]\n[[report.table]]\ntitle = \"All\"\nrows = [\"model\"]\ncolumns = [\"rmse\"]\nreference = \"printed.csv\"\n"
    );
    let folder = Folder::new(&[("small.toml", &text), ("printed.csv", "model,rmse\nlstm,0.0210\nnaive, 4\n")]);
    let experiments = folder.load(&["small.toml"], &[]).unwrap();
    let rows = &experiments[0].reference["printed.csv"];
    assert_eq!(rows[0]["rmse"], "0.0210");
    assert_eq!(rows[1]["rmse"], "4");
}
