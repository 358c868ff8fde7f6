//! Whole files through the specification.

mod cells;
mod files;
mod loading;
mod mistakes;
mod names;
mod nearer;
mod properties;
mod whence;

use std::path::PathBuf;

use super::{Experiment, SpecError, load_all_with};

/// One dataset and two models; each test adds its own grid.
pub(super) const SMALL: &str = r#"
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
/// A folder of experiment files, gone when dropped.
pub(super) struct Folder(tempfile::TempDir);

impl Folder {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Loads some of the files, with `--set` options.
    pub(super) fn load(&self, names: &[&str], set: &[(&str, &str)]) -> Result<Vec<Experiment>, SpecError> {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        let set: Vec<(String, String)> = set
            .iter()
            .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
            .collect();
        load_all_with(&paths, &set)
    }

    /// What a person would read, with paths as if the folder were the current one.
    pub(super) fn mistakes(&self, names: &[&str], set: &[(&str, &str)]) -> String {
        let error = self.load(names, set).expect_err("the files have mistakes");
        let folder = format!("{}/", self.0.path().display());
        without_lists_of_kinds(&error.render(false).replace(&folder, ""))
    }
}

/// A message without the list of all kinds or metrics, so that a new one changes no message but that of `kinds_are_listed`.
fn without_lists_of_kinds(said: &str) -> String {
    const LISTED: [&str; 2] = ["the kind of ", "`kind` is one of "];
    let metrics = |line: &str| {
        let list = line.rsplit([' ', ',']).find(|word| !word.is_empty());
        list.is_some_and(|word| crate::metric::find(word).is_some())
    };
    let line = |line: &str| {
        if let Some((what, _)) = line.split_once(" is one of ")
            && LISTED.iter().any(|list| line.contains(list))
        {
            return format!("{what} is one of KINDS");
        }
        for before in ["a regression has ", "a dotted path or one of "] {
            if let Some((what, _)) = line.split_once(before)
                && metrics(line)
            {
                return format!("{what}{before}METRICS");
            }
        }
        if let Some((what, _)) = line.split_once("a regression takes ") {
            return format!("{what}a regression takes LOSSES");
        }
        line.to_owned()
    };
    said.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn kinds_are_listed() {
    let folder = Folder::new(&[]);
    let mut told = Vec::new();
    for table in [
        "[dataset.a]",
        "[model.a]",
        "[split]",
        "[backbone]",
        "[intervals]",
        "[train]\noptimizer = \"x\"\n[[report.figure]]",
    ] {
        let text = format!("{table}\nkind = \"x\"\n");
        std::fs::write(folder.0.path().join("a.toml"), text).unwrap();
        let error = folder.load(&["a.toml"], &[]).unwrap_err().render(false);
        let lists = error.lines().filter_map(|line| line.split_once(" is one of "));
        told.extend(lists.map(|(what, kinds)| format!("{}: {kinds}", what.trim_start())));
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    help: the kind of a dataset: clips, prices, series, simulated_clips, simulated_prices
    help: the kind of a model: conv_lstm, dlinear, drift, ets, gru, last_value, linear_probe, linear_regression, lookback_mean, lstm, lstm_gru, majority, nlinear, seasonal_naive, theta, training_mean
    help: the kind of a split: backtest, borders, group, holdout, stratified
    help: the kind of a backbone: resnet50
    help: the kind of [intervals]: conformal
    help: the kind of an optimizer: adam, adamw, rmsprop, sgd
    help: `kind`: classification_report, clip_images, confusion_matrix, data_preview, forecast, learning_curves, metric_by_axis, model_summary, pipeline, residuals, roc_curve, scaling, windows, wrong_clips
    ");
}

/// Loads one text.
pub(super) fn experiment(text: &str) -> Experiment {
    let folder = Folder::new(&[("experiment.toml", text)]);
    match folder.load(&["experiment.toml"], &[]) {
        Ok(mut experiments) => experiments.remove(0),
        Err(error) => panic!("{error}"),
    }
}

/// The ids of a text's cells.
pub(super) fn ids(text: &str) -> Vec<String> {
    experiment(text).cells.into_iter().map(|cell| cell.id).collect()
}
