//! `scaling`: the target as the file has it, and as networks see it after transform and scaling.

use serde_json::Value;

use super::scene::Scene;
use super::{Figure, Kind, lines, names};
use crate::data::series::window::Transform;
use crate::report::draw::date::day;
use crate::report::draw::frame::{Along, Frame, Graph, Point, Series};
use crate::report::round;
use crate::report::select::told_apart;
use crate::store::card::{CutCard, DatasetCard};

pub(super) const KIND: Kind = Kind {
    title: "Scaling",
    of_one_dataset: true,
    draw,
};

/// One figure for each scaling: cuts that scale alike share one.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let card = scene.series_card();
    let card = card.ok_or("The dataset has not been read yet.")?;
    let mut cuts: Vec<Vec<&CutCard>> = Vec::new();
    for cut in scene.cuts() {
        let is_known = |known: &&mut Vec<&CutCard>| {
            (known[0].offset, known[0].factor) == (cut.offset, cut.factor)
                && ["transform", "fit_scale_on"]
                    .iter()
                    .all(|name| setting(known[0], name) == setting(cut, name))
        };
        match cuts.iter_mut().find(is_known) {
            Some(known) => known.push(cut),
            None => cuts.push(vec![cut]),
        }
    }
    if cuts.is_empty() {
        return Err("The dataset has not been cut into windows yet.".to_owned());
    }
    let settings: Vec<Vec<&Value>> = cuts
        .iter()
        .map(|alike| alike.iter().map(|cut| &cut.settings).collect())
        .collect();
    let told = cuts.iter().zip(told_apart(&settings));
    Ok(told.map(|(alike, told)| figure(scene, card, alike[0], &told)).collect())
}

fn figure(scene: &Scene, card: &DatasetCard, cut: &CutCard, told: &str) -> Figure {
    let transform = match setting(cut, "transform") {
        "log" => Transform::Log,
        _ => Transform::None,
    };
    let file = lines::target(card);
    let scaled = |point: &Point| {
        let value = (transform.apply(point.mean) - cut.offset) / cut.factor;
        Point::at(point.x, value)
    };
    let seen = Series {
        points: file.points.iter().map(scaled).collect(),
        legend: None,
        ..Series::line("scaled", file.style, Vec::new())
    };
    let on_all = setting(cut, "fit_scale_on") == "all";
    let days = |[first, last]: &[String; 2]| day(first).zip(day(last));
    let (fitted, label) = if on_all {
        let ends = file.points.first().zip(file.points.last());
        let ends = ends.map_or((0.0, 1.0), |(first, last)| (first.x, last.x));
        (Some(ends), "scaling fitted on all rows")
    } else {
        let label = "scaling fitted on the training rows";
        (days(&cut.train_days), label)
    };
    let graph = |label: String, write, series, regions: [&'static str; 2]| {
        let stretches = [fitted, days(&cut.test_days)].into_iter().zip(regions);
        Graph {
            height: 150.0,
            write,
            regions: stretches
                .filter_map(|(days, label)| days.map(|(from, to)| (from, to, label)))
                .collect(),
            series: vec![series],
            ..Graph::new(label)
        }
    };
    let (target, kind) = (&card.target, setting(cut, "scale"));
    let label_of_file = format!("{}, as in the file", names::with_unit(target, &card.unit));
    let label_of_seen = format!("{target}, as networks see it ({kind})");
    let frame = Frame {
        x: Along::days(""),
        graphs: vec![
            graph(label_of_file, round::precise, file, [label, "test"]),
            graph(label_of_seen, round::number, seen, [""; 2]),
        ],
    };
    let text = describe(card, cut, transform, on_all);
    Figure::chart(scene.title_told(told), text, frame)
}

fn describe(card: &DatasetCard, cut: &CutCard, transform: Transform, on_all: bool) -> String {
    let value = match transform {
        Transform::None => card.target.clone(),
        Transform::Log => format!("ln {}", card.target),
    };
    let formula = match (cut.offset, cut.factor) {
        (0.0, 1.0) => format!("Networks see {value}, not scaled."),
        (offset, factor) => format!(
            "Networks see ({value} − {}) / {}.",
            round::precise(offset),
            round::precise(factor)
        ),
    };
    let rows = if on_all {
        "These two numbers come from every row, those of the test included: a forecaster could not know them."
    } else {
        "These two numbers come from the rows of the training windows alone, so values of the test can lie outside of the \
         trained range."
    };
    format!("{formula} {rows}")
}

/// A word among the window's settings; empty where there is none.
fn setting<'a>(cut: &'a CutCard, name: &str) -> &'a str {
    let window = cut.settings.get("window");
    window
        .and_then(|window| window.get(name))
        .and_then(Value::as_str)
        .unwrap_or_default()
}
