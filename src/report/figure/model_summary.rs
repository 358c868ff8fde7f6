//! `model_summary`: the layers of each network with shapes and counts of weights, as a picture and as a table; before them
//! those of the feature extractor in front, where there is one.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::scene::Scene;
use super::{Figure, Kind};
use crate::model::LayerSummary;
use crate::report::DataTable;
use crate::report::draw::sheet;
use crate::report::round;
use crate::report::select::{show, told_apart_by_name};
use crate::store::card::{BackboneCard, ModelCard, PlannedCell};

pub(super) const KIND: Kind = Kind {
    title: "Model summary",
    of_one_dataset: false,
    draw,
};

/// One view for each network.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let card = &scene.experiment.card;
    let used = |place: fn(&PlannedCell) -> Option<usize>| scene.planned().filter_map(place).collect::<BTreeSet<usize>>();
    let cards = used(|cell| cell.model);
    let cards: Vec<&ModelCard> = cards.into_iter().filter_map(|place| card.models.get(place)).collect();
    let extractors = used(|cell| cell.backbone);
    let extractors: Vec<&BackboneCard> = extractors.into_iter().filter_map(|place| card.backbones.get(place)).collect();
    if cards.is_empty() && extractors.is_empty() {
        return Err("No network has been built yet.".to_owned());
    }
    let told = told(&cards, !extractors.is_empty());
    let networks = cards.into_iter().zip(told);
    let extractors = extractors.into_iter().map(|card| extractor(scene, card));
    let figures = extractors.chain(networks.map(|(card, told)| network(scene, card, &told)));
    Ok(figures.collect())
}

/// The feature extractor, whose weights no cell trains.
fn extractor(scene: &Scene, card: &BackboneCard) -> Figure {
    let name = show(&card.settings["kind"]);
    let (trainable, frozen) = weights(&card.layers);
    let text = format!(
        "The feature extractor {name}: pictures of {} become maps of {}. {} weights, of which {} are statistics of batch \
         normalization; here none of them is trained.",
        shape(&card.input),
        shape(&card.output),
        round::count(trainable + frozen),
        round::count(frozen),
    );
    let title = scene.title().replace("{model}", &name);
    figure(format!("{title}: {name}"), text, &card.layers)
}

/// Weights that are trained, and that are not.
fn weights(layers: &[LayerSummary]) -> (usize, usize) {
    let sum = |count: fn(&LayerSummary) -> usize| layers.iter().map(count).sum();
    (sum(|layer| layer.trainable), sum(|layer| layer.frozen))
}

/// The layers as a table with their sums, which is the drawing too.
fn figure(title: String, text: String, layers: &[LayerSummary]) -> Figure {
    let (trainable, frozen) = weights(layers);
    let row = |layer: &LayerSummary| {
        [
            layer.name.clone(),
            layer.kind.clone(),
            shape(&layer.output),
            round::count(layer.trainable),
            round::count(layer.frozen),
        ]
    };
    let total = [
        "total".to_owned(),
        format!("{} in all", round::count(trainable + frozen)),
        String::new(),
        round::count(trainable),
        round::count(frozen),
    ];
    let columns = ["layer", "kind", "output", "trainable", "frozen"];
    let table = DataTable::new(columns, layers.iter().map(row).chain([total]));
    let (body, height) = sheet::draw(&table, 2.0, &[1, layers.len()]);
    Figure {
        title,
        text,
        drawing: Some((body, height + 4.0)),
        table,
    }
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
    let named: Vec<(&str, &Value)> = cards.iter().map(|card| &*card.model).zip(&settings).collect();
    let told = told_apart_by_name(&named);
    let names = named
        .iter()
        .zip(told)
        .map(|((model, _), told)| match (cards.len() > 1 || others, told.is_empty()) {
            (false, _) => String::new(),
            (true, true) => (*model).to_owned(),
            (true, false) => format!("{model}, {told}"),
        });
    names.collect()
}

fn network(scene: &Scene, card: &ModelCard, told: &str) -> Figure {
    let title = scene.title().replace("{model}", &card.model);
    // The name once.
    let rest = match told.strip_prefix(&*card.model) {
        Some(rest) if scene.says_model() => rest.to_owned(),
        _ if told.is_empty() => String::new(),
        _ => format!(": {told}"),
    };
    let title = title + &rest;
    let (trainable, frozen) = weights(&card.layers);
    let text = format!(
        "The layers of {} in order, each with the shape of its output and its number of weights: {} in all, of which {} \
         are trained.",
        card.model,
        round::count(trainable + frozen),
        if frozen == 0 {
            "all".to_owned()
        } else {
            round::count(trainable)
        },
    );
    figure(title, text, &card.layers)
}

/// A shape with its batch: `(batch, 30, 1)`.
fn shape(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
    format!("(batch, {})", sizes.join(", "))
}
