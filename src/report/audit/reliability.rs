//! Records → what cannot be concluded from them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Finding, Rule, Subject};
use crate::console::counted;
use crate::language::configuration::value_at;
use crate::metric::{Forecast, ITEMS_TO_RANK, Predictions};
use crate::report::results::ExperimentResults;
use crate::report::round;
use crate::store::record::{Record, Stored};

/// What one cell alone does not show.
pub fn of_record(stored: &Stored) -> Vec<Finding> {
    let found = |rule, metrics, explanation| Finding {
        rule,
        subject: Subject::Cell(stored.id.clone()),
        metrics,
        explanation,
    };
    let record = &stored.record;
    let mut findings = Vec::new();
    if record.predictions.are_few() {
        findings.push(found(
            Rule::SmallTest,
            vec![],
            size_of_test(&record.predictions),
        ));
    }
    if record.is_trained() {
        if scaler_saw_test(record) {
            let sentence = "fit_scale_on = \"all\": the scaling was computed from all rows, those of the test included.";
            findings.push(found(Rule::ScalerSawTest, vec![], sentence.to_owned()));
        }
        if let Some(sentence) = behind_naive(record) {
            findings.push(found(Rule::BehindNaive, vec![], sentence));
        }
    }
    findings
}

/// A hole in the series that the cell was trained and tested on.
pub fn of_series(experiment: &ExperimentResults, stored: &Stored) -> Option<Finding> {
    let name = value_at(&stored.record.configuration, "dataset")?.as_str()?;
    let dataset = experiment.card.datasets.get(name)?;
    let hole = dataset.hole.as_ref()?;
    // Cells may see parts of a series, and the card knows one of them.
    if stored.record.key.data != dataset.digest {
        return None;
    }
    Some(Finding {
        rule: Rule::HoleInSeries,
        subject: Subject::Cell(stored.id.clone()),
        metrics: vec![],
        explanation: format!("{hole}."),
    })
}

/// What cells that differ only in their seed do not show together.
pub fn of_groups(records: &[Stored]) -> Vec<Finding> {
    let mut groups: BTreeMap<String, Vec<&Stored>> = BTreeMap::new();
    for stored in records.iter().filter(|stored| stored.record.is_trained()) {
        groups
            .entry(stored.record.group())
            .or_default()
            .push(stored);
    }
    groups
        .into_values()
        .filter_map(|group| match group[..] {
            [only] => Some(Finding {
                rule: Rule::SingleSeed,
                subject: Subject::Cell(only.id.clone()),
                metrics: vec![],
                explanation: format!(
                    "Only seed {} was run.",
                    only.record
                        .at("seed")
                        .map_or_else(|| "0".to_owned(), Value::to_string)
                ),
            }),
            _ => None,
        })
        .collect()
}

fn scaler_saw_test(record: &Record) -> bool {
    let says = |path: &str, word: &str| record.at(path).and_then(Value::as_str) == Some(word);
    says("window.fit_scale_on", "all") && !says("window.scale", "none")
}

fn size_of_test(predictions: &Predictions) -> String {
    match predictions {
        Predictions::Regression { samples, .. } => {
            let values: usize = samples.iter().map(|sample| sample.truth.len()).sum();
            format!(
                "The test set holds {} from {}; ranking models takes at least {ITEMS_TO_RANK} origins.",
                counted(values, "forecast value"),
                counted(samples.len(), "origin"),
            )
        }
        Predictions::Binary { samples, .. } => format!(
            "The test set holds {}; ranking models takes at least {ITEMS_TO_RANK}.",
            counted(samples.len(), "item")
        ),
    }
}

fn behind_naive(record: &Record) -> Option<String> {
    let Predictions::Regression { unit, samples } = &record.predictions else {
        return None;
    };
    let network = rmse(samples, |sample, ahead| sample.forecast[ahead])?;
    let naive = rmse(samples, |sample, _| sample.last)?;
    (network >= naive).then(|| {
        let value = |x: f64| format!("{} {unit}", round::number(x)).trim_end().to_owned();
        format!(
            "RMSE is {}, that of the naive forecast from the same origins {}.",
            value(network),
            value(naive)
        )
    })
}

/// Root mean squared error of a forecast given for each sample and day ahead.
fn rmse(samples: &[Forecast], forecast: impl Fn(&Forecast, usize) -> f64) -> Option<f64> {
    let squares: Vec<f64> = samples
        .iter()
        .flat_map(|sample| {
            sample
                .truth
                .iter()
                .enumerate()
                .map(move |(ahead, truth)| (sample, ahead, truth))
        })
        .map(|(sample, ahead, truth)| (forecast(sample, ahead) - truth).powi(2))
        .collect();
    (!squares.is_empty()).then(|| (squares.iter().sum::<f64>() / squares.len() as f64).sqrt())
}
