//! One worker process: how it is started, how it gets its cells, what it says, and how it ends with its sweep.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use anyhow::{Context, Result};

use super::event::Event;
use super::order::{Before, Order};
use super::plan::{Plan, PlannedCell};
use super::running::Running;
use crate::{checkpoint, memory};

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

    /// A worker with that many threads; what it says on standard error goes into `log`.
    pub(super) fn worker(&self, log: File, threads: usize) -> Command {
        let mut command = Command::new(&self.path);
        command
            .env("RAYON_NUM_THREADS", threads.to_string())
            .envs(memory::large_pages())
            // Open as long as the sweep lives: see `orders`.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log);
        apart(&mut command, &self.called);
        command
    }
}

/// Starts the workers of a sweep.
pub(super) struct Starter<'a> {
    pub(super) program: &'a Program,
    pub(super) plan: &'a Plan,
    /// Where the plan was saved.
    pub(super) path: &'a Path,
    /// Of each worker.
    pub(super) threads: usize,
    /// Where the news go.
    pub(super) sender: Sender<(usize, News)>,
    /// How many were started.
    pub(super) started: usize,
}

impl Starter<'_> {
    /// Starts one, which waits for its first cell; gives its number too.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn start<'c>(&mut self) -> Result<(usize, Worker<'c>)> {
        let failed = || "failed to start a worker";
        let log = self.plan.cache().logs()?.nameless().with_context(failed)?;
        let mut command = self.program.worker(log.try_clone().with_context(failed)?, self.threads);
        command.args(["run", "--events", "--"]).arg(self.path);
        let mut child = command.spawn().with_context(failed)?;
        let number = self.started;
        self.started += 1;
        listen(child.stdout.take(), number, &self.sender);
        let orders = give_orders(child.stdin.take());
        // What no worker can be told is not known to be gone before its news end.
        drop(orders.send(serde_json::to_string(&self.plan.frame).with_context(failed)?));
        let worker = Worker {
            child,
            orders: Some(orders),
            log,
            running: None,
            closed: false,
            ended: 0,
        };
        Ok((number, worker))
    }
}

/// Hands lines over to a worker in a thread of its own: one that does not read hangs nobody. The worker is asked to end when the
/// sender goes.
fn give_orders(stdin: Option<ChildStdin>) -> Sender<String> {
    let (sender, lines) = mpsc::channel::<String>();
    thread::spawn(move || {
        let Some(mut stdin) = stdin else { return };
        for mut line in lines {
            line.push('\n');
            if stdin.write_all(line.as_bytes()).is_err() {
                break; // it has ended, which its news tell
            }
        }
    });
    sender
}

/// Ctrl-C in a terminal reaches the supervisor alone, which then stops its workers.
#[cfg(unix)]
fn apart(command: &mut Command, called: &std::path::Path) {
    use std::os::unix::process::CommandExt;
    command.process_group(0).arg0(called);
}

#[cfg(not(unix))]
fn apart(_command: &mut Command, _called: &std::path::Path) {}

/// What the sweep that started this process tells it, line by line. When the sweep asks this process to end or is gone, however that
/// ended, its end of the pipe closes: then this process ends within a second. What it has not written as a whole by then is not
/// written at all; a training is saved where it is, and the next sweep goes on there.
pub(crate) fn orders() -> Receiver<String> {
    // What `ps` and `top` show; without it they would show the name of `RUNNING`. Nothing depends on it.
    #[cfg(target_os = "linux")]
    drop(std::fs::write("/proc/self/comm", "runner"));
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(std::io::stdin()).lines().map_while(std::io::Result::ok) {
            // A process that takes no orders only wants to know when it is to end.
            drop(sender.send(line));
        }
        checkpoint::end()
    });
    receiver
}

/// One worker.
pub(super) struct Worker<'a> {
    pub(super) child: Child,
    orders: Option<Sender<String>>,
    /// What it says before it has begun its first cell, whose log it takes then.
    pub(super) log: File,
    /// The cell that it is on.
    pub(super) running: Option<Running<'a>>,
    /// Whether it will say nothing more: it has ended or is about to.
    pub(super) closed: bool,
    /// How many cells it has brought to their end.
    pub(super) ended: usize,
}

impl<'a> Worker<'a> {
    /// Gives it a cell.
    ///
    /// # Errors
    /// When the cell cannot be written as text.
    pub(super) fn give(&mut self, planned: &'a PlannedCell, before: Before) -> Result<()> {
        let order = Order { planned, before };
        let line = serde_json::to_string(&order)?;
        self.running = Some(Running::new(planned, order.before));
        if let Some(orders) = &self.orders {
            drop(orders.send(line)); // of one that has ended its news tell
        }
        Ok(())
    }

    /// Lets it end by itself: see [`orders`].
    pub(super) fn ask_to_end(&mut self) {
        self.orders = None;
    }

    /// How it ended; none while it has not.
    ///
    /// # Errors
    /// When the system does not tell.
    pub(super) fn status(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().context("failed to wait for a worker")
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
