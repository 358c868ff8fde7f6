//! What the system says when it refuses, and what a person can do about it.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Lets a file that would become longer than this process may make one be an error like others: otherwise the system ends the
/// process. Call it once, at the start.
pub fn be_told_of_limits() {
    #[cfg(unix)]
    {
        #[expect(unsafe_code, reason = "signal is a function of C")]
        // Sound: it takes numbers alone; the action is the system's own.
        unsafe {
            libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
        }
    }
}

/// The system's reason, followed by what to do about it where that is known.
#[derive(Debug)]
pub struct Refusal {
    error: io::Error,
    writes: bool,
}

impl Refusal {
    /// Of looking at or reading something.
    pub fn of_reading(error: io::Error) -> Self {
        let writes = false;
        Self { error, writes }
    }

    /// Of writing, moving or removing something.
    pub fn of_writing(error: io::Error) -> Self {
        let writes = true;
        Self { error, writes }
    }

    fn advice(&self) -> Option<&'static str> {
        let writes = self.writes;
        Some(match self.error.kind() {
            ErrorKind::StorageFull => "free some room there (`runner prune` shows what can go), or name another folder",
            ErrorKind::QuotaExceeded => {
                "your share of that disk is used up: free some room there (`runner prune` shows what can go), or name another folder"
            }
            ErrorKind::ReadOnlyFilesystem => "make it writable, or name another folder (--results, --cache)",
            ErrorKind::PermissionDenied if writes => {
                "give this user the right to write there, or name another folder (--results, --cache)"
            }
            ErrorKind::PermissionDenied => "give this user the right to read it",
            ErrorKind::FileTooLarge => {
                "raise the limit on the length of files (`ulimit -f`), or name a folder of another file system"
            }
            ErrorKind::StaleNetworkFileHandle => {
                "the server has something else there by now: see whether it is mounted as it should be"
            }
            ErrorKind::NotFound if writes => "a folder above it is gone: see whether it was removed or unmounted meanwhile",
            _ if is_loop(&self.error) => "symbolic links lead round in a circle there: remove one of them",
            _ if is_of_device(&self.error) => {
                "the disk itself reports it: see the system's log (`dmesg`), and save what is on it"
            }
            _ => return None,
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        match self.advice() {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

/// A file could not be written: the disk is full, or the folder not this user's. Other files will fail like it.
#[derive(Debug)]
pub struct Unwritable {
    path: PathBuf,
    refusal: Refusal,
}

impl Unwritable {
    pub(super) fn new(path: &Path, error: io::Error) -> Self {
        let (path, refusal) = (path.to_owned(), Refusal::of_writing(error));
        Self { path, refusal }
    }
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to write {}: {}", self.path.display(), self.refusal)
    }
}

impl std::error::Error for Unwritable {}

// Kinds that the standard library has no stable name for.

#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

#[cfg(unix)]
fn is_of_device(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EIO)
}

#[cfg(not(unix))]
fn is_loop(_error: &io::Error) -> bool {
    false
}

#[cfg(not(unix))]
fn is_of_device(_error: &io::Error) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_to_do_about_it() {
        let written = |code: i32| Unwritable::new(Path::new("a/b"), io::Error::from_raw_os_error(code));
        for (code, advice) in [
            (libc::ENOSPC, "; free some room there"),
            (libc::EDQUOT, "; your share of that disk is used up"),
            (libc::EROFS, "; make it writable, or name another folder"),
            (libc::EACCES, "; give this user the right to write there"),
            (libc::EFBIG, "; raise the limit on the length of files"),
            (libc::EIO, "; the disk itself reports it"),
            (libc::ELOOP, "; symbolic links lead round in a circle there"),
            (libc::ESTALE, "; the server has something else there"),
            (libc::ENOENT, "; a folder above it is gone"),
        ] {
            let said = written(code).to_string();
            assert!(said.starts_with("failed to write a/b: "), "{said}");
            assert!(said.contains(&format!("(os error {code}){advice}")), "{said}");
        }
        let read = Refusal::of_reading(io::Error::from_raw_os_error(libc::EACCES)).to_string();
        assert!(read.ends_with("; give this user the right to read it"), "{read}");
    }
}
