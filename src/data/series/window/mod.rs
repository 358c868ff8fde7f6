//! A series → lookback/horizon windows, split by time, scaled.

mod borders;
mod build;
mod columns;
mod many;
mod scale;
mod split;
mod walk; // trainings one after the other

pub use borders::{Border, BordersSpec};
pub use build::{Cut, build, build_training, check, check_intervals, cut, validation_halves};
pub use split::Windows;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::data::slot::{Sees, Slot, SlotSettings};
use crate::number;

/// Bumped when the same series and settings would give other examples.
pub const VERSION: u32 = 1;

/// `[window]`: how a network sees a series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowSpec {
    /// Days that the network sees.
    #[serde(deserialize_with = "number::from_one::<_, { number::MOST_DAYS }>")]
    pub lookback: usize,
    /// Days that it forecasts.
    #[serde(deserialize_with = "number::from_one::<_, { number::MOST_DAYS }>")]
    pub horizon: usize,
    /// Applied to every used column before the scaling.
    #[serde(default)]
    pub transform: Transform,
    /// How each used column is scaled.
    #[serde(default)]
    pub scale: Scale,
    /// The rows that the scaling is computed from.
    #[serde(default)]
    pub fit_scale_on: FitScaleOn,
    /// Whether each of many series is scaled by itself.
    #[serde(default, skip_serializing_if = "ScaleSeries::is_each")]
    pub scale_series: ScaleSeries,
    /// Steps of a season, as 24 of hourly values with a rhythm of a day: MASE and RMSSE are measured with the forecast that the next
    /// season is like the last.
    #[serde(
        default = "one",
        skip_serializing_if = "is_one",
        deserialize_with = "number::from_one::<_, { number::MOST_DAYS }>"
    )]
    pub season: usize,
}

impl SlotSettings for WindowSpec {
    const SLOT: Slot = Slot {
        table: "window",
        synonyms: "windows windowing",
        kinds: || vec![("", "")],
        needed_by: Sees::Targets,
        is_optional: false,
        baselines_validate: false,
        unread_by_baselines: &["transform", "scale", "fit_scale_on", "scale_series"],
        idle: |_| &[],
        unkeyed: &[],
        help: || "add [window] with lookback and horizon".to_owned(),
    };

    fn read<'de, D: Deserializer<'de>>(_: &str, settings: D) -> Result<Self, D::Error> {
        Self::deserialize(settings)
    }

    /// Unscaled, in the target's unit.
    fn of_baseline(self) -> Self {
        Self {
            transform: Transform::None,
            scale: Scale::None,
            fit_scale_on: FitScaleOn::Train,
            scale_series: ScaleSeries::Each,
            ..self
        }
    }
}

/// Applied to a column before the scaling.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// As it is.
    #[default]
    None,
    /// Natural logarithm.
    Log,
    /// The change of the natural logarithm from the row before.
    LogReturn,
    /// The change from the row before.
    Difference,
}

impl Transform {
    /// A column, transformed. The first row has none before it: its change is 0, and no window sees it.
    pub fn of_column(self, values: &[f64]) -> Vec<f64> {
        let level = |value: &f64| self.level(*value);
        if !self.is_change() {
            return values.iter().map(level).collect();
        }
        let changes = values.windows(2).map(|pair| level(&pair[1]) - level(&pair[0]));
        values.first().map(|_| 0.0).into_iter().chain(changes).collect()
    }

    /// Of what a change is the change; of what is none the transformed value itself.
    pub fn level(self, value: f64) -> f64 {
        match self.is_logarithmic() {
            true => libm::log(value),
            false => value,
        }
    }

    /// Back from that into the column's unit.
    pub fn of_level(self, level: f64) -> f64 {
        match self.is_logarithmic() {
            true => libm::exp(level),
            false => level,
        }
    }

    /// Whether it says how a value differs from that of the row before.
    pub fn is_change(self) -> bool {
        matches!(self, Self::LogReturn | Self::Difference)
    }

    /// Whether values must be above 0.
    pub fn is_logarithmic(self) -> bool {
        matches!(self, Self::Log | Self::LogReturn)
    }

    /// A value of that name, transformed, in words.
    pub fn in_words(self, name: &str) -> String {
        match self {
            Self::None => name.to_owned(),
            Self::Log => format!("ln {name}"),
            Self::LogReturn => format!("the change of ln {name} from the row before"),
            Self::Difference => format!("the change of {name} from the row before"),
        }
    }
}

impl fmt::Display for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Log => "log",
            Self::LogReturn => "log_return",
            Self::Difference => "difference",
        })
    }
}

/// How a column is scaled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Lowest value to 0, highest to 1.
    #[default]
    MinMax,
    /// Mean to 0, standard deviation (of the population) to 1.
    Standard,
    /// As it is.
    None,
}

/// How many series in one file are scaled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScaleSeries {
    /// Each by its own rows: a small shop and a large one look alike to the network.
    #[default]
    Each,
    /// All by the rows of all: the network sees which is large.
    Together,
}

impl ScaleSeries {
    fn is_each(&self) -> bool {
        *self == Self::Each
    }
}

/// The rows that a scaling is computed from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitScaleOn {
    /// The rows of the training windows: nothing leaks.
    #[default]
    Train,
    /// Every row, the test days included.
    All,
}

/// `kind = "holdout"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldoutSpec {
    /// The last share of the training windows, kept for validation; `horizon` windows before them are left out.
    #[serde(default, deserialize_with = "number::share")]
    pub validation: f64,
}

/// `kind = "backtest"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BacktestSpec {
    /// Number of forecast origins.
    #[serde(deserialize_with = "number::from_one::<_, { number::MOST_DAYS }>")]
    pub origins: usize,
    /// Days from one origin to the next.
    #[serde(default = "one", deserialize_with = "number::from_one::<_, { number::MOST_DAYS }>")]
    pub stride: usize,
    /// The last share of the training windows, kept for validation; `horizon` windows before them are left out.
    #[serde(default, deserialize_with = "number::share")]
    pub validation: f64,
    /// Walk forward: before every so many origins a model is trained again, from its first weights and on what is known by then, and
    /// forecasts them; 0: it is trained once, on what comes before the test.
    #[serde(
        default,
        skip_serializing_if = "is_zero",
        deserialize_with = "number::at_most::<_, { number::MOST_DAYS }>"
    )]
    pub refit_every: usize,
    /// The rows that a training sees and forecasts, those of its validation among them: the last so many that are known; all by
    /// default.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "number::from_one_or_none::<_, { number::MOST_DAYS }>"
    )]
    pub train_rows: Option<usize>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn is_one(number: &usize) -> bool {
    *number == one()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod many_tests;
