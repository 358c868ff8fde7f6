//! A cell in a worker: what was heard of it, and for how long nothing was.

use std::time::{Duration, Instant};

use super::plan::PlannedCell;
use crate::train::Reached;

/// A cell that a worker was given.
pub(super) struct Running<'a> {
    pub(super) planned: &'a PlannedCell,
    /// Whether the worker has begun it.
    pub(super) has_begun: bool,
    /// Whether the worker says that it is done.
    pub(super) is_done: bool,
    /// Whether the worker takes another.
    pub(super) is_over: bool,
    /// What it gave as the reason for its failure.
    pub(super) failure: Option<Told>,
    /// How far its training is, as far as it has told.
    reached: Option<Reached>,
    /// Where its training would go on if it ended now.
    pub(super) saved: Option<Reached>,
    pub(super) silence: Silence,
}

/// A failure that a worker told of itself.
pub(super) struct Told {
    pub(super) error: String,
    /// Whether the cell would fail the same way again.
    pub(super) lasting: bool,
    /// Whether it failed because a file could not be written: others will fail like that.
    pub(super) unwritable: bool,
}

impl<'a> Running<'a> {
    pub(super) fn new(planned: &'a PlannedCell) -> Self {
        Self {
            planned,
            has_begun: false,
            is_done: false,
            is_over: false,
            failure: None,
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
            (Some(reached), Some(saved)) if reached.epoch == saved.epoch => format!("{saved}, goes on there"),
            (Some(reached), Some(saved)) => format!("{reached}, goes on {saved}"),
            (Some(reached), None) => format!("{reached}, begins again"),
            (None, _) => format!("{}, begins again", before()),
        }
    }

    /// Takes note of how far it is.
    pub(super) fn has_reached(&mut self, reached: Reached) {
        let is_further = |before: Reached| (reached.epoch, reached.batch) >= (before.epoch, before.batch);
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
