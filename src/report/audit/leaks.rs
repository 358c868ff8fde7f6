//! What training saw of the test.

use serde::Deserialize;

use super::evidence::Evidence;
use super::{Broken, Rule, Severity};
use crate::data::ClipSplit;
use crate::data::series::window::{FitScaleOn, Scale, WindowSpec};
use crate::report::round;
use crate::store::card::ClipCutCard;
use crate::store::record::{Record, Stored};

/// The same item in training and in the test.
pub(super) static IDENTICAL_ITEMS: Rule = Rule {
    mark: "test item in training",
    severity: Severity::Doubtful,
    is_about_networks: true,
    meaning: "A test item that is byte for byte a training item tests memory, and makes the score look better.",
    check: |evidence| {
        of_cuts(evidence, |_, cut| {
            let groups: Vec<String> = cut.straddling.iter().map(|group| group.join(" = ")).collect();
            (!groups.is_empty()).then(|| {
                format!(
                    "The same bytes lie in the test set and in training or validation: {}; duplicates = \"together\" in \
                     [split] keeps them on one side.",
                    groups.join(", ")
                )
            })
        })
    },
};

/// Items of one source in training and in the test.
pub(super) static NEIGHBOURING_ITEMS: Rule = Rule {
    mark: "neighbours in training",
    severity: Severity::Doubtful,
    is_about_networks: true,
    meaning: "Items next to one another often come from one source, as clips of one recording: told by what that source shows, \
              they say little of other sources.",
    check: |evidence| {
        of_cuts(evidence, |record, cut| {
            let split = ClipSplit::deserialize(&record.configuration["split"]);
            let advice = split.map(|split| format!("; {}", split.advice_on_neighbours()));
            (cut.neighbours > 0).then(|| {
                format!(
                    "{} of {} {} have a neighbour in number in training or validation{}.",
                    round::count(cut.neighbours),
                    round::count(cut.test[0] + cut.test[1]),
                    record.noun().tested,
                    advice.unwrap_or_default()
                )
            })
        })
    },
};

/// The scaling was computed from rows that are tested on.
pub(super) static SCALER_SAW_TEST: Rule = Rule {
    mark: "scaler saw test",
    severity: Severity::Doubtful,
    is_about_networks: true,
    meaning: "The scaling was computed from rows that include those of the test, so the network was told something of what it is \
              asked to forecast.",
    check: |evidence| {
        let saw_test = |stored: &Stored| {
            let record = &stored.record;
            let window = WindowSpec::deserialize(record.configuration.get("window")?).ok()?;
            let saw = window.fit_scale_on == FitScaleOn::All && window.scale != Scale::None;
            let sentence = "fit_scale_on = \"all\": the scaling was computed from all rows, those of the test included.";
            (saw && record.is_trained()).then(|| sentence.to_owned())
        };
        evidence.broken_cells(saw_test)
    },
};

/// What breaks a rule about how the items of a cell were split.
fn of_cuts(evidence: &Evidence, rule: impl Fn(&Record, &ClipCutCard) -> Option<String>) -> Vec<Broken> {
    evidence.broken_cells(|stored| {
        stored.record.predictions.scored()?;
        let configuration = &stored.record.configuration;
        let mut cuts = evidence.experiment.card.clip_cuts.iter();
        let cut = cuts.find(|cut| cut.is_of(configuration))?;
        rule(&stored.record, cut)
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
        experiment.card.clip_cuts.clear();
        assert_eq!(audit(&experiment), []);
    }
}
