//! The key of a record beside that of its cell today, part by part.

use std::collections::BTreeSet;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use super::Asked;
use crate::language::configuration::{Difference, compared, leaves, without_idle};
use crate::language::whence::{Places, Whence};
use crate::store::card::{Card, Contents};
use crate::store::key::is_decisive;
use crate::store::record::{Key, Record};
use crate::sweep::data::DataState;

/// What makes a record valid. Where there is no record, nothing is compared and nothing decides.
#[derive(Debug, Serialize)]
pub(super) struct KeyParts {
    /// Every setting of the record or of the cell, by its path.
    pub settings: Vec<Setting>,
    /// The data.
    pub data: DataPart,
    /// The digest of the frozen network's weights, where there is one.
    pub weights: Option<Part>,
    /// The versions of the code that can change the numbers.
    pub code: Vec<Part>,
}

/// One setting.
#[derive(Debug, Serialize)]
pub(super) struct Setting {
    /// As `train.epochs`.
    pub path: String,
    /// In the record; null where it has none.
    pub record: Value,
    /// In the file today; null where it has none.
    pub now: Value,
    /// Whether it can change a number: names, paths and units cannot.
    pub counts: bool,
    /// Whether the record is stale because of it.
    pub decides: bool,
    /// Where it stands; null of a default, and of what is no longer said.
    pub whence: Option<Whence>,
}

/// Another part of a key.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    /// Its name.
    pub part: String,
    /// In the record; null where it has none.
    pub record: Value,
    /// Today; null where there is none, or nobody can tell.
    pub now: Value,
    /// Whether the record is stale because of it.
    pub decides: bool,
}

/// The data.
#[derive(Debug, Serialize)]
pub(super) struct DataPart {
    /// The digest in the record.
    pub record: Option<String>,
    /// The digest today; null where they are not `ready`.
    pub now: Option<String>,
    /// `ready`, `missing`, or `wrong`: not what they must be.
    pub state: &'static str,
    /// Whether the record is stale because of it.
    pub decides: bool,
    /// The file or folder, or how they are made; null where they are not here.
    pub source: Option<String>,
    /// How much the record was made from, where an earlier sweep has left that.
    pub then: Option<Amount>,
    /// How much there is today.
    pub today: Option<Amount>,
}

/// How much data there are.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Amount {
    /// Rows, clips.
    pub items: usize,
    /// What they are called, as "rows".
    pub noun: String,
    /// The last day of a series.
    pub until: Option<String>,
}

impl Amount {
    fn of(contents: &Contents) -> Self {
        Self {
            items: contents.items,
            noun: contents.noun.clone(),
            until: contents.curve.last().map(|(day, _)| day.clone()),
        }
    }
}

impl KeyParts {
    /// Of a cell and its record, if it has one.
    pub(super) fn of(asked: &Asked, record: Option<&Record>, places: &Places) -> Result<Self> {
        let cell = asked.cell;
        let digests = asked.data.of(&cell.data).digests();
        let saved = record.map(|record| &record.key);
        let now = digests.map(|digests| Key::of(cell, digests));
        // Settings and code are the same whatever the data are.
        let beside_data = now.clone().or_else(|| Some(Key::of(cell, &saved?.digests())));
        Ok(Self {
            settings: settings(&cell.configuration(), record, places),
            data: data(asked, record, now.as_ref())?,
            weights: {
                let [before, after] = [saved, now.as_ref()].map(|key| key.and_then(|key| key.weights.as_ref()));
                (before.is_some() || after.is_some()).then(|| Part {
                    part: "weights".to_owned(),
                    record: json!(before),
                    now: json!(after),
                    decides: saved.is_some() && now.is_some() && before != after,
                })
            },
            code: code(saved, beside_data.as_ref()),
        })
    }
}

fn settings(now: &Value, record: Option<&Record>, places: &Places) -> Vec<Setting> {
    let before = record.map_or(&Value::Null, |record| &record.configuration);
    let counted: BTreeSet<String> = [before, now]
        .into_iter()
        .flat_map(|side| leaves(&without_idle(side)).into_keys())
        .collect();
    let both = compared(before, now).into_iter();
    let setting = |one: Difference| {
        let counts = counted.contains(&one.path);
        Setting {
            decides: record.is_some() && counts && one.before != one.after,
            counts,
            whence: if one.after.is_null() { None } else { places.find(&one.path) },
            path: one.path,
            record: one.before,
            now: one.after,
        }
    };
    both.map(setting).collect()
}

fn data(asked: &Asked, record: Option<&Record>, now: Option<&Key>) -> Result<DataPart> {
    let cell = asked.cell;
    let contents = match asked.data.raw(&cell.data) {
        Some((raw, _)) => Some(cell.data.contents(raw)?),
        None => None,
    };
    // A card that cannot be read is told by a sweep, and has nothing to do with this cell.
    let card = Card::read(asked.results, &cell.experiment).ok().flatten();
    let then = record.and_then(|record| {
        let earlier = card.as_ref()?.contents(record.dataset())?;
        (earlier.digest == record.key.data).then(|| Amount::of(earlier))
    });
    let [before, after] = [record.map(|record| &record.key), now].map(|key| key.map(|key| key.data.clone()));
    Ok(DataPart {
        state: match asked.data.of(&cell.data) {
            DataState::Ready(_) => "ready",
            DataState::Missing(_) => "missing",
            DataState::Wrong(_) => "wrong",
        },
        decides: before.is_some() && after.is_some() && before != after,
        record: before,
        now: after,
        source: contents.as_ref().map(|contents| contents.source.clone()),
        then,
        today: contents.as_ref().map(Amount::of),
    })
}

fn code(saved: Option<&Key>, now: Option<&Key>) -> Vec<Part> {
    let sides = [saved, now].map(|key| key.map(|key| &key.code));
    let parts: BTreeSet<&String> = sides.iter().flatten().flat_map(|code| code.keys()).collect();
    let part = |name: &String| {
        let [before, after] = sides.map(|code| code.and_then(|code| code.get(name)));
        Part {
            part: name.clone(),
            record: json!(before),
            now: json!(after),
            decides: saved.is_some() && now.is_some() && is_decisive(name) && before != after,
        }
    };
    parts.into_iter().map(part).collect()
}
