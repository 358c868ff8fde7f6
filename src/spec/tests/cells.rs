//! From the grid to the cells.

use std::time::Instant;

use serde_json::json;

use super::{Folder, experiment, ids};
use crate::spec::Experiment;
use crate::spec::configuration::without_idle;

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

/// One dataset and two models; each test adds its own grid.
const SMALL: &str = r#"
[dataset.simulated]
kind = "simulated_prices"

[window]
lookback = 8
horizon = 1

[split]
kind = "holdout"

[model.lstm]
kind = "lstm"
hidden = [4]

[model.naive]
kind = "last_value"

[train]
epochs = 2
batch_size = 32
loss = "mse"
optimizer = "adam"
learning_rate = 0.01

[grid]
"#;

fn small(grid: &str) -> Vec<String> {
    let ids = ids(&format!("{SMALL}{grid}"));
    ids.into_iter()
        .map(|id| id.replace("dataset=simulated,", ""))
        .collect()
}

#[test]
fn the_price_study_expands() {
    let experiment = experiment(PRICES);
    // Two networks with five seeds, and one baseline without.
    assert_eq!(experiment.cells.len(), 2 * 3 * (2 * 5 + 1));
    let ids: Vec<&str> = experiment
        .cells
        .iter()
        .map(|cell| cell.id.as_str())
        .collect();
    for id in [
        "dataset=litecoin,model=lstm",
        "dataset=litecoin,model=lstm,seed=3,window.horizon=7",
        "dataset=monero,model=naive,window.horizon=3",
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
        .find(|cell| cell.id == "dataset=monero,model=lstm,seed=2")
        .unwrap();
    assert_eq!(
        cell.configuration(),
        json!({
            "dataset": {
                "name": "monero", "kind": "prices", "file": "crypto/monero.csv", "features": ["Price"],
                "target": "Price", "date": "Date", "calendar": "daily", "unit": "USD",
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
fn a_baseline_reads_no_training_no_seed_and_no_scaling() {
    let grid = r#"
        model = ["naive"]
        seed = [0, 1, 2]
        train.epochs = [1, 2]
        window.scale = ["min-max", "standard"]
        split.validation = [0, 0.1]
        window.horizon = [1, 2]
    "#;
    assert_eq!(small(grid), ["model=naive", "model=naive,window.horizon=2"]);
    let experiment = experiment(&format!("{SMALL}{grid}"));
    let cell = &experiment.cells[1];
    let axes: Vec<&str> = cell.axes.keys().map(String::as_str).collect();
    assert_eq!(axes, ["model", "window.horizon"]);
    let configuration = cell.configuration();
    assert_eq!(configuration.get("seed"), None);
    assert_eq!(configuration.get("train"), None);
    assert_eq!(configuration["window"]["scale"], "none");
}

#[test]
fn settings_of_another_model_are_dropped() {
    let grid = r#"
        model = ["lstm", "naive"]
        "model.lstm.hidden" = [[4], [8, 8]]
    "#;
    assert_eq!(
        small(grid),
        [
            "model=lstm",
            "model=lstm,model.lstm.hidden=[8,8]",
            "model=naive"
        ]
    );
}

#[test]
fn an_id_holds_what_differs_from_the_file() {
    // Defaults count as what the file says: the seed is 0, the scale min-max.
    let grid = r#"
        model = ["lstm"]
        seed = [0, 1]
        window.scale = ["min-max", "none"]
        train.learning_rate = [1e-2, 0.1]
    "#;
    let ids = small(grid);
    assert_eq!(ids.len(), 8);
    assert_eq!(ids[0], "model=lstm");
    assert_eq!(
        ids[7],
        "model=lstm,seed=1,train.learning_rate=0.1,window.scale=none"
    );
}

#[test]
fn an_axis_with_no_value_outside_the_grid_is_in_every_id() {
    let text = SMALL.replace("horizon = 1\n", "") + "model = [\"lstm\"]\nwindow.horizon = [1, 2]\n";
    assert_eq!(
        ids(&text),
        [
            "dataset=simulated,model=lstm,window.horizon=1",
            "dataset=simulated,model=lstm,window.horizon=2"
        ]
    );
}

#[test]
fn a_new_axis_keeps_every_old_id() {
    let old = small("model = [\"lstm\"]\nseed = [0, 1]\n");
    let new = small("model = [\"lstm\"]\nseed = [0, 1]\ntrain.batch_size = [32, 64]\n");
    assert_eq!(new.len(), 4);
    assert!(old.iter().all(|id| new.contains(id)), "{old:?} {new:?}");
}

#[test]
fn the_order_of_keys_changes_no_id() {
    let sorted = |grid: &str| {
        let mut ids = small(grid);
        ids.sort();
        ids
    };
    assert_eq!(
        sorted("model = [\"lstm\", \"naive\"]\nwindow.horizon = [1, 2]\nseed = [3, 4]\n"),
        sorted("seed = [4, 3]\n\"window.horizon\" = [1, 2]\nmodel = [\"naive\", \"lstm\"]\n"),
    );
}

#[test]
fn whole_tables_can_be_values() {
    let grid = r#"
        model = ["lstm"]
        train.optimizer = ["adam", "rmsprop", { kind = "sgd", momentum = 0.9 }]
        split = [{ kind = "holdout" }, { kind = "backtest", origins = 60 }]
    "#;
    assert_eq!(
        small(grid),
        [
            "model=lstm",
            "model=lstm,split={kind=backtest,origins=60}",
            "model=lstm,train.optimizer=rmsprop",
            "model=lstm,split={kind=backtest,origins=60},train.optimizer=rmsprop",
            "model=lstm,train.optimizer={kind=sgd,momentum=0.9}",
            "model=lstm,split={kind=backtest,origins=60},train.optimizer={kind=sgd,momentum=0.9}",
        ]
    );
}

#[test]
fn a_setting_inside_an_optimizer_that_is_a_name() {
    let ids = small("model = [\"lstm\"]\ntrain.optimizer.beta1 = [0.9, 0.5]\n");
    assert_eq!(ids, ["model=lstm", "model=lstm,train.optimizer.beta1=0.5"]);
}

#[test]
fn a_zip_moves_axes_together() {
    let grid = r#"
        model = ["lstm"]
        seed = [0, 1]
        [[grid.zip]]
        train.epochs = [2, 4]
        train.learning_rate = [0.01, 0.02]
    "#;
    assert_eq!(
        small(grid),
        [
            "model=lstm",
            "model=lstm,train.epochs=4,train.learning_rate=0.02",
            "model=lstm,seed=1",
            "model=lstm,seed=1,train.epochs=4,train.learning_rate=0.02",
        ]
    );
}

#[test]
fn an_exclusion_drops_what_matches_all_pairs() {
    let grid = r#"
        model = ["lstm", "naive"]
        window.horizon = [1, 2, 3]
        [[grid.exclude]]
        model = "naive"
        window.horizon = 2
        [[grid.exclude]]
        window.horizon = 3
    "#;
    assert_eq!(
        small(grid),
        ["model=lstm", "model=lstm,window.horizon=2", "model=naive"]
    );
}

#[test]
fn an_inclusion_adds_one_cell_with_the_values_of_the_file() {
    let grid = r#"
        model = ["lstm"]
        window.horizon = [2, 3]
        [[grid.include]]
        model = "naive"
        [[grid.include]]
        model = "lstm"
        train.epochs = 50
    "#;
    assert_eq!(
        small(grid),
        [
            "model=lstm,window.horizon=2",
            "model=lstm,window.horizon=3",
            "model=naive",
            "model=lstm,train.epochs=50",
        ]
    );
}

#[test]
fn an_included_cell_that_exists_is_not_added_twice() {
    let grid = "model = [\"lstm\"]\nseed = [0, 1]\n[[grid.include]]\nmodel = \"lstm\"\nseed = 1\n";
    assert_eq!(small(grid), ["model=lstm", "model=lstm,seed=1"]);
}

#[test]
fn one_declared_table_needs_no_axis_and_no_grid() {
    let text = SMALL
        .replace("[model.naive]\nkind = \"last_value\"\n", "")
        .replace("[grid]\n", "");
    assert_eq!(ids(&text), ["dataset=simulated,model=lstm"]);
}

#[test]
fn filters_match_as_ids_are_written() {
    let grid = "model = [\"lstm\", \"naive\"]\nseed = [0, 1]\n";
    let experiment = experiment(&format!("{SMALL}{grid}"));
    let count = |path: &str, value: &str| {
        experiment
            .cells
            .iter()
            .filter(|cell| cell.matches(path, value))
            .count()
    };
    assert_eq!(count("model", "lstm"), 2);
    assert_eq!(count("seed", "1"), 1);
    assert_eq!(count("window.horizon", "1"), 3);
    assert_eq!(count("model.lstm.hidden", "[4]"), 2);
    assert_eq!(count("train.optimizer", "adam"), 2);
    assert_eq!(count("train.learning_rate", "0.01"), 2);
    assert_eq!(count("dataset", "other"), 0);
    assert_eq!(count("no.such.path", "1"), 0);
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
fn ten_thousand_cells_expand_at_once() {
    let grid = r#"
        model = ["lstm", "naive"]
        seed = { from = 0, to = 99 }
        window.horizon = { from = 1, to = 10 }
        train.learning_rate = { from = 0.0001, to = 0.1, steps = 10, scale = "log" }
    "#;
    let start = Instant::now();
    let cells = experiment(&format!("{SMALL}{grid}")).cells;
    assert_eq!(cells.len(), 100 * 10 * 10 + 10);
    let seconds = start.elapsed().as_secs_f64();
    // A tenth of this on an idle machine.
    assert!(seconds < 2.0, "it took {seconds} s");
    println!("expanded in {seconds:.3} s");
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
    assert_eq!(
        (backtest.name.as_str(), backtest.title.as_str()),
        ("backtest", "Backtest")
    );
    // Per dataset: the hybrid with three seeds, drift, naive.
    assert_eq!(backtest.cells.len(), 2 * (3 + 1 + 1));
    let hybrid = backtest
        .cells
        .iter()
        .find(|cell| cell.model_name == "hybrid")
        .unwrap();
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
            .map(|cell| cell.id.replace("dataset=simulated,", ""))
            .collect()
    };
    assert_eq!(ids(&[("model", "naive")]), ["model=naive"]);
    // An axis keeps its one value in the id, so that the id is the one that the whole grid gives.
    assert_eq!(
        ids(&[("model", "lstm"), ("seed", "1"), ("train.epochs", "3")]),
        [
            "model=lstm,seed=1,train.batch_size=8,train.epochs=3",
            "model=lstm,seed=1,train.batch_size=16,train.epochs=3",
        ]
    );
    assert_eq!(
        ids(&[("model", "lstm"), ("window.scale", "none"), ("seed", "0")]).len(),
        2
    );
    let experiments = folder
        .load(&["small.toml"], &[("train.optimizer.beta1", "0.5")])
        .unwrap();
    assert_eq!(
        experiments[0].cells[0].configuration()["train"]["optimizer"]["beta1"],
        0.5
    );
}

#[test]
fn a_folder_is_read_in_order() {
    let text = format!("{SMALL}model = [\"naive\"]\n");
    let folder = Folder::new(&[("b.toml", &text), ("a.toml", &text), ("notes.md", "")]);
    let experiments = folder.load(&[""], &[]).unwrap();
    let names: Vec<&str> = experiments
        .iter()
        .map(|experiment| experiment.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn printed_values_stay_text() {
    let text = format!(
        "{SMALL}model = [\"lstm\", \"naive\"]\n[[report.table]]\ntitle = \"All\"\nrows = [\"model\"]\ncolumns = [\"rmse\"]\nreference = \"printed.csv\"\n"
    );
    let folder = Folder::new(&[
        ("small.toml", &text),
        ("printed.csv", "model,rmse\nlstm,0.0210\nnaive, 4\n"),
    ]);
    let experiments = folder.load(&["small.toml"], &[]).unwrap();
    let rows = &experiments[0].reference["printed.csv"];
    assert_eq!(rows[0]["rmse"], "0.0210");
    assert_eq!(rows[1]["rmse"], "4");
}
