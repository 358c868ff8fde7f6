//! `residuals`: how the errors of the forecasts are distributed at each step ahead. A faint dot for each error, a marker for their
//! median, a bar from the 5th to the 95th percentile.

use super::lines::{self, Line};
use super::names;
use super::scene::Scene;
use super::{Figure, Kind};
use crate::console::counted;
use crate::report::draw::frame::{Along, Frame, Graph, Look, Places, Point, Series};
use crate::report::draw::palette::Style;
use crate::report::{DataTable, metrics, round};

pub(super) const KIND: Kind = Kind {
    title: "Errors by step ahead",
    of_one_dataset: true,
    draw,
};

/// More errors than these at one step would be a blot.
const MOST_DOTS: usize = 150;

/// Percentiles of the table; the bar goes from the first to the last, the marker stands at the middle one.
const PERCENTILES: [f64; 5] = [5.0, 25.0, 50.0, 75.0, 95.0];

/// The errors of one line at one step ahead, rising.
struct Errors(Vec<f64>);

/// One figure.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let lines = lines::lines(scene, None, |record| {
        record.predictions.forecasts().is_some_and(|all| !all.is_empty())
    });
    if lines.is_empty() {
        return Err("No record with forecasts.".to_owned());
    }
    let errors: Vec<Vec<Errors>> = lines.iter().map(by_step).collect();
    let steps = errors.iter().map(Vec::len).max().unwrap_or_default();
    let zero = Series {
        look: Look::Across,
        column: None,
        ..Series::line("no error", Style::Reference, vec![Point::at(0.0, 0.0)])
    };
    let models = lines.iter().zip(&errors);
    let models = models.map(|(line, errors)| series(line, errors));
    let unit = metrics::shared_unit(lines.iter().flat_map(|line| line.records.iter().copied()));
    let frame = Frame {
        x: Along {
            label: "steps ahead".to_owned(),
            heading: "step".to_owned(),
            places: Places::Names((1..=steps).map(|step| step.to_string()).collect()),
        },
        graphs: vec![Graph {
            height: 250.0,
            series: [zero].into_iter().chain(models).collect(),
            ..Graph::new(names::with_unit("Forecast − observed", unit))
        }],
    };
    let count = errors.iter().flatten().map(|step| step.0.len()).max();
    let text = format!(
        "Forecast less observed value at each step ahead, over all origins and seeds ({} at most): a marker at the median, a bar from the 5th \
         to the 95th percentile{}. Above 0 the forecast was too high.",
        counted(count.unwrap_or_default(), "error"),
        if count <= Some(MOST_DOTS) {
            ", a faint dot for each"
        } else {
            ""
        }
    );
    let table = table(&lines, &errors);
    Ok(vec![Figure {
        title: scene.title(),
        text: text + &frame.left_out(),
        drawing: Some(frame.draw(0.0).0),
        table,
    }])
}

/// All errors of a line's records, step by step.
fn by_step(line: &Line) -> Vec<Errors> {
    let mut steps: Vec<Errors> = Vec::new();
    let samples = line.records.iter().filter_map(|one| one.predictions.forecasts());
    for sample in samples.flatten() {
        for (step, (forecast, truth)) in sample.forecast.iter().zip(&sample.truth).enumerate() {
            if steps.len() == step {
                steps.push(Errors(Vec::new()));
            }
            steps[step].0.push(forecast - truth);
        }
    }
    for step in &mut steps {
        step.0.sort_by(f64::total_cmp);
    }
    steps
}

impl Errors {
    /// A percentile, straight between two errors, as NumPy's default.
    fn percentile(&self, percent: f64) -> f64 {
        let place = (self.0.len() - 1) as f64 * percent / 100.0;
        let below = self.0[place.floor() as usize];
        let above = self.0[place.ceil() as usize];
        below + (above - below) * place.fract()
    }

    fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }
}

fn series(line: &Line, errors: &[Errors]) -> Series {
    let points = errors.iter().enumerate().map(|(step, errors)| {
        let [low, .., median, _, high] = PERCENTILES.map(|percent| errors.percentile(percent));
        Point {
            spread: Some((low, high)),
            runs: if errors.0.len() <= MOST_DOTS {
                errors.0.clone()
            } else {
                Vec::new()
            },
            hover: format!(
                "{}, step {}: median {}, nine in ten errors from {} to {}",
                line.name,
                step + 1,
                round::number(median),
                round::number(low),
                round::number(high)
            ),
            ..Point::at(step as f64, median)
        }
    });
    Series {
        look: Look::Markers { joined: false },
        ..line.series(points.collect())
    }
}

fn table(lines: &[Line], errors: &[Vec<Errors>]) -> DataTable {
    let rows = lines.iter().zip(errors).flat_map(|(line, errors)| {
        errors.iter().enumerate().map(|(step, errors)| {
            let [p5, p25, p50, p75, p95] = PERCENTILES.map(|percent| round::number(errors.percentile(percent)));
            let (step, count) = ((step + 1).to_string(), errors.0.len().to_string());
            let mean = round::number(errors.mean());
            [line.name.clone(), step, count, mean, p5, p25, p50, p75, p95]
        })
    });
    let columns = ["line", "step", "errors", "mean", "5 %", "25 %", "median", "75 %", "95 %"];
    DataTable::new(columns, rows)
}

#[cfg(test)]
mod tests {
    use super::Errors;

    #[test]
    fn percentiles_are_those_of_numpy() {
        // numpy.percentile([-2, 0, 1, 5], [0, 5, 50, 95, 100])  # -2, -1.7, 0.5, 4.4, 5
        let errors = Errors(vec![-2.0, 0.0, 1.0, 5.0]);
        let found = [0.0, 5.0, 50.0, 95.0, 100.0].map(|percent| errors.percentile(percent));
        for (found, expected) in found.iter().zip([-2.0, -1.7, 0.5, 4.4, 5.0]) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        assert_eq!(errors.mean(), 1.0);
        assert_eq!(Errors(vec![3.0]).percentile(5.0), 3.0);
    }
}
