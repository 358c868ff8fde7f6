//! Files that are never half written: a temporary file in the same folder, then a rename; and what is left of those whose
//! writer was killed.

use std::fmt;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result};

/// Starts the name of a file that is being written; readers pass over it, and the next sweep removes what was left. After it
/// stand the machine and the process that writes.
pub const PARTIAL: &str = ".partial-";

/// When nobody writes a file any more that another machine began, or of which nobody knows.
const SURELY_LEFT: Duration = Duration::from_secs(24 * 3600);

/// Writes a file as a whole or not at all: a temporary file in the same folder, then a rename.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> Result<()> {
        let folder = path.parent().context("a file needs a folder")?;
        // A bare name lies in the folder that the program runs in.
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        fs::create_dir_all(folder)?;
        let mut file = temporary(folder)?;
        file.write_all(bytes)?;
        make_readable(file.as_file())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        // The rename itself must survive a power cut too.
        File::open(folder)?.sync_all()?;
        Ok(())
    };
    write().with_context(|| Unwritable(path.to_owned()))
}

/// Renames a file; the rename survives a power cut where this returns.
pub(super) fn moved(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::rename(from, to)?;
    for path in [to, from] {
        if let Some(folder) = path.parent() {
            File::open(folder)?.sync_all()?;
        }
    }
    Ok(())
}

/// A file could not be written: the disk is full, or the folder not this user's. Other files will fail like it.
#[derive(Debug)]
pub struct Unwritable(pub(super) PathBuf);

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to write {}", self.0.display())
    }
}

pub(super) fn temporary(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let prefix = format!("{PARTIAL}{}-{}-", machine(), std::process::id());
    tempfile::Builder::new().prefix(&prefix).tempfile_in(folder)
}

/// A few characters that tell this machine from others that share a folder with it.
fn machine() -> &'static str {
    static MACHINE: OnceLock<String> = OnceLock::new();
    MACHINE.get_or_init(|| {
        let told = fs::read_to_string("/proc/sys/kernel/random/boot_id");
        let told = told.or_else(|_| fs::read_to_string("/proc/sys/kernel/hostname"));
        // Containers of one machine have processes of their own, which others among them cannot see.
        let processes = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        let told = told.unwrap_or_default() + &processes.to_string_lossy();
        let digest = blake3::hash(told.as_bytes()).to_hex();
        digest[..8].to_owned()
    })
}

/// Whether a file of that name is one that was being written when its writer ended: of a process that this machine has no more,
/// or more than a day old. `age` tells how old it is.
pub fn is_left_over(name: &str, age: impl Fn() -> Duration) -> bool {
    // What this program wrote under other names before.
    let earlier = name.starts_with(".tmp") || name.starts_with('.') && name.ends_with(".partial");
    let Some(rest) = name.strip_prefix(PARTIAL) else {
        return earlier && age() > SURELY_LEFT;
    };
    let mut parts = rest.splitn(3, '-');
    let here = parts.next() == Some(machine());
    match parts.next().and_then(|process| process.parse::<u32>().ok()) {
        Some(process) if here => is_gone(process) || age() > SURELY_LEFT,
        _ => age() > SURELY_LEFT,
    }
}

/// Whether this machine surely runs no process of that number: one that has ended stays in the list of processes until its parent
/// takes note, and writes no more.
fn is_gone(process: u32) -> bool {
    let processes = Path::new("/proc");
    let place = processes.join(process.to_string());
    let has_ended = || {
        // `12 (its name) Z 1 …`
        let told = fs::read_to_string(place.join("stat")).unwrap_or_default();
        let state = told.rsplit(')').next().map(str::trim_start);
        state.is_some_and(|state| state.starts_with(['Z', 'X']))
    };
    processes.join("self").exists() && (!place.exists() || has_ended())
}

/// Temporary files are private; results are not.
#[cfg(unix)]
fn make_readable(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_that_is_gone_was_writing_is_left_over() {
        let (young, old) = (Duration::from_secs(1), 2 * SURELY_LEFT);
        let of = |process: u32| format!("{PARTIAL}{}-{process}-aB3", machine());
        let me = std::process::id();
        assert!(!is_left_over(&of(me), || young));
        if Path::new("/proc/self").exists() {
            assert!(is_left_over(&of(u32::MAX), || young));
            let mut ended = std::process::Command::new("true").spawn().expect("it starts");
            // Nobody takes note of its end yet.
            let mut tries = (0..1000).map(|_| std::thread::sleep(Duration::from_millis(10)));
            assert!(tries.any(|()| is_left_over(&of(ended.id()), || young)));
            ended.wait().expect("it has ended");
        }
        for name in [".partial-other-1-x", ".partial-x", ".tmpAb3", ".last.7.partial"] {
            assert!(!is_left_over(name, || young) && is_left_over(name, || old), "{name}");
        }
        assert!(!is_left_over("a.json", || old));
    }
}
