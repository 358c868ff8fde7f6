//! Records of two sides → which two are of one cell: within an experiment first those of one identity, whatever they are called,
//! then those of one name; last those of one identity in different experiments.

use std::collections::{BTreeMap, BTreeSet};

use super::listing::Name;
use crate::language::configuration::{without_idle, without_seed};
use crate::language::name;
use crate::metric::Forecasts;
use crate::store::key::digest_of;
use crate::store::record::{Identity, Record};

/// As much of a record as tells whose it is and whether it changed.
pub(super) struct Outline {
    /// What it is.
    pub identity: Identity,
    /// What it shares with those that differ in nothing but their seed: dataset and model, settings, data and weights.
    pub group: String,
    /// Digest of all that equal runs have alike.
    pub contents: String,
}

impl Outline {
    /// That of the record of that name. What dataset and model are called it says as they were called when it was made.
    pub(super) fn of((_, id): &Name, record: &Record) -> Self {
        let Record {
            key,
            metrics,
            history,
            predictions,
            configuration,
            refits,
            ..
        } = record;
        let settings = without_seed(&without_idle(configuration));
        Self {
            identity: key.identity(),
            group: digest_of(&(called(id), settings, &key.data, &key.weights)),
            contents: match (predictions.forecasts().and_then(Forecasts::summed_up), predictions.scored()) {
                // In whatever form a record keeps its predictions.
                (Some(summary), _) => digest_of(&(key, metrics, history, summary, configuration, refits)),
                (None, Some(items)) => digest_of(&(key, metrics, history, items, configuration, refits)),
                (None, None) => digest_of(&(key, metrics, history, predictions, configuration, refits)),
            },
        }
    }
}

/// What dataset and model are called in a name. A mark behind them may be another for each seed.
fn called(id: &str) -> String {
    let name = name::without_seed(id);
    let name = name.split('~').next().unwrap_or_default();
    name.split(',').take(2).collect::<Vec<_>>().join(",")
}

/// Outlines of the records of one side.
pub(super) type Outlines<'a> = BTreeMap<&'a Name, Outline>;

/// Which records are of one cell.
pub(super) struct Pairing<'a> {
    /// Names before and after.
    pub pairs: Vec<[&'a Name; 2]>,
    /// Names of the later side alone.
    pub added: Vec<&'a Name>,
    /// Names of the earlier side alone.
    pub removed: Vec<&'a Name>,
}

/// The records of the earlier side that are in no pair yet, by what they are.
type Left<'a> = BTreeMap<&'a Identity, BTreeSet<&'a Name>>;

/// Pairs records by identity: one that kept its name, then one that kept its experiment; what is left by name; and last by identity
/// whatever the experiment. A cell that has other settings now is not paired with another experiment's copy of what it was.
pub(super) fn pair<'a>(before: &'a Outlines<'a>, after: &'a Outlines<'a>) -> Pairing<'a> {
    let mut left = Left::new();
    for (name, outline) in before {
        left.entry(&outline.identity).or_default().insert(*name);
    }
    let mut added: Vec<&'a Name> = after.keys().copied().collect();
    let mut pairs = Vec::new();
    let mut pass = |found: &dyn Fn(&Left<'a>, &Name) -> Option<&'a Name>| {
        added.retain(|new| {
            let Some(old) = found(&left, new) else {
                return true;
            };
            left.entry(&before[old].identity).or_default().remove(old);
            pairs.push([old, *new]);
            false
        });
    };
    let alike = |left: &Left<'a>, new: &Name, fits: fn(&Name, &Name) -> bool| {
        let mut alike = left.get(&after[new].identity)?.iter().copied();
        alike.find(|old| fits(old, new))
    };
    pass(&|left, new| alike(left, new, |old, new| old == new));
    pass(&|left, new| alike(left, new, |old, new| old.0 == new.0));
    pass(&|left, new| left.get(&before.get(new)?.identity)?.get(new).copied());
    pass(&|left, new| alike(left, new, |_, _| true));
    pairs.sort_by_key(|[_, new]| *new);
    Pairing {
        pairs,
        added,
        removed: left.into_values().flatten().collect::<BTreeSet<_>>().into_iter().collect(),
    }
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
        let (before, after) = (outlines(before, old), outlines(after, new));
        let pairing = pair(&before, &after);
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
            // The same, and another experiment has a copy of what it was.
            (&["a is 1"], &["a is 2", "copy/a is 1"], &["a → a", "+ copy/a"]),
            (&["a is 1"], &["b is 2"], &["+ b", "- a"]),
            (&["a is 1", "b is 2"], &["a is 2"], &["b → a", "- a"]),
        ] {
            assert_eq!(paired(before, after), expected, "{before:?} {after:?}");
        }
    }
}
