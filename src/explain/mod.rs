//! Why a cell would run or not: its key part by part beside that of its record, what is reused from where, what is computed.

mod key; // the key of the record beside that of today
mod nearest; // of a cell without a record, the record that is most like it
mod reuse; // what is there already, and what is left to compute
mod text; // as a person reads it

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use crate::claim::Running;
use crate::data::Folders;
use crate::device::DeviceChoice;
use crate::files::Broken;
use crate::language::Experiment;
use crate::language::cell::Cell;
use crate::language::whence::Places;
use crate::store::paths::{Cache, Results};
use crate::store::record::Record;
use crate::sweep::data::DataBook;
use crate::sweep::state::State;
use crate::sweep::takeover::Taking;
use key::KeyParts;
use nearest::Nearest;
use reuse::{Next, Reused};

/// A cell, and all that is looked at to explain it.
pub(crate) struct Asked<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// What it is.
    pub state: &'a State,
    /// The same with its reason, in words.
    pub reason: String,
    /// Who runs it at this moment.
    pub running: Option<Running>,
    /// Its record, where that lies under another name.
    pub taking: Option<&'a Taking>,
    /// Its experiment.
    pub experiment: &'a Experiment,
    /// The data.
    pub data: &'a DataBook,
    /// The records.
    pub results: &'a Results,
    /// What can be rebuilt.
    pub cache: &'a Cache,
    /// Where data, weights and feature maps lie.
    pub folders: &'a Folders,
    /// Where it would be computed.
    pub device: DeviceChoice,
    /// The options of `--set`.
    pub overrides: &'a [(String, String)],
}

/// Why a cell would run or not.
#[derive(Debug, Serialize)]
pub(crate) struct Explanation {
    experiment: String,
    id: String,
    /// As in `runner list`.
    state: &'static str,
    /// The state with its reason.
    reason: String,
    /// Who runs it at this moment.
    running: Option<Running>,
    /// Its record, valid or not, where it can be read.
    record: Option<Found>,
    /// What decides whether a record is valid.
    key: KeyParts,
    /// How it failed, where these very settings did.
    failure: Option<Failed>,
    /// Of a cell without a record, the record that is most like it.
    nearest: Option<Nearest>,
    /// What is there already.
    reused: Vec<Reused>,
    /// What the next sweep does.
    next: Next,
}

/// A record that was found.
#[derive(Debug, Serialize)]
struct Found {
    path: String,
    /// When it was made; null where it does not say so.
    started: Option<Value>,
    /// The names that it had before, the first one first.
    taken_from: Vec<String>,
}

/// How a cell failed.
#[derive(Debug, Serialize)]
struct Failed {
    error: String,
    log: String,
    /// Whether the next sweep tries it again.
    tried_again: bool,
}

/// Explains a cell.
///
/// # Errors
/// When its record, what it reuses or the earlier card cannot be looked at.
pub(crate) fn explain(asked: &Asked) -> Result<Explanation> {
    let cell = asked.cell;
    let record = match Record::read(asked.results, &cell.experiment, &cell.id) {
        // The state says so, and of what it holds nothing can be believed.
        Err(error) if error.is::<Broken>() => None,
        Err(_) if matches!(asked.state, State::Wrong(_)) => None,
        read => read?,
    };
    let places = Places::of(&asked.experiment.path, asked.overrides, &cell.id);
    let nearest = match (&record, asked.taking) {
        (None, None) => nearest::find(asked)?,
        _ => None,
    };
    let failure = match asked.state {
        State::Failed(failure) => Some(Failed {
            error: failure.error.clone(),
            log: failure.log.clone(),
            tried_again: asked.state.is_due(),
        }),
        _ => None,
    };
    let (reused, next) = reuse::of(asked)?;
    Ok(Explanation {
        experiment: cell.experiment.clone(),
        id: cell.id.clone(),
        state: asked.state.name(),
        reason: asked.reason.clone(),
        running: asked.running.clone(),
        key: KeyParts::of(asked, record.as_ref(), &places)?,
        record: match record {
            Some(record) => Some(Found {
                path: asked.results.record(&cell.experiment, &cell.id)?.to_string(),
                started: record.provenance.get("started").cloned(),
                taken_from: record.taken_from().into_iter().map(str::to_owned).collect(),
            }),
            None => None,
        },
        failure,
        nearest,
        reused,
        next,
    })
}
