//! `residuals`: how the errors of the forecasts are distributed at each step ahead. A faint dot for each error, a marker for their
//! median, a bar from the 5th to the 95th percentile. Several targets have a panel each; below stands the share of observed values that
//! their intervals hold, where forecasts have some.

use super::coverage;
use super::lines::{self, Line};
use super::scene::Scene;
use super::target::Targets;
use super::{Figure, Kind};
use crate::console::counted;
use crate::metric::{Forecasts, PERCENTILES, Summary};
use crate::report::draw::frame::{Along, Frame, Graph, Look, Places, Point, Series};
use crate::report::draw::palette::Style;
use crate::report::{DataTable, round};
use crate::statistics::percentile;

pub(super) const KIND: Kind = Kind {
    title: "Errors by step ahead",
    of_one_dataset: true,
    draw,
};

/// More errors than these at one step would be a blot.
const MOST_DOTS: usize = 150;

/// The errors of one line at one step ahead.
struct Errors {
    /// The step, from 1.
    step: usize,
    /// How many there are.
    count: usize,
    mean: f64,
    /// [`PERCENTILES`]; the bar goes from the first to the last, the marker stands at the middle one.
    percentiles: [f64; 5],
    /// Each, rising, where they are few and all kept.
    each: Vec<f64>,
}

/// One figure.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let lines = lines::lines(scene, None, |record| {
        record.predictions.forecasts().is_some_and(|all| all.count() > 0)
    });
    let first = lines.first().and_then(|line| line.records[0].predictions.forecasts());
    let targets = Targets::of_forecasts(scene, first.ok_or("No record with forecasts.")?);
    let errors = |target: usize| lines.iter().map(|line| by_step(line, target)).collect();
    let errors: Vec<Vec<Vec<Errors>>> = (0..targets.count()).map(errors).collect();
    let all = || errors.iter().flatten().flatten();
    // Where records keep a summary, of some steps alone.
    let mut steps: Vec<usize> = all().map(|errors| errors.step).collect();
    steps.sort_unstable();
    steps.dedup();
    let graph = |(target, errors): (usize, &Vec<Vec<Errors>>)| {
        let zero = across("no error", 0.0);
        let models = lines.iter().zip(errors).map(|(line, errors)| series(line, errors, &steps));
        Graph {
            name: targets.told(target),
            height: targets.height(250.0),
            series: [zero].into_iter().chain(models).collect(),
            ..Graph::new(targets.label_of("Forecast − observed", target))
        }
    };
    let mut graphs: Vec<Graph> = errors.iter().enumerate().map(graph).collect();
    let covered = coverage::by_step(&lines);
    graphs.extend(coverage::graph(&lines, &covered, &steps));
    let frame = Frame {
        x: Along {
            label: "steps ahead".to_owned(),
            heading: "step".to_owned(),
            places: Places::Names(steps.iter().map(ToString::to_string).collect()),
        },
        graphs,
    };
    let mut text = format!(
        "Forecast less observed value at each step ahead, over all origins and seeds ({} at most): a marker at the median, a bar from the 5th \
         to the 95th percentile{}. Above 0 the forecast was too high.{}{}",
        counted(all().map(|step| step.count).max().unwrap_or_default(), "error"),
        if all().any(|step| !step.each.is_empty()) {
            ", a faint dot for each"
        } else {
            ""
        },
        targets.left_out(),
        coverage::describe(&lines, &covered),
    );
    if lines.iter().any(|line| !are_all_kept(line)) {
        text.push_str(
            " Records that keep a summary of their forecasts know the percentiles of a hundred steps at most; those of several such \
             records are the means of their own.",
        );
    }
    let table = table(&lines, &targets, &errors, &covered);
    Ok(vec![Figure {
        title: scene.title(),
        text: text + &frame.left_out(),
        drawing: Some(frame.draw(0.0).0),
        table,
    }])
}

/// A line across at a height.
pub(super) fn across(name: &str, height: f64) -> Series {
    Series {
        look: Look::Across,
        column: None,
        ..Series::line(name, Style::Reference, vec![Point::at(0.0, height)])
    }
}

/// Whether every record of a line keeps all of its forecasts.
pub(super) fn are_all_kept(line: &Line) -> bool {
    let mut forecasts = line.records.iter().filter_map(|one| one.predictions.forecasts());
    forecasts.all(|forecasts| forecasts.summary().is_none())
}

/// The errors of a line's records in one target, step by step.
fn by_step(line: &Line, target: usize) -> Vec<Errors> {
    match are_all_kept(line) {
        true => of_all(line, target),
        false => of_summaries(line, target),
    }
}

fn of_all(line: &Line, target: usize) -> Vec<Errors> {
    let mut steps: Vec<Vec<f64>> = Vec::new();
    let samples = line.records.iter().filter_map(|one| one.predictions.forecasts()?.all());
    for sample in samples.flatten() {
        for (step, (forecast, truth)) in sample
            .forecast
            .iter()
            .zip(&sample.truth)
            .skip(target)
            .step_by(sample.targets())
            .enumerate()
        {
            if steps.len() == step {
                steps.push(Vec::new());
            }
            steps[step].push(forecast - truth);
        }
    }
    let errors = steps.into_iter().zip(1..).map(|(mut errors, step)| {
        errors.sort_by(f64::total_cmp);
        Errors {
            step,
            count: errors.len(),
            mean: errors.iter().sum::<f64>() / errors.len() as f64,
            percentiles: PERCENTILES.map(|percent| percentile(&errors, percent)),
            each: if errors.len() <= MOST_DOTS { errors } else { Vec::new() },
        }
    });
    errors.collect()
}

/// What the summaries of a line's records say together of each step that all of them know.
fn of_summaries(line: &Line, target: usize) -> Vec<Errors> {
    let forecasts = line.records.iter().filter_map(|one| one.predictions.forecasts());
    let summaries: Vec<Summary> = forecasts.filter_map(Forecasts::summed_up).collect();
    let Some(first) = summaries.first() else {
        return Vec::new();
    };
    let mut told = line.records.iter().filter_map(|one| one.predictions.forecasts());
    let targets = told.next().map_or(1, Forecasts::target_count);
    let together = |step: usize| {
        let own = summaries.iter().map(|summary| {
            let place = summary.errors.steps.binary_search(&step).ok()?;
            Some((summary, summary.errors.at(place * targets + target)?))
        });
        let own: Vec<(&Summary, [f64; 5])> = own.collect::<Option<_>>()?;
        let count = own.iter().map(|(summary, _)| summary.windows).sum();
        let sum: f64 = own
            .iter()
            .map(|(summary, _)| {
                let mean = summary.steps.mean_error(step - 1, [target, targets], summary.windows);
                mean * summary.windows as f64
            })
            .sum();
        let mut percentiles = [0.0; 5];
        for (_, of_record) in &own {
            for (mean, value) in percentiles.iter_mut().zip(of_record) {
                *mean += value / own.len() as f64;
            }
        }
        Some(Errors {
            step,
            count,
            mean: sum / count as f64,
            percentiles,
            each: Vec::new(),
        })
    };
    first.errors.steps.iter().filter_map(|step| together(*step)).collect()
}

fn series(line: &Line, errors: &[Errors], steps: &[usize]) -> Series {
    let points = errors.iter().map(|errors| {
        let [low, .., median, _, high] = errors.percentiles;
        let place = steps.iter().position(|step| *step == errors.step).unwrap_or_default();
        Point {
            spread: Some((low, high)),
            runs: errors.each.clone(),
            hover: format!(
                "{}, step {}: median {}, nine in ten errors from {} to {}",
                line.name,
                errors.step,
                round::number(median),
                round::number(low),
                round::number(high)
            ),
            ..Point::at(place as f64, median)
        }
    });
    Series {
        look: Look::Markers { joined: false },
        ..line.series(points.collect())
    }
}

/// A row for each line and step, of several targets for each of them.
fn table(lines: &[Line], targets: &Targets, errors: &[Vec<Vec<Errors>>], covered: &[Vec<f64>]) -> DataTable {
    let mut columns: Vec<&str> = if targets.are_several() { vec!["target"] } else { Vec::new() };
    columns.extend(["line", "step", "errors", "mean", "5 %", "25 %", "median", "75 %", "95 %"]);
    let is_covered = covered.iter().any(|shares| !shares.is_empty());
    columns.extend(is_covered.then_some("inside the interval"));
    let mut rows = Vec::new();
    for (target, of_target) in errors.iter().enumerate() {
        for (place, (line, errors)) in lines.iter().zip(of_target).enumerate() {
            for errors in errors {
                let mut row = if targets.are_several() {
                    vec![targets.told(target)]
                } else {
                    Vec::new()
                };
                row.extend([line.name.clone(), errors.step.to_string(), errors.count.to_string()]);
                row.push(round::number(errors.mean));
                row.extend(errors.percentiles.map(round::number));
                if is_covered {
                    let share = covered[place].get(errors.step - 1);
                    row.push(share.map_or_else(|| "–".to_owned(), |share| round::number(*share)));
                }
                rows.push(row);
            }
        }
    }
    DataTable {
        columns: columns.into_iter().map(str::to_owned).collect(),
        rows,
    }
}
