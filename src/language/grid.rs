//! `[grid]`: the axes, those that move together, and the cells taken out and put in.

use std::collections::HashSet;

use super::axes::{flattened, overlap};
use super::diagnostic::Diagnostic;
use super::range::{self, MOST_CELLS};
use super::source::Span;
use super::suggest::{did_you_mean_path, listed};
use super::tree::{Entry, Node, Table, Value, path_of};
use super::written;

/// The most axes of a grid.
const MOST_AXES: usize = 1000;

/// How what matches no cell is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// As a mistake.
    Whole,
    /// As nothing: `--set` changed the grid, so that some of what the file says may match nothing.
    Changed,
}

/// What a cell may take: one value for one setting.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// The setting, as `["window", "horizon"]`.
    pub path: Vec<String>,
    /// Where `[grid]` names it.
    pub key_span: Span,
    /// The value, at the place where `[grid]` gives it.
    pub value: Node,
}

/// `[grid]`, checked as far as it can be without the rest of the file.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    /// Where it begins.
    pub span: Option<Span>,
    /// Each moves on its own: the grid is their product.
    pub dimensions: Vec<Dimension>,
    /// Cells that match all pairs of one of these are dropped.
    pub exclude: Vec<Pairs>,
    /// Cells that are added.
    pub include: Vec<Pairs>,
    /// The paths of axes whose values were not understood.
    pub broken: HashSet<String>,
}

/// One axis, or several that move together.
#[derive(Debug)]
pub(crate) struct Dimension {
    /// Of equal lengths.
    pub axes: Vec<Axis>,
}

/// A setting and the values that it takes in turn.
#[derive(Debug)]
pub(crate) struct Axis {
    /// The setting.
    pub path: Vec<String>,
    /// Where it is named.
    pub key_span: Span,
    /// Its values.
    pub values: Vec<Node>,
}

/// One `[[grid.exclude]]` or `[[grid.include]]`.
#[derive(Debug)]
pub(crate) struct Pairs {
    /// Its header.
    pub span: Span,
    /// A value for each of some settings.
    pub settings: Vec<Setting>,
}

impl Pairs {
    /// Whether one of the settings is that axis.
    pub(crate) fn sets(&self, axis: &str) -> bool {
        self.settings.iter().any(|setting| setting.path == [axis])
    }
}

impl Dimension {
    /// How many values it has.
    pub(crate) fn len(&self) -> usize {
        self.axes.first().map_or(0, |axis| axis.values.len())
    }

    /// "window.horizon 3"
    fn size(&self) -> String {
        let names: Vec<String> = self.axes.iter().map(|axis| axis.path.join(".")).collect();
        format!("{} {}", names.join(" with "), self.len())
    }
}

impl Grid {
    /// Every axis.
    pub(crate) fn axes(&self) -> impl Iterator<Item = &Axis> {
        self.dimensions.iter().flat_map(|dimension| &dimension.axes)
    }

    /// The number of cells before exclusion.
    ///
    /// # Errors
    /// Where that is too many, before anything is expanded.
    pub(crate) fn size(&self) -> Result<usize, TooLarge> {
        let product = self
            .dimensions
            .iter()
            .try_fold(1usize, |size, dimension| size.checked_mul(dimension.len()));
        let size = product.and_then(|product| product.checked_add(self.include.len()));
        size.filter(|size| *size <= MOST_CELLS).ok_or_else(|| TooLarge {
            size,
            axes: self.dimensions.iter().map(Dimension::size).collect(),
        })
    }
}

/// A grid of too many cells.
#[derive(Debug)]
pub(crate) struct TooLarge {
    /// Its size, where that can be counted.
    size: Option<usize>,
    /// Each dimension with its length.
    axes: Vec<String>,
}

impl TooLarge {
    /// As a person reads it.
    pub(crate) fn at(self, span: Span) -> Diagnostic {
        let size = self
            .size
            .map_or_else(|| "too many to count".to_owned(), |size| size.to_string());
        Diagnostic::at(
            span,
            format!("the grid has {size} cells, and at most {MOST_CELLS} are allowed"),
        )
        .help(format!("its axes multiply: {}", self.axes.join(" × ")))
    }
}

/// Reads a flattened `[grid]`.
pub(super) fn read(span: Span, flat: &Table, problems: &mut Vec<Diagnostic>) -> Grid {
    let mut grid = Grid {
        span: Some(span),
        ..Grid::default()
    };
    if flat.entries.len() > MOST_AXES {
        let count = flat.entries.len();
        let message = format!("the grid has {count} axes, and at most {MOST_AXES} are allowed");
        problems.push(Diagnostic::at(span, message));
        return grid;
    }
    for entry in &flat.entries {
        match entry.key.as_str() {
            "zip" => {
                for table in tables(entry, problems) {
                    match zip(table, problems) {
                        Some(dimension) => grid.dimensions.push(dimension),
                        None => grid.broken.extend(keys_of(table.1)),
                    }
                }
            }
            "exclude" => {
                let tables = tables(entry, problems);
                grid.exclude.extend(tables.into_iter().map(pairs));
            }
            "include" => {
                let tables = tables(entry, problems);
                grid.include.extend(tables.into_iter().map(pairs));
            }
            _ => {
                if let Some(axis) = axis(entry, problems) {
                    note_duplicates(std::slice::from_ref(&axis), problems);
                    grid.dimensions.push(Dimension { axes: vec![axis] });
                } else {
                    grid.broken.insert(entry.key.clone());
                }
            }
        }
    }
    note_overlaps(&mut grid, problems);
    note_unknown_pairs(&mut grid, problems);
    grid
}

fn keys_of(zip: &Table) -> impl Iterator<Item = String> {
    flattened(zip).entries.into_iter().map(|entry| entry.key)
}

/// The tables of `[[grid.zip]]` and its like: header and content.
fn tables<'a>(entry: &'a Entry, problems: &mut Vec<Diagnostic>) -> Vec<(Span, &'a Table)> {
    let elements = entry.node.as_list().unwrap_or(std::slice::from_ref(&entry.node));
    let mut tables = Vec::new();
    for element in elements {
        match element.as_table() {
            Some(table) if !table.entries.is_empty() => tables.push((element.span, table)),
            _ => problems.push(
                Diagnostic::at(element.span, format!("`{}` needs a table", entry.key))
                    .help(format!("write it as [[grid.{}]]", entry.key)),
            ),
        }
    }
    tables
}

fn zip((span, table): (Span, &Table), problems: &mut Vec<Diagnostic>) -> Option<Dimension> {
    let before = problems.len();
    let axes: Vec<Axis> = flattened(table)
        .entries
        .iter()
        .filter_map(|entry| axis(entry, problems))
        .collect();
    if problems.len() > before {
        return None;
    }
    let sizes: Vec<String> = axes
        .iter()
        .map(|axis| format!("{} {}", axis.path.join("."), axis.values.len()))
        .collect();
    let length = axes.first()?.values.len();
    if let Some(odd) = axes.iter().find(|axis| axis.values.len() != length) {
        problems.push(
            Diagnostic::at(odd.key_span, "the axes of a zip have unequal lengths")
                .help(format!("they move together, one value each: {}", sizes.join(", "))),
        );
        return None;
    }
    if axes.len() == 1 {
        problems.push(
            Diagnostic::at(span, "a zip of one axis")
                .help("a zip moves two axes or more together; one alone belongs in [grid]"),
        );
        return None;
    }
    note_duplicates(&axes, problems);
    Some(Dimension { axes })
}

fn axis(entry: &Entry, problems: &mut Vec<Diagnostic>) -> Option<Axis> {
    let values = match &entry.node.value {
        Value::List(values) => values.clone(),
        Value::Table(table) if range::is_range(table) => range::values(&entry.node, table, problems)?,
        Value::Wrong => return None,
        other => {
            let (key, found) = (&entry.key, other.in_words());
            problems.push(
                Diagnostic::at(
                    entry.node.span,
                    format!("expected the values of the axis `{key}`, found {found}"),
                )
                .help("an axis is a list, as [1, 3, 7], or a range, as { from = 0, to = 4 }"),
            );
            return None;
        }
    };
    if values.is_empty() {
        problems.push(
            Diagnostic::at(entry.node.span, format!("the axis `{}` is empty", entry.key))
                .help("give it a value, or take the axis out"),
        );
        return None;
    }
    Some(Axis {
        path: path_of(&entry.key),
        key_span: entry.key_span,
        values,
    })
}

/// A value that stands twice would give one cell twice; in a zip, the same row.
fn note_duplicates(axes: &[Axis], problems: &mut Vec<Diagnostic>) {
    let mut seen = HashSet::new();
    for index in 0..axes.first().map_or(0, |axis| axis.values.len()) {
        let row: Vec<String> = axes.iter().map(|axis| written::of_node(&axis.values[index])).collect();
        if !seen.insert(row.clone()) {
            let names: Vec<String> = axes.iter().map(|axis| axis.path.join(".")).collect();
            problems.push(Diagnostic::at(
                axes[0].values[index].span,
                format!(
                    "the value {} stands twice in `{}`",
                    row.join(" with "),
                    names.join("` with `")
                ),
            ));
        }
    }
}

fn pairs((span, table): (Span, &Table)) -> Pairs {
    let mut settings: Vec<Setting> = flattened(table)
        .entries
        .into_iter()
        .map(|entry| Setting {
            path: path_of(&entry.key),
            key_span: entry.key_span,
            value: entry.node,
        })
        .collect();
    // A whole table goes in before a setting inside it.
    settings.sort_by_key(|setting| setting.path.len());
    Pairs { span, settings }
}

/// Two axes for one setting, or one inside another, contradict each other: the later one is dropped.
fn note_overlaps(grid: &mut Grid, problems: &mut Vec<Diagnostic>) {
    let mut known: Vec<Vec<String>> = Vec::new();
    for dimension in &mut grid.dimensions {
        dimension.axes.retain(|axis| {
            if let Some(other) = known.iter().find(|other| overlap(other, &axis.path)) {
                let (path, other) = (axis.path.join("."), other.join("."));
                let message = if path == other {
                    format!("a second axis for `{path}`")
                } else {
                    format!("the axes `{path}` and `{other}` overlap")
                };
                problems.push(Diagnostic::at(axis.key_span, message));
                return false;
            }
            known.push(axis.path.clone());
            true
        });
    }
    grid.dimensions.retain(|dimension| !dimension.axes.is_empty());
}

/// What is excluded must be an axis: nothing else differs between cells. An exclusion by anything else is dropped.
fn note_unknown_pairs(grid: &mut Grid, problems: &mut Vec<Diagnostic>) {
    let axes: Vec<String> = grid.axes().map(|axis| axis.path.join(".")).collect();
    let mut exclude = std::mem::take(&mut grid.exclude);
    exclude.retain(|pairs| {
        let before = problems.len();
        for setting in &pairs.settings {
            let path = setting.path.join(".");
            if grid.broken.contains(&path) {
                return false;
            }
            if !axes.contains(&path) {
                let suggestion = did_you_mean_path(&path, axes.iter().map(String::as_str));
                problems.push(
                    Diagnostic::at(setting.key_span, format!("`{path}` is no axis of the grid"))
                        .help(format!("{suggestion}the axes are {}", listed(&axes))),
                );
            }
        }
        problems.len() == before
    });
    grid.exclude = exclude;
}
