//! One side of a comparison: the records of a git revision, of the working tree, or of a folder.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

pub(crate) use super::git::Content;
use super::git::{NoRepository, Repository, Room};
use super::listing::{Listing, Name, Origin, path_of, record_name};
use crate::files::{self, Place};

/// The records of one side, not yet read.
#[derive(Debug)]
pub(crate) struct Side {
    /// What people read: `HEAD (c8d4ff0)`, `working tree`, a folder.
    pub label: String,
    listing: Listing,
    repository: Option<Repository>,
    /// Of a working tree: the commit that it was held against, and what may differ from it. Every other file that the commit
    /// has is the same.
    touched: Option<(String, BTreeSet<Name>)>,
    commit: Option<String>,
    /// Of a folder that is one experiment's: its name, which another copy need not have.
    experiment: Option<String>,
}

/// Finds both sides. Without `after` it is the working tree, or `results` where `before` is a folder; without `before` it is
/// `HEAD`.
///
/// # Errors
/// When there is no repository, no such revision or folder, or no record on either side; the message says what to name instead.
pub(crate) fn both(before: Option<&str>, after: Option<&str>, results: &Path) -> Result<(Side, Side)> {
    let here = Path::new(".");
    let repository = || {
        Repository::around(here).map_err(|error| match error.downcast::<NoRepository>() {
            Ok(reason) => anyhow::Error::new(NoRepository(format!(
                "{reason}\n  help: stand in a repository, or name two folders of records: `runner diff OLD NEW`"
            ))),
            Err(other) => other,
        })
    };
    let mut before_side = match before {
        Some(name) if is_folder(name) => Side::of_folder(Path::new(name), name)?,
        revision => {
            let revision = revision.unwrap_or("HEAD");
            Side::of_revision(repository()?, revision, results)?
        }
    };
    let after_side = match after {
        Some(name) if is_folder(name) => Side::of_folder(Path::new(name), name)?,
        Some(revision) => Side::of_revision(repository()?, revision, results)?,
        None => match &before_side.commit {
            Some(commit) => Side::of_working_tree(repository()?, commit, results)?,
            None => Side::of_folder(results, &results.display().to_string())?,
        },
    };
    if let (Some(one), None) = (before, after)
        && before_side.commit.is_none()
        && same_folder(Path::new(one), results)
    {
        bail!(
            "{one} would be compared with itself\n  help: `runner diff` alone compares the records of HEAD with those of the working tree"
        );
    }
    if let (Some(old), Some(new)) = (&before_side.experiment, &after_side.experiment)
        && old != new
    {
        let new = new.clone();
        before_side.listing.rename(&new);
    }
    if before_side.listing.is_empty() && after_side.listing.is_empty() {
        bail!(
            "neither {} nor {} has a record\n  help: `runner sweep` makes records; `--results` names another folder of them",
            before_side.label,
            after_side.label
        );
    }
    Ok((before_side, after_side))
}

fn same_folder(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Whether an argument names a folder: it is one, and no revision has that name, unless it is written as a path.
fn is_folder(name: &str) -> bool {
    let written_as_path = name.starts_with(['.', '/']) || name.ends_with('/');
    Path::new(name).is_dir()
        && (written_as_path
            || Repository::around(Path::new("."))
                .and_then(|repository| repository.commit(name))
                .is_err())
}

/// Whether there is a folder there. A link to one would lead somebody's own files into the comparison.
fn is_own_folder(path: &Path) -> Result<bool> {
    let is_folder = files::is_folder(path)?;
    if is_folder && path.is_symlink() {
        bail!(
            "{} is a symbolic link, through which no records are read\n  help: name the folder that it leads to",
            path.display()
        );
    }
    Ok(is_folder)
}

impl Side {
    fn of_revision(repository: Repository, revision: &str, results: &Path) -> Result<Self> {
        let commit = repository.commit(revision)?;
        let mut listing = Listing::default();
        for place in repository.places_of(results) {
            let files = repository.files(&commit, &place)?;
            repository.refuse_links(&commit, &place)?;
            listing = Listing::default();
            for (path, object) in files {
                listing.add(&path, &place, Origin::Object(object));
            }
            if !listing.is_empty() {
                break;
            }
        }
        let short = &commit[..commit.len().min(9)];
        let label = if commit.starts_with(revision) {
            short.to_owned()
        } else {
            format!("{revision} ({short})")
        };
        Ok(Self {
            label,
            listing,
            repository: Some(repository),
            touched: None,
            commit: Some(commit),
            experiment: None,
        })
    }

    fn of_working_tree(repository: Repository, commit: &str, results: &Path) -> Result<Self> {
        if repository.is_bare() {
            bail!("a bare repository has no working tree\n  help: name two revisions: `runner diff A B`");
        }
        let mut listing = Listing::default();
        let mut touched = BTreeSet::new();
        for place in repository.places_of(results) {
            let files = repository.working_files(&place)?;
            let absent = repository.not_checked_out(&place)?;
            if absent > 0 {
                bail!(
                    "the working tree is sparse and lacks {absent} files below {place}\n  help: `git sparse-checkout add {place}`, or name two revisions: `runner diff A B`"
                );
            }
            listing = Listing::default();
            for file in &files {
                let path = repository.root().join(path_of(file));
                listing.add(file, &place, Origin::File(path));
            }
            let changed = repository.touched(commit, &place)?;
            touched = changed.iter().filter_map(|file| record_name(file, &place)).collect();
            if !listing.is_empty() || !touched.is_empty() {
                break;
            }
        }
        Ok(Self {
            label: "working tree".to_owned(),
            listing,
            repository: Some(repository),
            touched: Some((commit.to_owned(), touched)),
            commit: None,
            experiment: None,
        })
    }

    /// `folder` is one of results, or of one experiment.
    fn of_folder(folder: &Path, label: &str) -> Result<Self> {
        if !files::is_folder(folder)? {
            bail!(
                "there is no folder {}\n  help: name a folder of records, or a git revision",
                folder.display()
            );
        }
        let mut listing = Listing::default();
        let mut add = |folder: &Path| -> Result<String> {
            let full = folder.canonicalize()?;
            let name = full.file_name().unwrap_or_default();
            listing.add_experiment(name, folder)?;
            Ok(name.to_string_lossy().into_owned())
        };
        let mut experiment = None;
        if is_own_folder(&folder.join("cells"))? {
            experiment = Some(add(folder)?);
        } else {
            for below in files::listed(folder)? {
                if is_own_folder(&below)? && is_own_folder(&below.join("cells"))? {
                    add(&below)?;
                }
            }
        }
        Ok(Self {
            label: label.to_owned(),
            listing,
            repository: None,
            touched: None,
            commit: None,
            experiment,
        })
    }

    /// The cells that have a record.
    pub(crate) fn names(&self) -> BTreeSet<&Name> {
        self.listing.records.keys().collect()
    }

    /// The experiments that have a card.
    pub(crate) fn carded(&self) -> BTreeSet<&str> {
        self.listing.cards.keys().map(String::as_str).collect()
    }

    /// Files that lie where records do, and whose names are no text.
    pub(crate) fn unnamed(&self) -> &[String] {
        &self.listing.unnamed
    }

    /// Whether its records lie in files, which are read sooner than objects are.
    pub(crate) fn is_of_files(&self) -> bool {
        self.commit.is_none()
    }

    /// Whether a record is known to be the same, byte for byte, without reading it.
    pub(crate) fn is_known_same(&self, other: &Self, name: &Name) -> bool {
        let (mine, others) = (&self.listing.records, &other.listing.records);
        match (mine.get(name), others.get(name)) {
            (Some(Origin::Object(a)), Some(Origin::Object(b))) => a == b,
            (Some(Origin::Object(_)), Some(Origin::File(_))) => {
                let (commit, touched) = match &other.touched {
                    Some((commit, touched)) => (Some(commit), touched),
                    None => return false,
                };
                self.commit.as_ref() == commit && !touched.contains(name)
            }
            (a, b) => a == b,
        }
    }

    /// Which of those records are the same in two files, byte for byte: to read a file costs a fraction of what it costs to understand it.
    pub(crate) fn same_files<'a>(&self, other: &Self, names: &BTreeSet<&'a Name>) -> BTreeSet<&'a Name> {
        let is_same = |name: &&&Name| match (self.listing.records.get(**name), other.listing.records.get(**name)) {
            (Some(Origin::File(a)), Some(Origin::File(b))) => is_same_file(a, b),
            _ => false,
        };
        names.par_iter().filter(is_same).copied().collect()
    }

    /// The bytes of those records, in that order; of a file that cannot be read, the reason.
    ///
    /// # Errors
    /// When git fails or lacks an object.
    pub(crate) fn read(&self, names: &[&Name]) -> Result<Vec<Content>> {
        let places = names.iter().map(|name| self.listing.records.get(*name));
        let places: Option<Vec<&Origin>> = places.collect();
        self.contents(&places.context("a side reads its own records")?)
    }

    /// The bytes of the cards of those experiments, as [`Side::read`] gives records.
    ///
    /// # Errors
    /// When git fails or lacks an object.
    pub(crate) fn read_cards(&self, experiments: &[&str]) -> Result<Vec<Content>> {
        let places = experiments.iter().map(|name| self.listing.cards.get(*name));
        let places: Option<Vec<&Origin>> = places.collect();
        self.contents(&places.context("a side reads its own cards")?)
    }

    fn contents(&self, places: &[&Origin]) -> Result<Vec<Content>> {
        let object = |place: &&Origin| match place {
            Origin::Object(object) => Some(object.clone()),
            Origin::File(_) => None,
        };
        let objects: Vec<String> = places.iter().filter_map(object).collect();
        let room = Room::default();
        let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
        let mut of_git = match &self.repository {
            Some(repository) => repository.contents(&objects, &room)?,
            None => Vec::new(),
        }
        .into_iter();
        let read = |place: &&Origin| match place {
            Origin::Object(_) => None,
            Origin::File(path) => Some(read_file(path, &room)),
        };
        let of_files: Vec<Option<Content>> = places.par_iter().map(read).collect();
        let whole = of_files.into_iter().map(|file| file.or_else(|| of_git.next()));
        whole.map(|content| content.context("git gave every object")).collect()
    }
}

/// Whether two files hold the same. What cannot be read is told where it is read for itself.
fn is_same_file(a: &Path, b: &Path) -> bool {
    let length = |path| files::metadata(path).ok().flatten().map(|found| found.len());
    length(a).is_some_and(|own| own <= files::MOST_SAVED && length(b) == Some(own))
        && matches!((regular_file(a), regular_file(b)), (Ok(a), Ok(b)) if a == b)
}

/// The bytes of a regular file, which is no link: git would take the link itself for the file.
fn read_file(path: &Path, room: &Room) -> Content {
    if let Ok(Some(found)) = files::metadata(path) {
        room.take(found.len())?;
    }
    regular_file(path).map_err(|error| format!("cannot be read: {error:#}"))
}

fn regular_file(path: &Path) -> Result<Vec<u8>> {
    let name = path.file_name().and_then(|name| name.to_str());
    let folder = Place::root(path.parent().context("a record lies in a folder")?);
    let place = folder.join(name.context("a record's name is text")?)?;
    let bytes = place.read(files::MOST_SAVED)?;
    bytes.context("there is no such file any more")
}
