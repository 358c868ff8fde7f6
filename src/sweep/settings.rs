//! How a plan is run, and how long one waits for news of a worker.

use std::thread;
use std::time::Duration;

use super::interrupt::Requests;

/// How long to wait for news before looking whether the sweep was interrupted.
pub(super) const PATIENCE: Duration = Duration::from_millis(100);

/// After how long without news of a worker a person is told.
pub(super) const TELL_AFTER: Duration = Duration::from_secs(10 * 60);

/// How a plan is run.
pub struct Settings {
    /// Workers at a time.
    pub jobs: usize,
    /// Start no further cell after the first failure.
    pub fail_fast: bool,
    /// Show failures alone.
    pub quiet: bool,
    /// End a worker that has told of nothing for that long.
    pub cell_timeout: Option<Duration>,
    /// Whether the sweep is to stop.
    pub requests: Requests,
}

impl Settings {
    /// Cores that the workers share.
    pub(super) fn cores(&self) -> usize {
        thread::available_parallelism().map_or(1, usize::from)
    }
}

/// What a person is told of a worker that says nothing for long.
pub(super) fn still_runs(what: &str, process: u32, timeout: Option<Duration>) -> String {
    let minutes = TELL_AFTER.as_secs() / 60;
    let end = match timeout {
        Some(timeout) => format!("`--cell-timeout` ends it after {timeout:?}"),
        None => "`--cell-timeout` would end it".to_owned(),
    };
    format!("{what} for {minutes} minutes and still runs (process {process}); {end}")
}
