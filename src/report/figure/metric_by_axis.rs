//! `metric_by_axis`: metrics against the values of an axis; a faint dot for each seed, a marker for their mean, a bar for
//! its 95 % interval.

use serde_json::Value;

use super::lines::{self, Line};
use super::names;
use super::scene::Scene;
use super::{Figure, Kind};
use crate::report::draw::frame::{Along, Frame, Graph, Look, Places, Point, Series};
use crate::report::select::{compare, show};
use crate::report::{metrics, round};
use crate::statistics::Summary;

pub(super) const KIND: Kind = Kind {
    title: "Metrics",
    of_one_dataset: false,
    draw,
};

/// More numbers than these stand where their size puts them; fewer are names, equally far apart.
const MOST_NAMES: usize = 12;

/// One figure.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let metrics = &scene.spec.metrics;
    let path = scene.spec.x.as_str();
    let lines = lines::lines(scene, Some(path), |record| {
        metrics.iter().any(|m| record.metrics.contains_key(m))
    });
    let mut values: Vec<&Value> = Vec::new();
    for record in lines.iter().flat_map(|line| &line.records) {
        if let Some(value) = record.at(path)
            && let Err(place) = values.binary_search_by(|known| compare(known, value))
        {
            values.insert(place, value);
        }
    }
    if values.is_empty() {
        return Err(format!("No record with these metrics has a value at `{path}`."));
    }
    let (places, at) = places(&values);
    let unit = metrics::shared_unit(lines.iter().flat_map(|line| line.records.iter().copied()));
    let graph = |metric: &String| {
        let series = lines.iter().flat_map(|line| series(line, metric, path, &values, &at));
        Graph {
            name: metric.clone(),
            log: scene.spec.log,
            series: series.collect(),
            ..Graph::new(names::axis(metric, unit, scene.task))
        }
    };
    let x = Along {
        label: path.to_owned(),
        heading: path.to_owned(),
        places,
    };
    let graphs = metrics.iter().map(graph).collect();
    let frame = Frame { x, graphs };
    let text = describe(&frame, path);
    Ok(vec![Figure::chart(scene.title(), text, frame)])
}

/// What the values are along the axis, and where each of them stands.
fn places(values: &[&Value]) -> (Places, Vec<f64>) {
    let numbers: Option<Vec<f64>> = values.iter().map(|value| value.as_f64()).collect();
    match numbers {
        Some(at) if at.len() > MOST_NAMES => (Places::Numbers(|number| number.to_string()), at),
        _ => {
            let names = values.iter().map(|value| show(value)).collect();
            (Places::Names(names), (0..values.len()).map(|i| i as f64).collect())
        }
    }
}

/// The seeds of a line at each value of the axis; a line across where a model does not read the axis, as it is the same for all
/// values.
fn series(line: &Line, metric: &str, path: &str, values: &[&Value], at: &[f64]) -> Vec<Series> {
    let at_value = |value: Option<&Value>, x: f64| {
        let records = line.records.iter().filter(|one| match (one.at(path), value) {
            (Some(own), Some(value)) => compare(own, value).is_eq(),
            (own, value) => own.is_none() && value.is_none(),
        });
        let runs = records.filter_map(|one| one.metrics.get(metric).copied());
        group(&line.name, metric, x, runs.collect())
    };
    let placed = values.iter().zip(at);
    let placed = placed.filter_map(|(value, &x)| at_value(Some(value), x)).collect();
    let reads_it = line.records.iter().any(|one| one.at(path).is_some());
    let markers = Series {
        look: Look::Markers { joined: false },
        ..line.series(placed)
    };
    let across = Series {
        look: Look::Across,
        ..line.series(at_value(None, 0.0).into_iter().collect())
    };
    let is_shown = |one: &Series| !one.points.is_empty() || (one.look != Look::Across) == reads_it;
    [markers, across].into_iter().filter(is_shown).collect()
}

/// What these runs are together; nothing where there are none.
fn group(name: &str, metric: &str, x: f64, runs: Vec<f64>) -> Option<Point> {
    let summary = Summary::of(&runs)?;
    let mut hover = format!("{name}: {}", round::mean(metric, &summary));
    if summary.interval.is_some() {
        hover += &format!(", 95 % interval, {} seeds", summary.n);
    }
    Some(Point {
        spread: summary.interval,
        runs,
        hover,
        ..Point::at(x, summary.mean)
    })
}

fn describe(frame: &Frame, path: &str) -> String {
    let metrics = frame.graphs.iter().map(|graph| names::long(&graph.name));
    let metrics = names::sentence_list(&metrics.collect::<Vec<_>>());
    let mut text = format!("{metrics} on the test set by {path}.");
    let series = || frame.graphs.iter().flat_map(|graph| &graph.series);
    let counts = || series().flat_map(|one| one.points.iter().map(|point| point.runs.len()));
    if counts().any(|count| count > 1) {
        text.push_str(&format!(
            " Small dots are single runs ({}), large ones their mean, bars its 95 % interval by Student's t; a bar \
             without an end goes on beyond the frame.",
            lines::some_seeds(counts().filter(|&count| count > 1))
        ));
    } else {
        text.push_str(" One run each.");
    }
    if series().any(|one| one.look == Look::Across && !one.points.is_empty()) {
        text.push_str(&format!(" A model that does not read {path} is a line across."));
    }
    text
}
