//! What is made of the news of a worker, and of its silence.

use std::time::{Duration, Instant};

use super::event::Event;
use super::order::Settled;
use super::progress::Progress;
use super::running::{End, Patience, Running, Told};
use super::settings::{TELL_AFTER, still_runs};
use super::worker::{News, Worker};
use crate::train::Reached;

/// Tells of a worker that has said nothing for long, and ends one that was given no longer.
pub(super) fn watch(worker: &mut Worker, timeout: Option<Duration>, progress: &mut Progress) {
    let Some(running) = &mut worker.running else { return };
    match running.silence.patience(Instant::now(), TELL_AFTER, timeout) {
        Patience::Waits => {}
        Patience::Tells => progress.say(&still_runs(
            &format!("{} has told of no epoch", running.planned.name()),
            worker.child.id(),
            timeout,
        )),
        Patience::Ends => {
            running.end = Some(End::Failed(Told::passing(format!(
                "it told of no epoch for {:?} and was ended, as `--cell-timeout` asks",
                timeout.unwrap_or_default()
            ))));
            worker.closed = true;
            // One that has ended by itself meanwhile has its record or its failure all the same.
            drop(worker.child.kill());
        }
    }
}

/// Takes note of what a worker says.
pub(super) fn take_note(worker: &mut Worker, news: News, progress: &mut Progress) {
    let event = match news {
        News::Event(event) => event,
        News::Closed => {
            worker.closed = true;
            return;
        }
    };
    let Some(running) = &mut worker.running else { return };
    // To be saved is no news of an epoch.
    if !matches!(event, Event::Saved { .. } | Event::Warning { .. }) {
        running.silence.broken(Instant::now());
    }
    note_event(running, event, progress);
}

fn note_event(running: &mut Running, event: Event, progress: &mut Progress) {
    let name = || running.planned.name();
    match event {
        Event::Began => {
            progress.started(&name());
            running.has_begun = true;
        }
        Event::Epoch {
            epoch,
            epochs,
            loss,
            validation_loss,
            turn,
        } => {
            let reached = Reached {
                epoch,
                batch: 0,
                is_done: epoch == epochs,
                epochs,
                turn,
            };
            progress.epoch(&name(), reached, loss, validation_loss);
            running.has_reached(reached);
        }
        Event::GoesOn { reached } => {
            progress.goes_on(&name(), reached);
            running.has_reached(reached);
            running.saved = Some(reached);
        }
        Event::Saved { reached } => {
            running.has_reached(reached);
            running.saved = Some(reached);
        }
        Event::Warning { text } => progress.say(&format!("warning: {}: {text}", name())),
        Event::Failed {
            error,
            lasting,
            unwritable,
            kept,
        } => {
            running.end = Some(End::Failed(Told {
                error,
                lasting,
                unwritable,
                kept,
            }));
        }
        Event::Done => running.end = Some(End::Done),
        Event::Held { .. } => running.end = Some(End::Held),
        Event::Lost => running.end = Some(End::Lost),
        Event::Elsewhere { failure } => {
            let failed = |(error, log)| Settled::Failed { error, log };
            running.end = Some(End::Elsewhere(failure.map_or(Settled::Done, failed)));
        }
        Event::Ready => running.is_over = true,
        Event::Features { .. } | Event::Waits { .. } => {}
    }
}
