//! What the cache holds: every file with its length and when it was used last.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow};
use walkdir::WalkDir;

use crate::files::{self, Place, Refusal};
use crate::store::paths::Cache;

/// One file of the cache.
pub(super) struct Held {
    /// Where it lies; none where its names are not this program's.
    pub place: Option<Place>,
    /// The folder of the cache that it lies in, as `weights`; empty of one that lies in none.
    pub folder: String,
    /// Its length.
    pub bytes: u64,
    /// When it was read or written last, as far as the file system tells.
    pub used: Option<SystemTime>,
}

/// Every regular file below the cache; no link is followed.
///
/// # Errors
/// When a folder cannot be listed.
pub(super) fn all(cache: &Cache) -> Result<Vec<Held>> {
    let root = cache.root();
    let mut all = Vec::new();
    if !files::is_folder(root.path())? {
        return Ok(all);
    }
    for entry in WalkDir::new(root.path()).min_depth(1) {
        let entry = match entry {
            Ok(entry) => entry,
            // Gone meanwhile.
            Err(error) if error.io_error().is_some_and(|error| error.kind() == ErrorKind::NotFound) => continue,
            Err(error) => {
                let failed = format!("cannot list {}", error.path().unwrap_or(root.path()).display());
                // It is always the system's: no link is followed that could lead in a circle.
                let reason = error.into_io_error().map(Refusal::of_reading);
                return Err(reason.map_or_else(|| anyhow!("links lead in a circle"), Into::into)).context(failed);
            }
        };
        let Some(look) = entry.metadata().ok().filter(|look| look.is_file()) else {
            continue;
        };
        let below = entry.path().strip_prefix(root.path()).unwrap_or(entry.path());
        let folder = below.iter().next().filter(|_| entry.depth() > 1);
        all.push(Held {
            folder: folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            place: place_of(&root, below),
            bytes: look.len(),
            used: look.modified().ok().max(look.accessed().ok()),
        });
    }
    Ok(all)
}

/// How many bytes each folder of the cache holds, the largest first.
pub(super) fn by_folder(all: &[Held]) -> Vec<(String, u64)> {
    let mut folders: BTreeMap<&str, u64> = BTreeMap::new();
    for held in all {
        *folders.entry(&held.folder).or_default() += held.bytes;
    }
    let mut folders: Vec<(String, u64)> = folders.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    folders.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    folders
}

fn place_of(root: &Place, below: &Path) -> Option<Place> {
    let mut names = below.iter();
    names.try_fold(root.clone(), |place, name| place.join(name.to_str()?).ok())
}
