//! `learning_curves`: values of the history over the epochs, a panel for each, a line for each model: mean over seeds,
//! and a band from the lowest seed to the highest.

use super::lines::{self, Line};
use super::names::{self, sentence_list};
use super::scene::Scene;
use super::{Figure, Kind};
use crate::console::counted;
use crate::report::DataTable;
use crate::report::draw::chart::{Axis, Chart, Panel, Reading};
use crate::report::draw::legend::{Entry, Sample};
use crate::report::draw::marks::Mark;
use crate::report::draw::scale::{Scale, Tick};
use crate::report::draw::thin;
use crate::report::{metrics, round};

/// One line of one panel: what the seeds are together at each epoch, the first epoch first.
struct Curve<'a> {
    line: &'a Line<'a>,
    mean: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
}

pub(super) const KIND: Kind = Kind {
    title: "Learning curves",
    of_one_dataset: false,
    draw,
};

/// One figure.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let metrics = if scene.spec.metrics.is_empty() {
        vec!["loss".to_owned()]
    } else {
        scene.spec.metrics.clone()
    };
    let lines = lines::lines(scene, None, |record| {
        metrics.iter().any(|m| record.history.contains_key(m))
    });
    if lines.is_empty() {
        let what = "No record with a history of these values.";
        return Err(what.to_owned());
    }
    let unit = metrics::shared_unit(lines.iter().flat_map(|line| line.records.iter().copied()));
    let all = metrics.iter().map(|metric| {
        let curves = lines.iter().map(|line| curve(line, metric));
        let curves: Vec<Curve> = curves.filter(|curve| !curve.mean.is_empty()).collect();
        (metric, curves)
    });
    let (panels, missing): (Vec<_>, Vec<_>) = all.partition(|(_, curves)| !curves.is_empty());
    let missing: Vec<String> = missing
        .iter()
        .map(|(metric, _)| names::long(metric))
        .collect();
    let epochs = panels
        .iter()
        .flat_map(|(_, curves)| curves.iter().map(|curve| curve.mean.len()))
        .max()
        .unwrap_or(1);
    let all: Vec<&[f64]> = panels
        .iter()
        .flat_map(|(_, curves)| curves)
        .flat_map(|c| [c.mean.as_slice(), &c.low, &c.high])
        .collect();
    let epochs_shown = thin::kept(&all, thin::LIMIT);

    let x = Scale::linear([1.0, epochs.max(2) as f64]);
    // Epochs are counted from 1 and are whole.
    let inner = x.ticks().into_iter().map(|tick| tick.at);
    let inner = inner.filter(|at| *at > 1.0 && *at <= epochs as f64 && at.fract() == 0.0);
    let ticks = std::iter::once(1.0).chain(inner).map(|at| Tick {
        at,
        label: round::count(at as usize),
    });
    let chart = Chart {
        x: Axis {
            label: "epoch".to_owned(),
            scale: x,
            ticks: ticks.collect(),
            reading: Reading::Whole,
        },
        panels: panels
            .iter()
            .map(|(metric, curves)| {
                panel(
                    curves,
                    &epochs_shown,
                    names::axis(metric, unit, scene.task),
                    scene.spec.log,
                )
            })
            .collect(),
        legend: lines
            .iter()
            .map(|line| Entry {
                sample: Sample::Line(line.style),
                name: line.name.clone(),
            })
            .collect(),
    };
    let mut text = describe(&lines, &panels, scene.spec.log);
    if !missing.is_empty() {
        text.push_str(&format!(
            " No record has a history of {}.",
            sentence_list(&missing)
        ));
    }
    Ok(vec![Figure {
        title: scene.title(),
        text,
        drawing: Some(chart.draw(0.0)),
        table: table(&panels, &epochs_shown),
    }])
}

fn curve<'a>(line: &'a Line, metric: &str) -> Curve<'a> {
    let histories: Vec<&Vec<f64>> = line
        .records
        .iter()
        .filter_map(|record| record.history.get(metric))
        .collect();
    let epochs = histories.iter().map(|h| h.len()).max().unwrap_or(0);
    let mut curve = Curve {
        line,
        mean: Vec::with_capacity(epochs),
        low: Vec::with_capacity(epochs),
        high: Vec::with_capacity(epochs),
    };
    for epoch in 0..epochs {
        // Training may have stopped early for some seeds.
        let values = || histories.iter().filter_map(|history| history.get(epoch));
        curve
            .mean
            .push(values().sum::<f64>() / values().count() as f64);
        curve
            .low
            .push(values().copied().fold(f64::INFINITY, f64::min));
        curve
            .high
            .push(values().copied().fold(f64::NEG_INFINITY, f64::max));
    }
    curve
}

fn panel(curves: &[Curve], epochs: &[usize], label: String, log: bool) -> Panel {
    let values = curves
        .iter()
        .flat_map(|curve| curve.low.iter().chain(&curve.high).copied());
    let mut panel = Panel::new(Axis::of_values(label, values, log));
    for curve in curves
        .iter()
        .filter(|curve| lines::has_band(curve.line, curves.len()))
    {
        panel.marks.push(Mark::Band {
            points: epochs
                .iter()
                .filter(|&&e| e < curve.mean.len())
                .map(|&e| ((e + 1) as f64, curve.low[e], curve.high[e]))
                .collect(),
            style: curve.line.style,
            title: format!("{}: lowest to highest seed", curve.line.name),
        });
    }
    for curve in curves {
        let last = curve.mean.last().copied().unwrap_or(f64::NAN);
        panel.marks.push(Mark::Line {
            points: epochs
                .iter()
                .filter(|&&e| e < curve.mean.len())
                .map(|&e| ((e + 1) as f64, curve.mean[e]))
                .collect(),
            style: curve.line.style,
            title: format!(
                "{}: {} after the last epoch",
                curve.line.name,
                round::number(last)
            ),
        });
    }
    panel
}

fn describe(lines: &[Line], panels: &[(&String, Vec<Curve>)], log: bool) -> String {
    let metrics: Vec<String> = panels
        .iter()
        .map(|(metric, _)| names::long(metric))
        .collect();
    let mut text = format!("{} after each epoch of training", sentence_list(&metrics));
    if lines.iter().any(|line| lines::has_band(line, lines.len())) {
        text.push_str(&format!(
            ": the line is the mean over {}, the band reaches from the lowest to the highest of them.",
            lines::seeds(lines)
        ));
    } else if lines.iter().any(|line| line.records.len() > 1) {
        text.push_str(&format!(
            ": the line is the mean over {}, whose range is in the table.",
            lines::seeds(lines)
        ));
    } else {
        text.push_str(", of one seed.");
    }
    let lengths = || {
        lines
            .iter()
            .flat_map(|line| &line.records)
            .filter_map(|r| r.history.values().map(Vec::len).max())
    };
    if lengths().min() != lengths().max() {
        text.push_str(" Runs that stopped early count as long as they ran.");
    }
    let not_positive = panels
        .iter()
        .map(|(_, curves)| curves.iter().flat_map(|curve| &curve.mean))
        // Where no value is above 0, the axis is not logarithmic.
        .filter(|values| values.clone().any(|&value| value > 0.0))
        .flatten()
        .filter(|&&value| value <= 0.0)
        .count();
    if log && not_positive > 0 {
        text.push_str(&format!(
            " {} at or below 0 {} no place on the logarithmic axis.",
            counted(not_positive, "value"),
            if not_positive == 1 { "has" } else { "have" }
        ));
    }
    text
}

fn table(panels: &[(&String, Vec<Curve>)], epochs: &[usize]) -> DataTable {
    let mut columns = vec!["epoch".to_owned()];
    for (metric, curves) in panels {
        for curve in curves {
            columns.push(format!("{}, {metric}", curve.line.name));
            if curve.line.records.len() > 1 {
                columns.push("lowest to highest".to_owned());
            }
        }
    }
    let rows = epochs
        .iter()
        .map(|&epoch| {
            let mut row = vec![(epoch + 1).to_string()];
            for curve in panels.iter().flat_map(|(_, curves)| curves) {
                let at = |values: &[f64]| {
                    values
                        .get(epoch)
                        .map_or_else(|| "–".to_owned(), |&value| round::number(value))
                };
                row.push(at(&curve.mean));
                if curve.line.records.len() > 1 {
                    row.push(format!("{} to {}", at(&curve.low), at(&curve.high)));
                }
            }
            row
        })
        .collect();
    DataTable { columns, rows }
}
