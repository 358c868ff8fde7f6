//! What of a cell is there already and from where, and what the next sweep does.

use anyhow::Result;
use serde::Serialize;

use super::Asked;
use crate::checkpoint::Trail;
use crate::console::counted;
use crate::store::record::Key;
use crate::sweep::state::State;
use crate::train::{Reached, Turn};

/// Something that is there already.
#[derive(Debug, Serialize)]
pub(super) struct Reused {
    /// What it is, as "feature maps".
    pub what: &'static str,
    /// Where it lies.
    pub path: String,
    /// How much of it, or how it is used.
    pub how: String,
}

/// What the next sweep does with a cell.
#[derive(Debug, Serialize)]
pub(super) struct Next {
    /// Whether it computes anything.
    pub runs: bool,
    /// What, or why nothing.
    pub does: Vec<String>,
}

/// What is reused for a cell, and what the next sweep does.
///
/// # Errors
/// When the cache cannot be looked at.
pub(super) fn of(asked: &Asked) -> Result<(Vec<Reused>, Next)> {
    let (cell, state) = (asked.cell, asked.state);
    let idle = |does: &str| Next {
        runs: false,
        does: vec![does.to_owned()],
    };
    if let Some(taking) = asked.taking {
        let (experiment, id) = &taking.source;
        let reused = Reused {
            what: "record",
            path: asked.results.record(experiment, id)?.to_string(),
            how: format!("of {experiment}/{id}, which is the same cell under another name"),
        };
        let does = match taking.stays {
            true => "copies the record and computes nothing",
            false => "gives the record this name and computes nothing",
        };
        return Ok((vec![reused], idle(does)));
    }
    let next = match state {
        State::Done(_) | State::DoneUnchecked(_) => {
            let reused = Reused {
                what: "record",
                path: asked.results.record(&cell.experiment, &cell.id)?.to_string(),
                how: "as it is".to_owned(),
            };
            let does = match state {
                State::Done(_) => "nothing: the record is valid (`--force` runs it again)",
                _ => "nothing: the record is valid as far as can be told without the data",
            };
            return Ok((vec![reused], idle(does)));
        }
        State::Failed(failure) if failure.lasting => {
            Some("nothing: these very settings would fail again (`--retry-failed` tries them)")
        }
        State::Wrong(_) => Some("nothing: it cannot run before that is put right"),
        State::Blocked(_) => Some("nothing: it waits for what is not here"),
        State::Skipped => Some("nothing: it needs a CUDA device (`--device cpu` runs it all the same)"),
        State::Missing | State::Stale(_) | State::Broken(_) | State::Failed(_) if asked.running.is_some() => {
            Some("waits for the record of the runner that has it, and computes it should that one end without")
        }
        State::Missing | State::Stale(_) | State::Broken(_) | State::Failed(_) => None,
    };
    let (mut reused, mut does) = (Vec::new(), Vec::new());
    weights(asked, &mut reused)?;
    maps(asked, &mut reused, &mut does)?;
    training(asked, &mut reused, &mut does)?;
    Ok(match next {
        Some(why_not) => (reused, idle(why_not)),
        None => (reused, Next { runs: true, does }),
    })
}

/// Weights of a frozen network.
fn weights(asked: &Asked, reused: &mut Vec<Reused>) -> Result<()> {
    if let Some(path) = asked.cell.data.weights_file(asked.folders)?
        && path.is_file()
    {
        reused.push(Reused {
            what: "pretrained weights",
            path: path.display().to_string(),
            how: "of the frozen network".to_owned(),
        });
    }
    Ok(())
}

/// Feature maps, of which some may be there.
fn maps(asked: &Asked, reused: &mut Vec<Reused>, does: &mut Vec<String>) -> Result<()> {
    let data = &asked.cell.data;
    // Of data that are not enough nothing is known.
    let is_ready = asked.data.of(data).digests().is_some();
    let Some((raw, _)) = asked.data.raw(data).filter(|_| is_ready) else {
        return Ok(());
    };
    let Some(mut pass) = data.pass(raw, asked.folders)? else {
        return Ok(());
    };
    let all = pass.len();
    let mut folders: Vec<String> = pass.files().map(|file| file.place.folder().to_string()).collect();
    folders.dedup();
    pass.retain_missing(|_| true)?;
    let lacking = pass.len();
    if lacking < all {
        reused.push(Reused {
            what: "feature maps",
            path: folders.join(", "),
            how: format!("{} of {all}", all - lacking),
        });
    }
    if lacking > 0 {
        does.push(format!("computes {}", counted(lacking, "feature map")));
    }
    Ok(())
}

/// What an earlier training has left to go on from.
fn training(asked: &Asked, reused: &mut Vec<Reused>, does: &mut Vec<String>) -> Result<()> {
    let cell = asked.cell;
    let Some(train) = &cell.train else {
        does.push("computes the predictions of a model that trains nothing".to_owned());
        return Ok(());
    };
    let trail = match asked.data.of(&cell.data).digests() {
        Some(digests) => Trail::of(cell, &Key::of(cell, digests), asked.device.is_cuda(), asked.cache)?,
        None => None,
    };
    let epochs = train.epochs;
    let Some((place, reached)) = trail.and_then(|trail| trail.found()) else {
        does.push(match cell.data.trainings() {
            1 => format!("trains {}", counted(epochs, "epoch")),
            trainings => format!("trains {trainings} times, {} each", counted(epochs, "epoch")),
        });
        return Ok(());
    };
    let Reached { epoch, turn, .. } = reached;
    let is_end = place.folder().folder() == asked.cache.ends_folder()?;
    reused.push(Reused {
        what: if is_end { "last weights" } else { "checkpoint" },
        path: place.to_string(),
        how: match is_end {
            true => format!("of the same training with {}", counted(epoch, "epoch")),
            false => format!("{reached}"),
        },
    });
    if let Some(turn) = turn.filter(|_| !reached.is_all()) {
        let Turn { place, of } = turn;
        does.push(match reached.is_done {
            true => format!("trains refits {} to {of}", place + 2),
            false => format!(
                "trains refits {} to {of}, the first of them from epoch {} on",
                place + 1,
                epoch + 1
            ),
        });
        return Ok(());
    }
    does.push(match reached.is_done {
        true => "trains no further epoch, and computes the predictions".to_owned(),
        false if epoch + 1 == epochs => format!("trains epoch {epochs} of {epochs}"),
        false => format!("trains epochs {} to {epochs}", epoch + 1),
    });
    Ok(())
}
