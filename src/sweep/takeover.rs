//! Records that lie under another name than their cell has now, because an axis came or went, or a model, a dataset or an
//! experiment was renamed. A sweep takes them over instead of computing them again; nothing else moves a record.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::data::DataBook;
use crate::files::{self, Place};
use crate::language::Experiment;
use crate::language::cell::Cell;
use crate::store::card::Card;
use crate::store::key::digest_of;
use crate::store::paths::Results;
use crate::store::record::{Identity, Key, Record, TAKEN_FROM};

/// Experiment and name of a cell.
pub(crate) type Name = (String, String);

/// A valid record of a cell that lies under another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taking {
    /// The cell whose record it is.
    pub cell: Name,
    /// Where it lies.
    pub source: Name,
    /// Whether a cell of that name is planned there, or may be: then the record is copied and stays.
    pub stays: bool,
}

impl fmt::Display for Taking {
    /// `study/lstm → study/acme,lstm,seed=0`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {}", whole(&self.source), whole(&self.cell))
    }
}

/// `EXPERIMENT/ID`
fn whole((experiment, id): &Name) -> String {
    format!("{experiment}/{id}")
}

/// Finds, for cells that have no valid record, those that lie under another name in these results. Cells whose data are not here
/// have none: nobody can tell what their records would be made from. `experiments` are all that the sweep knows; of others the
/// card says what they plan. `known` are records that were read: they are not read again to learn whose they are.
///
/// # Errors
/// When the results cannot be listed.
pub(crate) fn find<'a>(
    lacking: impl IntoIterator<Item = &'a Cell>,
    experiments: &[Experiment],
    data: &DataBook,
    known: &BTreeMap<Name, Identity>,
    results: &Results,
) -> Result<Vec<Taking>> {
    // Most sweeps have nothing to find, and the keys of all cells cost more than a look.
    let mut lacking = lacking.into_iter().peekable();
    let stored = match lacking.peek() {
        Some(_) => stored(results)?,
        None => Vec::new(),
    };
    if stored.is_empty() {
        return Ok(Vec::new());
    }
    let cells: Vec<(&Cell, Key)> = lacking
        .filter_map(|cell| Some((cell, Key::of(cell, data.of(&cell.data).digests()?))))
        .collect();
    let wanted: BTreeSet<Identity> = cells.iter().map(|(_, key)| key.identity()).collect();
    let found = alike(stored, &wanted, known);
    let mut plans = Plans {
        of_sweep: experiments
            .iter()
            .map(|experiment| (&*experiment.name, experiment.cells.iter().map(|cell| &*cell.id).collect()))
            .collect(),
        of_cards: BTreeMap::new(),
        results,
    };
    let mut takings = Vec::new();
    for (cell, key) in cells {
        let is_valid = |name: &&Name| match Record::read(results, &name.0, &name.1) {
            Ok(Some(record)) => Key::changes_since(cell, Some(&key.digests()), &record).is_empty(),
            // Broken, of a newer format, gone by now: it stands for no cell.
            Ok(None) | Err(_) => false,
        };
        let sources = || found.get(&key.identity()).into_iter().flatten();
        // Another runner has made it since the cells were looked at.
        if sources().filter(|name| is_cell(name, cell)).any(|name| is_valid(&name)) {
            continue;
        }
        // Rather one that moves than one that is copied, rather one of the same experiment.
        let source = sources()
            .filter(|name| !is_cell(name, cell))
            .filter(is_valid)
            .min_by_key(|name| (plans.plan(name), name.0 != cell.experiment, (*name).clone()));
        takings.extend(source.map(|source| Taking {
            cell: (cell.experiment.clone(), cell.id.clone()),
            source: source.clone(),
            stays: plans.plan(source),
        }));
    }
    Ok(takings)
}

/// Moves and copies the records, each as a whole: one that was interrupted goes on with the next sweep, and no record is lost. Each
/// says in its provenance where it was; one that is back where it was made is what it was, byte for byte.
///
/// # Errors
/// When the file system refuses.
pub(crate) fn perform(takings: &[Taking], results: &Results) -> Result<()> {
    let mut uses: BTreeMap<&Name, usize> = BTreeMap::new();
    for taking in takings {
        *uses.entry(&taking.source).or_default() += 1;
    }
    let place = |name: &Name| results.record(&name.0, &name.1);
    // Records that had to make room for another before they were taken themselves, as where two names were swapped.
    let mut aside: BTreeMap<&Name, Name> = BTreeMap::new();
    for taking in takings {
        if uses.get(&taking.cell).is_some_and(|uses| *uses > 0) {
            let room = (taking.cell.0.clone(), format!("{ASIDE}{}", &digest_of(&taking.cell)[..12]));
            let own = place(&taking.cell)?;
            if let Some(record) = retold(&own, &taking.cell, &room)? {
                files::write_json(&own, &record)?;
                own.rename(&place(&room)?)?;
                aside.insert(&taking.cell, room);
            }
        }
        let moved = aside.get(&taking.source);
        let source = place(moved.unwrap_or(&taking.source))?;
        let target = place(&taking.cell)?;
        let left = uses.entry(&taking.source).or_default();
        *left -= 1;
        let Some(record) = retold(&source, &taking.source, &taking.cell)? else {
            // Another sweep may have been faster.
            ensure!(target.is_there()?, "{source} is gone");
            continue;
        };
        if *left == 0 && (!taking.stays || moved.is_some()) {
            // It says where it was before it moves: there is one of it at any moment.
            files::write_json(&source, &record)?;
            source.rename(&target)?;
        } else {
            files::write_json(&target, &record)?;
        }
        results.failure(&taking.cell.0, &taking.cell.1)?.remove()?;
    }
    Ok(())
}

fn is_cell((experiment, id): &Name, cell: &Cell) -> bool {
    *experiment == cell.experiment && *id == cell.id
}

/// How the name of a record begins that has made room for another.
const ASIDE: &str = "moving~";

/// A record that takes the name `to`, with the name that it had among those before; none where it is gone.
fn retold(place: &Place, from: &Name, to: &Name) -> Result<Option<Value>> {
    let Some(mut record) = files::read_json::<Value>(place)? else {
        return Ok(None);
    };
    let provenance = record.get_mut("provenance").and_then(Value::as_object_mut);
    let provenance = provenance.with_context(|| format!("{place} has no provenance"))?;
    let said = provenance.remove(TAKEN_FROM).unwrap_or_default();
    let mut names: Vec<String> = Vec::deserialize(said).unwrap_or_default();
    let (own, new) = (whole(from), whole(to));
    // One that was interrupted on its way has said it already, and where it made room is no name.
    if names.last() != Some(&own) && !from.1.starts_with(ASIDE) {
        names.push(own);
    }
    if let Some(back) = names.iter().position(|name| *name == new) {
        names.truncate(back);
    }
    if !names.is_empty() {
        provenance.insert(TAKEN_FROM.to_owned(), json!(names));
    }
    Ok(Some(record))
}

/// Every record below the results, sorted by name.
fn stored(results: &Results) -> Result<Vec<(Name, Place)>> {
    let mut stored = Vec::new();
    for experiment in results.root().listed()? {
        // A file, or a folder that is no experiment's.
        let Ok(folder) = results.records(experiment.name()) else {
            continue;
        };
        // What cannot be listed or read is told where its cells are looked at, and is nobody else's.
        for place in folder.listed().unwrap_or_default() {
            if let Some(id) = place.name().strip_suffix(".json") {
                let name = (experiment.name().to_owned(), id.to_owned());
                stored.push((name, place));
            }
        }
    }
    Ok(stored)
}

/// Those of the records that are of these identities, by identity, each list sorted by name.
fn alike(
    stored: Vec<(Name, Place)>,
    wanted: &BTreeSet<Identity>,
    known: &BTreeMap<Name, Identity>,
) -> BTreeMap<Identity, Vec<Name>> {
    /// As much of a record as tells whose it is.
    #[derive(Deserialize)]
    struct Keyed {
        key: Key,
    }
    let mut found: BTreeMap<Identity, Vec<Name>> = BTreeMap::new();
    for (name, place) in stored {
        let identity = match known.get(&name) {
            Some(identity) => Some(identity.clone()),
            None => match files::read_json::<Keyed>(&place) {
                Ok(Some(Keyed { key })) => Some(key.identity()),
                Ok(None) | Err(_) => None,
            },
        };
        if let Some(identity) = identity.filter(|identity| wanted.contains(identity)) {
            found.entry(identity).or_default().push(name);
        }
    }
    found
}

/// Which cells are planned.
struct Plans<'a> {
    of_sweep: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// The cells of other experiments; `None` where nobody knows them.
    of_cards: BTreeMap<String, Option<BTreeSet<String>>>,
    results: &'a Results,
}

impl Plans<'_> {
    /// Whether a cell is planned, or may be.
    fn plan(&mut self, (experiment, id): &Name) -> bool {
        if let Some(cells) = self.of_sweep.get(&**experiment) {
            return cells.contains(&**id);
        }
        let of_card = || {
            let card = Card::read(self.results, experiment).ok().flatten()?;
            Some(card.cells.into_keys().collect())
        };
        let cells = self.of_cards.entry(experiment.clone()).or_insert_with(of_card);
        cells.as_ref().is_none_or(|cells| cells.contains(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(id: &str) -> Name {
        ("study".to_owned(), id.to_owned())
    }

    #[test]
    fn a_record_knows_its_names_and_one_that_another_sweep_moved_is_no_error() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let results = Results(folder.path().to_owned());
        let place = |id: &str| results.record("study", id);
        let made = json!({ "metrics": { "mae": 0.1 }, "provenance": { "host": "here" } });
        files::write_json(&place("a")?, &made)?;
        let names = |id: &str| -> Result<Value> {
            let record: Option<Value> = files::read_json(&place(id)?)?;
            Ok(record.context("it is there")?["provenance"][TAKEN_FROM].clone())
        };
        let moved = |from: &str, to: &str| Taking {
            cell: name(to),
            source: name(from),
            stays: false,
        };
        let bytes = place("a")?.read(files::MOST_SAVED)?;
        perform(&[moved("a", "b")], &results)?;
        assert_eq!(names("b")?, json!(["study/a"]));
        assert!(!place("a")?.is_there()?);
        perform(&[moved("a", "b")], &results)?;
        perform(&[moved("b", "c")], &results)?;
        assert_eq!(names("c")?, json!(["study/a", "study/b"]));
        perform(&[moved("c", "b")], &results)?;
        assert_eq!(names("b")?, json!(["study/a"]), "back at an earlier name");
        perform(&[moved("b", "a")], &results)?;
        assert_eq!(place("a")?.read(files::MOST_SAVED)?, bytes);
        let gone = perform(&[moved("x", "y")], &results).map_err(|error| error.to_string());
        assert!(gone.is_err_and(|error| error.contains("x.json is gone")));
        Ok(())
    }
}
