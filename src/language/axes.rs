//! `[grid]` as it is written → one entry for each axis, keyed by its dotted path.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;

use super::diagnostic::Diagnostic;
use super::range;
use super::source::{SourceMap, Span};
use super::tree::{Entry, Table, Value};

/// Axes that one file writes twice, in quotes and as a path, which are two keys for TOML.
pub(super) fn note_twice(table: &Table, sources: &SourceMap, problems: &mut Vec<Diagnostic>) {
    let mut first: HashMap<String, Span> = HashMap::new();
    for entry in every_axis(table) {
        let span = entry.key_span;
        match first.entry(entry.key) {
            Place::Vacant(place) => {
                place.insert(span);
            }
            // What another file or an option says takes the place of what was there.
            Place::Occupied(place) if sources.number_of(*place.get()) == sources.number_of(span) => {
                let path = place.key();
                let line = sources.locate(*place.get()).line;
                problems.push(
                    Diagnostic::at(span, format!("the axis `{path}` stands twice"))
                        .help(format!("the first is in line {line}: put all values into one list")),
                );
            }
            Place::Occupied(_) => {}
        }
    }
}

/// `[grid]` with one entry for each axis, keyed by its whole dotted path, however it was written.
pub(super) fn flattened(table: &Table) -> Table {
    let flat = every_axis(table);
    // Of one path written in two ways the later counts, at the place of the first.
    let mut places = HashMap::new();
    let mut entries: Vec<Entry> = Vec::with_capacity(flat.len());
    for entry in flat {
        match places.entry(entry.key.clone()) {
            Place::Occupied(place) => entries[*place.get()] = entry,
            Place::Vacant(place) => {
                place.insert(entries.len());
                entries.push(entry);
            }
        }
    }
    Table { entries }
}

/// Whether one path lies in the other. `dataset` and `model` choose a name, in which no setting lies.
pub(super) fn overlap(one: &[String], other: &[String]) -> bool {
    let selects = |path: &[String]| matches!(path, [root] if root == "dataset" || root == "model");
    one == other || !selects(one) && !selects(other) && (one.starts_with(other) || other.starts_with(one))
}

/// Every axis as it is written, keyed by its whole dotted path.
fn every_axis(table: &Table) -> Vec<Entry> {
    let mut flat = Vec::new();
    for entry in &table.entries {
        match entry.key.as_str() {
            "zip" | "exclude" | "include" => flat.push(entry.clone()),
            _ => flatten(&entry.key, entry, &mut flat),
        }
    }
    flat
}

fn flatten(path: &str, entry: &Entry, flat: &mut Vec<Entry>) {
    match &entry.node.value {
        Value::Table(table) if !range::is_range(table) && !table.entries.is_empty() => {
            for below in &table.entries {
                // `train.epochs` is marked as a whole where its parts stand side by side.
                let start = if entry.key_span.end + 1 == below.key_span.start {
                    entry.key_span.start
                } else {
                    below.key_span.start
                };
                let below = Entry {
                    key_span: Span {
                        start,
                        end: below.key_span.end,
                    },
                    ..below.clone()
                };
                flatten(&format!("{path}.{}", below.key), &below, flat);
            }
        }
        _ => flat.push(Entry {
            key: path.to_owned(),
            key_span: entry.key_span,
            node: entry.node.clone(),
        }),
    }
}
