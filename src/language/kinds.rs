//! The kinds that a table can be: `kind` is read from the tree first, the rest goes into that kind's own struct, so that an
//! error points at its own line.

use std::rc::Rc;

use serde_json::Value as Json;

use crate::data::{self, Blame, Slot, Source, Split};
use crate::kind::Kinds;
use crate::model::ModelSpec;
use crate::nn::loss::Loss;
use crate::nn::optimizer::OptimizerSpec;
use crate::train::{Schedule, TrainSpec};

use super::diagnostic::Diagnostic;
use super::mistake::Mistake;
use super::read::{Missing, Subject, read, read_by};
use super::reader::Reader;
use super::source::Span;
use super::suggest::{did_you_mean, listed};
use super::tree::{Entry, Node, Table, Value};

/// How a part of an experiment is read from its tree.
pub(super) type ReadPart<T> = Rc<dyn Fn(&Node, Missing, &mut Vec<Diagnostic>) -> Option<T>>;

/// Reads a `[dataset.NAME]`, and holds its settings against each other.
pub(super) fn dataset(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<Source> {
    let spec: Source = by_kind(node, ("a dataset", "dataset.NAME"), missing, problems)?;
    fits(spec.check(), node, problems)?;
    Some(spec)
}

/// Notes what is wrong between the settings of a table, where it is to be blamed.
fn fits<T>(checked: Result<T, Blame>, node: &Node, problems: &mut Vec<Diagnostic>) -> Option<T> {
    checked.map_err(|blame| problems.push(blamed(&blame, node))).ok()
}

/// A mistake at its place in the table.
pub(super) fn blamed(blame: &Blame, node: &Node) -> Diagnostic {
    let key = node.as_table().and_then(|table| table.get(blame.key));
    let element = blame.index.and_then(|index| key.and_then(|key| key.as_list()?.get(index)));
    let span: Span = element.or(key).unwrap_or(node).span;
    let problem = Diagnostic::at(span, blame.message.clone());
    match blame.help {
        Some(help) => problem.help(help),
        None => problem,
    }
}

/// Reads a `[model.NAME]`.
pub(super) fn model(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<ModelSpec> {
    by_kind(node, ("a model", "model.NAME"), missing, problems)
}

/// How the table of a slot is read: its settings as a network sees them and as a baseline does.
pub(super) fn slot(slot: &'static Slot) -> [ReadPart<Json>; 2] {
    [0, 1].map(|view| -> ReadPart<Json> {
        Rc::new(move |node, missing, problems| {
            let table = slot.table;
            let kinds: Vec<&str> = (slot.kinds)().into_iter().map(|(kind, _)| kind).collect();
            let read = |kind: &str, settings: Reader<'_>| slot.read(kind, settings);
            let views = if kinds == [""] {
                let read = |settings: Reader<'_>| read("", settings);
                read_by(read, node, &Subject::table(table), missing, problems)
            } else {
                let what = match table {
                    several if several.ends_with('s') => format!("[{several}]"),
                    vowel if vowel.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {vowel}"),
                    other => format!("a {other}"),
                };
                one_of(&kinds, read, node, (&what, table), missing, problems)
            };
            let [network, baseline] = fits(views?, node, problems)?;
            Some(if view == 0 { network } else { baseline })
        })
    })
}

/// Reads `[split]`.
pub(super) fn split(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<Split> {
    by_kind(node, ("a split", "split"), missing, problems)
}

/// Reads `[split]` as a baseline sees it: it has no validation set.
pub(super) fn split_of_baseline(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<Split> {
    let mut split = split(node, missing, problems)?;
    split.without_validation();
    Some(split)
}

/// The same as a baseline sees it that learns nothing from training examples.
pub(super) fn split_of_unlearning(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<Split> {
    let mut split = split_of_baseline(node, missing, problems)?;
    split.without_training();
    Some(split)
}

/// Whether a baseline does not read the setting at that path, of data that are split so. `validates` tells whether it has validation examples
/// all the same.
pub(super) fn is_unread_by_baselines(path: &[String], split: &Split, validates: bool) -> bool {
    data::unread_by_baselines(&**split, validates).any(|unread| path == unread)
}

/// The settings of `[train]` that change no number.
pub(super) const CHANGES_NO_NUMBER: [&str; 1] = ["checkpoint"];

/// Reads `[train]`.
pub(super) fn train(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<TrainSpec> {
    let mut node = node.clone();
    if let Value::Table(train) = &mut node.value {
        unfold(train);
    }
    let of_loss = ("a loss", "train.loss");
    let loss = taken_out::<Loss>(&mut node, "loss", of_loss, missing, problems);
    let of_optimizer = ("an optimizer", "train.optimizer");
    let optimizer = taken_out::<OptimizerSpec>(&mut node, "optimizer", of_optimizer, missing, problems);
    let of_schedule = ("a schedule", "train.schedule");
    let schedule = taken_out::<Schedule>(&mut node, "schedule", of_schedule, missing, problems);
    let mut spec: TrainSpec = read(&node, &Subject::table("train"), missing, problems)?;
    spec.loss = loss??;
    spec.optimizer = optimizer??;
    if let Some(schedule) = schedule {
        spec.schedule = Some(schedule?);
    }
    fits(spec.check(), &node, problems)?;
    Some(spec)
}

/// Reads a kind that may stand as its word alone, unfolded. In the table a stand-in is left: serde would look for the kind itself, and lose the
/// places.
#[expect(clippy::option_option, reason = "whether the key is there, and whether it was understood")]
fn taken_out<T: Kinds>(
    table: &mut Node,
    key: &str,
    what: (&str, &'static str),
    missing: Missing,
    problems: &mut Vec<Diagnostic>,
) -> Option<Option<T>> {
    let Value::Table(table) = &mut table.value else {
        return None;
    };
    let given = table.get_mut(key)?;
    let read = by_kind::<T>(given, what, missing, problems);
    given.value = Value::Table(Table::default());
    if let Some(first) = T::kinds().first() {
        given.value = kind_alone(first, given).value;
    }
    Some(read)
}

/// Reads `seed`.
pub(super) fn seed(node: &Node, missing: Missing, problems: &mut Vec<Diagnostic>) -> Option<u64> {
    read(node, &Subject::of("`seed`", ""), missing, problems)
}

/// The settings of a `[train]` that are kinds which may stand as their word alone.
const ALONE: [&str; 3] = ["loss", "optimizer", "schedule"];

/// Makes a table of each kind that stands as its word alone: `"adam"` says the same as `{ kind = "adam" }`, and what lies over it goes
/// key by key.
pub(super) fn unfold(train: &mut Table) {
    for entry in &mut train.entries {
        if let Value::String(kind) = &entry.node.value
            && ALONE.contains(&entry.key.as_str())
        {
            entry.node = kind_alone(kind, &entry.node);
        }
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
        value: Value::Table(Table { entries: vec![kind] }),
    }
}

fn by_kind<T: Kinds>(
    node: &Node,
    what: (&str, &'static str),
    missing: Missing,
    problems: &mut Vec<Diagnostic>,
) -> Option<T> {
    let read = |kind: &str, settings: Reader<'_>| T::of_kind(kind, settings);
    one_of(&T::kinds(), read, node, what, missing, problems)
}

/// Reads a table with a `kind` that is one of these, from its settings without the word.
fn one_of<T>(
    names: &[&str],
    read: impl Fn(&str, Reader<'_>) -> Result<T, Mistake>,
    node: &Node,
    (what, path): (&str, &'static str),
    missing: Missing,
    problems: &mut Vec<Diagnostic>,
) -> Option<T> {
    let choice = format!("the kind of {what} is one of {}", listed(names));
    let Value::Table(table) = &node.value else {
        if !matches!(node.value, Value::Wrong) {
            let found = node.value.in_words();
            problems.push(Diagnostic::at(node.span, format!("expected a table with a `kind`, found {found}")).help(choice));
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
            problems.push(Diagnostic::at(kind.span, format!("expected a kind, found {found}")).help(choice));
        }
        return None;
    };
    if !names.contains(&word) {
        let suggestion = did_you_mean(word, names.iter().copied());
        problems.push(Diagnostic::at(kind.span, format!("unknown kind `{word}`")).help(format!("{suggestion}{choice}")));
        return None;
    }
    let mut rest = table.clone();
    rest.remove("kind");
    let rest = Node {
        span: node.span,
        value: Value::Table(rest),
    };
    let subject = Subject::of(format!("{what} of kind `{word}`"), path);
    let deserialize = |settings: Reader<'_>| read(word, settings);
    read_by(deserialize, &rest, &subject, missing, problems)
}
