//! Which artifacts must stay: those of planned cells, of records, and of what a sweep runs at this moment.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use super::Findings;
use super::folder::{entries, is_digest};
use crate::checkpoint;
use crate::data::clips::features::{MapFile, Pass};
use crate::data::{DataSpec, Folders, Raw};
use crate::language::Experiment;
use crate::store::key::{digest_of, digest_of_data};
use crate::store::paths::{Cache, Results};
use crate::store::record::{Key, Record};
use crate::sweep::data::{DataBook, DataState};
use crate::sweep::plan::Plan;

/// What must stay in a cache.
#[derive(Default)]
pub(super) struct Needed {
    /// Experiment and id of every cell whose log stays.
    pub logs: BTreeSet<(String, String)>,
    /// Digests of the keys whose weights stay.
    pub weights: BTreeSet<String>,
    /// Trails whose checkpoints stay: of cells that wait for their record.
    pub checkpoints: BTreeSet<String>,
    /// Trails whose ends stay: of cells and of records.
    pub ends: BTreeSet<String>,
    /// Why no weights or checkpoints can go: which of them are needed is not known.
    pub weights_hidden: Option<String>,
    /// Folder and file of the feature maps that stay.
    pub maps: BTreeSet<(String, String)>,
    /// Why no feature maps can go.
    pub maps_hidden: Option<String>,
    /// Names of the files of plans that stay.
    pub plans: BTreeSet<String>,
    /// Whether a cell of a running sweep that is done needs its artifacts no more.
    lets_done_go: bool,
}

impl Needed {
    /// What the experiments, their records and running sweeps need; `running` are the names of plans by the claims on their cells.
    pub(super) fn of(
        experiments: &[Experiment],
        book: &DataBook,
        results: &Results,
        running: &BTreeSet<&str>,
        cache: &Cache,
        data: &Path,
        findings: &mut Findings,
    ) -> Result<Self> {
        let mut needed = Self::default();
        let folders = cache.folders(data);
        let cells = || experiments.iter().flat_map(|experiment| &experiment.cells);
        let mut seen = BTreeSet::new();
        let mut waiting: BTreeSet<(String, String, String)> = BTreeSet::new();
        for cell in cells() {
            let name = (cell.experiment.clone(), cell.id.clone());
            let record = Record::read(results, &name.0, &name.1).ok().flatten();
            let key = match book.of(&cell.data) {
                DataState::Ready(digests) => Some(Key::of(cell, digests)),
                DataState::Missing(reason) | DataState::Wrong(reason) => {
                    if record.is_none() && cell.model.trains() {
                        needed.weights_hidden.get_or_insert(reason.clone());
                    }
                    if cell.data.has_pass() {
                        needed.maps_hidden.get_or_insert(reason.clone());
                    }
                    None
                }
            };
            if let Some(key) = &key {
                let digest = digest_of(key);
                let trails = checkpoint::digests(key, &cell.configuration());
                needed.ends.extend(trails.clone());
                if record.as_ref().is_none_or(|record| record.key != *key) {
                    needed.checkpoints.extend(trails);
                    waiting.insert((name.0.clone(), name.1.clone(), digest.clone()));
                }
                needed.weights.insert(digest);
                if seen.insert(digest_of_data(&cell.data).to_owned())
                    && let Some((raw, _)) = book.raw(&cell.data)
                {
                    needed.add_maps(&cell.data, raw, &folders);
                }
            }
            if let Some(record) = record {
                needed.weights.insert(digest_of(&record.key));
                needed.ends.extend(checkpoint::digests(&record.key, &record.configuration));
            }
            needed.logs.insert(name);
        }
        needed.add_plans(&waiting, running, cache, findings)?;
        Ok(needed)
    }

    /// What running sweeps still need, and nothing else: of cells whose records are there no more than the feature maps.
    pub(super) fn of_what_runs(cache: &Cache, findings: &mut Findings) -> Result<Self> {
        let mut needed = Self {
            lets_done_go: true,
            ..Self::default()
        };
        needed.add_plans(&BTreeSet::new(), &BTreeSet::new(), cache, findings)?;
        Ok(needed)
    }

    /// Plans that somebody runs, with all that they need; and those of cells that wait to be run.
    fn add_plans(
        &mut self,
        waiting: &BTreeSet<(String, String, String)>,
        running: &BTreeSet<&str>,
        cache: &Cache,
        findings: &mut Findings,
    ) -> Result<()> {
        // What is no plan is told where everything in the cache is looked at.
        let mut told = Findings::default();
        for entry in entries(&cache.root().join("plans")?, &mut told)? {
            let Some(name) = entry.stem(".json").filter(|name| is_digest(name, 32)) else {
                continue;
            };
            // On a shared file system the one may not be told of, on which the other is.
            let is_held = Plan::is_held(&entry.place)? || running.contains(name);
            let plan = match Plan::load(entry.place.path()) {
                Ok(plan) => plan,
                Err(error) if is_held => {
                    let reason = format!("{} is being run, and cannot be read: {error:#}", entry.place);
                    self.weights_hidden.get_or_insert(reason.clone());
                    self.maps_hidden.get_or_insert(reason);
                    self.plans.insert(name.to_owned());
                    continue;
                }
                Err(_) => continue, // damaged, or of another version: nobody can run it
            };
            let waits = |cell: &crate::sweep::plan::PlannedCell| {
                let key = digest_of(&Key::of(&cell.cell, &cell.data));
                waiting.contains(&(cell.cell.experiment.clone(), cell.cell.id.clone(), key))
            };
            if is_held || plan.cells.iter().any(waits) {
                self.plans.insert(name.to_owned());
            }
            if is_held {
                findings
                    .kept
                    .push(format!("{}: a sweep runs it, so all that it needs stays", entry.place));
                self.add_running(&plan);
            }
        }
        Ok(())
    }

    /// What the cells of a plan need that is being run.
    fn add_running(&mut self, plan: &Plan) {
        let folders = plan.cache().folders(&plan.frame.data);
        let mut seen = BTreeSet::new();
        for planned in &plan.cells {
            let cell = &planned.cell;
            let key = Key::of(cell, &planned.data);
            let is_done = || {
                let record = Record::read(&plan.results(), &cell.experiment, &cell.id);
                record.is_ok_and(|record| record.is_some_and(|record| record.key == key))
            };
            if !(self.lets_done_go && !planned.begins_again && is_done()) {
                self.logs.insert((cell.experiment.clone(), cell.id.clone()));
                let trails = checkpoint::digests(&key, &cell.configuration());
                self.checkpoints.extend(trails.clone());
                self.ends.extend(trails);
                self.weights.insert(digest_of(&key));
            }
            if !cell.data.has_pass() || !seen.insert(digest_of_data(&cell.data).to_owned()) {
                continue;
            }
            match cell.data.read(&folders) {
                Ok(material) => self.add_maps(&cell.data, material.as_ref(), &folders),
                Err(error) => drop(self.maps_hidden.get_or_insert(format!("{error:#}"))),
            }
        }
    }

    /// What is computed from these data once for all cells.
    fn add_maps(&mut self, data: &DataSpec, raw: &dyn Raw, folders: &Folders) {
        let name = |file: &MapFile| {
            let place = &file.place;
            (place.folder().name().to_owned(), place.name().to_owned())
        };
        match data.pass(raw, folders) {
            Ok(pass) => {
                let files = pass.iter().flat_map(Pass::files);
                self.maps.extend(files.map(name));
            }
            Err(error) => drop(self.maps_hidden.get_or_insert(format!("{error:#}"))),
        }
    }
}
