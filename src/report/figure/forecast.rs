//! `forecast`: what each model said against what came. A holdout is drawn day by day after some days that were known;
//! a backtest as a curve of the forecasts that look furthest ahead, one from each origin.

use std::collections::BTreeMap;

use super::chart::{Axis, Chart, Mark, Panel};
use super::date::{date_of, day};
use super::legend::{Entry, Sample};
use super::lines::{self, Line};
use super::palette::{Fill, Style};
use super::scene::Scene;
use super::thin;
use crate::metric::{Forecast, Predictions};
use crate::report::round;
use crate::report::{DataTable, FigureView};
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

/// One view.
pub fn draw(scene: &Scene) -> Vec<FigureView> {
    let is_forecast =
        |record: &Record| forecasts(record).is_some_and(|samples| !samples.is_empty());
    let lines = lines::lines(scene, None, is_forecast);
    let Some(first) = lines.first().map(|line| line.records[0]) else {
        return vec![scene.empty("Forecasts", "No record with forecasts.")];
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
    vec![if is_backtest {
        backtest(scene, first, &days, &voices, &known)
    } else {
        holdout(scene, first, &days, &voices, &known)
    }]
}

fn forecasts(record: &Record) -> Option<&[Forecast]> {
    match &record.predictions {
        Predictions::Regression { samples, .. } => Some(samples),
        Predictions::Binary { .. } => None,
    }
}

/// On which days forecasts lie. A series without gaps has its next day tomorrow; one with gaps, as a stock exchange's,
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
    let unit = lines::unit(scene.records.iter().map(|stored| &stored.record));
    let target = card.map_or("target", |card| card.target.as_str());
    format!("{target} ({unit})")
}

/// Some days that were known, then the forecast days with a marker for each model and bars over its seeds.
fn holdout(
    scene: &Scene,
    first: &Record,
    days: &Days,
    voices: &[Voice],
    known: &[(f64, Known)],
) -> FigureView {
    let horizon = known.len();
    let origin =
        forecasts(first).and_then(|samples| Some((day(&samples[0].origin)?, samples[0].last)));
    let mut past: Vec<(f64, f64)> = Vec::new();
    if let (Some((origin, last)), Some(card)) =
        (origin, scene.experiment.card.datasets.get(scene.dataset()))
    {
        let from = origin - (3 * horizon).max(21) as f64;
        past.extend(
            card.series
                .iter()
                .filter_map(|(date, value)| Some((day(date)?, *value)))
                .filter(|(day, _)| (from..origin).contains(day)),
        );
        past.push((origin, last));
    }
    let mut truth = past.clone();
    truth.extend(known.iter().map(|(day, known)| (*day, known.truth)));

    let spread = |voice: &Voice| voice.line.records.len() > 1;
    let values = voices
        .iter()
        .flat_map(|voice| voice.said.iter().flat_map(|said| [said.low, said.high]))
        .chain(truth.iter().map(|(_, value)| *value));
    let mut panel = Panel::new(Axis::of_values(target(scene), values, scene.spec.log));
    panel.height = 230.0;
    let (from, to) = (
        truth.first().map_or(0.0, |point| point.0),
        truth.last().map_or(1.0, |point| point.0),
    );
    if let (Some((first, _)), Some((last, _))) = (known.first(), known.last()) {
        panel.marks.push(Mark::Region {
            from: first - 0.5,
            to: last + 0.5,
            label: "forecast".to_owned(),
        });
    }
    panel.marks.push(Mark::Line {
        points: truth.clone(),
        style: Style::Truth,
        title: "what came".to_owned(),
    });
    panel.marks.push(Mark::Points {
        points: known
            .iter()
            .map(|(day, known)| {
                let came = round::precise(known.truth);
                (*day, known.truth, format!("{}: {came} came", date_of(*day)))
            })
            .collect(),
        style: Style::Truth,
        fill: Fill::Solid,
        size: 2.6,
    });
    // Side by side within a day, so that bars do not hide one another.
    let step = (0.5 / voices.len() as f64)
        .min(0.16)
        .max((to - from) * 0.004);
    for (index, voice) in voices.iter().enumerate() {
        let shift = (index as f64 - (voices.len() - 1) as f64 / 2.0) * step;
        let style = voice.line.style;
        if voice.said.len() > 1 {
            panel.marks.push(Mark::Line {
                points: voice.said.iter().map(|s| (s.day + shift, s.mean)).collect(),
                style,
                title: voice.line.name.clone(),
            });
        }
        let titled = |said: &Said| {
            format!(
                "{}, {}: {}{}",
                voice.line.name,
                date_of(said.day),
                round::precise(said.mean),
                range(voice, said)
            )
        };
        for said in voice.said.iter().filter(|_| spread(voice)) {
            panel.marks.push(Mark::Interval {
                x: said.day + shift,
                low: said.low,
                high: said.high,
                style,
                title: titled(said),
            });
        }
        panel.marks.push(Mark::Points {
            points: voice
                .said
                .iter()
                .map(|said| (said.day + shift, said.mean, titled(said)))
                .collect(),
            style,
            fill: Fill::Solid,
            size: 3.6,
        });
    }

    let mut legend = vec![Entry {
        sample: Sample::Line(Style::Truth),
        name: "what came".to_owned(),
    }];
    legend.extend(voices.iter().map(|voice| Entry {
        sample: if voice.said.len() > 1 {
            Sample::LineAndMarker(voice.line.style)
        } else {
            Sample::Marker(voice.line.style)
        },
        name: voice.line.name.clone(),
    }));
    let mut text = format!(
        "The forecast of the last {} against what came, after some days that were known. {}",
        if horizon == 1 {
            "day".to_owned()
        } else {
            format!("{horizon} days")
        },
        seeds_sentence(voices, Some("bars"))
    );
    if matches!(days, Days::Between { .. }) {
        text.push_str(" The series has gaps: forecast days are drawn equally far apart.");
    }
    finish(
        scene,
        panel,
        Axis::of_days("", from, to.max(from + 1.0) + 0.6),
        legend,
        &text,
        table(voices, known),
    )
}

/// The forecasts that look furthest ahead, one from each origin, with what came and with the naive forecast.
fn backtest(
    scene: &Scene,
    first: &Record,
    days: &Days,
    voices: &[Voice],
    known: &[(f64, Known)],
) -> FigureView {
    // A model that is the naive forecast needs no second line.
    let has_naive = voices.iter().any(|voice| {
        voice.line.records.iter().all(|record| {
            forecasts(record).is_some_and(|samples| {
                samples
                    .iter()
                    .all(|s| s.forecast.iter().all(|value| *value == s.last))
            })
        })
    });
    let values = voices
        .iter()
        .flat_map(|voice| voice.said.iter().flat_map(|said| [said.low, said.high]))
        .chain(
            known
                .iter()
                .flat_map(|(_, known)| [known.truth, known.last]),
        );
    let mut panel = Panel::new(Axis::of_values(target(scene), values, scene.spec.log));
    panel.height = 250.0;
    for voice in voices
        .iter()
        .filter(|voice| lines::has_band(&voice.line, voices.len()))
    {
        panel.marks.push(Mark::Band {
            points: voice.said.iter().map(|s| (s.day, s.low, s.high)).collect(),
            style: voice.line.style,
            title: format!("{}: lowest to highest seed", voice.line.name),
        });
    }
    let mut legend = Vec::new();
    let mut line = |points: Vec<(f64, f64)>, style: Style, name: &str| {
        panel.marks.push(Mark::Line {
            points,
            style,
            title: name.to_owned(),
        });
        legend.push(Entry {
            sample: Sample::Line(style),
            name: name.to_owned(),
        });
    };
    let naive = "naive: the last known value";
    if !has_naive {
        let points = known
            .iter()
            .map(|(day, known)| (*day, known.last))
            .collect();
        line(points, Style::Reference, naive);
    }
    let points = known
        .iter()
        .map(|(day, known)| (*day, known.truth))
        .collect();
    line(points, Style::Truth, "what came");
    for voice in voices {
        let points = voice.said.iter().map(|s| (s.day, s.mean)).collect();
        line(points, voice.line.style, &voice.line.name);
    }

    let samples = forecasts(first).unwrap_or_default();
    let horizon = samples.first().map_or(0, |sample| sample.truth.len());
    let steps = if horizon == 1 {
        "1 day".to_owned()
    } else {
        format!("{horizon} days")
    };
    let label = match days {
        Days::Origin => "day of the forecast",
        Days::Daily | Days::Between { .. } => "",
    };
    let has_bands = voices
        .iter()
        .any(|voice| lines::has_band(&voice.line, voices.len()));
    let text = format!(
        "The forecast {steps} ahead from each of {} origins, against what came on that day. {}",
        round::count(samples.len()),
        seeds_sentence(voices, has_bands.then_some("bands"))
    );
    let (from, to) = (
        known.first().map_or(0.0, |(day, _)| *day),
        known.last().map_or(1.0, |(day, _)| *day),
    );
    let table = table(voices, known);
    finish(
        scene,
        panel,
        Axis::of_days(label, from, to),
        legend,
        &text,
        table,
    )
}

fn finish(
    scene: &Scene,
    panel: Panel,
    x: Axis,
    legend: Vec<Entry>,
    text: &str,
    table: DataTable,
) -> FigureView {
    let chart = Chart {
        x,
        panels: vec![panel],
        legend,
    };
    let title = scene.title("Forecasts");
    let description = scene.description(text);
    FigureView {
        svg: chart.draw(&scene.id(0), &title, &description),
        table,
        title,
        description,
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
        "day".to_owned(),
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
