//! Runs the cells of a plan in worker processes of this machine, `jobs` at a time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::event::Event;
use super::features;
use super::plan::{Plan, PlannedCell};
use super::progress::Progress;
use super::state::failure_of;
use crate::store::files;

/// How long to wait for news before looking whether the sweep was interrupted.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long to wait for a worker to end that has said its last word.
const MOMENT: Duration = Duration::from_millis(1);

/// How a plan is run.
pub struct Settings<'a> {
    /// Workers at a time.
    pub jobs: usize,
    /// Start no further cell after the first failure.
    pub fail_fast: bool,
    /// Show failures alone.
    pub quiet: bool,
    /// Set when the sweep is to stop.
    pub interrupted: &'a AtomicBool,
}

impl Settings<'_> {
    /// Cores that the workers share.
    fn cores(&self) -> usize {
        thread::available_parallelism().map_or(1, usize::from)
    }
}

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

/// One running worker.
struct Worker<'a> {
    planned: &'a PlannedCell,
    child: Child,
    /// What it gave as the reason for its failure, and whether the cell would fail the same way again.
    failure: Option<(String, bool)>,
    /// Whether it will say nothing more: it has ended or is about to.
    closed: bool,
}

/// No worker outlives its sweep. A cell that was cut off has no record yet, so the next sweep runs it.
impl Drop for Worker<'_> {
    fn drop(&mut self) {
        // A worker that has ended by itself is as good as stopped.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// News from the worker with that number.
enum News {
    Event(Event),
    Closed,
}

/// Runs every cell of `plan`, which was saved at `path`.
///
/// # Errors
/// When a worker cannot be started or a failure cannot be written. A failed cell is no error.
pub fn run(plan: &Plan, path: &Path, settings: &Settings) -> Result<Outcome> {
    let program = std::env::current_exe().context("failed to find this program's own path")?;
    let threads = (settings.cores() / settings.jobs.max(1)).max(1);
    let (sender, receiver) = mpsc::channel();
    let mut waiting = plan.cells.iter();
    let mut workers: BTreeMap<usize, Worker> = BTreeMap::new();
    let mut started = 0;
    let mut outcome = Outcome::default();
    let mut progress = Progress::new(plan.cells.len(), settings.quiet);
    if features::needs_maps(plan) && !compute_maps(&program, plan, path, settings, &mut progress)? {
        progress.end();
        outcome.left = plan.cells.len();
        outcome.interrupted = true;
        return Ok(outcome);
    }

    loop {
        if settings.interrupted.load(Ordering::SeqCst) {
            workers.clear();
            outcome.interrupted = true;
            break;
        }
        for number in ended(&mut workers)? {
            let worker = workers
                .remove(&number)
                .expect("the worker was there a moment ago");
            settle(plan, worker, &mut outcome, &mut progress)?;
        }
        let stopping = settings.fail_fast && !outcome.failed.is_empty();
        while !stopping && workers.len() < settings.jobs {
            let Some(planned) = waiting.next() else { break };
            let mut child = start(&program, plan, path, planned, threads)?;
            progress.started(&planned.name());
            listen(child.stdout.take(), started, &sender);
            let worker = Worker {
                planned,
                child,
                failure: None,
                closed: false,
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
    }
    progress.end();
    outcome.left = plan.cells.len() - outcome.done - outcome.failed.len();
    Ok(outcome)
}

/// Computes the feature maps that cells need, in a worker that has all cores; false when the sweep was interrupted. Whatever
/// goes wrong in it stands in its log, and the cells that lack maps try themselves and tell.
fn compute_maps(
    program: &Path,
    plan: &Plan,
    path: &Path,
    settings: &Settings,
    progress: &mut Progress,
) -> Result<bool> {
    let log = plan.cache().features_log();
    let mut command = worker(program, &log, settings.cores())?;
    command.arg("features").arg(path).arg("--events");
    let mut child = Stopped(
        command
            .spawn()
            .context("failed to start the worker for feature maps")?,
    );
    let (sender, receiver) = mpsc::channel();
    listen(child.0.stdout.take(), 0, &sender);
    loop {
        if settings.interrupted.load(Ordering::SeqCst) {
            return Ok(false);
        }
        match receiver.recv_timeout(PATIENCE) {
            Ok((
                _,
                News::Event(Event::Features {
                    done,
                    total,
                    failed,
                }),
            )) => {
                progress.features(done, total, failed);
            }
            Ok((_, News::Event(_))) | Err(RecvTimeoutError::Timeout) => {}
            Ok((_, News::Closed)) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = child.0.wait().context("failed to wait for a worker")?;
    if !status.success() {
        progress.say(&format!(
            "not all feature maps could be computed; the cells that need them say why (log: {})",
            log.display()
        ));
    }
    Ok(true)
}

/// A child that does not outlive its parent's interest.
struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        // A child that has ended by itself is as good as stopped.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The workers that have said their last word and ended.
fn ended(workers: &mut BTreeMap<usize, Worker>) -> Result<Vec<usize>> {
    let mut ended = Vec::new();
    for (number, worker) in workers.iter_mut().filter(|(_, worker)| worker.closed) {
        if worker
            .child
            .try_wait()
            .context("failed to wait for a worker")?
            .is_some()
        {
            ended.push(*number);
        }
    }
    Ok(ended)
}

fn take_note(worker: &mut Worker, news: News, progress: &mut Progress) {
    match news {
        News::Event(Event::Epoch {
            epoch,
            epochs,
            loss,
            validation_loss,
        }) => {
            progress.epoch(&worker.planned.name(), epoch, epochs, loss, validation_loss);
        }
        News::Event(Event::Failed { error, lasting }) => worker.failure = Some((error, lasting)),
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
fn start(
    program: &Path,
    plan: &Plan,
    path: &Path,
    planned: &PlannedCell,
    threads: usize,
) -> Result<Child> {
    let log = plan.cache().log(&planned.cell.experiment, &planned.cell.id);
    worker(program, &log, threads)?
        .arg("run")
        .arg(path)
        .arg(planned.name())
        .arg("--events")
        .spawn()
        .with_context(|| format!("failed to start a worker for {}", planned.name()))
}

/// This program as a worker with that many threads; what it says on standard error goes into `log`.
fn worker(program: &Path, log: &Path, threads: usize) -> Result<Command> {
    let folder = log.parent().context("a log lies in a folder")?;
    let log = fs::create_dir_all(folder)
        .and_then(|()| File::create(log))
        .with_context(|| format!("failed to make the log {}", log.display()))?;
    let mut command = Command::new(program);
    command
        .env("RAYON_NUM_THREADS", threads.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log);
    own_process_group(&mut command);
    Ok(command)
}

/// Ctrl-C in a terminal reaches the supervisor alone, which then stops its workers.
#[cfg(unix)]
fn own_process_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn own_process_group(_command: &mut Command) {}

/// Reads what a worker says, in a thread of its own.
fn listen(stdout: Option<ChildStdout>, number: usize, sender: &Sender<(usize, News)>) {
    let sender = sender.clone();
    thread::spawn(move || {
        // A closed channel means that the sweep is over and nobody wants the news.
        if let Some(stdout) = stdout {
            Event::read_all(
                BufReader::new(stdout),
                |event| drop(sender.send((number, News::Event(event)))),
                |_| {},
            );
        }
        drop(sender.send((number, News::Closed)));
    });
}

/// Takes note of a worker that has ended.
fn settle(
    plan: &Plan,
    mut worker: Worker,
    outcome: &mut Outcome,
    progress: &mut Progress,
) -> Result<()> {
    let status = worker.child.wait().context("failed to wait for a worker")?;
    let planned = worker.planned;
    let cell = &planned.cell;
    let results = plan.results();
    let recorded = results.record(&cell.experiment, &cell.id).exists();
    if status.success() && recorded {
        files::remove(&results.failure(&cell.experiment, &cell.id))?;
        outcome.done += 1;
        progress.done(&planned.name());
        return Ok(());
    }
    let log = plan.cache().log(&cell.experiment, &cell.id);
    let given = worker.failure.take();
    let (error, lasting) = given.unwrap_or_else(|| (describe(status, &log), false));
    let failure = failure_of(planned, &error, lasting, &plan.cache());
    files::write_json(&results.failure(&cell.experiment, &cell.id), &failure)?;
    progress.failed(&planned.name(), &format!("{error}\nlog: {}", failure.log));
    outcome.failed.push(FailedCell {
        cell: planned.name(),
        error,
        log: failure.log,
    });
    Ok(())
}

/// Why a worker ended that gave no reason itself: how it ended, and the last thing that it said.
fn describe(status: ExitStatus, log: &Path) -> String {
    let ended = match signal_of(status) {
        Some(9) => {
            "the worker was killed (signal 9), as the system does when memory runs out".to_owned()
        }
        Some(signal) => format!("the worker was ended by signal {signal}"),
        None => format!("the worker ended with {status}"),
    };
    let said = fs::read_to_string(log).unwrap_or_default();
    match said
        .lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty() && !line.starts_with("note:"))
    {
        Some(last) => format!("{ended}; its last words: {last}"),
        None => ended,
    }
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal_of(_status: ExitStatus) -> Option<i32> {
    None
}
