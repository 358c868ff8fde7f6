//! Walk forward: a model that is trained again as the test goes on, whenever and however often its cell is cut off.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::processes::{ended, signal, start, wait_for, workers};
use crate::project::Project;

/// Prices of so many days from the first of January 2020, on a slow wave.
fn prices(days: usize) -> String {
    let mut text = "Date,Price\n".to_owned();
    for day in 0..days {
        let at = day as f64;
        let price = 100.0 + 0.1 * at + 9.0 * libm::sin(at / 7.0) + 3.0 * libm::cos(at * 1.9);
        let date = jiff::civil::date(2020, 1, 1).saturating_add(jiff::Span::new().days(day as i64));
        text += &format!("{date},{price:.4}\n");
    }
    text
}

/// An experiment on them, with these lines in `[split]` and these models in the grid.
fn project(days: usize, split: &str, models: &str) -> Project {
    let project = Project::new();
    project.write("data/wave.csv", &prices(days));
    project.write(
        "experiments/walk.toml",
        &format!(
            r#"
title = "Walk forward"

[dataset.wave]
kind = "prices"
file = "wave.csv"
features = ["Price"]
target = "Price"

[window]
lookback = 8
horizon = 2

[split]
kind = "backtest"
{split}

[model.lstm]
kind = "lstm"
hidden = [5]
dense = [4]

[model.quantiles]
kind = "lstm"
hidden = [4]

[model.quantiles.train]
loss = {{ kind = "pinball", quantiles = [0.2, 0.5, 0.8] }}

[model.naive]
kind = "last_value"

[model.mean]
kind = "training_mean"

[model.theta]
kind = "theta"

[model.theta_lookback]
kind = "theta"
fit_on = "lookback"

[model.linear]
kind = "linear_regression"

[train]
epochs = 6
batch_size = 16
loss = "mse"
optimizer = "adam"
learning_rate = 0.02
early_stopping = {{ patience = 2 }}

[grid]
model = {models}

[[report.figure]]
kind = "windows"

[[report.figure]]
kind = "learning_curves"
"#
        ),
    );
    project
}

/// The records by the end of their cell's id, after a sweep.
fn swept(project: &Project) -> BTreeMap<String, Value> {
    project.run(&["sweep", "experiments", "--jobs", "1"]).exits(0);
    records(project)
}

fn records(project: &Project) -> BTreeMap<String, Value> {
    let records = project.records("results").into_iter();
    let id = |path: PathBuf| {
        path.file_stem()
            .expect("a name")
            .to_string_lossy()
            .trim_start_matches("wave,")
            .to_owned()
    };
    records.map(|(path, record)| (id(path), record)).collect()
}

fn line(refits: &Value, column: &str) -> Vec<f64> {
    let line = refits[column].as_str().unwrap_or_else(|| panic!("{column} in {refits}"));
    line.split(' ').map(|number| number.parse().expect("a number")).collect()
}

const NETWORKS: &str = "[\"lstm\", \"quantiles\"]";

#[test]
fn a_walk_beyond_the_test_is_one_training_to_the_byte() {
    let once = swept(&project(90, "origins = 10\nvalidation = 0.2", NETWORKS));
    let beyond = swept(&project(90, "origins = 10\nvalidation = 0.2\nrefit_every = 10", NETWORKS));
    assert_eq!(once.len(), 2);
    for (id, record) in &once {
        for part in ["predictions", "history", "metrics"] {
            assert_eq!(record[part], beyond[id][part], "{id} {part}");
        }
        assert!(record["configuration"]["split"].get("refit_every").is_none());
        assert_eq!(beyond[id]["configuration"]["split"]["refit_every"], 10);
        assert!(beyond[id].get("refits").is_none() && record.get("refits").is_none());
    }
}

#[test]
fn each_refit_is_a_training_of_its_own_on_what_was_known() {
    // 90 days, 9 origins, a refit before every fourth: forecasts end on days 85, 89 and 90.
    let without = "[\"lstm\", \"quantiles\", \"mean\", \"theta\", \"linear\"]";
    // Intervals of what learns nothing are calibrated as often, too.
    let with = "[\"lstm\", \"naive\", \"mean\", \"theta\", \"linear\"]\n\n[intervals]\nkind = \"conformal\"\ncoverage = 0.6";
    for (train_rows, models) in [("", without), ("\ntrain_rows = 50", without), ("", with)] {
        let split = |origins: usize| format!("origins = {origins}\nvalidation = 0.2{train_rows}");
        let walk = swept(&project(90, &format!("{}\nrefit_every = 4", split(9)), models));
        let mut joined: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (place, (days, origins)) in [(85, 4), (89, 4), (90, 1)].into_iter().enumerate() {
            for (id, record) in swept(&project(days, &split(origins), models)) {
                let refits = &walk[&id]["refits"];
                assert_eq!(line(refits, "windows"), [4.0, 4.0, 1.0]);
                let known = if train_rows.is_empty() { days - 1 - origins } else { 50 };
                assert_eq!(line(refits, "rows")[place], known as f64, "{id}");
                if record["configuration"].get("train").is_some() {
                    let epochs = record["history"]["loss"].as_array().expect("a history").len();
                    assert_eq!(line(refits, "epochs")[place], epochs as f64, "{id}");
                    assert_eq!(refits["weights"].as_str().expect("digests").split(';').count(), 3);
                    if place == 0 {
                        assert_eq!(walk[&id]["history"], record["history"], "{id}");
                        let calibration = |record: &Value| record["predictions"]["calibration"].clone();
                        assert_eq!(calibration(&walk[&id]), calibration(&record), "{id}");
                    }
                } else {
                    assert!(refits.get("epochs").is_none() && refits.get("weights").is_none());
                }
                let samples = record["predictions"]["samples"].as_array().expect("forecasts");
                joined.entry(id).or_default().extend(samples.iter().cloned());
            }
        }
        assert_eq!(walk.len(), 5);
        for (id, record) in &walk {
            assert_eq!(record["predictions"]["samples"], json!(joined[id]), "{id}");
        }
    }
}

#[test]
fn what_learns_nothing_has_one_cell_whatever_the_walk_is() {
    let project = project(
        90,
        "origins = 9",
        "[\"naive\", \"theta_lookback\", \"theta\", \"lstm\"]\nsplit.refit_every = [0, 3, 9]\nsplit.train_rows = [40, 60]",
    );
    project.edit("experiments/walk.toml", "early_stopping = { patience = 2 }\n", "");
    let found = swept(&project);
    assert_eq!(found.len(), 1 + 1 + 6 + 6, "{:?}", found.keys());
    let split = |id: &str| found[id]["configuration"]["split"].clone();
    for id in ["naive", "theta_lookback"] {
        assert_eq!(split(id), json!({ "kind": "backtest", "origins": 9, "stride": 1 }));
        assert!(found[id].get("refits").is_none());
    }
    let walked = "theta,refit_every=3,train_rows=40";
    assert_eq!(split(walked)["refit_every"], 3);
    assert_eq!(line(&found[walked]["refits"], "windows"), [3.0, 3.0, 3.0]);
    // What errors are measured with is the same for all of them.
    let scale = &found["naive"]["predictions"]["in_sample"];
    assert!(found.values().all(|record| record["predictions"]["in_sample"] == *scale));
    let page = project.read("results/report.html");
    for told in [
        "the model is trained 3 times, each time from its first weights on the last 40 steps that are known by then",
        "Of a model that is trained again as the test goes on they are those of its first training.",
        "the first of 3 refits of 6 epochs, which end with a loss of",
    ] {
        assert!(page.contains(told), "{told}");
    }
    project.run(&["sweep", "experiments"]).exits(0).says("nothing to run");
    // More epochs make every refit another one.
    project.edit("experiments/walk.toml", "epochs = 6", "epochs = 7");
    project
        .run(&["explain", "wave,lstm,refit_every=3,train_rows=40", "experiments"])
        .exits(0)
        .says("trains 3 times, 7 epochs each");
    project.run(&["prune", "experiments"]).exits(0);
}

#[test]
fn rows_that_are_not_there_are_told() {
    let project = project(
        90,
        "origins = 9\nvalidation = 0.1\nrefit_every = 3\ntrain_rows = 81",
        "[\"lstm\"]",
    );
    let told = "`split.train_rows` asks for the last 81 rows before the test, and there are 80";
    project.run(&["check", "experiments"]).exits(1).says(told);
    project.edit("experiments/walk.toml", "train_rows = 81", "train_rows = 80");
    project.run(&["check", "experiments"]).exits(0);
}

#[test]
fn many_series_walk_together_where_their_times_are_the_same() {
    let rows = |days: std::ops::Range<usize>, name: &str, level: f64| -> String {
        let row = |line: &str| {
            let (day, price) = line.split_once(',').expect("two cells");
            format!("{day},{name},{}\n", level + price.parse::<f64>().expect("a number"))
        };
        prices(days.end).lines().skip(1 + days.start).map(row).collect()
    };
    let project = Project::new();
    let split = "origins = 6\nvalidation = 0.2";
    let write = |refit_every: &str, from: usize, gap: bool| {
        let mut text = format!("Date,name,Price\n{}", rows(0..70, "acme", 0.0));
        text += &rows(from..70, "beta", 50.0);
        if gap {
            text = text.replace("2020-03-05,beta", "2020-03-05,acme-gone");
            text = text
                .lines()
                .filter(|line| !line.contains("gone"))
                .map(|line| format!("{line}\n"))
                .collect();
        }
        project.write("data/two.csv", &text);
        project.write(
            "experiments/walk.toml",
            &format!(
                "[dataset.two]\nkind = \"series\"\nfile = \"two.csv\"\ntime = \"Date\"\nfrequency = \"any\"\nlongest_gap = \"3d\"\nby = \"name\"\n\
                 features = [\"Price\"]\ntarget = \"Price\"\n\n[window]\nlookback = 5\nhorizon = 2\n\n[split]\nkind = \"backtest\"\n{split}{refit_every}\n\n\
                 [model.linear]\nkind = \"linear_regression\"\n\n[model.nlinear]\nkind = \"nlinear\"\n\n[train]\nepochs = 3\nbatch_size = 8\nloss = \"mse\"\n\
                 optimizer = \"adam\"\nlearning_rate = 0.01\n\n[grid]\nmodel = [\"linear\", \"nlinear\"]\n"
            ),
        );
    };
    write("\nrefit_every = 2", 10, false);
    let found = swept(&project);
    assert_eq!(found.len(), 2);
    for (id, record) in &found {
        assert_eq!(line(&record["refits"], "windows"), [4.0, 4.0, 4.0], "{id}");
        // Before the last seven rows of each.
        assert_eq!(
            line(&record["refits"], "rows"),
            [63.0 + 53.0, 65.0 + 55.0, 67.0 + 57.0],
            "{id}"
        );
    }
    // A day that one of them lacks among the last: what is known of the two would end at different times.
    write("\nrefit_every = 2", 10, true);
    let told = "would know series `acme` until ";
    project.run(&["check", "experiments"]).exits(1).says(told);
    write("", 10, true);
    project.run(&["check", "experiments"]).exits(0);
}

const SWEEP: [&str; 4] = ["sweep", "experiments", "--jobs", "2"];

/// What the workers of the last sweep have said.
fn logs(project: &Project) -> String {
    let files = walkdir::WalkDir::new(project.path(".cache/logs")).into_iter().flatten();
    let texts = files.filter_map(|entry| std::fs::read_to_string(entry.path()).ok());
    texts.collect()
}

/// Trainings of a tenth of a second and more, eight in each cell.
fn slow() -> Project {
    let project = project(800, "origins = 24\nvalidation = 0.2\nrefit_every = 3", NETWORKS);
    for (before, after) in [
        ("hidden = [5]", "hidden = [16]"),
        ("hidden = [4]", "hidden = [12]"),
        ("patience = 2", "patience = 30"),
        ("epochs = 6", "epochs = 10\ncheckpoint = \"1 epoch\""),
    ] {
        project.edit("experiments/walk.toml", before, after);
    }
    project
}

fn checkpoints(project: &Project) -> usize {
    let files = walkdir::WalkDir::new(project.path(".cache/checkpoints"))
        .into_iter()
        .flatten();
    files.filter(|entry| entry.file_type().is_file()).count()
}

/// One that has ended meanwhile is none to kill.
fn kill(process: u32) {
    let command = std::process::Command::new("kill")
        .args(["-KILL", &process.to_string()])
        .output();
    drop(command);
}

#[test]
fn a_walk_that_is_killed_at_any_moment_goes_on_in_its_refit_and_ends_in_the_same_bytes() {
    let project = slow();
    let elsewhere = ["sweep", "experiments", "--results", "untouched", "--cache", "other"];
    project.run(&elsewhere).exits(0);
    let untouched = project.records("untouched");
    let is_done = || project.records("results").len() == 2;
    let mut went_on = String::new();
    let mut cut_off = |end: &dyn Fn(&mut std::process::Child)| {
        let mut sweep = start(&mut project.command(&SWEEP));
        end(&mut sweep);
        went_on += &ended(sweep).stderr;
        wait_for("end of the workers", || workers(&project).is_empty().then_some(()));
    };
    for refit in ["refit 2/8", "refit 4/8", "refit 7/8"] {
        cut_off(&|sweep| {
            wait_for(refit, || (logs(&project).contains(refit) || is_done()).then_some(()));
            signal("-INT", sweep.id());
        });
    }
    for round in 0..4 {
        cut_off(&|sweep| {
            sleep(Duration::from_millis(300 + 211 * (round * 7 % 11)));
            drop(sweep.kill());
            workers(&project).into_iter().for_each(kill);
        });
    }
    let is_later = |line: &str| line.contains("goes on in epoch") && !line.contains(" of refit 1 of 8");
    assert!(went_on.lines().any(is_later), "{went_on}");
    project.run(&SWEEP).exits(0).says("2 done");
    assert_eq!(project.records("results"), untouched);
    assert_eq!(checkpoints(&project), 0);
    for record in untouched.values() {
        assert_eq!(line(&record["refits"], "epochs").len(), 8);
    }
    let weights = walkdir::WalkDir::new(project.path(".cache/weights")).into_iter().flatten();
    let refits = weights.filter(|entry| entry.file_name().to_string_lossy().starts_with("refit-"));
    assert_eq!(refits.count(), 2 * 8);
    project.run(&["prune", "experiments"]).exits(0);
}

#[test]
fn a_refit_that_diverges_is_named() {
    let project = project(90, "origins = 9\nrefit_every = 3", "[\"lstm\"]");
    for (before, after) in [
        ("early_stopping = { patience = 2 }\n", ""),
        ("learning_rate = 0.02", "learning_rate = 1e6"),
        ("\"adam\"", "\"sgd\""),
    ] {
        project.edit("experiments/walk.toml", before, after);
    }
    project
        .run(&["sweep", "experiments"])
        .exits(1)
        .says("refit 1 of 3: the training loss became");
}
