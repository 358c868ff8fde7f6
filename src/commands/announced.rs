//! What a sweep says of its cells before and after it runs them.

use std::collections::BTreeSet;

use super::survey::{Seen, Survey};
use crate::console::{self, counted};
use crate::language::cell::Cell;
use crate::sweep::Outcome;
use crate::sweep::state::State;
use crate::sweep::takeover::Taking;

/// What a sweep has done, as `5 trained or computed now in 1.2 s`.
pub(super) fn in_words(outcome: &Outcome, is_idle: bool, seconds: f64) -> String {
    if is_idle {
        return "nothing to run".to_owned();
    }
    let mut words = format!("{} trained or computed now in {seconds:.1} s", outcome.done);
    if outcome.elsewhere > 0 {
        words.push_str(&format!(", {} by another runner", outcome.elsewhere));
    }
    if outcome.lost > 0 {
        words.push_str(&format!(", {} lost to another runner in a silence", outcome.lost));
    }
    words
}

/// Says once which records were taken over.
pub(super) fn announce_takings(takings: &[Taking]) {
    for (stays, what) in [
        (false, ["record takes a new name", "records take new names"]),
        (
            true,
            [
                "record is copied from another cell that is the same",
                "records are copied from other cells that are the same",
            ],
        ),
    ] {
        let mut alike = takings.iter().filter(|taking| taking.stays == stays);
        let Some(first) = alike.next() else { continue };
        let text = match alike.count() {
            0 => format!("1 {}: {first}", what[0]),
            more => format!("{} {}, e.g. {first}", more + 1, what[1]),
        };
        console::say(&format!("note: {text}"));
    }
}

/// Says where days seem to be missing, each place once.
pub(super) fn announce_holes(to_run: &[&Seen], survey: &Survey) {
    let cells = to_run.iter().map(|seen| seen.cell);
    for note in survey.data.notes(cells, |data, raw| data.hole(raw)) {
        console::say(&format!("note: {note}"));
    }
}

/// The failures once more, where they are seen: at the end. Those of this sweep, those that were not tried again, and what cannot be
/// read any more that could be `before`.
pub(super) fn print_failures(outcome: &Outcome, after: &[&Seen], before: &[&Seen]) {
    if outcome.interrupted {
        console::say(&format!(
            "interrupted: {} left; the next sweep runs {}",
            counted(outcome.left, "cell"),
            if outcome.left == 1 { "it" } else { "them" },
        ));
        for (cell, text) in &outcome.cut_off {
            console::say(&format!("  {cell}: {text}"));
        }
    }
    let mut failed: Vec<(String, &str, Option<&str>)> = Vec::new();
    for cell in &outcome.failed {
        failed.push((cell.cell.clone(), &cell.error, Some(&cell.log)));
    }
    let known: BTreeSet<String> = failed.iter().map(|(cell, ..)| cell.clone()).collect();
    let is_wrong = |seen: &&&Seen| matches!(seen.state, State::Wrong(_));
    let told: BTreeSet<String> = before.iter().filter(is_wrong).map(|seen| name_of(seen.cell)).collect();
    for Seen { cell, state, .. } in after {
        let name = name_of(cell);
        match state {
            State::Failed(failure) if !known.contains(&name) => failed.push((name, &failure.error, Some(&failure.log))),
            State::Wrong(reason) if !told.contains(&name) && !known.contains(&name) => failed.push((name, reason, None)),
            _ => {}
        }
    }
    for (index, (cell, error, log)) in failed.iter().enumerate() {
        if index == 0 {
            console::say("failed cells:");
        }
        let log = log.map_or(String::new(), |log| format!("\n    log: {log}"));
        console::say(&format!("  {cell}\n    {}{log}", error.replace('\n', "\n    ")));
    }
}

/// `EXPERIMENT/ID`
pub(super) fn name_of(cell: &Cell) -> String {
    format!("{}/{}", cell.experiment, cell.id)
}
