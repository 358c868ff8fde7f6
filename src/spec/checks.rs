//! What must fit between the parts of one cell.

use crate::dataset::clips;
use crate::dataset::features::backbone::BackboneSpec;
use crate::dataset::{ClipsSource, Source, Split};
use crate::model::ModelSpec;
use crate::number;
use crate::task::{Task, TaskKind};
use crate::train::{Monitor, TrainSpec};

use super::diagnostic::Diagnostic;
use super::made::Seen;
use super::part::Part;
use super::source::Span;
use super::suggest::listed;

/// Whether the training fits the split and the task.
pub fn training(
    train: &Part<TrainSpec>,
    split: &Part<Split>,
    task: TaskKind,
    problems: &mut Vec<Diagnostic>,
) {
    let spec = &train.spec;
    if spec.loss.task() != task {
        let named = train.configuration["loss"].as_str().unwrap_or_default();
        problems.push(
            Diagnostic::at(
                place(train, &["loss"]),
                format!("the loss `{named}` does not fit a {task}"),
            )
            .help(match task {
                TaskKind::Regression => "a regression takes mse or mae",
                TaskKind::Binary => "a binary classification takes binary_cross_entropy",
            }),
        );
    }
    let watching = [
        (
            "early_stopping",
            spec.early_stopping.as_ref().map(|watch| watch.monitor),
        ),
        (
            "reduce_learning_rate",
            spec.reduce_learning_rate
                .as_ref()
                .map(|watch| watch.monitor),
        ),
    ];
    let validation = split.spec.validation();
    for (key, monitor) in watching {
        let Some(monitor) = monitor else { continue };
        if validation == 0.0 {
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
        if monitor == Monitor::ValidationAccuracy && task == TaskKind::Regression {
            problems.push(
                Diagnostic::at(
                    place(train, &[key, "monitor"]),
                    "the monitor `validation_accuracy` does not fit a regression",
                )
                .help("a regression has validation_loss"),
            );
        }
    }
}

/// Whether the model and the split are made for what the dataset holds; `names` are those of the dataset and of the model.
pub fn forms(
    dataset: &Part<Source>,
    model: &Part<ModelSpec>,
    split: Option<&Part<Split>>,
    names: [&str; 2],
    problems: &mut Vec<Diagnostic>,
) {
    let task = dataset.spec.task();
    let holds = match task {
        TaskKind::Regression => "a series",
        TaskKind::Binary => "clips",
    };
    let [dataset_name, model_name] = names;
    if model.spec.task() != task {
        problems.push(
            Diagnostic::at(
                model.node.span,
                format!(
                    "the model `{model_name}` of kind `{}` does not fit the dataset `{dataset_name}`, which holds {holds}",
                    model.spec.kind()
                ),
            )
            .help(format!("for {holds} there are {}", listed(ModelSpec::kinds_for(task)))),
        );
    }
    if let Some(split) = split
        && split.spec.task() != task
    {
        let kind = split.configuration["kind"].as_str().unwrap_or_default();
        problems.push(
            Diagnostic::at(
                place(split, &["kind"]),
                format!("the split `{kind}` does not fit the dataset `{dataset_name}`, which holds {holds}"),
            )
            .help(match task {
                TaskKind::Regression => "a series is split by holdout or backtest",
                TaskKind::Binary => "clips are split by stratified or group",
            }),
        );
    }
}

/// Whether the backbone's maps can be pooled as it says.
pub fn pooling(
    source: &ClipsSource,
    backbone: &Part<BackboneSpec>,
    problems: &mut Vec<Diagnostic>,
) {
    if let Err(error) = backbone
        .spec
        .output_shape(clips::output_shape(source.steps()))
    {
        let help = "their side is that of the images (`resize`) divided by 32";
        problems.push(Diagnostic::at(place(backbone, &["pool"]), error.to_string()).help(help));
    }
}

/// Whether the network is one that memory can hold.
pub fn weights(
    dataset: &Part<Source>,
    model: &Part<ModelSpec>,
    seen: &Seen,
    name: &str,
    problems: &mut Vec<Diagnostic>,
) {
    let (shape, task) = match (&dataset.spec, seen) {
        (Source::Series(source), Seen::Window(window)) => {
            let horizon = window.spec.horizon;
            let shape = vec![window.spec.lookback, source.feature_count()];
            (shape, Task::Regression { horizon })
        }
        (Source::Clips(source), Seen::Backbone(backbone)) => {
            let images = clips::output_shape(source.steps());
            let Ok(shape) = backbone.spec.output_shape(images) else {
                return;
            };
            (shape.to_vec(), Task::Binary)
        }
        _ => return,
    };
    let count = model.spec.weight_count(&shape, task.output_width());
    if count > number::MOST_WEIGHTS {
        let most = number::MOST_WEIGHTS;
        let about = count as f64;
        let message = format!(
            "the model `{name}` would have about {about:.1e} weights, and at most {most} are allowed"
        );
        problems.push(Diagnostic::at(model.node.span, message).help(
            "a layer's weights are about its width times the width before it: make the widths smaller",
        ));
    }
}

/// Where a setting stands, or the part that should hold it.
fn place<T>(part: &Part<T>, path: &[&str]) -> Span {
    part.node
        .as_table()
        .and_then(|table| table.at(path))
        .map_or(part.node.span, |entry| match path {
            ["loss" | "validation" | "kind" | "pool"] | [_, "monitor"] => entry.node.span,
            _ => entry.key_span,
        })
}

/// Whether an axis gives a setting its value.
fn is_moved<T>(part: &Part<T>, path: &[&str]) -> bool {
    part.moved
        .iter()
        .any(|moved| moved.iter().zip(path).all(|(moved, own)| moved == own))
}
