//! The predictions of cells that differ in nothing but their seed → one table.

use std::collections::BTreeMap;

use super::fit;
use crate::metric::{Forecasts, Predictions};
use crate::report::{DataTable, round, select};
use crate::store::record::Record;

/// So many numbers of single seeds stand in a table; beyond, their mean and range.
const MOST_NUMBERS: usize = 1500;

/// What the table says of the seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    /// A column for each seed.
    Each,
    /// The mean over seeds, the lowest and the highest of them.
    Together,
}

/// A row for each forecast origin or item that any of the records has, or so many of them, evenly; and sentences on what it holds.
pub(super) fn table(records: &[&Record], most_rows: Option<usize>) -> (String, DataTable) {
    let Some(first) = records.first() else {
        return (String::new(), DataTable::default());
    };
    let predictions: Vec<BTreeMap<&str, Prediction>> = records.iter().map(|record| predictions(record)).collect();
    // In the order of the first record, then what only others have.
    let mut names = names(&first.predictions);
    for record in &records[1..] {
        for name in self::names(&record.predictions) {
            if !predictions[0].contains_key(name) && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let ahead = predictions
        .iter()
        .flat_map(BTreeMap::values)
        .map(|one| one.given.len())
        .max()
        .unwrap_or_default();
    let columns = match records.len() * names.len() * ahead {
        _ if records.len() == 1 => Columns::Each,
        numbers if numbers <= MOST_NUMBERS => Columns::Each,
        _ => Columns::Together,
    };
    let cut = most_rows.and_then(|most| fit::cut(&mut names, most));
    let rows = names
        .into_iter()
        .map(|name| {
            let found: Vec<Option<&Prediction>> = predictions.iter().map(|own| own.get(name)).collect();
            row(name, &found, ahead, columns)
        })
        .collect();
    let mut notes = Vec::new();
    if columns == Columns::Together {
        notes.push(format!(
            "The mean over {} seeds, the lowest and the highest of them; what each seed predicted is in its record.",
            records.len()
        ));
    }
    notes.extend(kept(records));
    notes.extend(cut.map(|what| fit::in_records(&what, records.len())));
    let note = notes.join(" ");
    let columns = headings(records, ahead, columns);
    (note, DataTable { columns, rows })
}

/// What a table lacks where records keep a summary.
fn kept(records: &[&Record]) -> Option<String> {
    let forecasts = records.iter().filter_map(|record| record.predictions.forecasts());
    let summed_up = forecasts.filter(|forecasts| forecasts.summary().is_some());
    let most = summed_up.max_by_key(|forecasts| forecasts.count())?;
    Some(format!(
        "Of {} forecasts a record keeps {} whole, those missed most among them; of the others it keeps their losses.",
        round::count(most.count()),
        most.whole().len()
    ))
}

/// What one record says of one origin or item.
struct Prediction<'a> {
    /// What was known: the last value of each target, or nothing.
    known: &'a [f64],
    /// What is true.
    truth: Truth<'a>,
    /// What was predicted: a value for each step, or the probability.
    given: &'a [f64],
}

/// What is true of one origin or item.
enum Truth<'a> {
    /// A value for each step.
    Values(&'a [f64]),
    /// The class.
    Class(&'a str),
}

impl Truth<'_> {
    /// At a step, from 0; empty where nothing is known of it.
    fn at(&self, step: usize) -> String {
        match self {
            Self::Values(values) => values.get(step).copied().map_or_else(String::new, round::precise),
            Self::Class(class) if step == 0 => (*class).to_owned(),
            Self::Class(_) => String::new(),
        }
    }
}

fn names(predictions: &Predictions) -> Vec<&str> {
    match predictions {
        Predictions::Regression(forecasts) => forecasts.whole().iter().map(|sample| &*sample.origin).collect(),
        Predictions::Binary { samples, .. } => samples.iter().map(|sample| &*sample.name).collect(),
    }
}

fn predictions(record: &Record) -> BTreeMap<&str, Prediction<'_>> {
    match &record.predictions {
        Predictions::Regression(forecasts) => forecasts
            .whole()
            .iter()
            .map(|sample| {
                let prediction = Prediction {
                    known: &sample.last,
                    truth: Truth::Values(&sample.truth),
                    given: &sample.forecast,
                };
                (&*sample.origin, prediction)
            })
            .collect(),
        Predictions::Binary { classes, samples } => samples
            .iter()
            .map(|sample| {
                let prediction = Prediction {
                    known: &[],
                    truth: Truth::Class(&classes[usize::from(sample.label.min(1))]),
                    given: std::slice::from_ref(&sample.score),
                };
                (&*sample.name, prediction)
            })
            .collect(),
    }
}

fn headings(records: &[&Record], ahead: usize, columns: Columns) -> Vec<String> {
    let (mut headings, is_forecast, word) = match &records[0].predictions {
        Predictions::Regression(forecasts) => {
            let mut known = vec!["last known date".to_owned()];
            match forecasts.targets() {
                [] | [_] => known.push(format!("last value, {}", forecasts.unit)),
                several => known.extend(several.iter().map(|target| format!("last value of {}", target.name))),
            }
            (known, true, "forecast".to_owned())
        }
        Predictions::Binary { classes, .. } => {
            let word = format!("probability of {}", classes[1]);
            (vec!["item".to_owned()], false, word)
        }
    };
    let targets = records[0].predictions.forecasts().map_or(&[][..], Forecasts::targets);
    for column in 0..ahead {
        let word = if is_forecast {
            let at = match targets {
                [] | [_] => format!("+{}", column + 1),
                several => format!("+{} of {}", column / several.len() + 1, several[column % several.len()].name),
            };
            headings.push(format!("observed {at}"));
            format!("{word} {at}")
        } else {
            headings.push("true class".to_owned());
            word.clone()
        };
        match columns {
            Columns::Each => headings.extend(records.iter().map(|record| match (records.len(), record.at("seed")) {
                (1, _) | (_, None) => word.clone(),
                (_, Some(seed)) => format!("{word}, seed {}", select::show(seed)),
            })),
            Columns::Together => {
                headings.push(format!("{word}, mean"));
                headings.push(format!("{word}, lowest to highest"));
            }
        }
    }
    headings
}

fn row(name: &str, found: &[Option<&Prediction>], ahead: usize, columns: Columns) -> Vec<String> {
    let mut row = vec![name.to_owned()];
    let Some(known) = found.iter().flatten().next() else {
        return row;
    };
    row.extend(known.known.iter().copied().map(round::precise));
    for step in 0..ahead {
        row.push(known.truth.at(step));
        let given: Vec<Option<f64>> = found
            .iter()
            .map(|one| one.and_then(|one| one.given.get(step).copied()))
            .collect();
        match columns {
            Columns::Each => row.extend(given.iter().map(|value| value.map_or_else(String::new, round::precise))),
            Columns::Together => {
                let values = || given.iter().flatten().copied();
                let mean = values().sum::<f64>() / values().count() as f64;
                let low = values().fold(f64::INFINITY, f64::min);
                let high = values().fold(f64::NEG_INFINITY, f64::max);
                row.push(round::precise(mean));
                row.push(format!("{} to {}", round::number(low), round::number(high)));
            }
        }
    }
    row
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::language::report::ReportSpec;
    use crate::report::sample;
    use crate::store::record::Stored;

    fn of_model<'a>(stored: &'a [Stored], model: &str) -> Vec<&'a Record> {
        let records = stored.iter().map(|stored| &stored.record);
        let own = records.filter(|record| record.model() == model && record.dataset() == stored[0].record.dataset());
        let mut own: Vec<&Record> = own.collect();
        own.sort_by_key(|record| record.at("seed").and_then(Value::as_u64));
        own
    }

    #[test]
    fn few_numbers_have_a_column_for_each_seed() {
        let experiment = sample::experiment(&sample::study(&[2], 4), ReportSpec::default());
        let records = of_model(&experiment.records, "lstm");
        let (note, table) = super::table(&records, None);
        assert_eq!(note, "");
        assert_eq!(
            table.columns,
            [
                "last known date",
                "last value, USD",
                "observed +1",
                "forecast +1, seed 0",
                "forecast +1, seed 1",
                "forecast +1, seed 2",
                "observed +2",
                "forecast +2, seed 0",
                "forecast +2, seed 1",
                "forecast +2, seed 2"
            ]
        );
        assert_eq!(table.rows.len(), 4);
        let second = &records[1].predictions.forecasts().unwrap().whole()[3];
        assert_eq!(table.rows[3][0], second.origin);
        assert_eq!(table.rows[3][2], round::precise(second.truth[0]));
        assert_eq!(table.rows[3][8], round::precise(second.forecast[1]));
    }

    #[test]
    fn many_numbers_are_told_by_mean_and_range() {
        let experiment = sample::experiment(&sample::study(&[1], 600), ReportSpec::default());
        let records = of_model(&experiment.records, "lstm");
        let (note, table) = super::table(&records, None);
        assert!(note.starts_with("The mean over 3 seeds"), "{note}");
        assert_eq!(table.columns[3], "forecast +1, mean");
        let seeds = records
            .iter()
            .map(|record| record.predictions.forecasts().unwrap().whole()[7].forecast[0]);
        let mean = seeds.sum::<f64>() / 3.0;
        assert_eq!(table.rows[7][3], round::precise(mean));
        assert!(table.rows[7][4].contains(" to "));
    }

    #[test]
    fn an_origin_that_one_seed_lacks_leaves_a_gap() {
        let mut experiment = sample::experiment(&sample::study(&[1], 3), ReportSpec::default());
        let first = experiment
            .records
            .iter_mut()
            .find(|stored| stored.record.model() == "lstm" && stored.record.at("seed") == Some(&0.into()));
        if let Predictions::Regression(forecasts) = &mut first.unwrap().record.predictions {
            forecasts.samples_mut().remove(1);
        }
        let (_, table) = super::table(&of_model(&experiment.records, "lstm"), None);
        assert_eq!(table.rows.len(), 3);
        assert_eq!(table.rows[2][3], "", "{:?}", table.rows);
        assert_ne!(table.rows[2][4], "");
    }

    #[test]
    fn few_rows_are_those_that_would_be_left_of_all() {
        let experiment = sample::experiment(&sample::study(&[1], 60), ReportSpec::default());
        let records = of_model(&experiment.records, "lstm");
        let [(_, all), (note, few)] = [None, Some(4)].map(|most| super::table(&records, most));
        let rows = [0, 19, 39, 59].map(|row| all.rows[row].clone());
        assert_eq!((few.columns, few.rows), (all.columns, rows.to_vec()));
        assert_eq!(note, "4 of 60 rows, evenly; all of them are in the records.");
        assert_eq!(super::table(&records, Some(60)).0, "");
    }

    #[test]
    fn clips_have_a_probability() {
        let clips = sample::clips::experiment(&sample::clips::study(), ReportSpec::default());
        let (_, table) = super::table(&[&clips.records[0].record], None);
        assert_eq!(table.columns, ["item", "true class", "probability of no fight"]);
    }
}
