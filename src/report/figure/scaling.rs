//! `scaling`: the target as the file has it, and as networks see it after transform and scaling.

use serde_json::Value;

use super::scene::Scene;
use super::{Figure, Kind, lines, names, target};
use crate::report::draw::date::day;
use crate::report::draw::frame::{Along, Frame, Graph, Point, Series};
use crate::report::round;
use crate::report::select::told_apart;
use crate::store::card::{Contents, CutCard, Scaling, TEST, TRAINING, TargetCard};

pub(super) const KIND: Kind = Kind {
    title: "Scaling",
    of_one_dataset: true,
    draw,
};

/// One figure for each scaling: cuts that scale alike share one.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let contents = scene
        .contents()
        .and_then(|contents| Some((contents, contents.target.as_ref()?)));
    let (contents, target) = contents.ok_or("The dataset has not been read yet.")?;
    let cuts = scene.cuts();
    let mut alike: Vec<(&CutCard, &Scaling, Vec<&Value>)> = Vec::new();
    for (cut, settings) in &cuts {
        let Some(scaling) = &cut.scaling else { continue };
        let told = |one: &Scaling| (one.offset, one.factor, one.transform, one.fit_scale_on.clone());
        match alike.iter_mut().find(|(_, known, _)| told(known) == told(scaling)) {
            Some((_, _, known)) => known.push(settings),
            None => alike.push((cut, scaling, vec![settings])),
        }
    }
    if alike.is_empty() {
        return Err("The dataset has not been cut into windows yet.".to_owned());
    }
    let settings: Vec<Vec<&Value>> = alike.iter().map(|(_, _, settings)| settings.clone()).collect();
    let told = alike.iter().zip(told_apart(&settings));
    let figures = told.map(|((cut, scaling, _), told)| figure(scene, (contents, target), (cut, scaling), &told));
    Ok(figures.collect())
}

fn figure(
    scene: &Scene,
    (contents, target): (&Contents, &TargetCard),
    (cut, scaling): (&CutCard, &Scaling),
    told: &str,
) -> Figure {
    if let Some(sentences) = scene.unpublished("the series") {
        let text = describe(&target.name, scaling, scaling.fit_scale_on == "all");
        return Figure {
            title: scene.title_told(told),
            ..scene.told_only(format!("{text} {sentences}"))
        };
    }
    let file = lines::target(contents, target);
    let scaled = |point: &Point| Some(Point::at(point.x, scaling.apply(point.mean)?));
    // Of changes none is known: the points of the file are thinned.
    let scaled: Option<Vec<Point>> = file.points.iter().map(scaled).collect();
    let seen = scaled.map(|points| Series {
        points,
        legend: None,
        ..Series::line("scaled", file.style, Vec::new())
    });
    let on_all = scaling.fit_scale_on == "all";
    let days = |part| {
        let [first, last] = cut.part(part)?.span.as_ref()?;
        day(first).zip(day(last))
    };
    let (fitted, label) = if on_all {
        let ends = file.points.first().zip(file.points.last());
        let ends = ends.map_or((0.0, 1.0), |(first, last)| (first.x, last.x));
        (Some(ends), "scaling fitted on all rows")
    } else {
        let label = "scaling fitted on the training rows";
        (days(TRAINING), label)
    };
    let graph = |label: String, write, series, regions: [&'static str; 2]| {
        let stretches = [fitted, days(TEST)].into_iter().zip(regions);
        Graph {
            height: 150.0,
            write,
            regions: stretches
                .filter_map(|(days, label)| days.map(|(from, to)| (from, to, label)))
                .collect(),
            gaps: target::gaps(contents),
            series: vec![series],
            ..Graph::new(label)
        }
    };
    let TargetCard { name, unit } = target;
    let label_of_file = format!("{}, as in the file", names::with_unit(name, unit));
    let label_of_seen = format!("{name}, as networks see it ({})", scaling.scale);
    let frame = Frame {
        x: Along::days(&scene.time_label()),
        graphs: [graph(label_of_file, round::precise, file, [label, "test"])]
            .into_iter()
            .chain(seen.map(|seen| graph(label_of_seen, round::number, seen, [""; 2])))
            .collect(),
    };
    let text = describe(name, scaling, on_all);
    Figure::chart(scene.title_told(told), text, frame)
}

fn describe(target: &str, scaling: &Scaling, on_all: bool) -> String {
    let value = scaling.transform.in_words(target);
    let formula = match (scaling.offset, scaling.factor) {
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
