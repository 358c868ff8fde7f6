//! What `list` and `sweep` begin with: the experiments, their data, and the state of every selected cell.

use std::collections::BTreeSet;

use anyhow::Result;
use rayon::prelude::*;

use super::WrongUsage;
use crate::cli::{Places, Selection};
use crate::data::Folders;
use crate::language::cell::Cell;
use crate::language::keys::settings;
use crate::language::suggest::{closest_name, listed, meant_path};
use crate::language::{self, Experiment, SpecError, Understood};
use crate::prune::unplanned;
use crate::store::paths::{Cache, Results};
use crate::store::record::{Identity, Record};
use crate::sweep::data::DataBook;
use crate::sweep::seen;
use crate::sweep::state::State;
use crate::sweep::takeover::{self, Taking};

/// Experiments with their data.
pub(super) struct Survey {
    /// Every experiment below the paths.
    pub experiments: Vec<Experiment>,
    /// The data of their cells.
    pub data: DataBook,
}

/// A selected cell and its state.
pub(super) struct Seen<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// What it is, and why.
    pub state: State,
    /// Whose the record is that lies there, valid or not.
    identity: Option<Identity>,
}

/// Experiments without a mistake, and their data.
///
/// # Errors
/// Every mistake of every file, and behind them what is wrong with the data of what could be understood: a mistake in a file
/// does not hide one in the data.
pub(super) fn understood(read: Understood, folders: &Folders) -> Result<(Vec<Experiment>, DataBook), SpecError> {
    let data = DataBook::read(&read.experiments, &read.sources, folders);
    match read.error {
        None => Ok((read.experiments, data)),
        Some(error) => Err(error.and(data.wrong()).and(data.missing())),
    }
}

impl Survey {
    /// Reads experiments and data.
    ///
    /// # Errors
    /// When an experiment is wrong, or `--set` would write into the default results.
    pub(super) fn of(selection: &Selection, places: &Places) -> Result<Self> {
        let default = std::path::Path::new("results");
        let same = |a: &std::path::Path, b: &std::path::Path| match (a.canonicalize(), b.canonicalize()) {
            (Ok(a), Ok(b)) => a == b,
            _ => a == b,
        };
        if !selection.overrides.is_empty() && same(&places.results, default) {
            let text = "--set is for a quick try and must not mix with the real results; name another folder with --results";
            return Err(WrongUsage(text.to_owned()).into());
        }
        let folders = Cache(places.cache.clone()).folders(&places.data);
        let read = language::understand(&selection.paths, &selection.overrides);
        let (experiments, data) = understood(read, &folders)?;
        Ok(Self { experiments, data })
    }

    /// The records of each experiment that are of no cell of it: name → ids; nothing of a quick try, which plans other cells than
    /// the files do.
    ///
    /// # Errors
    /// When the records of an experiment cannot be listed.
    pub(super) fn unplanned(&self, selection: &Selection, places: &Places) -> Result<Vec<(&str, Vec<String>)>> {
        if !selection.overrides.is_empty() {
            return Ok(Vec::new());
        }
        let results = Results(places.results.clone());
        let of = |experiment| unplanned::unplanned(experiment, &results);
        let mut found = Vec::new();
        for experiment in &self.experiments {
            let ids = of(experiment)?;
            if !ids.is_empty() {
                found.push((experiment.name.as_str(), ids));
            }
        }
        Ok(found)
    }

    /// The records that lie under another name, of `all` cells, filtered or not: one that makes room for another may be that of
    /// a cell which a filter holds back.
    ///
    /// # Errors
    /// When the results cannot be listed.
    pub(super) fn takings(&self, all: &[Seen], results: &Results) -> Result<Vec<Taking>> {
        let lacking = all
            .iter()
            .filter(|seen| seen.state.record().is_none() && !matches!(seen.state, State::Wrong(_)));
        let name = |cell: &Cell| (cell.experiment.clone(), cell.id.clone());
        let known = all.iter().filter_map(|seen| Some((name(seen.cell), seen.identity.clone()?)));
        let lacking = lacking.map(|seen| seen.cell);
        takeover::find(lacking, &self.experiments, &self.data, &known.collect(), results)
    }

    /// Leaves for the report what results alone do not show of `all` cells, filtered or not.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn leave_states(&self, all: &[Seen], results: &Results) -> Result<()> {
        let mut all = all.iter();
        for experiment in &self.experiments {
            let cells = all.by_ref().take(experiment.cells.len());
            let cells = cells.map(|seen| (seen.cell, &seen.state));
            seen::Seen::of(cells, results)?.write(&experiment.name, results)?;
        }
        Ok(())
    }

    /// `did you mean window.horizon=7? ` of the first filter that no cell at all matches: by the setting, then by its value.
    fn meant(&self, filters: &[(String, String)]) -> String {
        let cells = || {
            let experiments = self.experiments.iter();
            experiments.flat_map(|experiment| &experiment.cells)
        };
        let wrong = filters
            .iter()
            .find(|(key, value)| !cells().any(|cell| cell.matches(key, value)));
        let Some((key, value)) = wrong else {
            return String::new();
        };
        let shown = |path: &str, value: &str| format!("did you mean {path}={value}? ");
        let values: BTreeSet<String> = cells().filter_map(|cell| cell.shown_at(key)).collect();
        let names: Vec<&str> = values.iter().map(String::as_str).collect();
        if !names.is_empty() {
            let meant = match value.parse::<f64>() {
                Ok(_) => None,
                Err(_) => closest_name(value, names.iter().copied()),
            };
            return match meant {
                Some(meant) => shown(key, meant),
                None => format!("the cells have {key} {}; ", listed(&names)),
            };
        }
        // What some cell has: its axes, and the settings that are none.
        let mut paths: BTreeSet<String> = cells().flat_map(|cell| cell.axes.keys().cloned()).collect();
        let axes: Vec<String> = paths.iter().cloned().collect();
        let has = |path: &String| cells().any(|cell| cell.shown_at(path).is_some());
        paths.extend(settings().into_iter().filter(has));
        match meant_path(key, paths.iter().map(String::as_str)) {
            Some(path) if cells().any(|cell| cell.matches(path, value)) => shown(path, value),
            Some(path) => format!("did you mean {path}? "),
            None if axes.is_empty() => format!("no cell has {key}; the grid has no axes; "),
            None => format!("no cell has {key}; the axes are {}; ", listed(&axes)),
        }
    }

    /// The state of every cell, in the order of the plan.
    pub(super) fn all(&self, places: &Places) -> Vec<Seen<'_>> {
        let results = Results(places.results.clone());
        let cells = self.experiments.iter().flat_map(|experiment| &experiment.cells);
        self.all_seen(cells.collect(), places, &results)
    }

    /// The state of each cell that the filters let through, in the order of the plan.
    ///
    /// # Errors
    /// When a filter matches no cell.
    pub(super) fn cells(&self, selection: &Selection, places: &Places) -> Result<Vec<Seen<'_>>> {
        let results = Results(places.results.clone());
        let cells = self.experiments.iter().flat_map(|experiment| &experiment.cells);
        let selected = cells.filter(|cell| selects(selection, cell)).collect();
        self.some(self.all_seen(selected, places, &results), selection)
    }

    /// Those of all cells that the filters let through.
    ///
    /// # Errors
    /// When a filter matches no cell.
    pub(super) fn selected<'a, 'b>(&self, all: &'b [Seen<'a>], selection: &Selection) -> Result<Vec<&'b Seen<'a>>> {
        let seen = all.iter().filter(|seen| selects(selection, seen.cell));
        self.some(seen.collect(), selection)
    }

    /// Whether the filters let any cell through, where there is one.
    ///
    /// # Errors
    /// When they match none.
    pub(super) fn check_filters(&self, selection: &Selection) -> Result<()> {
        let cells = self.experiments.iter().flat_map(|experiment| &experiment.cells);
        let first = cells.filter(|cell| selects(selection, cell)).take(1);
        self.some(first.collect(), selection).map(drop)
    }

    /// The state of one cell.
    pub(super) fn seen<'a>(&self, cell: &'a Cell, places: &Places, results: &Results) -> Seen<'a> {
        let read = Record::read(results, &cell.experiment, &cell.id);
        let identity = match &read {
            Ok(Some(record)) => Some(record.key.identity()),
            Ok(None) | Err(_) => None,
        };
        Seen {
            cell,
            state: State::of(cell, read, self.data.of(&cell.data), places.device, results),
            identity,
        }
    }

    /// The states of these cells, in their order: each is read and held to itself, which is much for thousands.
    fn all_seen<'a>(&self, cells: Vec<&'a Cell>, places: &Places, results: &Results) -> Vec<Seen<'a>> {
        let seen = |cell: &'a Cell| self.seen(cell, places, results);
        cells.into_par_iter().map(seen).collect()
    }

    /// What the filters let through, where that is some.
    fn some<T>(&self, seen: Vec<T>, selection: &Selection) -> Result<Vec<T>> {
        if seen.is_empty() && !selection.filters.is_empty() {
            let filters: Vec<String> = selection
                .filters
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            return Err(WrongUsage(format!(
                "no cell matches --filter {}; {}`runner list` shows the cells",
                filters.join(" --filter "),
                self.meant(&selection.filters)
            ))
            .into());
        }
        Ok(seen)
    }
}

/// Whether the filters let a cell through.
fn selects(selection: &Selection, cell: &Cell) -> bool {
    selection.filters.iter().all(|(key, value)| cell.matches(key, value))
}
