//! Files that several processes make, write and look at.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};

use super::refusal::Unwritable;
use super::room::with_room;
use super::write::{create, replace_when};
use super::{Place, careful, found};

impl Place {
    /// Makes the file as a whole, in a folder that is there; whether there was none of its name.
    ///
    /// # Errors
    /// When it would be made through a link, or the file system refuses.
    pub fn write_new(&self, bytes: &[u8]) -> Result<bool> {
        self.refuse_links()?;
        Ok(with_room(|| create(self.path(), bytes)).map_err(|error| Unwritable::new(self.path(), error))?)
    }

    /// Writes `bytes` over what a file holds, in its place; whether there is one whose content `is_own`. Another one that takes its name
    /// meanwhile is left alone.
    ///
    /// # Errors
    /// When it is reached through a link, or the file system refuses.
    pub fn write_over(&self, is_own: impl Fn(&[u8]) -> bool, bytes: &[u8]) -> Result<bool> {
        self.refuse_links()?;
        let write = || -> std::io::Result<bool> {
            let mut options = File::options();
            options.read(true).write(true);
            careful(&mut options, false);
            let Some(mut file) = found(options.open(self.path()))? else {
                return Ok(false);
            };
            let mut held = Vec::new();
            (&file).take(MOST_OVER).read_to_end(&mut held)?;
            if !is_own(&held) {
                return Ok(false);
            }
            file.rewind()?;
            file.write_all(bytes)?;
            file.sync_data()?; // on a network: from now on others can read it
            Ok(true)
        };
        Ok(with_room(write).map_err(|error| Unwritable::new(self.path(), error))?)
    }

    /// Writes the file as a whole or not at all, and makes the folders above it, if `may` still says so when all of it is on the disk.
    ///
    /// # Errors
    /// When it would be written through a link, or the file system refuses; the error of `may` as it is.
    pub fn write_when(&self, bytes: &[u8], may: &dyn Fn() -> Result<()>) -> Result<()> {
        self.folder().make_folder()?;
        self.refuse_links()?;
        replace_when(self.path(), bytes, may)
    }

    /// What tells one writing of the file from the next; none where there is none. It is compared for being the same alone, and follows no
    /// clock.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn mark(&self) -> Result<Option<String>> {
        // A network's file system looks anew at what a folder holds when it is opened.
        drop(File::open(self.folder().path()));
        let look = found(fs::symlink_metadata(self.path())).with_context(|| format!("cannot look at {self}"))?;
        Ok(look.map(|look| {
            let written = look.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            format!("{}-{:?}-{}", number(&look), written, look.len())
        }))
    }
}

/// The most bytes of a file that is written over.
const MOST_OVER: u64 = 1 << 16;

#[cfg(unix)]
fn number(look: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(look)
}

#[cfg(not(unix))]
fn number(_look: &fs::Metadata) -> u64 {
    0
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that fails to unwrap has failed")]
mod tests {
    use std::path::Path;

    use super::*;

    fn place(folder: &Path) -> Place {
        Place::root(folder).join("a").unwrap()
    }

    #[test]
    fn a_file_is_made_once_and_written_over_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        assert!(!place.write_over(|_| true, b"x").unwrap() && !place.is_there().unwrap());
        assert!(place.write_new(b"one").unwrap() && !place.write_new(b"two").unwrap());
        assert!(!place.write_over(|held| held == b"two", b"six").unwrap());
        assert_eq!(place.read(9).unwrap().unwrap(), b"one");
        assert!(place.write_over(|held| held == b"one", b"six").unwrap());
        assert_eq!(place.read(9).unwrap().unwrap(), b"six");
        assert_eq!(place.folder().listed().unwrap(), std::slice::from_ref(&place));
    }

    #[test]
    fn a_mark_changes_with_each_writing_and_with_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        assert_eq!(place.mark().unwrap(), None);
        place.write(b"one").unwrap();
        let first = place.mark().unwrap();
        assert!(first.is_some() && first == place.mark().unwrap());
        place.write(b"one").unwrap();
        assert_ne!(first, place.mark().unwrap());
    }

    #[test]
    fn what_may_no_longer_be_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        place.write_when(b"one", &|| Ok(())).unwrap();
        let error = place.write_when(b"two", &|| anyhow::bail!("no")).unwrap_err();
        assert_eq!(error.to_string(), "no");
        assert_eq!(place.read(9).unwrap().unwrap(), b"one");
        assert_eq!(place.folder().listed().unwrap(), std::slice::from_ref(&place));
    }
}
