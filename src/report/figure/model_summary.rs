//! `model_summary`: the layers of each network with shapes and counts of weights, as a picture and as a table.

use serde_json::Value;

use super::scene::Scene;
use super::sheet;
use super::svg;
use crate::report::round;
use crate::report::{DataTable, FigureView};
use crate::spec::configuration::value_at;
use crate::store::card::ModelCard;

const OTHERWISE: &str = "Model summary";

/// One view for each network.
pub fn draw(scene: &Scene) -> Vec<FigureView> {
    let cards: Vec<&ModelCard> = scene
        .experiment
        .card
        .models
        .iter()
        .filter(|card| scene.cells.iter().any(|cell| is_network_of(card, cell)))
        .collect();
    if cards.is_empty() {
        return vec![scene.empty(OTHERWISE, "No network has been built yet.")];
    }
    let several = cards.len() > 1;
    cards
        .into_iter()
        .enumerate()
        .map(|(index, card)| view(scene, card, index, several))
        .collect()
}

/// Whether a cell trains this network: the same model with the same settings, and as many outputs as it forecasts days.
fn is_network_of(card: &ModelCard, cell: &Value) -> bool {
    let outputs = card.layers.last().and_then(|layer| layer.output.last());
    let horizon = value_at(cell, "window.horizon").and_then(Value::as_u64);
    value_at(cell, "model").and_then(Value::as_str) == Some(&card.model)
        && cell.get("model") == Some(&card.settings)
        && horizon.is_none_or(|horizon| outputs == Some(&(horizon as usize)))
}

fn view(scene: &Scene, card: &ModelCard, index: usize, several: bool) -> FigureView {
    let mut title = scene.title(OTHERWISE).replace("{model}", &card.model);
    if several {
        let outputs = card.layers.last().and_then(|layer| layer.output.last());
        let outputs = match outputs {
            Some(1) => ", 1 output".to_owned(),
            Some(n) => format!(", {n} outputs"),
            None => String::new(),
        };
        if title.contains(&card.model) {
            title.push_str(&outputs);
        } else {
            title.push_str(&format!(": {}{outputs}", card.model));
        }
    }
    let sum = |count: fn(&crate::model::LayerSummary) -> usize| -> usize {
        card.layers.iter().map(count).sum()
    };
    let (trainable, frozen) = (sum(|layer| layer.trainable), sum(|layer| layer.frozen));
    let mut rows = vec![vec![
        "input".to_owned(),
        String::new(),
        shape(&card.input),
        String::new(),
        String::new(),
    ]];
    rows.extend(card.layers.iter().map(|layer| {
        vec![
            layer.name.clone(),
            layer.kind.clone(),
            shape(&layer.output),
            round::count(layer.trainable),
            round::count(layer.frozen),
        ]
    }));
    let last = rows.len();
    rows.push(vec![
        "total".to_owned(),
        format!("{} in all", round::count(trainable + frozen)),
        String::new(),
        round::count(trainable),
        round::count(frozen),
    ]);
    let table = DataTable {
        columns: ["layer", "kind", "output", "trainable", "frozen"]
            .map(str::to_owned)
            .to_vec(),
        rows,
    };
    let description = scene.description(&format!(
        "The layers of {} in order, each with the shape of its output and its number of weights: {} in all, of which {} \
         are trained.",
        card.model,
        round::count(trainable + frozen),
        if frozen == 0 { "all".to_owned() } else { round::count(trainable) },
    ));
    let (body, height) = sheet::draw(&table, 2.0, &[1, last]);
    FigureView {
        svg: svg::document(&scene.id(index), &title, &description, height + 4.0, &body),
        table,
        title,
        description,
    }
}

/// A shape with its batch: `(batch, 30, 1)`.
fn shape(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    format!("(batch, {})", sizes.join(", "))
}
