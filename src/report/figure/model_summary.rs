//! `model_summary`: the layers of each network with shapes and counts of weights, as a picture and as a table; before them
//! those of the feature extractor in front, where there is one.

use serde_json::{Value, json};

use super::scene::Scene;
use crate::model::LayerSummary;
use crate::report::draw::sheet;
use crate::report::draw::svg;
use crate::report::round;
use crate::report::select::{show, told_apart};
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
    let first = extractors.len();
    let told = told(&cards, first > 0);
    let networks = cards.into_iter().zip(told).enumerate();
    extractors
        .into_iter()
        .enumerate()
        .map(|(index, card)| extractor(scene, card, index))
        .chain(networks.map(|(index, (card, told))| view(scene, card, first + index, &told)))
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

/// What tells each network from the other views: its name, then what differs between networks of one name.
fn told(cards: &[&ModelCard], others: bool) -> Vec<String> {
    let settings: Vec<Value> = cards
        .iter()
        .map(|card| {
            let output = card.layers.last().map(|layer| &layer.output);
            json!({"model": card.settings, "input": card.input, "output": output})
        })
        .collect();
    let name = |index: usize| {
        let model = &cards[index].model;
        let own: Vec<usize> = (0..cards.len())
            .filter(|&other| cards[other].model == *model)
            .collect();
        let alike: Vec<Vec<&Value>> = own.iter().map(|&other| vec![&settings[other]]).collect();
        let place = own
            .iter()
            .position(|&other| other == index)
            .unwrap_or_default();
        let told = &told_apart(&alike)[place];
        match (cards.len() > 1 || others, told.is_empty()) {
            (false, _) => String::new(),
            (true, true) => model.clone(),
            (true, false) => format!("{model}, {told}"),
        }
    };
    (0..cards.len()).map(name).collect()
}

fn view(scene: &Scene, card: &ModelCard, index: usize, told: &str) -> FigureView {
    let title = scene.title(OTHERWISE).replace("{model}", &card.model);
    // The name once.
    let rest = match told.strip_prefix(&*card.model) {
        Some(rest) if scene.says_model() => rest.to_owned(),
        _ if told.is_empty() => String::new(),
        _ => format!(": {told}"),
    };
    let title = title + &rest;
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
