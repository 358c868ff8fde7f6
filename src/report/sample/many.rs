//! Ten thousand made-up records of real plans, for whoever measures: `RUNNER_MANY=FOLDER cargo test --release --lib -- --ignored
//! ten_thousand`, then `runner list`, `diff` and `report` in that folder. See `benches/README.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use candle_core::Device;
use serde_json::json;

use crate::data::{Dataset, Digests};
use crate::files;
use crate::language::{self, cell::Cell};
use crate::metric::{self, Predictions};
use crate::rng;
use crate::store::key::digest_of_data;
use crate::store::paths::{Cache, Results};
use crate::store::record::{self, Key, Record};

/// Two kinds of networks on two series, at 5 horizons and 25 learning rates: 500 settings of 20 seeds, or 10,000 of one.
const SHAPES: [(&str, &str, &str); 2] = [("seeds", "25", "{ from = 0, to = 19 }"), ("settings", "500", "[0]")];

const EXPERIMENT: &str = r#"
title = "Ten thousand records"

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
epochs = 10
batch_size = 64
loss = "mse"
optimizer = "adam"
checkpoint = "never"

[grid]
dataset = ["calm", "wild"]
model = ["lstm", "hybrid", "naive"]
window.horizon = [1, 2, 3, 5, 7]
train.learning_rate = { from = 1e-3, to = 1e-1, steps = STEPS, scale = "log" }
seed = SEEDS

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

#[test]
#[ignore = "it writes 300 MB; it makes what is measured by hand"]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
fn ten_thousand_records() {
    let root = PathBuf::from(std::env::var("RUNNER_MANY").expect("RUNNER_MANY names a folder"));
    for (name, steps, seeds) in SHAPES {
        let folder = root.join(name);
        fs::create_dir_all(folder.join("experiments")).unwrap();
        let file = folder.join("experiments/many.toml");
        fs::write(&file, EXPERIMENT.replace("STEPS", steps).replace("SEEDS", seeds)).unwrap();
        let cells = language::load(&file).unwrap().cells;
        assert_eq!(cells.len(), 10_010);
        let results = Results(folder.join("results"));
        let folders = Cache(folder.join(".cache")).folders(&folder);
        let mut datasets: BTreeMap<String, (Dataset, Digests)> = BTreeMap::new();
        for cell in &cells {
            let (dataset, digests) = datasets.entry(digest_of_data(&cell.data).to_owned()).or_insert_with(|| {
                let raw = cell.data.read(&folders).unwrap();
                let dataset = cell.data.build(raw.as_ref(), &folders, &Device::Cpu).unwrap();
                (dataset, raw.digests())
            });
            let record = record(cell, dataset, Key::of(cell, digests));
            files::write_json(&results.record(&cell.experiment, &cell.id).unwrap(), &record).unwrap();
        }
    }
}

/// A record as the cell could have it: the truth of its test, and predictions that miss it by what its settings decide.
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
fn record(cell: &Cell, dataset: &Dataset, key: Key) -> Record {
    let mut chance = rng::stream(cell.seed.unwrap_or_default(), &format!("many/{}", cell.id), 0, 0);
    let rate = cell.train.as_ref().map_or(0.01, |train| train.learning_rate);
    let miss = 3.0 + (rate.ln() - 0.01_f64.ln()).abs() + chance.uniform();
    let test = &dataset.test;
    let missed = |index: usize| test.truth(index).iter().map(|truth| truth + miss * chance.normal()).collect();
    let predicted: Vec<Vec<f64>> = (0..test.len()).map(missed).collect();
    let predictions = Predictions::of(&dataset.target, test, predicted).unwrap();
    let epochs = cell.train.as_ref().map_or(0, |train| train.epochs);
    let curve = |factor: f64, chance: &mut rng::Stream| -> Vec<f64> {
        let value =
            |epoch: usize| factor * miss * (1.0 + 9.0 * (-0.4 * epoch as f64).exp()) * (1.0 + 0.1 * chance.uniform());
        (0..epochs).map(value).collect()
    };
    let names = ["loss", "mse", "mae", "validation_loss", "validation_mse", "validation_mae"];
    let history = names.map(|name| {
        (
            name.to_owned(),
            curve(if name.ends_with("loss") { 0.01 } else { 1.0 }, &mut chance),
        )
    });
    Record {
        configuration: cell.configuration(),
        history: if epochs == 0 {
            BTreeMap::new()
        } else {
            BTreeMap::from(history)
        },
        key,
        metrics: metric::score(&predictions),
        predictions,
        provenance: BTreeMap::from([
            ("device".to_owned(), json!("cpu")),
            ("git_commit".to_owned(), json!("0123456789abcdef0123456789abcdef01234567")),
            ("git_dirty".to_owned(), json!(false)),
            ("host".to_owned(), json!("a-machine")),
            ("runner".to_owned(), json!(env!("CARGO_PKG_VERSION"))),
            ("seconds".to_owned(), json!(0.012)),
            ("started".to_owned(), json!("2026-11-27T02:00:00Z")),
            ("system".to_owned(), json!("linux x86_64")),
            ("threads".to_owned(), json!(1)),
        ]),
        refits: Vec::new(),
        scored_by: metric::VERSION,
        version: record::VERSION,
    }
}
