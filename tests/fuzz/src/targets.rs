//! What is fed with bytes that anybody may have written. A target passes as long as it neither panics nor runs for ever: wrong
//! input is told as an error, and errors are no finding.
//!
//! The fuzzer runs these, and so does `tests/it/corpus.rs` with the kept inputs.

use std::fs;
use std::path::{Path, PathBuf};

use runner::data::clips::{self, ClipsSettings, ClipsSpec};
use runner::data::series::prices::PricesSpec;
use runner::data::series::window::Transform;
use runner::nn::resnet50::{Resnet50, Variant};
use runner::store::paths::Results;
use runner::store::record::{Key, Record};
use runner::sweep::plan::{self, Plan, Written};
use runner::{language, report};
use serde_json::{Value, json};

/// Something that takes bytes from outside.
pub struct Target {
    /// Its name, and that of the folder of its kept inputs.
    pub name: &'static str,
    /// Feeds it; the folder is empty before and may hold anything after.
    pub feed: fn(&[u8], &Path),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "toml",
        feed: toml,
    },
    Target { name: "csv", feed: csv },
    Target {
        name: "record",
        feed: record,
    },
    Target {
        name: "card",
        feed: card,
    },
    Target {
        name: "plan",
        feed: plan,
    },
    Target {
        name: "weights",
        feed: weights,
    },
    Target {
        name: "frames",
        feed: frames,
    },
];

/// An experiment file, to its cells.
fn toml(bytes: &[u8], folder: &Path) {
    let path = folder.join("fuzz.toml");
    put(&path, bytes);
    if let Ok(experiments) = language::load_all(&[path]) {
        for cell in experiments.iter().flat_map(|experiment| &experiment.cells) {
            drop(cell.configuration());
        }
    }
}

/// A CSV file of prices, to a series.
fn csv(bytes: &[u8], folder: &Path) {
    put(&folder.join("fuzz.csv"), bytes);
    for features in [json!(["Price"]), json!(["Price", "Volume"])] {
        let settings = json!({"file": "fuzz.csv", "features": features, "target": "Price"});
        let Ok(settings) = serde_json::from_value::<PricesSpec>(settings) else {
            panic!("the settings of the fuzzer are wrong");
        };
        if let Ok(series) = settings.read(folder, Transform::None) {
            drop((series.digest(), series.hole()));
        }
    }
}

/// A record, to the report that shows it.
fn record(bytes: &[u8], folder: &Path) {
    put(&folder.join("fuzz/cells/cell.json"), bytes);
    let results = Results(folder.to_owned());
    if let Ok(Some(record)) = Record::read(&results, "fuzz", "cell") {
        let card = json!({"cells": {"cell": record.configuration}, "cuts": [], "datasets": {}, "models": [],
            "name": "fuzz", "reference": {}, "report": {}, "title": "fuzz", "version": 1});
        put(&folder.join("fuzz/experiment.json"), card.to_string().as_bytes());
        drop(report::render(folder, None));
    }
}

/// A card, to the report of it.
fn card(bytes: &[u8], folder: &Path) {
    let mut bytes = bytes.to_vec();
    // Nearly every change of a number or name is of interest, that of the format or of the experiment's own name is not.
    if let Ok(Value::Object(mut card)) = serde_json::from_slice::<Value>(&bytes) {
        card.insert("name".to_owned(), json!("fuzz"));
        card.insert("version".to_owned(), json!(1));
        bytes = Value::Object(card).to_string().into_bytes();
    }
    put(&folder.join("fuzz/experiment.json"), &bytes);
    drop(report::render(folder, None));
}

/// A frozen plan, to the keys of its cells.
fn plan(bytes: &[u8], folder: &Path) {
    let path = folder.join(format!("{}.json", plan::name_of(bytes)));
    put(&path, bytes);
    if let (Ok(plan), Ok(written)) = (Plan::load(&path), Written::read(&path)) {
        for planned in &plan.cells {
            drop(Key::of(&planned.cell, &planned.data));
            drop(written.find(&planned.name()).map(drop));
        }
    }
}

/// A file of weights, to a network.
fn weights(bytes: &[u8], _folder: &Path) {
    for variant in [Variant::Keras, Variant::Torchvision] {
        drop(Resnet50::read(bytes, variant));
    }
}

/// A frame of a clip, to its pixels.
fn frames(bytes: &[u8], folder: &Path) {
    for name in ["no1/1.png", "fi1/1.jpg"] {
        put(&folder.join("clips").join(name), bytes);
    }
    let settings = json!({"folder": "clips", "classes": [["fi", "fight"], ["no", "no fight"]],
        "steps": [{"frames": 1}, {"resize": 8}, {"normalise": "unit"}]});
    let Ok(settings) = serde_json::from_value::<ClipsSpec>(settings) else {
        panic!("the settings of the fuzzer are wrong");
    };
    if let Ok(list) = settings.read(folder) {
        for clip in &list.clips {
            let images = clip.frames(1);
            drop(images.and_then(|images| clips::run(&settings.steps, images, None)));
        }
    }
}

fn put(path: &Path, bytes: &[u8]) {
    let folder: PathBuf = path.parent().map(Path::to_owned).unwrap_or_default();
    let made = fs::create_dir_all(folder).and_then(|()| fs::write(path, bytes));
    made.expect("the fuzzer's own folder can be written");
}
