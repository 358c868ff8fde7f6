//! Records of cells that their experiment no longer plans, as its card says.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::listing::Name;
use super::plain::plain;
use super::side::{Content, Side};
use crate::console::counted;

/// Records of one experiment, on the later side, of cells that it does not plan there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Unplanned {
    /// The experiment's name.
    pub experiment: String,
    /// The cells' ids.
    pub ids: Vec<String>,
    /// Those of them that it planned on the earlier side.
    pub dropped: Vec<String>,
}

impl Unplanned {
    /// `study has records of 2 cells that it no longer plans: seed=1, seed=2; …`, with no more ids than so many.
    pub(super) fn in_words(&self, most: usize) -> String {
        let shown: Vec<String> = self.ids.iter().take(most).map(|id| plain(id)).collect();
        let more = match self.ids.len().saturating_sub(most) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "{} has records of {} that it no longer plans: {}{more}; `runner prune` removes them",
            plain(&self.experiment),
            counted(self.ids.len(), "cell"),
            shown.join(", ")
        )
    }
}

/// The part of a card that says which cells are planned.
#[derive(Deserialize)]
struct Planned {
    cells: BTreeMap<String, IgnoredAny>,
}

/// Holds the records of the later side against its cards. Where an experiment has none, nothing is known of its plan; a card
/// that cannot be read is among the reasons why something cannot be compared.
///
/// # Errors
/// When git fails.
pub(super) fn unplanned(before: &Side, after: &Side, reasons: &mut Vec<String>) -> Result<Vec<Unplanned>> {
    let names = after.names();
    let of_records: BTreeSet<&str> = names.iter().map(|name| name.0.as_str()).collect();
    let asked: Vec<&str> = after.carded().intersection(&of_records).copied().collect();
    let plans = plans(after, &asked, reasons)?;
    let is_unplanned = |name: &&&Name| {
        let plan = plans.get(name.0.as_str());
        plan.is_some_and(|plan| !plan.cells.contains_key(&name.1))
    };
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for name in names.iter().filter(is_unplanned) {
        found.entry(&name.0).or_default().push(name.1.clone());
    }
    let asked: Vec<&str> = (before.carded().into_iter())
        .filter(|name| found.contains_key(name))
        .collect();
    let earlier = self::plans(before, &asked, reasons)?;
    let unplanned = found.into_iter().map(|(experiment, ids)| {
        let plan = earlier.get(experiment);
        let was_planned = |id: &&String| plan.is_some_and(|plan| plan.cells.contains_key(*id));
        Unplanned {
            experiment: experiment.to_owned(),
            dropped: ids.iter().filter(was_planned).cloned().collect(),
            ids,
        }
    });
    Ok(unplanned.collect())
}

/// The plans of those experiments of a side.
fn plans<'a>(side: &Side, experiments: &[&'a str], reasons: &mut Vec<String>) -> Result<BTreeMap<&'a str, Planned>> {
    let mut plans = BTreeMap::new();
    for (experiment, content) in experiments.iter().zip(side.read_cards(experiments)?) {
        match parsed(&content) {
            Ok(plan) => drop(plans.insert(*experiment, plan)),
            Err(reason) => reasons.push(format!(
                "{}: {experiment}/experiment.json: {reason}; so nobody knows which cells are planned",
                side.label
            )),
        }
    }
    Ok(plans)
}

fn parsed(content: &Content) -> Result<Planned, String> {
    match content {
        Ok(bytes) => serde_json::from_slice(bytes).map_err(|error| format!("is not what this program writes: {error}")),
        Err(reason) => Err(reason.clone()),
    }
}
