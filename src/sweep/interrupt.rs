//! Requests to end: Ctrl-C, SIGTERM, SIGHUP. One that was ignored when the program started stays ignored, as `nohup` and a
//! shell's `&` ask for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::checkpoint;

/// Set by a request to end.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Set by a second one.
static FORCED: AtomicBool = AtomicBool::new(false);

/// Set when no worker runs any more.
static WORKERS_ENDED: AtomicBool = AtomicBool::new(false);

/// For how long the program waits at a second request for its workers to be ended.
const AT_ONCE: Duration = Duration::from_millis(300);

/// What requests to end have asked for.
#[derive(Debug, Clone, Copy)]
pub struct Requests {
    /// To end, with what can be saved on the way out.
    pub interrupted: &'static AtomicBool,
    /// To end at once.
    pub forced: &'static AtomicBool,
}

/// Listens for requests to end; gives what is set by one and by a second. `code` is what the program exits with at once at a second
/// one, or at one that comes when the workers have ended.
///
/// # Errors
/// When the system refuses.
pub(crate) fn listen(code: i32) -> Result<Requests> {
    on_request(move || {
        let is_second = INTERRUPTED.swap(true, Ordering::SeqCst);
        if is_second {
            FORCED.store(true, Ordering::SeqCst);
            let asked = Instant::now();
            while asked.elapsed() < AT_ONCE && !WORKERS_ENDED.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(2));
            }
        }
        if is_second || WORKERS_ENDED.load(Ordering::SeqCst) {
            std::process::exit(code);
        }
    })?;
    Ok(Requests {
        interrupted: &INTERRUPTED,
        forced: &FORCED,
    })
}

/// Ends this process at a request with what can be saved of its training, and at a second one at once.
///
/// # Errors
/// When the system refuses.
pub(crate) fn end_on_request(code: i32) -> Result<()> {
    on_request(move || {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(code);
        }
        thread::spawn(|| checkpoint::end());
    })
}

fn on_request(handler: impl FnMut() + Send + 'static) -> Result<()> {
    let ignored = ignored();
    ctrlc::set_handler(handler).context("failed to listen for Ctrl-C")?;
    ignore(&ignored);
    Ok(())
}

/// From now on a request to end ends the program at once.
pub(crate) fn workers_ended() {
    WORKERS_ENDED.store(true, Ordering::SeqCst);
}

/// The signals among those that are listened for that this process was told to ignore when it was started.
#[cfg(unix)]
fn ignored() -> Vec<libc::c_int> {
    let listened = [libc::SIGHUP, libc::SIGINT, libc::SIGTERM];
    let is_ignored = |signal: &libc::c_int| {
        #[expect(unsafe_code, reason = "sigaction is a function of C")]
        // Sound: with no new action it only fills in the old one, a plain struct that is valid when it is all zeros.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            libc::sigaction(*signal, std::ptr::null(), &mut action) == 0 && action.sa_sigaction == libc::SIG_IGN
        }
    };
    listened.into_iter().filter(is_ignored).collect()
}

#[cfg(unix)]
fn ignore(signals: &[libc::c_int]) {
    for signal in signals {
        #[expect(unsafe_code, reason = "signal is a function of C")]
        // Sound: it takes numbers alone; the action is the system's own.
        unsafe {
            libc::signal(*signal, libc::SIG_IGN);
        }
    }
}

#[cfg(not(unix))]
fn ignored() {}

#[cfg(not(unix))]
fn ignore(_none: &()) {}
