//! The bytes of records → records; what cannot be compared is noted with its reason.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use serde_json::Value;

use super::listing::Name;
use super::pairing::{Outline, Outlines};
use super::side::{Content, Side};
use crate::store::check;
use crate::store::record::{self, Record};

/// So many records are held in memory while they are only looked at.
const AT_ONCE: usize = 256;

/// What was read so far.
#[derive(Default)]
pub(super) struct Readings {
    /// Records before and after.
    pub records: BTreeMap<Name, [Record; 2]>,
    /// Cells that cannot be compared.
    pub lost: BTreeSet<Name>,
    /// Why, each with the side and the cell.
    pub reasons: Vec<String>,
}

impl Readings {
    /// The record; what cannot be read is noted.
    pub(super) fn record(&mut self, label: &str, name: &Name, read: Result<Record, String>) -> Option<Record> {
        match read {
            Ok(record) => Some(record),
            Err(reason) => {
                self.lose(label, name, &reason);
                None
            }
        }
    }

    /// Keeps a record for the comparison.
    pub(super) fn keep(&mut self, name: &Name, before: Record, after: Record) {
        self.records.insert(name.clone(), [before, after]);
    }

    /// Outlines of these records of a side. One that cannot be read is noted where `tells` asks for it.
    ///
    /// # Errors
    /// When git fails.
    pub(super) fn outlines<'a>(
        &mut self,
        side: &Side,
        label: &str,
        names: &BTreeSet<&'a Name>,
        tells: impl Fn(&Name) -> bool,
    ) -> Result<Outlines<'a>> {
        let names: Vec<&'a Name> = names.iter().copied().collect();
        let mut outlines = Outlines::new();
        for names in names.chunks(AT_ONCE) {
            let contents = side.read(names)?;
            let read: Vec<Result<Outline, String>> = names
                .par_iter()
                .zip(contents)
                .map(|(name, content)| Ok(Outline::of(name, &parsed(&content)?)))
                .collect();
            for (name, read) in names.iter().zip(read) {
                match read {
                    Ok(outline) => drop(outlines.insert(*name, outline)),
                    Err(reason) if tells(name) => self.lose(label, name, &reason),
                    Err(_) => {}
                }
            }
        }
        Ok(outlines)
    }

    /// Notes the files of a side that stand for no cell because their names are no text.
    pub(super) fn unnamed(&mut self, side: &Side) {
        let files = side.unnamed().iter();
        self.reasons.extend(files.map(|file| {
            format!(
                "{}: {file}: the name of the file is not UTF-8, so it is the record of no cell",
                side.label
            )
        }));
    }

    fn lose(&mut self, label: &str, name: &Name, reason: &str) {
        self.lost.insert(name.clone());
        self.reasons.push(format!("{label}: {}/{}: {reason}", name.0, name.1));
    }
}

/// A record of this format, or of one that an older version wrote.
pub(super) fn parsed(content: &Content) -> Result<Record, String> {
    let bytes = match content {
        Ok(bytes) => bytes,
        Err(reason) => return Err(reason.clone()),
    };
    let newer = |found: u64| {
        format!(
            "has format {found}, this program knows formats up to {}; use a newer runner",
            record::VERSION
        )
    };
    match serde_json::from_slice::<Record>(bytes) {
        Ok(mut record) if record.version <= record::VERSION => match check::record(&mut record) {
            Ok(()) => Ok(record),
            Err(reason) => Err(format!("is not what this program writes: {reason}")),
        },
        Ok(record) => Err(newer(u64::from(record.version))),
        Err(wrong) => {
            let value: Value = serde_json::from_slice(bytes).map_err(|error| format!("no JSON: {error}"))?;
            match value.get("version").and_then(Value::as_u64) {
                Some(found) if found > u64::from(record::VERSION) => Err(newer(found)),
                _ => Err(format!("is not what this program writes: {wrong}")),
            }
        }
    }
}
