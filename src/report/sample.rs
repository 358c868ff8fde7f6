//! Made-up experiments for tests: cards beside made-up records.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::results::ExperimentResults;
use crate::data::card::Leak;
use crate::data::series::window::Transform;
use crate::language::report::ReportSpec;
use crate::model::LayerSummary;
use crate::sample::price;
pub(crate) use crate::sample::{Sample, study};
use crate::store::card::{
    Card, Contents, CutCard, DatasetCard, LeakKind, ModelCard, Part, PlannedCell, Scaling, TEST, TRAINING, TargetCard,
    VERSION,
};
use crate::store::record::Stored;
use crate::task::REGRESSION;

pub(crate) mod clips; // made-up classifications
mod many; // ten thousand records to be measured

/// An experiment whose plan is exactly these cells, all done, with cards for their datasets, cuts and networks.
pub(crate) fn experiment(samples: &[Sample], report: ReportSpec) -> ExperimentResults {
    let mut records: Vec<Stored> = samples.iter().map(Sample::record).collect();
    crate::store::record::sort(&mut records);
    let mut cuts: Vec<(String, CutCard)> = Vec::new();
    let mut models: Vec<ModelCard> = Vec::new();
    let mut cells = BTreeMap::new();
    for sample in samples {
        let mut cell = PlannedCell::of(sample.configuration());
        cell.cut = Some(place(&mut cuts, (sample.dataset.to_owned(), cut(sample))));
        cell.model = sample.seed.map(|_| place(&mut models, network(sample)));
        cells.insert(sample.id(), cell);
    }
    let card = Card {
        backbones: Vec::new(),
        cells,
        datasets: samples
            .iter()
            .map(|sample| (sample.dataset.to_owned(), dataset(sample.dataset)))
            .collect(),
        cuts: cuts.into_iter().map(|(_, cut)| cut).collect(),
        models,
        name: "sample".to_owned(),
        reference: BTreeMap::new(),
        report,
        title: "A made-up experiment".to_owned(),
        version: VERSION,
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

/// The place of a value in a list, at its end where it is new.
fn place<T: PartialEq>(list: &mut Vec<T>, value: T) -> usize {
    list.iter().position(|known| *known == value).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    })
}

/// Two experiments as one: the cells, data and records of another are added to those of the first.
pub(crate) fn joined(first: ExperimentResults, other: ExperimentResults) -> ExperimentResults {
    let mut joined = first;
    let card = &mut joined.card;
    let places = [card.backbones.len(), card.cuts.len(), card.models.len()];
    card.cells.extend(other.card.cells.into_iter().map(|(id, cell)| {
        let [backbone, cut, model] = [cell.backbone, cell.cut, cell.model];
        let cell = PlannedCell {
            backbone: backbone.map(|place| place + places[0]),
            cut: cut.map(|place| place + places[1]),
            model: model.map(|place| place + places[2]),
            ..cell
        };
        (id, cell)
    }));
    card.backbones.extend(other.card.backbones);
    card.cuts.extend(other.card.cuts);
    card.datasets.extend(other.card.datasets);
    card.models.extend(other.card.models);
    joined.records.extend(other.records);
    crate::store::record::sort(&mut joined.records);
    joined
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
    DatasetCard {
        form: "series".to_owned(),
        read: Some(contents(name)),
        task: REGRESSION.word.to_owned(),
    }
}

fn contents(name: &str) -> Contents {
    let rows = 1279;
    let day = |day: usize| vec![format!("day {day}"), format!("{:.2}", price(day)), format!("{}", 1000 + day)];
    Contents {
        columns: ["Date", "Price", "Vol."].map(str::to_owned).to_vec(),
        digest: "da7a".to_owned(),
        source: format!("crypto/{name}.csv"),
        first: (0..5).map(day).collect(),
        last: (rows - 5..rows).map(day).collect(),
        items: rows,
        noun: "rows".to_owned(),
        curve: (0..200)
            .map(|i| (format!("20{:02}-{:02}-01", 10 + i / 12, 1 + i % 12), price(i * 6)))
            .collect(),
        target: Some(TargetCard {
            name: "Price".to_owned(),
            unit: "USD".to_owned(),
        }),
        ..Contents::default()
    }
}

fn cut(sample: &Sample) -> CutCard {
    let (rows, lookback, horizon) = (1279, 30, sample.horizon);
    let part = |name: &str, items, days: [&str; 2]| Part {
        by_class: Vec::new(),
        items,
        name: name.to_owned(),
        span: Some(days.map(str::to_owned)),
    };
    CutCard {
        all: rows - lookback - horizon + 1,
        leaks: vec![Leak {
            kind: LeakKind::Scaling,
            sentence: "fit_scale_on = \"all\": the scaling was computed from all rows, those of the test included."
                .to_owned(),
        }],
        parts: vec![
            part(TRAINING, rows - lookback - 2 * horizon + 1, ["2016-08-24", "2020-02-20"]),
            part(TEST, sample.origins, ["2020-02-21", "2020-02-23"]),
        ],
        scaling: Some(Scaling {
            factor: 350.0,
            fit_scale_on: "all".to_owned(),
            offset: 3.5,
            scale: "min-max".to_owned(),
            transform: Transform::None,
        }),
        shape: vec![lookback, 1],
        targets: vec![horizon],
        ..CutCard::default()
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
