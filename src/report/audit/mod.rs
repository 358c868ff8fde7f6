//! Records and printed values → what cannot be, and what cannot be concluded.
//!
//! Rules run on single cells and on single rows of printed values, never on means, for a mean of consistent values
//! need not be consistent. Each stands beside its check.

mod baselines; // networks against what costs nothing
mod choice; // settings of one model → whether the test set chose among them
mod errors; // what holds between the error measures of one result
mod evidence; // what several rules look at
mod hole; // series that seem to lack days
mod intervals; // what intervals promise against what they hold
mod known; // a number as far as it is known
mod leaks; // what training saw of the test
mod printed; // printed rows → what holds between their values
mod ranking; // what is too little to tell models apart
mod rates; // what holds between the rates of one classification
mod reprinted; // printed values of windows that we have scored

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::results::ExperimentResults;
pub(crate) use baselines::{is_behind_naive, naive_metric};
use evidence::Evidence;
pub(crate) use intervals::Promise;

/// How bad it is; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// No computation gives these numbers.
    Impossible,
    /// The numbers may be right, but do not show what a reader may take from them.
    Doubtful,
}

impl Severity {
    /// In a word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Impossible => "impossible",
            Self::Doubtful => "doubtful",
        }
    }
}

/// Something that can be wrong with results.
pub(crate) struct Rule {
    /// A few words for a mark beside a value.
    pub mark: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Whether only networks can break it.
    pub is_about_networks: bool,
    /// One sentence for a reader who knows no statistics.
    pub meaning: &'static str,
    /// What breaks it.
    check: fn(&Evidence) -> Vec<Broken>,
}

/// Every rule, the impossible first, in the order in which a reader should hear of them.
static RULES: [&Rule; 18] = [
    &errors::MAE_ABOVE_RMSE,
    &errors::RMSE_SQUARED_IS_NOT_MSE,
    &errors::ONE_VALUE_TWO_ERRORS,
    &errors::IMPLIED_TRUTH,
    &rates::NO_SUCH_CONFUSION,
    &leaks::IDENTICAL_ITEMS,
    &leaks::NEIGHBOURING_ITEMS,
    &rates::AUC_OF_ANSWERS,
    &baselines::NOT_BEYOND_BASELINE,
    &ranking::TOO_CLOSE,
    &choice::CHOSEN_ON_TEST,
    &reprinted::PRINT_IS_ELSEWHERE,
    &ranking::SMALL_TEST,
    &baselines::BEHIND_BASELINE,
    &leaks::SCALER_SAW_TEST,
    &ranking::SINGLE_SEED,
    &hole::HOLE_IN_SERIES,
    &intervals::NOT_AS_PROMISED,
];

impl Rule {
    /// Its place in the order of the rules.
    pub(crate) fn place(&self) -> usize {
        let place = RULES.iter().position(|rule| rule.mark == self.mark);
        place.unwrap_or(RULES.len())
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.mark)
    }
}

/// Rules are told apart by their marks, and stand in the order of the list.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.mark == other.mark
    }
}

impl Eq for Rule {}

impl PartialOrd for Rule {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rule {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// The cell of this id.
    Cell(String),
    /// A row of printed values.
    Printed {
        /// The file, as the table names it.
        file: String,
        /// Its place in the file, from 0.
        row: usize,
    },
}

/// What breaks a rule.
struct Broken {
    subject: Subject,
    /// The metrics that it touches; empty when it touches all of them.
    metrics: Vec<&'static str>,
    /// One plain sentence with the numbers.
    explanation: String,
}

impl Broken {
    /// A cell, in all its metrics.
    fn cell(id: &str, explanation: String) -> Self {
        Self {
            subject: Subject::Cell(id.to_owned()),
            metrics: Vec::new(),
            explanation,
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    /// What is wrong.
    pub rule: &'static Rule,
    /// With what.
    pub subject: Subject,
    /// The metrics that it touches; empty when it touches all of them.
    pub metrics: Vec<&'static str>,
    /// One plain sentence with the numbers.
    pub explanation: String,
}

/// Everything that is wrong with one experiment: impossible before doubtful, then by rule and subject.
pub(crate) fn audit(experiment: &ExperimentResults) -> Vec<Finding> {
    let evidence = Evidence::of(experiment);
    let mut findings = Vec::new();
    for rule in RULES {
        let broken = (rule.check)(&evidence).into_iter();
        findings.extend(broken.map(|broken| Finding {
            rule,
            subject: broken.subject,
            metrics: broken.metrics,
            explanation: broken.explanation,
        }));
    }
    findings.sort_by(|a, b| (a.rule, &a.subject).cmp(&(b.rule, &b.subject)));
    findings
}

/// Findings by what they are about.
pub(crate) fn by_subject(findings: &[Finding]) -> BTreeMap<&Subject, Vec<&Finding>> {
    let mut subjects: BTreeMap<&Subject, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        subjects.entry(&finding.subject).or_default().push(finding);
    }
    subjects
}

#[cfg(test)]
mod printed_clips_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::sample::{self, Sample};
    use crate::store::record::Stored;

    #[test]
    fn the_impossible_comes_first_and_no_mark_twice() {
        assert!(RULES.is_sorted_by_key(|rule| rule.severity));
        let places: Vec<usize> = RULES.iter().map(|rule| rule.place()).collect();
        assert_eq!(places, (0..RULES.len()).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_computed_from_one_set_of_forecasts_is_impossible() {
        for (horizons, origins) in [(&[1, 3, 7][..], 1), (&[1, 7], 40)] {
            let experiment = sample::experiment(&sample::study(horizons, origins), ReportSpec::default());
            let impossible: Vec<Finding> = audit(&experiment)
                .into_iter()
                .filter(|finding| finding.rule.severity == Severity::Impossible)
                .collect();
            assert_eq!(impossible, []);
        }
    }

    #[test]
    fn a_small_test_a_scaler_that_saw_it_and_a_lost_race_are_doubtful() {
        let cell = |model, seed, miss| Sample {
            dataset: "litecoin",
            model,
            horizon: 3,
            seed,
            origins: 1,
            miss,
        };
        let samples = [cell("lstm", Some(0), 40.0), cell("naive", None, 0.0)];
        let findings = audit(&sample::experiment(&samples, ReportSpec::default()));
        let found: Vec<(&Rule, &Subject)> = findings.iter().map(|finding| (finding.rule, &finding.subject)).collect();
        let lstm = Subject::Cell(samples[0].id());
        let naive = Subject::Cell(samples[1].id());
        assert_eq!(
            found,
            [
                (&ranking::SMALL_TEST, &lstm),
                (&ranking::SMALL_TEST, &naive),
                (&baselines::BEHIND_BASELINE, &lstm),
                (&leaks::SCALER_SAW_TEST, &lstm),
                (&ranking::SINGLE_SEED, &lstm),
            ]
        );
    }

    #[test]
    fn a_hole_in_the_series_is_told_with_each_cell_of_it() {
        let mut experiment = sample::experiment(&sample::study(&[1], 60), ReportSpec::default());
        let told = "no day between 2020-02-28 and 2020-05-01 (62 days)";
        let name = "litecoin";
        let dataset = experiment.card.datasets.get_mut(name);
        let contents = dataset.and_then(|dataset| dataset.read.as_mut());
        contents.expect("the sample has it").hole = Some(told.to_owned());
        let of_dataset = |stored: &&Stored| stored.record.configuration["dataset"]["name"] == name;
        let cells = experiment.records.iter().filter(of_dataset).count();
        let holes: Vec<Finding> = audit(&experiment)
            .into_iter()
            .filter(|finding| finding.rule == &hole::HOLE_IN_SERIES)
            .collect();
        assert!(cells > 0 && holes.len() == cells);
        assert!(holes[0].explanation.contains(told));
    }

    #[test]
    fn many_origins_and_seeds_leave_only_the_scaler() {
        let mut samples = sample::study(&[1], 60);
        samples.iter_mut().for_each(|sample| sample.miss /= 100.0);
        let findings = audit(&sample::experiment(&samples, ReportSpec::default()));
        assert!(findings.iter().all(|finding| finding.rule == &leaks::SCALER_SAW_TEST));
        assert_eq!(findings.len(), 12);
    }
}
