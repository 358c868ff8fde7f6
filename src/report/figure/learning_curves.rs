//! `learning_curves`: values of the history over the epochs, a graph for each, a line for each model: mean over seeds, and a band
//! from the lowest seed to the highest.

use super::lines::{self, Line};
use super::names::{self, sentence_list};
use super::scene::Scene;
use super::{Figure, Kind};
use crate::report::draw::frame::{Along, Frame, Graph, Places, Point, Series};
use crate::report::{metrics, round};

pub(super) const KIND: Kind = Kind {
    title: "Learning curves",
    of_one_dataset: false,
    draw,
};

/// One figure.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let values = match &*scene.spec.metrics {
        [] => vec!["loss".to_owned()],
        some => some.to_vec(),
    };
    let lines = lines::lines(scene, None, |record| {
        values.iter().any(|value| record.history.contains_key(value))
    });
    if lines.is_empty() {
        return Err("No record with a history of these values.".to_owned());
    }
    let unit = metrics::shared_unit(lines.iter().flat_map(|line| line.records.iter().copied()));
    let graphs = values.iter().map(|value| Graph {
        name: value.clone(),
        log: scene.spec.log,
        series: lines.iter().filter_map(|line| curve(line, value)).collect(),
        ..Graph::new(names::axis(value, unit, scene.task))
    });
    let (graphs, missing): (Vec<_>, Vec<_>) = graphs.partition(|graph| !graph.series.is_empty());
    let x = Along {
        label: "epoch".to_owned(),
        heading: "epoch".to_owned(),
        places: Places::Counts,
    };
    let frame = Frame { x, graphs };
    let mut text = describe(&lines, &frame);
    if !missing.is_empty() {
        let missing = list(&missing);
        text.push_str(&format!(" No record has a history of {missing}."));
    }
    Ok(vec![Figure::chart(scene.title(), text, frame)])
}

/// A value of the history, the first epoch at 1; none where no seed has it.
fn curve(line: &Line, value: &str) -> Option<Series> {
    let histories = line.records.iter().filter_map(|one| one.history.get(value));
    let epochs = histories.clone().map(Vec::len).max()?;
    // Training may have stopped early for some seeds.
    let at = |epoch| histories.clone().filter_map(move |one| one.get(epoch).copied());
    let points = (0..epochs).map(|epoch| line.point((epoch + 1) as f64, at(epoch)));
    let points: Vec<Point> = points.collect();
    let last = round::number(points.last()?.mean);
    Some(Series {
        hover: format!("{}: {last} after the last epoch", line.name),
        ..line.series(points)
    })
}

fn list(graphs: &[Graph]) -> String {
    let names: Vec<String> = graphs.iter().map(|one| names::long(&one.name)).collect();
    sentence_list(&names)
}

fn describe(lines: &[Line], frame: &Frame) -> String {
    let mut text = format!("{} after each epoch of training", list(&frame.graphs));
    text.push_str(&match frame.spread() {
        Some(shown) => format!(": the line is the mean over {}{shown}.", lines::seeds(lines)),
        None => ", of one seed.".to_owned(),
    });
    let records = || lines.iter().flat_map(|line| &line.records);
    if records().any(|record| !record.refits.is_empty()) {
        text.push_str(" Of a model that is trained again as the test goes on they are those of its first training.");
    }
    let lengths = || records().filter_map(|one| one.history.values().map(Vec::len).max());
    if lengths().min() != lengths().max() {
        text.push_str(" Runs that stopped early count as long as they ran.");
    }
    text
}
