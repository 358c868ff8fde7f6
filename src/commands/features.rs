//! `runner features PLAN`: the feature maps that the cells of a frozen plan need. What a sweep starts before its cells.

use anyhow::Result;

use super::Exit;
use crate::checkpoint;
use crate::claim::{Claims, Watch};
use crate::cli::FeaturesArguments;
use crate::console::{self, counted};
use crate::files::Unwritable;
use crate::sweep::event::Event;
use crate::sweep::features;
use crate::sweep::plan::Plan;
use crate::sweep::worker;

pub(super) fn execute(arguments: &FeaturesArguments) -> Result<Exit> {
    if arguments.events {
        drop(worker::orders());
    }
    let plan = Plan::load(&arguments.plan)?;
    let _held = Plan::hold(&arguments.plan)?;
    checkpoint::give_where_full(plan.cache(), |text| console::say(&format!("warning: {text}")));
    let folders = plan.cache().folders(&plan.frame.data);
    let device = arguments.device.unwrap_or(plan.frame.device).open()?;
    // One process at a time: who waited finds what the one before has computed.
    let claims = Claims::of_cache(&plan.cache())?;
    let mut has_told = false;
    let claim = claims.take("feature maps", None, &mut |seen| {
        if arguments.events {
            return Event::Waits { by: seen.to_string() }.send();
        }
        if !std::mem::replace(&mut has_told, true) && !arguments.quiet {
            console::say(&format!("waits for feature maps that are computed {seen}"));
        }
        Ok(())
    })?;
    let passes = features::missing(&plan, &folders)?;
    let mut failed = 0;
    let ran = features::run(&passes, &folders, &device, &mut |progress| {
        if let Some(error) = progress.error {
            failed += 1;
            console::say(&format!("error: {error:#}"));
        }
        let (done, total) = (progress.done, progress.total);
        if arguments.events {
            return Event::Features { done, total, failed }.send();
        }
        if !arguments.quiet && (done.is_multiple_of(50) || done == total) {
            console::say(&format!("{done} of {}", counted(total, "clip")));
        }
        Ok(())
    });
    drop(claim);
    drop(claims.tidy(&mut Watch::default())); // what stays is cleared by the next
    if let Err(error) = &ran
        && arguments.events
    {
        Event::Failed {
            error: format!("{error:#}"),
            lasting: false,
            unwritable: error.is::<Unwritable>(),
            kept: None,
        }
        .send()?;
    }
    ran?;
    Ok(if failed > 0 { Exit::Failed } else { Exit::Done })
}
