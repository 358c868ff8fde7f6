//! Records and printed values → what cannot be, and what cannot be concluded.
//!
//! Rules run on single cells and on single rows of printed values, never on means, for a mean of consistent values
//! need not be consistent.

mod choice; // settings of one model → whether the test set chose among them
mod clips; // classified clips → what cannot be concluded from them
mod errors; // what holds between the error measures of one result
mod printed; // printed rows → findings
mod rates; // what holds between the rates of one classification
mod reliability; // records → what cannot be concluded from them

use std::collections::BTreeMap;

use super::results::ExperimentResults;

/// How bad it is; the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// No computation gives these numbers.
    Impossible,
    /// The numbers may be right, but do not show what a reader may take from them.
    Doubtful,
}

/// What is wrong; in the order in which a reader should hear of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A mean of absolute values above the root of the mean of their squares.
    MaeAboveRmse,
    /// The square of the RMSE is not the MSE.
    RmseSquaredIsNotMse,
    /// With one forecast value, RMSE, MAE and the absolute error are one number.
    OneValueTwoErrors,
    /// MAE and MAPE together imply true values that are not those.
    ImpliedTruth,
    /// No confusion matrix has these rates.
    NoSuchConfusion,
    /// The same clip in training and in the test.
    IdenticalClips,
    /// Clips of one scene in training and in the test.
    NeighbouringClips,
    /// The area under the curve is the balanced accuracy: it comes from answers.
    AucOfAnswers,
    /// A baseline is as good, as far as the test set can tell.
    NotBeyondBaseline,
    /// The best networks are too close for this test set.
    TooFewClips,
    /// The best settings were found by looking at the test set.
    ChosenOnTest,
    /// Too few forecast origins to rank models.
    SmallTest,
    /// The naive forecast is at least as good.
    BehindNaive,
    /// The scaling was computed from rows that are tested on.
    ScalerSawTest,
    /// One seed says nothing of chance.
    SingleSeed,
    /// Days seem to be missing in the series.
    HoleInSeries,
}

impl Rule {
    /// How bad it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::MaeAboveRmse
            | Self::RmseSquaredIsNotMse
            | Self::OneValueTwoErrors
            | Self::ImpliedTruth
            | Self::NoSuchConfusion => Severity::Impossible,
            Self::IdenticalClips
            | Self::NeighbouringClips
            | Self::AucOfAnswers
            | Self::NotBeyondBaseline
            | Self::TooFewClips
            | Self::ChosenOnTest
            | Self::SmallTest
            | Self::BehindNaive
            | Self::ScalerSawTest
            | Self::SingleSeed
            | Self::HoleInSeries => Severity::Doubtful,
        }
    }

    /// Whether only networks can break it.
    pub fn is_about_networks(self) -> bool {
        matches!(
            self,
            Self::BehindNaive
                | Self::ScalerSawTest
                | Self::SingleSeed
                | Self::IdenticalClips
                | Self::NeighbouringClips
                | Self::NotBeyondBaseline
                | Self::TooFewClips
                | Self::ChosenOnTest
        )
    }

    /// A few words for a mark beside a value.
    pub fn mark(self) -> &'static str {
        match self {
            Self::MaeAboveRmse => "MAE > RMSE",
            Self::RmseSquaredIsNotMse => "RMSE² ≠ MSE",
            Self::OneValueTwoErrors => "MAE ≠ RMSE",
            Self::ImpliedTruth => "MAE against MAPE",
            Self::NoSuchConfusion => "no such confusion matrix",
            Self::IdenticalClips => "test clip in training",
            Self::NeighbouringClips => "neighbours in training",
            Self::AucOfAnswers => "AUC of answers",
            Self::NotBeyondBaseline => "not beyond baseline",
            Self::TooFewClips => "too close to rank",
            Self::ChosenOnTest => "chosen on test",
            Self::SmallTest => "small test",
            Self::BehindNaive => "behind naive",
            Self::ScalerSawTest => "scaler saw test",
            Self::SingleSeed => "one seed",
            Self::HoleInSeries => "hole in the series",
        }
    }

    /// One sentence for a reader who knows no statistics.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::MaeAboveRmse => {
                "The mean absolute error can never be larger than the root mean squared error."
            }
            Self::RmseSquaredIsNotMse => {
                "The root mean squared error, squared, must be the mean squared error."
            }
            Self::OneValueTwoErrors => {
                "With a single forecast value, RMSE and MAE are both the size of its one error, so they must be equal."
            }
            Self::ImpliedTruth => {
                "MAE divided by MAPE is a weighted mean of the true values, so it must lie between the lowest and the \
                 highest of them."
            }
            Self::NoSuchConfusion => {
                "Precision, recall, F1 and accuracy of one test all come from the same four whole numbers; none give these."
            }
            Self::IdenticalClips => {
                "A test clip that is byte for byte a training clip tests memory, and makes the score look better."
            }
            Self::NeighbouringClips => {
                "Clips next to one another often come from one recording: told by what that recording shows, they say \
                 little of other recordings."
            }
            Self::AucOfAnswers => {
                "An area under the ROC curve that equals the balanced accuracy was most likely computed from answers of 0 \
                 and 1 instead of scores: that curve has a single corner, and its area is the balanced accuracy."
            }
            Self::NotBeyondBaseline => {
                "A baseline costs next to nothing: a network that does not beat it beyond chance has not shown that it is \
                 needed."
            }
            Self::TooFewClips => {
                "The two best are closer to one another than this test set can measure: other clips could turn their order."
            }
            Self::ChosenOnTest => {
                "Settings picked by their test score are too good by the luck of that pick; pick on a validation set, and \
                 look at the test set once."
            }
            Self::SmallTest => {
                "With this few forecast origins or clips the order of the models is decided by which happen to be tested."
            }
            Self::BehindNaive => {
                "The naive forecast, the last known value again, costs nothing: a network that does not beat it has \
                 learned nothing of use."
            }
            Self::ScalerSawTest => {
                "The scaling was computed from rows that include those of the test, so the network was told something of \
                 what it is asked to forecast."
            }
            Self::SingleSeed => {
                "With one seed, luck in the initial weights cannot be told from skill."
            }
            Self::HoleInSeries => {
                "Where days are missing, a window holds days that did not follow one another, and a forecast for the next day \
                 is held against a later one."
            }
        }
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
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

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What is wrong.
    pub rule: Rule,
    /// With what.
    pub subject: Subject,
    /// The metrics that it touches; empty when it touches all of them.
    pub metrics: Vec<&'static str>,
    /// One plain sentence with the numbers.
    pub explanation: String,
}

/// Everything that is wrong with one experiment: impossible before doubtful, then by rule and subject.
pub fn audit(experiment: &ExperimentResults) -> Vec<Finding> {
    let mut findings = printed::findings(experiment);
    for stored in &experiment.records {
        findings.extend(errors::of_record(stored));
        findings.extend(reliability::of_record(stored));
        findings.extend(reliability::of_series(experiment, stored));
    }
    findings.extend(clips::findings(experiment));
    findings.extend(choice::chosen_on_test(&experiment.records));
    findings.extend(reliability::of_groups(&experiment.records));
    findings.sort_by(|a, b| {
        (a.rule.severity(), a.rule, &a.subject).cmp(&(b.rule.severity(), b.rule, &b.subject))
    });
    findings
}

/// Findings by what they are about.
pub fn by_subject(findings: &[Finding]) -> BTreeMap<&Subject, Vec<&Finding>> {
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
    fn nothing_computed_from_one_set_of_forecasts_is_impossible() {
        for (horizons, origins) in [(&[1, 3, 7][..], 1), (&[1, 7], 40)] {
            let experiment =
                sample::experiment(&sample::study(horizons, origins), ReportSpec::default());
            let impossible: Vec<Finding> = audit(&experiment)
                .into_iter()
                .filter(|finding| finding.rule.severity() == Severity::Impossible)
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
        let found: Vec<(Rule, &Subject)> = findings
            .iter()
            .map(|finding| (finding.rule, &finding.subject))
            .collect();
        let lstm = Subject::Cell(samples[0].id());
        let naive = Subject::Cell(samples[1].id());
        assert_eq!(
            found,
            [
                (Rule::SmallTest, &lstm),
                (Rule::SmallTest, &naive),
                (Rule::BehindNaive, &lstm),
                (Rule::ScalerSawTest, &lstm),
                (Rule::SingleSeed, &lstm),
            ]
        );
    }

    #[test]
    fn a_hole_in_the_series_is_told_with_each_cell_of_it() {
        let mut experiment = sample::experiment(&sample::study(&[1], 60), ReportSpec::default());
        let told = "no day between 2020-02-28 and 2020-05-01 (62 days)";
        let name = "litecoin";
        let dataset = experiment.card.datasets.get_mut(name);
        dataset.expect("the sample has it").hole = Some(told.to_owned());
        let of_dataset = |stored: &&Stored| stored.record.configuration["dataset"]["name"] == name;
        let cells = experiment.records.iter().filter(of_dataset).count();
        let holes: Vec<Finding> = audit(&experiment)
            .into_iter()
            .filter(|finding| finding.rule == Rule::HoleInSeries)
            .collect();
        assert!(cells > 0 && holes.len() == cells);
        assert!(holes[0].explanation.contains(told));
    }

    #[test]
    fn many_origins_and_seeds_leave_only_the_scaler() {
        let mut samples = sample::study(&[1], 60);
        samples.iter_mut().for_each(|sample| sample.miss /= 100.0);
        let findings = audit(&sample::experiment(&samples, ReportSpec::default()));
        assert!(
            findings
                .iter()
                .all(|finding| finding.rule == Rule::ScalerSawTest)
        );
        assert_eq!(findings.len(), 12);
    }
}
