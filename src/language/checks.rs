//! What must fit between the parts of one cell.

use std::rc::Rc;

use serde_json::Value as Json;

use crate::console::joined;
use crate::data::{Form, Source, Split};
use crate::kind::Kinds;
use crate::model::{ModelSpec, Role};
use crate::nn::loss::Loss;
use crate::number;
use crate::task::Task;
use crate::train::{Monitor, TrainSpec};

use super::diagnostic::Diagnostic;
use super::kinds::blamed;
use super::part::Part;
use super::reader::sketch;
use super::source::Span;
use super::suggest::listed;

/// Whether the training fits the split and the task.
pub(super) fn training(train: &Part<TrainSpec>, split: &Part<Split>, task: &'static Task, problems: &mut Vec<Diagnostic>) {
    let spec = &train.spec;
    if !spec.loss.fits(task) {
        let named = spec.loss.kind();
        let fit = |kind: &&str| sketch::<Loss>(kind).is_some_and(|loss| loss.fits(task));
        let losses: Vec<&str> = Loss::kinds().into_iter().filter(fit).collect();
        problems.push(
            Diagnostic::at(place(train, &["loss"]), format!("the loss `{named}` does not fit a {task}"))
                .help(format!("a {task} takes {}", joined(&losses, "or"))),
        );
    }
    let watching = [
        ("early_stopping", spec.early_stopping.as_ref().map(|watch| watch.monitor)),
        (
            "reduce_learning_rate",
            spec.reduce_learning_rate.as_ref().map(|watch| watch.monitor),
        ),
    ];
    for (key, monitor) in watching {
        let Some(monitor) = monitor else { continue };
        if !split.spec.has_validation() {
            // Blamed on what the grid moves, if one of the two it is.
            let moved_split = is_moved(split, &["validation"]) && !is_moved(train, &[key]);
            problems.push(
                Diagnostic::at(
                    if moved_split {
                        place(split, &["validation"])
                    } else {
                        place(train, &[key])
                    },
                    format!("`{key}` needs validation examples, and `split.validation` is 0"),
                )
                .help("set validation = 0.1 in [split]"),
            );
        }
        if !monitor.fits(task) {
            let fit = Monitor::ALL.iter().filter(|other| other.fits(task));
            let names: Vec<&str> = fit.map(|monitor| monitor.name()).collect();
            problems.push(
                Diagnostic::at(
                    place(train, &[key, "monitor"]),
                    format!("the monitor `{}` does not fit a {task}", monitor.name()),
                )
                .help(format!("a {task} has {}", joined(&names, "and"))),
            );
        }
    }
}

/// Whether intervals around forecasts can be calibrated, and are the only ones.
pub(super) fn intervals(
    form: &Form,
    seen: &[(&'static str, Rc<Part<Json>>)],
    split: &Part<Split>,
    train: Option<&Part<TrainSpec>>,
    problems: &mut Vec<Diagnostic>,
) {
    let mut slots = form.slots().iter().filter(|slot| slot.baselines_validate);
    let found = slots.find_map(|slot| seen.iter().find(|(table, _)| *table == slot.table));
    let Some((table, part)) = found else { return };
    if !split.spec.has_validation() {
        // Blamed on what the grid moves, if it is that.
        let at = match is_moved(split, &["validation"]) {
            true => place(split, &["validation"]),
            false => part.node.span,
        };
        problems.push(
            Diagnostic::at(
                at,
                format!("[{table}] needs validation windows to be calibrated on, and the split has none"),
            )
            .help(format!("set `validation` in [split], or take [{table}] out")),
        );
    }
    if let Some(train) = train.filter(|train| !train.spec.loss.quantiles().is_empty()) {
        let loss = train.spec.loss.kind();
        problems.push(
            Diagnostic::at(
                place(train, &["loss"]),
                format!(
                    "a network with the loss `{loss}` forecasts quantiles, and [{table}] would draw intervals beside them"
                ),
            )
            .help(format!(
                "take [{table}] out, or choose another loss: a forecast has one kind of interval"
            )),
        );
    }
}

/// Whether the model and the split are made for what the dataset holds; `names` are those of the dataset and of the model.
pub(super) fn forms(
    dataset: &Part<Source>,
    model: &Part<ModelSpec>,
    split: Option<&Part<Split>>,
    names: [&str; 2],
    problems: &mut Vec<Diagnostic>,
) {
    let form = dataset.spec.form();
    let holds = form.holds;
    let [dataset_name, model_name] = names;
    if !model.spec.fits(form.axes, form.task) {
        let kind = model.spec.kind();
        let fit = |kind: &&str| sketch::<ModelSpec>(kind).is_some_and(|model| model.fits(form.axes, form.task));
        let kinds: Vec<&str> = ModelSpec::kinds().into_iter().filter(fit).collect();
        problems.push(
            Diagnostic::at(
                model.node.span,
                format!("the model `{model_name}` of kind `{kind}` does not fit the dataset `{dataset_name}`, which holds {holds}"),
            )
            .help(format!("for {holds} there are {}", listed(&kinds))),
        );
    }
    if let Some(split) = split
        && split.spec.form() != form
    {
        let kind = split.spec.kind();
        problems.push(
            Diagnostic::at(
                place(split, &["kind"]),
                format!("the split `{kind}` does not fit the dataset `{dataset_name}`, which holds {holds}"),
            )
            .help(format!("{} split by {}", form.being, joined(&(form.splits)(), "or"))),
        );
    }
    if let Some(split) = split
        && let Err(blame) = split.spec.check_for(&dataset.spec)
    {
        problems.push(blamed(&blame, &split.node));
    }
}

/// Whether the split fits how the data are seen.
pub(super) fn split(split: &Part<Split>, seen: &[(&'static str, Rc<Part<Json>>)], problems: &mut Vec<Diagnostic>) {
    let settings = seen.iter().map(|(table, part)| (*table, part.spec.clone())).collect();
    if let Err(blame) = split.spec.check(&settings) {
        problems.push(blamed(&blame, &split.node));
    }
}

/// Whether what a model sees fits together, and its network is one that memory can hold.
pub(super) fn sample(
    dataset: &Part<Source>,
    seen: &[(&'static str, Rc<Part<Json>>)],
    (model, name): (Option<&Part<ModelSpec>>, &str),
    train: Option<&Part<TrainSpec>>,
    problems: &mut Vec<Diagnostic>,
) {
    let settings = seen.iter().map(|(table, part)| (*table, part.spec.clone())).collect();
    let sample = match dataset.spec.sample(&settings) {
        Ok(sample) => sample,
        Err(blame) => {
            let part = seen.iter().find(|(table, _)| *table == blame.table);
            let node = part.map_or(&dataset.node, |(_, part)| &part.node);
            problems.push(blamed(&blame, node));
            return;
        }
    };
    let (Some(sample), Some(model)) = (sample, model) else {
        return;
    };
    let fits = model.spec.check(&sample.shape);
    if let Err(blame) = fits.and_then(|()| model.spec.check_outputs(&sample.outputs)) {
        problems.push(blamed(&blame, &model.node));
        return;
    }
    let Role::Network(network) = model.spec.role() else {
        return;
    };
    if let (Some([table, key]), Some(train)) = (sample.changes, train)
        && train.spec.loss.outputs() > 1
    {
        let part = seen.iter().find(|(slot, _)| *slot == table);
        let at = part.map_or(train.node.span, |(_, part)| place(part, &[key]));
        problems.push(
            Diagnostic::at(
                at,
                format!("the loss asks for quantiles of each step, and under this `{key}` a step is the change from the one before: quantiles do not add up"),
            )
            .help(format!("use {key} = \"log\" or \"none\", or another `train.loss`")),
        );
        return;
    }
    let outputs = sample.outputs.times(train.map_or(1, |train| train.spec.loss.outputs()));
    let count = network.weight_count(&sample.shape, &outputs);
    if count > number::MOST_WEIGHTS {
        let most = number::MOST_WEIGHTS;
        let about = count as f64;
        let message = format!("the model `{name}` would have about {about:.1e} weights, and at most {most} are allowed");
        problems.push(
            Diagnostic::at(model.node.span, message)
                .help("a layer's weights are about its width times the width before it: make the widths smaller"),
        );
    }
}

/// Where a setting stands, or the part that should hold it.
fn place<T>(part: &Part<T>, path: &[&str]) -> Span {
    part.node
        .as_table()
        .and_then(|table| table.at(path))
        .map_or(part.node.span, |entry| match path {
            ["loss" | "validation" | "kind"] | [_, "monitor"] => entry.node.span,
            _ => entry.key_span,
        })
}

/// Whether an axis gives a setting its value.
fn is_moved<T>(part: &Part<T>, path: &[&str]) -> bool {
    part.moved
        .iter()
        .any(|moved| moved.iter().zip(path).all(|(moved, own)| moved == own))
}
