//! The kinds that a table can be: `kind` is read from the tree first, the rest goes into that kind's own struct, so that an
//! error points at its own line.

use serde::de::DeserializeOwned;

use crate::dataset::SeriesSource;
use crate::dataset::window::{FitScaleOn, Scale, SeriesSplit, Transform, WindowSpec};
use crate::model::ModelSpec;
use crate::nn::optimizer::OptimizerSpec;
use crate::train::TrainSpec;

use super::diagnostic::Diagnostic;
use super::read::{Missing, read};
use super::suggest::{did_you_mean, listed};
use super::tree::{Entry, Node, Table, Value};

/// `[dataset.NAME]`
pub const DATASETS: Kinds<SeriesSource> = &[
    ("prices", |rest| rest.read().map(SeriesSource::Prices)),
    ("simulated_prices", |rest| {
        rest.read().map(SeriesSource::SimulatedPrices)
    }),
];

/// `[model.NAME]`
pub const MODELS: Kinds<ModelSpec> = &[
    ("lstm", |rest| rest.read().map(ModelSpec::Lstm)),
    ("lstm_gru", |rest| rest.read().map(ModelSpec::LstmGru)),
    ("conv_lstm", |rest| rest.read().map(ModelSpec::ConvLstm)),
    ("last_value", |rest| rest.read().map(ModelSpec::LastValue)),
    ("drift", |rest| rest.read().map(ModelSpec::Drift)),
    ("majority", |rest| rest.read().map(ModelSpec::Majority)),
    ("linear_probe", |rest| {
        rest.read().map(ModelSpec::LinearProbe)
    }),
];

/// `[split]` of a series
pub const SPLITS: Kinds<SeriesSplit> = &[
    ("holdout", |rest| rest.read().map(SeriesSplit::Holdout)),
    ("backtest", |rest| rest.read().map(SeriesSplit::Backtest)),
];

/// `train.optimizer`
pub const OPTIMIZERS: Kinds<OptimizerSpec> = &[
    ("adam", |rest| rest.read().map(OptimizerSpec::Adam)),
    ("rmsprop", |rest| rest.read().map(OptimizerSpec::Rmsprop)),
    ("sgd", |rest| rest.read().map(OptimizerSpec::Sgd)),
];

/// Every kind of something: its name and how it is read.
pub type Kinds<T> = &'static [(&'static str, fn(&mut Rest<'_>) -> Option<T>)];

/// A table without its `kind`.
pub struct Rest<'a> {
    node: Node,
    subject: String,
    missing: Missing,
    problems: &'a mut Vec<Diagnostic>,
}

impl Rest<'_> {
    fn read<T: DeserializeOwned>(&mut self) -> Option<T> {
        read(&self.node, &self.subject, self.missing, self.problems)
    }
}

/// How a part of an experiment is read from its tree.
pub type ReadPart<T> = fn(&Node, Missing, &mut Vec<Diagnostic>) -> Option<T>;

/// Reads a `[dataset.NAME]`, and holds its settings against each other.
pub fn dataset(
    node: &Node,
    missing: Missing,
    problems: &mut Vec<Diagnostic>,
) -> Option<SeriesSource> {
    let spec = by_kind(node, "a dataset", DATASETS, missing, problems)?;
    let Err(error) = spec.check() else {
        return Some(spec);
    };
    let message = format!("{error:#}");
    // The setting that the message names first.
    let named = message
        .split('`')
        .skip(1)
        .step_by(2)
        .find_map(|word| node.as_table()?.get(word));
    let span = named.map_or(node.span, |setting| setting.span);
    problems.push(Diagnostic::at(span, message));
    None
}

/// Reads a `[model.NAME]`.
pub fn model(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<ModelSpec> {
    by_kind(node, "a model", MODELS, missing, problems)
}

/// Reads `[window]`.
pub fn window(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<WindowSpec> {
    read(node, "`[window]`", missing, problems)
}

/// Reads `[window]` as a baseline sees it: unscaled, in the target's unit.
pub fn window_of_baseline(
    node: &Node,
    missing: Missing,
    problems: &mut Vec<Diagnostic>,
) -> Option<WindowSpec> {
    let mut spec = window(node, missing, problems)?;
    spec.transform = Transform::None;
    spec.scale = Scale::None;
    spec.fit_scale_on = FitScaleOn::Train;
    Some(spec)
}

/// Reads `[split]`.
pub fn split(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<SeriesSplit> {
    by_kind(node, "a split", SPLITS, missing, problems)
}

/// Reads `[split]` as a baseline sees it: nothing is watched while training.
pub fn split_of_baseline(
    node: &Node,
    missing: Missing,
    problems: &mut Vec<Diagnostic>,
) -> Option<SeriesSplit> {
    let mut spec = split(node, missing, problems)?;
    match &mut spec {
        SeriesSplit::Holdout(holdout) => holdout.validation = 0.0,
        SeriesSplit::Backtest(backtest) => backtest.validation = 0.0,
    }
    Some(spec)
}

/// The settings that a baseline does not read, besides `train` and `seed`.
pub const UNREAD_BY_BASELINES: [[&str; 2]; 4] = [
    ["window", "transform"],
    ["window", "scale"],
    ["window", "fit_scale_on"],
    ["split", "validation"],
];

/// Whether a baseline does not read the setting at that path.
pub fn is_unread_by_baselines(path: &[String]) -> bool {
    UNREAD_BY_BASELINES.iter().any(|unread| path == unread)
}

/// Reads `[train]`.
pub fn train(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<TrainSpec> {
    let mut node = node.clone();
    let mut optimizer = None;
    if let Value::Table(table) = &mut node.value
        && let Some(given) = table.get_mut("optimizer")
    {
        optimizer = Some(by_kind(
            &with_kind_as_table(given),
            "an optimizer",
            OPTIMIZERS,
            missing,
            problems,
        ));
        // The rest is read with a stand-in: serde would look for the kind itself, and lose the places.
        given.value = kind_alone("adam", given).value;
    }
    let mut spec: TrainSpec = read(&node, "`[train]`", missing, problems)?;
    spec.optimizer = optimizer??;
    Some(spec)
}

/// Reads `seed`.
pub fn seed(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<u64> {
    read(node, "`seed`", missing, problems)
}

/// `"adam"` says the same as `{ kind = "adam" }`.
pub fn with_kind_as_table(node: &Node) -> Node {
    match &node.value {
        Value::String(kind) => kind_alone(kind, node),
        _ => node.clone(),
    }
}

fn kind_alone(kind: &str, at: &Node) -> Node {
    let kind = Entry {
        key: "kind".to_owned(),
        key_span: at.span,
        node: Node {
            span: at.span,
            value: Value::String(kind.to_owned()),
        },
    };
    Node {
        span: at.span,
        value: Value::Table(Table {
            entries: vec![kind],
        }),
    }
}

fn by_kind<T>(
    node: &Node,
    what: &str,
    kinds: Kinds<T>,
    missing: Missing,
    problems: &mut Vec<Diagnostic>,
) -> Option<T> {
    let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
    let choice = format!("the kind of {what} is one of {}", listed(&names));
    let Value::Table(table) = &node.value else {
        if !matches!(node.value, Value::Wrong) {
            let found = node.value.in_words();
            problems.push(
                Diagnostic::at(
                    node.span,
                    format!("expected a table with a `kind`, found {found}"),
                )
                .help(choice),
            );
        }
        return None;
    };
    let Some(kind) = table.get("kind") else {
        if missing == Missing::Reported {
            problems.push(Diagnostic::at(node.span, "missing `kind`").help(choice));
        }
        return None;
    };
    let Some(word) = kind.as_str() else {
        if !matches!(kind.value, Value::Wrong) {
            let found = kind.value.in_words();
            problems.push(
                Diagnostic::at(kind.span, format!("expected a kind, found {found}")).help(choice),
            );
        }
        return None;
    };
    let Some((name, read)) = kinds.iter().find(|(name, _)| *name == word) else {
        let suggestion = did_you_mean(word, names);
        problems.push(
            Diagnostic::at(kind.span, format!("unknown kind `{word}`"))
                .help(format!("{suggestion}{choice}")),
        );
        return None;
    };
    let mut rest = table.clone();
    rest.remove("kind");
    read(&mut Rest {
        node: Node {
            span: node.span,
            value: Value::Table(rest),
        },
        subject: format!("{what} of kind `{name}`"),
        missing,
        problems,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<T>(kinds: Kinds<T>) -> Vec<&'static str> {
        kinds.iter().map(|(name, _)| *name).collect()
    }

    #[test]
    fn every_kind_can_be_named() {
        assert_eq!(names(MODELS), ModelSpec::KINDS);
        assert_eq!(names(OPTIMIZERS), OptimizerSpec::KINDS);
    }
}
