//! The kinds that a table can be: `kind` is read from the tree first, the rest goes into that kind's own struct, so that an
//! error points at its own line.

use serde::de::DeserializeOwned;

use crate::dataset::clips::{
    self, ClipSplit, ClipsSpec, GroupSpec, SimulatedClipsSpec, StratifiedSpec,
};
use crate::dataset::features::backbone::{BackboneSpec, Resnet50Spec};
use crate::dataset::prices::PricesSpec;
use crate::dataset::simulated::SimulatedPricesSpec;
use crate::dataset::window::{
    BacktestSpec, FitScaleOn, HoldoutSpec, Scale, SeriesSplit, Transform, WindowSpec,
};
use crate::dataset::{ClipsSource, SeriesSource, Source, Split};
use crate::model::ModelSpec;
use crate::model::baseline::{DriftSpec, LastValueSpec, MajoritySpec};
use crate::model::conv_lstm::ConvLstmSpec;
use crate::model::linear_probe::LinearProbeSpec;
use crate::model::lstm::LstmSpec;
use crate::model::lstm_gru::LstmGruSpec;
use crate::nn::optimizer::{AdamSpec, OptimizerSpec, RmspropSpec, SgdSpec};
use crate::train::TrainSpec;

use super::diagnostic::Diagnostic;
use super::keys::fields;
use super::read::{Missing, Subject, read};
use super::suggest::{did_you_mean, listed};
use super::tree::{Entry, Node, Table, Value};

/// `[dataset.NAME]`
pub const DATASETS: Kinds<Source> = &[
    kind("prices", fields::<PricesSpec>, |rest| {
        Some(Source::Series(SeriesSource::Prices(rest.read()?)))
    }),
    kind("simulated_prices", fields::<SimulatedPricesSpec>, |rest| {
        Some(Source::Series(SeriesSource::SimulatedPrices(rest.read()?)))
    }),
    kind("clips", fields::<ClipsSpec>, |rest| {
        Some(Source::Clips(ClipsSource::Clips(rest.read()?)))
    }),
    kind("simulated_clips", fields::<SimulatedClipsSpec>, |rest| {
        Some(Source::Clips(ClipsSource::SimulatedClips(rest.read()?)))
    }),
];

/// `[backbone]`
pub const BACKBONES: Kinds<BackboneSpec> = &[kind("resnet50", fields::<Resnet50Spec>, |rest| {
    rest.read().map(BackboneSpec::Resnet50)
})];

/// `[model.NAME]`
pub const MODELS: Kinds<ModelSpec> = &[
    kind("lstm", fields::<LstmSpec>, |rest| {
        rest.read().map(ModelSpec::Lstm)
    }),
    kind("lstm_gru", fields::<LstmGruSpec>, |rest| {
        rest.read().map(ModelSpec::LstmGru)
    }),
    kind("conv_lstm", fields::<ConvLstmSpec>, |rest| {
        rest.read().map(ModelSpec::ConvLstm)
    }),
    kind("last_value", fields::<LastValueSpec>, |rest| {
        rest.read().map(ModelSpec::LastValue)
    }),
    kind("drift", fields::<DriftSpec>, |rest| {
        rest.read().map(ModelSpec::Drift)
    }),
    kind("majority", fields::<MajoritySpec>, |rest| {
        rest.read().map(ModelSpec::Majority)
    }),
    kind("linear_probe", fields::<LinearProbeSpec>, |rest| {
        rest.read().map(ModelSpec::LinearProbe)
    }),
];

/// `[split]`
pub const SPLITS: Kinds<Split> = &[
    kind("holdout", fields::<HoldoutSpec>, |rest| {
        Some(Split::Series(SeriesSplit::Holdout(rest.read()?)))
    }),
    kind("backtest", fields::<BacktestSpec>, |rest| {
        Some(Split::Series(SeriesSplit::Backtest(rest.read()?)))
    }),
    kind("stratified", fields::<StratifiedSpec>, |rest| {
        Some(Split::Clips(ClipSplit::Stratified(rest.read()?)))
    }),
    kind("group", fields::<GroupSpec>, |rest| {
        Some(Split::Clips(ClipSplit::Group(rest.read()?)))
    }),
];

/// `train.optimizer`
pub const OPTIMIZERS: Kinds<OptimizerSpec> = &[
    kind("adam", fields::<AdamSpec>, |rest| {
        rest.read().map(OptimizerSpec::Adam)
    }),
    kind("rmsprop", fields::<RmspropSpec>, |rest| {
        rest.read().map(OptimizerSpec::Rmsprop)
    }),
    kind("sgd", fields::<SgdSpec>, |rest| {
        rest.read().map(OptimizerSpec::Sgd)
    }),
];

/// Every kind of something.
pub type Kinds<T> = &'static [Kind<T>];

/// One kind of something.
pub struct Kind<T> {
    /// Its word.
    pub name: &'static str,
    /// The keys that it reads besides `kind`.
    pub fields: fn() -> &'static [&'static str],
    /// How it is read.
    read: fn(&mut Rest<'_>) -> Option<T>,
}

const fn kind<T>(
    name: &'static str,
    fields: fn() -> &'static [&'static str],
    read: fn(&mut Rest<'_>) -> Option<T>,
) -> Kind<T> {
    Kind { name, fields, read }
}

/// A table without its `kind`.
pub struct Rest<'a> {
    node: Node,
    subject: Subject,
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
pub fn dataset(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<Source> {
    let spec = by_kind(
        node,
        ("a dataset", "dataset.NAME"),
        DATASETS,
        missing,
        problems,
    )?;
    match &spec {
        Source::Series(series) => fits(series.check(), node, problems)?,
        Source::Clips(source) => {
            if let Err(mistake) = clips::check(source.steps()) {
                let steps = node.as_table().and_then(|table| table.get("steps"));
                let step = steps.and_then(|steps| steps.as_list()?.get(mistake.index));
                let span = step.or(steps).map_or(node.span, |step| step.span);
                problems.push(Diagnostic::at(span, mistake.message));
                return None;
            }
        }
    }
    Some(spec)
}

/// Notes what is wrong between the settings of a table, at the one that the message names first.
fn fits(checked: anyhow::Result<()>, node: &Node, problems: &mut Vec<Diagnostic>) -> Option<()> {
    let Err(error) = checked else {
        return Some(());
    };
    let message = format!("{error:#}");
    let named = message
        .split('`')
        .skip(1)
        .step_by(2)
        .find_map(|word| node.as_table()?.get(word));
    let span = named.map_or(node.span, |setting| setting.span);
    problems.push(Diagnostic::at(span, message));
    None
}

/// Reads `[backbone]`, and holds its settings against each other.
pub fn backbone(
    node: &Node,
    missing: Missing,
    problems: &mut Vec<Diagnostic>,
) -> Option<BackboneSpec> {
    let spec = by_kind(
        node,
        ("a backbone", "backbone"),
        BACKBONES,
        missing,
        problems,
    )?;
    fits(spec.check(), node, problems)?;
    Some(spec)
}

/// Reads a `[model.NAME]`.
pub fn model(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<ModelSpec> {
    by_kind(node, ("a model", "model.NAME"), MODELS, missing, problems)
}

/// Reads `[window]`.
pub fn window(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<WindowSpec> {
    read(node, &Subject::table("window"), missing, problems)
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
pub fn split(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<Split> {
    by_kind(node, ("a split", "split"), SPLITS, missing, problems)
}

/// Reads `[split]` as a baseline sees it: it has no validation set.
pub fn split_of_baseline(
    node: &Node,
    missing: Missing,
    problems: &mut Vec<Diagnostic>,
) -> Option<Split> {
    Some(split(node, missing, problems)?.without_validation())
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
            ("an optimizer", "train.optimizer"),
            OPTIMIZERS,
            missing,
            problems,
        ));
        // The rest is read with a stand-in: serde would look for the kind itself, and lose the places.
        given.value = kind_alone("adam", given).value;
    }
    let mut spec: TrainSpec = read(&node, &Subject::table("train"), missing, problems)?;
    spec.optimizer = optimizer??;
    Some(spec)
}

/// Reads `seed`.
pub fn seed(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<u64> {
    read(node, &Subject::of("`seed`", ""), missing, problems)
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
    (what, path): (&str, &'static str),
    kinds: Kinds<T>,
    missing: Missing,
    problems: &mut Vec<Diagnostic>,
) -> Option<T> {
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name).collect();
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
    let Some(found) = kinds.iter().find(|kind| kind.name == word) else {
        let suggestion = did_you_mean(word, names);
        problems.push(
            Diagnostic::at(kind.span, format!("unknown kind `{word}`"))
                .help(format!("{suggestion}{choice}")),
        );
        return None;
    };
    let mut rest = table.clone();
    rest.remove("kind");
    (found.read)(&mut Rest {
        node: Node {
            span: node.span,
            value: Value::Table(rest),
        },
        subject: Subject::of(format!("{what} of kind `{}`", found.name), path),
        missing,
        problems,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names<T>(kinds: Kinds<T>) -> Vec<&'static str> {
        kinds.iter().map(|kind| kind.name).collect()
    }

    #[test]
    fn every_kind_can_be_named() {
        assert_eq!(names(MODELS), ModelSpec::KINDS);
        assert_eq!(names(OPTIMIZERS), OptimizerSpec::KINDS);
        assert_eq!(names(BACKBONES), BackboneSpec::KINDS);
    }
}
