//! `roc_curve`: true against false positive rate over all thresholds, a line for each model. Several seeds are averaged
//! vertically (Fawcett, 2006): at each false positive rate the mean of their true positive rates, with a band from the
//! lowest to the highest seed.

use super::answers;
use super::lines::{self, Line};
use super::scene::Scene;
use crate::judge;
use crate::metric::name;
use super::{Figure, Kind};
use crate::metric::ranking::{RocCurve, roc_curve};
use crate::report::DataTable;
use crate::report::draw::chart::{Axis, Chart, Panel};
use crate::report::draw::legend::{Entry, Sample};
use crate::report::draw::marks::Mark;
use crate::report::draw::palette::Style;
use crate::report::draw::thin;
use crate::report::round;
use crate::statistics::Summary;
use crate::store::record::Record;

pub(super) const KIND: Kind = Kind {
    title: "ROC curve",
    of_one_dataset: true,
    draw,
};

/// Height of the plot area: about as high as it is wide.
const HEIGHT: f64 = 320.0;

/// One model: a row for each false positive rate, from 0 to 1.
struct Curve<'a> {
    line: &'a Line<'a>,
    auc: String,
    points: Vec<Point>,
}

/// What the seeds are together at one false positive rate.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    x: f64,
    mean: f64,
    low: f64,
    high: f64,
}

/// One view.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let lines = answers::lines(scene);
    let curves: Vec<Curve> = lines.iter().filter_map(curve).collect();
    if curves.is_empty() {
        let what = "No record of a classification with test clips of both classes.";
        return Err(what.to_owned());
    }
    let classes = answers::classes(curves[0].line.records[0]);
    let axis = |label: String| Axis::of_values(label, [0.0, 1.0].into_iter(), false);
    let mut panel = Panel::new(axis(format!("True positive rate: {} found", classes[1])));
    panel.height = HEIGHT;
    panel.marks.push(Mark::Line {
        points: vec![(0.0, 0.0), (1.0, 1.0)],
        style: Style::Reference,
        title: "guessing".to_owned(),
    });
    for curve in curves
        .iter()
        .filter(|curve| lines::has_band(curve.line, curves.len()))
    {
        panel.marks.push(Mark::Band {
            points: curve.points.iter().map(|p| (p.x, p.low, p.high)).collect(),
            style: curve.line.style,
            title: format!("{}: lowest to highest seed", curve.line.name),
        });
    }
    for curve in &curves {
        panel.marks.push(Mark::Line {
            points: curve.points.iter().map(|p| (p.x, p.mean)).collect(),
            style: curve.line.style,
            title: format!("{}, AUC {}", curve.line.name, curve.auc),
        });
    }
    let legend = curves.iter().map(|curve| Entry {
        sample: Sample::Line(curve.line.style),
        name: format!("{}, AUC {}", curve.line.name, curve.auc),
    });
    let guessing = Entry {
        sample: Sample::Line(Style::Reference),
        name: "guessing, AUC 0.5".to_owned(),
    };
    let chart = Chart {
        x: axis(format!(
            "false positive rate: {} answered with {}",
            classes[0], classes[1]
        )),
        panels: vec![panel],
        legend: legend.chain([guessing]).collect(),
    };
    Ok(vec![Figure {
        title: scene.title(),
        text: describe(&curves, classes),
        drawing: Some(chart.draw(0.0)),
        table: table(&curves),
    }])
}

fn describe(curves: &[Curve], classes: [&str; 2]) -> String {
    let records: Vec<&Record> = curves
        .iter()
        .flat_map(|curve| curve.line.records.iter().copied())
        .collect();
    let mut text = format!(
        "Every threshold on the score of {}, {}: how many clips of that class are found, and how many of {} are taken for \
         it. From scores, not from answers.",
        classes[1],
        answers::on_what(&records),
        classes[0]
    );
    if curves.iter().any(|curve| curve.line.records.len() > 1) {
        text.push_str(&format!(
            " The line is the mean true positive rate over {} at each false positive rate{}; AUC is the mean over seeds \
             with its 95 % interval.",
            lines::seeds(curves.iter().map(|curve| curve.line)),
            if curves.iter().any(|curve| lines::has_band(curve.line, curves.len())) {
                ", the band reaches from the lowest to the highest of them"
            } else {
                ", whose range is in the table"
            }
        ));
    }
    text
}

fn curve<'a>(line: &'a Line<'a>) -> Option<Curve<'a>> {
    let of = |record: &&Record| {
        let (labels, scores): (Vec<u8>, Vec<f64>) = answers::items(record)
            .iter()
            .map(|item| (item.label, item.score))
            .unzip();
        roc_curve(&labels, &scores)
    };
    let seeds: Vec<RocCurve> = line.records.iter().filter_map(of).collect();
    if seeds.is_empty() {
        return None;
    }
    let points = match &seeds[..] {
        // One curve is drawn as it is, with every step.
        [one] => {
            let points = one.false_positive_rate.iter().zip(&one.true_positive_rate);
            points
                .map(|(&x, &y)| Point {
                    x,
                    mean: y,
                    low: y,
                    high: y,
                })
                .collect()
        }
        _ => averaged(&seeds),
    };
    let auc = judge::summary(line.records.iter().copied(), name::AUC);
    let auc = auc.map(|summary| round::mean(name::AUC, &summary));
    let auc = auc.unwrap_or_else(|| "undefined".to_owned());
    Some(Curve { line, auc, points })
}

/// The curves' mean at each false positive rate that one of them has.
fn averaged(seeds: &[RocCurve]) -> Vec<Point> {
    let mut xs: Vec<f64> = seeds
        .iter()
        .flat_map(|seed| seed.false_positive_rate.iter().copied())
        .collect();
    xs.sort_by(f64::total_cmp);
    xs.dedup_by(|a, b| (*a - *b).abs() < 1e-12);
    let start = Point {
        x: 0.0,
        mean: 0.0,
        low: 0.0,
        high: 0.0,
    };
    let point = |x: f64| {
        let values = seeds.iter().map(|seed| height(seed, x));
        Point {
            x,
            mean: values.clone().sum::<f64>() / seeds.len() as f64,
            low: values.clone().fold(f64::INFINITY, f64::min),
            high: values.fold(f64::NEG_INFINITY, f64::max),
        }
    };
    [start]
        .into_iter()
        .chain(xs.into_iter().map(point))
        .collect()
}

/// The highest true positive rate of a curve at a false positive rate; between two points on the straight line.
fn height(curve: &RocCurve, x: f64) -> f64 {
    let (xs, ys) = (&curve.false_positive_rate, &curve.true_positive_rate);
    // The last point at or before x, which is the highest there.
    let at = xs
        .partition_point(|&known| known <= x + 1e-12)
        .saturating_sub(1);
    match (xs.get(at + 1), x > xs[at] + 1e-12) {
        (Some(next), true) => ys[at] + (ys[at + 1] - ys[at]) * (x - xs[at]) / (next - xs[at]),
        _ => ys[at],
    }
}

/// The curves at the same false positive rates, thinned where there are very many.
fn table(curves: &[Curve]) -> DataTable {
    let mut columns = vec!["false positive rate".to_owned()];
    let mut xs: Vec<f64> = Vec::new();
    for curve in curves {
        columns.push(format!("{}, true positive rate", curve.line.name));
        if curve.line.records.len() > 1 {
            columns.push("lowest to highest".to_owned());
        }
        xs.extend(curve.points.iter().map(|point| point.x));
    }
    xs.sort_by(f64::total_cmp);
    xs.dedup_by(|a, b| (*a - *b).abs() < 1e-12);
    let at = |curve: &Curve, x: f64, value: fn(&Point) -> f64| {
        let after = curve.points.partition_point(|point| point.x <= x + 1e-12);
        let before = &curve.points[after.saturating_sub(1)];
        match curve.points.get(after) {
            Some(next) if x > before.x + 1e-12 => {
                value(before) + (value(next) - value(before)) * (x - before.x) / (next.x - before.x)
            }
            _ => value(before),
        }
    };
    let every = xs.len().div_ceil(thin::LIMIT).max(1);
    let rows = xs
        .iter()
        .enumerate()
        .filter(|(index, _)| index % every == 0 || index + 1 == xs.len())
        .map(|(_, &x)| {
            let mut row = vec![round::fixed(x, 3)];
            for curve in curves {
                let rate = |value: fn(&Point) -> f64| round::fixed(at(curve, x, value), 3);
                row.push(rate(|point| point.mean));
                if curve.line.records.len() > 1 {
                    row.push(format!(
                        "{} to {}",
                        rate(|point| point.low),
                        rate(|point| point.high)
                    ));
                }
            }
            row
        })
        .collect();
    DataTable { columns, rows }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn two_seeds_are_averaged_vertically() {
        // Perfect: up at once. Worst: across, then up. Their mean is a half everywhere between.
        let perfect = roc_curve(&[0, 1], &[0.1, 0.9]).unwrap();
        let worst = roc_curve(&[0, 1], &[0.9, 0.1]).unwrap();
        let points = averaged(&[perfect.clone(), worst.clone()]);
        let means: Vec<(f64, f64)> = points.iter().map(|point| (point.x, point.mean)).collect();
        assert_eq!(means, [(0.0, 0.0), (0.0, 0.5), (1.0, 1.0)]);
        assert_eq!((points[1].low, points[1].high), (0.0, 1.0));
        assert_eq!(height(&perfect, 0.4), 1.0);
        // One tie of both classes is a straight line.
        let tie = roc_curve(&[0, 1], &[0.5, 0.5]).unwrap();
        assert!((height(&tie, 0.25) - 0.25).abs() < 1e-12);
    }
}
