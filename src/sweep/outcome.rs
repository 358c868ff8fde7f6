//! What became of the cells of a plan, and what is kept of it.

use anyhow::Result;

use super::cause;
use super::order::{Before, Settled, settled};
use super::plan::{Frame, Plan, PlannedCell};
use super::progress::Progress;
use super::running::{End, Running, Told};
use super::state::{Failure, failure_of};
use super::worker::Worker;
use crate::claim::{Attempt, Claims, Hold};
use crate::store::paths::Results;
use crate::{console, files};

/// The longest reason of a failure that is kept, in characters.
const MOST_REASON: usize = 4000;

/// What became of the cells of a plan.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many have a record now that this sweep has made.
    pub done: usize,
    /// How many have one that another runner has made meanwhile.
    pub elsewhere: usize,
    /// How often a worker of this sweep was silent for so long that another runner took its cell over.
    pub lost: usize,
    /// Those that have none, with the reason and the path of the log.
    pub failed: Vec<FailedCell>,
    /// How many were not tried, because of `fail_fast` or an interruption.
    pub left: usize,
    /// Whether the sweep was interrupted.
    pub interrupted: bool,
    /// The cells that it cut off: `EXPERIMENT/ID`, and where each was and goes on, in words.
    pub cut_off: Vec<(String, String)>,
}

/// What is to be done after a cell has come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The next one.
    GoesOn,
    /// No further cell is started, for what one needs could not be written or started.
    NoMore,
    /// Another runner has the cell: it is looked at again later.
    Aside,
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
    /// Takes note of a cell that its worker has brought to its end, or has ended with.
    pub(super) fn settle(
        &mut self,
        plan: &Plan,
        running: Running,
        worker: &mut Worker,
        progress: &mut Progress,
    ) -> Result<Then> {
        let planned = running.planned;
        let cell = &planned.cell;
        match running.end {
            Some(End::Done) => {
                let record = plan.results().record(&cell.experiment, &cell.id)?;
                // Where that cannot be told, there is none that anybody can read.
                if matches!(record.is_there(), Ok(true)) {
                    self.done += 1;
                    progress.done(&planned.name());
                    return Ok(Then::GoesOn);
                }
            }
            Some(End::Held) => return Ok(Then::Aside),
            Some(End::Lost) => {
                self.lost += 1;
                progress.lost(&planned.name());
                return Ok(Then::Aside);
            }
            Some(End::Elsewhere(settled)) => {
                self.is_settled_elsewhere(planned, settled, progress);
                return Ok(Then::GoesOn);
            }
            Some(End::Failed(told)) => return self.fail(plan, planned, &running.before, told, progress),
            None => {}
        }
        // Where its training goes on, `list` and the next sweep tell: that may change while this stands.
        let told = Told::passing(how_it_ended(plan, &running, worker)?);
        self.fail(plan, planned, &running.before, told, progress)
    }

    /// Takes note of a cell that failed. Unless its worker has done that, the reason is kept under a claim of this process: another
    /// runner may have taken the cell over.
    pub(super) fn fail(
        &mut self,
        plan: &Plan,
        planned: &PlannedCell,
        before: &Before,
        told: Told,
        progress: &mut Progress,
    ) -> Result<Then> {
        let mut then = match told.unwritable {
            true => Then::NoMore,
            false => Then::GoesOn,
        };
        let error = console::cut(&told.error, MOST_REASON);
        let log = match told.kept {
            Some(log) => log,
            None => {
                let kept = Claims::of_results(&plan.results()).and_then(|claims| claims.try_take(&planned.name(), None));
                let claim = match kept {
                    Ok(Attempt::Held(_)) => return Ok(Then::Aside),
                    Ok(Attempt::Mine(claim)) => Ok(claim),
                    Err(error) => Err(error),
                };
                let elsewhere = match claim {
                    Ok(_) => settled(planned, before, &plan.results()),
                    Err(_) => Ok(None),
                };
                match elsewhere {
                    Ok(Some(settled)) => {
                        self.is_settled_elsewhere(planned, settled, progress);
                        return Ok(then);
                    }
                    Ok(None) => {}
                    // Where nobody can look there is nothing to be left alone, and the next cell fares no better.
                    Err(_) => then = Then::NoMore,
                }
                let failure = failure_of(planned, &error, told.lasting, &plan.cache())?;
                let kept = claim.and_then(|claim| keep(&failure, planned, &plan.results(), claim.hold()));
                if let Err(error) = &kept {
                    progress.say(&format!("the reason of a failure could not be kept: {error:#}"));
                    then = Then::NoMore;
                }
                failure.log
            }
        };
        progress.failed(&planned.name(), &format!("{error}\nlog: {log}"));
        self.failed.push(FailedCell {
            cell: planned.name(),
            error,
            log,
        });
        Ok(then)
    }

    fn is_settled_elsewhere(&mut self, planned: &PlannedCell, settled: Settled, progress: &mut Progress) {
        match settled {
            Settled::Done => {
                self.elsewhere += 1;
                progress.elsewhere(&planned.name());
            }
            Settled::Failed { error, log } => {
                progress.failed(&planned.name(), &format!("{error}\nanother runner tried it; log: {log}"));
                self.failed.push(FailedCell {
                    cell: planned.name(),
                    error,
                    log,
                });
            }
        }
    }
}

/// Keeps the reason of a failure; gives the path of the log.
///
/// # Errors
/// When it cannot be written, or the claim is lost.
pub(crate) fn keep_failure(planned: &PlannedCell, error: &str, lasting: bool, frame: &Frame, hold: &Hold) -> Result<String> {
    let error = console::cut(error, MOST_REASON);
    let failure = failure_of(planned, &error, lasting, &frame.cache())?;
    keep(&failure, planned, &frame.results(), hold)?;
    Ok(failure.log)
}

fn keep(failure: &Failure, planned: &PlannedCell, results: &Results, hold: &Hold) -> Result<()> {
    let place = results.failure(&planned.cell.experiment, &planned.cell.id)?;
    files::write_json_when(&place, failure, &|| hold.check())
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
    let kept = said.as_ref().map_or(Ok(()), |said| log.write(said.as_bytes()));
    let reason = cause::said(status, said);
    Ok(match kept {
        Ok(()) => reason,
        Err(error) => format!("{reason}\nits log could not be written: {error:#}"),
    })
}
