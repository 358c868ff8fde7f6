//! `residuals`: how the errors of the forecasts are distributed at each step ahead. A faint dot for each error, a marker for their
//! median, a bar from the 5th to the 95th percentile.

use super::lines::{self, Line};
use super::names;
use super::scene::Scene;
use super::{Figure, Kind};
use crate::console::counted;
use crate::metric::{Forecasts, PERCENTILES, Summary};
use crate::report::draw::frame::{Along, Frame, Graph, Look, Places, Point, Series};
use crate::report::draw::palette::Style;
use crate::report::{DataTable, metrics, round};
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
    if lines.is_empty() {
        return Err("No record with forecasts.".to_owned());
    }
    let errors: Vec<Vec<Errors>> = lines.iter().map(by_step).collect();
    // Where records keep a summary, of some steps alone.
    let mut steps: Vec<usize> = errors.iter().flatten().map(|errors| errors.step).collect();
    steps.sort_unstable();
    steps.dedup();
    let zero = Series {
        look: Look::Across,
        column: None,
        ..Series::line("no error", Style::Reference, vec![Point::at(0.0, 0.0)])
    };
    let models = lines.iter().zip(&errors);
    let models = models.map(|(line, errors)| series(line, errors, &steps));
    let unit = metrics::shared_unit(lines.iter().flat_map(|line| line.records.iter().copied()));
    let frame = Frame {
        x: Along {
            label: "steps ahead".to_owned(),
            heading: "step".to_owned(),
            places: Places::Names(steps.iter().map(ToString::to_string).collect()),
        },
        graphs: vec![Graph {
            height: 250.0,
            series: [zero].into_iter().chain(models).collect(),
            ..Graph::new(names::with_unit("Forecast − observed", unit))
        }],
    };
    let count = errors.iter().flatten().map(|step| step.count).max();
    let mut text = format!(
        "Forecast less observed value at each step ahead, over all origins and seeds ({} at most): a marker at the median, a bar from the 5th \
         to the 95th percentile{}. Above 0 the forecast was too high.",
        counted(count.unwrap_or_default(), "error"),
        if errors.iter().flatten().any(|step| !step.each.is_empty()) {
            ", a faint dot for each"
        } else {
            ""
        }
    );
    if lines.iter().any(|line| !are_all_kept(line)) {
        text.push_str(
            " Records that keep a summary of their forecasts know the percentiles of a hundred steps at most; those of several such \
             records are the means of their own.",
        );
    }
    let table = table(&lines, &errors);
    Ok(vec![Figure {
        title: scene.title(),
        text: text + &frame.left_out(),
        drawing: Some(frame.draw(0.0).0),
        table,
    }])
}

/// Whether every record of a line keeps all of its forecasts.
fn are_all_kept(line: &Line) -> bool {
    let mut forecasts = line.records.iter().filter_map(|one| one.predictions.forecasts());
    forecasts.all(|forecasts| forecasts.summary().is_none())
}

/// The errors of a line's records, step by step.
fn by_step(line: &Line) -> Vec<Errors> {
    match are_all_kept(line) {
        true => of_all(line),
        false => of_summaries(line),
    }
}

fn of_all(line: &Line) -> Vec<Errors> {
    let mut steps: Vec<Vec<f64>> = Vec::new();
    let samples = line.records.iter().filter_map(|one| one.predictions.forecasts()?.all());
    for sample in samples.flatten() {
        for (step, (forecast, truth)) in sample
            .forecast
            .iter()
            .zip(&sample.truth)
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
fn of_summaries(line: &Line) -> Vec<Errors> {
    let forecasts = line.records.iter().filter_map(|one| one.predictions.forecasts());
    let summaries: Vec<Summary> = forecasts.filter_map(Forecasts::summed_up).collect();
    let Some(first) = summaries.first() else {
        return Vec::new();
    };
    let mut told = line.records.iter().filter_map(|one| one.predictions.forecasts());
    let targets = told.next().map_or(1, |forecasts| forecasts.targets().len().max(1));
    let together = |step: usize| {
        let own = summaries.iter().map(|summary| {
            let place = summary.errors.steps.binary_search(&step).ok()?;
            Some((summary, summary.errors.at(place * targets)?))
        });
        let own: Vec<(&Summary, [f64; 5])> = own.collect::<Option<_>>()?;
        let count = own.iter().map(|(summary, _)| summary.windows).sum();
        let sum: f64 = own
            .iter()
            .map(|(summary, _)| summary.steps.mean_error(step - 1, targets, summary.windows) * summary.windows as f64)
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

fn table(lines: &[Line], errors: &[Vec<Errors>]) -> DataTable {
    let rows = lines.iter().zip(errors).flat_map(|(line, errors)| {
        errors.iter().map(|errors| {
            let [p5, p25, p50, p75, p95] = errors.percentiles.map(round::number);
            let (step, count) = (errors.step.to_string(), errors.count.to_string());
            let mean = round::number(errors.mean);
            [line.name.clone(), step, count, mean, p5, p25, p50, p75, p95]
        })
    });
    let columns = ["line", "step", "errors", "mean", "5 %", "25 %", "median", "75 %", "95 %"];
    DataTable::new(columns, rows)
}
