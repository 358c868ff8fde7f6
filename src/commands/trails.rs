//! What the cells that a command looks at have left: where a training goes on, why there is no record, or where it is.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use super::survey::{Seen, Survey};
use crate::checkpoint::Trail;
use crate::claim::{Owner, Running};
use crate::cli::Places;
use crate::store::paths::{Cache, Results};
use crate::store::record::{Key, Record};
use crate::sweep::state::State;
use crate::sweep::takeover::{Name, Taking};
use crate::sweep::traces::Traces;
use crate::train::Reached;

/// The trails of an experiment's cells.
pub(super) struct Trails<'a> {
    survey: &'a Survey,
    is_cuda: bool,
    cache: Cache,
    traces: Traces,
    /// The records that lie under another name, by their cells.
    takings: BTreeMap<&'a Name, &'a Taking>,
    /// Who runs cells at this moment, by `EXPERIMENT/ID`.
    running: BTreeMap<String, Owner>,
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
        let results = Results(places.results.clone());
        let is_empty = cache.checkpoints_folder()?.listed()?.is_empty() && cache.ends_folder()?.listed()?.is_empty();
        Ok(Self {
            survey,
            is_cuda: places.device.is_cuda(),
            traces: Traces::of(&survey.experiments, &results, &cache)?,
            takings: BTreeMap::new(),
            running: BTreeMap::new(),
            cache,
            is_empty,
        })
    }

    /// The same, where it is known which records lie under another name.
    pub(super) fn taking_over(mut self, takings: &'a [Taking]) -> Self {
        self.takings = takings.iter().map(|taking| (&taking.cell, taking)).collect();
        self
    }

    /// The same, where it is known which cells are `running`, by `EXPERIMENT/ID`.
    pub(super) fn beside(mut self, running: BTreeMap<String, Owner>) -> Self {
        self.running = running;
        self
    }

    /// Who runs a cell at this moment.
    pub(super) fn running(&self, seen: &Seen) -> Option<Running> {
        let name = format!("{}/{}", seen.cell.experiment, seen.cell.id);
        self.running.get(&name).map(Owner::running)
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

    /// The state of a cell with its reason, where its training goes on, or who runs it: `missing; goes on in epoch 55 of 400`,
    /// `missing; running by HOST, process 1234`.
    ///
    /// # Errors
    /// As [`Trails::goes_on`].
    pub(super) fn in_words(&self, seen: &Seen) -> Result<String> {
        let goes_on = self.goes_on(seen)?;
        self.told(seen, goes_on)
    }

    /// The same for a program that reads it.
    ///
    /// # Errors
    /// As [`Trails::goes_on`].
    pub(super) fn as_json(&self, seen: &Seen) -> Result<Value> {
        let record = seen.state.record();
        let name = |(experiment, id): &Name| json!({ "experiment": experiment, "id": id });
        let mut row = json!({
            "experiment": seen.cell.experiment,
            "id": seen.cell.id,
            "state": seen.state.name(),
            "reason": self.told(seen, None)?,
            "metrics": record.map(|record| &record.metrics),
            "goes_on": self.goes_on(seen)?,
            "record": self.taking(seen).map(|taking| name(&taking.source)),
            "taken_from": record.map(Record::taken_from).unwrap_or_default(),
        });
        if let Some(running) = self.running(seen) {
            row["running"] = json!(running);
        }
        Ok(row)
    }

    fn told(&self, seen: &Seen, goes_on: Option<Reached>) -> Result<String> {
        let state = &seen.state;
        // What is left of it is that runner's, and says nothing of why it has no record.
        if let Some(running) = self.running(seen) {
            return Ok(format!("{state}; running {running}"));
        }
        if let Some(taking) = self.taking(seen) {
            let (experiment, id) = &taking.source;
            let joint = if *state == State::Missing { ": its" } else { "; a valid" };
            return Ok(format!("{state}{joint} record lies under another name, {experiment}/{id}"));
        }
        if let Some(goes_on) = goes_on {
            return Ok(format!("{state}; goes on {goes_on}"));
        }
        let digests = self.survey.data.of(&seen.cell.data).digests();
        Ok(match (state, digests) {
            (State::Missing, Some(digests)) => format!("{state}: {}", self.traces.why(seen.cell, digests)?),
            (State::Done(record) | State::DoneUnchecked(record), _) => match record.taken_from().last() {
                Some(name) => format!("{state}; taken from {name}"),
                None => state.to_string(),
            },
            _ => state.to_string(),
        })
    }

    fn taking(&self, seen: &Seen) -> Option<&Taking> {
        if self.takings.is_empty() {
            return None;
        }
        let name = (seen.cell.experiment.clone(), seen.cell.id.clone());
        self.takings.get(&name).copied()
    }

    /// Removes the checkpoints of cells that are done: of those that were cut off between their record and this. What is `running` is
    /// made again by another runner.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn settle(&self, cells: &[&Seen], running: &BTreeMap<String, Owner>) -> Result<()> {
        if self.is_empty {
            return Ok(());
        }
        let done = cells.iter().filter(|seen| matches!(seen.state, State::Done(_)));
        for seen in done {
            if let Some(trail) = self.trail(seen)?
                && !running.contains_key(&format!("{}/{}", seen.cell.experiment, seen.cell.id))
            {
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
