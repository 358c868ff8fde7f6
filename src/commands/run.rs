//! `runner run PLAN CELL`: one cell in this process. What a sweep starts for each cell, and what a cluster job runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Exit;
use crate::checkpoint::{News, Stopped, Tell};
use crate::cli::RunArguments;
use crate::console;
use crate::files::{self, Unwritable};
use crate::run::{self, Surroundings};
use crate::sweep::event::Event;
use crate::sweep::plan::{Plan, PlannedCell};
use crate::sweep::{interrupt, worker};
use crate::train::{Diverged, EpochEnd};

pub(super) fn execute(arguments: &RunArguments) -> Result<Exit> {
    if arguments.events {
        worker::end_with_parent();
        tell_of_panics();
    }
    interrupt::end_on_request(i32::from(Exit::Interrupted as u8))?;
    let plan = Plan::load(&arguments.plan)?;
    let _held = Plan::hold(&arguments.plan)?;
    let planned = plan.find(&arguments.cell)?;
    match run(&plan, planned, arguments) {
        Ok(path) => {
            if arguments.events {
                Event::Done.send()?;
            } else if !arguments.quiet {
                console::print(&path)?;
            }
            Ok(Exit::Done)
        }
        Err(error) if error.is::<Stopped>() => {
            console::say(&error.to_string());
            Ok(Exit::Interrupted)
        }
        Err(error) if arguments.events => {
            // Into the log as well, which is standard error here.
            console::say(&format!("error: {error:#}"));
            Event::Failed {
                error: format!("{error:#}"),
                lasting: error.is::<Diverged>(),
                unwritable: error.is::<Unwritable>(),
            }
            .send()?;
            Ok(Exit::Failed)
        }
        Err(error) => Err(error).with_context(|| format!("the cell {} failed", planned.name())),
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
        };
        // The log has it too.
        drop(told.send());
    }));
}

/// Runs the cell and writes its record; gives the record's path.
fn run(plan: &Plan, planned: &PlannedCell, arguments: &RunArguments) -> Result<String> {
    let cell = &planned.cell;
    let device = arguments.device.unwrap_or(plan.device).open()?;
    let surroundings = Surroundings {
        data: &plan.data,
        cache: &plan.cache(),
        device: &device,
        goes_on: !planned.begins_again,
        tell: teller(arguments),
        provenance: provenance(plan),
    };
    let ran = run::run_cell(cell, Some(&planned.data), &surroundings)?;
    let place = plan.results().record(&cell.experiment, &cell.id)?;
    files::write_json(&place, &ran.record)?;
    if let Some(checkpoints) = ran.checkpoints {
        checkpoints.settle();
    }
    Ok(place.to_string())
}

/// Tells a person, and the sweep that started this worker.
fn teller(arguments: &RunArguments) -> Tell {
    let (quiet, events) = (arguments.quiet, arguments.events);
    Arc::new(move |news| {
        match &news {
            News::Warning(text) => console::say(&format!("warning: {text}")),
            _ if quiet => {}
            News::Epoch(end) => {
                let validation = end.validation_loss;
                let validation = validation.map_or(String::new(), |loss| format!("  validation loss {loss:.6e}"));
                let EpochEnd { epoch, epochs, loss, .. } = end;
                console::say(&format!("epoch {epoch}/{epochs}  loss {loss:.6e}{validation}"));
            }
            News::GoesOn(reached) => console::say(&format!("goes on {reached}")),
            News::Saved(reached) => console::say(&format!("saved {reached}")),
        }
        if events {
            // Where nobody listens any more, the end of the pipe to this process ends it.
            drop(Event::from(news).send());
        }
    })
}

/// What may differ between two equal runs, as far as it is known before the run.
fn provenance(plan: &Plan) -> BTreeMap<String, Value> {
    let mut provenance = plan.provenance.clone();
    let mut add = |name: &str, value: Value| provenance.insert(name.to_owned(), value);
    add("runner", env!("CARGO_PKG_VERSION").into());
    add(
        "started",
        jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into(),
    );
    add("host", host().into());
    add(
        "system",
        format!("{} {}", std::env::consts::OS, std::env::consts::ARCH).into(),
    );
    add("threads", candle_core::utils::get_num_threads().into());
    provenance
}

/// The name of this machine; "unknown" where the system does not tell.
fn host() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    told.or_else(|| std::env::var("HOSTNAME").ok())
        .map_or("unknown".to_owned(), |name| name.trim().to_owned())
}
