//! A holdout: the forecast days one by one, after some days that were known.

use super::super::scene::Scene;
use super::Figure;
use super::{Days, Known, Said, Voice, finish, forecasts, range, seeds_sentence, table, target};
use crate::console::counted;
use crate::report::draw::chart::{Axis, Panel};
use crate::report::draw::date::{date_of, day};
use crate::report::draw::legend::{Entry, Sample};
use crate::report::draw::marks::Mark;
use crate::report::draw::palette::{Fill, Style};
use crate::report::round;
use crate::store::record::Record;

/// Some days that were known, then the forecast days with a marker for each model and bars over its seeds.
pub fn draw(
    scene: &Scene,
    first: &Record,
    days: &Days,
    voices: &[Voice],
    known: &[(f64, Known)],
) -> Figure {
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
        "The forecast of the last {} against what came, after some that were known. {}",
        match horizon {
            1 => "step".to_owned(),
            _ => counted(horizon, "step"),
        },
        seeds_sentence(voices, Some("bars"))
    );
    if matches!(days, Days::Between { .. }) {
        text.push_str(" The series has gaps: forecasts are drawn equally far apart.");
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
