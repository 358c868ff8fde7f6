//! `data_preview`: the first and the last rows of a dataset as a table, and its target over time.

use super::scene::Scene;
use super::{Figure, Kind};
use crate::console::counted;
use crate::report::DataTable;
use crate::report::draw::chart::{Axis, Chart, Panel};
use crate::report::draw::date::day;
use crate::report::draw::marks::Mark;
use crate::report::draw::palette::Style;
use crate::report::draw::sheet;
use crate::report::draw::svg;

pub(super) const KIND: Kind = Kind {
    title: "The data",
    of_one_dataset: true,
    draw,
};

/// One figure.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let Some(card) = scene.experiment.card.datasets.get(scene.dataset()) else {
        let what = "The dataset has not been read yet.";
        return Err(what.to_owned());
    };
    let size = format!(
        "{} × {}",
        counted(card.rows, "row"),
        counted(card.columns.len(), "column")
    );

    let series: Vec<(f64, f64)> = card
        .series
        .iter()
        .filter_map(|(date, value)| Some((day(date)?, *value)))
        .collect();
    let (from, to) = (
        series.first().map_or(0.0, |point| point.0),
        series.last().map_or(1.0, |point| point.0),
    );
    let label = super::names::with_unit(&card.target, &card.unit);
    let values = series.iter().map(|point| point.1);
    let mut panel = Panel::new(Axis::of_values(label, values, scene.spec.log));
    // The longest stretch of test days of all cuts of this figure.
    let cuts = scene.cuts();
    let test = cuts.iter().min_by_key(|cut| &cut.test_days[0]);
    let mut about_test = String::new();
    if let Some([first, last]) = test.map(|cut| &cut.test_days)
        && let (Some(from), Some(to)) = (day(first), day(last))
    {
        panel.marks.push(Mark::Region {
            from: from - 0.5,
            to: to + 0.5,
            label: "test".to_owned(),
        });
        about_test = format!(
            " Shaded: what is forecast in the test, {}{first} to {last}.",
            if cuts.len() > 1 { "at most " } else { "" }
        );
    }
    panel.marks.push(Mark::Line {
        points: series,
        style: Style::Series(0),
        title: card.target.clone(),
    });
    let chart = Chart {
        x: Axis::of_days("", from, to),
        panels: vec![panel],
        legend: Vec::new(),
    };

    let text = format!(
        "{}: {size}. The first and the last five rows, and {} over time{}.{about_test}",
        card.source,
        card.target,
        if card.series.len() < card.rows {
            format!(
                ", thinned to {} with the lowest and highest kept",
                counted(card.series.len(), "point")
            )
        } else {
            String::new()
        }
    );
    let table = rows(card.rows, &card.columns, &card.first, &card.last);
    let rules = if card.rows > 10 {
        vec![5, 6]
    } else {
        Vec::new()
    };
    let (drawn, mut y) = sheet::draw(&table, 0.0, &rules);
    y += svg::SMALL + 2.0;
    let size = svg::text(4.0, y, svg::Anchor::Start, svg::SMALL, "", &size);
    let (plot, height) = chart.draw(y + 14.0);
    let body = drawn + &size + &plot;
    Ok(vec![Figure {
        title: scene.title(),
        text,
        drawing: Some((body, height)),
        table,
    }])
}

/// The rows as a table with their numbers, as pandas prints a long one: the first, a row of dots, the last.
fn rows(
    count: usize,
    columns: &[String],
    first: &[Vec<String>],
    last: &[Vec<String>],
) -> DataTable {
    let numbered = |from: usize, rows: &[Vec<String>]| -> Vec<Vec<String>> {
        rows.iter()
            .enumerate()
            .map(|(index, row)| {
                let mut cells = vec![(from + index).to_string()];
                cells.extend(row.iter().cloned());
                cells
            })
            .collect()
    };
    let mut rows = numbered(0, first);
    if count > first.len() + last.len() {
        rows.push(vec!["…".to_owned(); columns.len() + 1]);
    }
    // A short series has rows that are among the first and among the last.
    let from = count.saturating_sub(last.len());
    let seen = first.len().saturating_sub(from).min(last.len());
    rows.extend(numbered(from + seen, &last[seen..]));
    let mut headings = vec!["row".to_owned()];
    headings.extend(columns.iter().cloned());
    DataTable {
        columns: headings,
        rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_series_is_cut_and_a_short_one_shows_each_row_once() {
        let row = |i: usize| vec![format!("day {i}")];
        let shown = |count: usize| -> Vec<String> {
            let first: Vec<_> = (0..count.min(5)).map(row).collect();
            let last: Vec<_> = (count.saturating_sub(5)..count).map(row).collect();
            let table = rows(count, &["Date".to_owned()], &first, &last);
            assert!(
                table
                    .rows
                    .iter()
                    .all(|row| row.len() == table.columns.len())
            );
            table.rows.iter().map(|row| row.join(" ")).collect()
        };
        let long = shown(1851);
        assert_eq!(long.len(), 11);
        assert_eq!((&*long[5], &*long[6]), ("… …", "1846 day 1846"));
        assert_eq!(
            shown(7),
            (0..7).map(|i| format!("{i} day {i}")).collect::<Vec<_>>()
        );
        assert_eq!(shown(3).len(), 3);
    }
}
