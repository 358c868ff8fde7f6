//! `forecast`: what each model said against what came. A holdout is drawn day by day after some days that were known;
//! a backtest as a curve of the forecasts that look furthest ahead, one from each origin.

mod backtest;
mod holdout;

use std::collections::BTreeMap;

use super::lines::{self, Line};
use super::scene::Scene;
use super::{Figure, Kind};
use crate::metric::Forecast;
use crate::report::DataTable;
use crate::report::draw::chart::{Axis, Chart, Panel};
use crate::report::draw::date::{date_of, day};
use crate::report::draw::legend::Entry;
use crate::report::draw::thin;
use crate::report::{metrics, round};
use crate::store::record::Record;

/// What a line says of one day.
#[derive(Debug, Clone, PartialEq)]
struct Said {
    /// Days since 1970 of the forecast day.
    day: f64,
    /// The mean over the seeds.
    mean: f64,
    /// The lowest seed.
    low: f64,
    /// The highest seed.
    high: f64,
}

/// A line with what it says, in order of days.
struct Voice<'a> {
    line: Line<'a>,
    said: Vec<Said>,
}

/// What is known of one day.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Known {
    truth: f64,
    /// The target on the day from which it was forecast.
    last: f64,
}

pub(super) const KIND: Kind = Kind {
    title: "Forecasts",
    of_one_dataset: true,
    draw,
};

/// One figure.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let is_forecast =
        |record: &Record| forecasts(record).is_some_and(|samples| !samples.is_empty());
    let lines = lines::lines(scene, None, is_forecast);
    let Some(first) = lines.first().map(|line| line.records[0]) else {
        return Err("No record with forecasts.".to_owned());
    };
    let is_backtest = forecasts(first).is_some_and(|samples| samples.len() > 1);
    let days = Days::of(scene, first);
    let mut known = BTreeMap::new();
    let mut voices: Vec<Voice> = lines
        .into_iter()
        .map(|line| {
            let said = said(&line, is_backtest, &days, &mut known);
            Voice { line, said }
        })
        .collect();
    let mut known: Vec<(f64, Known)> = known
        .into_iter()
        .map(|(day, known)| (f64::from(day), known))
        .collect();
    thin(&mut voices, &mut known);
    Ok(vec![if is_backtest {
        backtest::draw(scene, first, &days, &voices, &known)
    } else {
        holdout::draw(scene, first, &days, &voices, &known)
    }])
}

fn forecasts(record: &Record) -> Option<&[Forecast]> {
    record.predictions.forecasts()
}

/// On which days forecasts lie. A series without gaps has its next value a day later; one with gaps, as a stock exchange's,
/// does not say which days come.
enum Days {
    /// Every day is in the series.
    Daily,
    /// Some are not: the days between the first and the last forecast day are taken as equally far apart.
    Between { first: f64, last: f64 },
    /// Some are not, and origins follow one another: a forecast stands where it was made.
    Origin,
}

impl Days {
    fn of(scene: &Scene, record: &Record) -> Self {
        let calendar = record
            .configuration
            .get("dataset")
            .and_then(|dataset| dataset.get("calendar"))
            .and_then(|calendar| calendar.as_str());
        if calendar != Some("any") {
            return Self::Daily;
        }
        let cuts = &scene.experiment.card.cuts;
        let cut = cuts.iter().find(|cut| {
            cut.dataset == record.dataset()
                && cut.test_targets.first() == Some(&1)
                && cut.settings.get("window") == record.configuration.get("window")
        });
        let edge = |index: usize| day(&cut?.test_days[index]);
        match (edge(0), edge(1)) {
            (Some(first), Some(last)) => Self::Between { first, last },
            _ => Self::Origin,
        }
    }

    /// The day of the forecast `ahead` steps after an origin, of `horizon` steps in all.
    fn place(&self, origin: f64, ahead: usize, horizon: usize) -> f64 {
        match *self {
            Self::Daily => origin + ahead as f64,
            Self::Between { first, last } => {
                let share = (ahead - 1) as f64 / (horizon - 1).max(1) as f64;
                (first + share * (last - first)).round()
            }
            Self::Origin => origin,
        }
    }
}

/// Means and ranges of a line's seeds for each forecast day; adds the truth of these days to `known`.
fn said(line: &Line, backtest: bool, days: &Days, known: &mut BTreeMap<i32, Known>) -> Vec<Said> {
    let seeds: Vec<&[Forecast]> = line
        .records
        .iter()
        .filter_map(|record| forecasts(record))
        .collect();
    let mut all = Vec::new();
    for (index, sample) in seeds[0].iter().enumerate() {
        let Some(origin) = day(&sample.origin) else {
            continue;
        };
        let horizon = sample.truth.len();
        let from = if backtest { horizon } else { 1 };
        for ahead in from..=horizon {
            let values: Vec<f64> = seeds
                .iter()
                .filter_map(|samples| samples.get(index)?.forecast.get(ahead - 1).copied())
                .collect();
            let day = days.place(origin, ahead, horizon);
            known.insert(
                day as i32,
                Known {
                    truth: sample.truth[ahead - 1],
                    last: sample.last,
                },
            );
            all.push(Said {
                day,
                mean: values.iter().sum::<f64>() / values.len() as f64,
                low: values.iter().copied().fold(f64::INFINITY, f64::min),
                high: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            });
        }
    }
    all
}

/// Keeps of all curves the days that can be told apart.
fn thin(voices: &mut [Voice], known: &mut Vec<(f64, Known)>) {
    let mut curves: Vec<Vec<f64>> = vec![known.iter().map(|(_, known)| known.truth).collect()];
    for voice in voices.iter() {
        let column = |value: fn(&Said) -> f64| voice.said.iter().map(value).collect();
        curves.extend([column(|s| s.mean), column(|s| s.low), column(|s| s.high)]);
    }
    let curves: Vec<&[f64]> = curves.iter().map(Vec::as_slice).collect();
    let kept = thin::kept(&curves, thin::LIMIT);
    let mut keep = |index: usize| kept.binary_search(&index).is_ok();
    retain(known, &mut keep);
    for voice in voices {
        retain(&mut voice.said, &mut keep);
    }
}

fn retain<T>(items: &mut Vec<T>, keep: &mut impl FnMut(usize) -> bool) {
    let mut index = 0;
    items.retain(|_| {
        index += 1;
        keep(index - 1)
    });
}

fn target(scene: &Scene) -> String {
    let card = scene.experiment.card.datasets.get(scene.dataset());
    let unit = metrics::shared_unit(scene.records.iter().map(|stored| &stored.record));
    let target = card.map_or("target", |card| card.target.as_str());
    super::names::with_unit(target, unit)
}

fn finish(
    scene: &Scene,
    panel: Panel,
    x: Axis,
    legend: Vec<Entry>,
    text: &str,
    table: DataTable,
) -> Figure {
    let chart = Chart {
        x,
        panels: vec![panel],
        legend,
    };
    Figure {
        title: scene.title(),
        text: text.to_owned(),
        drawing: Some(chart.draw(0.0)),
        table,
    }
}

fn seeds_sentence(voices: &[Voice], range: Option<&str>) -> String {
    if voices.iter().all(|voice| voice.line.records.len() < 2) {
        return "One run of each model.".to_owned();
    }
    let seeds = lines::seeds(voices.iter().map(|voice| &voice.line));
    match range {
        Some(marks) => format!(
            "Networks: the mean over {seeds}; {marks} reach from the lowest seed to the highest."
        ),
        None => format!("Networks: the mean over {seeds}, whose range is in the table."),
    }
}

fn range(voice: &Voice, said: &Said) -> String {
    if voice.line.records.len() < 2 {
        return String::new();
    }
    let (low, high) = (round::precise(said.low), round::precise(said.high));
    format!(" (seeds {low} to {high})")
}

/// Day, what came, the last known value, then each model's mean and range.
fn table(voices: &[Voice], known: &[(f64, Known)]) -> DataTable {
    let mut columns = vec![
        "date".to_owned(),
        "what came".to_owned(),
        "last known".to_owned(),
    ];
    for voice in voices {
        columns.push(voice.line.name.clone());
        if voice.line.records.len() > 1 {
            columns.push("lowest to highest seed".to_owned());
        }
    }
    let rows = known
        .iter()
        .map(|(day, known)| {
            let mut row = vec![
                date_of(*day),
                round::precise(known.truth),
                round::precise(known.last),
            ];
            for voice in voices {
                let said = voice.said.iter().find(|said| said.day == *day);
                row.push(said.map_or_else(|| "–".to_owned(), |s| round::precise(s.mean)));
                if voice.line.records.len() > 1 {
                    row.push(said.map_or_else(String::new, |s| {
                        format!("{} to {}", round::precise(s.low), round::precise(s.high))
                    }));
                }
            }
            row
        })
        .collect();
    DataTable { columns, rows }
}
