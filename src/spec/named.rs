//! `[dataset.NAME]` and `[model.NAME]`: the tables that axes choose from by their names.

use std::collections::BTreeMap;

use serde::Serialize;

use super::diagnostic::Diagnostic;
use super::kinds::ReadPart;
use super::part::Maker;
use super::source::Span;
use super::suggest::{did_you_mean, listed};
use super::tree::{Node, Table};

/// The declared names of one sort of table, in the order of the file.
#[derive(Debug)]
pub struct Names {
    /// "dataset" or "model"
    what: &'static str,
    /// Each with its header.
    headers: Vec<(String, Span)>,
}

impl Names {
    /// The names below `what`.
    pub fn declared(what: &'static str, tree: &Table, problems: &mut Vec<Diagnostic>) -> Self {
        let mut headers = Vec::new();
        for entry in tree.tables(what) {
            let name = entry.key.as_str();
            let fits = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
            if name.is_empty() || !name.chars().all(fits) {
                problems.push(
                    Diagnostic::at(entry.key_span, format!("the name {name:?} cannot be used"))
                        .help("a name is made of letters, digits, _ and -"),
                );
            }
            headers.push((name.to_owned(), entry.node.span));
        }
        Self { what, headers }
    }

    /// Whether a name is declared.
    pub fn contains(&self, name: &str) -> bool {
        self.header(name).is_some()
    }

    /// Where a name is declared.
    pub fn header(&self, name: &str) -> Option<Span> {
        let (_, span) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(*span)
    }

    /// Says that a name is not declared.
    pub fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let what = self.what;
        let names = self.list();
        let declared = if names.is_empty() {
            format!("the file declares no [{what}.NAME]")
        } else {
            format!("the file declares {}", listed(&names))
        };
        let suggestion = did_you_mean(name, names);
        Diagnostic::at(span, format!("unknown {what} `{name}`"))
            .help(format!("{suggestion}{declared}"))
    }

    /// The one that every cell has where no axis says which.
    pub fn only(&self, problems: &mut Vec<Diagnostic>) -> Option<&str> {
        let what = self.what;
        match self.headers.as_slice() {
            [(name, _)] => Some(name),
            [] => None,
            [_, (_, second), ..] => {
                let quoted: Vec<String> = self
                    .list()
                    .iter()
                    .map(|name| format!("\"{name}\""))
                    .collect();
                let message =
                    format!("several {what}s are declared, and no axis says which to use");
                problems.push(
                    Diagnostic::at(*second, message)
                        .help(format!("add {what} = [{}] to [grid]", quoted.join(", "))),
                );
                None
            }
        }
    }

    /// Says that there is none at all.
    pub fn note_none(&self, file: Span, problems: &mut Vec<Diagnostic>) {
        if self.headers.is_empty() {
            let what = self.what;
            problems.push(
                Diagnostic::at(file, format!("the experiment has no {what}"))
                    .help(format!("declare one as [{what}.NAME]")),
            );
        }
    }

    fn list(&self) -> Vec<&str> {
        self.headers.iter().map(|(name, _)| name.as_str()).collect()
    }
}

/// A maker for each table below `what`.
pub fn makers<T: Serialize + Clone>(
    what: &str,
    tree: &Table,
    read: ReadPart<T>,
) -> BTreeMap<String, Maker<T>> {
    tree.tables(what)
        .iter()
        .map(|entry| {
            let maker = Maker::new(&[what, &entry.key], Some(entry), read);
            (entry.key.clone(), maker)
        })
        .collect()
}

impl Table {
    /// The entries of the table at a key.
    fn tables(&self, key: &str) -> &[super::tree::Entry] {
        self.get(key)
            .and_then(Node::as_table)
            .map_or(&[], |table| &table.entries)
    }
}
