//! Where the checkpoints of a cell lie. Cells that differ in the number of their epochs alone have one trail: each finds what the
//! others left on their way.

use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::Value;

use super::format::{self, Header, Unusable};
use super::room;
use super::walked::{Saved, Walked};
use crate::claim::Hold;
use crate::files::{self, Place};
use crate::language::cell::Cell;
use crate::store::key::digest_of;
use crate::store::paths::Cache;
use crate::store::record::Key;
use crate::train::{Progress, Reached, State, Turn};

/// So many checkpoints of a cell are kept.
const KEPT: usize = 2;

/// What the name of a checkpoint ends with.
pub(crate) const ENDING: &str = ".checkpoint";

/// Where a cell's checkpoints lie.
#[derive(Debug, Clone)]
pub(crate) struct Trail {
    /// Binds them to settings, data, versions of code and kind of device.
    digest: String,
    /// Those of trainings that have no record yet.
    checkpoints: Place,
    /// Those of the ends of trainings that have one.
    ends: Place,
    /// Epochs that the cell is to train.
    pub epochs: usize,
    /// How often it is to.
    pub trainings: usize,
    /// Whether cells of more epochs go on from its end.
    pub(super) may_be_prolonged: bool,
    /// The claim that they are written under; none where nobody else can be at the same cell.
    pub(super) hold: Option<Arc<Hold>>,
}

/// A checkpoint's place, and how far it is by its name: trainings, epochs and batches done.
struct Candidate {
    place: Place,
    at: [usize; 3],
}

/// A checkpoint that was read, or why it was not.
pub(super) enum Read {
    Whole(Box<(Header, State, Walked)>),
    Unusable(Unusable),
    /// The file system refuses, or another process has removed it.
    Refused(Option<anyhow::Error>),
}

/// The names of the folders of the checkpoints of a key's cells, whose configuration is given: on the CPU and on a CUDA device,
/// whose numbers differ in their last digits.
pub(crate) fn digests(key: &Key, configuration: &Value) -> [String; 2] {
    let trail = key.trail(configuration);
    [false, true].map(|is_cuda| digest_of(&(&trail, format::VERSION, is_cuda)))
}

impl Trail {
    /// That of a cell; none where nothing is trained.
    ///
    /// # Errors
    /// When the cache's path is none.
    pub(crate) fn of(cell: &Cell, key: &Key, is_cuda: bool, cache: &Cache) -> Result<Option<Self>> {
        let Some(train) = &cell.train else {
            return Ok(None);
        };
        let [on_cpu, on_cuda] = digests(key, &cell.configuration());
        let digest = if is_cuda { on_cuda } else { on_cpu };
        Ok(Some(Self {
            checkpoints: cache.checkpoints_folder()?.join(&digest)?,
            ends: cache.ends_folder()?.join(&digest)?,
            digest,
            epochs: train.epochs,
            trainings: cell.data.trainings(),
            may_be_prolonged: train.may_be_prolonged() && cell.data.trainings() == 1,
            hold: None,
        }))
    }

    /// The same, written under a claim: who has lost it writes and removes nothing.
    pub(crate) fn under(self, hold: &Arc<Hold>) -> Self {
        Self {
            hold: Some(hold.clone()),
            ..self
        }
    }

    fn check(&self) -> Result<()> {
        self.hold.as_ref().map_or(Ok(()), |hold| hold.check())
    }

    /// How far a cell would go on from, where there is anything to go on from, by what the checkpoints say at their beginning.
    pub(crate) fn reached(&self) -> Option<Reached> {
        self.found().map(|(_, reached)| reached)
    }

    /// The same, and the checkpoint that it goes on from.
    pub(crate) fn found(&self) -> Option<(Place, Reached)> {
        let header = |place: &Place| {
            let mut file = place.open(files::MOST_WEIGHTS).ok()??;
            let length = file.metadata().ok()?.len();
            format::header_in(&mut file, length, &self.digest).ok()
        };
        let mut places = self.places().unwrap_or_default().into_iter();
        places.find_map(|place| {
            let header = header(&place)?;
            let reached = self.reached_with(&header.progress, header.refits.len());
            Some((place, reached))
        })
    }

    /// How far a training is that so many others came before.
    pub(super) fn reached_with(&self, progress: &Progress, before: usize) -> Reached {
        Reached {
            turn: self.turn(before),
            ..progress.reached(self.epochs)
        }
    }

    /// Which training it is that so many others came before; none where there is one alone.
    pub(super) fn turn(&self, before: usize) -> Option<Turn> {
        (self.trainings > 1).then_some(Turn {
            place: before,
            of: self.trainings,
        })
    }

    /// The places of what this cell can go on from, the furthest first.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    pub(super) fn places(&self) -> Result<Vec<Place>> {
        let mut found = self.checkpoints()?;
        let ends = self.ends.listed()?.into_iter().filter_map(|place| {
            let epochs = place.name().strip_suffix(ENDING)?.parse().ok()?;
            // The end of the very same cell is no way to make its record again: that would prove nothing.
            (epochs < self.epochs).then_some(Candidate {
                place,
                at: [0, epochs, 0],
            })
        });
        found.extend(ends);
        found.retain(|candidate| {
            let [before, epoch, batch] = candidate.at;
            before < self.trainings && [epoch, batch] <= [self.epochs, 0]
        });
        found.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.place.cmp(&b.place)));
        Ok(found.into_iter().map(|candidate| candidate.place).collect())
    }

    /// Reads one.
    pub(super) fn read(&self, place: &Place) -> Read {
        match place.read(files::MOST_WEIGHTS) {
            Ok(Some(bytes)) => match format::from_bytes(&bytes, &self.digest) {
                Ok(found) => Read::Whole(Box::new(found)),
                Err(reason) => Read::Unusable(reason),
            },
            Ok(None) => Read::Refused(None),
            Err(error) => Read::Refused(Some(error)),
        }
    }

    /// The header of a checkpoint of this cell.
    fn header(&self, saved: &Saved) -> Header {
        Header {
            version: format::VERSION,
            trail: self.digest.clone(),
            epochs: self.epochs,
            seconds: saved.seconds,
            progress: saved.state.progress.clone(),
            refits: saved.walked.refits.clone(),
            calibrated: saved.walked.calibrated.clone(),
            refit_seconds: saved.walked.seconds.clone(),
        }
    }

    /// Writes a checkpoint, and removes earlier ones of this cell but for the last. What lies further on was refused, or is of a
    /// training that is begun again: it is no reason to remove what is written now.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn write(&self, saved: &Saved) -> Result<()> {
        let Progress { epoch, batch, .. } = saved.state.progress;
        let at = [saved.walked.refits.len(), epoch, batch];
        let name = self.name(at);
        let bytes = format::to_bytes(&self.header(saved), &saved.state, &saved.walked)?;
        let written = self.checkpoints.join(&name)?.write_when(&bytes, &|| self.check());
        written.context("a checkpoint could not be written")?;
        let mut own = self.own()?;
        own.retain(|candidate| candidate.at <= at);
        own.sort_by_key(|candidate| candidate.at);
        for candidate in own.iter().rev().skip(KEPT) {
            candidate.place.remove()?;
        }
        Ok(())
    }

    /// Removes the checkpoints of this cell, which has a record or never gets one. With the `end` of its training, which was
    /// written before, also those of cells of more epochs that the end is ahead of: it stays, for them to go on from.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(crate) fn settle(&self, end: Option<Reached>) -> Result<()> {
        self.check()?;
        if let Some(end) = end {
            let name = self.name(end.at());
            let end = self.ends.join(&format!("{}{ENDING}", self.epochs))?;
            let last = self.checkpoints.join(&name)?;
            // Another process that ran the same cell may have been faster.
            if last.is_there()? {
                last.rename(&end)?;
                self.remove_nearer_ends()?;
                room::bound_ends(&self.ends)?;
            }
        }
        for candidate in self.checkpoints()? {
            let is_own = epochs_of(&candidate.place) == Some(self.epochs);
            let is_behind = end.is_some_and(|end| candidate.at <= [0, end.epoch, 0]);
            if is_own || is_behind && epochs_of(&candidate.place) > Some(self.epochs) {
                candidate.place.remove()?;
            }
        }
        self.checkpoints.remove_if_empty()
    }

    /// The name of its checkpoint that is so far.
    fn name(&self, [before, epoch, batch]: [usize; 3]) -> String {
        match before {
            0 => format!("{}-{epoch}-{batch}{ENDING}", self.epochs),
            _ => format!("{}-{before}-{epoch}-{batch}{ENDING}", self.epochs),
        }
    }

    /// One end stays: the furthest.
    fn remove_nearer_ends(&self) -> Result<()> {
        for place in self.ends.listed()? {
            let epochs = place
                .name()
                .strip_suffix(ENDING)
                .and_then(|epochs| epochs.parse::<usize>().ok());
            if epochs.is_some_and(|epochs| epochs < self.epochs) {
                place.remove()?;
            }
        }
        Ok(())
    }

    /// The checkpoints of all cells of this trail.
    fn checkpoints(&self) -> Result<Vec<Candidate>> {
        let listed = self.checkpoints.listed()?.into_iter();
        Ok(listed.filter_map(candidate).collect())
    }

    /// Those of this cell.
    fn own(&self) -> Result<Vec<Candidate>> {
        let mut all = self.checkpoints()?;
        all.retain(|candidate| epochs_of(&candidate.place) == Some(self.epochs));
        Ok(all)
    }
}

/// `EPOCHS-EPOCH-BATCH.checkpoint`, where other trainings came before `EPOCHS-BEFORE-EPOCH-BATCH.checkpoint`: epochs of the cell, and
/// trainings, epochs and batches done.
pub(super) fn numbers(name: &str) -> Option<[usize; 4]> {
    let parts = name.strip_suffix(ENDING)?.split('-').map(|part| part.parse().ok());
    match parts.collect::<Option<Vec<usize>>>()?[..] {
        [epochs, epoch, batch] => Some([epochs, 0, epoch, batch]),
        [epochs, before, epoch, batch] => Some([epochs, before, epoch, batch]),
        _ => None,
    }
}

fn candidate(place: Place) -> Option<Candidate> {
    let [_, at @ ..] = numbers(place.name())?;
    Some(Candidate { place, at })
}

fn epochs_of(place: &Place) -> Option<usize> {
    numbers(place.name()).map(|[epochs, ..]| epochs)
}
