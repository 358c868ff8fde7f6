//! What is wrong with the rows of a table, said once where it is wrong with all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Mark, rule_anchor};
use crate::report::audit::Rule;
use crate::report::row::{Kind, Row};
use crate::report::table::Table;

/// Who breaks a rule: `false` is the printed row, `true` our cells; then the rule.
pub(super) type Broken = (bool, &'static Rule);

/// How many of the row's cells break each rule, or that the printed row does.
fn broken(row: &Row) -> BTreeMap<Broken, usize> {
    let mut counts = BTreeMap::new();
    for (ours, findings) in [(false, &row.printed_findings), (true, &row.findings)] {
        for finding in findings {
            *counts.entry((ours, finding.rule)).or_default() += 1;
        }
    }
    counts
}

/// The rules that every row breaks that could: said once, above the table.
pub(super) fn broken_everywhere(table: &Table) -> BTreeSet<Broken> {
    let all: BTreeSet<Broken> = table.rows.iter().flat_map(|row| broken(row).into_keys()).collect();
    let everywhere = |(ours, rule): &Broken| {
        let could = |row: &&Row| match ours {
            false => row.printed.iter().any(|text| !text.is_empty()),
            true => !row.records.is_empty() && (row.kind == Kind::Network || !rule.is_about_networks),
        };
        let wholly = |row: &Row| broken(row).get(&(*ours, *rule)) == Some(&if *ours { row.records.len() } else { 1 });
        table.rows.iter().filter(could).all(wholly)
    };
    all.into_iter().filter(everywhere).collect()
}

fn mark(anchor: &str, rule: &Rule, text: String) -> Mark {
    Mark {
        severity: rule.severity.word(),
        text,
        anchor: rule_anchor(anchor, rule),
    }
}

/// The marks above the table.
pub(super) fn of_table(anchor: &str, everywhere: &BTreeSet<Broken>) -> Vec<Mark> {
    let text = |ours: bool, rule: &Rule| match (ours, rule.is_about_networks) {
        (false, _) => format!("every printed row: {}", rule.mark),
        (true, true) => format!("every network: {}", rule.mark),
        (true, false) => format!("every row of ours: {}", rule.mark),
    };
    everywhere
        .iter()
        .map(|&(ours, rule)| mark(anchor, rule, text(ours, rule)))
        .collect()
}

/// The rules that this row breaks and not every other, the printed row's first; with a count where only some of the
/// row's cells break it.
pub(super) fn of_row(anchor: &str, row: &Row, everywhere: &BTreeSet<Broken>) -> Vec<Mark> {
    broken(row)
        .into_iter()
        .filter(|(broken, _)| !everywhere.contains(broken))
        .map(|((ours, rule), count)| {
            let text = match ours {
                false => format!("printed: {}", rule.mark),
                true if count == row.records.len() => rule.mark.to_owned(),
                true => format!("{} {count}/{}", rule.mark, row.records.len()),
            };
            mark(anchor, rule, text)
        })
        .collect()
}
