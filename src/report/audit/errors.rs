//! What holds between the error measures of one result, whatever made it.

use std::collections::BTreeMap;

use super::known::{Known, SLACK};
use super::{Rule, Severity};
use crate::metric::{Forecasts, name};
use crate::report::round;
use crate::store::record::Stored;

/// A mean of absolute values above the root of the mean of their squares.
pub(super) static MAE_ABOVE_RMSE: Rule = Rule {
    mark: "MAE > RMSE",
    severity: Severity::Impossible,
    is_about_networks: false,
    meaning: "The mean absolute error can never be larger than the root mean squared error.",
    check: |evidence| {
        evidence.broken_errors(|errors| {
            let [mae, rmse] = errors.known([name::MAE, name::RMSE])?;
            let times = || round::fixed((mae.low + mae.high) / (rmse.low + rmse.high), 1);
            let sentence = || format!("MAE {} is {} times the RMSE {}.", mae.text, times(), rmse.text);
            (mae.low > rmse.high).then(|| (vec![name::MAE, name::RMSE], sentence()))
        })
    },
};

/// The square of the RMSE is not the MSE.
pub(super) static RMSE_SQUARED_IS_NOT_MSE: Rule = Rule {
    mark: "RMSE² ≠ MSE",
    severity: Severity::Impossible,
    is_about_networks: false,
    meaning: "The root mean squared error, squared, must be the mean squared error.",
    check: |evidence| {
        evidence.broken_errors(|errors| {
            let [mse, rmse] = errors.known([name::MSE, name::RMSE])?;
            let (low, high) = (rmse.low.max(0.0).powi(2), rmse.high.powi(2));
            let sentence = || {
                format!(
                    "RMSE {} squared is {} to {}, yet MSE is {}.",
                    rmse.text,
                    round::number(low),
                    round::number(high),
                    mse.text
                )
            };
            (!mse.meets(low, high)).then(|| (vec![name::MSE, name::RMSE], sentence()))
        })
    },
};

/// With one forecast value, RMSE, MAE and the absolute error are one number.
pub(super) static ONE_VALUE_TWO_ERRORS: Rule = Rule {
    mark: "MAE ≠ RMSE",
    severity: Severity::Impossible,
    is_about_networks: false,
    meaning: "With a single forecast value, RMSE and MAE are both the size of its one error, so they must be equal.",
    check: |evidence| {
        evidence.broken_errors(|errors| {
            let [mae, rmse] = errors.known([name::MAE, name::RMSE])?;
            let sentence = || format!("One value was forecast, yet MAE is {} and RMSE {}.", mae.text, rmse.text);
            (errors.one_value && !mae.meets(rmse.low, rmse.high)).then(|| (vec![name::MAE, name::RMSE], sentence()))
        })
    },
};

/// MAE and MAPE together imply observed values that are not those.
pub(super) static IMPLIED_TRUTH: Rule = Rule {
    mark: "MAE against MAPE",
    severity: Severity::Impossible,
    is_about_networks: false,
    meaning: "MAE divided by MAPE is a weighted mean of the observed values, so it must lie between the lowest and the highest of \
              them.",
    check: |evidence| evidence.broken_errors(implied_truth),
};

fn implied_truth(errors: &Errors) -> Option<(Vec<&'static str>, String)> {
    let [mae, mape] = errors.known([name::MAE, name::MAPE])?;
    let ([lowest, highest], unit) = errors.truth.as_ref()?;
    let low = mae.low / (mape.high / 100.0);
    let high = if mape.low > 0.0 {
        mae.high / (mape.low / 100.0)
    } else {
        f64::INFINITY
    };
    let slack = SLACK * highest;
    if mape.high <= 0.0 || (high >= lowest - slack && low <= highest + slack) {
        return None;
    }
    let sentence = format!(
        "MAE {} and MAPE {} together imply observed values around {}, yet {}.",
        mae.text,
        if mape.text.ends_with('%') {
            mape.text.clone()
        } else {
            format!("{} %", mape.text)
        },
        amount((mae.low + mae.high) / ((mape.low + mape.high) / 100.0), unit),
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
    Some((vec![name::MAE, name::MAPE], sentence))
}

/// The errors of one result, and what is known of the values that they were made on.
#[derive(Debug, Default)]
pub(super) struct Errors {
    /// Metrics by name, those in percent among them, as far as there are any.
    pub metrics: BTreeMap<String, Known>,
    /// Whether a single value was forecast.
    pub one_value: bool,
    /// The lowest and the highest observed value in size, and their unit.
    pub truth: Option<([f64; 2], String)>,
}

impl Errors {
    /// Those of a record of forecasts.
    pub(super) fn of_record(stored: &Stored) -> Option<Self> {
        let forecasts = stored.record.predictions.forecasts()?;
        let metrics = stored.record.metrics.iter();
        Some(Self {
            metrics: metrics.map(|(name, &value)| (name.clone(), Known::computed(value))).collect(),
            one_value: forecasts.count() * forecasts.horizon() == 1,
            truth: truth_range(&[stored]),
        })
    }

    /// Two of them, where both are there.
    fn known(&self, names: [&str; 2]) -> Option<[&Known; 2]> {
        let [first, second] = names.map(|name| self.metrics.get(name));
        Some([first?, second?])
    }
}

/// The lowest and the highest observed value of some records, in size, with their unit.
pub(super) fn truth_range(records: &[&Stored]) -> Option<([f64; 2], String)> {
    let forecasts = || records.iter().filter_map(|stored| stored.record.predictions.forecasts());
    let ranges = || forecasts().filter_map(Forecasts::truth_range);
    let lowest = ranges().map(|[lowest, _]| lowest).reduce(f64::min)?;
    let highest = ranges().map(|[_, highest]| highest).reduce(f64::max)?;
    Some(([lowest, highest], forecasts().next()?.unit.clone()))
}

fn amount(value: f64, unit: &str) -> String {
    format!("{} {unit}", round::number(value)).trim_end().to_owned()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::audit::Subject;
    use crate::report::audit::evidence::Evidence;
    use crate::report::sample;

    /// The marks of the rules that errors break.
    fn marks(errors: Errors) -> Vec<&'static str> {
        let rules = [&MAE_ABOVE_RMSE, &RMSE_SQUARED_IS_NOT_MSE, &ONE_VALUE_TWO_ERRORS];
        let experiment = sample::experiment(&[], ReportSpec::default());
        let mut evidence = Evidence::of(&experiment);
        evidence.errors = vec![(Subject::Cell(String::new()), errors)];
        let broken = rules.iter().filter(|rule| !(rule.check)(&evidence).is_empty());
        broken.map(|rule| rule.mark).collect()
    }

    #[test]
    fn a_rule_fires_only_when_rounding_cannot_explain_it() {
        let broken = |mse: &str, rmse: &str, mae: &str| {
            let metrics = [("mse", mse), ("rmse", rmse), ("mae", mae)];
            let metrics = metrics.map(|(name, text)| (name.to_owned(), Known::printed(text).unwrap()));
            marks(Errors {
                metrics: BTreeMap::from(metrics),
                ..Errors::default()
            })
        };
        assert_eq!(broken("14.25", "3.78", "3.78"), [""; 0]); // 3.775² = 14.2506 lies within 14.245..14.255
        assert_eq!(broken("14.24", "3.78", "3.78"), ["RMSE² ≠ MSE"]);
        assert_eq!(broken("14.3", "3.78", "3.79"), [""; 0]); // both could be 3.785
        assert_eq!(broken("14.3", "3.78", "3.80"), ["MAE > RMSE"]);
    }

    #[test]
    fn one_value_has_one_error() {
        let of = |one_value| {
            let metrics = [("rmse", 3.0), ("mae", 2.5)];
            let metrics = metrics.map(|(name, value)| (name.to_owned(), Known::computed(value)));
            marks(Errors {
                metrics: BTreeMap::from(metrics),
                one_value,
                truth: None,
            })
        };
        assert_eq!(of(false), [""; 0]);
        assert_eq!(of(true), ["MAE ≠ RMSE"]);
    }
}
