//! Before the cells: the feature maps that they need, in a worker of their own.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::event::Event;
use super::plan::Plan;
use super::progress::Progress;
use super::running::{Patience, Silence};
use super::settings::{PATIENCE, Settings, TELL_AFTER, still_runs};
use super::worker::{News, Program, Stopped, listen};

/// How the computation of feature maps ended.
#[derive(PartialEq)]
pub(super) enum Maps {
    /// Whatever could be computed is there.
    Tried,
    /// The sweep was interrupted.
    Interrupted,
}

/// Computes the feature maps that cells need, in a worker that has all cores. Whatever goes wrong in it stands in its log, and the
/// cells that lack maps try themselves and tell; but where maps cannot be written, all of them would compute them in vain.
pub(super) fn compute_maps(
    program: &Program,
    plan: &Plan,
    path: &Path,
    settings: &Settings,
    progress: &mut Progress,
) -> Result<Maps> {
    let log = plan.cache().features_log()?;
    let mut command = program.worker(log.create()?, settings.cores());
    command.args(["features", "--events", "--"]).arg(path);
    let mut child = Stopped(command.spawn().context("failed to start the worker for feature maps")?);
    let (sender, receiver) = mpsc::channel();
    listen(child.0.stdout.take(), 0, &sender);
    let mut silence = Silence::new(Instant::now());
    let mut has_told = false;
    loop {
        if settings.requests.interrupted.load(Ordering::SeqCst) {
            return Ok(Maps::Interrupted);
        }
        match silence.patience(Instant::now(), TELL_AFTER, settings.cell_timeout) {
            Patience::Waits => {}
            Patience::Tells => progress.say(&still_runs(
                "the worker for feature maps has told of no clip",
                child.0.id(),
                settings.cell_timeout,
            )),
            Patience::Ends => {
                progress.say(&format!(
                    "the worker for feature maps told of no clip for {:?} and was ended, as `--cell-timeout` asks; the cells that \
                     lack maps try themselves (log: {log})",
                    settings.cell_timeout.unwrap_or_default()
                ));
                return Ok(Maps::Tried);
            }
        }
        match receiver.recv_timeout(PATIENCE) {
            Ok((_, News::Event(Event::Features { done, total, failed }))) => {
                silence.broken(Instant::now());
                progress.features(done, total, failed);
            }
            Ok((_, News::Event(Event::Waits { by }))) => {
                silence.broken(Instant::now());
                if !std::mem::replace(&mut has_told, true) {
                    progress.note(&format!("waits for feature maps that are computed elsewhere, {by}"));
                }
            }
            Ok((
                _,
                News::Event(Event::Failed {
                    error, unwritable: true, ..
                }),
            )) => {
                bail!("{error}\nno cell was started: the feature maps that it needs cannot be kept")
            }
            Ok((_, News::Event(_))) | Err(RecvTimeoutError::Timeout) => {}
            Ok((_, News::Closed)) | Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = child.0.wait().context("failed to wait for a worker")?;
    if !status.success() {
        progress.say(&format!(
            "not all feature maps could be computed; the cells that need them say why (log: {log})"
        ));
    }
    Ok(Maps::Tried)
}
