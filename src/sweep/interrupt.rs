//! Requests to end: Ctrl-C, SIGTERM, SIGHUP. One that was ignored when the program started stays ignored, as `nohup` and a
//! shell's `&` ask for.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

/// Set by a request to end.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Set when no worker runs any more.
static WORKERS_ENDED: AtomicBool = AtomicBool::new(false);

/// Listens for requests to end; gives what is set by one. `code` is what the program exits with at once at a second one, or at
/// one that comes when the workers have ended.
///
/// # Errors
/// When the system refuses.
pub(crate) fn listen(code: i32) -> Result<&'static AtomicBool> {
    let ignored = ignored();
    ctrlc::set_handler(move || {
        if INTERRUPTED.swap(true, Ordering::SeqCst) || WORKERS_ENDED.load(Ordering::SeqCst) {
            std::process::exit(code);
        }
    })
    .context("failed to listen for Ctrl-C")?;
    ignore(&ignored);
    Ok(&INTERRUPTED)
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
