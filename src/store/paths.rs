//! Every path under `results/` and the cache.
//!
//! ```text
//! results/EXPERIMENT/experiment.json      the card
//! results/EXPERIMENT/cells/ID.json        a record
//! results/EXPERIMENT/failed/ID.json       why a cell has none
//! results/EXPERIMENT/media/FILE.png       a picture that the card names
//! results/report.html
//! CACHE/logs/EXPERIMENT/ID.log            what a worker said
//! CACHE/plans/DIGEST.json                 a frozen plan
//! CACHE/weights/KEY/{last,best}.safetensors
//! CACHE/features/DIGEST/CLIP.VIEW.safetensors  feature maps of clips
//! CACHE/fetched/NAME.safetensors          pretrained weights that `runner fetch` brought
//! ```
//!
//! An id is a file's name as it stands: `spec` makes ids of safe characters and of at most 200 bytes.

use std::path::{Path, PathBuf};

use super::key::digest_of;
use super::record::Key;
use crate::dataset::features::backbone::Folders;

/// The results folder.
#[derive(Debug, Clone)]
pub struct Results(pub PathBuf);

/// The cache folder.
#[derive(Debug, Clone)]
pub struct Cache(pub PathBuf);

impl Results {
    /// The folder of one experiment.
    pub fn experiment(&self, experiment: &str) -> PathBuf {
        self.0.join(experiment)
    }

    /// The card of one experiment.
    pub fn card(&self, experiment: &str) -> PathBuf {
        self.experiment(experiment).join("experiment.json")
    }

    /// The folder of an experiment's records.
    pub fn records(&self, experiment: &str) -> PathBuf {
        self.experiment(experiment).join("cells")
    }

    /// The record of one cell.
    pub fn record(&self, experiment: &str, id: &str) -> PathBuf {
        self.records(experiment).join(format!("{}.json", id))
    }

    /// The folder of an experiment's failures.
    pub fn failures(&self, experiment: &str) -> PathBuf {
        self.experiment(experiment).join("failed")
    }

    /// Why one cell has no record.
    pub fn failure(&self, experiment: &str, id: &str) -> PathBuf {
        self.failures(experiment).join(format!("{}.json", id))
    }

    /// A picture that the card of an experiment names.
    pub fn media(&self, experiment: &str, file: &str) -> PathBuf {
        self.experiment(experiment).join("media").join(file)
    }

    /// The report over all experiments.
    pub fn report(&self) -> PathBuf {
        self.0.join("report.html")
    }
}

impl Cache {
    /// What the worker of one cell said.
    pub fn log(&self, experiment: &str, id: &str) -> PathBuf {
        self.0
            .join("logs")
            .join(experiment)
            .join(format!("{}.log", id))
    }

    /// What the worker that computes feature maps said.
    pub fn features_log(&self) -> PathBuf {
        self.0.join("logs").join("features.log")
    }

    /// The frozen plans.
    pub fn plan(&self, digest: &str) -> PathBuf {
        self.0.join("plans").join(format!("{digest}.json"))
    }

    /// Where data, weights and feature maps lie; data files are relative to `data`.
    pub fn folders(&self, data: &Path) -> Folders {
        Folders {
            data: data.to_owned(),
            fetched: self.0.join("fetched"),
            features: self.0.join("features"),
        }
    }

    /// The weights of the cell of that key.
    pub fn weights(&self, key: &Key) -> PathBuf {
        self.0.join("weights").join(digest_of(key))
    }

    /// The fetched weights of that name.
    pub fn fetched(&self, name: &str) -> PathBuf {
        self.0.join("fetched").join(format!("{name}.safetensors"))
    }
}
