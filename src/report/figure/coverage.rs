//! Intervals around forecasts → the share of observed values that they hold at each step ahead.

use super::bands::{levels, name};
use super::lines::Line;
use super::residuals::{across, are_all_kept};
use crate::report::draw::frame::{Graph, Look, Point, Series};
use crate::report::round;

/// For each line the share of observed values, over origins, targets and seeds, that lies between the lowest and the highest quantile of
/// each step ahead, both included; empty where there are no intervals, and where records keep a summary, which does not know it.
pub(super) fn by_step(lines: &[Line]) -> Vec<Vec<f64>> {
    lines.iter().map(of_line).collect()
}

fn of_line(line: &Line) -> Vec<f64> {
    if !are_all_kept(line) || levels(line.records[0]).is_none() {
        return Vec::new();
    }
    let mut counts: Vec<[usize; 2]> = Vec::new();
    let samples = line.records.iter().filter_map(|one| one.predictions.forecasts()?.all());
    for sample in samples.flatten() {
        let [lowest, .., highest] = &sample.quantiles[..] else {
            continue;
        };
        let ends = lowest.iter().zip(highest).zip(&sample.truth);
        for (column, ((low, high), truth)) in ends.enumerate() {
            let step = column / sample.targets();
            if counts.len() == step {
                counts.push([0, 0]);
            }
            counts[step][0] += usize::from((low..=high).contains(&truth));
            counts[step][1] += 1;
        }
    }
    counts.into_iter().map(|[inside, all]| inside as f64 / all as f64).collect()
}

/// The panel of these shares at these steps; none where there are none.
pub(super) fn graph(lines: &[Line], covered: &[Vec<f64>], steps: &[usize]) -> Option<Graph> {
    let promised = promised(lines, covered);
    if promised.is_empty() {
        return None;
    }
    let references = promised.iter().map(|levels| across("promised", levels[1] - levels[0]));
    let models = lines.iter().zip(covered).filter(|(_, shares)| !shares.is_empty());
    let models = models.map(|(line, shares)| {
        let at = |(place, step): (usize, &usize)| {
            let share = *shares.get(step - 1)?;
            Some(Point {
                hover: format!("{}, step {step}: {} inside", line.name, round::number(share)),
                ..Point::at(place as f64, share)
            })
        };
        Series {
            look: Look::Markers { joined: true },
            ..line.series(steps.iter().enumerate().filter_map(at).collect())
        }
    });
    Some(Graph {
        name: "inside".to_owned(),
        height: 120.0,
        series: references.chain(models).collect(),
        ..Graph::new("Observed values inside the interval, share".to_owned())
    })
}

/// What the panel shows, as a sentence; empty where there is none.
pub(super) fn describe(lines: &[Line], covered: &[Vec<f64>]) -> String {
    let names: Vec<String> = promised(lines, covered).into_iter().map(name).collect();
    match names.is_empty() {
        true => String::new(),
        false => format!(
            " Below: the share of observed values that lies in the {}, dotted what that promises.",
            crate::console::joined(&names, "or the")
        ),
    }
}

/// The levels of the intervals that are shown, each once.
fn promised(lines: &[Line], covered: &[Vec<f64>]) -> Vec<[f64; 2]> {
    let shown = lines.iter().zip(covered).filter(|(_, shares)| !shares.is_empty());
    let mut found: Vec<[f64; 2]> = shown.filter_map(|(line, _)| levels(line.records[0])).collect();
    found.sort_by(|one, other| one[0].total_cmp(&other[0]));
    found.dedup();
    found
}
