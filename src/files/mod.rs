//! The one place where files are opened, written and removed.
//!
//! What comes from outside is opened by [`read`] and [`open`] alone: regular files of bounded length, so that a named pipe
//! hangs nothing and a device fills no memory. What this program keeps lies at a [`Place`] below a folder of its own, whose
//! names are checked where it is made, and which is never written, read or removed through a symbolic link: a cloned
//! repository can carry links that lead anywhere.

mod left_over;
mod place;
mod refusal;
mod room;
mod saved;
mod together;
mod write;

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub use left_over::{PARTIAL, host, is_gone, is_left_over, machine, start_of};
pub use place::{Place, check_name};
pub use refusal::{Refusal, Unwritable, be_told_of_limits};
pub use room::when_full;
pub use saved::{Broken, read_json, read_saved, write_json, write_json_when};

/// The most bytes of a file that a person writes: an experiment, a template, a table of printed values.
pub const MOST_WRITTEN: u64 = 16 << 20;

/// The most bytes of a file of data, as a CSV file of prices.
pub const MOST_DATA: u64 = 4 << 30;

/// The most bytes of a record, a card, a failure or a plan.
pub const MOST_SAVED: u64 = 64 << 20;

/// The most bytes of a file of weights or feature maps, or of a package of them.
pub const MOST_WEIGHTS: u64 = 16 << 30;

/// Why a file was not opened.
#[derive(Debug)]
pub struct Unreadable {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: Reason,
}

/// See [`Unreadable`].
#[derive(Debug)]
pub enum Reason {
    /// There is none.
    Absent,
    /// It is a folder.
    Folder,
    /// It is no regular file, but what the words say, as "a named pipe".
    Irregular(&'static str),
    /// It has more bytes than such a file may have.
    TooLong {
        /// The bytes that it may have.
        most: u64,
    },
    /// The system refuses.
    Refused(Refusal),
}

impl Unreadable {
    /// Whether there is no such file.
    pub fn is_absent(&self) -> bool {
        matches!(self.reason, Reason::Absent)
    }

    fn new(path: &Path, reason: Reason) -> Self {
        let path = path.to_owned();
        Self { path, reason }
    }

    fn of(path: &Path, error: io::Error) -> Self {
        let reason = match error.kind() {
            ErrorKind::NotFound => Reason::Absent,
            _ => Reason::Refused(Refusal::of_reading(error)),
        };
        Self::new(path, reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("there is no such file"),
            Self::Folder => f.write_str("it is a folder, not a file"),
            Self::Irregular(what) => write!(f, "it is {what}, not a regular file"),
            Self::TooLong { most } => write!(
                f,
                "it is longer than {}, more than such a file may have",
                indicatif::BinaryBytes(*most)
            ),
            Self::Refused(refusal) => write!(f, "{refusal}"),
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, reason } = self;
        write!(f, "cannot read {}: {reason}", path.display())
    }
}

impl std::error::Error for Unreadable {}

/// Opens a regular file of at most `most` bytes, through links where a person has made some.
///
/// # Errors
/// When there is none, or it is not such a file.
pub fn open(path: &Path, most: u64) -> Result<File, Unreadable> {
    opened(path, most, true)
}

/// The bytes of a regular file of at most `most` bytes; a file that grows meanwhile is cut off by an error, not by memory.
///
/// # Errors
/// When there is none, it is not such a file, or reading fails.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, Unreadable> {
    bytes_of(open(path, most)?, path, most)
}

/// What lies at a path, through links; `None` where nothing does. Unlike `Path::exists` it does not take an error for nothing.
///
/// # Errors
/// When the system does not tell.
pub fn metadata(path: &Path) -> Result<Option<Metadata>> {
    looked_at(path, fs::metadata(path))
}

/// Whether there is anything at that path, were it a link that leads nowhere.
///
/// # Errors
/// When the system does not tell.
pub fn is_there(path: &Path) -> Result<bool> {
    Ok(looked_at(path, fs::symlink_metadata(path))?.is_some())
}

/// Whether there is a folder at that path.
///
/// # Errors
/// When the system does not tell.
pub fn is_folder(path: &Path) -> Result<bool> {
    Ok(metadata(path)?.is_some_and(|found| found.is_dir()))
}

/// What a folder holds, sorted by name.
///
/// # Errors
/// When it cannot be listed; the message names it.
pub fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || -> io::Result<Vec<PathBuf>> { fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect() };
    let listed = read().map_err(Refusal::of_reading);
    let mut paths = listed.with_context(|| format!("cannot list {}", folder.display()))?;
    paths.sort();
    Ok(paths)
}

/// Writes `bytes` to a path that a person has named, as a whole or not at all where it is a file; into a device as it is, and
/// through a link to what it names.
///
/// # Errors
/// When the file system refuses.
pub fn write_where_told(path: &Path, bytes: &[u8]) -> Result<()> {
    let place = named_by(path);
    match metadata(&place)? {
        Some(found) if !found.is_file() => Ok(fs::write(&place, bytes).map_err(|error| Unwritable::new(path, error))?),
        _ => write::replace(&place, bytes),
    }
}

/// Where a path leads: through links, also to what is not there yet.
fn named_by(path: &Path) -> PathBuf {
    /// As many links as Linux follows.
    const MOST_LINKS: usize = 40;
    let mut place = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(target) = fs::read_link(&place) else {
            break;
        };
        place = match place.parent() {
            Some(folder) => folder.join(target),
            None => target,
        };
    }
    place
}

fn opened(path: &Path, most: u64, follow: bool) -> Result<File, Unreadable> {
    // Looked at before it is opened: to open a device can do something, and a pipe waits for its other end.
    let look = if follow {
        fs::metadata(path)
    } else {
        fs::symlink_metadata(path)
    };
    let look = look.map_err(|error| Unreadable::of(path, error))?;
    accept(path, &look, most)?;
    let mut options = fs::OpenOptions::new();
    options.read(true);
    careful(&mut options, follow);
    let file = options.open(path).map_err(|error| Unreadable::of(path, error))?;
    // And looked at again, for it may be another by now.
    let look = file.metadata().map_err(|error| Unreadable::of(path, error))?;
    accept(path, &look, most)?;
    Ok(file)
}

fn bytes_of(file: File, path: &Path, most: u64) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    let length = file.metadata().map_or(0, |found| found.len());
    bytes.reserve_exact(usize::try_from(length.min(most)).unwrap_or(0));
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Unreadable::of(path, error))?;
    if bytes.len() as u64 > most {
        return Err(Unreadable::new(path, Reason::TooLong { most }));
    }
    Ok(bytes)
}

fn accept(path: &Path, look: &Metadata, most: u64) -> Result<(), Unreadable> {
    let reason = if look.is_dir() {
        Reason::Folder
    } else if !look.is_file() {
        Reason::Irregular(kind_in_words(look))
    } else if look.len() > most {
        Reason::TooLong { most }
    } else {
        return Ok(());
    };
    Err(Unreadable::new(path, reason))
}

/// What was found at that path; absent things are not an error.
fn looked_at(path: &Path, result: io::Result<Metadata>) -> Result<Option<Metadata>> {
    let look = found(result).map_err(Refusal::of_reading);
    look.with_context(|| format!("cannot look at {}", path.display()))
}

/// Absent things are not an error.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn careful(options: &mut fs::OpenOptions, follow: bool) {
    use std::os::unix::fs::OpenOptionsExt;
    let no_link = if follow { 0 } else { libc::O_NOFOLLOW };
    options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY | no_link);
}

#[cfg(not(unix))]
fn careful(_options: &mut fs::OpenOptions, _follow: bool) {}

#[cfg(unix)]
fn kind_in_words(found: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    let kind = found.file_type();
    if kind.is_symlink() {
        "a symbolic link"
    } else if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else {
        "something else"
    }
}

#[cfg(not(unix))]
fn kind_in_words(found: &Metadata) -> &'static str {
    if found.file_type().is_symlink() {
        "a symbolic link"
    } else {
        "something else"
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that fails to unwrap has failed")]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_of_bounded_length_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        let why = |path: &Path, most| read(path, most).unwrap_err().reason.to_string();
        assert!(why(&path, 4).contains("longer than 4 B"));
        assert_eq!(why(folder.path(), 9), "it is a folder, not a file");
        assert!(read(&folder.path().join("b"), 9).unwrap_err().is_absent());
        assert!(
            read(&folder.path().join("b"), 9)
                .unwrap_err()
                .to_string()
                .ends_with("b: there is no such file")
        );
    }

    #[cfg(unix)]
    #[test]
    fn pipes_and_devices_hang_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let why = |path: &Path| read(path, 9).unwrap_err().reason.to_string();
        assert_eq!(why(&pipe), "it is a named pipe, not a regular file");
        assert_eq!(why(Path::new("/dev/zero")), "it is a device, not a regular file");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        assert_eq!(why(&link), "it is a device, not a regular file");
    }
}
