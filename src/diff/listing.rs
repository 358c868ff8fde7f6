//! Paths below a folder of results → the records and cards among them.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::files;

/// Experiment and id of a cell.
pub(crate) type Name = (String, String);

/// Where a file of one side lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// An object of the repository.
    Object(String),
    /// A file.
    File(PathBuf),
}

/// What lies below a folder of results.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The records.
    pub records: BTreeMap<Name, Origin>,
    /// The card of each experiment that has one.
    pub cards: BTreeMap<String, Origin>,
    /// Files that lie where records do, and whose names are no text: they stand for no cell.
    pub unnamed: Vec<String>,
}

/// What a path below a folder of results stands for.
enum Meaning {
    Record(Name),
    Card(String),
    Unnamed(String),
}

impl Listing {
    /// Whether there is nothing that could be compared.
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.unnamed.is_empty()
    }

    /// Gives the one experiment that it holds another name.
    pub(super) fn rename(&mut self, name: &str) {
        let records = std::mem::take(&mut self.records).into_iter();
        self.records = records.map(|((_, id), place)| ((name.to_owned(), id), place)).collect();
        let cards = std::mem::take(&mut self.cards).into_values();
        self.cards = cards.map(|place| (name.to_owned(), place)).collect();
    }

    /// Takes a file in, where it is a record or a card. The path is one below `folder`, which may be nothing: the top.
    pub(super) fn add(&mut self, path: &[u8], folder: &str, place: Origin) {
        match meaning(path, folder) {
            Some(Meaning::Record(name)) => drop(self.records.insert(name, place)),
            Some(Meaning::Card(experiment)) => drop(self.cards.insert(experiment, place)),
            Some(Meaning::Unnamed(shown)) => self.unnamed.push(shown),
            None => {}
        }
    }

    /// The records and the card of the folder of one experiment, which counts as called `experiment`.
    ///
    /// # Errors
    /// When it cannot be listed.
    pub(super) fn add_experiment(&mut self, experiment: &OsStr, folder: &Path) -> Result<()> {
        let mut found = files::listed(&folder.join("cells"))?;
        let card = folder.join("experiment.json");
        if files::is_there(&card)? {
            found.push(card);
        }
        for file in found {
            let below = file.strip_prefix(folder).unwrap_or(&file);
            let path = bytes_of(&Path::new(experiment).join(below));
            self.add(&path, "", Origin::File(file));
        }
        Ok(())
    }
}

/// Experiment and id, where the path is that of a record below `folder`.
pub(super) fn record_name(path: &[u8], folder: &str) -> Option<Name> {
    match meaning(path, folder) {
        Some(Meaning::Record(name)) => Some(name),
        _ => None,
    }
}

/// `FOLDER/EXPERIMENT/cells/ID.json` or `FOLDER/EXPERIMENT/experiment.json`.
fn meaning(path: &[u8], folder: &str) -> Option<Meaning> {
    let below = match folder {
        "" => path, // experiments at the top of the repository
        folder => path.strip_prefix(folder.as_bytes())?.strip_prefix(b"/")?,
    };
    let shown = String::from_utf8_lossy(below);
    let (experiment, rest) = shown.split_once('/')?;
    if rest == "experiment.json" {
        return match std::str::from_utf8(below) {
            Ok(_) => Some(Meaning::Card(experiment.to_owned())),
            Err(_) => None, // its records are told
        };
    }
    let id = rest.strip_prefix("cells/")?.strip_suffix(".json")?;
    if id.contains('/') {
        return None;
    }
    Some(match std::str::from_utf8(below) {
        Ok(_) => Meaning::Record((experiment.to_owned(), id.to_owned())),
        Err(_) => Meaning::Unnamed(shown.into_owned()),
    })
}

/// A path of git's.
#[cfg(unix)]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes.to_vec()).into()
}

#[cfg(not(unix))]
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    OsString::from(String::from_utf8_lossy(bytes).into_owned()).into()
}

/// A path as git writes it.
#[cfg(unix)]
fn bytes_of(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(not(unix))]
fn bytes_of(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}
