//! Records before and after → what changed, and whether it matters. Reads records only and never trains.

mod curves; // the learning curves of both sides in one graph
pub(crate) mod document; // a comparison → all that is said of it
mod effect; // two lists of records of the same cells → each metric before and after
pub(crate) mod git; // the git program
pub(crate) mod html; // the document as a page
mod listing; // paths below a folder of results → records and cards
pub(crate) mod markdown; // the document for a pull request
mod pairing; // the records of two sides → which two are of one cell
mod plain; // text that nothing acts on
mod planned; // records and cards → records of cells that are no longer planned
mod reading; // the bytes of a record → the record, or why it cannot be compared
pub(crate) mod regression; // which effects a branch must not have
pub(crate) mod removed; // what is gone, and whether it may be
mod revision; // a revision's name → a commit, or what brings it here
pub(crate) mod side; // where the records of a side lie
pub(crate) mod terminal; // the document on the terminal

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use crate::language::configuration::{self, Difference};
use crate::language::name;
use crate::store::record::Stored;

pub(crate) use crate::judge::Change;
pub(crate) use effect::{Effect, Lacking};
use listing::Name;
use pairing::Pairing;
pub(crate) use planned::Unplanned;
use reading::{Readings, parsed};
use side::Side;

/// What differs between two sides.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    /// What people call the earlier side.
    pub before: String,
    /// And the later one.
    pub after: String,
    /// Experiments with a difference, sorted by name.
    pub experiments: Vec<Experiment>,
    /// Cells that have another name on the later side.
    pub renamed: Vec<Renamed>,
    /// Cells whose records are the same on both sides, but for their provenance and their names.
    pub same: usize,
    /// Records on the later side of cells that their experiment does not plan there.
    pub unplanned: Vec<Unplanned>,
    /// Records that could not be read, each with the reason and the side.
    pub unreadable: Vec<String>,
}

/// A cell that has one name on the earlier side and another on the later one, each as `EXPERIMENT/ID`.
#[derive(Debug, Serialize)]
pub(crate) struct Renamed {
    /// The earlier name.
    pub before: String,
    /// The later name.
    pub after: String,
}

impl Renamed {
    fn of(before: &Name, after: &Name) -> Self {
        let [before, after] = [before, after].map(|(experiment, id)| format!("{experiment}/{id}"));
        Self { before, after }
    }
}

/// What differs in one experiment.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Experiment {
    /// Its name.
    pub name: String,
    /// Ids that only the later side has.
    pub added: Vec<String>,
    /// Ids that only the earlier side has.
    pub removed: Vec<String>,
    /// Cells that differ only in their seed, at least one of which changed.
    pub groups: Vec<Group>,
}

/// Cells that differ only in their seed, on both sides.
#[derive(Debug, Serialize)]
pub(crate) struct Group {
    /// What their names share.
    pub id: String,
    /// The ids that changed.
    pub changed: Vec<String>,
    /// All cells of the group that both sides have.
    pub cells: usize,
    /// Settings that changed.
    pub settings: Vec<Difference>,
    /// What else of the key changed, in words: data, weights, parts of the code.
    pub parts: Vec<String>,
    /// Each metric before and after.
    pub effects: Vec<Effect>,
    /// Metrics that some of its records lack.
    pub lacking: Vec<Lacking>,
    /// The records, before and after; for drawings.
    #[serde(skip)]
    pub records: [Vec<Stored>; 2],
}

impl Comparison {
    /// Whether nothing differs.
    pub(crate) fn is_empty(&self) -> bool {
        self.experiments.is_empty() && self.unreadable.is_empty()
    }

    /// How many cells were added, were removed, and changed.
    pub(crate) fn counts(&self) -> [usize; 3] {
        let sum = |of: fn(&Experiment) -> usize| self.experiments.iter().map(of).sum();
        [
            sum(|one| one.added.len()),
            sum(|one| one.removed.len()),
            sum(|one| one.groups.iter().map(|group| group.changed.len()).sum()),
        ]
    }
}

/// Compares two sides cell by cell, by the usual metrics and those that are `asked` for.
///
/// # Errors
/// When git fails. A record that cannot be read or understood is none: it is listed.
pub(crate) fn compare(before: &Side, after: &Side, asked: &[&str]) -> Result<Comparison> {
    let (of_before, of_after) = (before.names(), after.names());
    let mut readings = Readings::default();
    for side in [before, after] {
        readings.unnamed(side);
    }
    let both: BTreeSet<&Name> = &of_before & &of_after;
    let is_known = |name: &&Name| before.is_known_same(after, name);
    let mut known: BTreeSet<&Name> = both.iter().copied().filter(is_known).collect();
    known.extend(before.same_files(after, &(&both - &known)));
    // Read once, for what is broken on both sides alike is the same and yet says nothing.
    let quicker = if after.is_of_files() { after } else { before };
    let label = format!("{} and {}", before.label, after.label);
    let same = readings.outlines(quicker, &label, &known, |_| true)?;
    // Of a record that is gone nobody asks whether it could be read.
    let is_in_both = |name: &Name| both.contains(name);
    let old = readings.outlines(before, &before.label, &(&of_before - &known), is_in_both)?;
    let new = readings.outlines(after, &after.label, &(&of_after - &known), |_| true)?;
    let Pairing { pairs, added, removed } = pairing::pair(&old, &new);

    let mut experiments: BTreeMap<&str, Experiment> = BTreeMap::new();
    let is_whole = |name: &&&Name| !readings.lost.contains(**name);
    for name in added.iter().filter(is_whole) {
        let experiment = experiments.entry(&name.0).or_default();
        experiment.added.push(name.1.clone());
    }
    let gone = of_before.difference(&of_after).copied();
    let unreadable = gone.filter(|name| !old.contains_key(name));
    let mut removed: Vec<&Name> = removed.iter().filter(is_whole).copied().collect();
    removed.extend(unreadable);
    removed.sort();
    for name in removed {
        let experiment = experiments.entry(&name.0).or_default();
        experiment.removed.push(name.1.clone());
    }
    let renamed = pairs.iter().filter(|[old, new]| old != new);
    let renamed: Vec<Renamed> = renamed.map(|[old, new]| Renamed::of(old, new)).collect();

    // From here on a cell is called as the later side calls it.
    let is_same = |[before, after]: &[&Name; 2]| old[before].contents == new[after].contents;
    let (mut unchanged, doubtful): (Vec<_>, Vec<_>) = pairs.into_iter().partition(is_same);
    unchanged.extend(same.keys().map(|name| [*name, *name]));
    let names = |index: usize| -> Vec<&Name> { doubtful.iter().map(|pair| pair[index]).collect() };
    let (bytes_before, bytes_after) = (before.read(&names(0))?, after.read(&names(1))?);
    let mut changed: BTreeSet<&Name> = BTreeSet::new();
    let both_read: Vec<_> = doubtful
        .into_par_iter()
        .zip(bytes_before)
        .zip(bytes_after)
        .map(|((pair, old), new)| (pair, parsed(&old), parsed(&new)))
        .collect();
    for ([of_old, of_new], old, new) in both_read {
        let old = readings.record(&before.label, of_old, old);
        let new = readings.record(&after.label, of_new, new);
        if let (Some(old), Some(new)) = (old, new) {
            readings.keep(of_new, old, new);
            changed.insert(of_new);
        }
    }

    // Chance is told from all seeds of a group: the records beside a changed one are read too, once where they are the same.
    let group_of = |name: &Name| (new.get(name).or(same.get(name))).map_or("", |one| &one.group);
    let mut members: BTreeMap<(&str, &str), Vec<&Name>> = BTreeMap::new();
    for name in &changed {
        let group = (name.0.as_str(), group_of(name));
        members.entry(group).or_default().push(name);
    }
    let count = unchanged.len();
    unchanged.retain(|[_, name]| members.contains_key(&(name.0.as_str(), group_of(name))));
    let names: Vec<&Name> = unchanged.iter().map(|pair| pair[0]).collect();
    for ([_, name], bytes) in unchanged.iter().copied().zip(before.read(&names)?) {
        if let Some(record) = readings.record(&before.label, name, parsed(&bytes)) {
            readings.keep(name, record.clone(), record);
            let group = (name.0.as_str(), group_of(name));
            members.entry(group).or_default().push(name);
        }
    }
    for ((experiment, _), mut names) in members {
        names.sort();
        let group = group(&names, &changed, &mut readings);
        experiments.entry(experiment).or_default().groups.push(group);
    }
    for experiment in experiments.values_mut() {
        experiment.groups.sort_by(|a, b| a.id.cmp(&b.id));
    }
    let mut experiments: Vec<Experiment> = experiments
        .into_iter()
        .map(|(name, experiment)| Experiment {
            name: name.to_owned(),
            ..experiment
        })
        .collect();
    effect::judge(&mut experiments, asked);
    let unplanned = planned::unplanned(before, after, &mut readings.reasons)?;
    Ok(Comparison {
        before: before.label.clone(),
        after: after.label.clone(),
        experiments,
        renamed,
        same: count,
        unplanned,
        unreadable: readings.reasons,
    })
}

fn group(names: &[&Name], changed: &BTreeSet<&Name>, readings: &mut Readings) -> Group {
    let mut pairs: Vec<[Stored; 2]> = Vec::new();
    let (mut settings, mut parts): (Vec<Difference>, Vec<String>) = Default::default();
    for name in names {
        let Some([old, new]) = readings.records.remove(*name) else {
            continue;
        };
        let differences = configuration::differences(&old.configuration, &new.configuration);
        for one in differences {
            if !settings.contains(&one) {
                settings.push(one);
            }
        }
        for part in new.key.changes_beside_settings(&old.key) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        pairs.push([old, new].map(|record| Stored {
            id: name.1.clone(),
            record,
        }));
    }
    pairs.sort_by_cached_key(|[_, new]| new.order());
    let (before, after): (Vec<Stored>, Vec<Stored>) = pairs.into_iter().map(|[old, new]| (old, new)).unzip();
    let is_changed = |name: &&&Name| changed.contains(**name);
    Group {
        changed: names.iter().filter(is_changed).map(|name| name.1.clone()).collect(),
        cells: before.len(),
        effects: Vec::new(),
        lacking: Vec::new(),
        id: (names.first()).map_or_else(String::new, |name| name::without_seed(&name.1).into_owned()),
        settings,
        parts,
        records: [before, after],
    }
}
