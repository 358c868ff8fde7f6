//! What a person reads on the terminal. A reader that goes away (`runner list … | head`) is no error, and a message that
//! nobody can read stops no sweep.

use std::io::{ErrorKind, Write};

use anyhow::{Context, Result};

/// Prints a result on standard output, with a line end after it.
///
/// # Errors
/// When it cannot be written, as on a full disk; not when the reader has gone.
pub fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("failed to write to standard output")
        }
        _ => Ok(()),
    }
}

/// Says something on standard error, with a line end after it.
pub fn say(text: &str) {
    // There is no place left to tell that nobody can be told.
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}
