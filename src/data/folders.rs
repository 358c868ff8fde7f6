//! The folders that data and what is computed from them lie in.

use std::path::PathBuf;

use anyhow::Result;

use crate::files::Place;

/// The folders that data and what is computed from them lie in.
#[derive(Debug, Clone)]
pub struct Folders {
    /// What data files are relative to.
    pub data: PathBuf,
    /// What can be rebuilt: feature maps, and what `runner fetch` has brought.
    pub cache: Place,
}

impl Folders {
    /// The fetched weights of that name.
    ///
    /// # Errors
    /// When it is no name of a file.
    pub fn fetched(&self, name: &str) -> Result<Place> {
        let folder = self.cache.join("fetched")?;
        folder.join(&format!("{name}.safetensors"))
    }

    /// The folder of the feature maps that a digest names.
    ///
    /// # Errors
    /// When it is no name of a file.
    pub fn features(&self, digest: &str) -> Result<Place> {
        self.cache.join("features")?.join(digest)
    }
}
