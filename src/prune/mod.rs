//! What lies in the results and the cache that nothing needs any more: found by [`find`], which changes nothing, and removed by
//! [`Findings::remove`].
//!
//! A file is this program's own by its place, its name and, where it says what it is, by its contents. Whatever else lies there
//! is told and stays; no link is followed.

mod artifacts; // the cache: logs, plans, weights, feature maps
mod awaited; // records that cells under another name wait for
mod claimed; // cells that somebody computes at this moment
mod folder; // what a folder holds, by kind
mod held; // what the cache holds
pub(crate) mod limit; // what goes so that the cache holds no more than it may
mod needed; // experiments, records, running sweeps → the artifacts that must stay
mod results; // the results: records, failures, pictures, whole experiments
pub(crate) mod unplanned; // records of cells that their experiment does not plan

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::claim::Claims;
use crate::files::Place;
use crate::language::Experiment;
use crate::store::paths::{Cache, Results};
use crate::sweep::data::DataBook;

/// What is removed together, and told together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Everything of an experiment that no file has.
    Experiment,
    /// Records of cells that are not planned.
    Record,
    /// Failures of cells that are not planned.
    Failure,
    /// Pictures that no card names.
    Picture,
    /// What was being written when its writer ended.
    LeftOver,
    /// Trained weights of no cell and no record.
    Weights,
    /// Checkpoints of no cell that waits for its record.
    Checkpoint,
    /// Ends of trainings of no cell and no record.
    End,
    /// Feature maps that no cell needs.
    FeatureMap,
    /// Logs of cells that are not planned.
    Log,
    /// Frozen plans that nobody runs, and whose cells are done or no longer planned.
    Plan,
    /// What of the cache was used least recently and goes for the limit alone.
    OverLimit,
}

/// A file that can go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// Where it lies.
    pub place: Place,
    /// Its length.
    pub bytes: u64,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What can go, by kind.
    pub removable: BTreeMap<Kind, Vec<Item>>,
    /// Experiments that have results and no file.
    pub gone: Vec<String>,
    /// What is not this program's own, each with its path and the reason; it stays.
    pub foreign: Vec<String>,
    /// What stays though nothing may need it, each with the reason.
    pub kept: Vec<String>,
    /// Each folder of the cache with its bytes before anything goes, the largest first.
    pub held: Vec<(String, u64)>,
    /// How many bytes the cache holds more than it may when all is gone that can go; absent where there is no limit or it is kept.
    pub above_limit: Option<u64>,
}

/// Looks at everything below the results and the cache. `experiments` are all that there are: what belongs to another is taken
/// for gone. `data` is where their data files are. With a `limit` in bytes also what goes for it.
///
/// # Errors
/// When a folder cannot be listed, or is a link.
pub(crate) fn find(
    experiments: &[Experiment],
    book: &DataBook,
    results: &Results,
    cache: &Cache,
    data: &Path,
    limit: Option<u64>,
) -> Result<Findings> {
    let mut findings = Findings::default();
    let plans: BTreeMap<&str, BTreeSet<&str>> = experiments
        .iter()
        .map(|experiment| {
            let ids = experiment.cells.iter().map(|cell| cell.id.as_str());
            (experiment.name.as_str(), ids.collect())
        })
        .collect();
    results::look(&plans, results, &mut findings)?;
    awaited::keep(experiments, book, results, &mut findings)?;
    let claims = Claims::of_results(results)?.all()?;
    let plans: BTreeSet<&str> = claims.values().filter_map(|owner| owner.plan.as_deref()).collect();
    let needed = needed::Needed::of(experiments, book, results, &plans, cache, data, &mut findings)?;
    artifacts::look(&needed, cache, &mut findings)?;
    claimed::keep(&claims, results, cache, &mut findings)?;
    let held = held::all(cache)?;
    findings.held = held::by_folder(&held);
    if let Some(limit) = limit {
        // What a planned cell has is no reason to stay; what runs is.
        let running = needed::Needed::of_what_runs(cache, &mut Findings::default())?;
        limit::find(limit, held, &running, cache, &mut findings);
    }
    Ok(findings)
}

impl Findings {
    /// How many files can go, and how many bytes they have.
    pub(crate) fn total(&self) -> (usize, u64) {
        let items = || self.removable.values().flatten();
        (items().count(), items().map(|item| item.bytes).sum())
    }

    /// Removes what can go, and the folders that hold nothing afterwards; gives what could not be removed, each with the reason.
    pub(crate) fn remove(&self) -> Vec<String> {
        let mut failed = Vec::new();
        let mut folders = BTreeSet::new();
        for item in self.removable.values().flatten() {
            match item.place.remove() {
                Ok(()) => {
                    let mut folder = item.place.folder();
                    while !folder.is_root() {
                        folders.insert(folder.clone());
                        folder = folder.folder();
                    }
                }
                Err(error) => failed.push(format!("{error:#}")),
            }
        }
        // What lies deeper comes later in their order.
        for folder in folders.iter().rev() {
            if let Err(error) = folder.remove_if_empty() {
                failed.push(format!("{error:#}"));
            }
        }
        failed
    }

    fn can_go(&mut self, kind: Kind, entry: &folder::Entry) {
        let item = Item {
            place: entry.place.clone(),
            bytes: entry.bytes,
        };
        self.removable.entry(kind).or_default().push(item);
    }

    fn is_foreign(&mut self, entry: &folder::Entry, reason: &str) {
        self.foreign.push(format!("{}: {reason}", entry.place));
    }
}

impl Kind {
    /// As a heading tells it: `records of cells that are not planned`.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Experiment => "files of experiments that are gone",
            Self::Record => "records of cells that are no longer planned",
            Self::Failure => "failures of cells that are no longer planned",
            Self::Picture => "pictures that no card names",
            Self::LeftOver => "leftovers of writing that was cut off",
            Self::Weights => "files of trained weights of no cell and no record",
            Self::Checkpoint => "checkpoints of no cell that waits to be trained",
            Self::End => "ends of trainings that no cell goes on from",
            Self::FeatureMap => "files of feature maps that no cell needs",
            Self::Log => "logs of cells that are no longer planned",
            Self::Plan => "frozen plans that nobody runs",
            Self::OverLimit => "used least recently, over the limit of the cache",
        }
    }
}
