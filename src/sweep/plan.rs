//! The frozen plan: every cell decided, and where things are; what workers and clusters run from.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::data::Digests;
use crate::device::DeviceChoice;
use crate::files::{self, Place};
use crate::language::cell::Cell;
use crate::store::key::digest_of;
use crate::store::paths::{Cache, Results};

/// The format of a plan.
pub const VERSION: u32 = 2;

/// A frozen plan. Editing an experiment file changes nothing in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// `VERSION` when it was written.
    pub version: u32,
    /// The cells to run, in order.
    pub cells: Vec<PlannedCell>,
    /// The results folder, absolute.
    pub results: PathBuf,
    /// The cache folder, absolute.
    pub cache: PathBuf,
    /// The folder that data files are relative to, absolute.
    pub data: PathBuf,
    /// Where tensors live.
    pub device: DeviceChoice,
    /// What is the same for every cell of the sweep, for provenance: `git_commit`, `git_dirty`.
    pub provenance: BTreeMap<String, Value>,
}

/// One cell of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedCell {
    /// The run.
    pub cell: Cell,
    /// What told its data apart when the plan was made.
    pub data: Digests,
    /// Whether it begins again, though its training may have left something to go on from: it was asked to be run again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub begins_again: bool,
}

impl Plan {
    /// Writes the plan into the cache, under the hash of what it says; gives its path.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn save(&self) -> Result<PathBuf> {
        let place = self.cache().plan(&name_of(self))?;
        // One that was damaged or altered since is written anew.
        if !matches!(files::read_json::<Value>(&place), Ok(Some(kept)) if kept == json!(self)) {
            files::write_json(&place, self)?;
        }
        Ok(place.into())
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// When there is none, it was written in another format, or it is not the plan that its name says.
    pub fn load(path: &Path) -> Result<Self> {
        let value: Value = serde_json::from_slice(&files::read(path, files::MOST_SAVED)?)
            .with_context(|| format!("{} is no plan", path.display()))?;
        let version = value.get("version").and_then(Value::as_u64);
        if version != Some(u64::from(VERSION)) {
            bail!("{} is not a plan of this version of runner; sweep again", path.display());
        }
        if path.file_stem().and_then(|name| name.to_str()) != Some(&name_of(&value)) {
            bail!(
                "{} is not the plan that its name says: it was renamed, damaged or altered; sweep again",
                path.display()
            );
        }
        serde_json::from_value(value).with_context(|| format!("failed to read the plan {}", path.display()))
    }

    /// Says, for as long as what it gives lives, that somebody runs the plan at that path: `prune` lets it be, with all that its
    /// cells need. Nothing where the file system knows no locks.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn hold(path: &Path) -> Result<Option<File>> {
        let file = files::open(path, files::MOST_SAVED)?;
        Ok(file.lock_shared().is_ok().then_some(file))
    }

    /// Whether somebody runs the plan that lies there; also where that cannot be told.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn is_held(place: &Place) -> Result<bool> {
        let file = place.open(files::MOST_SAVED)?;
        Ok(file.is_some_and(|file| file.try_lock().is_err()))
    }

    /// The cell named `ID`, or `EXPERIMENT/ID` where several experiments have one of that id.
    ///
    /// # Errors
    /// When there is none or more than one.
    pub fn find(&self, name: &str) -> Result<&PlannedCell> {
        let full = |planned: &PlannedCell| format!("{}/{}", planned.cell.experiment, planned.cell.id);
        if let Some(planned) = self.cells.iter().find(|planned| full(planned) == name) {
            return Ok(planned);
        }
        let found: Vec<&PlannedCell> = self.cells.iter().filter(|planned| planned.cell.id == name).collect();
        match found[..] {
            [only] => Ok(only),
            [] => bail!("the plan holds no cell `{name}`; `runner list` shows the cells"),
            [first, ..] => bail!(
                "several experiments hold a cell `{name}`; write for instance `{}`",
                full(first)
            ),
        }
    }

    /// The results folder.
    pub fn results(&self) -> Results {
        Results(self.results.clone())
    }

    /// The cache folder.
    pub fn cache(&self) -> Cache {
        Cache(self.cache.clone())
    }
}

/// The name of the file of a plan: the beginning of the digest of what it says.
fn name_of(plan: &impl Serialize) -> String {
    digest_of(plan)[..32].to_owned()
}

/// `git_commit` and `git_dirty` of the current folder; empty where it is in no git repository or git is absent.
pub fn git_state() -> BTreeMap<String, Value> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let mut state = BTreeMap::new();
    if let Some(commit) = git(&["rev-parse", "HEAD"]) {
        state.insert("git_commit".to_owned(), commit.into());
        if let Some(changes) = git(&["status", "--porcelain", "--untracked-files=no"]) {
            state.insert("git_dirty".to_owned(), (!changes.is_empty()).into());
        }
    }
    state
}
