//! Files that are never half written: a temporary file in the same folder, then a rename; both are on the disk where this returns,
//! with the folders that were made for them.

use std::cell::RefCell;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;

use super::left_over::own_prefix;
use super::refusal::Unwritable;
use super::room::with_room;

/// Writes a file as a whole or not at all: a temporary file in the same folder, then a rename.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    replace_when(path, bytes, &|| Ok(()))
}

/// The same where `may` still says so when all is on the disk but the new name; its error is given as it is.
pub(super) fn replace_when(path: &Path, bytes: &[u8], may: &dyn Fn() -> Result<()>) -> Result<()> {
    let refused = RefCell::new(None);
    let may = || {
        may().map_err(|error| {
            refused.replace(Some(error));
            io::Error::other("it may no longer be written")
        })
    };
    let written = with_room(|| match replaced(path, bytes, &may) {
        // Its folder is gone meanwhile, or another took the temporary file for left over: once more.
        Err(error) if error.kind() == ErrorKind::NotFound => replaced(path, bytes, &may),
        written => written,
    });
    match refused.take() {
        Some(error) => Err(error),
        None => Ok(written.map_err(|error| Unwritable::new(path, error))?),
    }
}

/// Makes a file as a whole, in a folder that is there; whether there was none of its name. In one step, on a network too: by a hard
/// link. It need not survive a power cut.
pub(super) fn create(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let temporary = Temporary::new(folder_of(path))?;
    // Opened and closed: on a network others can read from then on what stands in it.
    fs::write(&temporary.path, bytes)?;
    make_readable(&temporary.file)?;
    let linked = fs::hard_link(&temporary.path, path);
    let is_lacking = |error: &io::Error| {
        let known = [ErrorKind::StorageFull, ErrorKind::NotFound, ErrorKind::ReadOnlyFilesystem];
        !known.contains(&error.kind())
    };
    let made = match linked {
        // A file system that knows no such links.
        Err(error) if error.kind() != ErrorKind::AlreadyExists && is_lacking(&error) => {
            let opened = OpenOptions::new().write(true).create_new(true).open(path);
            opened.and_then(|mut file| file.write_all(bytes))
        }
        linked => linked,
    };
    match made {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        made => made.map(|()| true),
    }
}

fn replaced(path: &Path, bytes: &[u8], may: &dyn Fn() -> io::Result<()>) -> io::Result<()> {
    let folder = folder_of(path);
    made(folder)?;
    let mut temporary = Temporary::new(folder)?;
    temporary.file.write_all(bytes)?;
    make_readable(&temporary.file)?;
    temporary.file.sync_all()?;
    may()?;
    temporary.persist(path)?;
    // The rename itself must survive a power cut too.
    synced(folder)
}

/// Renames a file; the rename survives a power cut where this returns.
pub(super) fn moved(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    for path in [to, from] {
        synced(folder_of(path))?;
    }
    Ok(())
}

/// Makes a folder and those above it; they survive a power cut where this returns.
pub(super) fn made(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder_of(folder);
    if above != folder {
        made(above)?;
    }
    match fs::create_dir(folder) {
        Ok(()) => synced(above),
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

/// Where a file lies; a bare name lies in the folder that the program runs in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) => Path::new("."),
        None => path,
    }
}

/// Returns when the names that a folder holds are on the disk.
fn synced(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some file systems of other machines keep names by themselves and know no such request.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// A file that is being written, removed with this value unless it was given its name.
pub(super) struct Temporary {
    pub(super) file: File,
    path: PathBuf,
    has_its_name: bool,
}

impl Temporary {
    /// A new, empty file of a name that says whose it is.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{}{number}", own_prefix()));
            // A new one: not what somebody else puts there.
            let opened = OpenOptions::new().write(true).create_new(true).open(&path);
            return match opened {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                opened => Ok(Self {
                    file: opened?,
                    path,
                    has_its_name: false,
                }),
            };
        }
    }

    fn persist(mut self, path: &Path) -> io::Result<()> {
        fs::rename(&self.path, path)?;
        self.has_its_name = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.has_its_name {
            // What cannot be removed is left over, and the next sweep removes it.
            drop(fs::remove_file(&self.path));
        }
    }
}

/// Whatever the umask: results are there to be read.
#[cfg(unix)]
fn make_readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &File) -> io::Result<()> {
    Ok(())
}
