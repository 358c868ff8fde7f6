//! Trainings that were cut off: saved beside their going on, found again, and gone when the record is there.
//!
//! A checkpoint holds everything that training moves ([`crate::train::State`]), so that a cell which was cut off ends in the bytes
//! of one that was not. It is bound to the cell by the digest of settings, data and versions of the code, and to its own bytes by
//! theirs; what is not both is told and passed over.

mod format; // one checkpoint as bytes
mod keeper; // goes along with a training and saves it
mod room; // what of all checkpoints can go
mod stop; // what is done on the way out
#[cfg(test)]
mod tests;
mod trail; // where the checkpoints of a cell lie
mod walked; // what the trainings before it have left

use std::sync::Arc;

pub(crate) use keeper::Keeper;
pub(crate) use room::give_where_full;
pub(crate) use stop::{Stopped, end, forget};
pub(crate) use trail::{ENDING, Trail, digests};

use crate::train::{EpochEnd, Reached};

/// What is told of a training that runs.
#[derive(Debug, Clone)]
pub(crate) enum News {
    /// An epoch ended.
    Epoch(EpochEnd),
    /// It goes on from there.
    GoesOn(Reached),
    /// It is saved there.
    Saved(Reached),
    /// What a person should know: a checkpoint was passed over, or could not be written.
    Warning(String),
}

/// Whom it is told.
pub(crate) type Tell = Arc<dyn Fn(News) + Send + Sync>;
