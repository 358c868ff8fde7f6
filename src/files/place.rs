//! A path below a folder of this program's own.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use super::refusal::{Refusal, Unwritable};
use super::room::with_room;
use super::write::{Temporary, made, moved, replace};
use super::{bytes_of, found, looked_at, opened};

/// The longest name of a file in bytes, on nearly all systems.
const LONGEST_NAME: usize = 255;

/// A path below a root, made of checked names. Nothing is read, written or removed through a symbolic link below the root, and
/// nothing is written or removed where the root itself is one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    root: PathBuf,
    path: PathBuf,
}

impl Place {
    /// The root itself.
    pub fn root(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            path: root.to_owned(),
        }
    }

    /// What is called `name` in the folder that this is.
    ///
    /// # Errors
    /// When it is no name of a file in that folder, as `..` or one with a slash.
    pub fn join(&self, name: &str) -> Result<Self> {
        if let Err(reason) = check_name(name) {
            bail!("{:?} is no name of a file below {}: {reason}", name, self.root.display());
        }
        Ok(Self {
            root: self.root.clone(),
            path: self.path.join(name),
        })
    }

    /// The path, to be shown or compared.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its bytes; `None` where there is no such file.
    ///
    /// # Errors
    /// When it is reached through a link, is no regular file of at most `most` bytes, or cannot be read.
    pub fn read(&self, most: u64) -> Result<Option<Vec<u8>>> {
        let Some(file) = self.open(most)? else {
            return Ok(None);
        };
        Ok(Some(bytes_of(file, &self.path, most)?))
    }

    /// The file, opened for reading; `None` where there is none.
    ///
    /// # Errors
    /// As [`Place::read`].
    pub fn open(&self, most: u64) -> Result<Option<File>> {
        self.refuse(false)?;
        match opened(&self.path, most, false) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.is_absent() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether there is anything, a link included.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn is_there(&self) -> Result<bool> {
        Ok(looked_at(&self.path, fs::symlink_metadata(&self.path))?.is_some())
    }

    /// What the folder that this is holds, sorted by name; nothing where there is no such folder. What has a name that is not
    /// UTF-8 is none of this program's.
    ///
    /// # Errors
    /// When it is reached through a link, or cannot be listed.
    pub fn listed(&self) -> Result<Vec<Self>> {
        self.refuse(false)?;
        let failed = || format!("cannot list {}", self.path.display());
        let mut places = Vec::new();
        let look = super::metadata(&self.path)?;
        if look.is_some_and(|found| !found.is_dir()) {
            return Err(no_folder(&self.path));
        }
        let entries = found(fs::read_dir(&self.path)).map_err(Refusal::of_reading);
        let Some(entries) = entries.with_context(failed)? else {
            return Ok(places);
        };
        for entry in entries {
            let name = entry.map_err(Refusal::of_reading).with_context(failed)?.file_name();
            if let Some(name) = name.to_str() {
                places.push(Self {
                    root: self.root.clone(),
                    path: self.path.join(name),
                });
            }
        }
        places.sort();
        Ok(places)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        let name = self.path.file_name().and_then(|name| name.to_str());
        name.unwrap_or_default()
    }

    /// Makes the folder that this is, and those above it.
    ///
    /// # Errors
    /// When it would be made through a link, or the file system refuses.
    pub fn make_folder(&self) -> Result<()> {
        self.refuse(true)?;
        Ok(with_room(|| made(&self.path)).map_err(|error| Unwritable::new(&self.path, error))?)
    }

    /// Writes the file as a whole or not at all, and makes the folders above it.
    ///
    /// # Errors
    /// When it would be written through a link, or the file system refuses.
    pub fn write(&self, bytes: &[u8]) -> Result<()> {
        self.folder().make_folder()?;
        self.refuse(true)?;
        replace(&self.path, bytes)
    }

    /// Gives the file another name below a root on the same file system, in place of any that is there: as a whole or not at all.
    ///
    /// # Errors
    /// When one of both is reached through a link, or the file system refuses.
    pub fn rename(&self, to: &Self) -> Result<()> {
        self.refuse(true)?;
        to.folder().make_folder()?;
        to.refuse(true)?;
        Ok(moved(&self.path, &to.path).map_err(|error| Unwritable::new(&to.path, error))?)
    }

    /// A new, empty file to write to bit by bit, in place of any that was there.
    ///
    /// # Errors
    /// When it would be made through a link, or the file system refuses.
    pub fn create(&self) -> Result<File> {
        self.folder().make_folder()?;
        self.remove()?;
        let mut options = fs::OpenOptions::new();
        // A new one: not what somebody else puts there meanwhile.
        options.write(true).create_new(true);
        let opened = with_room(|| options.open(&self.path));
        Ok(opened.map_err(|error| Unwritable::new(&self.path, error))?)
    }

    /// A file without a name in the folder that this is, which is gone when nobody has it open any more.
    ///
    /// # Errors
    /// When it would be made through a link, or the file system refuses.
    pub fn nameless(&self) -> Result<File> {
        self.make_folder()?;
        let made = with_room(|| tempfile::tempfile_in(&self.path));
        Ok(made.map_err(|error| Unwritable::new(&self.path, error))?)
    }

    /// Removes the file, or the link itself and not what it names; it is no error if there is none.
    ///
    /// # Errors
    /// When it would be removed through a link above it, or the file system refuses.
    pub fn remove(&self) -> Result<()> {
        self.folder().refuse(true)?;
        self.removed(fs::remove_file(&self.path))
    }

    /// Removes the folder that this is with all that it holds. Links in it are removed, never followed.
    ///
    /// # Errors
    /// When it is reached through a link, or the file system refuses.
    pub fn remove_folder(&self) -> Result<()> {
        self.refuse(true)?;
        self.removed(fs::remove_dir_all(&self.path))
    }

    /// Removes the folder that this is if it holds nothing, and leaves one that holds something.
    ///
    /// # Errors
    /// When it is reached through a link, or the file system refuses.
    pub fn remove_if_empty(&self) -> Result<()> {
        self.refuse(true)?;
        match fs::remove_dir(&self.path) {
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
            removed => self.removed(removed),
        }
    }

    /// It is no error if there was nothing to remove, whatever the system says first, as of a disk to be read alone.
    fn removed(&self, result: io::Result<()>) -> Result<()> {
        if result.is_err() && !self.is_there()? {
            return Ok(());
        }
        let removed = found(result).map_err(Refusal::of_writing);
        removed.with_context(|| format!("failed to remove {}", self.path.display()))?;
        Ok(())
    }

    /// Tries whether files can be written into the folder that this is.
    ///
    /// # Errors
    /// When they cannot, with the system's reason.
    pub fn try_writing(&self) -> Result<()> {
        self.make_folder()?;
        let tried = with_room(|| Temporary::new(&self.path)?.file.write_all(b"tried\n"));
        let tried = tried.map_err(Refusal::of_writing);
        tried.with_context(|| format!("nothing can be written into {}", self.path.display()))
    }

    /// Whether it is the root itself.
    pub fn is_root(&self) -> bool {
        self.path == self.root
    }

    /// The folder that it lies in; the root for the root.
    pub fn folder(&self) -> Self {
        let above = self.path.parent().filter(|_| self.path != self.root);
        Self {
            root: self.root.clone(),
            path: above.unwrap_or(&self.path).to_owned(),
        }
    }

    /// Whether something can be written or removed there, as far as links are concerned.
    ///
    /// # Errors
    /// When the path leads through a symbolic link, or ends in one.
    pub fn refuse_links(&self) -> Result<()> {
        self.refuse(true)
    }

    /// An error where the path leads through a symbolic link below the root, or ends in one. `with_root` asks the root too.
    fn refuse(&self, with_root: bool) -> Result<()> {
        let below = self.path.strip_prefix(&self.root).unwrap_or(Path::new(""));
        let mut path = self.root.clone();
        if with_root {
            refuse_link(&path)?;
        }
        for name in below {
            path.push(name);
            let look = refuse_link(&path)?;
            if path != self.path && look.is_some_and(|found| !found.is_dir()) {
                return Err(no_folder(&path));
            }
        }
        Ok(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())
    }
}

fn no_folder(path: &Path) -> anyhow::Error {
    anyhow!(
        "{} is no folder; remove it, for this program keeps files in a folder of that name",
        path.display()
    )
}

/// What lies there and is no link.
fn refuse_link(path: &Path) -> Result<Option<fs::Metadata>> {
    // `results/` with a slash at its end would be looked at through the link.
    let bare: PathBuf = path.components().collect();
    let look = looked_at(path, fs::symlink_metadata(&bare))?;
    if look.as_ref().is_some_and(fs::Metadata::is_symlink) {
        let target = fs::read_link(&bare).unwrap_or_default();
        bail!(
            "{} is a symbolic link to {}, and nothing is read or written through one there; remove it, or name the folder that \
             is meant itself (--results, --cache)",
            path.display(),
            target.display()
        );
    }
    Ok(look)
}

/// Whether `name` can be the name of one file in a folder.
///
/// # Errors
/// Why not.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        Err("it is empty")
    } else if name == "." || name == ".." {
        Err("it names a folder")
    } else if name.contains(['/', '\\']) {
        Err("it holds a slash")
    } else if name.chars().any(char::is_control) {
        Err("it holds a control character")
    } else if name.len() > LONGEST_NAME {
        Err("it is longer than 255 bytes")
    } else {
        Ok(())
    }
}

impl From<Place> for PathBuf {
    fn from(place: Place) -> Self {
        place.path
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that fails to unwrap has failed")]
mod tests;
