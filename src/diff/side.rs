//! One side of a comparison: the records of a git revision, of the working tree, or of a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use super::git::{NoRepository, Repository};
use crate::files;

/// Experiment and id of a cell.
pub type Name = (String, String);

/// Where a record lies.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// An object of the repository.
    Object(String),
    /// A file.
    File(PathBuf),
}

/// The records of one side, not yet read.
#[derive(Debug)]
pub struct Side {
    /// What people read: `HEAD (c8d4ff0)`, `working tree`, a folder.
    pub label: String,
    records: BTreeMap<Name, Place>,
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
pub fn both(before: Option<&str>, after: Option<&str>, results: &Path) -> Result<(Side, Side)> {
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
        let renamed = std::mem::take(&mut before_side.records).into_iter();
        before_side.records = renamed
            .map(|((_, id), place)| ((new.clone(), id), place))
            .collect();
    }
    if before_side.records.is_empty() && after_side.records.is_empty() {
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

impl Side {
    fn of_revision(repository: Repository, revision: &str, results: &Path) -> Result<Self> {
        let commit = repository.commit(revision)?;
        let mut records = BTreeMap::new();
        for place in repository.places_of(results) {
            let files = repository.files(&commit, &place)?;
            repository.refuse_links(&commit, &place)?;
            records = files
                .into_iter()
                .filter_map(|(path, object)| Some((name_of(&path, &place)?, Place::Object(object))))
                .collect();
            if !records.is_empty() {
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
            records,
            repository: Some(repository),
            touched: None,
            commit: Some(commit),
            experiment: None,
        })
    }

    fn of_working_tree(repository: Repository, commit: &str, results: &Path) -> Result<Self> {
        if repository.is_bare() {
            bail!(
                "a bare repository has no working tree\n  help: name two revisions: `runner diff A B`"
            );
        }
        let mut records = BTreeMap::new();
        let mut touched = BTreeSet::new();
        for place in repository.places_of(results) {
            let files = repository.working_files(&place)?;
            let absent = repository.not_checked_out(&place)?;
            if absent > 0 {
                bail!(
                    "the working tree is sparse and lacks {absent} files below {place}\n  help: `git sparse-checkout add {place}`, or name two revisions: `runner diff A B`"
                );
            }
            let path = |file: &str| repository.root().join(file);
            records = files
                .iter()
                .filter_map(|file| Some((name_of(file, &place)?, Place::File(path(file)))))
                .collect();
            let changed = repository.touched(commit, &place)?;
            touched = changed
                .iter()
                .filter_map(|file| name_of(file, &place))
                .collect();
            if !records.is_empty() || !touched.is_empty() {
                break;
            }
        }
        Ok(Self {
            label: "working tree".to_owned(),
            records,
            repository: Some(repository),
            touched: Some((commit.to_owned(), touched)),
            commit: None,
            experiment: None,
        })
    }

    /// `folder` is one of results, or of one experiment.
    fn of_folder(folder: &Path, label: &str) -> Result<Self> {
        if !folder.is_dir() {
            bail!(
                "there is no folder {}\n  help: name a folder of records, or a git revision",
                folder.display()
            );
        }
        let mut records = BTreeMap::new();
        let mut add = |experiment: &Path| -> Result<()> {
            let name = experiment.canonicalize()?;
            let name = name
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            for file in files::listed(&experiment.join("cells"))? {
                let id = file
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                if file.extension().is_some_and(|ending| ending == "json") {
                    records.insert((name.clone(), id), Place::File(file));
                }
            }
            Ok(())
        };
        let mut experiment = None;
        if folder.join("cells").is_dir() {
            add(folder)?;
            experiment = records.keys().next().map(|(name, _)| name.clone());
        } else {
            for below in files::listed(folder)? {
                if below.join("cells").is_dir() {
                    add(&below)?;
                }
            }
        }
        Ok(Self {
            label: label.to_owned(),
            records,
            repository: None,
            touched: None,
            commit: None,
            experiment,
        })
    }

    /// The cells that have a record.
    pub fn names(&self) -> BTreeSet<&Name> {
        self.records.keys().collect()
    }

    /// Whether a record is known to be the same, byte for byte, without reading it.
    pub fn is_known_same(&self, other: &Self, name: &Name) -> bool {
        match (self.records.get(name), other.records.get(name)) {
            (Some(Place::Object(a)), Some(Place::Object(b))) => a == b,
            (Some(Place::Object(_)), Some(Place::File(_))) => {
                let (commit, touched) = match &other.touched {
                    Some((commit, touched)) => (Some(commit), touched),
                    None => return false,
                };
                self.commit.as_ref() == commit && !touched.contains(name)
            }
            (a, b) => a == b,
        }
    }

    /// The bytes of those records, in that order.
    ///
    /// # Errors
    /// When a file or an object cannot be read.
    pub fn read(&self, names: &[&Name]) -> Result<Vec<Vec<u8>>> {
        let places: Vec<&Place> = names
            .iter()
            .map(|name| {
                self.records
                    .get(*name)
                    .context("a side reads its own records")
            })
            .collect::<Result<_>>()?;
        let object = |place: &&Place| match place {
            Place::Object(object) => Some(object.clone()),
            Place::File(_) => None,
        };
        let objects: Vec<String> = places.iter().filter_map(object).collect();
        let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
        let contents = match &self.repository {
            Some(repository) => repository.contents(&objects)?,
            None => Vec::new(),
        };
        if objects.len() == places.len() {
            return Ok(contents);
        }
        let read = |place: &&Place| match place {
            Place::Object(_) => Ok(None),
            Place::File(path) => Ok(Some(files::read(path, files::MOST_SAVED)?)),
        };
        let files: Vec<Option<Vec<u8>>> = places.par_iter().map(read).collect::<Result<_>>()?;
        let mut contents = contents.into_iter();
        let files = files
            .into_iter()
            .map(|file| file.or_else(|| contents.next()));
        files
            .map(|file| file.context("git gave every object"))
            .collect()
    }
}

/// Experiment and id of `FOLDER/EXPERIMENT/cells/ID.json`.
fn name_of(path: &str, folder: &str) -> Option<Name> {
    let below = match folder {
        "" => path, // experiments at the top of the repository
        folder => path.strip_prefix(folder)?.strip_prefix('/')?,
    };
    let (experiment, rest) = below.split_once('/')?;
    let id = rest.strip_prefix("cells/")?.strip_suffix(".json")?;
    (!id.contains('/')).then(|| (experiment.to_owned(), id.to_owned()))
}
