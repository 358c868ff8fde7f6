//! A backtest: the forecasts that look furthest ahead, one from each origin.

use super::super::lines;
use super::super::scene::Scene;
use super::Figure;
use super::{Days, Known, Voice, finish, forecasts, seeds_sentence, table, target};
use crate::console::counted;
use crate::report::draw::chart::{Axis, Panel};
use crate::report::draw::legend::{Entry, Sample};
use crate::report::draw::marks::Mark;
use crate::report::draw::palette::Style;
use crate::store::record::Record;

/// The forecasts that look furthest ahead, one from each origin, with what came and with the naive forecast.
pub fn draw(
    scene: &Scene,
    first: &Record,
    days: &Days,
    voices: &[Voice],
    known: &[(f64, Known)],
) -> Figure {
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
    let steps = counted(horizon, "step");
    let label = match days {
        Days::Origin => "date of the forecast",
        Days::Daily | Days::Between { .. } => "",
    };
    let has_bands = voices
        .iter()
        .any(|voice| lines::has_band(&voice.line, voices.len()));
    let text = format!(
        "The forecast {steps} ahead from each of {}, against what came then. {}",
        counted(samples.len(), "origin"),
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
