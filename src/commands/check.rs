//! `runner check`: parse and validate; every problem of every file at once, and of the data that are here.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use serde_json::{Value, json};

use super::{Exit, survey};
use crate::cli::CheckArguments;
use crate::console::{self, counted};
use crate::data::{DataSpec, Raw};
use crate::language::{self, Experiment};
use crate::store::key::{digest_of, digest_of_data};
use crate::store::paths::Cache;
use crate::sweep::data::{DataBook, DataState};

pub(super) fn execute(arguments: &CheckArguments) -> Result<Exit> {
    let mut checks = Checks {
        data: None,
        opened: (!arguments.quick).then(BTreeMap::new),
    };
    let (mut wrong, mut missing) = (false, false);
    let experiments = if arguments.no_data {
        language::load_all_with(&arguments.paths, &[])?
    } else {
        let folders = Cache(arguments.cache.clone()).folders(&arguments.data);
        let (experiments, data) = survey::understood(language::understand(&arguments.paths, &[]), &folders)?;
        for problem in data.unused_wrong() {
            wrong = true;
            console::say(&console::errors(problem));
        }
        checks.data = Some(data);
        experiments
    };
    let mut rows: Vec<Value> = Vec::new();
    // Experiments share data: what is wrong with them is told once.
    let mut told: HashSet<String> = HashSet::new();
    for experiment in &experiments {
        let found = checks.of(experiment);
        wrong |= !found.wrong.is_empty();
        missing |= !found.missing.is_empty();
        for problem in found.wrong.iter().filter(|problem| told.insert((*problem).clone())) {
            console::say(&console::errors(problem));
        }
        if arguments.json {
            rows.push(found.as_json(experiment, arguments));
        } else if !arguments.quiet {
            found.print(experiment, arguments)?;
        }
    }
    if arguments.json {
        console::print_json(&rows)?;
    }
    Ok(match (wrong, missing) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Blocked,
        (false, false) => Exit::Done,
    })
}

/// What is looked at.
struct Checks {
    /// Absent where the data are not looked at.
    data: Option<DataBook>,
    /// What was wrong with items that were opened, by what they are and how they are seen: experiments share them. Absent where none is
    /// opened.
    opened: Option<BTreeMap<String, Option<String>>>,
}

/// What was found in the data of one experiment, each thing once.
#[derive(Default)]
struct Found {
    wrong: Vec<String>,
    missing: Vec<String>,
    notes: Vec<String>,
}

impl Checks {
    fn of(&mut self, experiment: &Experiment) -> Found {
        let mut found = Found::default();
        let Some(data) = &self.data else {
            return found;
        };
        found.notes = data.notes(&experiment.cells, |data, raw| data.note(raw));
        let mut seen = HashSet::new();
        for cell in &experiment.cells {
            if !seen.insert(digest_of_data(&cell.data)) {
                continue;
            }
            let (list, reason) = match data.of(&cell.data) {
                DataState::Missing(reason) => (&mut found.missing, reason.clone()),
                DataState::Wrong(reason) => (&mut found.wrong, reason.clone()),
                DataState::Ready(_) => {
                    let Some((raw, _)) = data.raw(&cell.data) else {
                        continue;
                    };
                    let opened = self.opened.as_mut();
                    let broken = opened.and_then(|opened| broken_items(&cell.data, raw, opened));
                    let Some(reason) = broken else { continue };
                    (&mut found.wrong, reason)
                }
            };
            if !list.contains(&reason) {
                list.push(reason);
            }
        }
        found
    }
}

/// What is wrong with the items that such cells see, where reading did not look into them.
fn broken_items(data: &DataSpec, raw: &dyn Raw, opened: &mut BTreeMap<String, Option<String>>) -> Option<String> {
    let name = digest_of(&(raw.digests().data, data.opened_by()?));
    let reason = opened.entry(name).or_insert_with(|| {
        let error = data.open(raw).err()?;
        Some(format!("{error:#}"))
    });
    reason.clone()
}

impl Found {
    fn as_json(&self, experiment: &Experiment, arguments: &CheckArguments) -> Value {
        json!({
            "experiment": experiment.name,
            "cells": experiment.cells.len(),
            "data_missing": self.missing,
            "data_wrong": self.wrong,
            "notes": self.notes,
            "data_checked": !arguments.no_data,
            "clips_opened": !arguments.no_data && !arguments.quick,
        })
    }

    fn print(&self, experiment: &Experiment, arguments: &CheckArguments) -> Result<()> {
        let verdict = match (self.wrong.is_empty(), self.missing.is_empty()) {
            (false, _) => "the data are wrong",
            (true, false) => "data are missing",
            (true, true) if arguments.no_data => "no problem found (data not checked)",
            (true, true) => "no problem found",
        };
        let cells = counted(experiment.cells.len(), "cell");
        console::print(&format!("{}: {cells}, {verdict}", experiment.name))?;
        for reason in &self.missing {
            console::print(&format!("  not checked: {}", reason.replace('\n', "\n  ")))?;
        }
        for note in &self.notes {
            console::print(&format!("  note: {note}"))?;
        }
        Ok(())
    }
}
