//! The records of two sides → which two are of one cell: first those of one identity, whatever they are called, then those of
//! one name.

use std::collections::{BTreeMap, BTreeSet};

use super::side::Name;
use crate::store::key::digest_of;
use crate::store::record::{Identity, Record};

/// As much of a record as tells whose it is and whether it changed.
pub(super) struct Outline {
    /// What it is.
    pub identity: Identity,
    /// What it shares with those that differ in nothing but their seed.
    pub group: String,
    /// Digest of all that equal runs have alike.
    pub contents: String,
}

impl Outline {
    /// That of a record.
    pub(super) fn of(record: &Record) -> Self {
        let Record {
            key,
            metrics,
            history,
            predictions,
            configuration,
            ..
        } = record;
        Self {
            identity: key.identity(),
            group: digest_of(&record.group()),
            contents: digest_of(&(key, metrics, history, predictions, configuration)),
        }
    }
}

/// Outlines of the records of one side.
pub(super) type Outlines<'a> = BTreeMap<&'a Name, Outline>;

/// Which records are of one cell.
#[derive(Default)]
pub(super) struct Pairing<'a> {
    /// Names before and after.
    pub pairs: Vec<[&'a Name; 2]>,
    /// Names of the later side alone.
    pub added: Vec<&'a Name>,
    /// Names of the earlier side alone.
    pub removed: Vec<&'a Name>,
}

/// Pairs records by identity: one that kept its name, then one that kept its experiment, then any; and what is left by name.
pub(super) fn pair<'a>(before: &Outlines<'a>, after: &Outlines<'a>) -> Pairing<'a> {
    let mut pairing = Pairing::default();
    let mut left: BTreeMap<&Identity, BTreeSet<&'a Name>> = BTreeMap::new();
    for (name, outline) in before {
        left.entry(&outline.identity).or_default().insert(*name);
    }
    let mut added: Vec<&'a Name> = after.keys().copied().collect();
    let passes: [fn(&Name, &Name) -> bool; 3] = [|old, new| old == new, |old, new| old.0 == new.0, |_, _| true];
    for fits in passes {
        added.retain(|new| {
            let Some(alike) = left.get_mut(&after[*new].identity) else {
                return true;
            };
            let Some(old) = alike.iter().find(|old| fits(old, new)).copied() else {
                return true;
            };
            alike.remove(old);
            pairing.pairs.push([old, new]);
            false
        });
    }
    let mut removed: BTreeSet<&'a Name> = left.into_values().flatten().collect();
    added.retain(|new| match removed.take(*new) {
        Some(old) => {
            pairing.pairs.push([old, new]);
            false
        }
        None => true,
    });
    pairing.pairs.sort_by_key(|[_, new]| *new);
    pairing.added = added;
    pairing.removed = removed.into_iter().collect();
    pairing
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::record::Key;

    fn name(text: &str) -> Name {
        let (experiment, id) = text.split_once('/').unwrap_or(("study", text));
        (experiment.to_owned(), id.to_owned())
    }

    /// Names with what they are, as `lstm is 1`.
    fn paired(before: &[&str], after: &[&str]) -> Vec<String> {
        let read = |side: &[&str]| -> Vec<(Name, Outline)> {
            let outline = |data: &str| {
                let key = json!({"code": {}, "configuration": "same", "data": data});
                let key: Key = serde_json::from_value(key).expect("a key");
                let (group, contents) = (String::new(), String::new());
                Outline {
                    identity: key.identity(),
                    group,
                    contents,
                }
            };
            let record = |text: &&str| {
                let (id, what) = text.split_once(" is ").expect("NAME is WHAT");
                (name(id), outline(what))
            };
            side.iter().map(record).collect()
        };
        let (before, after) = (read(before), read(after));
        let outlines = |side: Vec<(Name, Outline)>, names: &'static [Name]| -> Outlines<'static> {
            names.iter().zip(side.into_iter().map(|(_, outline)| outline)).collect()
        };
        let names = |side: &[(Name, Outline)]| -> &'static [Name] {
            side.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>().leak()
        };
        let (old, new) = (names(&before), names(&after));
        let pairing = pair(&outlines(before, old), &outlines(after, new));
        let full = |name: &Name| format!("{}/{}", name.0, name.1).replace("study/", "");
        let pairs = pairing
            .pairs
            .iter()
            .map(|[old, new]| format!("{} → {}", full(old), full(new)));
        let added = pairing.added.iter().map(|name| format!("+ {}", full(name)));
        let removed = pairing.removed.iter().map(|name| format!("- {}", full(name)));
        pairs.chain(added).chain(removed).collect()
    }

    #[test]
    fn records_are_paired_by_what_they_are_before_their_names() {
        for (before, after, expected) in [
            (&["a is 1"][..], &["a is 1"][..], &["a → a"][..]),
            (&["a is 1"], &["b is 1"], &["a → b"]),
            // Swapped names.
            (&["a is 1", "b is 2"], &["a is 2", "b is 1"], &["b → a", "a → b"]),
            // What kept its name was not renamed, and a copy is an addition.
            (&["b is 1"], &["a is 1", "b is 1"], &["b → b", "+ a"]),
            (&["a is 1", "b is 1"], &["b is 1"], &["b → b", "- a"]),
            // Another experiment comes last.
            (
                &["a is 1", "old/a is 1"],
                &["b is 1", "new/a is 1"],
                &["old/a → new/a", "a → b"],
            ),
            // One name, other settings.
            (&["a is 1"], &["a is 2"], &["a → a"]),
            (&["a is 1"], &["b is 2"], &["+ b", "- a"]),
            (&["a is 1", "b is 2"], &["a is 2"], &["b → a", "- a"]),
        ] {
            assert_eq!(paired(before, after), expected, "{before:?} {after:?}");
        }
    }
}
