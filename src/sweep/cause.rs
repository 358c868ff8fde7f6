//! Why a worker ended that gave no reason itself: how it ended, and the line of its log that says why.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::process::ExitStatus;

use anyhow::Result;

use crate::console;

/// The end of a log that is looked at.
const END_OF_LOG: u64 = 1 << 16;

/// The most characters of a line of a log that a reason holds.
const MOST_SAID: usize = 500;

/// What the runtime writes when it ends a program; the last such line is the cause, whatever follows it.
const CAUSES: &[&str] = &[
    "panicked at ",
    "memory allocation of ",
    "has overflowed its stack",
    "fatal runtime error",
    "error while loading shared libraries",
];

/// How the worker ended and what it said, from its log, where there is one.
pub(super) fn of(status: ExitStatus, log: Result<Option<File>>) -> String {
    let end = log.and_then(|log| log.as_ref().map_or_else(|| Ok(String::new()), end_of));
    said(status, end)
}

/// How the worker ended, and why, by the end of what it said.
pub(super) fn said(status: ExitStatus, end: Result<String>) -> String {
    let ended = match signal_of(status) {
        Some(9) => "the worker was killed (signal 9), as the system does when memory runs out".to_owned(),
        Some(signal) => format!("the worker was ended by signal {signal}"),
        None => format!("the worker ended with {status}"),
    };
    match end {
        Ok(said) => match cause_in(&said) {
            Cause::Told(cause) => format!("{ended}: {}", console::cut(&cause, MOST_SAID)),
            Cause::Said(last) => {
                format!("{ended}; its last words: {}", console::cut(&last, MOST_SAID))
            }
            Cause::Unknown => ended,
        },
        Err(error) => format!("{ended}; its log cannot be read: {error:#}"),
    }
}

/// The end of a log.
pub(super) fn end_of(mut log: &File) -> Result<String> {
    let length = log.metadata()?.len();
    log.seek(SeekFrom::Start(length.saturating_sub(END_OF_LOG)))?;
    let mut bytes = Vec::new();
    log.take(END_OF_LOG).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What a log tells of the end of its program.
#[derive(Debug, PartialEq, Eq)]
enum Cause {
    /// Why it ended.
    Told(String),
    /// What it said last, which may have nothing to do with it.
    Said(String),
    Unknown,
}

/// The line of a log that says why a program ended: the first of a panic with its message, not a frame of the backtrace below
/// it; else the last thing that was said.
fn cause_in(said: &str) -> Cause {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_cause = |line: &&str| CAUSES.iter().any(|cause| line.contains(cause));
    // A panic that ends others is followed by theirs: the first says why.
    let Some(at) = lines.iter().position(is_cause) else {
        let last = lines.iter().rfind(|line| !line.starts_with("note:"));
        return last.map_or(Cause::Unknown, |line| Cause::Said((*line).to_owned()));
    };
    let message = lines
        .get(at + 1)
        .filter(|next| lines[at].ends_with(':') && !next.starts_with("note:") && **next != "stack backtrace:");
    Cause::Told(match message {
        Some(message) => format!("{} {message}", lines[at]),
        None => lines[at].to_owned(),
    })
}

#[cfg(unix)]
fn signal_of(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal_of(_status: ExitStatus) -> Option<i32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_the_line_of_the_panic_and_no_frame_of_its_backtrace() {
        let told = |cause: &str| Cause::Told(cause.to_owned());
        let said = "epoch 1/4\n\nthread 'main' (7) panicked at src/nn/linear.rs:3:5:\nindex out of bounds\nstack backtrace:\n   \
                    0: __rustc::rust_begin_unwind\n             at /rustc/lib.rs:1:2\n  51: runner::main\nnote: Some details are \
                    omitted, run with `RUST_BACKTRACE=full`\n";
        assert_eq!(
            cause_in(said),
            told("thread 'main' (7) panicked at src/nn/linear.rs:3:5: index out of bounds")
        );
        let said = "epoch 1/4\nmemory allocation of 8000 bytes failed\nstack backtrace:\n 0: a\n";
        assert_eq!(cause_in(said), told("memory allocation of 8000 bytes failed"));
        let said = "\nthread 'main' has overflowed its stack\nfatal runtime error: stack overflow, aborting\n";
        assert_eq!(cause_in(said), told("thread 'main' has overflowed its stack"));
        let last = Cause::Said("last words".to_owned());
        assert_eq!(cause_in("a\nlast words\nnote: x\n"), last);
        assert_eq!(cause_in(""), Cause::Unknown);
    }
}
