//! Two trees → one: `extends`, and the options of `--set`.

use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};

use super::axes;
use super::near;
use super::source::Span;
use super::tree::{Entry, Node, Table, Value, path_of};

/// `over` laid on `base`: tables are merged, anything else is replaced; so is a table whose `kind` changes, because the
/// settings of one kind mean nothing to another.
pub(super) fn extended(base: &Table, over: &Table) -> Table {
    laid_on(base.clone(), &over.entries, |below, entry| {
        match (&below.node.value, &entry.node.value) {
            (Value::Table(below), Value::Table(above)) if entry.key == "grid" => {
                with_table(entry, merged_grid(below, above))
            }
            (Value::Table(below), Value::Table(above)) if !changes_kind(below, above) => {
                with_table(entry, extended(below, above))
            }
            _ => entry.clone(),
        }
    })
}

/// Entries in the places of those of the same key, as `merged` says; the others behind them.
fn laid_on(mut base: Table, over: &[Entry], merged: impl Fn(&Entry, &Entry) -> Entry) -> Table {
    let keys = base.entries.iter().map(|entry| entry.key.clone());
    let mut places: HashMap<String, usize> = keys.zip(0..).collect();
    for entry in over {
        match places.entry(entry.key.clone()) {
            Occupied(place) => {
                let place = *place.get();
                base.entries[place] = merged(&base.entries[place], entry);
            }
            Vacant(place) => {
                place.insert(base.entries.len());
                base.entries.push(entry.clone());
            }
        }
    }
    base
}

/// An axis is replaced as a whole, however its path is written.
fn merged_grid(base: &Table, over: &Table) -> Table {
    let over = axes::flattened(over).entries;
    laid_on(axes::flattened(base), &over, |_, entry| entry.clone())
}

/// Whether `over` is of another kind than `base`, so that the settings of `base` mean nothing to it.
pub(super) fn changes_kind(base: &Table, over: &Table) -> bool {
    match (base.get("kind"), over.get("kind")) {
        (Some(base), Some(over)) => base.as_str() != over.as_str(),
        _ => false,
    }
}

fn with_table(entry: &Entry, table: Table) -> Entry {
    Entry {
        node: Node {
            span: entry.node.span,
            value: Value::Table(table),
        },
        ..entry.clone()
    }
}

/// One `--set PATH=VALUE`.
pub(super) struct Override {
    /// The setting.
    pub path: String,
    /// Where the option names it.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// What became of an override in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applied {
    /// The file's value is another now.
    Yes,
    /// The file has no table of that name.
    NotHere,
}

/// Gives a setting of a file another value; where the grid has an axis of that path, the axis its only one.
pub(super) fn overridden(tree: &mut Table, over: &Override) -> Result<Applied, String> {
    let path = path_of(&over.path);
    if let [what @ ("dataset" | "model"), name, ..] = path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        let declared = tree.at(&[what, name]).is_some();
        if !declared {
            return Ok(Applied::NotHere);
        }
    }
    let selects = matches!(over.path.as_str(), "dataset" | "model");
    let axis = || Entry {
        key: over.path.clone(),
        key_span: over.key_span,
        node: Node {
            span: over.value.span,
            value: Value::List(vec![over.value.clone()]),
        },
    };
    if let Some(node) = tree.get_mut("grid")
        && let Value::Table(table) = &mut node.value
    {
        *table = axes::flattened(table);
        let moved = out_of_zips(table, &over.path);
        if moved || selects || table.get(&over.path).is_some() {
            table.insert(axis());
            return Ok(Applied::Yes);
        }
        // An option is nearer than all: it takes the place of an axis of one dataset or model too.
        let is_nearer = |axis: &Entry| {
            let axis = path_of(&axis.key);
            near::apart(&axis).is_some_and(|(_, inner)| inner == path)
        };
        table.entries.retain(|axis| !is_nearer(axis));
        let overlaps = |axis: &&Entry| {
            let axis = path_of(&axis.key);
            let selects = matches!(axis.as_slice(), [one] if one == "dataset" || one == "model");
            !selects && (axis.starts_with(&path) || path.starts_with(&axis))
        };
        if let Some(axis) = table.entries.iter().find(overlaps) {
            return Err(format!("the grid moves `{}` itself", axis.key));
        }
    } else if selects {
        tree.insert(Entry {
            key: "grid".to_owned(),
            key_span: over.key_span,
            node: Node {
                span: over.key_span,
                value: Value::Table(Table { entries: vec![axis()] }),
            },
        });
        return Ok(Applied::Yes);
    }
    if path.len() > 2
        && path[0] == "train"
        && path[1] == "optimizer"
        && let Some(Value::Table(train)) = tree.get_mut("train").map(|node| &mut node.value)
        && let Some(optimizer) = train.get_mut("optimizer")
    {
        *optimizer = super::kinds::with_kind_as_table(optimizer);
    }
    tree.set(&path, over.key_span, over.value.clone())?;
    near::give_way(tree, &path);
    Ok(Applied::Yes)
}

/// Takes an axis out of the zips that move it; whether one did. A zip that is left with one axis becomes that axis.
fn out_of_zips(grid: &mut Table, path: &str) -> bool {
    let mut found = false;
    let mut alone = Vec::new();
    if let Some(Value::List(zips)) = grid.get_mut("zip").map(|node| &mut node.value) {
        for zip in zips.iter_mut() {
            if let Value::Table(axes) = &mut zip.value {
                *axes = axes::flattened(axes);
                if axes.remove(path).is_some() {
                    found = true;
                    if axes.entries.len() == 1 {
                        alone.append(&mut axes.entries);
                    }
                }
            }
        }
        zips.retain(|zip| zip.as_table().is_none_or(|axes| !axes.entries.is_empty()));
    }
    if matches!(grid.get("zip").and_then(Node::as_list), Some([])) {
        grid.remove("zip");
    }
    for axis in alone {
        grid.insert(axis);
    }
    found
}
