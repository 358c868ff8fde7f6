//! The checkpoints of the cells that a command looks at: where a training goes on, and what is left of those that are done.

use anyhow::Result;

use super::survey::{Seen, Survey};
use crate::checkpoint::Trail;
use crate::cli::Places;
use crate::store::paths::Cache;
use crate::store::record::Key;
use crate::sweep::state::State;
use crate::train::Reached;

/// The trails of an experiment's cells.
pub(super) struct Trails<'a> {
    survey: &'a Survey,
    is_cuda: bool,
    cache: Cache,
    /// Whether no training at all has left a checkpoint: then no cell is asked, which costs its key.
    is_empty: bool,
}

impl<'a> Trails<'a> {
    /// Those in the cache as it is now.
    ///
    /// # Errors
    /// When the cache's path is none, or it cannot be listed.
    pub(super) fn of(survey: &'a Survey, places: &Places) -> Result<Self> {
        let cache = Cache(places.cache.clone());
        let is_empty = cache.checkpoints_folder()?.listed()?.is_empty() && cache.ends_folder()?.listed()?.is_empty();
        Ok(Self {
            survey,
            is_cuda: places.device.is_cuda(),
            cache,
            is_empty,
        })
    }

    /// Where the training of a cell that may run goes on, where it was cut off or a cell of fewer epochs has left its end: its
    /// checkpoints are read for that.
    ///
    /// # Errors
    /// When the cache's path is none.
    pub(super) fn goes_on(&self, seen: &Seen) -> Result<Option<Reached>> {
        let may_run = matches!(
            seen.state,
            State::Missing | State::Stale(_) | State::Broken(_) | State::Failed(_)
        );
        let trail = if may_run { self.trail(seen)? } else { None };
        Ok(trail.and_then(|trail| trail.reached()))
    }

    /// The state of a cell, and where its training goes on: `missing; goes on in epoch 55 of 400`.
    ///
    /// # Errors
    /// As [`Trails::goes_on`].
    pub(super) fn in_words(&self, seen: &Seen) -> Result<String> {
        let goes_on = self.goes_on(seen)?;
        let goes_on = goes_on.map(|reached| format!("; goes on {reached}"));
        Ok(format!("{}{}", seen.state, goes_on.unwrap_or_default()))
    }

    /// Removes the checkpoints of cells that are done: of those that were cut off between their record and this.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn settle(&self, cells: &[&Seen]) -> Result<()> {
        let done = cells.iter().filter(|seen| matches!(seen.state, State::Done(_)));
        for seen in done {
            if let Some(trail) = self.trail(seen)? {
                trail.settle(None)?;
            }
        }
        Ok(())
    }

    /// That of a cell whose data are here and which is trained.
    fn trail(&self, seen: &Seen) -> Result<Option<Trail>> {
        let data = self.survey.data.of(&seen.cell.data);
        match data.digests().filter(|_| !self.is_empty) {
            Some(digests) => Trail::of(seen.cell, &Key::of(seen.cell, digests), self.is_cuda, &self.cache),
            None => Ok(None),
        }
    }
}
