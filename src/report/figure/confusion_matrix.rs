//! `confusion_matrix`: true class against predicted class, one matrix for each model: the mean count over seeds, with the
//! lowest and the highest seed, because a sum over seeds would count each test clip several times.

use super::classified;
use super::lines::{self, Line};
use super::scene::Scene;
use super::{Figure, Kind};
use crate::metric::classification::Confusion;
use crate::report::DataTable;
use crate::report::draw::svg::{self, AXIS, Anchor, BOLD, Drawing, FONT, WIDTH, text_width, wrap};
use crate::report::round;

pub(super) const KIND: Kind = Kind {
    title: "Confusion matrix",
    of_one_dataset: true,
    draw,
};

/// Height of one cell of the matrix.
const CELL: f64 = 82.0;

/// One view for each model.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let lines = classified::lines(scene);
    if lines.is_empty() {
        return Err(classified::NOTHING.to_owned());
    }
    let several = lines.len() > 1;
    let figures = lines.iter().map(|line| figure(scene, line, several));
    Ok(figures.collect())
}

fn figure(scene: &Scene, line: &Line, several: bool) -> Figure {
    let confusions = classified::confusions(line);
    let classes = classified::classes(line.records[0]);
    let mut ours = format!(
        "Rows are the true class, columns the class that {} predicted ({} from a score of 0.5 on)",
        line.name, classes[1]
    );
    let tested = classified::on_what(&line.records);
    if confusions.len() > 1 {
        ours.push_str(&format!(
            ". Large: the mean count over {}, {tested}; below it the lowest and the highest seed, and the share of the true \
             class. The table has every seed.",
            lines::seeds([line]),
        ));
    } else {
        ours.push_str(&format!(", {tested}; below each count its share of the true class."));
    }
    Figure {
        title: scene.title_of(&line.name, several),
        text: ours,
        drawing: Some(matrix(line, &confusions, classes)),
        table: table(line, &confusions, classes),
    }
}

/// Mean, lowest and highest of one count over the seeds.
fn counts(confusions: &[Confusion], truth: usize, predicted: usize) -> (f64, u64, u64) {
    let of = || confusions.iter().map(|one| one.counts[truth][predicted]);
    let sum: u64 = of().sum();
    let mean = sum as f64 / confusions.len().max(1) as f64;
    (mean, of().min().unwrap_or(0), of().max().unwrap_or(0))
}

fn shown(mean: f64) -> String {
    round::fixed(mean, if mean.fract() == 0.0 { 0 } else { 1 })
}

fn matrix(line: &Line, confusions: &[Confusion], classes: [&str; 2]) -> Drawing {
    let named = classes.map(|class| wrap(class, 96.0, FONT));
    let widest = named.iter().flatten().map(|text| text_width(text, FONT)).fold(40.0, f64::max);
    let left = widest.min(110.0) + 14.0;
    let width = ((WIDTH - left - 2.0) / 2.0).min(170.0);
    let heading_rows = classes.map(|class| wrap(class, width - 8.0, FONT).len());
    let heading = heading_rows.into_iter().max().unwrap_or(1) as f64 * 16.0;

    let mut y = FONT + 2.0;
    let mut body = svg::small(left + width, y, Anchor::Middle, "predicted");
    body.push_str(&svg::small(0.0, y, Anchor::Start, "true class"));
    y += 6.0;
    for (predicted, class) in classes.iter().enumerate() {
        let middle = left + (predicted as f64 + 0.5) * width;
        for (row, text) in wrap(class, width - 8.0, FONT).iter().enumerate() {
            let baseline = y + (row as f64 + 1.0) * 16.0 - 2.0;
            body.push_str(&svg::bold(middle, baseline, Anchor::Middle, text));
        }
    }
    y += heading + 4.0;
    for truth in 0..2 {
        let lines = &named[truth];
        let first = y + CELL / 2.0 - (lines.len() as f64 - 1.0) * 8.0 + FONT * 0.35;
        for (row, text) in lines.iter().enumerate() {
            let baseline = first + row as f64 * 16.0;
            body.push_str(&svg::bold(0.0, baseline, Anchor::Start, text));
        }
        let all: f64 = (0..2).map(|predicted| counts(confusions, truth, predicted).0).sum();
        for predicted in 0..2 {
            let (mean, low, high) = counts(confusions, truth, predicted);
            let share = if all > 0.0 { mean / all } else { 0.0 };
            let corner = (left + predicted as f64 * width, y);
            // Faint enough for text in the page's own colour, light or dark.
            let paint = format!(
                "fill=\"{}\" fill-opacity=\"{}\" stroke=\"{AXIS}\" stroke-width=\"0.8\"",
                line.style.color(),
                round::fixed(0.04 + 0.36 * share, 2)
            );
            let count = shown(mean);
            let hover = format!("{} predicted as {}: {count}", classes[truth], classes[predicted]);
            body.push_str(&svg::rectangle(corner, width, CELL, &paint, &hover));
            let middle = corner.0 + width / 2.0;
            let several = confusions.len() > 1;
            let top = y + if several { 30.0 } else { 38.0 };
            body.push_str(&svg::text(middle, top, Anchor::Middle, 20.0, BOLD, &count));
            let range = match low == high {
                true => format!("{low} in every seed"),
                false => format!("{low} to {high}"),
            };
            let percent = format!("{} %", round::fixed(100.0 * share, 1));
            let below = several.then_some(range).into_iter().chain([percent]);
            for (row, text) in below.enumerate() {
                let baseline = top + 18.0 + row as f64 * 16.0;
                body.push_str(&svg::small(middle, baseline, Anchor::Middle, &text));
            }
        }
        y += CELL;
    }
    (body, y + 2.0)
}

fn table(line: &Line, confusions: &[Confusion], classes: [&str; 2]) -> DataTable {
    let mut columns = vec![String::new()];
    let mut rows: Vec<Vec<String>> = line
        .records
        .iter()
        .zip(confusions)
        .map(|(record, _)| match classified::seed(record) {
            seed if seed.is_empty() => vec![line.name.clone()],
            seed => vec![seed],
        })
        .collect();
    let mut mean = vec!["mean".to_owned()];
    for (truth, true_class) in classes.iter().enumerate() {
        for (predicted, class) in classes.iter().enumerate() {
            columns.push(format!("{true_class}, predicted {class}"));
            for (row, one) in rows.iter_mut().zip(confusions) {
                row.push(one.counts[truth][predicted].to_string());
            }
            mean.push(shown(counts(confusions, truth, predicted).0));
        }
    }
    if confusions.len() > 1 {
        rows.push(mean);
    }
    DataTable { columns, rows }
}
