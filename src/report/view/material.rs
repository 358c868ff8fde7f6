//! Networks and datasets → what they are made of.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::Entry;
use crate::language::configuration::value_at;
use crate::report::{round, select};
use crate::store::card::{Card, Contents, TargetCard};

/// The summary of one network.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct NetworkView {
    /// Model, input and output.
    pub title: String,
    /// Name, kind, output shape, weights.
    pub layers: Vec<[String; 4]>,
    /// All weights, and how many are trained.
    pub total: String,
}

/// One dataset, or one feature extractor in front of it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Dataset {
    /// What it is and its name.
    pub name: String,
    /// What there is to know of it.
    pub facts: Vec<Entry>,
}

/// The summary of every network.
pub(super) fn networks(card: &Card) -> Vec<NetworkView> {
    card.models
        .iter()
        .map(|model| {
            let trainable: usize = model.layers.iter().map(|layer| layer.trainable).sum();
            let frozen: usize = model.layers.iter().map(|layer| layer.frozen).sum();
            let output = model.layers.last().map(|layer| shape(&layer.output)).unwrap_or_default();
            let layers = model.layers.iter().map(|layer| {
                let weights = round::count(layer.trainable + layer.frozen);
                [layer.name.clone(), layer.kind.clone(), shape(&layer.output), weights]
            });
            let total = round::count(trainable + frozen);
            NetworkView {
                title: format!("{}: {} → {output}", model.model, shape(&model.input)),
                layers: layers.collect(),
                total: match frozen {
                    0 => format!("{total} weights, all trained"),
                    _ => format!("{total} weights, {} of them trained", round::count(trainable)),
                },
            }
        })
        .collect()
}

/// `30 × 1`
fn shape(sizes: &[usize]) -> String {
    sizes.iter().map(|&size| round::count(size)).collect::<Vec<_>>().join(" × ")
}

/// What there is to know of each dataset and of each feature extractor.
pub(super) fn datasets(card: &Card) -> Vec<Dataset> {
    let mut names: BTreeMap<&str, Vec<Entry>> = BTreeMap::new();
    let mut extractors: Vec<(String, Vec<Entry>)> = Vec::new();
    for cell in card.configurations() {
        if let Some(name) = value_at(cell, "dataset").and_then(Value::as_str) {
            names
                .entry(name)
                .or_insert_with(|| vec![Entry::new("source", "could not be read yet")]);
        }
    }
    for (name, dataset) in &card.datasets {
        if let Some(contents) = &dataset.read {
            names.insert(name, facts(contents));
        }
    }
    for backbone in &card.backbones {
        // Beside the data, for it is run once on them and trains nothing.
        let weights: usize = backbone.layers.iter().map(|layer| layer.trainable + layer.frozen).sum();
        let frozen: usize = backbone.layers.iter().map(|layer| layer.frozen).sum();
        let facts = vec![
            Entry::new("settings", select::show(&backbone.settings)),
            Entry::new("input", shape(&backbone.input)),
            Entry::new("output", shape(&backbone.output)),
            Entry::new(
                "weights",
                format!(
                    "{}, of which {} statistics of batch normalization; none is trained",
                    round::count(weights),
                    round::count(frozen)
                ),
            ),
        ];
        extractors.push((select::show(&backbone.settings["kind"]), facts));
    }
    let datasets = names.into_iter().map(|(name, facts)| (format!("Dataset {name}"), facts));
    let extractors = extractors
        .into_iter()
        .map(|(name, facts)| (format!("Feature extractor {name}"), facts));
    datasets
        .chain(extractors)
        .map(|(name, facts)| Dataset { name, facts })
        .collect()
}

/// What there is to know of a dataset that was read.
fn facts(contents: &Contents) -> Vec<Entry> {
    let mut items = round::count(contents.items);
    let classes = contents.classes.iter();
    let classes: Vec<String> = classes
        .map(|class| format!("{} {}", round::count(class.items), class.name))
        .collect();
    if !classes.is_empty() {
        items.push_str(&format!(": {}", classes.join(", ")));
    }
    let mut facts = vec![Entry::new("source", &contents.source), Entry::new(&contents.noun, items)];
    if !contents.columns.is_empty() {
        facts.push(Entry::new("columns", contents.columns.join(", ")));
    }
    if let Some(TargetCard { name, unit }) = &contents.target {
        facts.push(Entry::new("target", format!("{name}, {unit}").trim_end_matches(", ")));
    }
    if !contents.shape.is_empty() {
        facts.push(Entry::new("after the steps", shape(&contents.shape)));
    }
    if !contents.identical.is_empty() {
        let groups: Vec<String> = contents.identical.iter().map(|group| group.join(" = ")).collect();
        facts.push(Entry::new("byte-identical", groups.join(", ")));
    }
    facts.extend(contents.notes.iter().map(|note| Entry::new("note", note)));
    facts.push(Entry::new("digest", &contents.digest));
    facts
}
