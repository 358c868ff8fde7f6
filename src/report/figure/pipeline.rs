//! `pipeline`: from clip to answer as configured: the split of the clips, the steps, the backbone, the network and the
//! training, with the shape after each.

use serde::Deserialize;
use serde_json::Value;

use super::scene::Scene;
use super::{Figure, Kind};
use crate::data::ClipSplit;
use crate::language::configuration::value_at;
use crate::report::DataTable;
use crate::report::round;
use crate::report::select::{show, told_apart_by_name};
use crate::store::card::{BackboneCard, ModelCard};

mod diagram; // stages → boxes, one below the other
mod steps; // `steps` → sentences and shapes

pub(super) const KIND: Kind = Kind {
    title: "From clip to answer",
    of_one_dataset: true,
    draw,
};

/// One box of the diagram.
#[derive(Debug, Clone, PartialEq)]
struct Stage {
    /// Which part of the way it belongs to.
    part: &'static str,
    /// What it is.
    name: String,
    /// How it is set.
    detail: String,
    /// Shape of what leaves it; empty where nothing flows.
    shape: String,
}

/// One view for each distinct way among the networks; among all cells where there is no network.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let ways = ways(scene);
    if ways.is_empty() {
        return Err(String::new());
    }
    let several = ways.len() > 1;
    let names: Vec<String> = ways
        .iter()
        .map(|cell| value_at(cell, "model").map(show).unwrap_or_default())
        .collect();
    let named: Vec<(&str, &Value)> = names.iter().map(|name| &**name).zip(ways).collect();
    // What tells it from the other ways of one model.
    let told = told_apart_by_name(&named);
    let figure = |((model, cell), told): (&(&str, &Value), String)| {
        let stages = stages(scene, cell);
        let mut title = scene.title_of(model, several);
        if !told.is_empty() {
            title.push_str(&format!(", {told}"));
        }
        let text = format!(
            "What happens to a clip on its way to the answer of {model}, as configured. At the right the shape that \
                 leaves each stage, without the batch."
        );
        Figure {
            title,
            text,
            drawing: Some(diagram::draw(&stages)),
            table: table(&stages),
        }
    };
    Ok(named.iter().zip(told).map(figure).collect())
}

/// Configurations that differ in more than their seed.
fn ways<'a>(scene: &Scene<'a>) -> Vec<&'a Value> {
    let without_seed = |cell: &Value| {
        let mut cell = cell.clone();
        if let Some(table) = cell.as_object_mut() {
            table.remove("seed");
        }
        cell
    };
    let trained: Vec<&Value> = scene
        .cells
        .iter()
        .copied()
        .filter(|cell| cell.get("train").is_some())
        .collect();
    let cells = if trained.is_empty() { scene.cells.clone() } else { trained };
    let mut seen: Vec<Value> = Vec::new();
    let mut ways = Vec::new();
    for cell in cells {
        let way = without_seed(cell);
        if !seen.contains(&way) {
            seen.push(way);
            ways.push(cell);
        }
    }
    ways
}

fn stages(scene: &Scene, cell: &Value) -> Vec<Stage> {
    let mut stages = vec![data(scene, cell)];
    let none = Vec::new();
    let listed = cell["dataset"]["steps"].as_array().unwrap_or(&none);
    stages.extend(steps::stages(listed, scene.clips().map(|card| card.shape)));
    stages.extend(backbone(scene, cell));
    stages.extend(network(scene, cell));
    stages.extend(training(cell));
    stages
}

fn stage(part: &'static str, name: impl Into<String>, detail: impl Into<String>, shape: impl Into<String>) -> Stage {
    Stage {
        part,
        name: name.into(),
        detail: detail.into(),
        shape: shape.into(),
    }
}

/// The clips and how they are split.
fn data(scene: &Scene, cell: &Value) -> Stage {
    let split = &cell["split"];
    let kind = match ClipSplit::deserialize(split) {
        Ok(split) => split.in_words(),
        Err(_) => split["kind"].as_str().unwrap_or_default().to_owned(),
    };
    let card = scene.clips();
    let mut parts = Vec::new();
    if let Some(card) = card {
        let [a, b] = card.counts;
        let [first, second] = &card.classes;
        parts.push(format!("{} {first}, {} {second}", round::count(a), round::count(b)));
    }
    let cut = scene.experiment.card.clip_cuts.iter().find(|cut| cut.is_of(cell));
    if let Some(cut) = cut {
        let all = |counts: [usize; 2]| round::count(counts[0] + counts[1]);
        let mut split = format!("{} for training", all(cut.train));
        if cut.validation != [0, 0] {
            split.push_str(&format!(", {} for validation", all(cut.validation)));
        }
        parts.push(format!("{split}, {} for the test", all(cut.test)));
    } else if let Some(share) = split["test"].as_f64() {
        parts.push(format!("{} % for the test", round::number(100.0 * share)));
    }
    if !kind.is_empty() {
        parts.push(kind);
    }
    let name = card.map_or_else(|| scene.dataset().to_owned(), |card| card.source.clone());
    stage("Clips", name, parts.join("; "), "")
}

fn backbone(scene: &Scene, cell: &Value) -> Vec<Stage> {
    let settings = &cell["backbone"];
    let Some(kind) = settings["kind"].as_str() else {
        return Vec::new();
    };
    let card = scene.experiment.card.backbones.iter().find(|card| card.settings == *settings);
    let weights = |card: &BackboneCard| -> usize { card.layers.iter().map(|layer| layer.trainable + layer.frozen).sum() };
    let mut detail = vec!["frozen, run once for each picture".to_owned()];
    detail.extend(others(settings, &["kind", "pool"]));
    if let Some(card) = card {
        detail.push(format!("{} weights", round::count(weights(card))));
    }
    let output = card.map(|card| card.output.clone());
    let mut stages = vec![stage(
        "Feature extractor",
        kind,
        detail.join(", "),
        output.as_ref().map_or_else(String::new, |output| per_picture(output)),
    )];
    if let Some(pool) = settings["pool"].as_u64().filter(|pool| *pool > 1) {
        let pooled = output.map(|output| {
            let along = |size: usize| size / usize::try_from(pool).unwrap_or(1).max(1);
            match output[..] {
                [height, width, channel] => per_picture(&[along(height), along(width), channel]),
                _ => String::new(),
            }
        });
        stages.push(stage(
            "Feature extractor",
            "average pooling",
            format!("{pool} × {pool} places of the feature map become one"),
            pooled.unwrap_or_default(),
        ));
    }
    stages
}

fn per_picture(sizes: &[usize]) -> String {
    format!("{} each", steps::shape(sizes))
}

/// The layers of the network, without those of the backbone in front.
fn network(scene: &Scene, cell: &Value) -> Vec<Stage> {
    let settings = &cell["model"];
    let is_own =
        |card: &&ModelCard| card.settings == *settings && card.layers.last().is_some_and(|layer| layer.output == [1]);
    let card = scene.experiment.card.models.iter().find(is_own);
    let kind = show(&settings["kind"]);
    let Some(card) = card else {
        return vec![stage("Network", kind, others(settings, &["kind", "name"]).join(", "), "")];
    };
    card.layers
        .iter()
        .filter(|layer| layer.trainable > 0 || layer.frozen == 0)
        .map(|layer| {
            let weights = layer.trainable + layer.frozen;
            let detail = if weights == 0 {
                String::new()
            } else {
                format!("{} weights", round::count(weights))
            };
            stage(
                "Network",
                format!("{} ({})", layer.name, layer.kind),
                detail,
                steps::shape(&layer.output),
            )
        })
        .collect()
}

fn training(cell: &Value) -> Vec<Stage> {
    let Some(train) = cell.get("train") else {
        return Vec::new();
    };
    let mut head = Vec::new();
    for (key, word) in [("epochs", "epochs"), ("batch_size", "clips in a batch")] {
        if !train[key].is_null() {
            head.push(format!("{} {word}", show(&train[key])));
        }
    }
    let optimizer = match &train["optimizer"] {
        Value::Object(table) => {
            let kind = table.get("kind").map(show).unwrap_or_default();
            let rest = others(&train["optimizer"], &["kind"]);
            if rest.is_empty() {
                kind
            } else {
                format!("{kind} ({})", rest.join(", "))
            }
        }
        other => show(other),
    };
    let mut stages = vec![
        stage("Training", show(&train["loss"]).replace('_', " "), head.join(", "), ""),
        stage(
            "Training",
            optimizer,
            format!("learning rate {}", show(&train["learning_rate"])),
            "",
        ),
    ];
    for key in ["early_stopping", "reduce_learning_rate"] {
        if train[key].is_object() {
            stages.push(stage(
                "Training",
                key.replace('_', " "),
                others(&train[key], &[]).join(", "),
                "",
            ));
        }
    }
    stages
}

/// The other settings of a table: `filters 256`, `dense [1000, 256, 10]`.
fn others(table: &Value, but: &[&str]) -> Vec<String> {
    let entries = table.as_object().into_iter().flatten();
    entries
        .filter(|(key, value)| !but.contains(&key.as_str()) && !value.is_null())
        .map(|(key, value)| format!("{} {}", key.replace('_', " "), show(value)))
        .collect()
}

fn table(stages: &[Stage]) -> DataTable {
    let row = |stage: &Stage| {
        let part = stage.part.to_owned();
        [part, stage.name.clone(), stage.detail.clone(), stage.shape.clone()]
    };
    DataTable::new(["part", "stage", "settings", "shape"], stages.iter().map(row))
}
