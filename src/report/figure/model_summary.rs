//! `model_summary`: the layers of each network with shapes and counts of weights, as a picture and as a table; before them
//! those of the feature extractor in front, where there is one.

use serde_json::Value;

use super::scene::Scene;
use super::sheet;
use super::svg;
use crate::model::LayerSummary;
use crate::report::round;
use crate::report::select::show;
use crate::report::{DataTable, FigureView};
use crate::spec::configuration::value_at;
use crate::store::card::{BackboneCard, ModelCard};

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
    let extractors: Vec<&BackboneCard> = scene
        .experiment
        .card
        .backbones
        .iter()
        .filter(|card| {
            let mut cells = scene.cells.iter();
            cells.any(|cell| cell.get("backbone") == Some(&card.settings))
        })
        .collect();
    if cards.is_empty() && extractors.is_empty() {
        return vec![scene.empty(OTHERWISE, "No network has been built yet.")];
    }
    let several = cards.len() > 1;
    let first = extractors.len();
    let networks = cards.into_iter().enumerate();
    extractors
        .into_iter()
        .enumerate()
        .map(|(index, card)| extractor(scene, card, index))
        .chain(networks.map(|(index, card)| view(scene, card, first + index, several || first > 0)))
        .collect()
}

/// The feature extractor, whose weights no cell trains.
fn extractor(scene: &Scene, card: &BackboneCard, index: usize) -> FigureView {
    let name = show(&card.settings["kind"]);
    let (table, last) = layers(&card.layers);
    let (trainable, frozen) = weights(&card.layers);
    let description = scene.description(&format!(
        "The feature extractor {name}: pictures of {} become maps of {}. {} weights, of which {} are statistics of batch \
         normalization; here none of them is trained.",
        shape(&card.input),
        shape(&card.output),
        round::count(trainable + frozen),
        round::count(frozen),
    ));
    drawn(
        scene,
        index,
        format!(
            "{}: {name}",
            scene.title(OTHERWISE).replace("{model}", &name)
        ),
        description,
        table,
        last,
    )
}

/// Weights that are trained, and that are not.
fn weights(layers: &[LayerSummary]) -> (usize, usize) {
    let sum = |count: fn(&LayerSummary) -> usize| layers.iter().map(count).sum();
    (sum(|layer| layer.trainable), sum(|layer| layer.frozen))
}

/// The layers as a table with their sums, and the row of these.
fn layers(layers: &[LayerSummary]) -> (DataTable, usize) {
    let (trainable, frozen) = weights(layers);
    let mut rows: Vec<Vec<String>> = layers
        .iter()
        .map(|layer| {
            vec![
                layer.name.clone(),
                layer.kind.clone(),
                shape(&layer.output),
                round::count(layer.trainable),
                round::count(layer.frozen),
            ]
        })
        .collect();
    let last = rows.len();
    rows.push(vec![
        "total".to_owned(),
        format!("{} in all", round::count(trainable + frozen)),
        String::new(),
        round::count(trainable),
        round::count(frozen),
    ]);
    let columns = ["layer", "kind", "output", "trainable", "frozen"];
    let table = DataTable {
        columns: columns.map(str::to_owned).to_vec(),
        rows,
    };
    (table, last)
}

fn drawn(
    scene: &Scene,
    index: usize,
    title: String,
    description: String,
    table: DataTable,
    last: usize,
) -> FigureView {
    let (body, height) = sheet::draw(&table, 2.0, &[1, last]);
    FigureView {
        svg: svg::document(&scene.id(index), &title, &description, height + 4.0, &body),
        table,
        title,
        description,
    }
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
    let (trainable, frozen) = weights(&card.layers);
    let (table, last) = layers(&card.layers);
    let description = scene.description(&format!(
        "The layers of {} in order, each with the shape of its output and its number of weights: {} in all, of which {} \
         are trained.",
        card.model,
        round::count(trainable + frozen),
        if frozen == 0 { "all".to_owned() } else { round::count(trainable) },
    ));
    drawn(scene, index, title, description, table, last)
}

/// A shape with its batch: `(batch, 30, 1)`.
fn shape(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    format!("(batch, {})", sizes.join(", "))
}
