//! Runs the cells of a plan in worker processes of this machine, `jobs` at a time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::event::Event;
use super::features;
use super::maps::{Maps, compute_maps};
use super::outcome::Outcome;
use super::plan::{Plan, PlannedCell};
use super::progress::Progress;
use super::running::{Patience, Running, Told};
use super::settings::{PATIENCE, Settings, TELL_AFTER, still_runs};
use super::worker::{News, Program, Starter, Worker};
use crate::console;
use crate::train::Reached;

/// How long workers may take to end that were asked to: they give themselves a little less.
const END_WITHIN: Duration = Duration::from_millis(850);

/// How long to wait for a worker to end that has said its last word.
const MOMENT: Duration = Duration::from_millis(1);

/// Runs every cell of `plan`, which was saved at `path`.
///
/// # Errors
/// When a failure cannot be written. A failed cell is no error.
pub fn run(plan: &Plan, path: &Path, settings: &Settings) -> Result<Outcome> {
    try_writing(plan)?;
    let program = Program::this()?;
    let mut progress = Progress::new(plan.cells.len(), settings.quiet);
    if features::needs_maps(plan) {
        let maps = compute_maps(&program, plan, path, settings, &mut progress)?;
        if maps != Maps::Tried {
            progress.end();
            return Ok(Outcome {
                interrupted: maps == Maps::Interrupted,
                left: plan.cells.len(),
                ..Outcome::default()
            });
        }
    }
    let (sender, receiver) = mpsc::channel();
    let starter = Starter {
        program: &program,
        plan,
        path,
        threads: (settings.cores() / settings.jobs.max(1)).max(1),
        sender,
        started: 0,
    };
    let supervisor = Supervisor {
        plan,
        settings,
        starter,
        receiver,
        waiting: plan.cells.iter().collect(),
        workers: BTreeMap::new(),
        outcome: Outcome::default(),
        progress,
        no_more: false,
    };
    supervisor.run()
}

/// Gives the cells to workers, and hears what becomes of them.
struct Supervisor<'a> {
    plan: &'a Plan,
    settings: &'a Settings,
    starter: Starter<'a>,
    receiver: Receiver<(usize, News)>,
    /// The cells that no worker has got yet, in order.
    waiting: VecDeque<&'a PlannedCell>,
    workers: BTreeMap<usize, Worker<'a>>,
    outcome: Outcome,
    progress: Progress,
    /// Whether no further cell is to be started, for what one needs could not be written or started.
    no_more: bool,
}

impl<'a> Supervisor<'a> {
    fn run(mut self) -> Result<Outcome> {
        loop {
            if self.settings.requests.interrupted.load(Ordering::SeqCst) {
                self.interrupt()?;
                break;
            }
            self.settle()?;
            self.give_cells()?;
            if self.workers.values().all(|worker| worker.running.is_none()) {
                break;
            }
            self.hear();
        }
        self.workers.values_mut().for_each(Worker::ask_to_end);
        self.progress.end();
        if self.no_more {
            console::say("no further cell was started: what one needs could not be written or started");
        }
        self.outcome.left = self.plan.cells.len() - self.outcome.done - self.outcome.failed.len();
        Ok(self.outcome)
    }

    /// Waits for news, and takes note of those that are there.
    fn hear(&mut self) {
        let closing = self.workers.values().any(|worker| worker.closed);
        // The starter holds a sender: the channel is open.
        if let Ok((number, news)) = self.receiver.recv_timeout(if closing { MOMENT } else { PATIENCE })
            && let Some(worker) = self.workers.get_mut(&number)
        {
            take_note(worker, news, &mut self.progress);
        }
        for worker in self.workers.values_mut().filter(|worker| !worker.closed) {
            watch(worker, self.settings.cell_timeout, &mut self.progress);
        }
    }

    /// Takes note of the cells that have come to their end, and of the workers that have ended.
    fn settle(&mut self) -> Result<()> {
        let mut gone = Vec::new();
        for (number, worker) in &mut self.workers {
            let has_ended = worker.closed && worker.status()?.is_some();
            if has_ended {
                gone.push(*number);
            }
            let Some(running) = worker.running.take_if(|running| running.is_over || has_ended) else {
                continue;
            };
            // It has died before it read what it was given, after others that it brought to their end: that was not this cell.
            let is_innocent = !running.has_begun && running.failure.is_none() && worker.ended > 0;
            if is_innocent && !running.is_over {
                self.waiting.push_front(running.planned);
                continue;
            }
            worker.ended += 1;
            self.no_more |= self.outcome.settle(self.plan, running, worker, &mut self.progress)?;
        }
        for number in gone {
            self.workers.remove(&number);
        }
        Ok(())
    }

    /// Gives a cell to each worker that has none, and starts workers as long as there may be more.
    fn give_cells(&mut self) -> Result<()> {
        while !self.no_more && !(self.settings.fail_fast && !self.outcome.failed.is_empty()) {
            let is_full = self.workers.len() >= self.settings.jobs;
            let mut workers = self.workers.values_mut();
            let idle = workers.find(|worker| worker.running.is_none() && !worker.closed);
            if idle.is_none() && is_full {
                break;
            }
            let Some(planned) = self.waiting.pop_front() else { break };
            if let Some(worker) = idle {
                worker.give(planned)?;
                continue;
            }
            match self.starter.start() {
                Ok((number, mut worker)) => {
                    worker.give(planned)?;
                    self.workers.insert(number, worker);
                }
                Err(error) => {
                    // What keeps one worker from starting keeps the next: those that run go on to their end.
                    let told = Told {
                        error: format!("{error:#}"),
                        lasting: false,
                        unwritable: true,
                    };
                    self.no_more |= self.outcome.fail(self.plan, planned, told, &mut self.progress)?;
                }
            }
        }
        Ok(())
    }

    /// Ends all workers, and takes note of what was cut off.
    fn interrupt(&mut self) -> Result<()> {
        self.outcome.interrupted = true;
        self.end_all()?;
        for (_, mut worker) in std::mem::take(&mut self.workers) {
            let Some(running) = worker.running.take() else {
                continue;
            };
            // One may have come to its end by itself in this moment.
            if running.is_done {
                self.outcome.settle(self.plan, running, &mut worker, &mut self.progress)?;
                continue;
            }
            let cell = &running.planned.cell;
            let record = self.plan.results().record(&cell.experiment, &cell.id)?;
            let has_record = matches!(record.is_there(), Ok(true));
            let cut_off = (running.planned.name(), running.is_cut_off(has_record));
            self.outcome.cut_off.push(cut_off);
        }
        Ok(())
    }

    /// Asks all workers to end, and hears what they say on their way out; those that are too slow are ended.
    fn end_all(&mut self) -> Result<()> {
        let asked = Instant::now();
        self.workers.values_mut().for_each(Worker::ask_to_end);
        let forced = self.settings.requests.forced;
        while asked.elapsed() < END_WITHIN && !forced.load(Ordering::SeqCst) && !self.have_all_ended()? {
            if let Ok((number, news)) = self.receiver.recv_timeout(MOMENT)
                && let Some(worker) = self.workers.get_mut(&number)
            {
                take_note(worker, news, &mut self.progress);
            }
        }
        for worker in self.workers.values_mut() {
            // One that has ended by itself is as good as ended.
            drop(worker.child.kill());
        }
        for worker in self.workers.values_mut() {
            worker.child.wait().context("failed to wait for a worker")?;
        }
        Ok(())
    }

    /// Whether all workers have said their last word and ended.
    fn have_all_ended(&mut self) -> Result<bool> {
        for worker in self.workers.values_mut() {
            if !worker.closed || worker.status()?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Tells of a worker that has said nothing for long, and ends one that was given no longer.
fn watch(worker: &mut Worker, timeout: Option<Duration>, progress: &mut Progress) {
    let Some(running) = &mut worker.running else { return };
    match running.silence.patience(Instant::now(), TELL_AFTER, timeout) {
        Patience::Waits => {}
        Patience::Tells => progress.say(&still_runs(
            &format!("{} has told of no epoch", running.planned.name()),
            worker.child.id(),
            timeout,
        )),
        Patience::Ends => {
            running.failure = Some(Told {
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
    let event = match news {
        News::Event(event) => event,
        News::Closed => {
            worker.closed = true;
            return;
        }
    };
    let Some(running) = &mut worker.running else { return };
    // To be saved is no news of an epoch.
    if !matches!(event, Event::Saved { .. } | Event::Warning { .. }) {
        running.silence.broken(Instant::now());
    }
    note_event(running, event, progress);
}

fn note_event(running: &mut Running, event: Event, progress: &mut Progress) {
    let name = || running.planned.name();
    match event {
        Event::Began => {
            progress.started(&name());
            running.has_begun = true;
        }
        Event::Epoch {
            epoch,
            epochs,
            loss,
            validation_loss,
        } => {
            progress.epoch(&name(), epoch, epochs, loss, validation_loss);
            running.has_reached(Reached {
                epoch,
                batch: 0,
                is_done: epoch == epochs,
                epochs,
            });
        }
        Event::GoesOn { reached } => {
            progress.goes_on(&name(), reached);
            running.has_reached(reached);
            running.saved = Some(reached);
        }
        Event::Saved { reached } => {
            running.has_reached(reached);
            running.saved = Some(reached);
        }
        Event::Warning { text } => progress.say(&format!("warning: {}: {text}", name())),
        Event::Failed {
            error,
            lasting,
            unwritable,
        } => {
            running.failure = Some(Told {
                error,
                lasting,
                unwritable,
            });
        }
        Event::Done => running.is_done = true,
        Event::Ready => running.is_over = true,
        Event::Features { .. } => {}
    }
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
