//! `data_preview`: the first and the last rows of a dataset as a table, and its target over time.

use super::scene::Scene;
use super::target::{self, Targets};
use super::{Figure, Kind, lines};
use crate::console::{counted, joined};
use crate::report::DataTable;
use crate::report::draw::chart::PANEL;
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

    if let Some(sentences) = scene.unpublished("rows and curves") {
        let columns = joined(columns, "and");
        let notes = notes(contents);
        let text = format!("{}: {size} ({columns}).{notes} {sentences}", contents.source);
        return Ok(vec![scene.told_only(text)]);
    }
    let cuts = scene.cuts();
    let several = cuts.iter().filter_map(|(cut, _)| cut.targets.get(1)).max();
    let targets = Targets::of_contents(contents, several.copied().unwrap_or(1));
    let graph = |place: usize| {
        let label = targets.label(place);
        Graph {
            name: targets.told(place),
            log: scene.spec.log,
            height: targets.height(PANEL),
            gaps: target::gaps(contents),
            series: vec![lines::over_time(targets.name(place), &label, target::curve(contents, place))],
            ..Graph::new(label)
        }
    };
    let mut graphs: Vec<Graph> = (0..targets.count()).map(graph).collect();
    // The longest stretch of test days of all cuts of this figure.
    let spans = cuts.iter().filter_map(|(cut, _)| cut.part(TEST)?.span.as_ref());
    let mut about_test = String::new();
    if let Some([first, last]) = spans.min_by_key(|[first, _]| first)
        && let (Some(from), Some(to)) = (day(first), day(last))
    {
        for (place, graph) in graphs.iter_mut().enumerate() {
            graph.regions.push((from, to, if place == 0 { "test" } else { "" }));
        }
        about_test = format!(
            " Shaded: what is forecast in the test, {}{first} to {last}.",
            if cuts.len() > 1 { "at most " } else { "" }
        );
    }
    let frame = Frame {
        x: Along::days(&scene.time_label()),
        graphs,
    };
    let about_gaps = target::about_gaps(contents, f64::NEG_INFINITY, f64::INFINITY);
    let shown = match targets.are_several() {
        true => targets.counted(),
        false => target.name.clone(),
    };
    let text = format!(
        "{}: {size}. The first and the last five rows, and {shown} over time{}.{about_test}{}{about_gaps}{}",
        contents.source,
        if contents.curve.len() < *items {
            format!(
                ", thinned to {} with the lowest and highest kept",
                counted(contents.curve.len(), "point")
            )
        } else {
            String::new()
        },
        targets.left_out(),
        notes(contents)
    );
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

/// What is worth knowing of how it was read, as sentences.
fn notes(contents: &Contents) -> String {
    let notes = contents.notes.iter().map(|note| format!(" {note}."));
    notes.collect()
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
