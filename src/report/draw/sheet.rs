//! A table drawn as a picture: texts in columns as wide as they need, shrunk together where they do not fit.

use super::svg::{self, AXIS, Anchor, BOLD, GRID, SMALL, WIDTH, text_width};
use crate::report::DataTable;

/// Space between columns, in heights of text.
const GAP: f64 = 1.6;

/// The smallest text that is still drawn.
const SMALLEST: f64 = 7.0;

/// The table from `top` on, and the height that it takes. Columns whose texts are all numbers stand at the right.
/// `rules` are the rows (from 0) above which a line separates them from the rows before.
pub(crate) fn draw(table: &DataTable, top: f64, rules: &[usize]) -> (String, f64) {
    let column = |index: usize| {
        let cells = table.rows.iter().filter_map(move |row| row.get(index));
        cells.map(String::as_str)
    };
    let widths = |size: f64| -> Vec<f64> {
        (0..table.columns.len())
            .map(|index| {
                // A bold heading is a little wider.
                let heading = text_width(&table.columns[index], size) * 1.1;
                column(index).map(|text| text_width(text, size)).fold(heading, f64::max) + GAP * size
            })
            .collect()
    };
    let natural: f64 = widths(SMALL).iter().sum();
    let size = (SMALL * (WIDTH / natural).min(1.0)).max(SMALLEST);
    let size = (size * 10.0).floor() / 10.0;
    let widths = widths(size);
    let row_height = (size * 1.55).round();

    let mut body = String::new();
    let mut line = |y: f64, color: &str| {
        let paint = format!("stroke=\"{color}\" stroke-width=\"0.8\"");
        let right = widths.iter().sum::<f64>().min(WIDTH);
        body.push_str(&svg::line((0.0, y), (right, y), &paint));
    };
    line(top + row_height, AXIS);
    for rule in rules {
        line(top + (*rule as f64 + 1.0) * row_height, GRID);
    }
    let mut x = 0.0;
    for (index, width) in widths.iter().enumerate() {
        let right = column(index).all(is_number) && column(index).next().is_some();
        let (place, anchor) = if right {
            (x + width - GAP * size / 2.0, Anchor::End)
        } else {
            (x + GAP * size / 2.0, Anchor::Start)
        };
        let heading = [table.columns[index].as_str()].into_iter();
        for (row, text) in heading.chain(column(index)).enumerate() {
            let bold = if row == 0 { BOLD } else { "" };
            let y = top + row as f64 * row_height + size * 1.1;
            body.push_str(&svg::text(place, y, anchor, size, bold, text));
        }
        x += width;
    }
    (body, (table.rows.len() + 1) as f64 * row_height + 4.0)
}

/// Whether a text stands at the right in a column of numbers.
fn is_number(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || "+-−.,%–…⋮ ".contains(c);
    // 1.33K and 2.5M are volumes.
    text.trim_end_matches(['K', 'M', 'B']).chars().all(is_part) && !is_date(text)
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.matches('-').count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: usize) -> DataTable {
        DataTable {
            columns: (0..columns).map(|i| format!("column {i}")).collect(),
            rows: vec![(0..columns).map(|i| format!("{i}.25")).collect(); 3],
        }
    }

    #[test]
    fn a_wide_table_shrinks_instead_of_running_out_of_the_drawing() {
        let (drawing, _) = draw(&table(9), 0.0, &[]);
        let rightmost = drawing
            .split("x=\"")
            .skip(1)
            .filter_map(|part| part.split('"').next()?.parse::<f64>().ok())
            .fold(0.0, f64::max);
        assert!(rightmost <= WIDTH, "{rightmost}");
        assert!(!drawing.contains("font-size=\"11.5\""));
        assert!(draw(&table(3), 0.0, &[]).0.contains("font-size=\"11.5\""));
    }

    #[test]
    fn numbers_stand_at_the_right_and_dates_at_the_left() {
        assert!(is_number("1,234.5") && is_number("−3.1%") && is_number("1.33K"));
        assert!(!is_number("2020-02-23") && !is_number("lstm"));
    }
}
