//! Keys in a table that does not read them and another does: told once for all that belong in one place, and read as if they
//! stood there, so that what seems to be missing elsewhere is no second mistake.

use std::collections::BTreeMap;

use crate::model::ModelSpec;

use super::diagnostic::Diagnostic;
use super::keys::{Home, PLAIN, TABLES, UNNAMED, homes};
use super::near;
use super::reader::sketch;
use super::suggest::synonym;
use super::tree::{Entry, Node, Table, Value};

/// The tree with misplaced keys noted and put where they belong.
pub(super) fn put_right(tree: &Table, problems: &mut Vec<Diagnostic>) -> Table {
    let homes = homes();
    let mut out = tree.clone();
    let mut found: Vec<Found> = Vec::new();
    take_out(&mut out, "", &PLAIN, homes, &mut found);
    for entry in &mut out.entries {
        let root = entry.key.clone();
        let Value::Table(table) = &mut entry.node.value else {
            continue;
        };
        match root.as_str() {
            root if UNNAMED.contains(&root) => {
                take_out(table, root, keys_of(homes, root), homes, &mut found);
            }
            "dataset" | "model" => {
                let path = if root == "model" { "model.NAME" } else { "dataset.NAME" };
                for named in &mut table.entries {
                    let label = format!("{root}.{}", named.key);
                    if let Value::Table(table) = &mut named.node.value {
                        take_out(table, &label, keys_of(homes, path), homes, &mut found);
                    }
                }
            }
            _ => {}
        }
    }
    let mut groups: BTreeMap<(String, &'static str, bool), Vec<Found>> = BTreeMap::new();
    for one in found {
        let home = out.get(one.path).and_then(Node::as_table);
        let is_taken = home.is_some_and(|home| home.get(&one.entry.key).is_some());
        groups.entry((one.table.clone(), one.home, is_taken)).or_default().push(one);
    }
    for ((table, home, is_taken), keys) in groups {
        let is_there = keys[0].path.contains('.') || out.get(keys[0].path).is_some();
        let told = told(&table, home, &keys, is_there);
        problems.push(if table == keys[0].path {
            let key = &keys[0].entry.key;
            let message = format!("`{table}.` stands below {home}, which says it already");
            Diagnostic::at(keys[0].entry.key_span, message).help(format!("write {key} = …"))
        } else if is_taken {
            told.help(format!("{home} has it already: take one of the two lines out"))
        } else {
            told
        });
        for key in keys {
            put(&mut out, key);
        }
    }
    out
}

/// A misplaced key.
struct Found {
    entry: Entry,
    /// Where it stands: `train`; empty at the top of the file.
    table: String,
    /// Where it belongs, as it is written.
    home: &'static str,
    /// Where it belongs, as a dotted path.
    path: &'static str,
}

fn keys_of(homes: &'static [Home], path: &str) -> &'static [&'static str] {
    let home = homes.iter().find(|home| home.path == path);
    home.map_or(&[], |home| &home.keys)
}

/// Takes the keys out that this table does not read and another does.
fn take_out(table: &mut Table, label: &str, own: &[&'static str], homes: &'static [Home], found: &mut Vec<Found>) {
    let mut kept = Vec::with_capacity(table.entries.len());
    let kind = table.get("kind").and_then(Node::as_str).map(str::to_owned);
    for entry in std::mem::take(&mut table.entries) {
        // `train.epochs = 3` below another header is `epochs`, which belongs in [train].
        if !label.is_empty()
            && let Some(path) = UNNAMED.iter().copied().find(|path| *path == entry.key)
            && !may_be_nearer(label, path, kind.as_deref())
            && let Value::Table(dotted) = &entry.node.value
            && !dotted.entries.is_empty()
        {
            let dotted = dotted.clone();
            let home = homes.iter().find(|home| home.path == path);
            found.extend(dotted.entries.into_iter().map(|entry| Found {
                entry,
                table: label.to_owned(),
                home: home.map_or(path, |home| &home.written),
                path,
            }));
            continue;
        }
        match place(&entry, label, own, homes) {
            Some((home, path)) => found.push(Found {
                entry,
                table: label.to_owned(),
                home,
                path,
            }),
            None => kept.push(entry),
        }
    }
    table.entries = kept;
}

/// Whether a table of that name may be one of the dataset's or the model's own; a model that trains nothing has no training.
pub(super) fn may_be_nearer(label: &str, table: &str, kind: Option<&str>) -> bool {
    let trains_nothing = || {
        let model = kind.and_then(sketch::<ModelSpec>);
        model.is_some_and(|model| !model.trains())
    };
    near::may_hold(root_of(label), table) && !(table == "train" && trains_nothing())
}

fn root_of(label: &str) -> &str {
    label.split('.').next().unwrap_or(label)
}

fn place(entry: &Entry, label: &str, own: &[&'static str], homes: &'static [Home]) -> Option<(&'static str, &'static str)> {
    let key = entry.key.as_str();
    if key == "kind" || own.contains(&key) || synonym(key, own).is_some() {
        return None;
    }
    // A table of one dataset or model.
    if label.contains('.') && near::may_hold(root_of(label), key) {
        return None;
    }
    if TABLES.contains(&key) {
        return match (&entry.node.value, key) {
            _ if label.is_empty() => None,
            (Value::List(_), "dataset" | "model") => Some(("[grid]", "grid")),
            // A single value is no table: another key of that name was meant, as the share `train` of a split.
            (value, _) if !matches!(value, Value::Table(_) | Value::List(_)) => None,
            _ => Some(("the file itself", "")),
        };
    }
    let home = homes.iter().find(|home| home.keys.contains(&key))?;
    // A key of the file itself is where it belongs.
    (home.path != label).then_some((&*home.written, home.path))
}

fn told(table: &str, home: &str, keys: &[Found], is_there: bool) -> Diagnostic {
    let names: Vec<String> = keys.iter().map(|key| format!("`{}`", key.entry.key)).collect();
    let (verb, them) = if names.len() == 1 {
        ("belongs", "it")
    } else {
        ("belong", "them")
    };
    let shown = match names.as_slice() {
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
        [] => String::new(),
    };
    let stands = if table.is_empty() {
        "not at the top of the file".to_owned()
    } else {
        format!("not in [{table}]")
    };
    let span = keys[0].entry.key_span;
    if home == "the file itself" {
        return Diagnostic::at(span, format!("{shown} {verb} at the top of the file, {stands}")).help(format!(
            "a line belongs to the last [header] above it: move {them} above the first header"
        ));
    }
    Diagnostic::at(span, format!("{shown} {verb} in {home}, {stands}")).help(match home {
        "[grid]" => format!("an axis stands below [grid]: move {them} there"),
        home if !is_there => format!("write the header {home} above {them}"),
        home if home.starts_with('[') => {
            format!("a line belongs to the last [header] above it: move {them} below {home}")
        }
        _ => {
            let table = keys[0].path.trim_start_matches("train.");
            let key = &keys[0].entry.key;
            format!("write {table} = {{ {key} = … }} below [train]")
        }
    })
}

/// Puts a key where it belongs, unless one of its name stands there.
fn put(tree: &mut Table, found: Found) {
    let Found { entry, path, .. } = found;
    let root = match path {
        "" if TABLES.contains(&entry.key.as_str()) => return,
        "" => {
            if tree.get(&entry.key).is_none() {
                tree.entries.push(entry);
            }
            return;
        }
        "dataset.NAME" | "model.NAME" => {
            let root = path.trim_end_matches(".NAME");
            // Which of several is meant, nobody knows.
            let tables = tree.get_mut(root).map(|node| &mut node.value);
            if let Some(Value::Table(tables)) = tables
                && let [only] = tables.entries.as_mut_slice()
                && let Value::Table(table) = &mut only.node.value
                && table.get(&entry.key).is_none()
            {
                table.entries.push(entry);
            }
            return;
        }
        path if UNNAMED.contains(&path) || path == "grid" => path,
        _ => return,
    };
    if tree.get(root).is_none() {
        tree.entries.push(Entry {
            key: root.to_owned(),
            key_span: entry.key_span,
            node: Node {
                span: entry.key_span,
                value: Value::Table(Table::default()),
            },
        });
    }
    if let Some(Value::Table(table)) = tree.get_mut(root).map(|node| &mut node.value)
        && table.get(&entry.key).is_none()
    {
        table.entries.push(entry);
    }
}
