//! What a folder holds, by kind; nothing is entered or opened through a link.

use std::time::SystemTime;

use anyhow::{Context, Result};

use super::{Findings, Kind};
use crate::files::{self, Place, is_left_over};

/// Something in a folder.
pub(super) struct Entry {
    /// Where it lies.
    pub place: Place,
    /// What it is.
    pub what: What,
    /// The length of a file; 0 of anything else.
    pub bytes: u64,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    File,
    Folder,
}

impl Entry {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.place.name()
    }

    /// Its name without an ending that it must have, where it is a file.
    pub(super) fn stem(&self, ending: &str) -> Option<&str> {
        let is_file = self.what == What::File;
        self.name().strip_suffix(ending).filter(|_| is_file)
    }

    /// Whether it is a folder of that name.
    pub(super) fn is_folder(&self, name: &str) -> bool {
        self.what == What::Folder && self.name() == name
    }
}

/// The files and folders in a folder, sorted by name. What was left over of writing can go, what is something else is foreign:
/// neither is among them.
///
/// # Errors
/// When it is a link, or cannot be listed.
pub(super) fn entries(folder: &Place, findings: &mut Findings) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    // Refuses a link, and passes over names that are no text.
    if folder.listed()?.is_empty() && !files::is_folder(folder.path())? {
        return Ok(entries);
    }
    for path in files::listed(folder.path())? {
        let name = path.file_name().and_then(|name| name.to_str());
        let place = match name.map(|name| folder.join(name)) {
            Some(Ok(place)) => place,
            Some(Err(_)) | None => {
                let reason = "the name is none that this program gives";
                findings.foreign.push(format!("{}: {reason}", path.display()));
                continue;
            }
        };
        let look = path.symlink_metadata().with_context(|| format!("cannot look at {place}"))?;
        let mut entry = Entry {
            place,
            what: What::File,
            bytes: 0,
        };
        if look.is_dir() {
            entry.what = What::Folder;
        } else if look.is_symlink() {
            findings.is_foreign(&entry, "a symbolic link");
            continue;
        } else if look.is_file() {
            entry.bytes = look.len();
            let age = || {
                let written = look.modified().ok();
                let age = written.and_then(|time| SystemTime::now().duration_since(time).ok());
                age.unwrap_or_default()
            };
            if is_left_over(entry.name(), age) {
                findings.can_go(Kind::LeftOver, &entry);
                continue;
            }
            if entry.name().starts_with(files::PARTIAL) {
                continue; // somebody may still be writing it
            }
        } else {
            findings.is_foreign(&entry, "neither a file nor a folder");
            continue;
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// Whether a name is that many hexadecimal digits, as digests are written.
pub(super) fn is_digest(name: &str, digits: usize) -> bool {
    name.len() == digits && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
