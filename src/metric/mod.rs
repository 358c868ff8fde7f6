//! Predictions → numbers: the list of metrics, each with its unit and which way is better.

use serde::{Deserialize, Serialize};

/// What a cell answered on the test set: all that its metrics are computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum Predictions {
    /// Forecasts.
    Regression {
        /// Unit of every number, as "USD".
        unit: String,
        /// One for each test window, in time order.
        samples: Vec<Forecast>,
    },
    /// Scores of class 1.
    Binary {
        /// The two classes' names, class 0 first.
        classes: [String; 2],
        /// One for each test item.
        samples: Vec<Scored>,
    },
}

/// One forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// The date of the last known day.
    pub origin: String,
    /// The target on that day: the naive forecast of every coming day.
    pub last: f64,
    /// The forecast of each coming day.
    pub forecast: Vec<f64>,
    /// What came.
    pub truth: Vec<f64>,
}

/// One scored item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// The item's name.
    pub name: String,
    /// The true class, 0 or 1.
    pub label: u8,
    /// The probability given to class 1.
    pub score: f64,
}
