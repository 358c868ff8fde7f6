//! `kind = "prices"`: a CSV file of daily prices → a checked series.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Bumped when the same file would give other numbers.
pub const VERSION: u32 = 1;

/// `kind = "prices"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PricesSpec {
    /// The CSV file, relative to the data folder.
    pub file: String,
    /// The columns that the network sees, in order.
    pub features: Vec<String>,
    /// The column that it forecasts.
    pub target: String,
    /// The column that holds the dates.
    #[serde(default = "date_column")]
    pub date: String,
    /// The first day used (ISO date); absent: from the file's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The last day used (ISO date); absent: to the file's last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Whether days may be missing.
    #[serde(default)]
    pub calendar: Calendar,
    /// The unit of the target, for tables and axes.
    #[serde(default = "dollars")]
    pub unit: String,
}

/// Which days a series must hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calendar {
    /// Every day between the first and the last.
    #[default]
    Daily,
    /// Any days, as a stock exchange's.
    Any,
}

fn date_column() -> String {
    "Date".to_owned()
}

fn dollars() -> String {
    "USD".to_owned()
}
