//! Runs the cells of a plan in worker processes of this machine, `jobs` at a time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::features;
use super::maps::{Maps, compute_maps};
use super::news::{take_note, watch};
use super::order::Before;
use super::outcome::{Outcome, Then};
use super::plan::{Plan, PlannedCell};
use super::progress::Progress;
use super::running::{End, Told};
use super::settings::{PATIENCE, Settings};
use super::worker::{News, Program, Starter, Worker};
use crate::claim::{Claims, Watch};
use crate::console::{self, counted};

/// How long workers may take to end that were asked to: they give themselves a little less.
const END_WITHIN: Duration = Duration::from_millis(850);

/// How long to wait for a worker to end that has said its last word.
const MOMENT: Duration = Duration::from_millis(1);

/// How long to wait before looking again at cells that other runners have.
const LOOK_EVERY: Duration = Duration::from_millis(200);

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
    let claims = Claims::of_results(&plan.results())?;
    let mut watch = Watch::default();
    // What others have left there is watched from now on.
    claims.tidy(&mut watch)?;
    let supervisor = Supervisor {
        plan,
        settings,
        starter,
        receiver,
        waiting: plan.cells.iter().collect(),
        before: Before::of_all(plan)?,
        workers: BTreeMap::new(),
        claims,
        watch,
        aside: Vec::new(),
        looked: Instant::now(),
        has_told: false,
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
    /// What lay there of cells when the sweep began, by their names.
    before: BTreeMap<String, Before>,
    workers: BTreeMap<usize, Worker<'a>>,
    claims: Claims,
    /// Others' claims, as they were seen.
    watch: Watch,
    /// The cells that other runners have.
    aside: Vec<&'a PlannedCell>,
    /// When they were last looked at.
    looked: Instant,
    /// Whether a person was told of them.
    has_told: bool,
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
            self.take_up()?;
            self.give_cells()?;
            let is_idle = self.workers.values().all(|worker| worker.running.is_none());
            if is_idle && (self.is_stopping() || self.aside.is_empty()) {
                break;
            }
            self.hear();
        }
        self.workers.clear(); // those that are left are idle
        // What cannot be cleared now is cleared by the next sweep, and hides nothing of what became of the cells.
        drop(self.claims.tidy(&mut self.watch));
        self.progress.end();
        if self.no_more {
            console::say("no further cell was started: what one needs could not be written or started");
        }
        let ended = self.outcome.done + self.outcome.elsewhere + self.outcome.failed.len();
        self.outcome.left = self.plan.cells.len() - ended;
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
            let is_innocent = !running.has_begun && running.end.is_none() && worker.ended > 0;
            let planned = running.planned;
            if is_innocent && !running.is_over {
                self.waiting.push_front(planned);
                continue;
            }
            worker.ended += 1;
            match self.outcome.settle(self.plan, running, worker, &mut self.progress)? {
                Then::GoesOn => {}
                Then::NoMore => self.no_more = true,
                Then::Aside => self.aside.push(planned),
            }
        }
        for number in gone {
            self.workers.remove(&number);
        }
        Ok(())
    }

    /// Whether no further cell is to be started.
    fn is_stopping(&self) -> bool {
        self.no_more || self.settings.fail_fast && !self.outcome.failed.is_empty()
    }

    /// Looks at the cells that other runners have, when nothing else is left: one that is nobody's any more can be given to a worker,
    /// which sees what has become of it.
    fn take_up(&mut self) -> Result<()> {
        if !self.waiting.is_empty() || self.aside.is_empty() || self.looked.elapsed() < LOOK_EVERY {
            return Ok(());
        }
        self.looked = Instant::now();
        let mut by = None;
        for planned in std::mem::take(&mut self.aside) {
            match self.claims.look(&planned.name())? {
                Some(seen) if !self.watch.is_dead(&seen) => {
                    by.get_or_insert_with(|| seen.to_string());
                    self.aside.push(planned);
                }
                Some(seen) => {
                    self.claims.clear(&seen, &mut self.watch)?;
                    self.waiting.push_back(planned);
                }
                None => self.waiting.push_back(planned),
            }
        }
        let is_idle = self.waiting.is_empty() && self.workers.values().all(|worker| worker.running.is_none());
        if let Some(by) = by.filter(|_| is_idle && !self.has_told) {
            self.has_told = true;
            let count = counted(self.aside.len(), "cell");
            self.progress.note(&format!("waits for {count} computed elsewhere, as {by}"));
        }
        Ok(())
    }

    /// Gives a cell to each worker that has none, and starts workers as long as there may be more.
    fn give_cells(&mut self) -> Result<()> {
        while !self.is_stopping() {
            let is_full = self.workers.len() >= self.settings.jobs;
            let mut workers = self.workers.values_mut();
            let idle = workers.find(|worker| worker.running.is_none() && !worker.closed);
            if idle.is_none() && is_full {
                break;
            }
            let Some(planned) = self.waiting.pop_front() else { break };
            let before = self.before.get(&planned.name()).cloned().unwrap_or_default();
            if let Some(worker) = idle {
                worker.give(planned, before)?;
                continue;
            }
            match self.starter.start() {
                Ok((number, mut worker)) => {
                    worker.give(planned, before)?;
                    self.workers.insert(number, worker);
                }
                Err(error) => {
                    // What keeps one worker from starting keeps the next: those that run go on to their end.
                    let told = Told {
                        unwritable: true,
                        ..Told::passing(format!("{error:#}"))
                    };
                    let then = self.outcome.fail(self.plan, planned, &before, told, &mut self.progress)?;
                    self.no_more = true;
                    if then == Then::Aside {
                        self.aside.push(planned);
                    }
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
            if matches!(running.end, Some(End::Done | End::Elsewhere(_))) {
                self.outcome.settle(self.plan, running, &mut worker, &mut self.progress)?;
                continue;
            }
            if matches!(running.end, Some(End::Held)) {
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
