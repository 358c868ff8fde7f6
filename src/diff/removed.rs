//! `--allow-removed NAME`: cells that the later side has no more, and which of them may go.
//!
//! A record that is gone cannot get worse, so a guard would pass a branch that deletes what got worse. A record of a cell that
//! the experiment no longer plans is as good as gone: nothing will ever run it again.

use serde::Serialize;

use super::Comparison;
use super::plain::plain;
use crate::language::suggest;

/// So many ids are named in a line.
const MOST_NAMED: usize = 5;

/// The longest name that is told to be typed.
const MOST_TYPED: usize = 300;

/// Why a cell is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// It has no record any more.
    Removed,
    /// It has one, but its experiment, which planned it before, does so no more.
    NoLongerPlanned,
}

/// Cells of one experiment that are gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Gone {
    /// The experiment's name.
    pub experiment: String,
    /// The cells' ids.
    pub ids: Vec<String>,
    /// Why they are gone.
    pub reason: Reason,
    /// Whether they were allowed to go.
    pub allowed: bool,
}

/// What is gone, and whether one of these names allows it: an experiment, `EXPERIMENT/ID`, `*` and `?` standing for other text.
pub(super) fn gone(comparison: &Comparison, names: &[String]) -> Vec<Gone> {
    let mut found = Vec::new();
    for (experiment, reason, ids) in cells(comparison) {
        let is_allowed = |id: &String| names.iter().any(|name| names_cell(name, experiment, id));
        let (allowed, others): (Vec<String>, Vec<String>) = ids.iter().cloned().partition(is_allowed);
        for (allowed, ids) in [(false, others), (true, allowed)] {
            if !ids.is_empty() {
                found.push(Gone {
                    experiment: experiment.to_owned(),
                    ids,
                    reason,
                    allowed,
                });
            }
        }
    }
    found
}

/// Whether each name stands for something that is gone.
///
/// # Errors
/// The first that does not, with what is gone.
pub(crate) fn check(comparison: &Comparison, names: &[String]) -> Result<(), String> {
    let gone = gone(comparison, &[]);
    let is_known = |name: &&String| {
        let mut cells = gone.iter().flat_map(|one| one.ids.iter().map(|id| (&one.experiment, id)));
        cells.any(|(experiment, id)| names_cell(name, experiment, id))
    };
    let Some(wrong) = names.iter().find(|name| !is_known(name)) else {
        return Ok(());
    };
    let mut known: Vec<String> = gone.iter().map(|one| one.experiment.clone()).collect();
    known.dedup();
    let help = if gone.is_empty() {
        "nothing was removed; leave the option out".to_owned()
    } else {
        let of_cells = gone.iter().flat_map(|one| {
            let full = |id: &String| format!("{}/{id}", one.experiment);
            one.ids.iter().map(full)
        });
        let all: Vec<String> = known.iter().cloned().chain(of_cells).collect();
        let guess = suggest::did_you_mean(wrong, all.iter().map(String::as_str));
        format!("{guess}removed are cells of {}", suggest::listed(&known))
    };
    Err(format!("nothing that was removed is called `{wrong}`\n  help: {help}"))
}

impl Gone {
    /// `2 cells of study were removed (seed=1, seed=2)`.
    pub(crate) fn in_words(&self) -> String {
        let (count, experiment) = (self.ids.len(), plain(&self.experiment));
        let [cells, were, are, have] = match count {
            1 => ["cell", "was", "is", "it has"],
            _ => ["cells", "were", "are", "they have"],
        };
        let named = self.ids.iter().take(MOST_NAMED).map(|id| plain(id));
        let mut ids = named.collect::<Vec<_>>().join(", ");
        if count > MOST_NAMED {
            ids += &format!(" and {} more", count - MOST_NAMED);
        }
        match self.reason {
            Reason::Removed => format!("{count} {cells} of {experiment} {were} removed ({ids})"),
            Reason::NoLongerPlanned => {
                format!("{count} {cells} of {experiment} {were} planned and {are} no more, though {have} a record ({ids})")
            }
        }
    }

    /// How to let them go.
    pub(crate) fn how_to_allow(&self) -> String {
        let name = match &self.ids[..] {
            [id] => format!("{}/{id}", self.experiment),
            _ => self.experiment.clone(),
        };
        format!("`--allow-removed {}` lets that pass", quoted(&pattern_of(&name)))
    }
}

/// Experiment, reason, ids.
fn cells(comparison: &Comparison) -> impl Iterator<Item = (&str, Reason, &[String])> {
    let removed = comparison
        .experiments
        .iter()
        .map(|one| (one.name.as_str(), Reason::Removed, &one.removed[..]));
    let dropped = comparison
        .unplanned
        .iter()
        .map(|one| (one.experiment.as_str(), Reason::NoLongerPlanned, &one.dropped[..]));
    removed.chain(dropped)
}

/// Whether a name stands for a cell.
fn names_cell(name: &str, experiment: &str, id: &str) -> bool {
    match name.split_once('/') {
        Some((of_experiment, of_cell)) => matches(of_experiment, experiment) && matches(of_cell, id),
        None => matches(name, experiment),
    }
}

/// Whether a pattern, in which `*` stands for any text and `?` for any letter, is the whole of a text.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen) = (0, 0);
    // Where the last `*` was, and how much of the text it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[seen] => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((place, taken)) = star else {
                    return false;
                };
                star = Some((place, taken + 1));
                at = place + 1;
                seen = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

/// A pattern for a name that nobody can type: without what a terminal acts on, and cut.
fn pattern_of(name: &str) -> String {
    let typed = name.chars().map(|letter| {
        let shown = letter.to_string();
        if plain(&shown) == shown { letter } else { '?' }
    });
    let end = if name.chars().count() > MOST_TYPED { "*" } else { "" };
    typed.take(MOST_TYPED).chain(end.chars()).collect()
}

/// As a shell takes it for one word.
pub(super) fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./=,:+@".contains(c);
    if name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_an_experiment_a_cell_or_what_it_matches() {
        for (name, is_meant) in [
            ("study", true),
            ("stud", false),
            ("stu*", true),
            ("st?dy", true),
            ("*", true),
            ("*/*", true),
            ("other/*", false),
            ("study/acme,lstm,seed=12", true),
            ("study/acme,lstm", false),
            ("study/acme,lstm,*", true),
            ("study/*seed=?2", true),
            ("study/*seed=?", false),
            ("study/*,*,*,*", false),
            ("", false),
        ] {
            assert_eq!(names_cell(name, "study", "acme,lstm,seed=12"), is_meant, "{name}");
        }
        assert!(matches("*aab*", "aaaab") && !matches("*aab", "aaaaba"));
    }

    #[test]
    fn a_shell_takes_a_name_for_one_word() {
        assert_eq!(quoted("study/acme,lstm,seed=1"), "study/acme,lstm,seed=1");
        assert_eq!(quoted("a/split={kind=group}"), "'a/split={kind=group}'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }

    #[test]
    fn what_is_told_to_be_typed_can_be_typed_and_stands_for_the_cell() {
        for id in ["a\u{1b}[2Jb", "a\nb\u{202e}", &"long".repeat(200), "a*b"] {
            let pattern = pattern_of(&format!("study/{id}"));
            assert!(names_cell(&pattern, "study", id), "{pattern}");
            assert_eq!(plain(&pattern), pattern);
        }
    }
}
