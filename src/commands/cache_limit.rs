//! `sweep --cache-limit`: keeps the cache below a size while a sweep runs and at its end.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::BinaryBytes;

use crate::console::{self, counted};
use crate::prune::limit;
use crate::store::paths::Cache;

/// How long to wait before looking at the cache again.
const AT_LEAST: Duration = Duration::from_secs(10);

/// And how many times as long as looking at it takes.
const TIMES_AS_LONG: u32 = 50;

/// A cache that holds no more than so many bytes, where there is a limit.
pub(super) struct Limited<'a> {
    pub cache: &'a Cache,
    pub limit: Option<u64>,
}

/// What went.
#[derive(Default)]
struct Gone {
    files: usize,
    bytes: u64,
}

impl Limited<'_> {
    /// Does `work`, and keeps the cache below its limit beside it and afterwards. What cannot be kept is told, and no failure of
    /// the cells, which have their records.
    pub(super) fn during<T>(&self, quiet: bool, work: impl FnOnce() -> T) -> T {
        let Some(limit) = self.limit else {
            return work();
        };
        let mut gone = Gone::default();
        let (end, ended) = mpsc::channel::<()>();
        let beside = &mut gone;
        let done = thread::scope(|scope| {
            scope.spawn(move || {
                let mut wait = AT_LEAST;
                while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                    let began = Instant::now();
                    // What goes wrong is told at the end, where it is tried once more.
                    drop(self.shrink(limit, beside));
                    wait = AT_LEAST.max(began.elapsed() * TIMES_AS_LONG);
                }
            });
            let done = work();
            drop(end);
            done
        });
        let problems = match self.shrink(limit, &mut gone) {
            Ok(problems) => problems,
            Err(error) => vec![format!("the cache cannot be kept below --cache-limit: {error:#}")],
        };
        if gone.files > 0 && !quiet {
            let files = counted(gone.files, "file");
            let bytes = BinaryBytes(gone.bytes);
            console::say(&format!(
                "note: {files} of the cache, {bytes}, went for --cache-limit: those used least recently"
            ));
        }
        for problem in problems {
            console::say(&format!("warning: {problem}"));
        }
        done
    }

    /// Removes what the cache holds too much; gives what stays all the same, with the reason.
    fn shrink(&self, limit: u64, gone: &mut Gone) -> Result<Vec<String>> {
        let findings = limit::find_alone(limit, self.cache)?;
        let failed = findings.remove();
        if failed.is_empty() {
            let (files, bytes) = findings.total();
            gone.files += files;
            gone.bytes += bytes;
        }
        Ok(failed.into_iter().chain(findings.kept).collect())
    }
}
