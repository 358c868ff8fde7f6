//! What holds between the error measures of one result, whatever made it.

use std::collections::BTreeMap;

use super::{Finding, Rule, Subject};
use crate::metric::{Predictions, name};
use crate::report::round;
use crate::store::record::Stored;

/// Room for the rounding of the computation itself.
const SLACK: f64 = 1e-9;

/// A number as far as it is known: it lies between `low` and `high`, both included.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// As a reader sees it.
    pub text: String,
    /// The lowest that it can be.
    pub low: f64,
    /// The highest that it can be.
    pub high: f64,
}

impl Known {
    /// A printed number: anything within half a unit of its last digit. `None` when it is no number.
    pub fn printed(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = text.trim_end_matches('%').trim_end();
        let value: f64 = plain.parse().ok().filter(|value: &f64| value.is_finite())?;
        let (digits, exponent) = match plain.split_once(['e', 'E']) {
            Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
            None => (plain, 0),
        };
        let decimals = digits
            .split_once('.')
            .map_or(0, |(_, decimals)| decimals.len());
        let half = 0.5 * 10f64.powi(exponent - i32::try_from(decimals).ok()?);
        // The bounds themselves are binary fractions near the decimal ones.
        let half = half + SLACK * value.abs();
        Some(Self {
            text: text.to_owned(),
            low: value - half,
            high: value + half,
        })
    }

    /// A computed number.
    pub fn computed(value: f64) -> Self {
        let slack = SLACK * value.abs();
        Self {
            text: round::number(value),
            low: value - slack,
            high: value + slack,
        }
    }

    fn meets(&self, low: f64, high: f64) -> bool {
        self.low <= high && low <= self.high
    }
}

/// The errors of one result, and what is known of the values that they were made on.
#[derive(Debug, Default)]
pub struct Errors {
    /// `mse`, `rmse`, `mae`, `mape` (in percent), as far as there are any.
    pub metrics: BTreeMap<String, Known>,
    /// Whether a single value was forecast.
    pub one_value: bool,
    /// The lowest and the highest true value in size, and their unit.
    pub truth: Option<([f64; 2], String)>,
}

/// A rule that these errors break.
pub type Broken = (Rule, Vec<&'static str>, String);

/// The rules that no values within these bounds satisfy.
pub fn broken(errors: &Errors) -> Vec<Broken> {
    let metric = |name: &str| errors.metrics.get(name);
    let mut broken = Vec::new();
    if let (Some(mae), Some(rmse)) = (metric(name::MAE), metric(name::RMSE)) {
        if mae.low > rmse.high {
            let times = round::fixed((mae.low + mae.high) / (rmse.low + rmse.high), 1);
            let sentence = format!("MAE {} is {times} times the RMSE {}.", mae.text, rmse.text);
            broken.push((Rule::MaeAboveRmse, vec![name::MAE, name::RMSE], sentence));
        }
        if errors.one_value && !mae.meets(rmse.low, rmse.high) {
            let sentence = format!(
                "One value was forecast, yet MAE is {} and RMSE {}.",
                mae.text, rmse.text
            );
            broken.push((
                Rule::OneValueTwoErrors,
                vec![name::MAE, name::RMSE],
                sentence,
            ));
        }
    }
    if let (Some(mse), Some(rmse)) = (metric(name::MSE), metric(name::RMSE)) {
        let (low, high) = (rmse.low.max(0.0).powi(2), rmse.high.powi(2));
        if !mse.meets(low, high) {
            let sentence = format!(
                "RMSE {} squared is {} to {}, yet MSE is {}.",
                rmse.text,
                round::number(low),
                round::number(high),
                mse.text
            );
            broken.push((
                Rule::RmseSquaredIsNotMse,
                vec![name::MSE, name::RMSE],
                sentence,
            ));
        }
    }
    if let (Some(mae), Some(mape), Some(([lowest, highest], unit))) =
        (metric(name::MAE), metric(name::MAPE), &errors.truth)
    {
        let low = mae.low / (mape.high / 100.0);
        let high = if mape.low > 0.0 {
            mae.high / (mape.low / 100.0)
        } else {
            f64::INFINITY
        };
        let slack = SLACK * highest;
        if mape.high > 0.0 && (high < lowest - slack || low > highest + slack) {
            let sentence = format!(
                "MAE {} and MAPE {} together imply true values around {}, yet {}.",
                mae.text,
                if mape.text.ends_with('%') {
                    mape.text.clone()
                } else {
                    format!("{} %", mape.text)
                },
                amount(
                    (mae.low + mae.high) / ((mape.low + mape.high) / 100.0),
                    unit
                ),
                if lowest == highest {
                    format!("the only one is {}", amount(*lowest, unit))
                } else {
                    format!(
                        "those of the test lie between {} and {}",
                        round::number(*lowest),
                        amount(*highest, unit)
                    )
                },
            );
            broken.push((Rule::ImpliedTruth, vec![name::MAE, name::MAPE], sentence));
        }
    }
    broken
}

/// What cannot be in a record of ours.
pub fn of_record(stored: &Stored) -> Vec<Finding> {
    let Predictions::Regression { .. } = &stored.record.predictions else {
        return Vec::new();
    };
    let metrics = &stored.record.metrics;
    let errors = Errors {
        metrics: metrics
            .iter()
            .map(|(name, &value)| (name.clone(), Known::computed(value)))
            .collect(),
        one_value: truth_of(stored).len() == 1,
        truth: truth_range(&[stored]),
    };
    broken(&errors)
        .into_iter()
        .map(|(rule, metrics, explanation)| Finding {
            rule,
            subject: Subject::Cell(stored.id.clone()),
            metrics,
            explanation,
        })
        .collect()
}

/// The lowest and the highest true value of some records, in size, with their unit.
pub fn truth_range(records: &[&Stored]) -> Option<([f64; 2], String)> {
    let unit = records
        .iter()
        .find_map(|stored| match &stored.record.predictions {
            Predictions::Regression { unit, .. } => Some(unit.clone()),
            Predictions::Binary { .. } => None,
        })?;
    let sizes: Vec<f64> = records
        .iter()
        .flat_map(|stored| truth_of(stored))
        .map(f64::abs)
        .collect();
    let lowest = sizes.iter().copied().reduce(f64::min)?;
    let highest = sizes.iter().copied().reduce(f64::max)?;
    Some(([lowest, highest], unit))
}

fn truth_of(stored: &Stored) -> Vec<f64> {
    match &stored.record.predictions {
        Predictions::Regression { samples, .. } => samples
            .iter()
            .flat_map(|sample| sample.truth.iter().copied())
            .collect(),
        Predictions::Binary { .. } => Vec::new(),
    }
}

fn amount(value: f64, unit: &str) -> String {
    format!("{} {unit}", round::number(value))
        .trim_end()
        .to_owned()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn the_last_printed_digit_decides_the_bounds() {
        let bounds = |text: &str| {
            let known = Known::printed(text).unwrap();
            [known.low, known.high].map(|bound| (bound * 1e6).round() / 1e6)
        };
        assert_eq!(bounds("18.41"), [18.405, 18.415]);
        assert_eq!(bounds("9.5"), [9.45, 9.55]);
        assert_eq!(bounds("9.50 %"), [9.495, 9.505]);
        assert_eq!(bounds("7"), [6.5, 7.5]);
        assert_eq!(bounds("1.2e-3"), [0.00115, 0.00125]);
        assert_eq!(Known::printed("n/a"), None);
    }

    #[test]
    fn a_rule_fires_only_when_rounding_cannot_explain_it() {
        let rules = |mse: &str, rmse: &str, mae: &str| {
            let metrics = [("mse", mse), ("rmse", rmse), ("mae", mae)];
            let metrics =
                metrics.map(|(name, text)| (name.to_owned(), Known::printed(text).unwrap()));
            let errors = Errors {
                metrics: BTreeMap::from(metrics),
                ..Errors::default()
            };
            broken(&errors)
                .into_iter()
                .map(|(rule, ..)| rule)
                .collect::<Vec<_>>()
        };
        assert_eq!(rules("14.25", "3.78", "3.78"), []); // 3.775² = 14.2506 lies within 14.245..14.255
        assert_eq!(rules("14.24", "3.78", "3.78"), [Rule::RmseSquaredIsNotMse]);
        assert_eq!(rules("14.3", "3.78", "3.79"), []); // both could be 3.785
        assert_eq!(rules("14.3", "3.78", "3.80"), [Rule::MaeAboveRmse]);
    }

    #[test]
    fn one_value_has_one_error() {
        let metrics = [("rmse", 3.0), ("mae", 2.5)];
        let metrics = metrics.map(|(name, value)| (name.to_owned(), Known::computed(value)));
        let mut errors = Errors {
            metrics: BTreeMap::from(metrics),
            ..Errors::default()
        };
        assert!(broken(&errors).is_empty());
        errors.one_value = true;
        assert_eq!(broken(&errors)[0].0, Rule::OneValueTwoErrors);
    }
}
