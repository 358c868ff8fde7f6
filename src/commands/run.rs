//! `runner run PLAN CELL`: one cell in this process, for a person or a cluster job.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use candle_core::Device;
use serde_json::Value;

use super::{Exit, worker};
use crate::checkpoint::{self, News, Stopped, Tell};
use crate::claim::{self, Claims, Hold, Watch};
use crate::cli::RunArguments;
use crate::data::LastRead;
use crate::run::{self, Surroundings};
use crate::sweep::event::Event;
use crate::sweep::interrupt;
use crate::sweep::order::{Before, Settled, settled};
use crate::sweep::plan::{Frame, Plan, PlannedCell, Written};
use crate::train::EpochEnd;
use crate::{console, files};

pub(super) fn execute(arguments: &RunArguments) -> Result<Exit> {
    let Some(name) = &arguments.cell else {
        return worker::execute(arguments);
    };
    interrupt::end_on_request(i32::from(Exit::Interrupted as u8))?;
    let written = Written::read(&arguments.plan)?;
    let _held = Plan::hold(&arguments.plan)?;
    let planned = written.find(name)?;
    let frame = &written.frame;
    let device = arguments.device.unwrap_or(frame.device).open()?;
    let talk = Talk {
        quiet: arguments.quiet,
        events: false,
    };
    let results = frame.results();
    let before = Before::of_any(&planned, &results)?;
    let claims = Claims::of_results(&results)?;
    let mut has_waited = false;
    let plan = arguments.plan.file_stem().and_then(|name| name.to_str());
    let claim = claims.take(&planned.name(), plan, &mut |seen| {
        if !std::mem::replace(&mut has_waited, true) {
            console::say(&format!("waits for {}, which is computed {seen}", planned.name()));
        }
        Ok(())
    })?;
    let ran = match has_waited
        .then(|| settled(&planned, &before, &results))
        .transpose()?
        .flatten()
    {
        Some(Settled::Done) => Ok(results.record(&planned.cell.experiment, &planned.cell.id)?.to_string()),
        Some(Settled::Failed { error, .. }) => Err(anyhow!("{error}")),
        None => run(&planned, frame, &device, &LastRead::default(), claim.hold(), talk),
    };
    drop(claim);
    drop(claims.tidy(&mut Watch::default())); // what stays is cleared by the next
    match ran {
        Ok(path) => {
            if !arguments.quiet {
                console::print(&path)?;
            }
            Ok(Exit::Done)
        }
        Err(error) if error.is::<Stopped>() => {
            console::say(&error.to_string());
            Ok(Exit::Interrupted)
        }
        Err(error) => Err(error).with_context(|| format!("the cell {} failed", planned.name())),
    }
}

/// Who is told how far a cell is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Talk {
    /// Nobody who reads.
    pub quiet: bool,
    /// The sweep that started this worker.
    pub events: bool,
}

impl Talk {
    /// Into the log, and to the sweep.
    pub(super) const WORKER: Self = Self {
        quiet: false,
        events: true,
    };
}

/// Runs the cell and writes its record; gives the record's path.
pub(super) fn run(
    planned: &PlannedCell,
    frame: &Frame,
    device: &Device,
    last_read: &LastRead,
    hold: &Arc<Hold>,
    talk: Talk,
) -> Result<String> {
    let cell = &planned.cell;
    let tell = teller(talk);
    let teller = tell.clone();
    checkpoint::give_where_full(frame.cache(), move |text| teller(News::Warning(text)));
    let surroundings = Surroundings {
        data: &frame.data,
        cache: &frame.cache(),
        device,
        goes_on: !planned.begins_again,
        tell,
        hold,
        last_read,
        provenance: provenance(frame),
    };
    let ran = run::run_cell(cell, Some(&planned.data), &surroundings)?;
    let place = frame.results().record(&cell.experiment, &cell.id)?;
    files::write_json_when(&place, &ran.record, &|| hold.check())?;
    if let Some(checkpoints) = ran.checkpoints {
        checkpoints.settle();
    }
    Ok(place.to_string())
}

/// Tells a person, and the sweep that started this worker.
fn teller(talk: Talk) -> Tell {
    let Talk { quiet, events } = talk;
    Arc::new(move |news| {
        match &news {
            News::Warning(text) => console::say(&format!("warning: {text}")),
            _ if quiet => {}
            News::Epoch(end) => {
                let validation = end.validation_loss;
                let validation = validation.map_or(String::new(), |loss| format!("  validation loss {loss:.6e}"));
                let EpochEnd {
                    epoch,
                    epochs,
                    loss,
                    turn,
                    ..
                } = end;
                let refit = turn.map_or(String::new(), |turn| format!("refit {}/{}  ", turn.place + 1, turn.of));
                console::say(&format!("{refit}epoch {epoch}/{epochs}  loss {loss:.6e}{validation}"));
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
fn provenance(frame: &Frame) -> BTreeMap<String, Value> {
    let mut provenance = frame.provenance.clone();
    let mut add = |name: &str, value: Value| provenance.insert(name.to_owned(), value);
    add("runner", env!("CARGO_PKG_VERSION").into());
    add("started", claim::now().into());
    add("host", files::host().into());
    add(
        "system",
        format!("{} {}", std::env::consts::OS, std::env::consts::ARCH).into(),
    );
    add("threads", candle_core::utils::get_num_threads().into());
    provenance
}
