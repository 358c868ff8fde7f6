//! `[dataset.NAME]` and `[model.NAME]`: the tables that axes choose from by their names.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde::Serialize;

use super::diagnostic::Diagnostic;
use super::keys;
use super::kinds::ReadPart;
use super::part::Maker;
use super::source::Span;
use super::suggest::{did_you_mean_name, listed};
use super::tree::{Entry, Node, Table, Value};

/// The tree with a `[dataset]` or `[model]` that has settings and no name noted, and given a name.
pub(super) fn with_names(tree: &Table, problems: &mut Vec<Diagnostic>) -> Table {
    let mut out = tree.clone();
    for (what, path) in [("dataset", "dataset.NAME"), ("model", "model.NAME")] {
        let wanted = wanted_names(tree, what);
        let Some(node) = out.get_mut(what) else {
            continue;
        };
        let span = node.span;
        let Value::Table(table) = &mut node.value else {
            continue;
        };
        let is_setting = |entry: &Entry| {
            let is_table = matches!(entry.node.value, Value::Table(_));
            !is_table && (entry.key == "kind" || keys::reads(path, &entry.key))
        };
        if !table.entries.iter().any(is_setting) {
            continue;
        }
        let (settings, named): (Vec<Entry>, Vec<Entry>) =
            std::mem::take(&mut table.entries).into_iter().partition(is_setting);
        table.entries = named;
        let free = wanted.into_iter().find(|name| table.get(name).is_none());
        let is_needed = free.is_some() || table.entries.is_empty();
        let shown = free.clone().unwrap_or_else(|| "NAME".to_owned());
        let name = free.unwrap_or_else(|| what.to_owned());
        problems.push(Diagnostic::at(span, format!("this {what} has no name")).help(format!(
            "write its header as [{what}.{shown}]: a file may hold several, and the grid calls them by their names"
        )));
        if is_needed {
            let settings = Table { entries: settings };
            table.entries.push(Entry {
                key: name,
                key_span: span,
                node: Node {
                    span,
                    value: Value::Table(settings),
                },
            });
        }
    }
    out
}

/// The table of a misspelt header, `[data]` for `[dataset.acme]`, below the first name that the grid asks for where it has none:
/// that was told with the header.
pub(super) fn with_name(entry: &Entry, what: &str, tree: &Table) -> Entry {
    let has_kind = entry.node.as_table().is_some_and(|table| table.get("kind").is_some());
    if !matches!(what, "dataset" | "model") || !has_kind {
        return entry.clone();
    }
    let free = |name: &String| tree.at(&[what, name]).is_none();
    let name = wanted_names(tree, what).into_iter().find(free);
    Entry {
        node: Node {
            span: entry.node.span,
            value: Value::Table(Table {
                entries: vec![Entry {
                    key: name.unwrap_or_else(|| what.to_owned()),
                    ..entry.clone()
                }],
            }),
        },
        ..entry.clone()
    }
}

/// The names that the grid's axis of that name holds.
fn wanted_names(tree: &Table, what: &str) -> Vec<String> {
    let axis = tree.at(&["grid", what]).and_then(|axis| axis.node.as_list());
    let names = axis.unwrap_or_default().iter().filter_map(Node::as_str);
    names.map(str::to_owned).collect()
}

/// The declared names of one sort of table, in the order of the file.
#[derive(Debug)]
pub(crate) struct Names {
    /// "dataset" or "model"
    what: &'static str,
    /// Each with its header.
    headers: Vec<(String, Span)>,
    /// Name → its place among the headers.
    places: HashMap<String, usize>,
    /// Whether something stands there that is no table, which is told by itself.
    is_no_table: bool,
}

impl Names {
    /// The names below `what`.
    pub(crate) fn declared(what: &'static str, tree: &Table, problems: &mut Vec<Diagnostic>) -> Self {
        let mut headers = Vec::new();
        let mut places = HashMap::new();
        for entry in tree.tables(what) {
            let name = entry.key.as_str();
            let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
            if name.is_empty() || !name.chars().all(fits) {
                problems.push(
                    Diagnostic::at(entry.key_span, format!("the name {name:?} cannot be used"))
                        .help("a name is made of letters, digits, _ and -"),
                );
            }
            places.insert(name.to_owned(), headers.len());
            headers.push((name.to_owned(), entry.node.span));
        }
        Self {
            what,
            headers,
            places,
            is_no_table: tree.get(what).is_some_and(|node| node.as_table().is_none()),
        }
    }

    /// Whether a name is declared.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// Whether something stands there that is no table, which is told by itself.
    pub(crate) fn is_no_table(&self) -> bool {
        self.is_no_table
    }

    /// Where a name is declared.
    pub(crate) fn header(&self, name: &str) -> Option<Span> {
        self.places.get(name).map(|place| self.headers[*place].1)
    }

    /// Says that a name is not declared.
    pub(crate) fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let what = self.what;
        let names = self.list();
        let declared = if names.is_empty() {
            format!("the file declares no [{what}.NAME]")
        } else {
            format!("the file declares {}", listed(&names))
        };
        let suggestion = did_you_mean_name(name, names);
        Diagnostic::at(span, format!("unknown {what} `{name}`")).help(format!("{suggestion}{declared}"))
    }

    /// The one that every cell has where no axis says which.
    pub(crate) fn only(&self, problems: &mut Vec<Diagnostic>) -> Option<&str> {
        let what = self.what;
        match self.headers.as_slice() {
            [(name, _)] => Some(name),
            [] => None,
            [_, (_, second), ..] => {
                let quoted: Vec<String> = self.list().iter().map(|name| format!("\"{name}\"")).collect();
                let message = format!("several {what}s are declared, and no axis says which to use");
                problems
                    .push(Diagnostic::at(*second, message).help(format!("add {what} = [{}] to [grid]", quoted.join(", "))));
                None
            }
        }
    }

    /// Says that there is none at all.
    pub(crate) fn note_none(&self, file: Span, problems: &mut Vec<Diagnostic>) {
        if self.headers.is_empty() && !self.is_no_table {
            let what = self.what;
            problems.push(
                Diagnostic::at(file, format!("the experiment has no {what}")).help(format!("declare one as [{what}.NAME]")),
            );
        }
    }

    /// Every name.
    pub(crate) fn list(&self) -> Vec<&str> {
        self.headers.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// A maker for each table below `what`.
pub(super) fn makers<T: Serialize + Clone>(what: &str, tree: &Table, read: &ReadPart<T>) -> BTreeMap<String, Maker<T>> {
    tree.tables(what)
        .iter()
        .map(|entry| {
            let maker = Maker::new(&[what, &entry.key], Some(entry), Rc::clone(read));
            (entry.key.clone(), maker)
        })
        .collect()
}

impl Table {
    /// The entries of the table at a key.
    fn tables(&self, key: &str) -> &[Entry] {
        self.get(key).and_then(Node::as_table).map_or(&[], |table| &table.entries)
    }
}
