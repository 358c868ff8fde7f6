//! `roc_curve`: true against false positive rate over all thresholds, a line for each model. Several seeds are averaged
//! vertically (Fawcett, 2006): at each false positive rate the mean of their true positive rates, with a band from the
//! lowest to the highest seed.

use super::classified;
use super::lines::{self, Line};
use super::scene::Scene;
use super::{Figure, Kind};
use crate::judge;
use crate::metric::name;
use crate::metric::ranking::{RocCurve, roc_curve};
use crate::report::draw::frame::{Along, Frame, Graph, Places, Point, Series};
use crate::report::draw::palette::Style;
use crate::report::round;
use crate::store::record::Record;

pub(super) const KIND: Kind = Kind {
    title: "ROC curve",
    of_one_dataset: true,
    draw,
};

/// One figure.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let lines = classified::lines(scene);
    let (lines, mut series): (Vec<Line>, Vec<Series>) = lines
        .into_iter()
        .filter_map(|line| curve(&line).map(|series| (line, series)))
        .unzip();
    let Some(first) = lines.first() else {
        return Err("No record of a classification with test items of both classes.".to_owned());
    };
    let [negative, positive] = classified::classes(first.records[0]);
    let diagonal = [0.0, 1.0].map(|at| Point::at(at, at)).to_vec();
    series.push(Series {
        legend: Some("guessing, AUC 0.5".to_owned()),
        column: None,
        ..Series::line("guessing", Style::Reference, diagonal)
    });
    let rate = |rate: f64| round::fixed(rate, 3);
    let frame = Frame {
        x: Along {
            label: format!("false positive rate: {negative} predicted as {positive}"),
            heading: "false positive rate".to_owned(),
            places: Places::Numbers(rate),
        },
        graphs: vec![Graph {
            name: "true positive rate".to_owned(),
            height: 320.0, // about as high as it is wide
            write: rate,
            series,
            ..Graph::new(format!("True positive rate: {positive} found"))
        }],
    };
    let records: Vec<&Record> = lines.iter().flat_map(|one| one.records.clone()).collect();
    let mut text = format!(
        "Every threshold on the score of {positive}, {}: the share of that class that is found, and the share of {negative} that is \
         taken for it. From scores, not from predicted classes.",
        classified::on_what(&records),
    );
    if let Some(shown) = frame.spread() {
        text.push_str(&format!(
            " The line is the mean true positive rate over {} at each false positive rate{shown}; AUC is the mean over seeds \
             with its 95 % interval.",
            lines::seeds(&lines),
        ));
    }
    Ok(vec![Figure::chart(scene.title(), text, frame)])
}

/// The curve of a line with its area; none where no record has items of both classes.
fn curve(line: &Line) -> Option<Series> {
    let of = |record: &&Record| {
        let items = classified::items(record).iter();
        let (labels, scores): (Vec<u8>, Vec<f64>) = items.map(|item| (item.label, item.score)).unzip();
        roc_curve(&labels, &scores)
    };
    let seeds: Vec<RocCurve> = line.records.iter().filter_map(of).collect();
    let points = match &seeds[..] {
        [] => return None,
        // One curve is drawn as it is, with every step.
        [one] => {
            let points = one.false_positive_rate.iter().zip(&one.true_positive_rate);
            points.map(|(&x, &y)| line.point(x, std::iter::once(y))).collect()
        }
        _ => averaged(&seeds),
    };
    let area = judge::summary(line.records.iter().copied(), name::AUC);
    let area = area.map(|summary| round::mean(name::AUC, &summary));
    let area = area.unwrap_or_else(|| "undefined".to_owned());
    let name = format!("{}, AUC {area}", line.name);
    Some(Series {
        legend: Some(name.clone()),
        hover: name,
        ..line.series(points)
    })
}

/// The curves' mean at each false positive rate that one of them has.
fn averaged(seeds: &[RocCurve]) -> Vec<Point> {
    let rates = seeds.iter().flat_map(|seed| &seed.false_positive_rate);
    let mut rates: Vec<f64> = rates.copied().collect();
    rates.sort_by(f64::total_cmp);
    rates.dedup_by(|a, b| (*a - *b).abs() < 1e-12);
    let start = Point::over(0.0, std::iter::once(0.0));
    let means = rates
        .into_iter()
        .map(|x| Point::over(x, seeds.iter().map(move |seed| height(seed, x))));
    [start].into_iter().chain(means).collect()
}

/// The highest true positive rate of a curve at a false positive rate; between two points on the straight line.
fn height(curve: &RocCurve, x: f64) -> f64 {
    let (xs, ys) = (&curve.false_positive_rate, &curve.true_positive_rate);
    // The last point at or before x, which is the highest there.
    let at = xs.partition_point(|&known| known <= x + 1e-12).saturating_sub(1);
    match (xs.get(at + 1), x > xs[at] + 1e-12) {
        (Some(next), true) => ys[at] + (ys[at + 1] - ys[at]) * (x - xs[at]) / (next - xs[at]),
        _ => ys[at],
    }
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
        assert_eq!(points[1].spread, Some((0.0, 1.0)));
        assert_eq!(height(&perfect, 0.4), 1.0);
        // One tie of both classes is a straight line.
        let tie = roc_curve(&[0, 1], &[0.5, 0.5]).unwrap();
        assert!((height(&tie, 0.25) - 0.25).abs() < 1e-12);
    }
}
