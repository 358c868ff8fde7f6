//! The frozen plan: every cell decided, and where things are; what workers and clusters run from.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::data::Digests;
use crate::device::DeviceChoice;
use crate::files::{self, Place};
use crate::language::cell::Cell;
use crate::store::paths::{Cache, Results};

/// The format of a plan.
pub const VERSION: u32 = 3;

/// What begins the line of a cell.
const NAMED: &str = "{\"name\":";

/// A frozen plan. Editing an experiment file changes nothing in it.
///
/// Its file is JSON in which the frame stands on the first line and each cell on a line of its own, with its name in front: whoever
/// needs one cell reads one line.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What all cells share.
    pub frame: Frame,
    /// The cells to run, in order.
    pub cells: Vec<PlannedCell>,
}

/// What the cells of a plan share: where things are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// `VERSION` when it was written.
    pub version: u32,
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

/// A cell as it stands in the file of a plan.
#[derive(Serialize, Deserialize)]
struct Line<N, C> {
    name: N,
    planned: C,
}

impl PlannedCell {
    /// `EXPERIMENT/ID`, which no other cell of a plan is called.
    pub fn name(&self) -> String {
        format!("{}/{}", self.cell.experiment, self.cell.id)
    }
}

impl Frame {
    /// The results folder.
    pub fn results(&self) -> Results {
        Results(self.results.clone())
    }

    /// The cache folder.
    pub fn cache(&self) -> Cache {
        Cache(self.cache.clone())
    }
}

impl Plan {
    /// Writes the plan into the cache, under the hash of what it says; gives its path.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn save(&self) -> Result<PathBuf> {
        let text = self.text().context("the plan cannot be written as text")?;
        let place = self.frame.cache().plan(&name_of(text.as_bytes()))?;
        // One that was damaged or altered since is written anew.
        if !matches!(place.read(files::MOST_SAVED), Ok(Some(kept)) if kept == text.as_bytes()) {
            place.write(text.as_bytes())?;
        }
        Ok(place.into())
    }

    fn text(&self) -> serde_json::Result<String> {
        let frame = serde_json::to_string(&self.frame)?;
        let mut text = frame.strip_suffix('}').unwrap_or(&frame).to_owned();
        text.push_str(",\n\"cells\":[");
        for (index, planned) in self.cells.iter().enumerate() {
            text.push_str(if index == 0 { "\n" } else { ",\n" });
            let name = planned.name();
            text.push_str(&serde_json::to_string(&Line { name, planned })?);
        }
        text.push_str("\n]}\n");
        Ok(text)
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// When there is none, it was written in another format, or it is not the plan that its name says.
    pub fn load(path: &Path) -> Result<Self> {
        let written = Written::read(path)?;
        let cells = written.lines().map(|line| written.cell(line)).collect::<Result<_>>()?;
        Ok(Self {
            frame: written.frame,
            cells,
        })
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

    /// The results folder.
    pub fn results(&self) -> Results {
        self.frame.results()
    }

    /// The cache folder.
    pub fn cache(&self) -> Cache {
        self.frame.cache()
    }
}

/// The file of a plan, which is the one that its name says: its frame, and its cells as they are written.
pub struct Written {
    /// What all cells share.
    pub frame: Frame,
    path: PathBuf,
    text: String,
}

impl Written {
    /// Reads the file, and parses no cell.
    ///
    /// # Errors
    /// As [`Plan::load`].
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let bytes = files::read(path, files::MOST_SAVED)?;
        let is_named_so = path.file_stem().and_then(|name| name.to_str()) == Some(&name_of(&bytes));
        let text = String::from_utf8(bytes).with_context(|| format!("{shown} is no plan"))?;
        let first = text.lines().next().unwrap_or_default().trim_end_matches(',');
        let frame = match serde_json::from_str::<Frame>(&format!("{first}}}")) {
            Ok(frame) if frame.version == VERSION => frame,
            read => {
                let whole: Value = serde_json::from_str(&text).with_context(|| format!("{shown} is no plan"))?;
                if whole.get("version").and_then(Value::as_u64) != Some(u64::from(VERSION)) {
                    bail!("{shown} is not a plan of this version of runner; sweep again");
                }
                read.with_context(|| format!("failed to read the plan {shown}"))?
            }
        };
        if !is_named_so {
            bail!("{shown} is not the plan that its name says: it was renamed, damaged or altered; sweep again");
        }
        let path = path.to_owned();
        Ok(Self { frame, path, text })
    }

    /// The cell named `ID`, or `EXPERIMENT/ID` where several experiments have one of that id.
    ///
    /// # Errors
    /// When there is none or more than one, or it cannot be read.
    pub fn find(&self, name: &str) -> Result<PlannedCell> {
        let full = format!("{NAMED}{},", Value::from(name));
        if let Some(line) = self.lines().find(|line| line.starts_with(&full)) {
            return self.cell(line);
        }
        let ending = format!("/{name}");
        let names = self.lines().filter_map(|line| Some((name_in(line)?, line)));
        let found: Vec<(String, &str)> = names.filter(|(full, _)| full.ends_with(&ending)).collect();
        match &found[..] {
            [(_, line)] => self.cell(line),
            [] => bail!("the plan holds no cell `{name}`; `runner list` shows the cells"),
            [(first, _), ..] => bail!("several experiments hold a cell `{name}`; write for instance `{first}`"),
        }
    }

    /// A line for each cell.
    fn lines(&self) -> impl Iterator<Item = &str> {
        let lines = self.text.lines().map(|line| line.trim_end_matches(','));
        lines.filter(|line| line.starts_with(NAMED))
    }

    fn cell(&self, line: &str) -> Result<PlannedCell> {
        let read = serde_json::from_str::<Line<IgnoredAny, PlannedCell>>(line);
        let line = read.with_context(|| format!("failed to read the plan {}", self.path.display()))?;
        Ok(line.planned)
    }
}

/// The name that a line of a cell begins with.
fn name_in(line: &str) -> Option<String> {
    let rest = line.strip_prefix(NAMED)?;
    serde_json::Deserializer::from_str(rest).into_iter().next()?.ok()
}

/// The name of the file of a plan: the beginning of the digest of its bytes.
pub fn name_of(text: &[u8]) -> String {
    blake3::hash(text).to_hex()[..32].to_owned()
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
