//! Reports to look at, each made once by the program that was built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// A folder of results with its report.
pub struct Report {
    folder: PathBuf,
}

impl Report {
    /// The page.
    pub fn page(&self) -> PathBuf {
        self.folder.join("results/report.html")
    }

    /// The page's bytes without its pictures.
    pub fn size(&self) -> usize {
        let html = fs::read_to_string(self.page()).expect("there is a page");
        let pictures = html.split("data:image/").skip(1);
        let pictures = pictures.map(|rest| rest.find('"').unwrap_or_default());
        html.len() - pictures.sum::<usize>()
    }

    /// One that is there, in the folder `results` of a folder.
    pub fn at(folder: &Path) -> Self {
        let folder = folder.canonicalize().expect("there is such a folder");
        Self { folder }
    }

    /// An empty folder, which stays for whoever wants to look at the page after a test failed.
    fn new(name: &str) -> Self {
        let folder = root().join("target/browser").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the folder of the last time can be removed");
        }
        fs::create_dir_all(&folder).expect("a folder can be made");
        let folder = folder.canonicalize().expect("it is there");
        Self { folder }
    }

    /// Runs the program in the folder.
    fn run(&self, arguments: &[&str]) {
        let output = Command::new(runner()).args(arguments).current_dir(&self.folder).output();
        let output = output.unwrap_or_else(|error| panic!("{}: {error}", runner().display()));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "runner {arguments:?}: {said}");
    }
}

/// The repository.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The program: the one that `RUNNER` names, else the one that was built for release.
pub fn runner() -> PathBuf {
    std::env::var_os("RUNNER").map_or_else(|| root().join("target/release/runner"), PathBuf::from)
}

/// The quickstart, trained here: prices and clips, several seeds.
pub fn the_quickstart() -> &'static Report {
    static REPORT: LazyLock<Report> = LazyLock::new(|| {
        let report = Report::new("quickstart");
        let file = root().join("experiments/quickstart.toml");
        report.run(&["sweep", &file.display().to_string(), "--quiet"]);
        report
    });
    &REPORT
}

/// Copies a folder with all that it holds: a link in its place would not be read.
fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be listed") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a file can be copied");
        }
    }
}

/// The studies whose records are part of the repository.
pub fn the_studies() -> &'static Report {
    static REPORT: LazyLock<Report> = LazyLock::new(|| {
        let report = Report::new("studies");
        let results = report.folder.join("results");
        fs::create_dir(&results).expect("a folder can be made");
        for entry in fs::read_dir(root().join("results")).expect("there are results") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name");
            if path.is_dir() && name != "quickstart" {
                copy(&path, &results.join(name));
            }
        }
        report.run(&["report", "--quiet"]);
        report
    });
    &REPORT
}

/// The page of a diff: the quickstart at two learning rates.
pub fn the_diff() -> &'static Path {
    static PAGE: LazyLock<PathBuf> = LazyLock::new(|| {
        let report = Report::new("diff");
        let file = root().join("experiments/quickstart.toml");
        let file = file.display().to_string();
        report.run(&["sweep", &file, "--results", "before", "--quiet"]);
        let faster = "train.learning_rate=0.03";
        report.run(&["sweep", &file, "--results", "after", "--set", faster, "--quiet"]);
        report.run(&["diff", "before", "after", "--html", "diff.html"]);
        report.folder.join("diff.html")
    });
    &PAGE
}

/// 510 records: 24 networks over 21 seeds each, and baselines.
pub fn the_500() -> &'static Report {
    static REPORT: LazyLock<Report> = LazyLock::new(|| swept("500", MANY));
    &REPORT
}

/// 510 records of 510 settings: 500 networks of one seed each, and baselines.
pub fn the_500_settings() -> &'static Report {
    static REPORT: LazyLock<Report> = LazyLock::new(|| {
        let rates = "{ from = 1e-3, to = 1e-1, steps = 25, scale = \"log\" }";
        let text = MANY
            .replace("[0.01, 0.003]", rates)
            .replace("[1, 3, 7]", "[1, 2, 3, 5, 7]")
            .replace("{ from = 0, to = 20 }", "[0]");
        swept("500_settings", &text)
    });
    &REPORT
}

/// The report of one experiment.
fn swept(name: &str, experiment: &str) -> Report {
    let report = Report::new(name);
    let experiments = report.folder.join("experiments");
    fs::create_dir(&experiments).expect("a folder can be made");
    fs::write(experiments.join("many.toml"), experiment).expect("a file can be written");
    report.run(&["sweep", "experiments", "--quiet"]);
    report
}

const MANY: &str = r#"
title = "Five hundred records"

[dataset.calm]
kind = "simulated_prices"
days = 260

[dataset.wild]
kind = "simulated_prices"
days = 280

[window]
lookback = 5
horizon = 1
scale = "min-max"

[split]
kind = "backtest"
origins = 60
validation = 0.1

[model.lstm]
kind = "lstm"
hidden = [4]

[model.hybrid]
kind = "lstm_gru"
lstm = [4]
gru = [4]
dense = [4]

[model.naive]
kind = "last_value"

[train]
epochs = 60
batch_size = 64
loss = "mse"
optimizer = "adam"
learning_rate = 0.01

[grid]
dataset = ["calm", "wild"]
model = ["lstm", "hybrid", "naive"]
window.horizon = [1, 3, 7]
train.learning_rate = [0.01, 0.003]
seed = { from = 0, to = 20 }

[[report.table]]
title = "Errors over 60 forecast origins"
rows = ["window.horizon", "dataset", "train.learning_rate", "model"]
columns = ["mse", "rmse", "mae", "mape", "relative_mae"]

[[report.comparison]]
title = "Is one model better than the other?"
each = ["dataset", "window.horizon", "train.learning_rate"]
metric = "mae"
pairs = [["hybrid", "lstm"], ["lstm", "naive"], ["hybrid", "naive"]]

[[report.figure]]
kind = "forecast"
each = ["dataset", "window.horizon", "train.learning_rate"]

[[report.figure]]
kind = "metric_by_axis"
each = ["dataset", "train.learning_rate"]
x = "window.horizon"
metrics = ["mae", "relative_mae"]

[[report.figure]]
kind = "learning_curves"
each = ["dataset", "window.horizon", "train.learning_rate"]
metrics = ["mse", "validation_mse"]
log = true
"#;
