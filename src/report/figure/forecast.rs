//! `forecast`: what each model said against what was observed. A holdout is drawn day by day after some days that were known;
//! a backtest as a curve of the forecasts that look furthest ahead, one from each origin; where records keep a summary, some whole
//! windows like a holdout. Several targets have a panel each, quantiles are bands.

use std::collections::BTreeMap;

use super::bands::{self, Bands, Said};
use super::days::Days;
use super::lines::{self, Line};
use super::scene::Scene;
use super::target::{self, Targets};
use super::{Figure, Kind};
use crate::console::counted;
use crate::data::time_and_series;
use crate::metric::{Forecast, Forecasts};
use crate::report::draw::date::{count_of, date_of, day, of_count};
use crate::report::draw::frame::{Along, Frame, Graph, Look, Point, Series};
use crate::report::draw::palette::Style;
use crate::report::round;
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
    if let Some(sentences) = scene.unpublished("forecasts beside what was observed") {
        return Ok(vec![scene.told_only(sentences)]);
    }
    let lines = lines::lines(scene, None, |record| !whole(record).is_empty());
    let first = lines.first().ok_or("No record with forecasts.")?.records[0];
    let records = || lines.iter().flat_map(|line| &line.records);
    let is_summed_up = records().any(|record| forecasts(record).is_some_and(|one| one.summary().is_some()));
    if !is_summed_up {
        let samples: Vec<&Forecast> = whole(first).iter().collect();
        let about = match forecasts(first).is_some_and(|forecasts| forecasts.times() > 1) {
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
    let days = Days::of(scene, first);
    let targets = forecasts(first).map(|forecasts| Targets::or_series(scene, forecasts));
    let mut targets = targets.unwrap_or_default();
    // A single window is of one series.
    if about == About::Window
        && let Some((_, series)) = time_and_series(&samples[0].origin)
    {
        targets = targets.only(series);
    }
    let bands = Bands::of(lines);
    let drawing = Drawing {
        scene,
        lines,
        samples,
        about,
        days: &days,
        gaps: scene.contents().map_or_else(Vec::new, target::gaps),
        targets: &targets,
        bands: &bands,
    };
    let frame = Frame {
        x: Along::days(&match days {
            Days::Origin if about == About::Backtest => "date of the forecast".to_owned(),
            _ => scene.time_label(),
        }),
        graphs: (0..targets.count()).map(|place| drawing.graph(place)).collect(),
    };
    let mut text = describe(samples, about, forecasts(first).map_or(0, Forecasts::count));
    text.push_str(&match frame.spread() {
        Some(shown) => format!("Networks: the mean over {}{shown}.", lines::seeds(lines)),
        None => "One run of each model.".to_owned(),
    });
    text.push_str(&bands.describe());
    if about != About::Backtest && matches!(days, Days::Between { .. }) {
        text.push_str(" The series has gaps: forecasts are drawn equally far apart.");
    }
    text.push_str(&targets.left_out());
    if let (Some(contents), Some((from, to))) = (scene.contents(), frame.first_and_last()) {
        text.push_str(&target::about_gaps(contents, from, to));
    }
    let title = match about {
        About::Window => format!("{}, from {}", scene.title(), samples[0].origin),
        About::Backtest | About::Holdout => scene.title(),
    };
    Figure::chart(title, text, frame)
}

/// What is forecast from where, in a sentence and a space.
fn describe(samples: &[&Forecast], about: About, all: usize) -> String {
    let horizon = samples[0].horizon();
    match about {
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
            round::count(all),
        ),
    }
}

/// What the panels of a figure have in common.
struct Drawing<'a> {
    scene: &'a Scene<'a>,
    lines: &'a [Line<'a>],
    samples: &'a [&'a Forecast],
    about: About,
    days: &'a Days,
    /// Where rows are missing.
    gaps: Vec<(f64, f64)>,
    targets: &'a Targets,
    bands: &'a Bands,
}

impl Drawing<'_> {
    /// The panel of a target, or of one of many series.
    fn graph(&self, place: usize) -> Graph {
        let is_backtest = self.about == About::Backtest;
        let mut known = BTreeMap::new();
        let mut models: Vec<Series> = Vec::new();
        let mut bands: Vec<Series> = Vec::new();
        for line in self.lines {
            let said = self.said(line, place, &mut known);
            bands.extend(self.bands.series(line, &said));
            models.push(said.series);
        }
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
            look: match is_backtest && !self.lines.iter().any(is_naive) {
                true => Look::Line,
                false => Look::Hidden,
            },
            ..Series::line("naive: the last known value", Style::Reference, last.collect())
        };
        let mut graph = Graph {
            name: self.targets.told(place),
            log: self.scene.spec.log,
            height: self.targets.height(250.0),
            write: round::precise,
            gaps: self.gaps.clone(),
            series: vec![truth, last],
            ..Graph::new(self.targets.label(place))
        };
        if !is_backtest {
            let past = self.past(place, known.len());
            after_the_past(&mut graph, past, if place == 0 { "forecast" } else { "" });
            graph.height = self.targets.height(230.0);
        }
        graph.series.extend(models);
        graph.series.extend(bands);
        graph
    }

    /// What the seeds of a line say together of each forecast day; adds what is known of these days to `known`.
    fn said(&self, line: &Line, place: usize, known: &mut BTreeMap<i64, Known>) -> Said {
        let target = self.targets.target(place);
        let is_backtest = self.about == About::Backtest;
        let mut points = Vec::new();
        let mut interval = Vec::new();
        // A line may have other origins than the first one.
        let of_line = whole(line.records[0]).iter();
        let of_line =
            of_line.filter(|own| self.about != About::Window || self.samples.iter().any(|one| one.origin == own.origin));
        for sample in of_line.filter(|own| self.is_of(own, place)) {
            let (horizon, targets) = (sample.horizon(), sample.targets());
            let seeds: Vec<&Forecast> = line.records.iter().filter_map(|record| at(record, &sample.origin)).collect();
            for ahead in if is_backtest { horizon } else { 1 }..=horizon {
                let Some(day) = self.days.place(time(sample), ahead, horizon, &self.gaps) else {
                    continue;
                };
                let column = (ahead - 1) * targets + target;
                let values = seeds.iter().filter_map(|seed| seed.forecast.get(column).copied());
                let (truth, last) = (sample.truth[column], sample.last[target]);
                known.insert(count_of(day), Known { truth, last });
                let point = line.point(day, values);
                let mut hover = format!("{}, {}: ", line.name, date_of(day));
                hover.push_str(&round::precise(point.mean));
                if let Some((low, high)) = point.spread.map(|(low, high)| (round::precise(low), round::precise(high))) {
                    hover.push_str(&format!(" (seeds {low} to {high})"));
                }
                if let Some((low, high)) = bands::ends(&seeds, column) {
                    let name = self.bands.name_of(line);
                    hover.push_str(&format!(", {name} {} to {}", round::precise(low), round::precise(high)));
                    interval.push((day, low, high));
                }
                points.push(Point { hover, ..point });
            }
        }
        // Markers at every step of a low panel hide one another sooner.
        let most = if self.targets.are_several() {
            MOST_MARKERS / 3
        } else {
            MOST_MARKERS
        };
        let is_long = self.samples.iter().any(|sample| sample.horizon() > most);
        let look = match self.about {
            About::Backtest => Look::Line,
            // Markers at every step would be one band.
            About::Window if is_long => Look::Line,
            About::Holdout if is_long && self.targets.are_several() => Look::Line,
            About::Window | About::Holdout => Look::Markers { joined: true },
        };
        Said {
            series: Series {
                look,
                ..line.series(points)
            },
            interval,
        }
    }

    /// Whether a window stands in a panel: where panels are of series, those of that series.
    fn is_of(&self, window: &Forecast, place: usize) -> bool {
        let of_window = time_and_series(&window.origin).map(|(_, series)| series);
        self.targets.series(place).is_none_or(|series| of_window == Some(series))
    }

    /// The last days before the forecasts of so many steps.
    fn past(&self, place: usize, horizon: usize) -> Vec<Point> {
        let own = self.samples.iter().find(|sample| self.is_of(sample, place));
        let origin = own.and_then(|sample| Some((day(time(sample))?, sample)));
        let (Some((origin, sample)), Some(contents)) = (origin, self.scene.contents()) else {
            return Vec::new();
        };
        let from = origin - (3 * horizon).max(21) as f64 * self.days.step();
        let curve = self.targets.curve(contents, place).iter();
        let dated = curve.filter_map(|(date, value)| Some((day(date)?, *value)));
        dated
            .filter(|(day, _)| (from..origin).contains(day))
            .chain([(origin, sample.last[self.targets.target(place)])])
            .map(|(day, value)| Point::at(day, value))
            .collect()
    }
}

fn forecasts(record: &Record) -> Option<&Forecasts> {
    record.predictions.forecasts()
}

/// The forecasts that a record keeps.
fn whole(record: &Record) -> &[Forecast] {
    forecasts(record).map_or(&[], Forecasts::whole)
}

/// When a forecast was made.
fn time(forecast: &Forecast) -> &str {
    time_and_series(&forecast.origin).map_or(&*forecast.origin, |(time, _)| time)
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

/// Days that were known stand before those of the forecast, whose observed values are marked; the table has the latter alone.
fn after_the_past(graph: &mut Graph, mut known: Vec<Point>, region: &'static str) {
    let truth = graph.series[0].clone();
    if let (Some(first), Some(last)) = (truth.points.first(), truth.points.last()) {
        graph.regions.push((first.x, last.x, region));
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
    graph.series.splice(0..1, [line, marked]);
}
