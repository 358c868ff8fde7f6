//! What each cell of an experiment is, and why: the answer of `list`, and what a sweep decides by.

use std::fmt;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::data::DataState;
use super::plan::PlannedCell;
use super::told::Told;
use crate::device::DeviceChoice;
use crate::files::{self, Broken};
use crate::language::cell::Cell;
use crate::store::paths::{Cache, Results};
use crate::store::record::{Key, Record};

/// The format of a failure.
pub(crate) const FAILURE_VERSION: u32 = 1;

/// Why a cell has no record: `results/EXPERIMENT/failed/ID.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// The settings that failed.
    pub configuration: serde_json::Value,
    /// The reason.
    pub error: String,
    /// What the record that is missing would have been made from.
    pub key: Key,
    /// Whether the same key would fail the same way again, as a training that diverged; not so a worker that was killed.
    pub lasting: bool,
    /// Path of the worker's log.
    pub log: String,
    /// The format.
    pub version: u32,
}

impl Failure {
    /// Why one cell has no record; `None` where nothing is told.
    ///
    /// # Errors
    /// When it cannot be read or is of a newer format; when it is cut off, which is a [`Broken`].
    pub(crate) fn read(results: &Results, experiment: &str, id: &str) -> Result<Option<Self>> {
        files::read_saved(&results.failure(experiment, id)?, FAILURE_VERSION)
    }
}

/// The state of one cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum State {
    /// A valid record.
    Done(Box<Record>),
    /// A record that is valid as far as can be told without the data.
    DoneUnchecked(Box<Record>),
    /// No record.
    Missing,
    /// A record that something has changed since.
    Stale(Vec<String>),
    /// A record that is cut off or contradicts itself: as good as none, but a person should know.
    Broken(String),
    /// It was tried with these very settings, and failed.
    Failed(Box<Failure>),
    /// Its data are wrong, or its record is not for this program to replace: it cannot run.
    Wrong(String),
    /// Its data are not here.
    Blocked(String),
    /// It asks for a GPU.
    Skipped,
}

impl State {
    /// Looks at one cell, whose record was `read`. One that was cut off is as good as none: the cell is run again. One of a newer
    /// format is not: this program must not write over it.
    pub(crate) fn of(
        cell: &Cell,
        read: Result<Option<Record>>,
        data: &DataState,
        device: DeviceChoice,
        results: &Results,
    ) -> Self {
        if let DataState::Wrong(reason) = data {
            return Self::Wrong(reason.clone());
        }
        let digests = data.digests();
        let to_run = match read {
            Ok(None) => Self::Missing,
            Err(error) if error.is::<Broken>() => Self::Broken(error.to_string()),
            // Not to be read is not the same as not there: to train again would end in not being able to write.
            Err(error) => return Self::Wrong(format!("{error:#}")),
            Ok(Some(record)) => {
                let changes = Key::changes_since(cell, digests, &record);
                if changes.is_empty() {
                    let record = Box::new(record);
                    return match digests {
                        Some(_) => Self::Done(record),
                        None => Self::DoneUnchecked(record),
                    };
                }
                Self::Stale(changes)
            }
        };
        let broken = match &to_run {
            Self::Broken(reason) => Some(reason.clone()),
            _ => None,
        };
        if cell.requires_cuda && !device.accepts_cuda_work() {
            return broken.map_or(Self::Skipped, |broken| Self::Blocked(format!("{broken}\n  which needs cuda")));
        }
        let digests = match data {
            DataState::Missing(reason) | DataState::Wrong(reason) => {
                return Self::Blocked(match broken {
                    Some(broken) => format!("{broken}\n  {reason}"),
                    None => reason.clone(),
                });
            }
            DataState::Ready(digests) => digests,
        };
        match Failure::read(results, &cell.experiment, &cell.id) {
            Ok(Some(failure)) if failure.key == Key::of(cell, digests) => Self::Failed(Box::new(failure)),
            // A broken one is as good as none: the cell is tried again.
            Err(error) if !error.is::<Broken>() => Self::Wrong(format!("{error:#}")),
            _ => to_run,
        }
    }

    /// The record, where there is a valid one.
    pub(crate) fn record(&self) -> Option<&Record> {
        match self {
            Self::Done(record) | Self::DoneUnchecked(record) => Some(record),
            _ => None,
        }
    }

    /// Whether the next sweep runs it without being asked for more.
    pub(crate) fn is_due(&self) -> bool {
        match self {
            Self::Missing | Self::Stale(_) | Self::Broken(_) => true,
            Self::Failed(failure) => !failure.lasting,
            Self::Done(_) | Self::DoneUnchecked(_) | Self::Wrong(_) | Self::Blocked(_) | Self::Skipped => false,
        }
    }

    /// What a reader is told of it.
    pub(crate) fn told(&self) -> Told {
        match self {
            Self::Done(_) => Told::Done,
            Self::DoneUnchecked(_) => Told::DoneUnchecked,
            Self::Missing => Told::Missing,
            Self::Stale(changes) => Told::Stale(changes.clone()),
            Self::Broken(reason) => Told::Stale(vec![reason.clone()]),
            Self::Failed(failure) => Told::Failed {
                error: failure.error.clone(),
                log: failure.log.clone(),
            },
            Self::Wrong(reason) => Told::Wrong(reason.clone()),
            Self::Blocked(reason) => Told::Blocked(reason.clone()),
            Self::Skipped => Told::Skipped,
        }
    }

    /// The state alone, without its reason.
    pub(crate) fn name(&self) -> &'static str {
        self.told().name()
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told().fmt(f)
    }
}

/// The failure of a cell that was just tried.
///
/// # Errors
/// When the cell's name is none of a file.
pub(crate) fn failure_of(planned: &PlannedCell, error: &str, lasting: bool, cache: &Cache) -> Result<Failure> {
    let PlannedCell { cell, data, .. } = planned;
    Ok(Failure {
        configuration: cell.configuration(),
        error: error.to_owned(),
        key: Key::of(cell, data),
        lasting,
        log: as_typed(cache.log(&cell.experiment, &cell.id)?.path()),
        version: FAILURE_VERSION,
    })
}

/// A path as a user here would type it: from the current folder where it lies below that.
fn as_typed(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let short = here.as_ref().and_then(|here| path.strip_prefix(here).ok());
    short.unwrap_or(path).display().to_string()
}
