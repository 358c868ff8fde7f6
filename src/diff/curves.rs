//! The learning curves of both sides of a comparison, for each group in one graph.

use std::collections::BTreeMap;

use serde_json::Value;

use super::plain::plain;
use super::{Comparison, Group};
use crate::language::figure::FigureKind;
use crate::language::report::{FigureSpec, ReportSpec};
use crate::report::results::ExperimentResults;
use crate::report::{FigureView, figure};
use crate::store::card::{self, Card, DatasetCard, ModelCard, PlannedCell};
use crate::store::record::Stored;

/// The curves of each group, in the order of the comparison.
pub(super) fn curves(comparison: &Comparison) -> Vec<Vec<FigureView>> {
    let groups = comparison.experiments.iter().flat_map(|one| &one.groups);
    let sides = [&comparison.before, &comparison.after];
    groups
        .zip(1..)
        .map(|(group, number)| of_group(group, sides, number))
        .collect()
}

/// To the figure, the two sides are two models.
fn of_group(group: &Group, sides: [&String; 2], number: usize) -> Vec<FigureView> {
    let mut records: Vec<Stored> = Vec::new();
    // Listed as networks, the earlier side first: the order of lines and colours.
    let mut models = Vec::new();
    for (place, (side, label)) in group.records.iter().zip(sides).enumerate() {
        let name = format!("{}: {}", ["before", "after"][place], plain(label));
        models.push(ModelCard {
            model: name.clone(),
            input: Vec::new(),
            layers: Vec::new(),
            settings: Value::Null,
        });
        for stored in side {
            let mut stored = stored.clone();
            stored.id = format!("{place},{}", stored.id);
            // A record of a shape that this program never wrote has no curve.
            let model = stored.record.configuration.pointer_mut("/model");
            if let Some(model) = model.and_then(Value::as_object_mut) {
                model.insert("name".to_owned(), Value::String(name.clone()));
                records.push(stored);
            }
        }
    }
    let has = |name: &str| records.iter().any(|one| one.record.history.contains_key(name));
    let metrics: Vec<String> = ["loss", "validation_loss"]
        .into_iter()
        .filter(|name| has(name))
        .map(str::to_owned)
        .collect();
    if metrics.is_empty() {
        return Vec::new();
    }
    let planned = |stored: &Stored| PlannedCell::of(stored.record.configuration.clone());
    let cells = records.iter().map(|stored| (stored.id.clone(), planned(stored)));
    // A record says what is asked of it; of the data no more is needed.
    let datasets = records.iter().map(|stored| {
        let dataset = DatasetCard {
            form: String::new(),
            read: None,
            task: stored.record.predictions.task().word.to_owned(),
        };
        (stored.record.dataset().to_owned(), dataset)
    });
    let spec = FigureSpec {
        kind: FigureKind::LearningCurves,
        title: format!("Learning curves, {number}"),
        description: String::new(),
        filter: BTreeMap::new(),
        each: Vec::new(),
        lines: "model".to_owned(),
        x: String::new(),
        metrics,
        log: true,
        reference: None,
    };
    let experiment = ExperimentResults {
        card: Card {
            backbones: Vec::new(),
            cells: cells.collect(),
            cuts: Vec::new(),
            datasets: datasets.collect(),
            models,
            name: format!("diff-{number}"),
            reference: BTreeMap::new(),
            report: ReportSpec::default(),
            title: String::new(),
            version: card::VERSION,
        },
        media: BTreeMap::new(),
        records,
        told: BTreeMap::new(),
        unplanned: Vec::new(),
        models_of_page: Default::default(),
    };
    figure::render(&spec, &experiment)
}
