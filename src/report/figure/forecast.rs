//! `forecast`: what each model said against what was observed. A holdout is drawn day by day after some days that were known;
//! a backtest as a curve of the forecasts that look furthest ahead, one from each origin; where records keep a summary, some whole
//! windows like a holdout.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lines::{self, Line};
use super::names;
use super::scene::Scene;
use super::{Figure, Kind};
use crate::console::counted;
use crate::data::series::time::{DAY, Frequency};
use crate::metric::{Forecast, Forecasts};
use crate::report::draw::date::{count_of, date_of, day, exact, of_count};
use crate::report::draw::frame::{Along, Frame, Graph, Look, Point, Series};
use crate::report::draw::palette::Style;
use crate::report::{metrics, round};
use crate::store::card::TEST;
use crate::store::record::Record;

pub(super) const KIND: Kind = Kind {
    title: "Forecasts",
    of_one_dataset: true,
    draw,
};

/// What is known of one day.
struct Known {
    truth: f64,
    /// The target on the day from which it was forecast.
    last: f64,
}

/// Windows that are drawn where records keep a summary, at most.
const MOST_WINDOWS: usize = 3;

/// Steps of a whole window that are marked each, at most.
const MOST_MARKERS: usize = 30;

/// What a figure is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// The last days of the series.
    Holdout,
    /// Every origin, by the forecast that looks furthest ahead.
    Backtest,
    /// One whole window of many.
    Window,
}

/// One figure; of summaries one for each of some whole windows.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let lines = lines::lines(scene, None, |record| !whole(record).is_empty());
    let first = lines.first().ok_or("No record with forecasts.")?.records[0];
    let records = || lines.iter().flat_map(|line| &line.records);
    let is_summed_up = records().any(|record| forecasts(record).is_some_and(|one| one.summary().is_some()));
    if !is_summed_up {
        let samples: Vec<&Forecast> = whole(first).iter().collect();
        let about = match samples.len() > 1 {
            true => About::Backtest,
            false => About::Holdout,
        };
        return Ok(vec![chart(scene, &lines, &samples, about)]);
    }
    let is_shared = |sample: &&Forecast| records().all(|record| at(record, &sample.origin).is_some());
    let shared: Vec<&Forecast> = whole(first).iter().filter(is_shared).collect();
    if shared.is_empty() {
        return Err("The records keep summaries of their forecasts, and no window that all of them keep whole.".to_owned());
    }
    let most = shared.len().min(MOST_WINDOWS);
    let shown = (0..most).map(|place| shared[place * (shared.len() - 1) / (most - 1).max(1)]);
    Ok(shown.map(|sample| chart(scene, &lines, &[sample], About::Window)).collect())
}

/// The forecasts from these origins, of which the first line's first record has those given.
fn chart(scene: &Scene, lines: &[Line], samples: &[&Forecast], about: About) -> Figure {
    let first = lines[0].records[0];
    let is_backtest = about == About::Backtest;
    let days = Days::of(scene, first);
    let mut known = BTreeMap::new();
    let models: Vec<Series> = lines
        .iter()
        .map(|line| said(line, about, samples, &days, &mut known))
        .collect();
    let known: Vec<(f64, Known)> = known.into_iter().map(|(count, known)| (of_count(count), known)).collect();
    let truth = |day: f64, known: &Known| Point {
        hover: format!("{}: {} observed", date_of(day), round::precise(known.truth)),
        ..Point::at(day, known.truth)
    };
    let truth = known.iter().map(|(day, known)| truth(*day, known)).collect();
    let truth = Series::line("observed", Style::Truth, truth);
    let last = known.iter().map(|(day, known)| Point::at(*day, known.last));
    let last = Series {
        column: Some("last known".to_owned()),
        // A model that is the naive forecast needs no second line.
        look: match is_backtest && !lines.iter().any(is_naive) {
            true => Look::Line,
            false => Look::Hidden,
        },
        ..Series::line("naive: the last known value", Style::Reference, last.collect())
    };
    let mut graph = Graph {
        log: scene.spec.log,
        height: 250.0,
        write: round::precise,
        series: vec![truth, last],
        ..Graph::new(target(scene))
    };
    if !is_backtest {
        after_the_past(&mut graph, past(scene, samples[0], known.len(), days.step()));
    }
    graph.series.extend(models);
    let frame = Frame {
        x: Along::days(match days {
            Days::Origin if is_backtest => "date of the forecast",
            _ => "",
        }),
        graphs: vec![graph],
    };
    let horizon = samples[0].truth.len();
    let mut text = match about {
        About::Backtest => format!(
            "The forecast {} ahead from each of {}, against what was observed then. ",
            counted(horizon, "step"),
            counted(samples.len(), "origin"),
        ),
        About::Holdout => format!(
            "The forecast of the last {} against what was observed, after some that were known. ",
            match horizon {
                1 => "step".to_owned(),
                _ => counted(horizon, "step"),
            },
        ),
        About::Window => format!(
            "The forecast of {} from {} against what was observed, after some that were known: one of the few windows that the records \
             keep whole, of {} in all. ",
            counted(horizon, "step"),
            samples[0].origin,
            round::count(forecasts(first).map_or(0, Forecasts::count)),
        ),
    };
    text.push_str(&match frame.spread() {
        Some(shown) => format!("Networks: the mean over {}{shown}.", lines::seeds(lines)),
        None => "One run of each model.".to_owned(),
    });
    if !is_backtest && matches!(days, Days::Between { .. }) {
        text.push_str(" The series has gaps: forecasts are drawn equally far apart.");
    }
    let title = match about {
        About::Window => format!("{}, from {}", scene.title(), samples[0].origin),
        About::Backtest | About::Holdout => scene.title(),
    };
    Figure::chart(title, text, frame)
}

fn forecasts(record: &Record) -> Option<&Forecasts> {
    record.predictions.forecasts()
}

/// The forecasts that a record keeps.
fn whole(record: &Record) -> &[Forecast] {
    forecasts(record).map_or(&[], Forecasts::whole)
}

/// The forecast from an origin that a record keeps.
fn at<'a>(record: &'a Record, origin: &str) -> Option<&'a Forecast> {
    let place = whole(record).binary_search_by(|sample| (*sample.origin).cmp(origin)).ok()?;
    whole(record).get(place)
}

/// Whether all that a line forecasts is the last known value.
fn is_naive(line: &Line) -> bool {
    let mut samples = line.records.iter().flat_map(|record| whole(record));
    samples.all(|one| {
        one.forecast
            .iter()
            .zip(one.last.iter().cycle())
            .all(|(value, last)| value == last)
    })
}

/// On which days forecasts lie. A series without gaps has its next value a day later; one with gaps, as a stock exchange's,
/// does not say which days come.
enum Days {
    /// The next value comes so many days later.
    Every(f64),
    /// Some are not: the days between the first and the last forecast day are taken as equally far apart.
    Between { first: f64, last: f64 },
    /// Some are not, and origins follow one another: a forecast stands where it was made.
    Origin,
}

impl Days {
    fn of(scene: &Scene, record: &Record) -> Self {
        let setting = |key: &str| record.configuration.get("dataset")?.get(key);
        let frequency = setting("frequency").and_then(|frequency| Frequency::deserialize(frequency).ok());
        let step = match frequency {
            Some(frequency) => frequency.length().map(|length| length as f64 / DAY as f64),
            None if setting("calendar").is_some_and(|calendar| calendar == "any") => None,
            None => Some(1.0),
        };
        if let Some(step) = step {
            return Self::Every(step);
        }
        let card = &scene.experiment.card;
        let planned = scene.planned().find(|cell| cell.configuration == record.configuration);
        let test = planned.and_then(|cell| card.cut(cell)?.part(TEST));
        let span = test.filter(|test| test.items == 1).and_then(|test| test.span.as_ref());
        match span.and_then(|[first, last]| day(first).zip(day(last))) {
            Some((first, last)) => Self::Between { first, last },
            None => Self::Origin,
        }
    }

    /// Days from one value to the next, about.
    fn step(&self) -> f64 {
        match *self {
            Self::Every(step) => step,
            Self::Between { .. } | Self::Origin => 1.0,
        }
    }

    /// The day of the forecast `ahead` steps after an origin, of `horizon` steps in all.
    fn place(&self, origin: f64, ahead: usize, horizon: usize) -> f64 {
        match *self {
            Self::Every(step) => exact(origin + ahead as f64 * step),
            Self::Between { first, last } => {
                let share = (ahead - 1) as f64 / (horizon - 1).max(1) as f64;
                let place = first + share * (last - first);
                // Between two days there is none.
                if first.fract() == 0.0 && last.fract() == 0.0 {
                    place.round()
                } else {
                    exact(place)
                }
            }
            Self::Origin => origin,
        }
    }
}

/// What the seeds of a line say together of each forecast day; adds what is known of these days to `known`.
fn said(line: &Line, about: About, samples: &[&Forecast], days: &Days, known: &mut BTreeMap<i64, Known>) -> Series {
    let is_backtest = about == About::Backtest;
    let mut points = Vec::new();
    // A line may have other origins than the first one.
    let of_line = whole(line.records[0]).iter();
    let of_line = of_line.filter(|own| about != About::Window || samples.iter().any(|one| one.origin == own.origin));
    for sample in of_line {
        let Some(origin) = day(&sample.origin) else {
            continue;
        };
        let (horizon, targets) = (sample.horizon(), sample.targets());
        for ahead in if is_backtest { horizon } else { 1 }..=horizon {
            let seeds = line.records.iter();
            let values = seeds.filter_map(|record| at(record, &sample.origin)?.forecast.get((ahead - 1) * targets).copied());
            let day = days.place(origin, ahead, horizon);
            let (truth, last) = (sample.truth[(ahead - 1) * targets], sample.last[0]);
            known.insert(count_of(day), Known { truth, last });
            let point = line.point(day, values);
            let mut hover = format!("{}, {}: ", line.name, date_of(day));
            hover.push_str(&round::precise(point.mean));
            if let Some((low, high)) = point.spread.map(|(low, high)| (round::precise(low), round::precise(high))) {
                hover.push_str(&format!(" (seeds {low} to {high})"));
            }
            points.push(Point { hover, ..point });
        }
    }
    let is_long = samples.iter().any(|sample| sample.horizon() > MOST_MARKERS);
    let look = match about {
        About::Backtest => Look::Line,
        // Markers at every step would be one band.
        About::Window if is_long => Look::Line,
        About::Window | About::Holdout => Look::Markers { joined: true },
    };
    Series {
        look,
        ..line.series(points)
    }
}

/// The last days before the forecasts of so many steps.
fn past(scene: &Scene, sample: &Forecast, horizon: usize, step: f64) -> Vec<Point> {
    let (Some(origin), Some(contents)) = (day(&sample.origin), scene.contents()) else {
        return Vec::new();
    };
    let from = origin - (3 * horizon).max(21) as f64 * step;
    let dated = contents.curve.iter().filter_map(|(date, value)| Some((day(date)?, *value)));
    dated
        .filter(|(day, _)| (from..origin).contains(day))
        .chain([(origin, sample.last[0])])
        .map(|(day, value)| Point::at(day, value))
        .collect()
}

/// Days that were known stand before those of the forecast, whose observed values are marked; the table has the latter alone.
fn after_the_past(graph: &mut Graph, mut known: Vec<Point>) {
    let truth = graph.series[0].clone();
    if let (Some(first), Some(last)) = (truth.points.first(), truth.points.last()) {
        graph.regions.push((first.x, last.x, "forecast"));
    }
    known.extend(truth.points.iter().cloned());
    let line = Series {
        column: None,
        points: known,
        ..truth.clone()
    };
    let marked = Series {
        legend: None,
        look: Look::Dots,
        ..truth
    };
    graph.height = 230.0;
    graph.series.splice(0..1, [line, marked]);
}

fn target(scene: &Scene) -> String {
    let target = scene.contents().and_then(|contents| contents.target.as_ref());
    let unit = metrics::shared_unit(scene.records.iter().map(|stored| &stored.record));
    let target = target.map_or("target", |target| target.name.as_str());
    names::with_unit(target, unit)
}
