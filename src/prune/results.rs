//! The results: records, failures and pictures of no cell, and experiments that no file has.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::folder::{Entry, What, entries};
use super::{Findings, Item, Kind};
use crate::files::{self, Place};
use crate::store::beside;
use crate::store::card::{Card, MOST_MEDIA_BYTES};
use crate::store::paths::{CLAIMS, REPORT, Results};
use crate::store::record::Record;
use crate::sweep::pictures::is_picture;
use crate::sweep::seen::Seen;
use crate::sweep::state::Failure;

/// The files of a folder of states.
const STATE: [&str; 2] = [".gitignore", "cells.json"];

/// More bytes than this program writes into a file that git reads.
const MOST_IGNORE: u64 = 64;

/// What every PNG begins with.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Looks at the results; `plans` are the ids of each experiment.
pub(super) fn look(plans: &BTreeMap<&str, BTreeSet<&str>>, results: &Results, findings: &mut Findings) -> Result<()> {
    for entry in entries(&results.root(), findings)? {
        match (entry.what, plans.get(entry.name())) {
            (What::File, _) if entry.name() == REPORT => {}
            (What::Folder, _) if entry.name() == CLAIMS => {}
            (What::File, _) => findings.is_foreign(&entry, "not this program's"),
            (What::Folder, None) if holds_pages_alone(&entry)? => {}
            (What::Folder, Some(ids)) => experiment(&entry, ids, results, findings)?,
            (What::Folder, None) => gone(&entry, results, findings)?,
        }
    }
    Ok(())
}

/// Whether a folder holds pages beside the report and nothing else.
fn holds_pages_alone(folder: &Entry) -> Result<bool> {
    let pages = folder.place.listed()?;
    Ok(folder.name() == beside::FOLDER && !pages.is_empty() && pages.iter().all(beside::is_page))
}

/// What an experiment that has a file does not need.
fn experiment(folder: &Entry, ids: &BTreeSet<&str>, results: &Results, findings: &mut Findings) -> Result<()> {
    let name = folder.name();
    let card = Card::read(results, name);
    let is_planned = |id: &str| ids.contains(id);
    for entry in entries(&folder.place, findings)? {
        match entry.name() {
            "cells" | "failed" if entry.what == What::Folder => {
                for file in entries(&entry.place, findings)? {
                    let id = file.stem(".json");
                    if !id.is_some_and(is_planned) {
                        settle(of_cell(&entry, &file, name, results), &file, findings);
                    }
                }
            }
            "media" if entry.what == What::Folder => match &card {
                Ok(Some(card)) => {
                    let named = card.pictures();
                    for file in entries(&entry.place, findings)? {
                        if !named.contains(file.name()) {
                            settle(of_picture(&file), &file, findings);
                        }
                    }
                }
                Ok(None) => findings.kept.push(format!(
                    "{}: {name} has no card that says which pictures it needs",
                    entry.place
                )),
                Err(error) => findings.kept.push(format!(
                    "{}: which pictures {name} needs cannot be told: {error:#}",
                    entry.place
                )),
            },
            "state" if entry.what == What::Folder => {
                for file in entries(&entry.place, findings)? {
                    if !STATE.contains(&file.name()) {
                        findings.is_foreign(&file, "not this program's");
                    }
                }
            }
            "experiment.json" if entry.what == What::File => {}
            _ if beside::is_page(&entry.place) => {} // `report` removes those of earlier reports
            _ => findings.is_foreign(&entry, "not this program's"),
        }
    }
    Ok(())
}

/// All of an experiment that has no file, if it holds nothing but what this program writes.
fn gone(folder: &Entry, results: &Results, findings: &mut Findings) -> Result<()> {
    let name = folder.name();
    let mut own = Findings::default();
    for entry in entries(&folder.place, &mut own)? {
        match entry.name() {
            "cells" | "failed" if entry.what == What::Folder => {
                for file in entries(&entry.place, &mut own)? {
                    settle(of_cell(&entry, &file, name, results), &file, &mut own);
                }
            }
            "media" if entry.what == What::Folder => {
                for file in entries(&entry.place, &mut own)? {
                    settle(of_picture(&file), &file, &mut own);
                }
            }
            "state" if entry.what == What::Folder => {
                for file in entries(&entry.place, &mut own)? {
                    settle(of_state(&file), &file, &mut own);
                }
            }
            "experiment.json" if entry.what == What::File => {
                let card = Card::read(results, name).and_then(|card| {
                    card.map(|_| Kind::Experiment)
                        .ok_or_else(|| anyhow::anyhow!("it is gone by now"))
                });
                settle(card, &entry, &mut own);
            }
            _ if beside::is_page(&entry.place) => {}
            _ => own.is_foreign(&entry, "not this program's"),
        }
    }
    let items: Vec<Item> = own.removable.into_values().flatten().collect();
    if own.foreign.is_empty() && !items.is_empty() {
        findings.gone.push(name.to_owned());
        findings.removable.entry(Kind::Experiment).or_default().extend(items);
    } else if !items.is_empty() {
        findings.kept.push(format!(
            "{}: no file is called {name}, but it holds what is not this program's",
            folder.place
        ));
        findings.foreign.extend(own.foreign);
    } else {
        findings.is_foreign(folder, "a folder of no experiment");
    }
    Ok(())
}

/// What a file in a folder of records or failures is; an error where it is none.
fn of_cell(folder: &Entry, file: &Entry, experiment: &str, results: &Results) -> Result<Kind> {
    let (is_there, kind) = match (file.stem(".json"), folder.is_folder("cells")) {
        (None, _) => anyhow::bail!("not this program's"),
        (Some(id), true) => (Record::read(results, experiment, id)?.is_some(), Kind::Record),
        (Some(id), false) => (Failure::read(results, experiment, id)?.is_some(), Kind::Failure),
    };
    anyhow::ensure!(is_there, "it is gone by now");
    Ok(kind)
}

/// Whether a file is one of those that say what a sweep saw.
fn of_state(file: &Entry) -> Result<Kind> {
    let is_ours = match file.name() {
        _ if file.what == What::Folder => false,
        "cells.json" => files::read_json::<Seen>(&file.place)?.is_some(),
        ".gitignore" => file.place.read(MOST_IGNORE)?.as_deref() == Some(b"*\n"),
        _ => false,
    };
    anyhow::ensure!(is_ours, "not this program's");
    Ok(Kind::Experiment)
}

/// Whether a file is a picture that this program makes.
fn of_picture(file: &Entry) -> Result<Kind> {
    let is_named_so = file.what == What::File && is_picture(file.name());
    anyhow::ensure!(is_named_so && is_png(&file.place)?, "not a picture of this program's");
    Ok(Kind::Picture)
}

fn is_png(place: &Place) -> Result<bool> {
    let bytes = place.read(MOST_MEDIA_BYTES as u64)?;
    Ok(bytes.is_some_and(|bytes| bytes.starts_with(PNG)))
}

/// Notes what was found out of a file that nothing needs.
fn settle(found: Result<Kind>, file: &Entry, findings: &mut Findings) {
    match found {
        Ok(kind) => findings.can_go(kind, file),
        Err(error) => findings.is_foreign(file, &format!("{error:#}")),
    }
}
