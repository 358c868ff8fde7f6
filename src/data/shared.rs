//! The data of a cell, one for all cells of the same settings.

use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use anyhow::Result;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{DataSpec, Folders, Raw};

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

/// What was read last: a process that runs one cell after the other reads what several of them are cut from once.
#[derive(Default)]
pub struct LastRead(RefCell<Option<(String, Rc<dyn Raw>)>>);

impl LastRead {
    /// What data are cut from: read now, or what was read last where that was the same by `digest` of what reading follows.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(&self, data: &DataSpec, digest: impl FnOnce(&Value) -> String, folders: &Folders) -> Result<Rc<dyn Raw>> {
        let name = digest(&data.read_by());
        if let Some((last, raw)) = &*self.0.borrow()
            && *last == name
        {
            return Ok(raw.clone());
        }
        // Never two at once: they may be large.
        self.0.take();
        let raw: Rc<dyn Raw> = Rc::from(data.read(folders)?);
        self.0.replace(Some((name, raw.clone())));
        Ok(raw)
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
