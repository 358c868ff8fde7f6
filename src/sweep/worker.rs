//! One worker process: how it is started, what it says, and how it ends with its sweep.

use std::io::{BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::event::Event;
use super::plan::PlannedCell;
use crate::checkpoint;
use crate::files::Place;
use crate::train::Reached;

/// Where Linux keeps the program that runs, whatever has become of its file since.
const RUNNING: &str = "/proc/self/exe";

/// This program, as workers run it: the one that the sweep runs, also when its file has been replaced since.
pub(super) struct Program {
    path: PathBuf,
    /// What it is called in a list of processes.
    called: PathBuf,
}

impl Program {
    /// The program of this process.
    ///
    /// # Errors
    /// When the system does not tell its path.
    pub(super) fn this() -> Result<Self> {
        let called = std::env::current_exe().context("failed to find this program's own path")?;
        let running = PathBuf::from(RUNNING);
        // A link that leads to the program itself, also where its file is gone.
        let is_kept = cfg!(target_os = "linux") && running.read_link().is_ok();
        let path = if is_kept { running } else { called.clone() };
        Ok(Self { path, called })
    }

    /// A worker with that many threads; what it says on standard error goes into a new log.
    ///
    /// # Errors
    /// When the log cannot be made.
    pub(super) fn worker(&self, log: &Place, threads: usize) -> Result<Command> {
        let mut command = Command::new(&self.path);
        command
            .env("RAYON_NUM_THREADS", threads.to_string())
            // Open as long as the sweep lives: see `end_with_parent`.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.create()?);
        apart(&mut command, &self.called);
        Ok(command)
    }
}

/// Ctrl-C in a terminal reaches the supervisor alone, which then stops its workers.
#[cfg(unix)]
fn apart(command: &mut Command, called: &std::path::Path) {
    use std::os::unix::process::CommandExt;
    command.process_group(0).arg0(called);
}

#[cfg(not(unix))]
fn apart(_command: &mut Command, _called: &std::path::Path) {}

/// Lets this process end within a second when the sweep that started it asks for that or is gone, however that ended: its end of
/// the pipe closes then. What the worker has not written as a whole by then is not written at all; a training is saved where it is,
/// and the next sweep goes on there.
pub(crate) fn end_with_parent() {
    // What `ps` and `top` show; without it they would show the name of `RUNNING`. Nothing depends on it.
    #[cfg(target_os = "linux")]
    drop(std::fs::write("/proc/self/comm", "runner"));
    thread::spawn(|| {
        let mut byte = [0];
        loop {
            match std::io::stdin().read(&mut byte) {
                Ok(1) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                _ => checkpoint::end(),
            }
        }
    });
}

/// One running worker.
pub(super) struct Worker<'a> {
    pub(super) planned: &'a PlannedCell,
    pub(super) child: Child,
    /// What it gave as the reason for its failure.
    pub(super) failure: Option<Told>,
    /// How far its training is, as far as it has told.
    pub(super) reached: Option<Reached>,
    /// Where its training would go on if it ended now.
    pub(super) saved: Option<Reached>,
    /// Whether it will say nothing more: it has ended or is about to.
    pub(super) closed: bool,
    pub(super) silence: Silence,
}

/// A failure that a worker told of itself.
pub(super) struct Told {
    pub(super) error: String,
    /// Whether the cell would fail the same way again.
    pub(super) lasting: bool,
    /// Whether it failed because a file could not be written: others will fail like that.
    pub(super) unwritable: bool,
}

impl Worker<'_> {
    /// Lets it end by itself: see [`end_with_parent`].
    pub(super) fn ask_to_end(&mut self) {
        drop(self.child.stdin.take());
    }

    /// What becomes of its training when it is cut off now: `in epoch 55 of 400, goes on there`. A cell that `has_record` was to be
    /// made again, and is done as before.
    pub(super) fn is_cut_off(&self, has_record: bool) -> String {
        let before = || "before its first epoch was done".to_owned();
        match (self.reached, self.saved) {
            (reached, _) if has_record && self.planned.begins_again => {
                let place = reached.map_or_else(before, |reached| reached.to_string());
                format!("{place}, has its earlier record; `--force` begins again")
            }
            (Some(reached), Some(saved)) if reached.epoch == saved.epoch => format!("{saved}, goes on there"),
            (Some(reached), Some(saved)) => format!("{reached}, goes on {saved}"),
            (Some(reached), None) => format!("{reached}, begins again"),
            (None, _) => format!("{}, begins again", before()),
        }
    }

    /// Takes note of how far it is.
    pub(super) fn has_reached(&mut self, reached: Reached) {
        let is_further = |before: Reached| (reached.epoch, reached.batch) >= (before.epoch, before.batch);
        if self.reached.is_none_or(is_further) {
            self.reached = Some(reached);
        }
    }
}

/// No worker outlives its sweep. A cell that was cut off has no record yet, so the next sweep runs it.
impl Drop for Worker<'_> {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

/// A child that does not outlive its parent's interest.
pub(super) struct Stopped(pub(super) Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        stop(&mut self.0);
    }
}

fn stop(child: &mut Child) {
    // A child that has ended by itself is as good as stopped.
    drop(child.kill());
    drop(child.wait());
}

/// How long a worker has said nothing.
pub(super) struct Silence {
    heard: Instant,
    told: bool,
}

/// What is to be done about a worker that says nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// Nothing yet.
    Waits,
    /// A person should know; once for each silence.
    Tells,
    /// It was given so long and no longer.
    Ends,
}

impl Silence {
    /// Begins now.
    pub(super) fn new(now: Instant) -> Self {
        Self { heard: now, told: false }
    }

    /// It has said something.
    pub(super) fn broken(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    /// What is to be done at `now`, where a person is told after `tell` and the worker is ended after `end`.
    pub(super) fn patience(&mut self, now: Instant, tell: Duration, end: Option<Duration>) -> Patience {
        let silent = now.saturating_duration_since(self.heard);
        if end.is_some_and(|end| silent >= end) {
            Patience::Ends
        } else if silent >= tell && !self.told {
            self.told = true;
            Patience::Tells
        } else {
            Patience::Waits
        }
    }
}

/// News from the worker with that number.
pub(super) enum News {
    Event(Event),
    Closed,
}

/// Reads what a worker says, in a thread of its own.
pub(super) fn listen(stdout: Option<ChildStdout>, number: usize, sender: &Sender<(usize, News)>) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_told_once_and_ended_where_that_is_asked_for() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let (tell, end) = (Duration::from_secs(10), Some(Duration::from_secs(30)));
        let mut silence = Silence::new(start);
        assert_eq!(silence.patience(at(9), tell, end), Patience::Waits);
        assert_eq!(silence.patience(at(10), tell, end), Patience::Tells);
        assert_eq!(silence.patience(at(29), tell, end), Patience::Waits);
        assert_eq!(silence.patience(at(30), tell, end), Patience::Ends);
        assert_eq!(silence.patience(at(3000), tell, None), Patience::Waits);
        silence.broken(at(40));
        assert_eq!(silence.patience(at(49), tell, end), Patience::Waits);
        assert_eq!(silence.patience(at(50), tell, end), Patience::Tells);
    }
}
