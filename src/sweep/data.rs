//! The data of a sweep's cells, each read once: whether they are here, whether they are right, and what tells them apart.

use std::collections::BTreeMap;

use anyhow::{Error, Result};

use crate::dataset::features::backbone::{Folders, WeightsMissing};
use crate::dataset::{DataMissing, DataSpec, Digests, Material};
use crate::spec::Experiment;
use crate::store::key::digest_of;

/// What is known of the data of one cell.
#[derive(Debug, Clone, PartialEq)]
pub enum DataState {
    /// Read and checked.
    Ready(Digests),
    /// Not here, and where they were looked for.
    Missing(String),
    /// Here, but not what they must be, or not enough for the window and the split.
    Wrong(String),
}

impl DataState {
    /// What tells the data apart, where they are ready.
    pub fn digests(&self) -> Option<&Digests> {
        match self {
            Self::Ready(digests) => Some(digests),
            Self::Missing(_) | Self::Wrong(_) => None,
        }
    }
}

/// Everything that a sweep's cells are cut from.
pub struct DataBook {
    materials: BTreeMap<String, Result<(Material, Digests)>>,
    states: BTreeMap<String, DataState>,
}

impl DataBook {
    /// Reads what the cells of these experiments need.
    pub fn read(experiments: &[Experiment], folders: &Folders) -> Self {
        let mut book = Self {
            materials: BTreeMap::new(),
            states: BTreeMap::new(),
        };
        for cell in experiments.iter().flat_map(|experiment| &experiment.cells) {
            book.add(&cell.data, folders);
        }
        book
    }

    fn add(&mut self, data: &DataSpec, folders: &Folders) {
        let name = digest_of(data);
        if self.states.contains_key(&name) {
            return;
        }
        let read = self.materials.entry(source_name(data)).or_insert_with(|| {
            let material = data.read(folders)?;
            let digests = material.digests();
            Ok((material, digests))
        });
        let state = match read {
            Err(error) => state_of_error(error),
            Ok((material, digests)) => match data.check_fit(material) {
                Ok(()) => DataState::Ready(digests.clone()),
                Err(error) => DataState::Wrong(format!("{error:#}")),
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

    /// What was read and its digests, where it could be read.
    pub fn material(&self, data: &DataSpec) -> Option<(&Material, &Digests)> {
        let (material, digests) = self.materials.get(&source_name(data))?.as_ref().ok()?;
        Some((material, digests))
    }
}

/// What decides a material: of a series the window's transform too, which says which values are allowed.
fn source_name(data: &DataSpec) -> String {
    match data {
        DataSpec::Series { source, window, .. } => digest_of(&(source, window.transform)),
        DataSpec::Clips {
            source, backbone, ..
        } => digest_of(&(source, backbone)),
    }
}

fn state_of_error(error: &Error) -> DataState {
    if error.is::<DataMissing>() || error.is::<WeightsMissing>() {
        DataState::Missing(error.to_string())
    } else {
        DataState::Wrong(format!("{error:#}"))
    }
}
