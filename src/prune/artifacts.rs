//! The cache: logs, plans, weights and feature maps that nothing needs. What `runner fetch` has brought stays: somebody asked for
//! it.

use anyhow::Result;

use super::folder::{Entry, What, entries, is_digest};
use super::needed::Needed;
use super::{Findings, Kind};
use crate::checkpoint::ENDING;
use crate::data::clips::features::backbone;
use crate::store::paths::{CLAIMS, Cache};

/// Looks at the cache.
pub(super) fn look(needed: &Needed, cache: &Cache, findings: &mut Findings) -> Result<()> {
    for entry in entries(&cache.root(), findings)? {
        match entry.name() {
            _ if entry.what == What::File => findings.is_foreign(&entry, "not this program's"),
            "logs" => logs(&entry, needed, findings)?,
            "plans" => plans(&entry, needed, findings)?,
            "weights" => weights(&entry, needed, findings)?,
            "checkpoints" => trails(&entry, needed, Kind::Checkpoint, findings)?,
            "ends" => trails(&entry, needed, Kind::End, findings)?,
            "features" => features(&entry, needed, findings)?,
            "fetched" => fetched(&entry, findings)?,
            CLAIMS => {}
            _ => findings.is_foreign(&entry, "not this program's"),
        }
    }
    Ok(())
}

fn logs(folder: &Entry, needed: &Needed, findings: &mut Findings) -> Result<()> {
    for entry in entries(&folder.place, findings)? {
        if entry.what == What::File {
            if entry.name() != "features.log" {
                findings.is_foreign(&entry, "not this program's");
            }
            continue;
        }
        for file in entries(&entry.place, findings)? {
            match file.stem(".log") {
                None => findings.is_foreign(&file, "not this program's"),
                Some(id) => {
                    let name = (entry.name().to_owned(), id.to_owned());
                    if !needed.logs.contains(&name) {
                        findings.can_go(Kind::Log, &file);
                    }
                }
            }
        }
    }
    Ok(())
}

fn plans(folder: &Entry, needed: &Needed, findings: &mut Findings) -> Result<()> {
    for file in entries(&folder.place, findings)? {
        match file.stem(".json") {
            Some(name) if needed.plans.contains(name) => {}
            Some(name) if is_digest(name, 32) => findings.can_go(Kind::Plan, &file),
            _ => findings.is_foreign(&file, "not this program's"),
        }
    }
    Ok(())
}

fn weights(folder: &Entry, needed: &Needed, findings: &mut Findings) -> Result<()> {
    let mut of_no_cell = Vec::new();
    for entry in entries(&folder.place, findings)? {
        if entry.what == What::File || !is_digest(entry.name(), 64) {
            findings.is_foreign(&entry, "not this program's");
            continue;
        }
        for file in entries(&entry.place, findings)? {
            match file.stem(".safetensors") {
                Some(name) if !is_of_training(name) => findings.is_foreign(&file, "not this program's"),
                Some(_) if needed.weights.contains(entry.name()) => {}
                Some(_) => of_no_cell.push(file),
                _ => findings.is_foreign(&file, "not this program's"),
            }
        }
    }
    settle(folder, of_no_cell, Kind::Weights, &needed.weights_hidden, findings);
    Ok(())
}

/// `last`, `best`, or `refit-7` of a model that is trained several times.
fn is_of_training(name: &str) -> bool {
    let number = name.strip_prefix("refit-");
    matches!(name, "last" | "best") || number.is_some_and(|number| number.parse::<u64>().is_ok())
}

fn trails(folder: &Entry, needed: &Needed, kind: Kind, findings: &mut Findings) -> Result<()> {
    let trails = match kind {
        Kind::Checkpoint => &needed.checkpoints,
        _ => &needed.ends,
    };
    let mut of_no_cell = Vec::new();
    for entry in entries(&folder.place, findings)? {
        if entry.what == What::File || !is_digest(entry.name(), 64) {
            findings.is_foreign(&entry, "not this program's");
            continue;
        }
        for file in entries(&entry.place, findings)? {
            match file.stem(ENDING) {
                Some(_) if trails.contains(entry.name()) => {}
                Some(_) => of_no_cell.push(file),
                None => findings.is_foreign(&file, "not this program's"),
            }
        }
    }
    settle(folder, of_no_cell, kind, &needed.weights_hidden, findings);
    Ok(())
}

fn features(folder: &Entry, needed: &Needed, findings: &mut Findings) -> Result<()> {
    let mut of_no_cell = Vec::new();
    for entry in entries(&folder.place, findings)? {
        if entry.what == What::File || !is_digest(entry.name(), 32) {
            findings.is_foreign(&entry, "not this program's");
            continue;
        }
        for file in entries(&entry.place, findings)? {
            let name = (entry.name().to_owned(), file.name().to_owned());
            if needed.maps.contains(&name) {
                continue;
            }
            if file.stem(".safetensors").is_some_and(is_of_clip) {
                of_no_cell.push(file);
            } else {
                findings.is_foreign(&file, "not this program's");
            }
        }
    }
    settle(folder, of_no_cell, Kind::FeatureMap, &needed.maps_hidden, findings);
    Ok(())
}

/// Whether a file of that name in that folder is one of a cell's weights.
pub(super) fn is_weights(key: &str, file: &str) -> bool {
    is_digest(key, 64) && file.strip_suffix(".safetensors").is_some_and(is_of_training)
}

/// Whether a file of that name in that folder is one of feature maps.
pub(super) fn is_map(folder: &str, file: &str) -> bool {
    is_digest(folder, 32) && file.strip_suffix(".safetensors").is_some_and(is_of_clip)
}

/// `CLIP.plain` or `CLIP.variant3`, where `CLIP` begins a digest.
fn is_of_clip(name: &str) -> bool {
    let Some((clip, view)) = name.split_once('.') else {
        return false;
    };
    let number = view.strip_prefix("variant");
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digest(clip, 32) && (view == "plain" || number.is_some_and(is_number))
}

fn fetched(folder: &Entry, findings: &mut Findings) -> Result<()> {
    let known = backbone::named();
    for file in entries(&folder.place, findings)? {
        let name = file.stem(".safetensors");
        if !name.is_some_and(|name| known.contains(&name)) {
            findings.is_foreign(&file, "not this program's");
        }
    }
    Ok(())
}

/// What no cell that is known needs can go, unless cells are hidden that may need it.
fn settle(folder: &Entry, files: Vec<Entry>, kind: Kind, hidden: &Option<String>, findings: &mut Findings) {
    match hidden {
        None => files.iter().for_each(|file| findings.can_go(kind, file)),
        Some(reason) if !files.is_empty() => findings.kept.push(format!(
            "{}: which of {} files are needed is not known: {reason}",
            folder.place,
            files.len()
        )),
        Some(_) => {}
    }
}
