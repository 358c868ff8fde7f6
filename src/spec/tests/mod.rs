//! Whole files through the specification.

mod cells;
mod files;
mod loading;
mod mistakes;
mod properties;

use std::path::PathBuf;

use super::{Experiment, SpecError, load_all_with};

/// One dataset and two models; each test adds its own grid.
pub const SMALL: &str = r#"
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
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Loads some of the files, with `--set` options.
    pub fn load(&self, names: &[&str], set: &[(&str, &str)]) -> Result<Vec<Experiment>, SpecError> {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path(name)).collect();
        let set: Vec<(String, String)> = set
            .iter()
            .map(|(path, value)| ((*path).to_owned(), (*value).to_owned()))
            .collect();
        load_all_with(&paths, &set)
    }

    /// What a person would read, with paths as if the folder were the current one.
    pub fn mistakes(&self, names: &[&str], set: &[(&str, &str)]) -> String {
        let error = self.load(names, set).expect_err("the files have mistakes");
        let folder = format!("{}/", self.0.path().display());
        error.render(false).replace(&folder, "")
    }
}

/// Loads one text.
pub fn experiment(text: &str) -> Experiment {
    let folder = Folder::new(&[("experiment.toml", text)]);
    match folder.load(&["experiment.toml"], &[]) {
        Ok(mut experiments) => experiments.remove(0),
        Err(error) => panic!("{error}"),
    }
}

/// The ids of a text's cells.
pub fn ids(text: &str) -> Vec<String> {
    experiment(text)
        .cells
        .into_iter()
        .map(|cell| cell.id)
        .collect()
}
