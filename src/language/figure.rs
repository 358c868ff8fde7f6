//! The kinds of figure: their words, and what a file may say of each. How they are drawn is left to the report.

use serde::{Deserialize, Serialize};

use crate::task::{BINARY, REGRESSION, Task};

/// What a declaration of a kind may say beside what all of them take.
#[derive(Debug, Clone, Copy)]
pub struct Takes {
    /// The task whose cells it shows; none where it shows those of every task.
    pub task: Option<&'static Task>,
    /// What its `metrics` are; none where it takes none.
    pub metrics: Option<Named>,
    /// Whether it needs `x`.
    pub x: bool,
    /// Whether it takes a `reference`.
    pub reference: bool,
}

/// What `metrics` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Metrics of the test set.
    Scores,
    /// Values of the history.
    History,
}

const ANY: Takes = Takes {
    task: None,
    metrics: None,
    x: false,
    reference: false,
};

const FORECASTS: Takes = Takes {
    task: Some(&REGRESSION),
    ..ANY
};

const CLASSES: Takes = Takes {
    task: Some(&BINARY),
    ..ANY
};

/// Makes the closed list of figures, one line for each: its word, what else the field calls it, its variant and what it takes.
macro_rules! figures {
    ($($(#[$meta:meta])* $word:literal $(| $others:literal)? => $Variant:ident($takes:expr),)+) => {
        /// The kinds of figure.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum FigureKind {
            $(
                $(#[$meta])*
                #[serde(rename = $word)]
                $Variant,
            )+
        }

        impl FigureKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$Variant),+];

            /// Its word in an experiment file.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$Variant => $word,)+
                }
            }

            /// What else the field calls it, parted by spaces.
            pub fn synonyms(self) -> &'static str {
                match self {
                    $(Self::$Variant => concat!($($others)?),)+
                }
            }

            /// What a declaration of it may say.
            pub fn takes(self) -> Takes {
                match self {
                    $(Self::$Variant => $takes,)+
                }
            }
        }
    };
}

figures! {
    /// First and last rows of a dataset, and its target over time.
    "data_preview" | "preview data_table" => DataPreview(FORECASTS),
    /// The target before and after the transform and the scaling.
    "scaling" => Scaling(FORECASTS),
    /// How windows are cut from the series, with the shapes.
    "windows" => Windows(FORECASTS),
    /// A value of the history over the epochs; mean and band over seeds.
    "learning_curves" | "learning_curve loss_curve loss_curves training_curve history" => LearningCurves(Takes {
        metrics: Some(Named::History),
        ..ANY
    }),
    /// Forecasts against what was observed.
    "forecast" | "predictions prediction forecasts" => Forecast(FORECASTS),
    /// Errors of the forecasts by step ahead, with percentiles.
    "residuals" => Residuals(FORECASTS),
    /// A metric against the values of an axis; a dot for each seed, mean and interval.
    "metric_by_axis" => MetricByAxis(Takes {
        metrics: Some(Named::Scores),
        x: true,
        ..ANY
    }),
    /// The layers of each network, as a model summary.
    "model_summary" | "summary" => ModelSummary(ANY),
    /// From clip to prediction: preprocessing, backbone, network and training as configured, with shapes.
    "pipeline" => Pipeline(CLASSES),
    /// What the steps make of one clip of each class.
    "clip_images" => ClipImages(CLASSES),
    /// True against predicted class, counted; mean over seeds.
    "confusion_matrix" | "confusion cm confusionmatrix" => ConfusionMatrix(CLASSES),
    /// True against false positive rate over all thresholds.
    "roc_curve" | "roc_auc auroc roc roc_auc_score" => RocCurve(CLASSES),
    /// Precision, recall, F1 and support of each class, with averages.
    "classification_report" => ClassificationReport(Takes {
        reference: true,
        ..CLASSES
    }),
    /// The misclassified clips, the surest mistakes first.
    "wrong_clips" | "errors misclassified mistakes" => WrongClips(CLASSES),
}

impl FigureKind {
    /// The kind of a word; none where it is no kind.
    pub fn of_word(word: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|kind| kind.word() == word)
    }
}
