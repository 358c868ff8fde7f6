//! Standings → what was found, in one sentence: the line of an experiment on the first page.

use super::counted;
use super::standing::StandingView;
use crate::judge::{Judged, Reach, Verdict};
use crate::report::round;
use crate::report::standing::{Choice, Group, Standing};

/// What came out of the tests of an experiment; of one with its numbers, of several how often.
pub(super) fn in_one_sentence(standings: &[Standing], view: &StandingView) -> String {
    let ([only], [row]) = (standings, &view.rows[..]) else {
        return counts(standings);
    };
    let baseline = only.baseline.as_ref().map(|(group, _)| scored(group, &row.baseline_score));
    let network = match &only.choice {
        Choice::Only(group) | Choice::Validated(group, ..) => Some(scored(group, &row.score)),
        Choice::Open(_) => Some(format!("{}, {}", row.model, row.score)),
        Choice::None => None,
    };
    match (network, baseline) {
        (Some(network), Some(baseline)) => format!("{network}, against {baseline}: {}.", row.verdict),
        (Some(network), None) => format!("{network}; there is no baseline to compare with."),
        (None, Some(baseline)) => format!("No network was trained; the best baseline is {baseline}."),
        (None, None) => NOTHING.to_owned(),
    }
}

const NOTHING: &str = "No results yet.";

/// A model by its name with its score; its settings stand on its page.
fn scored(group: &Group, score: &str) -> String {
    format!("{}, {score}", group.records[0].record.model())
}

/// How often which outcome came out, of networks against the best baseline of their test.
fn counts(standings: &[Standing]) -> String {
    if standings.is_empty() {
        return NOTHING.to_owned();
    }
    let rows: Vec<Option<&Judged>> = standings
        .iter()
        .flat_map(|one| &one.rows)
        .map(|row| row.found.as_ref())
        .collect();
    let count = |wanted: &dyn Fn(Verdict, Reach) -> bool| {
        let judged = rows.iter().flatten();
        judged.filter(|found| wanted(found.verdict, found.contrast.reach())).count()
    };
    let better = |place: usize, is_beyond_items: bool| {
        count(&|verdict, reach| verdict == Verdict::Better(place) && (reach == Reach::Items) == is_beyond_items)
    };
    let limited = "but not beyond the chance of other test items";
    let outcomes = [
        (better(0, true), "better, beyond chance".to_owned()),
        (better(0, false), format!("better, {limited}")),
        (better(1, true), "worse, beyond chance".to_owned()),
        (better(1, false), format!("worse, {limited}")),
        (
            count(&|verdict, _| matches!(verdict, Verdict::NoDifference | Verdict::Equal)),
            "no difference beyond chance".to_owned(),
        ),
        (
            count(&|verdict, _| matches!(verdict, Verdict::Untested | Verdict::Unvarying)),
            "not testable".to_owned(),
        ),
        (rows.iter().filter(|found| found.is_none()).count(), "no baseline".to_owned()),
    ];
    let told: Vec<String> = outcomes
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, text)| format!("in {} {text}", round::count(count)))
        .collect();
    let mut sentence = match told.is_empty() {
        true => "No network was trained.".to_owned(),
        false => format!(
            "Networks against the best baseline of their test, {}: {}.",
            counted(rows.len(), "case"),
            told.join(", ")
        ),
    };
    if standings.iter().any(|one| matches!(one.choice, Choice::Open(_))) {
        sentence += " No validation set chose among the networks.";
    }
    sentence
}

#[cfg(test)]
mod tests {
    use crate::language::report::ReportSpec;
    use crate::report::sample;
    use crate::report::view::standing;

    #[test]
    fn one_test_is_told_by_its_numbers_and_several_are_counted() {
        let of = |horizons: &[usize], model: &str| {
            let mut samples = sample::study(horizons, 40);
            samples.retain(|one| [model, "naive"].contains(&one.model) && one.dataset == "litecoin");
            let experiment = sample::experiment(&samples, ReportSpec::default());
            standing::view(&experiment).1
        };
        let alone = of(&[1], "hybrid");
        assert!(
            alone.starts_with("hybrid, RMSE ") && alone.contains(", against naive, RMSE "),
            "{alone}"
        );
        let several = of(&[1, 3], "hybrid");
        assert!(
            several.starts_with("Networks against the best baseline of their test, 2 cases: in "),
            "{several}"
        );
        let baseline = of(&[1], "naive");
        let expected = "No network was trained; the best baseline is naive, RMSE ";
        assert!(baseline.starts_with(expected), "{baseline}");
    }

    #[test]
    fn without_records_there_is_nothing_to_say() {
        let mut experiment = sample::experiment(&sample::study(&[1], 40), ReportSpec::default());
        experiment.records.clear();
        assert_eq!(standing::view(&experiment).1, "No results yet.");
    }
}
