//! Two trees → one: `extends`.

use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};

use super::axes;
use super::tree::{Entry, Node, Table, Value};

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
