//! Made-up experiments for tests: cards beside made-up records.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::results::ExperimentResults;
use crate::language::report::ReportSpec;
use crate::model::LayerSummary;
use crate::sample::price;
pub(crate) use crate::sample::{Sample, study};
use crate::store::card::{Card, CutCard, DatasetCard, ModelCard};
use crate::store::record::Stored;

pub(crate) mod clips; // made-up classifications

/// An experiment whose plan is exactly these cells, all done, with cards for their datasets, cuts and networks.
pub(crate) fn experiment(samples: &[Sample], report: ReportSpec) -> ExperimentResults {
    let mut records: Vec<Stored> = samples.iter().map(Sample::record).collect();
    crate::store::record::sort(&mut records);
    let mut cuts: Vec<CutCard> = Vec::new();
    let mut models: Vec<ModelCard> = Vec::new();
    for sample in samples {
        let cut = cut(sample);
        if !cuts.contains(&cut) {
            cuts.push(cut);
        }
        let model = network(sample);
        if sample.seed.is_some() && !models.contains(&model) {
            models.push(model);
        }
    }
    let card = Card {
        backbones: Vec::new(),
        clip_cuts: Vec::new(),
        clips: BTreeMap::new(),
        cells: samples.iter().map(|sample| (sample.id(), sample.configuration())).collect(),
        datasets: samples
            .iter()
            .map(|sample| (sample.dataset.to_owned(), dataset(sample.dataset)))
            .collect(),
        cuts,
        models,
        name: "sample".to_owned(),
        reference: BTreeMap::new(),
        report,
        title: "A made-up experiment".to_owned(),
        version: 1,
    };
    ExperimentResults {
        card,
        records,
        told: BTreeMap::new(),
        unplanned: Vec::new(),
        models_of_page: Default::default(),
        media: BTreeMap::new(),
    }
}

/// Writes an experiment as a sweep would: `FOLDER/sample/experiment.json` and `FOLDER/sample/cells/ID.json`.
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
pub(crate) fn write(experiment: &ExperimentResults, folder: &Path) {
    let folder = folder.join(&experiment.card.name);
    fs::create_dir_all(folder.join("cells")).unwrap();
    let text = |value: Value| serde_json::to_string_pretty(&value).unwrap();
    fs::write(folder.join("experiment.json"), text(json!(experiment.card))).unwrap();
    for (file, bytes) in clips::media(&experiment.card) {
        fs::create_dir_all(folder.join("media")).unwrap();
        fs::write(folder.join("media").join(file), bytes).unwrap();
    }
    for stored in &experiment.records {
        let path = folder.join(format!("cells/{}.json", stored.id));
        fs::write(path, text(json!(stored.record))).unwrap();
    }
}

fn dataset(name: &str) -> DatasetCard {
    let rows = 1279;
    let day = |day: usize| vec![format!("day {day}"), format!("{:.2}", price(day)), format!("{}", 1000 + day)];
    DatasetCard {
        columns: ["Date", "Price", "Vol."].map(str::to_owned).to_vec(),
        digest: "da7a".to_owned(),
        source: format!("crypto/{name}.csv"),
        first: (0..5).map(day).collect(),
        last: (rows - 5..rows).map(day).collect(),
        rows,
        series: (0..200)
            .map(|i| (format!("20{:02}-{:02}-01", 10 + i / 12, 1 + i % 12), price(i * 6)))
            .collect(),
        target: "Price".to_owned(),
        unit: "USD".to_owned(),
        hole: None,
    }
}

fn cut(sample: &Sample) -> CutCard {
    let configuration = sample.configuration();
    let (rows, lookback, horizon) = (1279, 30, sample.horizon);
    let train = rows - lookback - 2 * horizon + 1;
    CutCard {
        dataset: sample.dataset.to_owned(),
        settings: json!({"split": configuration["split"], "window": configuration["window"]}),
        all: vec![rows - lookback - horizon + 1, lookback, 1],
        train: vec![train, lookback, 1],
        train_targets: vec![train, horizon],
        validation: None,
        test: vec![sample.origins, lookback, 1],
        test_targets: vec![sample.origins, horizon],
        train_days: ["2016-08-24".to_owned(), "2020-02-20".to_owned()],
        test_days: ["2020-02-21".to_owned(), "2020-02-23".to_owned()],
        offset: 3.5,
        factor: 350.0,
    }
}

fn network(sample: &Sample) -> ModelCard {
    let layer = |name: &str, kind: &str, output: usize, trainable| LayerSummary {
        name: name.to_owned(),
        kind: kind.to_owned(),
        output: vec![output],
        trainable,
        frozen: 0,
    };
    ModelCard {
        model: sample.model.to_owned(),
        input: vec![30, 1],
        layers: vec![
            layer("lstm.0", "LSTM", 30, 3960),
            layer("dense.0", "Linear", 30, 930),
            layer("output", "Linear", sample.horizon, 31 * sample.horizon),
        ],
        settings: sample.configuration()["model"].clone(),
    }
}
