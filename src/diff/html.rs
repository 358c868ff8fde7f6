//! A comparison as one HTML file that needs nothing else: the tables, and both learning curves in one graph.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;
use tera::{Context, Tera};

use super::regression::Judgement;
use super::text::{self, plain, seeds};
use super::{Comparison, Group};
use crate::judge::round;
use crate::report::results::ExperimentResults;
use crate::report::{FigureView, figure};
use crate::spec::report::{FigureKind, FigureSpec, ReportSpec};
use crate::store::card::{self, Card, ModelCard};
use crate::store::record::Stored;

/// The templates; everything that they place is escaped, but for the drawings.
const TEMPLATES: [(&str, &str); 3] = [
    ("diff.html", include_str!("../../templates/diff.html")),
    ("style.css", include_str!("../../templates/style.css")),
    ("diff.css", include_str!("../../templates/diff.css")),
];

#[derive(Serialize)]
struct Page {
    counts: String,
    before: String,
    after: String,
    regressions: Vec<String>,
    experiments: Vec<ExperimentView>,
    unreadable: Vec<String>,
    /// What is gone as it was allowed to be, and records of cells that are no longer planned.
    notes: Vec<String>,
}

#[derive(Serialize)]
struct ExperimentView {
    name: String,
    groups: Vec<GroupView>,
    /// Title and ids: what was added, what was removed.
    lists: Vec<(&'static str, Vec<String>)>,
}

#[derive(Serialize)]
struct GroupView {
    id: String,
    seeds: String,
    changes: Vec<String>,
    rows: Vec<Row>,
    figures: Vec<FigureView>,
}

#[derive(Serialize)]
struct Row {
    label: String,
    before: String,
    after: String,
    change: String,
    verdict: String,
    /// `good`, `bad` or nothing.
    class: &'static str,
}

/// The page.
///
/// # Errors
/// When a template asks for what the view does not have.
pub fn render(comparison: &Comparison, judgement: &Judgement) -> anyhow::Result<String> {
    let mut number = 0;
    let experiments = comparison
        .experiments
        .iter()
        .map(|experiment| ExperimentView {
            name: plain(&experiment.name),
            groups: experiment
                .groups
                .iter()
                .map(|group| {
                    number += 1;
                    view(group, comparison, number)
                })
                .collect(),
            lists: [
                ("Added", &experiment.added),
                ("Removed", &experiment.removed),
            ]
            .into_iter()
            .filter(|(_, ids)| !ids.is_empty())
            .map(|(title, ids)| (title, ids.iter().map(|id| plain(id)).collect()))
            .collect(),
        });
    let page = Page {
        counts: text::counts(comparison),
        before: plain(&comparison.before),
        after: plain(&comparison.after),
        regressions: (judgement.regressions.iter())
            .map(|one| {
                let label = text::label(&one.effect.metric);
                let change = round::change(one.effect.difference, one.effect.relative);
                format!(
                    "{}/{}: {label} {change}",
                    plain(&one.experiment),
                    plain(&one.id)
                )
            })
            .chain((judgement.unchecked.iter()).map(|reason| format!("Not checked: {reason}")))
            .collect(),
        experiments: experiments.collect(),
        unreadable: comparison.unreadable.iter().map(|one| plain(one)).collect(),
        notes: (judgement.allowed())
            .chain(comparison.unplanned.iter().map(text::no_longer_planned))
            .collect(),
    };
    let mut tera = Tera::new();
    tera.add_raw_templates(TEMPLATES)
        .context("the built-in templates do not fit together")?;
    let context = Context::from_serialize(&page).context("the view has no JSON form")?;
    tera.render("diff.html", &context)
        .context("cannot fill the template of a comparison in")
}

fn view(group: &Group, comparison: &Comparison, number: usize) -> GroupView {
    let settings = group.settings.iter();
    let settings = settings.map(ToString::to_string);
    GroupView {
        id: plain(&group.id),
        seeds: seeds(group),
        changes: settings
            .chain(group.parts.iter().cloned())
            .map(|change| plain(&change))
            .chain((group.lacking.iter()).map(|one| text::lack(one, group.cells)))
            .collect(),
        rows: group
            .effects
            .iter()
            .map(|effect| Row {
                label: text::label(&effect.metric),
                before: round::number(effect.before),
                after: round::number(effect.after),
                change: round::change(effect.difference, effect.relative),
                verdict: effect.words.clone(),
                class: match effect.verdict.is_good() {
                    Some(true) => "good",
                    Some(false) => "bad",
                    None => "",
                },
            })
            .collect(),
        figures: curves(group, [&comparison.before, &comparison.after], number),
    }
}

/// The learning curves of both sides in one graph: to the figure, the sides are two models.
fn curves(group: &Group, sides: [&String; 2], number: usize) -> Vec<FigureView> {
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
    let has = |name: &str| {
        records
            .iter()
            .any(|one| one.record.history.contains_key(name))
    };
    let metrics: Vec<String> = ["loss", "validation_loss"]
        .into_iter()
        .filter(|name| has(name))
        .map(str::to_owned)
        .collect();
    if metrics.is_empty() {
        return Vec::new();
    }
    let cells: BTreeMap<String, Value> = records
        .iter()
        .map(|stored| (stored.id.clone(), stored.record.configuration.clone()))
        .collect();
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
            cells,
            clip_cuts: Vec::new(),
            clips: BTreeMap::new(),
            datasets: BTreeMap::new(),
            cuts: Vec::new(),
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
