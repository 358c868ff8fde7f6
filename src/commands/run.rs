//! `runner run PLAN CELL`: one cell in this process. What a sweep starts for each cell, and what a cluster job runs.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Exit;
use crate::cli::RunArguments;
use crate::console;
use crate::files::{self, Unwritable};
use crate::run::{self, Surroundings};
use crate::sweep::event::Event;
use crate::sweep::plan::{Plan, PlannedCell};
use crate::sweep::worker;
use crate::train::{Diverged, EpochEnd};

pub(super) fn execute(arguments: &RunArguments) -> Result<Exit> {
    if arguments.events {
        worker::end_with_parent();
        tell_of_panics();
    }
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
        provenance: provenance(plan),
    };
    let mut on_epoch = |end: EpochEnd| {
        if !arguments.quiet {
            let validation = end
                .validation_loss
                .map_or(String::new(), |loss| format!("  validation loss {loss:.6e}"));
            console::say(&format!(
                "epoch {}/{}  loss {:.6e}{validation}",
                end.epoch, end.epochs, end.loss
            ));
        }
        if arguments.events { Event::from(end).send() } else { Ok(()) }
    };
    let record = run::run_cell(cell, Some(&planned.data), &surroundings, &mut on_epoch)?;
    let place = plan.results().record(&cell.experiment, &cell.id)?;
    files::write_json(&place, &record)?;
    Ok(place.to_string())
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
