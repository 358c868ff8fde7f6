//! `data_preview`: the first and the last rows of a dataset as a table, and its target over time.

use super::scene::Scene;
use super::{Figure, Kind, lines, names};
use crate::console::counted;
use crate::report::DataTable;
use crate::report::draw::date::day;
use crate::report::draw::frame::{Along, Frame, Graph};
use crate::report::draw::{sheet, svg};
use crate::store::card::{Contents, TEST};

pub(super) const KIND: Kind = Kind {
    title: "The data",
    of_one_dataset: true,
    draw,
};

/// One figure.
fn draw(scene: &Scene) -> Result<Vec<Figure>, String> {
    let contents = scene
        .contents()
        .and_then(|contents| Some((contents, contents.target.as_ref()?)));
    let (contents, target) = contents.ok_or("The dataset has not been read yet.")?;
    let Contents { columns, items, .. } = contents;
    let size = format!("{} × {}", counted(*items, "row"), counted(columns.len(), "column"));

    let mut graph = Graph {
        log: scene.spec.log,
        series: vec![lines::target(contents, target)],
        ..Graph::new(names::with_unit(&target.name, &target.unit))
    };
    // The longest stretch of test days of all cuts of this figure.
    let cuts = scene.cuts();
    let spans = cuts.iter().filter_map(|(cut, _)| cut.part(TEST)?.span.as_ref());
    let mut about_test = String::new();
    if let Some([first, last]) = spans.min_by_key(|[first, _]| first)
        && let (Some(from), Some(to)) = (day(first), day(last))
    {
        graph.regions.push((from, to, "test"));
        about_test = format!(
            " Shaded: what is forecast in the test, {}{first} to {last}.",
            if cuts.len() > 1 { "at most " } else { "" }
        );
    }
    let frame = Frame {
        x: Along::days(""),
        graphs: vec![graph],
    };
    let text = format!(
        "{}: {size}. The first and the last five rows, and {} over time{}.{about_test}",
        contents.source,
        target.name,
        if contents.curve.len() < *items {
            format!(
                ", thinned to {} with the lowest and highest kept",
                counted(contents.curve.len(), "point")
            )
        } else {
            String::new()
        }
    );
    let notes = contents.notes.iter().map(|note| format!(" {note}."));
    let text = text + &notes.collect::<String>();
    let table = rows(*items, columns, &contents.first, &contents.last);
    let rules = if *items > 10 { vec![5, 6] } else { Vec::new() };
    let (drawn, mut y) = sheet::draw(&table, 0.0, &rules);
    y += svg::SMALL + 2.0;
    let size = svg::small(4.0, y, svg::Anchor::Start, &size);
    let text = text + &frame.left_out();
    let ((plot, height), _) = frame.draw(y + 14.0);
    let body = drawn + &size + &plot;
    Ok(vec![Figure {
        title: scene.title(),
        text,
        drawing: Some((body, height)),
        table,
    }])
}

/// The rows as a table with their numbers, as pandas prints a long one: the first, a row of dots, the last.
fn rows(count: usize, columns: &[String], first: &[Vec<String>], last: &[Vec<String>]) -> DataTable {
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
    DataTable { columns: headings, rows }
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
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
            table.rows.iter().map(|row| row.join(" ")).collect()
        };
        let long = shown(1851);
        assert_eq!(long.len(), 11);
        assert_eq!((&*long[5], &*long[6]), ("… …", "1846 day 1846"));
        assert_eq!(shown(7), (0..7).map(|i| format!("{i} day {i}")).collect::<Vec<_>>());
        assert_eq!(shown(3).len(), 3);
    }
}
