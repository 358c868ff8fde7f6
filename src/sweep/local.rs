//! Runs the cells of a plan in worker processes of this machine, `jobs` at a time.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::event::Event;
use super::plan::{Plan, PlannedCell};
use super::progress::Progress;
use super::state::failure_of;
use crate::store::files;

/// How long to wait for news before looking whether the sweep was interrupted.
const PATIENCE: Duration = Duration::from_millis(100);

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
    /// What it gave as the reason for its failure.
    error: Option<String>,
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
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = (cores / settings.jobs.max(1)).max(1);
    let (sender, receiver) = mpsc::channel();
    let mut waiting = plan.cells.iter();
    let mut workers: Vec<Option<Worker>> = Vec::new();
    let mut outcome = Outcome::default();
    let mut progress = Progress::new(plan.cells.len(), settings.quiet);

    loop {
        if settings.interrupted.load(Ordering::SeqCst) {
            stop(workers.iter_mut().flatten());
            outcome.interrupted = true;
            break;
        }
        let stopping = settings.fail_fast && !outcome.failed.is_empty();
        while !stopping && workers.iter().flatten().count() < settings.jobs {
            let Some(planned) = waiting.next() else { break };
            let child = start(&program, plan, path, planned, threads)?;
            progress.started(&planned.name());
            workers.push(Some(Worker {
                planned,
                child,
                error: None,
            }));
            listen(&mut workers, &sender);
        }
        if workers.iter().flatten().next().is_none() {
            break;
        }
        let (number, news) = match receiver.recv_timeout(PATIENCE) {
            Ok(news) => news,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let Some(worker) = &mut workers[number] else {
            continue;
        };
        match news {
            News::Event(Event::Epoch {
                epoch,
                epochs,
                loss,
                validation_loss,
            }) => {
                progress.epoch(&worker.planned.name(), epoch, epochs, loss, validation_loss);
            }
            News::Event(Event::Failed { error }) => worker.error = Some(error),
            News::Event(Event::Done) => {}
            News::Closed => {
                // A signal to the whole group ends workers too: that is an interruption, not a failure.
                let status = worker.child.wait().context("failed to wait for a worker")?;
                if settings.interrupted.load(Ordering::SeqCst) && !status.success() {
                    continue;
                }
                let worker = workers[number]
                    .take()
                    .expect("the worker was there a moment ago");
                settle(plan, worker, status, &mut outcome, &mut progress)?;
            }
        }
    }
    progress.end();
    outcome.left = plan.cells.len() - outcome.done - outcome.failed.len();
    Ok(outcome)
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
    let folder = log.parent().context("a log lies in a folder")?;
    let log = fs::create_dir_all(folder)
        .and_then(|()| File::create(&log))
        .with_context(|| format!("failed to make the log {}", log.display()))?;
    let mut command = Command::new(program);
    command
        .arg("run")
        .arg(path)
        .arg(planned.name())
        .arg("--events")
        .env("RAYON_NUM_THREADS", threads.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log);
    own_process_group(&mut command);
    command
        .spawn()
        .with_context(|| format!("failed to start a worker for {}", planned.name()))
}

/// Ctrl-C in a terminal reaches the supervisor alone, which then stops its workers.
#[cfg(unix)]
fn own_process_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn own_process_group(_command: &mut Command) {}

/// Reads what the newest worker says, in a thread of its own.
fn listen(workers: &mut [Option<Worker>], sender: &Sender<(usize, News)>) {
    let number = workers.len() - 1;
    let stdout = workers
        .last_mut()
        .and_then(Option::as_mut)
        .and_then(|worker| worker.child.stdout.take());
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
    worker: Worker,
    status: ExitStatus,
    outcome: &mut Outcome,
    progress: &mut Progress,
) -> Result<()> {
    let Worker { planned, error, .. } = worker;
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
    let error = error.unwrap_or_else(|| describe(status, &log));
    let failure = failure_of(cell, &planned.data, &error, &plan.cache());
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

/// Ends workers. Their cells have no record yet, so the next sweep runs them.
fn stop<'a, 'b: 'a>(workers: impl Iterator<Item = &'a mut Worker<'b>>) {
    for worker in workers {
        // A worker that has just ended by itself is as good as stopped.
        drop(worker.child.kill());
        drop(worker.child.wait());
    }
}
