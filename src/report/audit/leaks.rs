//! What training saw of the test.

use super::evidence::Evidence;
use super::{Broken, Rule, Severity};
use crate::store::card::LeakKind;
use crate::store::record::Record;

/// The same item in training and in the test.
pub(super) static IDENTICAL_ITEMS: Rule = Rule {
    mark: "test item in training",
    severity: Severity::Doubtful,
    is_about_networks: true,
    meaning: "A test item that is byte for byte a training item tests memory, and makes the score look better.",
    check: |evidence| leaking(evidence, LeakKind::IdenticalItems, |_| true),
};

/// Items of one source in training and in the test.
pub(super) static NEIGHBOURING_ITEMS: Rule = Rule {
    mark: "neighbours in training",
    severity: Severity::Doubtful,
    is_about_networks: true,
    meaning: "Items next to one another often come from one source, as clips of one recording: told by what that source shows, \
              they say little of other sources.",
    check: |evidence| leaking(evidence, LeakKind::NeighbouringItems, |_| true),
};

/// The scaling was computed from rows that are tested on.
pub(super) static SCALER_SAW_TEST: Rule = Rule {
    mark: "scaler saw test",
    severity: Severity::Doubtful,
    is_about_networks: true,
    meaning: "The scaling was computed from rows that include those of the test, so the network was told something of what it is \
              asked to forecast.",
    check: |evidence| leaking(evidence, LeakKind::Scaling, Record::is_trained),
};

/// The cells with such a leak, among the records that it `concerns`.
fn leaking(evidence: &Evidence, kind: LeakKind, concerns: fn(&Record) -> bool) -> Vec<Broken> {
    let card = &evidence.experiment.card;
    evidence.broken_cells(|stored| {
        let cut = card.cut(card.cells.get(&stored.id)?)?;
        let leak = cut.leaks.iter().find(|leak| leak.kind == kind)?;
        concerns(&stored.record).then(|| leak.sentence.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::audit::audit;
    use crate::report::sample::clips;

    #[test]
    fn a_leaking_split_is_told_for_each_network() {
        let mut experiment = clips::experiment(&clips::study(), ReportSpec::default());
        let found = audit(&experiment);
        assert_eq!(found.len(), 6);
        let of = |rule: &Rule| found.iter().filter(|one| one.rule == rule).count();
        assert_eq!([of(&IDENTICAL_ITEMS), of(&NEIGHBOURING_ITEMS)], [3, 3]);
        assert!(found[0].explanation.contains("no13 = no14"), "{}", found[0].explanation);
        experiment.card.cuts.clear();
        assert_eq!(audit(&experiment), []);
    }
}
