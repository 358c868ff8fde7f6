//! `[dataset.NAME.window]` beside `[window]`: a table that holds for one dataset or model. What it says is nearer and wins, key by
//! key; where it says another `kind` the settings of the file's own table mean nothing to it, as in `extends`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::data::slots;

use super::diagnostic::Diagnostic;
use super::grid::Setting;
use super::kinds::{self, ReadPart};
use super::merge;
use super::part::Maker;
use super::source::Span;
use super::tree::{Entry, Node, Table, Value};

/// What a dataset or a model may hold as a table of its own.
pub(super) fn may_hold(root: &str, table: &str) -> bool {
    match root {
        "dataset" => table == "split" || slots().iter().any(|slot| slot.table == table),
        "model" => table == "train",
        _ => false,
    }
}

/// The path of a setting of a nearer table as that of the file's own: `dataset.acme.window.horizon` is `window.horizon` of `acme`.
pub(super) fn apart(path: &[String]) -> Option<(&str, &[String])> {
    match path {
        [root, name, table, ..] if may_hold(root, table) => Some((name, &path[2..])),
        _ => None,
    }
}

/// Gives what nearer tables say the value that an option says for all.
///
/// # Errors
/// As [`Table::set`].
pub(super) fn give_way(tree: &mut Table, path: &[String], key_span: Span, value: &Node) -> Result<(), String> {
    for (root, _, holder) in holders(tree) {
        if may_hold(root, &path[0]) && holder.at(path).is_some() {
            holder.set(path, key_span, value.clone())?;
        }
    }
    Ok(())
}

/// Makes tables of the words that stand alone in the `[train]` of the file and of each model; see [`kinds::unfold`].
pub(super) fn unfold(tree: &mut Table) {
    let train = |table: &mut Table| {
        if let Some(Value::Table(train)) = table.get_mut("train").map(|node| &mut node.value) {
            kinds::unfold(train);
        }
    };
    train(tree);
    holders(tree).for_each(|(_, _, holder)| train(holder));
}

/// The tables of datasets and of models: which of the two, the name, the table.
fn holders(tree: &mut Table) -> impl Iterator<Item = (&'static str, &str, &mut Table)> {
    fn below(entry: &mut Entry) -> Option<(&str, &mut Table)> {
        match &mut entry.node.value {
            Value::Table(table) => Some((&entry.key, table)),
            _ => None,
        }
    }
    let of_root = |(key, named)| {
        let root = ["dataset", "model"].into_iter().find(|root| *root == key);
        root.map(|root| (root, named))
    };
    let roots = tree.entries.iter_mut().filter_map(below).filter_map(of_root);
    roots.flat_map(|(root, named): (_, &mut Table)| {
        let tables = named.entries.iter_mut().filter_map(below);
        tables.map(move |(name, table)| (root, name, table))
    })
}

/// The tables of datasets and models that are nearer, by what holds them and their own name.
#[derive(Debug, Default)]
pub(super) struct Nearer(BTreeMap<(String, String), Entry>);

impl Nearer {
    /// Takes them out of the tree of a file.
    pub(super) fn taken_out(tree: &mut Table) -> Self {
        let mut nearer = BTreeMap::new();
        for (root, name, table) in holders(tree) {
            let is_nearer = |entry: &Entry| may_hold(root, &entry.key) && matches!(entry.node.value, Value::Table(_));
            let (near, own) = std::mem::take(&mut table.entries).into_iter().partition(is_nearer);
            table.entries = own;
            let near: Vec<Entry> = near;
            let near = near.into_iter();
            nearer.extend(near.map(|entry| ((name.to_owned(), entry.key.clone()), entry)));
        }
        Self(nearer)
    }

    /// Each with the name of what holds it.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        let tables = self.0.iter();
        tables.map(|((holder, _), entry)| (holder.as_str(), entry))
    }

    fn of(&self, table: &str) -> impl Iterator<Item = (&str, &Entry)> {
        self.iter().filter(move |(_, entry)| entry.key == table)
    }
}

/// The makers of one table: of the file's own, and of each that is nearer. Each has `N` ways to be read.
pub(super) struct Makers<T, const N: usize> {
    wide: [Maker<T>; N],
    near: BTreeMap<String, Near<T, N>>,
}

struct Near<T, const N: usize> {
    /// What the nearer table says.
    says: Table,
    makers: [Maker<T>; N],
}

impl<T: Serialize + Clone, const N: usize> Makers<T, N> {
    /// Makers of a table of the file.
    pub(super) fn new(table: &'static str, tree: &Table, nearer: &Nearer, reads: &[ReadPart<T>; N]) -> Self {
        let wide = tree.entry(table);
        let makers = |base: Option<&Entry>| reads.clone().map(|read| Maker::new(&[table], base, read));
        let near = nearer.of(table).map(|(holder, entry)| {
            let says = entry.node.as_table().cloned().unwrap_or_default();
            let base = match wide.map(|wide| (wide, &wide.node.value)) {
                Some((wide, Value::Table(below))) if !merge::changes_kind(below, &says) => Entry {
                    node: Node {
                        span: entry.node.span,
                        value: Value::Table(merge::extended(below, &says)),
                    },
                    ..wide.clone()
                },
                _ => entry.clone(),
            };
            let near = Near {
                makers: makers(Some(&base)),
                says,
            };
            (holder.to_owned(), near)
        });
        Self {
            near: near.collect(),
            wide: makers(wide),
        }
    }

    /// The makers for a dataset or a model of that name.
    pub(super) fn of(&mut self, holder: &str) -> &mut [Maker<T>; N] {
        match self.near.get_mut(holder) {
            Some(near) => &mut near.makers,
            None => &mut self.wide,
        }
    }

    /// Whether nothing is said of the table for a dataset or a model of that name.
    pub(super) fn is_absent(&self, holder: &str, chosen: &[usize]) -> bool {
        let makers = self.near.get(holder).map_or(&self.wide, |near| &near.makers);
        makers[0].is_absent(chosen)
    }

    /// What the file's own table says outside `[grid]`.
    pub(super) fn base(&self) -> Option<&Node> {
        self.wide[0].base()
    }

    /// Whether a nearer table of that name says a setting of the file's own, or something in it, by its path in the table.
    pub(super) fn is_said_nearer(&self, holder: &str, path: &[String]) -> bool {
        let near = self.near.get(holder);
        near.is_some_and(|near| path.is_empty() || near.says.at(path).is_some())
    }

    /// Every maker.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Maker<T>> {
        let near = self.near.values().flat_map(|near| &near.makers);
        self.wide.iter().chain(near)
    }

    /// Looks for mistakes in what no cell has read; see [`Maker::check_unused`]. `unused` gives the settings of the file's own table,
    /// or of a nearer one.
    pub(super) fn check_unused(
        &mut self,
        unused: impl Fn(Option<&str>) -> Vec<usize>,
        settings: &[Setting],
        problems: &mut Vec<Diagnostic>,
    ) {
        if let [maker, ..] = &mut self.wide[..] {
            maker.check_unused(&unused(None), settings, problems);
        }
        for (holder, near) in &mut self.near {
            if let [maker, ..] = &mut near.makers[..] {
                maker.check_unused(&unused(Some(holder)), settings, problems);
            }
        }
    }
}
