//! Runs the cells of a plan in worker processes of this machine, `jobs` at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Child;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::event::Event;
use super::maps::{Maps, compute_maps};
use super::plan::{Plan, PlannedCell};
use super::progress::Progress;
use super::settings::{PATIENCE, Settings, TELL_AFTER, still_runs};
use super::state::failure_of;
use super::worker::{News, Patience, Program, Silence, Told, Worker, listen};
use super::{cause, features};
use crate::train::Reached;
use crate::{console, files};

/// How long workers may take to end that were asked to: they give themselves a little less.
const END_WITHIN: Duration = Duration::from_millis(850);

/// How long to wait for a worker to end that has said its last word.
const MOMENT: Duration = Duration::from_millis(1);

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

/// Runs every cell of `plan`, which was saved at `path`.
///
/// # Errors
/// When a worker cannot be started or a failure cannot be written. A failed cell is no error.
pub fn run(plan: &Plan, path: &Path, settings: &Settings) -> Result<Outcome> {
    try_writing(plan)?;
    let program = Program::this()?;
    let threads = (settings.cores() / settings.jobs.max(1)).max(1);
    let (sender, receiver) = mpsc::channel();
    let mut waiting = plan.cells.iter();
    let mut workers: BTreeMap<usize, Worker> = BTreeMap::new();
    let mut started = 0;
    let mut no_more = false;
    let mut outcome = Outcome::default();
    let mut progress = Progress::new(plan.cells.len(), settings.quiet);
    if features::needs_maps(plan) {
        let maps = compute_maps(&program, plan, path, settings, &mut progress)?;
        outcome.interrupted = maps == Maps::Interrupted;
        if maps != Maps::Tried {
            progress.end();
            outcome.left = plan.cells.len();
            return Ok(outcome);
        }
    }

    loop {
        if settings.requests.interrupted.load(Ordering::SeqCst) {
            outcome.interrupted = true;
            end_all(&mut workers, &receiver, settings, &mut progress)?;
            for (_, mut worker) in std::mem::take(&mut workers) {
                // One may have ended by itself in this moment.
                if worker.child.wait().is_ok_and(|status| status.success()) {
                    settle(plan, worker, &mut outcome, &mut progress)?;
                } else {
                    let cell = &worker.planned.cell;
                    let record = plan.results().record(&cell.experiment, &cell.id)?;
                    let has_record = matches!(record.is_there(), Ok(true));
                    outcome.cut_off.push((worker.planned.name(), worker.is_cut_off(has_record)));
                }
            }
            break;
        }
        for number in ended(&mut workers)? {
            let worker = workers.remove(&number).expect("the worker was there a moment ago");
            no_more |= settle(plan, worker, &mut outcome, &mut progress)?;
        }
        let stopping = no_more || settings.fail_fast && !outcome.failed.is_empty();
        while !stopping && workers.len() < settings.jobs {
            let Some(planned) = waiting.next() else { break };
            let mut child = match start(&program, plan, path, planned, threads) {
                Ok(child) => child,
                Err(error) => {
                    // What keeps one worker from starting keeps the next: those that run go on to their end.
                    let told = Told {
                        error: format!("{error:#}"),
                        lasting: false,
                        unwritable: true,
                    };
                    no_more |= fail(plan, planned, told, &mut outcome, &mut progress)?;
                    break;
                }
            };
            progress.started(&planned.name());
            listen(child.stdout.take(), started, &sender);
            let worker = Worker {
                planned,
                child,
                failure: None,
                reached: None,
                saved: None,
                closed: false,
                silence: Silence::new(Instant::now()),
            };
            workers.insert(started, worker);
            started += 1;
        }
        if workers.is_empty() {
            break;
        }
        let closing = workers.values().any(|worker| worker.closed);
        match receiver.recv_timeout(if closing { MOMENT } else { PATIENCE }) {
            Ok((number, news)) => {
                if let Some(worker) = workers.get_mut(&number) {
                    take_note(worker, news, &mut progress);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        for worker in workers.values_mut().filter(|worker| !worker.closed) {
            watch(worker, settings.cell_timeout, &mut progress);
        }
    }
    progress.end();
    if no_more {
        console::say("no further cell was started: what one needs could not be written or started");
    }
    outcome.left = plan.cells.len() - outcome.done - outcome.failed.len();
    Ok(outcome)
}

/// Asks all workers to end, and hears what they say on their way out; those that are too slow are ended.
fn end_all(
    workers: &mut BTreeMap<usize, Worker>,
    receiver: &Receiver<(usize, News)>,
    settings: &Settings,
    progress: &mut Progress,
) -> Result<()> {
    let asked = Instant::now();
    workers.values_mut().for_each(Worker::ask_to_end);
    let is_over = || asked.elapsed() >= END_WITHIN || settings.requests.forced.load(Ordering::SeqCst);
    while !is_over() && ended(workers)?.len() < workers.len() {
        if let Ok((number, news)) = receiver.recv_timeout(MOMENT)
            && let Some(worker) = workers.get_mut(&number)
        {
            take_note(worker, news, progress);
        }
    }
    for worker in workers.values_mut() {
        // One that has ended by itself is as good as ended.
        drop(worker.child.kill());
    }
    for worker in workers.values_mut() {
        worker.child.wait().context("failed to wait for a worker")?;
    }
    Ok(())
}

/// The workers that have said their last word and ended.
fn ended(workers: &mut BTreeMap<usize, Worker>) -> Result<Vec<usize>> {
    let mut ended = Vec::new();
    for (number, worker) in workers.iter_mut().filter(|(_, worker)| worker.closed) {
        if worker.child.try_wait().context("failed to wait for a worker")?.is_some() {
            ended.push(*number);
        }
    }
    Ok(ended)
}

/// Tells of a worker that has said nothing for long, and ends one that was given no longer.
fn watch(worker: &mut Worker, timeout: Option<Duration>, progress: &mut Progress) {
    let silence = &mut worker.silence;
    match silence.patience(Instant::now(), TELL_AFTER, timeout) {
        Patience::Waits => {}
        Patience::Tells => progress.say(&still_runs(
            &format!("{} has told of no epoch", worker.planned.name()),
            worker.child.id(),
            timeout,
        )),
        Patience::Ends => {
            worker.failure = Some(Told {
                error: format!(
                    "it told of no epoch for {:?} and was ended, as `--cell-timeout` asks",
                    timeout.unwrap_or_default()
                ),
                lasting: false,
                unwritable: false,
            });
            worker.closed = true;
            // One that has ended by itself meanwhile has its record or its failure all the same.
            drop(worker.child.kill());
        }
    }
}

fn take_note(worker: &mut Worker, news: News, progress: &mut Progress) {
    // To be saved is no news of an epoch.
    if !matches!(news, News::Event(Event::Saved { .. } | Event::Warning { .. })) {
        worker.silence.broken(Instant::now());
    }
    match news {
        News::Event(Event::Epoch {
            epoch,
            epochs,
            loss,
            validation_loss,
        }) => {
            worker.has_reached(Reached {
                epoch,
                batch: 0,
                is_done: epoch == epochs,
                epochs,
            });
            progress.epoch(&worker.planned.name(), epoch, epochs, loss, validation_loss);
        }
        News::Event(Event::GoesOn { reached }) => {
            worker.has_reached(reached);
            worker.saved = Some(reached);
            progress.goes_on(&worker.planned.name(), reached);
        }
        News::Event(Event::Saved { reached }) => {
            worker.has_reached(reached);
            worker.saved = Some(reached);
        }
        News::Event(Event::Warning { text }) => {
            progress.say(&format!("warning: {}: {text}", worker.planned.name()));
        }
        News::Event(Event::Failed {
            error,
            lasting,
            unwritable,
        }) => {
            worker.failure = Some(Told {
                error,
                lasting,
                unwritable,
            });
        }
        News::Event(Event::Done | Event::Features { .. }) => {}
        News::Closed => worker.closed = true,
    }
}

impl PlannedCell {
    /// `EXPERIMENT/ID`, which no other cell of a plan is called.
    pub fn name(&self) -> String {
        format!("{}/{}", self.cell.experiment, self.cell.id)
    }
}

/// Starts the worker of one cell; what it says on standard error goes into the cell's log.
fn start(program: &Program, plan: &Plan, path: &Path, planned: &PlannedCell, threads: usize) -> Result<Child> {
    let log = plan.cache().log(&planned.cell.experiment, &planned.cell.id)?;
    program
        .worker(&log, threads)?
        .args(["run", "--events", "--"])
        .arg(path)
        .arg(planned.name())
        .spawn()
        .with_context(|| format!("failed to start a worker for {}", planned.name()))
}

/// Tries every folder that the cells will be written into, so that none is trained in vain.
fn try_writing(plan: &Plan) -> Result<()> {
    let (results, cache) = (plan.results(), plan.cache());
    let mut tried = BTreeSet::new();
    for planned in &plan.cells {
        let experiment = &planned.cell.experiment;
        if tried.insert(experiment) {
            results.records(experiment)?.try_writing()?;
            results.failures(experiment)?.refuse_links()?;
            let log = cache.log(experiment, &planned.cell.id)?;
            log.folder().try_writing()?;
        }
    }
    if features::needs_maps(plan) {
        cache.features_folder()?.try_writing()?;
    }
    cache.weights_folder()?.try_writing()
}

/// Takes note of a worker that has ended; whether no other should be started, for what it wrote could not be written.
fn settle(plan: &Plan, mut worker: Worker, outcome: &mut Outcome, progress: &mut Progress) -> Result<bool> {
    let status = worker.child.wait().context("failed to wait for a worker")?;
    let planned = worker.planned;
    let cell = &planned.cell;
    let results = plan.results();
    let record = results.record(&cell.experiment, &cell.id)?;
    // Where that cannot be told, there is none that anybody can read.
    if status.success() && matches!(record.is_there(), Ok(true)) {
        let removed = results.failure(&cell.experiment, &cell.id)?.remove();
        if let Err(error) = &removed {
            progress.say(&format!("an earlier failure could not be removed: {error:#}"));
        }
        outcome.done += 1;
        progress.done(&planned.name());
        return Ok(removed.is_err());
    }
    let log = plan.cache().log(&cell.experiment, &cell.id)?;
    let told = worker.failure.take().unwrap_or_else(|| {
        // Where its training goes on, `list` and the next sweep tell: that may change while this stands.
        Told {
            error: cause::of(status, &log),
            lasting: false,
            unwritable: false,
        }
    });
    fail(plan, planned, told, outcome, progress)
}

/// Takes note of a cell that failed; whether no other should be started.
fn fail(plan: &Plan, planned: &PlannedCell, told: Told, outcome: &mut Outcome, progress: &mut Progress) -> Result<bool> {
    let (cell, results) = (&planned.cell, plan.results());
    let error = console::cut(&told.error, MOST_REASON);
    let failure = failure_of(planned, &error, told.lasting, &plan.cache())?;
    let place = results.failure(&cell.experiment, &cell.id)?;
    let kept = files::write_json(&place, &failure);
    if let Err(error) = &kept {
        progress.say(&format!("the reason of a failure could not be kept: {error:#}"));
    }
    progress.failed(&planned.name(), &format!("{error}\nlog: {}", failure.log));
    outcome.failed.push(FailedCell {
        cell: planned.name(),
        error,
        log: failure.log,
    });
    Ok(told.unwritable || kept.is_err())
}
