//! `scaling`: the target as the file has it, and as networks see it after transform and scaling.

use serde_json::Value;

use super::scene::Scene;
use super::{Figure, Kind};
use crate::data::series::window::Transform;
use crate::report::DataTable;
use crate::report::draw::chart::{Axis, Chart, Panel};
use crate::report::draw::date::day;
use crate::report::draw::marks::Mark;
use crate::report::draw::palette::Style;
use crate::report::round;
use crate::report::select::told_apart;
use crate::store::card::{CutCard, DatasetCard};

/// One view for each scaling: cuts that scale alike share one.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let Some(card) = scene.experiment.card.datasets.get(scene.dataset()) else {
        return Err("The dataset has not been read yet.".to_owned());
    };
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
        let what = "The dataset has not been cut into windows yet.";
        return Err(what.to_owned());
    }
    let settings: Vec<Vec<&Value>> = cuts
        .iter()
        .map(|alike| alike.iter().map(|cut| &cut.settings).collect())
        .collect();
    let told = cuts.iter().zip(told_apart(&settings));
    Ok(told
        .map(|(alike, told)| figure(scene, card, alike[0], &told))
        .collect())
}

pub(super) const KIND: Kind = Kind {
    title: "Scaling",
    of_one_dataset: true,
    draw,
};

fn figure(scene: &Scene, card: &DatasetCard, cut: &CutCard, told: &str) -> Figure {
    let transform = match setting(cut, "transform") {
        "log" => Transform::Log,
        _ => Transform::None,
    };
    let scaled = |value: f64| (transform.apply(value) - cut.offset) / cut.factor;
    let series: Vec<(f64, f64)> = card
        .series
        .iter()
        .filter_map(|(date, value)| Some((day(date)?, *value)))
        .collect();
    let seen: Vec<(f64, f64)> = series
        .iter()
        .map(|&(day, value)| (day, scaled(value)))
        .collect();
    let (from, to) = (
        series.first().map_or(0.0, |point| point.0),
        series.last().map_or(1.0, |point| point.0),
    );
    let on_all = setting(cut, "fit_scale_on") == "all";
    let fitted = if on_all {
        Some((from, to))
    } else {
        day(&cut.train_days[0]).zip(day(&cut.train_days[1]))
    };
    let label = if on_all {
        "scaling fitted on all rows"
    } else {
        "scaling fitted on the training rows"
    };
    let panel = |label: String, points: Vec<(f64, f64)>, regions: [&str; 2], title: &str| {
        let values = points.iter().map(|point| point.1);
        let mut panel = Panel::new(Axis::of_values(label, values, false));
        panel.height = 150.0;
        let test = day(&cut.test_days[0]).zip(day(&cut.test_days[1]));
        for (stretch, label) in [fitted, test].into_iter().zip(regions) {
            if let Some((from, to)) = stretch {
                panel.marks.push(Mark::Region {
                    from: from - 0.5,
                    to: to + 0.5,
                    label: label.to_owned(),
                });
            }
        }
        panel.marks.push(Mark::Line {
            points,
            style: Style::Series(0),
            title: title.to_owned(),
        });
        panel
    };
    let kind = setting(cut, "scale");
    let chart = Chart {
        x: Axis::of_days("", from, to),
        panels: vec![
            panel(
                format!(
                    "{}, as in the file",
                    super::names::with_unit(&card.target, &card.unit)
                ),
                series,
                [label, "test"],
                &card.target,
            ),
            panel(
                format!("{}, as networks see it ({kind})", card.target),
                seen,
                ["", ""],
                "scaled",
            ),
        ],
        legend: Vec::new(),
    };
    let rows = card.series.iter().map(|(date, value)| {
        let scaled = round::number(scaled(*value));
        vec![date.clone(), round::precise(*value), scaled]
    });
    Figure {
        title: scene.title_told(told),
        text: describe(card, cut, transform, on_all),
        drawing: Some(chart.draw(0.0)),
        table: DataTable {
            columns: vec![
                "date".to_owned(),
                super::names::with_unit(&card.target, &card.unit),
                "scaled".to_owned(),
            ],
            rows: rows.collect(),
        },
    }
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
