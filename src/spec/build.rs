//! The tree of one file → an experiment with all its cells.

use std::collections::BTreeMap;
use std::path::Path;

use crate::task::TaskKind;

use super::cell::Cell;
use super::declared;
use super::diagnostic::Diagnostic;
use super::expansion::Expansion;
use super::experiment::Experiment;
use super::grid::{self, Strictness};
use super::kinds;
use super::read::{Missing, read};
use super::reference;
use super::report::ReportSpec;
use super::source::{SourceMap, Span};
use super::suggest::{closest, did_you_mean, listed};
use super::tree::{Node, Table};

/// What a file can hold.
const TOP_LEVEL: [&str; 12] = [
    "title", "seed", "extends", "requires", "dataset", "window", "backbone", "split", "model",
    "train", "grid", "report",
];

/// Builds the experiment of a file; `None` after a mistake. `start` is where the file begins.
pub fn experiment(
    path: &Path,
    start: Span,
    tree: &Table,
    strictness: Strictness,
    sources: &mut SourceMap,
    problems: &mut Vec<Diagnostic>,
) -> Option<Experiment> {
    let before = problems.len();
    let tree = &with_known_keys(tree, problems);
    note_wrong_tables(tree, problems);
    let name = path
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let title = word(tree, "title", problems).unwrap_or_else(|| name.clone());
    let requires_cuda = requires_cuda(tree, problems);
    let grid = tree.get("grid").and_then(|node| {
        let flat = grid::flattened(node.as_table()?);
        Some(grid::read(node.span, &flat, problems))
    });
    let mut expansion = Expansion::new(tree, &name, requires_cuda, problems);
    let cells = expansion.cells(grid.unwrap_or_default(), start, strictness, problems);
    note_overridden(tree, problems);
    let mut report = ReportSpec::default();
    let mut reference = BTreeMap::new();
    if let Some(node) = tree.get("report") {
        let node = declared::with_flat_filters(node);
        let spec = declared::report(&node, problems);
        // What the cells have is known only where all of them could be made.
        if let (Some(spec), true) = (spec, problems.len() == before) {
            let tasks = tasks(&cells);
            let known = expansion.known(&cells);
            declared::check(&node, &spec, &known, &tasks, strictness, problems);
            for (named, columns) in declared::references(&node, &tasks) {
                let rows = reference::rows(named, &known, &columns, strictness, sources, problems);
                if let (Some(name), Some(rows)) = (named.as_str(), rows) {
                    reference.insert(name.to_owned(), rows);
                }
            }
            report = spec;
        }
    }
    (problems.len() == before).then_some(Experiment {
        name,
        title,
        path: path.to_owned(),
        requires_cuda,
        cells,
        report,
        reference,
    })
}

/// What the cells ask of their models.
fn tasks(cells: &[Cell]) -> Vec<TaskKind> {
    let has = |task: &TaskKind| cells.iter().any(|cell| cell.data.task().kind() == *task);
    [TaskKind::Regression, TaskKind::Binary]
        .into_iter()
        .filter(has)
        .collect()
}

/// Mistakes of the file's own values that every cell takes from an axis instead. Those that cells have too are told once.
fn note_overridden(tree: &Table, problems: &mut Vec<Diagnostic>) {
    if let Some(window) = tree.get("window") {
        kinds::window(window, Missing::Expected, problems);
    }
    if let Some(backbone) = tree.get("backbone") {
        kinds::backbone(backbone, Missing::Expected, problems);
    }
    if let Some(train) = tree.get("train") {
        kinds::train(train, Missing::Expected, problems);
    }
    if let Some(seed) = tree.get("seed") {
        kinds::seed(seed, Missing::Expected, problems);
    }
}

/// The tree with each unknown key noted, and read as the one that was probably meant.
fn with_known_keys(tree: &Table, problems: &mut Vec<Diagnostic>) -> Table {
    let mut known = tree.clone();
    for entry in &mut known.entries {
        let key = entry.key.as_str();
        if TOP_LEVEL.contains(&key) {
            continue;
        }
        let suggestion = did_you_mean(key, TOP_LEVEL);
        problems.push(
            Diagnostic::at(entry.key_span, format!("unknown field `{key}`")).help(format!(
                "{suggestion}an experiment takes {}",
                listed(&TOP_LEVEL)
            )),
        );
        if let Some(meant) = closest(key, TOP_LEVEL)
            && tree.get(meant).is_none()
        {
            entry.key = meant.to_owned();
        }
    }
    known
}

fn note_wrong_tables(tree: &Table, problems: &mut Vec<Diagnostic>) {
    for entry in &tree.entries {
        let written = match entry.key.as_str() {
            "dataset" => "[dataset.NAME]",
            "model" => "[model.NAME]",
            "grid" => "[grid]",
            "report" => "[[report.table]]",
            _ => continue,
        };
        if entry.node.as_table().is_none() {
            let found = entry.node.value.in_words();
            problems.push(
                Diagnostic::at(entry.node.span, format!("expected a table, found {found}"))
                    .help(format!("write it as {written}")),
            );
        }
    }
}

fn word(tree: &Table, key: &str, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let node = tree.get(key)?;
    read(node, &format!("`{key}`"), Missing::Reported, problems)
}

fn requires_cuda(tree: &Table, problems: &mut Vec<Diagnostic>) -> bool {
    let required = word(tree, "requires", problems);
    match (&required, tree.get("requires").map(|node: &Node| node.span)) {
        (Some(required), Some(span)) if !["cuda", "cpu"].contains(&required.as_str()) => problems
            .push(
                Diagnostic::at(span, format!("unknown value `{required}`"))
                    .help("`requires` is \"cuda\", or \"cpu\", which any machine has"),
            ),
        _ => {}
    }
    required.is_some_and(|required| required == "cuda")
}
