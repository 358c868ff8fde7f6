//! The data of a cell, one for all cells of the same settings.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::DataSpec;

/// The settings of the data of a cell. Grids have many cells of the same data: to copy it costs nothing, and what it is known by
/// is computed once.
#[derive(Debug, Clone)]
pub struct SharedData(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    spec: DataSpec,
    digest: OnceLock<String>,
}

impl SharedData {
    /// What it is known by, as `digest` has it the first time.
    pub fn known_by(&self, digest: impl FnOnce(&DataSpec) -> String) -> &str {
        self.0.digest.get_or_init(|| digest(&self.0.spec))
    }
}

impl From<DataSpec> for SharedData {
    fn from(spec: DataSpec) -> Self {
        let digest = OnceLock::new();
        Self(Arc::new(Shared { spec, digest }))
    }
}

impl Deref for SharedData {
    type Target = DataSpec;

    fn deref(&self) -> &DataSpec {
        &self.0.spec
    }
}

impl PartialEq for SharedData {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || **self == **other
    }
}

impl Serialize for SharedData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.spec.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SharedData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        DataSpec::deserialize(deserializer).map(Self::from)
    }
}
