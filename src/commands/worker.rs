//! `runner run --events PLAN`: a worker, which runs the cells that its sweep gives it, one after the other.
//!
//! Whatever ends this process costs the one cell that it is on; no cell leaves anything behind that the next could notice.

use std::sync::Arc;

use anyhow::{Context, Result};
use candle_core::Device;

use super::Exit;
use super::run::{Talk, run};
use crate::checkpoint::{self, Stopped};
use crate::claim::{Attempt, Claims, Hold, Lost};
use crate::cli::RunArguments;
use crate::data::LastRead;
use crate::files::Unwritable;
use crate::sweep::event::Event;
use crate::sweep::interrupt;
use crate::sweep::order::{Order, Settled, settled};
use crate::sweep::outcome::keep_failure;
use crate::sweep::plan::{Frame, Plan, PlannedCell};
use crate::sweep::worker::orders;
use crate::train::Diverged;
use crate::{console, memory};

pub(super) fn execute(arguments: &RunArguments) -> Result<Exit> {
    let orders = orders();
    tell_of_panics();
    interrupt::end_on_request(i32::from(Exit::Interrupted as u8))?;
    let _held = Plan::hold(&arguments.plan)?;
    let mut lines = orders.into_iter();
    let frame = lines.next().context("the sweep that started this worker is gone")?;
    let frame: Frame = serde_json::from_str(&frame).context("the sweep's frame is none")?;
    let device = arguments.device.unwrap_or(frame.device).open()?;
    let last_read = LastRead::default();
    let claims = Claims::of_results(&frame.results())?;
    let surroundings = Worker {
        frame,
        device,
        last_read,
        claims,
        plan: arguments.plan.file_stem().and_then(|name| name.to_str()).map(str::to_owned),
    };
    for line in lines {
        let order: Order<PlannedCell> = serde_json::from_str(&line).context("the sweep's cell is none")?;
        let end = surroundings.cell(&order);
        // What this cell held as its own: its training, and memory that others may need now.
        checkpoint::forget();
        memory::give_back();
        match end {
            Ok(end) => end.send()?,
            Err(error) if error.is::<Stopped>() => {
                console::say(&error.to_string());
                return Ok(Exit::Interrupted);
            }
            Err(error) => failed(&error, None).send()?,
        }
        Event::Ready.send()?;
    }
    Ok(Exit::Done)
}

/// What the cells of a worker share.
struct Worker {
    frame: Frame,
    device: Device,
    last_read: LastRead,
    claims: Claims,
    /// The name of the plan's file.
    plan: Option<String>,
}

impl Worker {
    /// Runs one cell under a claim, with a log of its own; gives what became of it.
    fn cell(&self, order: &Order<PlannedCell>) -> Result<Event> {
        let planned = &order.planned;
        let claim = match self.claims.try_take(&planned.name(), self.plan.as_deref())? {
            Attempt::Mine(claim) => claim,
            Attempt::Held(seen) => return Ok(Event::Held { by: seen.to_string() }),
        };
        match settled(planned, &order.before, &self.frame.results())? {
            Some(Settled::Done) => return Ok(Event::Elsewhere { failure: None }),
            Some(Settled::Failed { error, log }) => {
                let failure = Some((error, log));
                return Ok(Event::Elsewhere { failure });
            }
            None => {}
        }
        match self.run(planned, claim.hold()) {
            Ok(()) => Ok(Event::Done),
            Err(error) if error.is::<Stopped>() => Err(error),
            Err(error) if error.is::<Lost>() => {
                console::say(&error.to_string());
                Ok(Event::Lost)
            }
            Err(error) => {
                // Into the log as well, which is standard error here.
                console::say(&format!("error: {error:#}"));
                let lasting = error.is::<Diverged>();
                match keep_failure(planned, &format!("{error:#}"), lasting, &self.frame, claim.hold()) {
                    Ok(log) => Ok(failed(&error, Some(log))),
                    Err(lost) if lost.is::<Lost>() => Ok(Event::Lost),
                    Err(_) => Ok(failed(&error, None)),
                }
            }
        }
    }

    fn run(&self, planned: &PlannedCell, hold: &Arc<Hold>) -> Result<()> {
        let (experiment, id) = (&planned.cell.experiment, &planned.cell.id);
        let log = self.frame.cache().log(experiment, id)?;
        console::say_into(&log.create()?).with_context(|| format!("nothing can be said into {log}"))?;
        Event::Began.send()?;
        run(planned, &self.frame, &self.device, &self.last_read, hold, Talk::WORKER)?;
        let removed = self.frame.results().failure(experiment, id)?.remove();
        if let Err(error) = removed {
            let text = format!("an earlier failure could not be removed: {error:#}");
            Event::Warning { text }.send()?;
        }
        Ok(())
    }
}

fn failed(error: &anyhow::Error, kept: Option<String>) -> Event {
    Event::Failed {
        error: format!("{error:#}"),
        lasting: error.is::<Diverged>(),
        unwritable: error.is::<Unwritable>(),
        kept,
    }
}

/// Tells the sweep of a panic when it happens: what the runtime writes into the log after it may hide it.
fn tell_of_panics() {
    let write = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        write(panic);
        let message = panic.payload_as_str().unwrap_or("no message");
        let place = panic.location().map(|at| format!(" at {at}"));
        let told = Event::Failed {
            error: format!("the worker panicked{}: {message}", place.unwrap_or_default()),
            lasting: false,
            unwritable: false,
            kept: None,
        };
        // The log has it too.
        drop(told.send());
    }));
}
