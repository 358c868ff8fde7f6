//! `pipeline`: from clip to prediction as configured: the split of the items, what the card tells of their way to the network, the
//! network and the training, with the shape after each.

use serde_json::Value;

use super::scene::Scene;
use super::{Figure, Kind};
use crate::language::configuration::{value_at, without_seed};
use crate::report::DataTable;
use crate::report::round;
use crate::report::select::{show, told_apart_by_name};
use crate::store::card::{CutCard, PlannedCell, TEST};

mod diagram; // stages → boxes, one below the other

pub(super) const KIND: Kind = Kind {
    title: "From clip to prediction",
    of_one_dataset: true,
    draw,
};

/// One box of the diagram.
#[derive(Debug, Clone, PartialEq)]
struct Stage {
    /// Which part of the way it belongs to.
    part: String,
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
        .map(|cell| value_at(&cell.configuration, "model").map(show).unwrap_or_default())
        .collect();
    let configurations = ways.iter().map(|cell| &cell.configuration);
    let named: Vec<(&str, &Value)> = names.iter().map(|name| &**name).zip(configurations).collect();
    // What tells it from the other ways of one model.
    let told = told_apart_by_name(&named);
    let figure = |((cell, model), told): ((&&PlannedCell, &String), String)| {
        let stages = stages(scene, cell);
        let mut title = scene.title_of(model, several);
        if !told.is_empty() {
            title.push_str(&format!(", {told}"));
        }
        let text = format!(
            "What happens to a clip on its way to the prediction of {model}, as configured. At the right the shape that \
                 leaves each stage, without the batch."
        );
        Figure {
            title,
            text,
            drawing: Some(diagram::draw(&stages)),
            table: table(&stages),
        }
    };
    Ok(ways.iter().zip(&names).zip(told).map(figure).collect())
}

/// Cells that differ in more than their seed.
fn ways<'a>(scene: &Scene<'a>) -> Vec<&'a PlannedCell> {
    let is_trained = |cell: &&PlannedCell| cell.configuration.get("train").is_some();
    let any_trained = scene.planned().any(|cell| is_trained(&cell));
    let mut seen: Vec<Value> = Vec::new();
    let mut ways = Vec::new();
    for cell in scene.planned().filter(|cell| is_trained(cell) == any_trained) {
        let way = without_seed(&cell.configuration);
        if !seen.contains(&way) {
            seen.push(way);
            ways.push(cell);
        }
    }
    ways
}

fn stages(scene: &Scene, cell: &PlannedCell) -> Vec<Stage> {
    let cut = scene.experiment.card.cut(cell);
    let mut stages = vec![data(scene, cell, cut)];
    let of_data = cut.into_iter().flat_map(|cut| &cut.stages);
    stages.extend(of_data.map(|one| {
        let sizes = shape(&one.shape);
        let each = if one.each && !sizes.is_empty() { " each" } else { "" };
        stage(&one.part, &one.name, &one.detail, format!("{sizes}{each}"))
    }));
    stages.extend(network(scene, cell));
    stages.extend(training(&cell.configuration));
    stages
}

fn stage(part: &str, name: impl Into<String>, detail: impl Into<String>, shape: impl Into<String>) -> Stage {
    Stage {
        part: part.to_owned(),
        name: name.into(),
        detail: detail.into(),
        shape: shape.into(),
    }
}

/// `10 × 256 × 256 × 3`
fn shape(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(|&size| round::count(size)).collect();
    sizes.join(" × ")
}

/// The items and how they are split.
fn data(scene: &Scene, cell: &PlannedCell, cut: Option<&CutCard>) -> Stage {
    let contents = scene.contents();
    let mut detail = Vec::new();
    let classes = contents.into_iter().flat_map(|contents| &contents.classes);
    let classes: Vec<String> = classes
        .map(|class| format!("{} {}", round::count(class.items), class.name))
        .collect();
    let parts = cut.into_iter().flat_map(|cut| &cut.parts);
    let mut parts: Vec<String> = parts
        .map(|part| match part.name.as_str() {
            TEST => format!("{} for the test", round::count(part.items)),
            name => format!("{} for {name}", round::count(part.items)),
        })
        .collect();
    let share = cell.configuration["split"]["test"].as_f64();
    if let Some(share) = share.filter(|_| parts.is_empty()) {
        parts.push(format!("{} % for the test", round::number(100.0 * share)));
    }
    detail.extend(
        [classes, parts]
            .iter()
            .filter(|some| !some.is_empty())
            .map(|some| some.join(", ")),
    );
    detail.extend(cut.map(|cut| cut.split.clone()).filter(|split| !split.is_empty()));
    let name = contents.map_or_else(|| scene.dataset().to_owned(), |contents| contents.source.clone());
    let form = scene.experiment.card.datasets.get(scene.dataset());
    let form = form.map_or("data", |dataset| &*dataset.form);
    stage(&capitalised(form), name, detail.join("; "), "")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The layers of the network, without those of the backbone in front.
fn network(scene: &Scene, cell: &PlannedCell) -> Vec<Stage> {
    let Some(card) = scene.experiment.card.model(cell) else {
        let settings = &cell.configuration["model"];
        let others = others(settings, &["kind", "name"]).join(", ");
        return vec![stage("Network", show(&settings["kind"]), others, "")];
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
            let name = format!("{} ({})", layer.name, layer.kind);
            stage("Network", name, detail, shape(&layer.output))
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
    let mut stages = vec![
        stage("Training", kind(&train["loss"]).replace('_', " "), head.join(", "), ""),
        stage(
            "Training",
            kind(&train["optimizer"]),
            format!("learning rate {}", show(&train["learning_rate"])),
            "",
        ),
    ];
    for key in ["schedule", "clip_norm", "drop_last", "early_stopping", "reduce_learning_rate"] {
        let detail = match &train[key] {
            Value::Null => continue,
            Value::Object(table) => {
                let kind = table.get("kind").map(|kind| show(kind).replace('_', " "));
                let rest = others(&train[key], &["kind"]);
                kind.into_iter().chain(rest).collect::<Vec<_>>().join(", ")
            }
            other => show(other),
        };
        stages.push(stage("Training", key.replace('_', " "), detail, ""));
    }
    stages
}

/// A kind with its settings, if it has any: `sgd (momentum 0.9)`.
fn kind(setting: &Value) -> String {
    let Some(table) = setting.as_object() else {
        return show(setting);
    };
    let kind = table.get("kind").map(show).unwrap_or_default();
    let rest = others(setting, &["kind"]);
    match rest.is_empty() {
        true => kind,
        false => format!("{kind} ({})", rest.join(", ")),
    }
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
        let part = stage.part.clone();
        [part, stage.name.clone(), stage.detail.clone(), stage.shape.clone()]
    };
    DataTable::new(["part", "stage", "settings", "shape"], stages.iter().map(row))
}
