//! Records before and after → what changed, and whether it matters. Reads records only and never trains.

mod curves; // the learning curves of both sides in one graph
pub mod document; // a comparison → all that is said of it
mod effect; // two lists of records of the same cells → each metric before and after
pub mod git; // the git program
pub mod html; // the document as a page
mod listing; // paths below a folder of results → records and cards
pub mod markdown; // the document for a pull request
mod plain; // text that nothing acts on
mod planned; // records and cards → records of cells that are no longer planned
mod reading; // the bytes of a record → the record, or why it cannot be compared
pub mod regression; // which effects a branch must not have
pub mod removed; // what is gone, and whether it may be
mod revision; // a revision's name → a commit, or what brings it here
pub mod side; // where the records of a side lie
pub mod terminal; // the document on the terminal

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use crate::spec::configuration::{self, Difference};
use crate::spec::id;
use crate::store::record::{Record, Stored};

pub use crate::judge::Change;
pub use effect::{Effect, Lacking};
pub use planned::Unplanned;
use reading::{Readings, parsed};
use side::{Name, Side};

/// What differs between two sides.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// What people call the earlier side.
    pub before: String,
    /// And the later one.
    pub after: String,
    /// Experiments with a difference, sorted by name.
    pub experiments: Vec<Experiment>,
    /// Cells whose records are the same on both sides, but for their provenance.
    pub same: usize,
    /// Records on the later side of cells that their experiment does not plan there.
    pub unplanned: Vec<Unplanned>,
    /// Records that could not be read, each with the reason and the side.
    pub unreadable: Vec<String>,
}

/// What differs in one experiment.
#[derive(Debug, Default, Serialize)]
pub struct Experiment {
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
pub struct Group {
    /// Their id without the seed.
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
    pub fn is_empty(&self) -> bool {
        self.experiments.is_empty() && self.unreadable.is_empty()
    }

    /// How many cells were added, were removed, and changed.
    pub fn counts(&self) -> [usize; 3] {
        let sum = |of: fn(&Experiment) -> usize| self.experiments.iter().map(of).sum();
        [
            sum(|one| one.added.len()),
            sum(|one| one.removed.len()),
            sum(|one| one.groups.iter().map(|group| group.changed.len()).sum()),
        ]
    }
}

/// Compares two sides cell by cell.
///
/// # Errors
/// When git fails. A record that cannot be read or understood is none: it is listed.
pub fn compare(before: &Side, after: &Side) -> Result<Comparison> {
    let (of_before, of_after) = (before.names(), after.names());
    let mut readings = Readings::default();
    for side in [before, after] {
        readings.unnamed(side);
    }
    let mut experiments: BTreeMap<&str, Experiment> = BTreeMap::new();
    let added: Vec<&Name> = of_after.difference(&of_before).copied().collect();
    readings.look_at(after, &after.label, &added)?;
    for name in added.iter().filter(|name| !readings.lost.contains(**name)) {
        let experiment = experiments.entry(&name.0).or_default();
        experiment.added.push(name.1.clone());
    }
    for name in of_before.difference(&of_after) {
        let experiment = experiments.entry(&name.0).or_default();
        experiment.removed.push(name.1.clone());
    }

    let both: BTreeSet<&Name> = of_before.intersection(&of_after).copied().collect();
    let (same, doubtful): (Vec<&Name>, Vec<&Name>) =
        (both.iter().copied()).partition(|name| before.is_known_same(after, name));
    // Read once, for what is broken on both sides alike is the same and yet says nothing.
    let quicker = if after.is_of_files() { after } else { before };
    readings.look_at(
        quicker,
        &format!("{} and {}", before.label, after.label),
        &same,
    )?;
    let (bytes_before, bytes_after) = (before.read(&doubtful)?, after.read(&doubtful)?);
    let mut changed: BTreeSet<&Name> = BTreeSet::new();
    let both_read: Vec<_> = doubtful
        .into_par_iter()
        .zip(bytes_before)
        .zip(bytes_after)
        .map(|((name, old), new)| (name, parsed(&old), parsed(&new)))
        .collect();
    for (name, old, new) in both_read {
        let old = readings.record(&before.label, name, old);
        let new = readings.record(&after.label, name, new);
        if let (Some(old), Some(new)) = (old, new)
            && !is_same(&old, &new)
        {
            readings.keep(name, old, new);
            changed.insert(name);
        }
    }

    // Chance is told from all seeds of a group: the records beside a changed one are read too, once where they are the same.
    let groups: BTreeSet<(&str, String)> = changed.iter().map(|name| group_of(name)).collect();
    let beside: Vec<&Name> = both
        .iter()
        .copied()
        .filter(|name| !changed.contains(name) && !readings.lost.contains(*name))
        .filter(|name| groups.contains(&group_of(name)))
        .collect();
    for (name, bytes) in beside.iter().zip(before.read(&beside)?) {
        if let Some(record) = readings.record(&before.label, name, parsed(&bytes)) {
            readings.keep(name, record.clone(), record);
        }
    }
    let mut members: BTreeMap<(&str, String), Vec<&Name>> = BTreeMap::new();
    for name in changed.iter().chain(&beside).copied() {
        members.entry(group_of(name)).or_default().push(name);
    }
    for ((experiment, id), mut names) in members {
        names.sort();
        let group = group(id, &names, &changed, &mut readings);
        experiments
            .entry(experiment)
            .or_default()
            .groups
            .push(group);
    }
    let mut experiments: Vec<Experiment> = experiments
        .into_iter()
        .map(|(name, experiment)| Experiment {
            name: name.to_owned(),
            ..experiment
        })
        .collect();
    effect::judge(&mut experiments);
    let unplanned = planned::unplanned(before, after, &mut readings.reasons)?;
    let lost = both.iter().filter(|name| readings.lost.contains(**name));
    Ok(Comparison {
        before: before.label.clone(),
        after: after.label.clone(),
        experiments,
        same: both.len() - changed.len() - lost.count(),
        unplanned,
        unreadable: readings.reasons,
    })
}

/// Whether two records are the same but for what may differ between equal runs.
fn is_same(a: &Record, b: &Record) -> bool {
    a.key == b.key
        && a.metrics == b.metrics
        && a.history == b.history
        && a.predictions == b.predictions
        && a.configuration == b.configuration
}

/// Experiment, and id without the seed.
fn group_of(name: &Name) -> (&str, String) {
    (&name.0, id::without_seed(&name.1))
}

fn group(id: String, names: &[&Name], changed: &BTreeSet<&Name>, readings: &mut Readings) -> Group {
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
    let (before, after): (Vec<Stored>, Vec<Stored>) =
        pairs.into_iter().map(|[old, new]| (old, new)).unzip();
    let is_changed = |name: &&&Name| changed.contains(**name);
    Group {
        changed: names
            .iter()
            .filter(is_changed)
            .map(|name| name.1.clone())
            .collect(),
        cells: before.len(),
        effects: Vec::new(),
        lacking: Vec::new(),
        id,
        settings,
        parts,
        records: [before, after],
    }
}
