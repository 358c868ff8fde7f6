//! Records that cells under another name wait for: the next sweep takes them over, so they stay.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::{Findings, Item, Kind};
use crate::files::Place;
use crate::language::Experiment;
use crate::language::cell::Cell;
use crate::store::paths::Results;
use crate::store::record::{Key, Record};
use crate::sweep::data::DataBook;
use crate::sweep::takeover;

/// Takes what cells wait for out of what can go; with it all of an experiment that has no file.
///
/// # Errors
/// When the results cannot be listed.
pub(super) fn keep(experiments: &[Experiment], book: &DataBook, results: &Results, findings: &mut Findings) -> Result<()> {
    let lacks = |cell: &&Cell| match Record::read(results, &cell.experiment, &cell.id) {
        Ok(Some(record)) => !Key::changes_since(cell, book.of(&cell.data).digests(), &record).is_empty(),
        Ok(None) | Err(_) => true,
    };
    let cells = experiments.iter().flat_map(|experiment| &experiment.cells);
    let lacking: Vec<&Cell> = cells.filter(lacks).collect();
    let takings = takeover::find(lacking.iter().copied(), experiments, book, &BTreeMap::new(), results)?;
    let sources = takings
        .iter()
        .map(|taking| results.record(&taking.source.0, &taking.source.1));
    let sources: BTreeSet<Place> = sources.collect::<Result<_>>()?;
    // Of cells whose data are not here nobody can tell which record is theirs.
    let unknown = lacking.into_iter().filter(|cell| book.of(&cell.data).digests().is_none());
    let settings: BTreeSet<String> = unknown.map(Key::settings_of).collect();
    let is_awaited = |item: &Item| {
        let may_be = || {
            let (id, cells) = (item.place.name().strip_suffix(".json"), item.place.folder());
            let record = Record::read(results, cells.folder().name(), id?).ok()??;
            Some(settings.contains(&record.key.configuration))
        };
        let is_record = item.place.folder().name() == "cells";
        is_record && (sources.contains(&item.place) || may_be() == Some(true))
    };
    let mut kept: Vec<String> = Vec::new();
    if let Some(items) = findings.removable.get_mut(&Kind::Record) {
        items.retain(|item| {
            let is_awaited = is_awaited(item);
            kept.extend(is_awaited.then(|| item.place.to_string()));
            !is_awaited
        });
    }
    if let Some(items) = findings.removable.get_mut(&Kind::Experiment) {
        let awaited: Vec<&Item> = items.iter().filter(|item| is_awaited(item)).collect();
        kept.extend(awaited.iter().map(|item| item.place.to_string()));
        let needed: BTreeSet<Place> = (awaited.iter()).map(|item| item.place.folder().folder()).collect();
        let is_below = |item: &Item| {
            let path = item.place.path();
            needed.iter().any(|folder| path.starts_with(folder.path()))
        };
        items.retain(|item| !is_below(item));
        findings.gone.retain(|name| needed.iter().all(|folder| folder.name() != name));
    }
    findings.removable.retain(|_, items| !items.is_empty());
    let told = match &kept[..] {
        [] => return Ok(()),
        [one] => one.clone(),
        [first, more @ ..] => format!("{first} and {} more", more.len()),
    };
    let reason = "a cell of another name has those settings; `runner sweep` takes the record over";
    findings.kept.push(format!("{told}: {reason}"));
    Ok(())
}
