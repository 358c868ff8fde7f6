//! A grid → its points: which axis values each cell takes.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::data::slots;

use super::diagnostic::Diagnostic;
use super::grid::{Grid, Pairs, Setting, Strictness};
use super::keys::UNNAMED;
use super::named::Names;
use super::source::Span;
use super::suggest::{did_you_mean, listed, synonym};
use super::{keys, kinds, near, written};

/// What an axis can move.
static ROOTS: LazyLock<Vec<&str>> = LazyLock::new(|| [&["dataset", "model", "seed"][..], &UNNAMED].concat());

/// The points of a grid. Equal values of one axis are one setting, so that a part of several cells is read once.
#[derive(Debug, Default)]
pub(crate) struct Points {
    /// Every value of every axis.
    pub settings: Vec<Setting>,
    /// The axes of the grid; what only inclusions set is none of them.
    pub axes: HashSet<Vec<String>>,
    /// Where each setting belongs.
    owners: Vec<Owner>,
    /// For each cell, its settings by their index.
    pub points: Vec<Vec<usize>>,
}

/// What a setting belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Owner {
    /// It chooses the dataset.
    DatasetName,
    /// It chooses the model.
    ModelName,
    /// A dataset's own.
    Dataset(String),
    /// A model's own.
    Model(String),
    /// `[window]`, `[backbone]`: how data are seen.
    Slot(&'static str),
    /// `[split]`
    Split,
    /// `[train]`
    Train,
    /// A table of one dataset or model, which is nearer than the file's own: the name of what holds it, and the table's.
    Near(String, String),
    /// `seed`
    Seed,
}

impl Points {
    /// The product of the axes without what is excluded, with what is included.
    pub(crate) fn of(
        grid: Grid,
        datasets: &Names,
        models: &Names,
        strictness: Strictness,
        problems: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut points = Self {
            axes: grid.axes().map(|axis| axis.path.clone()).collect(),
            points: vec![Vec::new()],
            ..Self::default()
        };
        for dimension in &grid.dimensions {
            let mut positions = vec![Vec::new(); dimension.len()];
            for axis in &dimension.axes {
                for (position, value) in positions.iter_mut().zip(&axis.values) {
                    let setting = Setting {
                        path: axis.path.clone(),
                        key_span: axis.key_span,
                        value: value.clone(),
                    };
                    position.extend(points.add(setting, datasets, models, problems));
                }
            }
            points.multiply(&positions);
        }
        for pairs in &grid.exclude {
            points.exclude(pairs, strictness, problems);
        }
        for pairs in grid.include {
            let lacking = [("dataset", datasets), ("model", models)]
                .into_iter()
                .find(|(axis, names)| names.list().len() > 1 && !pairs.sets(axis));
            if let Some((axis, names)) = lacking {
                let name = names.list().first().copied().unwrap_or("NAME").to_owned();
                problems.push(
                    Diagnostic::at(pairs.span, format!("this inclusion names no {axis}")).help(format!(
                        "a cell that is added says what differs from the file, and which {axis} it has: {axis} = \"{name}\""
                    )),
                );
                continue;
            }
            let point = pairs
                .settings
                .into_iter()
                .filter_map(|setting| points.add(setting, datasets, models, problems))
                .collect();
            points.points.push(point);
        }
        points
    }

    /// Those settings of a point that belong to `owner`, the file's own `table`, or to the nearer one of `holder`.
    pub(crate) fn chosen_near(&self, point: &[usize], owner: &Owner, [holder, table]: [&str; 2]) -> Vec<usize> {
        let belongs = |index: &usize| match &self.owners[*index] {
            Owner::Near(of, near) => of == holder && near == table,
            wide => wide == owner,
        };
        point.iter().copied().filter(belongs).collect()
    }

    /// Those settings of a point that belong to `owner`.
    pub(crate) fn chosen(&self, point: &[usize], owner: &Owner) -> Vec<usize> {
        point.iter().copied().filter(|index| self.owners[*index] == *owner).collect()
    }

    /// The settings of each owner.
    pub(crate) fn of_owners(&self) -> HashMap<&Owner, Vec<usize>> {
        let mut settings: HashMap<&Owner, Vec<usize>> = HashMap::new();
        for (setting, owner) in self.owners.iter().enumerate() {
            settings.entry(owner).or_default().push(setting);
        }
        settings
    }

    /// What a setting belongs to.
    pub(crate) fn owner(&self, setting: usize) -> &Owner {
        &self.owners[setting]
    }

    fn multiply(&mut self, positions: &[Vec<usize>]) {
        self.points = self
            .points
            .iter()
            .flat_map(|point| positions.iter().map(|position| [point.as_slice(), position].concat()))
            .collect();
    }

    /// Takes a setting in, if there is such a thing to set.
    fn add(
        &mut self,
        mut setting: Setting,
        datasets: &Names,
        models: &Names,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<usize> {
        let path: Vec<&str> = setting.path.iter().map(String::as_str).collect();
        let named = setting.key_span;
        if let ["train", key] | ["model", _, "train", key] = path.as_slice()
            && kinds::CHANGES_NO_NUMBER.contains(key)
        {
            let message = format!("`train.{key}` changes no number, so that no axis can move it");
            problems.push(Diagnostic::at(named, message).help(format!("write {key} below [train]")));
            return None;
        }
        let owner = match path.as_slice() {
            ["dataset"] => Owner::DatasetName,
            ["model"] => Owner::ModelName,
            ["dataset", name, table, ..] if datasets.contains(name) && near::may_hold("dataset", table) => {
                Owner::Near((*name).to_owned(), (*table).to_owned())
            }
            ["model", name, table, ..] if models.contains(name) && near::may_hold("model", table) => {
                Owner::Near((*name).to_owned(), (*table).to_owned())
            }
            ["dataset", name, ..] if datasets.contains(name) => Owner::Dataset((*name).to_owned()),
            ["model", name, ..] if models.contains(name) => Owner::Model((*name).to_owned()),
            ["split", ..] => Owner::Split,
            ["train", ..] => Owner::Train,
            ["seed", ..] => Owner::Seed,
            [table, ..] if slot(table).is_some() => Owner::Slot(slot(table)?),
            ["dataset", name, ..] => {
                problems.push(datasets.unknown(name, named));
                return None;
            }
            ["model", name, ..] => {
                problems.push(models.unknown(name, named));
                return None;
            }
            other => {
                problems.push(no_setting(&other.join("."), named));
                return None;
            }
        };
        match owner {
            Owner::DatasetName => note_wrong_name(datasets, &setting, problems),
            Owner::ModelName => note_wrong_name(models, &setting, problems),
            _ => {}
        }
        if let Owner::Near(..) = owner {
            setting.path.drain(..2);
        }
        self.settings.push(setting);
        self.owners.push(owner);
        Some(self.settings.len() - 1)
    }

    /// Takes out the points that match all pairs.
    fn exclude(&mut self, pairs: &Pairs, strictness: Strictness, problems: &mut Vec<Diagnostic>) {
        let matching: Vec<HashSet<usize>> = pairs
            .settings
            .iter()
            .map(|pair| {
                let value = written::of_node(&pair.value);
                let (holder, path) =
                    near::apart(&pair.path).map_or((None, &*pair.path), |(holder, path)| (Some(holder), path));
                let is_held = |owner: &Owner| match (owner, holder) {
                    (Owner::Near(of, _), Some(holder)) => of == holder,
                    (Owner::Near(..), None) => true,
                    (_, holder) => holder.is_none(),
                };
                let equal = |index: &usize| {
                    let setting = &self.settings[*index];
                    setting.path == path && is_held(&self.owners[*index]) && written::of_node(&setting.value) == value
                };
                (0..self.settings.len()).filter(equal).collect()
            })
            .collect();
        let before = self.points.len();
        self.points.retain(|point| {
            !matching
                .iter()
                .all(|settings| point.iter().any(|setting| settings.contains(setting)))
        });
        if self.points.len() == before && strictness == Strictness::Whole {
            problems.push(
                Diagnostic::at(pairs.span, "this exclusion matches no cell")
                    .help("each pair is an axis and one of its values; all must match one cell"),
            );
        }
    }
}

/// The table of that name, where it says how data are seen.
fn slot(table: &str) -> Option<&'static str> {
    let mut tables = slots().iter().map(|slot| slot.table);
    tables.find(|own| *own == table)
}

fn no_setting(path: &str, span: Span) -> Diagnostic {
    let root = path.split('.').next().unwrap_or_default();
    let problem = Diagnostic::at(span, format!("`{path}` is no setting"));
    if let Some(axis) = synonym(path, &ROOTS) {
        return problem.help(format!("the axis is {axis}: {axis} = […]"));
    }
    let of_table = |home: &&keys::Home| home.keys.contains(&path) || synonym(path, &home.keys).is_some();
    let in_table = keys::homes().iter().filter(|home| !home.path.is_empty());
    if let Some(home) = in_table.filter(|home| ROOTS.contains(&first(home.path))).find(of_table) {
        let key = synonym(path, &home.keys).unwrap_or(path);
        let quotes = if home.path.contains("NAME") { "\"" } else { "" };
        return problem.help(format!(
            "an axis is named by its dotted path: {quotes}{}.{key}{quotes} = […]",
            home.path
        ));
    }
    problem.help(format!(
        "{}an axis begins with {}",
        did_you_mean(root, ROOTS.iter().copied()),
        listed(&ROOTS)
    ))
}

fn first(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// The values of the axes `dataset` and `model` are names.
fn note_wrong_name(names: &Names, setting: &Setting, problems: &mut Vec<Diagnostic>) {
    let span = setting.value.span;
    match setting.value.as_str() {
        Some(name) if names.contains(name) || names.is_no_table() => {}
        Some(name) => problems.push(names.unknown(name, span)),
        None => {
            let found = setting.value.value.in_words();
            let message = format!("expected the name of a {}, found {found}", setting.path[0]);
            problems.push(Diagnostic::at(span, message));
        }
    }
}
