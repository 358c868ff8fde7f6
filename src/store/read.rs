//! Files below `results/` → records and cards, held to what they stand for.

use anyhow::Result;
use serde_json::Value;

use super::card::{self, Card};
use super::check;
use super::paths::Results;
use super::record::{self, Record};
use crate::files::{self, Broken};

impl Record {
    /// The record of one cell, held to its own invariants; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read or is of a newer format; when it is cut off or contradicts itself, which is a [`Broken`].
    pub fn read(results: &Results, experiment: &str, id: &str) -> Result<Option<Self>> {
        let place = results.record(experiment, id)?;
        let Some(mut record) = files::read_saved::<Self>(&place, record::VERSION)? else {
            return Ok(None);
        };
        check::record(&mut record).map_err(|reason| Broken::new(&place, &reason))?;
        Ok(Some(record))
    }
}

impl Card {
    /// The card of an experiment, held to what it stands for; `None` where there is none. One of an earlier format is read as
    /// what it would be now.
    ///
    /// # Errors
    /// When it cannot be read or is of a newer format; when it is cut off or another's, which is a [`Broken`].
    pub(crate) fn read(results: &Results, experiment: &str) -> Result<Option<Self>> {
        let place = results.card(experiment)?;
        let Some(saved) = files::read_saved::<Value>(&place, card::VERSION)? else {
            return Ok(None);
        };
        let card = Self::of_saved(saved).map_err(|error| Broken::new(&place, &error))?;
        check::card(&card, experiment).map_err(|reason| Broken::new(&place, &reason))?;
        Ok(Some(card))
    }
}
