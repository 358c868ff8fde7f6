//! The data of a sweep's cells, each series read once: whether they are here, whether they are right, and their digest.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Error, Result};

use crate::dataset::series::Series;
use crate::dataset::{DataMissing, DataSpec};
use crate::spec::Experiment;
use crate::store::key::digest_of;

/// What is known of the data of one cell.
#[derive(Debug, Clone, PartialEq)]
pub enum DataState {
    /// Read and checked.
    Ready {
        /// Digest of the rows in use.
        digest: String,
    },
    /// Not here, and where they were looked for.
    Missing(String),
    /// Here, but not what they must be, or too few for the window and the split.
    Wrong(String),
}

impl DataState {
    /// The digest, where the data are ready.
    pub fn digest(&self) -> Option<&str> {
        match self {
            Self::Ready { digest } => Some(digest),
            Self::Missing(_) | Self::Wrong(_) => None,
        }
    }
}

/// Every series that a sweep's cells are cut from.
pub struct DataBook {
    series: BTreeMap<String, Result<(Series, String)>>,
    states: BTreeMap<String, DataState>,
}

impl DataBook {
    /// Reads what the cells of these experiments need.
    pub fn read(experiments: &[Experiment], folder: &Path) -> Self {
        let mut book = Self {
            series: BTreeMap::new(),
            states: BTreeMap::new(),
        };
        for cell in experiments.iter().flat_map(|experiment| &experiment.cells) {
            book.add(&cell.data, folder);
        }
        book
    }

    fn add(&mut self, data: &DataSpec, folder: &Path) {
        let name = digest_of(data);
        if self.states.contains_key(&name) {
            return;
        }
        let read = self.series.entry(source_name(data)).or_insert_with(|| {
            let series = data.read(folder)?;
            let digest = series.digest();
            Ok((series, digest))
        });
        let state = match read {
            Err(error) => state_of_error(error),
            Ok((series, digest)) => match data.check_length(series.rows()) {
                Ok(()) => DataState::Ready {
                    digest: digest.clone(),
                },
                Err(error) => DataState::Wrong(format!("{}: {error:#}", series.source)),
            },
        };
        self.states.insert(name, state);
    }

    /// What is known of these data.
    ///
    /// # Panics
    /// When they belong to none of the experiments that the book was read for.
    pub fn of(&self, data: &DataSpec) -> &DataState {
        self.states
            .get(&digest_of(data))
            .expect("the book holds the data of every cell")
    }

    /// The series and its digest, where it could be read.
    pub fn series(&self, data: &DataSpec) -> Option<(&Series, &str)> {
        let (series, digest) = self.series.get(&source_name(data))?.as_ref().ok()?;
        Some((series, digest))
    }
}

/// What decides a series: the window's transform says which values are allowed.
fn source_name(data: &DataSpec) -> String {
    let DataSpec::Series { source, window, .. } = data;
    digest_of(&(source, window.transform))
}

fn state_of_error(error: &Error) -> DataState {
    match error.downcast_ref::<DataMissing>() {
        Some(missing) => DataState::Missing(missing.to_string()),
        None => DataState::Wrong(format!("{error:#}")),
    }
}
