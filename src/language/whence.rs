//! Where the settings of a cell stand: in its file, in the one that it extends, in `[grid]`, in an option.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::load::Reading;
use super::part::Part;
use super::source::{Origin, SourceMap, Span};
use super::tree::Node;

/// One table of a cell, with the values of its axes put in at their own places.
pub(super) struct Stands {
    table: &'static str,
    node: Node,
    /// The settings that axes moved, by their paths in the table.
    moved: Vec<Vec<String>>,
}

impl Stands {
    /// A part of a cell.
    pub(super) fn of<T>(table: &'static str, part: &Part<T>) -> Self {
        Self {
            table,
            node: part.node.clone(),
            moved: part.moved.clone(),
        }
    }

    /// The place of the value at a path in the table; none where the table does not say it, so that it is a default.
    fn find(&self, path: &[&str]) -> Option<Span> {
        let mut node = &self.node;
        for (depth, part) in path.iter().enumerate() {
            // `loss = "mse"` says the kind of a table.
            if node.as_str().is_some() && path[depth..] == ["kind"] {
                return Some(node.span);
            }
            node = node.as_table()?.get(part)?;
        }
        Some(node.span)
    }

    fn is_moved(&self, path: &[&str]) -> bool {
        let is_above = |moved: &Vec<String>| moved.len() <= path.len() && moved.iter().zip(path).all(|(a, b)| a == b);
        self.moved.iter().any(is_above)
    }
}

/// What gives a setting its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GivenBy {
    /// A table of the experiment's own file.
    File,
    /// The file that it extends.
    Extended,
    /// An axis of `[grid]`, or an inclusion.
    Grid,
    /// `--set`.
    Option,
}

/// Where a setting stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Whence {
    /// `experiments/study.toml:14`, or the option.
    pub place: String,
    /// What it is there.
    pub by: GivenBy,
}

/// Where the settings of one cell stand.
pub(crate) struct Places {
    tables: Vec<Stands>,
    sources: SourceMap,
    file: PathBuf,
}

impl Places {
    /// Of the cell `id` of the experiment in `file`, which is read again for that; empty where it has no such cell any more.
    pub(crate) fn of(file: &Path, overrides: &[(String, String)], id: &str) -> Self {
        let mut reading = Reading::new(overrides);
        let built = reading.file(file, Some(id));
        Self {
            tables: built.map(|built| built.whence).unwrap_or_default(),
            sources: reading.sources,
            file: file.to_owned(),
        }
    }

    /// Where the setting at a path of a configuration stands, as `train.epochs` or `model.hidden`; none of a default.
    pub(crate) fn find(&self, path: &str) -> Option<Whence> {
        let parts: Vec<&str> = path.split('.').collect();
        let (table, path) = parts.split_first()?;
        let table = self.tables.iter().find(|own| own.table == *table)?;
        let span = table.find(path)?;
        // What no text says has no length, as the seed of a file that names none.
        let at = (span.start < span.end).then(|| self.sources.locate(span))?;
        let (place, by) = match at.origin {
            Origin::Option(option) => (format!("{option} {}", at.text), GivenBy::Option),
            Origin::File(file) => {
                let by = match file == self.file {
                    _ if table.is_moved(path) => GivenBy::Grid,
                    true => GivenBy::File,
                    false => GivenBy::Extended,
                };
                (format!("{}:{}", file.display(), at.line), by)
            }
        };
        Some(Whence { place, by })
    }
}
