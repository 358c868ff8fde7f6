//! The tree of one file → an experiment with all its cells.

use std::collections::BTreeMap;
use std::path::Path;

use crate::data::{Source, slots};
use crate::metric::Keep;
use crate::task::{TASKS, Task};

use super::axes;
use super::cell::Cell;
use super::declared;
use super::diagnostic::Diagnostic;
use super::expansion::Expansion;
use super::experiment::Experiment;
use super::grid::{self, Strictness};
use super::keys::{PLAIN, TABLES};
use super::kinds;
use super::made::{Made, OfFile};
use super::near::Nearer;
use super::read::{Missing, Subject, read};
use super::reference;
use super::report::ReportSpec;
use super::source::{SourceMap, Span};
use super::suggest::{closest, listed};
use super::tree::{Entry, Node, Table, Value};
use super::whence::Stands;
use super::{misplaced, named};

/// A file that an experiment is built from.
pub(super) struct File<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// The name that it gives the experiment.
    pub name: String,
    /// Where its text begins.
    pub start: Span,
    /// How what matches no cell is taken.
    pub strictness: Strictness,
    /// How many problems there were before it was read.
    pub before: usize,
    /// The id of a cell whose settings' places are asked for.
    pub wanted: Option<&'a str>,
}

/// What a file becomes.
pub(super) struct Built {
    /// The experiment, as far as there are no mistakes in the way.
    pub experiment: Experiment,
    /// Every source of data that it declares.
    pub declared: Vec<Source>,
    /// Where the settings of the cell that was asked for stand, if there is such a cell.
    pub whence: Vec<Stands>,
}

/// Builds the experiment of a file.
pub(super) fn experiment(file: File<'_>, tree: &Table, sources: &mut SourceMap, problems: &mut Vec<Diagnostic>) -> Built {
    let before = file.before;
    let tree = &with_known_keys(&misplaced::put_right(tree, problems), problems);
    let mut tree = named::with_names(tree, problems);
    let nearer = Nearer::taken_out(&mut tree);
    let tree = &tree;
    note_wrong_tables(tree, problems);
    let title = word(tree, "title", problems).unwrap_or_else(|| file.name.clone());
    let of_file = OfFile {
        requires_cuda: requires_cuda(tree, problems),
        predictions: predictions(tree, problems),
    };
    let grid = tree.get("grid").and_then(|node| {
        axes::note_twice(node.as_table()?, sources, problems);
        let flat = axes::flattened(node.as_table()?);
        Some(grid::read(node.span, &flat, problems))
    });
    let mut expansion = Expansion::new(tree, &nearer, &file.name, of_file, problems);
    let cells = expansion.cells(grid.unwrap_or_default(), file.start, file.strictness, problems);
    note_overridden(tree, problems);
    let mut report = ReportSpec::default();
    let mut reference = BTreeMap::new();
    if let Some(node) = tree.get("report") {
        let node = declared::with_flat_filters(node);
        let complete = problems.len() == before;
        let mut known = expansion.known(&cells);
        let mut tasks = tasks(&cells);
        if !complete {
            // What the cells would have is not known, and so is not missed.
            known.is_partial = true;
            tasks = expansion.tasks();
        }
        report = declared::report(&node, problems).unwrap_or_default();
        declared::check(&node, &known, &tasks, file.strictness, problems);
        for (named, columns) in declared::references(&node, &tasks) {
            let rows = reference::rows(named, &known, &columns, file.strictness, sources, problems);
            if let (Some(name), Some(rows)) = (named.as_str(), rows) {
                reference.insert(name.to_owned(), rows);
            }
        }
    }
    let wanted = file.wanted.and_then(|id| cells.iter().position(|cell| cell.id == id));
    let whence = wanted.and_then(|index| expansion.made.get(index));
    let whence = whence.map(Made::stands).unwrap_or_default();
    let declared = expansion.into_sources();
    let experiment = Experiment {
        name: file.name,
        title,
        path: file.path.to_owned(),
        requires_cuda: of_file.requires_cuda,
        cells,
        report,
        reference,
    };
    Built {
        experiment,
        declared,
        whence,
    }
}

/// What the cells ask of their models.
fn tasks(cells: &[Cell]) -> Vec<&'static Task> {
    let has = |task: &&Task| cells.iter().any(|cell| cell.data.form().task == *task);
    TASKS.into_iter().filter(has).collect()
}

/// Mistakes of the file's own values that every cell takes from an axis instead. Those that cells have too are told once.
fn note_overridden(tree: &Table, problems: &mut Vec<Diagnostic>) {
    for slot in slots() {
        if let Some(node) = tree.get(slot.table) {
            let [of_network, _] = kinds::slot(slot);
            of_network(node, Missing::Expected, problems);
        }
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
    let top_level = [&PLAIN[..], &TABLES].concat();
    let mut known = Table::default();
    let mut unknown = Vec::new();
    for entry in &tree.entries {
        if top_level.contains(&entry.key.as_str()) {
            known.entries.push(entry.clone());
        } else {
            unknown.push(entry);
        }
    }
    for entry in unknown {
        let key = entry.key.as_str();
        let meant = closest(key, top_level.iter().copied());
        let suggestion = meant.map_or_else(String::new, |meant| format!("did you mean `{meant}`? "));
        let takes = listed(&top_level);
        problems.push(
            Diagnostic::at(entry.key_span, format!("unknown field `{key}`"))
                .help(format!("{suggestion}an experiment takes {takes}")),
        );
        if let Some(meant) = meant
            && known.get(meant).is_none()
        {
            known.entries.push(Entry {
                key: meant.to_owned(),
                ..named::with_name(entry, meant, tree)
            });
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
        if !matches!(entry.node.value, Value::Table(_) | Value::Wrong) {
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
    read(node, &Subject::of(format!("`{key}`"), ""), Missing::Reported, problems)
}

/// How much of its predictions a record keeps.
fn predictions(tree: &Table, problems: &mut Vec<Diagnostic>) -> Keep {
    let Some((word, span)) = word(tree, "predictions", problems).zip(tree.get("predictions").map(|node| node.span)) else {
        return Keep::default();
    };
    match word.as_str() {
        "all" => Keep::All,
        "summary" => Keep::Summary,
        _ => {
            problems.push(Diagnostic::at(span, format!("unknown value `{word}`")).help(
                "`predictions` is what records keep of them: \"all\", or \"summary\", the losses of each window and a few whole \
                 forecasts; where it is not written, all as long as a record stays below 1 MB",
            ));
            Keep::default()
        }
    }
}

fn requires_cuda(tree: &Table, problems: &mut Vec<Diagnostic>) -> bool {
    let required = word(tree, "requires", problems);
    match (&required, tree.get("requires").map(|node: &Node| node.span)) {
        (Some(required), Some(span)) if !["cuda", "cpu"].contains(&required.as_str()) => problems.push(
            Diagnostic::at(span, format!("unknown value `{required}`"))
                .help("`requires` is \"cuda\", or \"cpu\", which any machine has"),
        ),
        _ => {}
    }
    required.is_some_and(|required| required == "cuda")
}
