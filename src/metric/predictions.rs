//! What a cell predicted on the test set.

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::classification::Confusion;
use super::conformal::Calibrated;
use super::forecast::Forecast;
use super::forecasts::{Forecasts, Keep};
use super::quantiles::Quantiles;
use super::scored::{Items, Scored};
use super::scoring::Scoring;
use crate::data::{Examples, InSample, Target};
use crate::task::{BINARY, REGRESSION, Task};

/// What a cell predicted on the test set: all that its metrics are computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Predictions {
    /// Forecasts.
    Regression(Forecasts),
    /// Scores of class 1.
    Binary {
        /// The two classes' names, class 0 first.
        classes: [String; 2],
        /// One for each test item.
        samples: Items,
    },
}

/// Items of a test set, or forecast origins, below which models are not ranked.
///
/// The usual rule of thumb for a mean to be near normal; the values forecast from one origin miss together, so it is origins that
/// count.
pub const ITEMS_TO_RANK: usize = 30;

impl Predictions {
    /// The predictions of all of some examples in order, all kept: [sample][output], in the target's unit or probabilities of class 1.
    ///
    /// # Errors
    /// As [`Scoring::add`].
    pub fn of(target: &Target, examples: &Examples, predicted: Vec<Vec<f64>>) -> Result<Self> {
        let mut scoring = Scoring::new(target, examples, Quantiles::default(), Keep::All);
        for prediction in predicted {
            scoring.add(prediction)?;
        }
        Ok(scoring.finish().0)
    }

    /// With what is known of forecast targets before the test.
    pub fn with_in_sample(self, in_sample: Option<InSample>) -> Self {
        match self {
            Self::Regression(forecasts) => Self::Regression(forecasts.with_in_sample(in_sample)),
            of_classes @ Self::Binary { .. } => of_classes,
        }
    }

    /// With what the intervals around forecasts were calibrated on.
    pub fn with_calibration(self, calibration: Option<Calibrated>) -> Self {
        match self {
            Self::Regression(forecasts) => Self::Regression(forecasts.with_calibration(calibration)),
            of_classes @ Self::Binary { .. } => of_classes,
        }
    }

    /// As many as a record keeps of them.
    pub fn kept(self, keep: Keep) -> Self {
        match self {
            Self::Regression(forecasts) => Self::Regression(forecasts.kept(keep)),
            Self::Binary { classes, samples } => Self::Binary {
                classes,
                samples: samples.kept(keep),
            },
        }
    }

    /// Whether there are too few to rank models by.
    pub fn are_few(&self) -> bool {
        let items = match self {
            Self::Regression(forecasts) => forecasts.times(),
            Self::Binary { samples, .. } => samples.len(),
        };
        items < ITEMS_TO_RANK
    }

    /// What was predicted.
    pub fn task(&self) -> &'static Task {
        match self {
            Self::Regression(_) => &REGRESSION,
            Self::Binary { .. } => &BINARY,
        }
    }

    /// The forecasts of a regression.
    pub fn forecasts(&self) -> Option<&Forecasts> {
        match self {
            Self::Regression(forecasts) => Some(forecasts),
            Self::Binary { .. } => None,
        }
    }

    /// The scored items of a binary classification.
    pub fn scored(&self) -> Option<&[Scored]> {
        match self {
            Self::Binary { samples, .. } => Some(&samples[..]),
            Self::Regression(_) => None,
        }
    }

    /// Whether every forecast or score is a finite number. A network that predicts anything else has failed.
    pub fn are_finite(&self) -> bool {
        match self {
            Self::Regression(forecasts) => {
                // Those that are not kept whole have losses, which are finite or not there.
                let values = |sample: &Forecast| {
                    sample
                        .forecast
                        .iter()
                        .chain(sample.quantiles.iter().flatten())
                        .all(|value| value.is_finite())
                };
                forecasts.whole().iter().all(values)
            }
            Self::Binary { samples, .. } => samples.iter().all(|item| item.score.is_finite()),
        }
    }

    /// The predicted classes of a binary classification, counted.
    pub fn confusion(&self) -> Option<Confusion> {
        let (labels, scores) = self.labels_and_scores()?;
        Some(Confusion::at_half(&labels, &scores))
    }

    /// Labels and scores of a binary classification, apart.
    pub(super) fn labels_and_scores(&self) -> Option<(Vec<u8>, Vec<f64>)> {
        let samples = self.scored()?.iter();
        Some(samples.map(|item| (item.label, item.score)).unzip())
    }
}
