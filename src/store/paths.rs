//! Every path under `results/` and the cache.
//!
//! ```text
//! results/EXPERIMENT/experiment.json      the card
//! results/EXPERIMENT/cells/ID.json        a record
//! results/EXPERIMENT/failed/ID.json       why a cell has none
//! results/EXPERIMENT/media/FILE.png       a picture that the card names
//! results/EXPERIMENT/state/cells.json     what the last sweep here saw of cells that are not simply done
//! results/report.html
//! results/report/EXPERIMENT.html          the page of an experiment that has no room in it
//! results/.claims/DIGEST.claim            who computes a cell at this moment
//! CACHE/logs/EXPERIMENT/ID.log            what a worker said
//! CACHE/plans/DIGEST.json                 a frozen plan
//! CACHE/weights/KEY/{last,best}.safetensors
//! CACHE/weights/KEY/refit-NUMBER.safetensors  of a model that is trained again as the test goes on
//! CACHE/checkpoints/TRAIL/EPOCHS-EPOCH-BATCH.checkpoint  where a training is that has no record yet
//! CACHE/checkpoints/TRAIL/EPOCHS-BEFORE-EPOCH-BATCH.checkpoint  the same after so many others of its cell
//! CACHE/ends/TRAIL/EPOCHS.checkpoint      where one ended that has: one of more epochs goes on there
//! CACHE/features/DIGEST/CLIP.VIEW.safetensors  feature maps of clips
//! CACHE/fetched/NAME.safetensors          pretrained weights that `runner fetch` brought
//! ```
//!
//! An id is a file's name as it stands: `language` makes ids of safe characters and of at most 200 bytes. Names come from files
//! too, and files can lie: each path is a [`Place`], whose names are checked when it is made, and an error where one of them
//! is none.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::key::digest_of;
use super::record::Key;
use crate::data::Folders;
use crate::files::Place;

/// The name of the report in a folder of results, which no experiment can have.
pub(crate) const REPORT: &str = "report.html";

/// The name of the folder of claims.
pub(crate) const CLAIMS: &str = ".claims";

/// The results folder.
#[derive(Debug, Clone)]
pub struct Results(pub PathBuf);

/// The cache folder.
#[derive(Debug, Clone)]
pub struct Cache(pub PathBuf);

impl Results {
    /// The folder itself.
    pub fn root(&self) -> Place {
        Place::root(&self.0)
    }

    /// The folder of one experiment.
    ///
    /// # Errors
    /// Here and below: when a name is none of a file, as `..`.
    pub fn experiment(&self, experiment: &str) -> Result<Place> {
        if experiment == REPORT {
            bail!("no experiment can be called {REPORT}, as the report is");
        }
        if experiment == CLAIMS {
            bail!("no experiment can be called {CLAIMS}, as the folder of claims is");
        }
        self.root().join(experiment)
    }

    /// The card of one experiment.
    ///
    /// # Errors
    /// See [`Results::experiment`].
    pub fn card(&self, experiment: &str) -> Result<Place> {
        self.experiment(experiment)?.join("experiment.json")
    }

    /// The folder of an experiment's records.
    ///
    /// # Errors
    /// See [`Results::experiment`].
    pub fn records(&self, experiment: &str) -> Result<Place> {
        self.experiment(experiment)?.join("cells")
    }

    /// The record of one cell.
    ///
    /// # Errors
    /// See [`Results::experiment`].
    pub fn record(&self, experiment: &str, id: &str) -> Result<Place> {
        self.records(experiment)?.join(&format!("{id}.json"))
    }

    /// The folder of an experiment's failures.
    ///
    /// # Errors
    /// See [`Results::experiment`].
    pub fn failures(&self, experiment: &str) -> Result<Place> {
        self.experiment(experiment)?.join("failed")
    }

    /// Why one cell has no record.
    ///
    /// # Errors
    /// See [`Results::experiment`].
    pub fn failure(&self, experiment: &str, id: &str) -> Result<Place> {
        self.failures(experiment)?.join(&format!("{id}.json"))
    }

    /// The folder of an experiment's pictures.
    ///
    /// # Errors
    /// See [`Results::experiment`].
    pub fn media(&self, experiment: &str) -> Result<Place> {
        self.experiment(experiment)?.join("media")
    }

    /// The folder of what the last sweep here saw of an experiment, which git passes over.
    ///
    /// # Errors
    /// See [`Results::experiment`].
    pub fn state(&self, experiment: &str) -> Result<Place> {
        self.experiment(experiment)?.join("state")
    }

    /// The folder of the claims of those who compute cells at this moment; git passes over it, and it goes with the last of them.
    ///
    /// # Errors
    /// See [`Results::experiment`].
    pub fn claims(&self) -> Result<Place> {
        self.root().join(CLAIMS)
    }

    /// The report over all experiments.
    ///
    /// # Errors
    /// See [`Results::experiment`].
    pub fn report(&self) -> Result<Place> {
        self.root().join(REPORT)
    }
}

impl Cache {
    /// The folder itself.
    pub fn root(&self) -> Place {
        Place::root(&self.0)
    }

    /// What the worker of one cell said.
    ///
    /// # Errors
    /// Here and below: when a name is none of a file, as `..`.
    pub fn log(&self, experiment: &str, id: &str) -> Result<Place> {
        let folder = self.logs()?.join(experiment)?;
        folder.join(&format!("{id}.log"))
    }

    /// What the worker that computes feature maps said.
    ///
    /// # Errors
    /// See [`Cache::log`].
    pub fn features_log(&self) -> Result<Place> {
        self.logs()?.join("features.log")
    }

    /// The folder of all logs.
    ///
    /// # Errors
    /// See [`Cache::log`].
    pub fn logs(&self) -> Result<Place> {
        self.root().join("logs")
    }

    /// The folder of the feature maps of all clips.
    ///
    /// # Errors
    /// See [`Cache::log`].
    pub fn features_folder(&self) -> Result<Place> {
        self.root().join("features")
    }

    /// The frozen plans.
    ///
    /// # Errors
    /// See [`Cache::log`].
    pub fn plan(&self, digest: &str) -> Result<Place> {
        self.root().join("plans")?.join(&format!("{digest}.json"))
    }

    /// Where data, weights and feature maps lie; data files are relative to `data`.
    pub fn folders(&self, data: &Path) -> Folders {
        Folders {
            data: data.to_owned(),
            cache: self.root(),
        }
    }

    /// The folder of the claims of those who compute feature maps at this moment.
    ///
    /// # Errors
    /// See [`Cache::log`].
    pub fn claims(&self) -> Result<Place> {
        self.root().join(CLAIMS)
    }

    /// The folder of the weights of all cells.
    ///
    /// # Errors
    /// See [`Cache::log`].
    pub fn weights_folder(&self) -> Result<Place> {
        self.root().join("weights")
    }

    /// The folder of the weights of the cell of that key.
    ///
    /// # Errors
    /// See [`Cache::log`].
    pub fn weights(&self, key: &Key) -> Result<Place> {
        self.weights_folder()?.join(&digest_of(key))
    }

    /// The folder of the checkpoints of all trainings that have no record yet.
    ///
    /// # Errors
    /// See [`Cache::log`].
    pub fn checkpoints_folder(&self) -> Result<Place> {
        self.root().join("checkpoints")
    }

    /// The folder of the ends of all trainings that have a record.
    ///
    /// # Errors
    /// See [`Cache::log`].
    pub fn ends_folder(&self) -> Result<Place> {
        self.root().join("ends")
    }

    /// The fetched weights of that name.
    ///
    /// # Errors
    /// See [`Cache::log`].
    pub fn fetched(&self, name: &str) -> Result<Place> {
        self.folders(Path::new("")).fetched(name)
    }
}
