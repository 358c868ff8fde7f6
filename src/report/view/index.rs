//! The experiments of a report → its file, and what its first page says of each.

use serde::Serialize;

use super::{Entry, Experiment};
use crate::report::round;

/// So many tallies of an experiment are open, and so many reasons why cells have no record.
pub(super) const MOST_TALLIES: usize = 6;
pub(super) const MOST_FAILURES: usize = 6;

/// One file: the first page with the pages of experiments, or the page of one experiment that is too large to stand among them.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Page {
    /// What could not be shown, each with its path and the reason.
    pub unreadable: Vec<String>,
    /// Every experiment, in the order of their names, also those in files of their own; empty where there is one alone.
    pub index: Vec<Card>,
    /// Those whose pages are in this file.
    pub experiments: Vec<Experiment>,
    /// Where the first page is, for a file of one experiment; empty in the file of the first page.
    pub home: String,
    /// So many tallies and failures are open.
    pub most_tallies: usize,
    /// See `most_tallies`.
    pub most_failures: usize,
}

/// One experiment on the first page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Card {
    /// What the ids of its parts begin with.
    pub anchor: String,
    /// The stem of its file.
    pub name: String,
    /// As its file says.
    pub title: String,
    /// Where its page is: `#e1`, or the file that it has of its own.
    pub link: String,
    /// `complete`, `partial` or `failed`.
    pub state: &'static str,
    /// `66 of 66 cells done`, `2 failed, 4 missing`.
    pub states: Vec<String>,
    /// One sentence.
    pub found: String,
    /// How many rules of the audit something breaks: `impossible` or `doubtful`, and `2 impossible`.
    pub audit: Vec<Entry>,
}

impl Page {
    /// The file of all these experiments.
    pub(crate) fn of(experiments: Vec<Experiment>) -> Self {
        Self {
            unreadable: Vec::new(),
            index: match experiments.len() {
                0 | 1 => Vec::new(),
                _ => experiments.iter().map(Card::of).collect(),
            },
            experiments,
            home: String::new(),
            most_tallies: MOST_TALLIES,
            most_failures: MOST_FAILURES,
        }
    }
}

impl Card {
    fn of(experiment: &Experiment) -> Self {
        let count = |severity: &'static str| {
            let count = experiment.audit.iter().filter(|rule| rule.severity == severity).count();
            (count > 0).then(|| Entry::new(severity, format!("{} {severity}", round::count(count))))
        };
        Self {
            anchor: experiment.anchor.clone(),
            name: experiment.name.clone(),
            title: experiment.title.clone(),
            link: format!("#{}", experiment.anchor),
            state: experiment.overview.state,
            states: experiment.overview.states.clone(),
            found: experiment.found.clone(),
            audit: ["impossible", "doubtful"].into_iter().filter_map(count).collect(),
        }
    }
}
