//! Labels around a plot area that must not overlap: names of stretches above it, ticks below it.

use super::marks::{Area, Mark};
use super::scale::{Scale, Tick};
use super::svg::{self, Anchor, SMALL, WIDTH, text_width};

/// The names of shaded stretches above the plot area that begins at `top`, in as many rows as keep them apart.
pub(super) fn above(marks: &[Mark], x: &Scale, (left, right): (f64, f64), top: f64) -> (String, usize) {
    let mut placed: Vec<(f64, f64, usize, &str)> = Vec::new();
    for mark in marks {
        let Mark::Region { from, to, label } = mark else {
            continue;
        };
        let (Some(from), Some(to)) = (x.place(*from), x.place(*to)) else {
            continue;
        };
        if label.is_empty() {
            continue;
        }
        let half = text_width(label, SMALL) / 2.0;
        let middle = left + (from + to) / 2.0 * (right - left);
        let middle = middle.min(WIDTH - 4.0 - half).max(left + half);
        let is_free = |row: &usize| {
            placed.iter().all(|&(other_from, other_to, other_row, _)| {
                other_row != *row || middle + half + 4.0 < other_from || other_to < middle - half - 4.0
            })
        };
        let row = (0..).find(is_free).unwrap_or_default();
        placed.push((middle - half, middle + half, row, label));
    }
    let rows = placed.iter().map(|label| label.2 + 1).max().unwrap_or(0);
    let labels = placed
        .iter()
        .map(|&(from, to, row, label)| {
            let y = top + (rows - row) as f64 * (SMALL + 3.0) - 4.0;
            svg::small((from + to) / 2.0, y, Anchor::Middle, label)
        })
        .collect();
    (labels, rows)
}

/// The labels below an axis and the height they take: in two rows where one is too narrow, and fewer of them where two
/// are.
pub(super) fn below(ticks: &[Tick], area: &Area) -> (String, f64) {
    let mut labels: Vec<(f64, f64, &str)> = ticks
        .iter()
        .filter_map(|tick| {
            let half = text_width(&tick.label, SMALL) / 2.0;
            let x = area.x(tick.at)?.min(WIDTH - 3.0 - half).max(half + 1.0);
            Some((x, half, tick.label.as_str()))
        })
        .collect();
    let fit = |labels: &[(f64, f64, &str)], rows: usize| {
        labels
            .iter()
            .zip(labels.iter().skip(rows))
            .all(|((x, half, _), (next, next_half, _))| x + half + 6.0 <= next - next_half)
    };
    while !fit(&labels, 2) && labels.len() > 2 {
        // Every other one goes; the last stays, which in a series of days is the one to read.
        let last = labels.len() - 1;
        let mut index = 0;
        labels.retain(|_| {
            index += 1;
            (last + 1 - index).is_multiple_of(2)
        });
    }
    let rows = if fit(&labels, 1) { 1 } else { 2 };
    let drawn = labels
        .iter()
        .enumerate()
        .map(|(index, (x, _, label))| {
            let row = (index % rows) as f64;
            let y = area.bottom + 5.0 + SMALL + row * (SMALL + 2.0);
            svg::small(*x, y, Anchor::Middle, label)
        })
        .collect();
    (drawn, 5.0 + rows as f64 * (SMALL + 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crowded_labels_go_to_two_rows_and_then_become_fewer() {
        let scale = Scale::linear([0.0, 100.0]);
        let area = Area {
            left: 40.0,
            right: 470.0,
            top: 0.0,
            bottom: 100.0,
            x: &scale,
            y: &scale,
        };
        let ticks = |count: usize| -> Vec<Tick> {
            (0..count)
                .map(|i| Tick {
                    at: i as f64 * 100.0 / (count - 1) as f64,
                    label: "2020-02-23".to_owned(),
                })
                .collect()
        };
        let (few, one_row) = below(&ticks(4), &area);
        let (more, two_rows) = below(&ticks(9), &area);
        let (many, _) = below(&ticks(60), &area);
        assert_eq!(few.matches("<text").count(), 4);
        assert_eq!(more.matches("<text").count(), 9);
        assert!(two_rows > one_row);
        assert!((3..15).contains(&many.matches("<text").count()));
    }
}
