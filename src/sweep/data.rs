//! The data of a sweep's cells, each read once: whether they are here, whether they are right, and what tells them apart.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use anyhow::{Error, Result};

use crate::data::{DataSpec, Digests, Folders, Raw, SharedData, Source, is_missing};
use crate::language::Experiment;
use crate::language::cell::Cell;
use crate::store::key::{digest_of, digest_of_data};

/// What is known of the data of one cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DataState {
    /// Read and checked.
    Ready(Digests),
    /// Not here, and where they were looked for.
    Missing(String),
    /// Here, but not what they must be, or not enough for the window and the split.
    Wrong(String),
}

impl DataState {
    /// What tells the data apart, where they are ready.
    pub(crate) fn digests(&self) -> Option<&Digests> {
        match self {
            Self::Ready(digests) => Some(digests),
            Self::Missing(_) | Self::Wrong(_) => None,
        }
    }
}

/// What was read, and what tells it from other data.
type Read = (Box<dyn Raw>, Digests);

/// Everything that a sweep's cells are cut from.
pub(crate) struct DataBook {
    raws: BTreeMap<String, Result<Read>>,
    states: BTreeMap<String, DataState>,
    /// Of declared datasets that no cell uses, the reason.
    unused_wrong: Vec<String>,
    /// The same of those whose files are not here.
    unused_missing: Vec<String>,
}

impl DataBook {
    /// Reads what the cells of these experiments need, and looks at the `declared` datasets that none of them uses.
    pub(crate) fn read(experiments: &[Experiment], declared: &[Source], folders: &Folders) -> Self {
        let mut book = Self {
            raws: BTreeMap::new(),
            states: BTreeMap::new(),
            unused_wrong: Vec::new(),
            unused_missing: Vec::new(),
        };
        let mut used = HashSet::new();
        for cell in experiments.iter().flat_map(|experiment| &experiment.cells) {
            if book.add(&cell.data, folders) {
                used.insert(digest_of(&cell.data.source()));
            }
        }
        for source in declared {
            if used.insert(digest_of(source))
                && let Err(error) = source.look_at(&folders.data)
            {
                match state_of_error(&error) {
                    DataState::Wrong(reason) => book.unused_wrong.push(reason),
                    DataState::Missing(reason) => book.unused_missing.push(reason),
                    DataState::Ready(_) => {}
                }
            }
        }
        book
    }

    /// What is wrong with the data of declared datasets that no cell uses.
    pub(crate) fn unused_wrong(&self) -> &[String] {
        &self.unused_wrong
    }

    /// What is wrong with any data, each reason once.
    pub(crate) fn wrong(&self) -> Vec<String> {
        let of_cells = self.states.values().filter_map(|state| match state {
            DataState::Wrong(reason) => Some(reason),
            DataState::Ready(_) | DataState::Missing(_) => None,
        });
        let reasons: BTreeSet<&String> = of_cells.chain(&self.unused_wrong).collect();
        reasons.into_iter().cloned().collect()
    }

    /// What of any data is not here, each reason once.
    pub(crate) fn missing(&self) -> Vec<String> {
        let missing = self.states.values().filter_map(|state| match state {
            DataState::Missing(reason) => Some(reason),
            DataState::Ready(_) | DataState::Wrong(_) => None,
        });
        let reasons: BTreeSet<&String> = missing.chain(&self.unused_missing).collect();
        reasons.into_iter().cloned().collect()
    }

    /// Whether they were not known yet.
    fn add(&mut self, data: &SharedData, folders: &Folders) -> bool {
        let name = digest_of_data(data);
        if self.states.contains_key(name) {
            return false;
        }
        let read = self.raws.entry(digest_of(&data.read_by())).or_insert_with(|| {
            let raw = data.read(folders)?;
            let digests = raw.digests();
            Ok((raw, digests))
        });
        let state = match read {
            Err(error) => state_of_error(error),
            Ok((raw, digests)) => match data.check_fit(raw.as_ref()) {
                Ok(()) => DataState::Ready(digests.clone()),
                Err(error) => DataState::Wrong(format!("{error:#}")),
            },
        };
        self.states.insert(name.to_owned(), state);
        true
    }

    /// What is known of these data.
    ///
    /// # Panics
    /// When they belong to none of the experiments that the book was read for.
    pub(crate) fn of(&self, data: &SharedData) -> &DataState {
        self.states
            .get(digest_of_data(data))
            .expect("the book holds the data of every cell")
    }

    /// What is worth knowing of the data of some cells and no mistake, each thing once; `of` picks it.
    pub(crate) fn notes<'a>(
        &self,
        cells: impl IntoIterator<Item = &'a Cell>,
        of: fn(&DataSpec, &dyn Raw) -> Option<String>,
    ) -> Vec<String> {
        let mut notes: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        for cell in cells {
            if !seen.insert(digest_of_data(&cell.data)) || !matches!(self.of(&cell.data), DataState::Ready(_)) {
                continue;
            }
            let note = self.raw(&cell.data).and_then(|(raw, _)| of(&cell.data, raw));
            notes.extend(note.filter(|note| !notes.contains(note)));
        }
        notes
    }

    /// What was read and its digests, where it could be read.
    pub(crate) fn raw(&self, data: &DataSpec) -> Option<(&dyn Raw, &Digests)> {
        let read = self.raws.get(&digest_of(&data.read_by()))?;
        let (raw, digests) = read.as_ref().ok()?;
        Some((raw.as_ref(), digests))
    }
}

fn state_of_error(error: &Error) -> DataState {
    if is_missing(error) {
        DataState::Missing(error.to_string())
    } else {
        DataState::Wrong(format!("{error:#}"))
    }
}
