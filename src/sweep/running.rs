//! A cell in a worker: what was heard of it, and for how long nothing was.

use std::time::{Duration, Instant};

use super::order::{Before, Settled};
use super::plan::PlannedCell;
use crate::train::Reached;

/// A cell that a worker was given.
pub(super) struct Running<'a> {
    pub(super) planned: &'a PlannedCell,
    /// What lay there of it when the sweep began.
    pub(super) before: Before,
    /// Whether the worker has begun it.
    pub(super) has_begun: bool,
    /// What the worker says became of it.
    pub(super) end: Option<End>,
    /// Whether the worker takes another.
    pub(super) is_over: bool,
    /// How far its training is, as far as it has told.
    reached: Option<Reached>,
    /// Where its training would go on if it ended now.
    pub(super) saved: Option<Reached>,
    pub(super) silence: Silence,
}

/// What a worker says became of a cell.
pub(super) enum End {
    /// It has a record.
    Done,
    /// Another runner has it.
    Held,
    /// Another runner has taken it over.
    Lost,
    /// Another runner has brought it to its end.
    Elsewhere(Settled),
    /// It failed.
    Failed(Told),
}

/// A failure, as it is told.
pub(super) struct Told {
    pub(super) error: String,
    /// Whether the cell would fail the same way again.
    pub(super) lasting: bool,
    /// Whether it failed because a file could not be written: others will fail like that.
    pub(super) unwritable: bool,
    /// The path of the log, where the failure is kept already.
    pub(super) kept: Option<String>,
}

impl Told {
    /// One that the surroundings have made: the next try may go well.
    pub(super) fn passing(error: String) -> Self {
        Self {
            error,
            lasting: false,
            unwritable: false,
            kept: None,
        }
    }
}

impl<'a> Running<'a> {
    pub(super) fn new(planned: &'a PlannedCell, before: Before) -> Self {
        Self {
            planned,
            before,
            has_begun: false,
            end: None,
            is_over: false,
            reached: None,
            saved: None,
            silence: Silence::new(Instant::now()),
        }
    }

    /// What becomes of its training when it is cut off now: `in epoch 55 of 400, goes on there`. A cell that `has_record` was to be
    /// made again, and is done as before.
    pub(super) fn is_cut_off(&self, has_record: bool) -> String {
        let before = || "before its first epoch was done".to_owned();
        match (self.reached, self.saved) {
            (reached, _) if has_record && self.planned.begins_again => {
                let place = reached.map_or_else(before, |reached| reached.to_string());
                format!("{place}, has its earlier record; `--force` begins again")
            }
            (Some(reached), Some(saved)) if reached.at()[..2] == saved.at()[..2] => format!("{saved}, goes on there"),
            (Some(reached), Some(saved)) => format!("{reached}, goes on {saved}"),
            (Some(reached), None) => format!("{reached}, begins again"),
            (None, _) => format!("{}, begins again", before()),
        }
    }

    /// Takes note of how far it is.
    pub(super) fn has_reached(&mut self, reached: Reached) {
        let is_further = |before: Reached| reached.at() >= before.at();
        if self.reached.is_none_or(is_further) {
            self.reached = Some(reached);
        }
    }
}

/// How long a worker has said nothing.
pub(super) struct Silence {
    heard: Instant,
    told: bool,
}

/// What is to be done about a worker that says nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Patience {
    /// Nothing yet.
    Waits,
    /// A person should know; once for each silence.
    Tells,
    /// It was given so long and no longer.
    Ends,
}

impl Silence {
    /// Begins now.
    pub(super) fn new(now: Instant) -> Self {
        Self { heard: now, told: false }
    }

    /// It has said something.
    pub(super) fn broken(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    /// What is to be done at `now`, where a person is told after `tell` and the worker is ended after `end`.
    pub(super) fn patience(&mut self, now: Instant, tell: Duration, end: Option<Duration>) -> Patience {
        let silent = now.saturating_duration_since(self.heard);
        if end.is_some_and(|end| silent >= end) {
            Patience::Ends
        } else if silent >= tell && !self.told {
            self.told = true;
            Patience::Tells
        } else {
            Patience::Waits
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_is_told_once_and_ended_where_that_is_asked_for() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let (tell, end) = (Duration::from_secs(10), Some(Duration::from_secs(30)));
        let mut silence = Silence::new(start);
        assert_eq!(silence.patience(at(9), tell, end), Patience::Waits);
        assert_eq!(silence.patience(at(10), tell, end), Patience::Tells);
        assert_eq!(silence.patience(at(29), tell, end), Patience::Waits);
        assert_eq!(silence.patience(at(30), tell, end), Patience::Ends);
        assert_eq!(silence.patience(at(3000), tell, None), Patience::Waits);
        silence.broken(at(40));
        assert_eq!(silence.patience(at(49), tell, end), Patience::Waits);
        assert_eq!(silence.patience(at(50), tell, end), Patience::Tells);
    }
}
