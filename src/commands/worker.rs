//! `runner run --events PLAN`: a worker, which runs the cells that its sweep gives it, one after the other.
//!
//! Whatever ends this process costs the one cell that it is on; no cell leaves anything behind that the next could notice.

use anyhow::{Context, Result};
use candle_core::Device;

use super::Exit;
use super::run::{Talk, run};
use crate::checkpoint::{self, Stopped};
use crate::cli::RunArguments;
use crate::data::LastRead;
use crate::files::Unwritable;
use crate::sweep::event::Event;
use crate::sweep::interrupt;
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
    for line in lines {
        let planned: PlannedCell = serde_json::from_str(&line).context("the sweep's cell is none")?;
        let ran = cell(&planned, &frame, &device, &last_read);
        // What this cell held as its own: its training, and memory that others may need now.
        checkpoint::forget();
        memory::give_back();
        match ran {
            Ok(()) => Event::Done.send()?,
            Err(error) if error.is::<Stopped>() => {
                console::say(&error.to_string());
                return Ok(Exit::Interrupted);
            }
            Err(error) => {
                // Into the log as well, which is standard error here.
                console::say(&format!("error: {error:#}"));
                Event::Failed {
                    error: format!("{error:#}"),
                    lasting: error.is::<Diverged>(),
                    unwritable: error.is::<Unwritable>(),
                }
                .send()?;
            }
        }
        Event::Ready.send()?;
    }
    Ok(Exit::Done)
}

/// Runs one cell, with a log of its own.
fn cell(planned: &PlannedCell, frame: &Frame, device: &Device, last_read: &LastRead) -> Result<()> {
    let log = frame.cache().log(&planned.cell.experiment, &planned.cell.id)?;
    console::say_into(&log.create()?).with_context(|| format!("nothing can be said into {log}"))?;
    Event::Began.send()?;
    run(planned, frame, device, last_read, Talk::WORKER).map(drop)
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
        };
        // The log has it too.
        drop(told.send());
    }));
}
