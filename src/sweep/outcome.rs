//! What became of the cells of a plan, and what is kept of it.

use anyhow::Result;

use super::cause;
use super::plan::{Plan, PlannedCell};
use super::progress::Progress;
use super::running::{Running, Told};
use super::state::failure_of;
use super::worker::Worker;
use crate::{console, files};

/// The longest reason of a failure that is kept, in characters.
const MOST_REASON: usize = 4000;

/// What became of the cells of a plan.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many have a record now.
    pub done: usize,
    /// Those that have none, with the reason and the path of the log.
    pub failed: Vec<FailedCell>,
    /// How many were not tried, because of `fail_fast` or an interruption.
    pub left: usize,
    /// Whether the sweep was interrupted.
    pub interrupted: bool,
    /// The cells that it cut off: `EXPERIMENT/ID`, and where each was and goes on, in words.
    pub cut_off: Vec<(String, String)>,
}

/// A cell that failed.
#[derive(Debug, Clone)]
pub struct FailedCell {
    /// `EXPERIMENT/ID`
    pub cell: String,
    /// The reason.
    pub error: String,
    /// Path of the worker's log.
    pub log: String,
}

impl Outcome {
    /// Takes note of a cell that its worker has brought to its end, or has ended with; whether no other should be started, for what
    /// it wrote could not be written.
    pub(super) fn settle(
        &mut self,
        plan: &Plan,
        running: Running,
        worker: &mut Worker,
        progress: &mut Progress,
    ) -> Result<bool> {
        let planned = running.planned;
        let cell = &planned.cell;
        let results = plan.results();
        let record = results.record(&cell.experiment, &cell.id)?;
        // Where that cannot be told, there is none that anybody can read.
        if running.is_done && matches!(record.is_there(), Ok(true)) {
            let removed = results.failure(&cell.experiment, &cell.id)?.remove();
            if let Err(error) = &removed {
                progress.say(&format!("an earlier failure could not be removed: {error:#}"));
            }
            self.done += 1;
            progress.done(&planned.name());
            return Ok(removed.is_err());
        }
        let told = match running.failure {
            Some(told) => told,
            // Where its training goes on, `list` and the next sweep tell: that may change while this stands.
            None => Told {
                error: how_it_ended(plan, &running, worker)?,
                lasting: false,
                unwritable: false,
            },
        };
        self.fail(plan, planned, told, progress)
    }

    /// Takes note of a cell that failed; whether no other should be started.
    pub(super) fn fail(&mut self, plan: &Plan, planned: &PlannedCell, told: Told, progress: &mut Progress) -> Result<bool> {
        let (cell, results) = (&planned.cell, plan.results());
        let error = console::cut(&told.error, MOST_REASON);
        let failure = failure_of(planned, &error, told.lasting, &plan.cache())?;
        let place = results.failure(&cell.experiment, &cell.id)?;
        let kept = files::write_json(&place, &failure);
        if let Err(error) = &kept {
            progress.say(&format!("the reason of a failure could not be kept: {error:#}"));
        }
        progress.failed(&planned.name(), &format!("{error}\nlog: {}", failure.log));
        self.failed.push(FailedCell {
            cell: planned.name(),
            error,
            log: failure.log,
        });
        Ok(told.unwritable || kept.is_err())
    }
}

/// Why a cell has no record of which its worker gave no reason.
fn how_it_ended(plan: &Plan, running: &Running, worker: &mut Worker) -> Result<String> {
    let Some(status) = worker.status()? else {
        return Ok("its record is gone, which its worker has written".to_owned());
    };
    let cell = &running.planned.cell;
    let log = plan.cache().log(&cell.experiment, &cell.id)?;
    if running.has_begun {
        return Ok(cause::of(status, log.open(files::MOST_SAVED)));
    }
    // It has not come as far as the cell's log: whoever looks there finds what it said before.
    let said = cause::end_of(&worker.log);
    if let Ok(said) = &said {
        log.write(said.as_bytes())?;
    }
    Ok(cause::said(status, said))
}
