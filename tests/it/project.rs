//! A temporary project to run `runner` in.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// A folder with experiments and data that is removed at the end.
pub struct Project {
    folder: tempfile::TempDir,
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Project {
    /// An empty project.
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
        }
    }

    /// A project with one small experiment, `experiments/small.toml`: two models, two seeds, simulated prices.
    pub fn small() -> Self {
        let project = Self::new();
        project.write("experiments/small.toml", SMALL);
        project
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders can be made");
        fs::write(path, text).expect("files can be written");
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Replaces a text that must be there in a file.
    pub fn edit(&self, name: &str, before: &str, after: &str) {
        let text = self.read(name);
        assert!(text.contains(before), "{name} does not hold `{before}`");
        self.write(name, &text.replace(before, after));
    }

    /// `runner` in this project, away from the user's own settings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
        command.args(arguments).current_dir(self.folder.path());
        command.env_remove("RUNNER_DATA").env_remove("RUNNER_CACHE");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().expect("runner starts"))
    }

    /// Every record below a results folder: path → record without its provenance.
    pub fn records(&self, results: &str) -> BTreeMap<PathBuf, Value> {
        let root = self.path(results);
        let mut records = BTreeMap::new();
        for entry in walkdir::WalkDir::new(&root).into_iter().flatten() {
            // One that is being written, or was when its writer ended, is no record.
            let is_partial = entry.file_name().to_string_lossy().starts_with(".partial-");
            if !is_partial && entry.path().parent().is_some_and(|parent| parent.ends_with("cells")) {
                let text = fs::read_to_string(entry.path()).expect("a record can be read");
                let mut record: Value = serde_json::from_str(&text).expect("a record is JSON");
                record.as_object_mut().expect("a record is a table").remove("provenance");
                let name = entry.path().strip_prefix(&root).expect("below the root").to_owned();
                records.insert(name, record);
            }
        }
        records
    }

    /// The record of a cell of `small`, as text.
    pub fn small_record(&self, id: &str) -> String {
        self.read(&format!("results/small/cells/{id}.json"))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// Fails unless the exit code is this one, and shows what was printed.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless standard output or standard error holds the text.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text) || self.stderr.contains(text),
            "`{text}` is missing.\nstdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

const SMALL: &str = r#"
title = "Small"

[dataset.simulated]
kind = "simulated_prices"
days = 90

[window]
lookback = 8
horizon = 2

[split]
kind = "backtest"
origins = 10
validation = 0.2

[model.lstm]
kind = "lstm"
hidden = [5]
dense = [4]

[model.hybrid]
kind = "lstm_gru"
lstm = [4, 3]
gru = [3]
dropout = 0.2
dense = [4]

[model.naive]
kind = "last_value"

[train]
epochs = 3
batch_size = 16
loss = "mse"
optimizer = "adam"
learning_rate = 0.01

[grid]
model = ["lstm", "hybrid", "naive"]
seed = [0, 1]
"#;
