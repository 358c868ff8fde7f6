//! What is done when a process is asked to end in the middle of a training: a small one is saved at its last finished step, and
//! everything ends within a second.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::trail::Trail;
use super::walked::Saved;
use super::{News, Tell};
use crate::claim;
use crate::train::Reached;

/// For how long the step that runs may go on to its end, which is then what is saved.
const FOR_A_STEP: Duration = Duration::from_millis(250);

/// When the process ends, whatever it is at.
const AT_MOST: Duration = Duration::from_millis(700);

/// How long to wait before looking again.
const MOMENT: Duration = Duration::from_millis(5);

/// The exit code of what was asked to end.
const INTERRUPTED: i32 = 130;

/// Whether this process was asked to end.
static REQUESTED: AtomicBool = AtomicBool::new(false);

/// The training that runs in this process.
static RUNNING: Mutex<Option<Arc<Running>>> = Mutex::new(None);

/// A training that runs, as far as others than its own thread may touch it.
pub(super) struct Running {
    pub trail: Trail,
    pub tell: Tell,
    /// See [`Running::hold`]: where a step takes so long that its end cannot be waited for.
    held: Mutex<Option<Saved>>,
    /// Whether somebody is writing a checkpoint.
    pub is_writing: AtomicBool,
    /// Whether no step is left.
    pub is_trained: AtomicBool,
    /// Whether somebody has begun to save the last step.
    is_claimed: AtomicBool,
}

impl Running {
    pub(super) fn new(trail: Trail, tell: Tell) -> Arc<Self> {
        Arc::new(Self {
            trail,
            tell,
            held: Mutex::new(None),
            is_writing: AtomicBool::new(false),
            is_trained: AtomicBool::new(false),
            is_claimed: AtomicBool::new(false),
        })
    }

    /// Whether it is the caller's to save the last step.
    pub(super) fn claim(&self) -> bool {
        !self.is_claimed.swap(true, Ordering::SeqCst)
    }

    /// Writes a checkpoint and tells of it.
    pub(super) fn write(&self, saved: &Saved) -> anyhow::Result<()> {
        self.trail.write(saved)?;
        (self.tell)(News::Saved(self.reached(saved)));
        Ok(())
    }

    /// How far that is.
    pub(super) fn reached(&self, saved: &Saved) -> Reached {
        self.trail.reached_with(&saved.state.progress, saved.walked.refits.len())
    }

    /// Holds a copy of the last finished step, or none.
    pub(super) fn hold(&self, step: Option<Saved>) {
        *locked(&self.held) = step;
    }
}

/// From now on a request to end waits for this training, or for none.
pub(super) fn wait_for(training: Option<Arc<Running>>) {
    *locked(&RUNNING) = training;
}

/// From now on a request to end waits for no training: the one that ran has come to its end, or failed.
pub(crate) fn forget() {
    wait_for(None);
}

/// Whether this process was asked to end.
pub(super) fn is_requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Ends the process, with what can be saved of its training within a second.
pub(crate) fn end() -> ! {
    let asked = Instant::now();
    REQUESTED.store(true, Ordering::SeqCst);
    let running = locked(&RUNNING).clone();
    if let Some(running) = running {
        let is_set = |flag: &AtomicBool| flag.load(Ordering::SeqCst);
        while asked.elapsed() < FOR_A_STEP && !is_set(&running.is_claimed) && !is_set(&running.is_trained) {
            thread::sleep(MOMENT);
        }
        let held = locked(&running.held).take();
        if is_set(&running.is_trained) {
            // Its end may still be on its way to the disk.
        } else if !running.claim() {
            // The training's own thread saves it, and ends the process by its return.
            thread::sleep(AT_MOST.saturating_sub(asked.elapsed()));
        } else if let Some(held) = held {
            let saving = running.clone();
            running.is_writing.store(true, Ordering::SeqCst);
            thread::spawn(move || {
                save(&saving, &held);
                saving.is_writing.store(false, Ordering::SeqCst);
            });
        }
        while asked.elapsed() < AT_MOST && is_set(&running.is_writing) {
            thread::sleep(MOMENT);
        }
    }
    claim::let_go();
    std::process::exit(INTERRUPTED);
}

/// Saves the last step on the way out.
pub(super) fn save(running: &Running, saved: &Saved) {
    if let Err(error) = running.write(saved) {
        (running.tell)(News::Warning(format!("its last step could not be saved: {error:#}")));
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is in them is whole at any moment.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A training that was ended on request.
#[derive(Debug)]
pub(crate) struct Stopped(pub Reached);

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "interrupted {}", self.0)
    }
}

impl std::error::Error for Stopped {}
