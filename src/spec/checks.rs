//! What must fit between the parts of one cell.

use crate::dataset::window::SeriesSplit;
use crate::task::TaskKind;
use crate::train::{Monitor, TrainSpec};

use super::diagnostic::Diagnostic;
use super::part::Part;
use super::source::Span;

/// Whether the training fits the split and the task.
pub fn training(
    train: &Part<TrainSpec>,
    split: &Part<SeriesSplit>,
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
    let validation = match &split.spec {
        SeriesSplit::Holdout(holdout) => holdout.validation,
        SeriesSplit::Backtest(backtest) => backtest.validation,
    };
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

/// Where a setting stands, or the part that should hold it.
fn place<T>(part: &Part<T>, path: &[&str]) -> Span {
    part.node
        .as_table()
        .and_then(|table| table.at(path))
        .map_or(part.node.span, |entry| match path {
            ["loss" | "validation"] | [_, "monitor"] => entry.node.span,
            _ => entry.key_span,
        })
}

/// Whether an axis gives a setting its value.
fn is_moved<T>(part: &Part<T>, path: &[&str]) -> bool {
    part.moved
        .iter()
        .any(|moved| moved.iter().zip(path).all(|(moved, own)| moved == own))
}
