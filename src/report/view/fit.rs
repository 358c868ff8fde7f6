//! A page too large to be sent → tables with fewer rows, then fewer figures; each says so. The records have all of it.

use super::Page;
use super::cells::Group;
use crate::report::{DataTable, FigureView, round};

/// So many bytes may a page of up to [`CELLS`] cells have, without its pictures; one of more cells more in proportion.
const ROOM: usize = 2_850_000;
const CELLS: usize = 500;

/// So many rows are left in any case of a table of answers, whose record has all of them, and of the numbers behind a figure.
const FEWEST_ROWS: [usize; 2] = [4, 12];

/// What stands around the texts of a figure.
const FRAME: usize = 900;

/// So many bytes may a page of so many cells have, without its pictures.
pub fn room(cells: usize) -> usize {
    ROOM * cells.max(CELLS) / CELLS
}

/// The bytes of a text without the pictures in it.
pub fn size(text: &str) -> usize {
    let pictures = text.split("data:image/").skip(1);
    let pictures = pictures.map(|rest| rest.find('"').unwrap_or_default());
    text.len() - pictures.sum::<usize>()
}

/// Makes the page smaller by about so many bytes: answers of groups first, whose rows the records have, then the numbers behind
/// figures, then figures.
pub fn shorten(page: &mut Page, excess: usize) {
    // Escaping and the notes themselves take some.
    let mut cut = excess + excess / 20 + 20_000;
    let groups = page.experiments.iter_mut().flat_map(|one| &mut one.cells);
    let mut groups: Vec<&mut Group> = groups.flat_map(|cells| &mut cells.groups).collect();
    let answers = groups.iter_mut().map(|group| &mut group.predictions);
    let (saved, thinned) = thin(answers.collect(), cut, FEWEST_ROWS[0]);
    for (group, thinned) in groups.into_iter().zip(thinned) {
        if let Some(what) = thinned {
            let records = if group.cells.len() == 1 {
                "record"
            } else {
                "records"
            };
            let sentence = format!("{what}; all of them are in the {records}.");
            group.note = format!("{} {sentence}", group.note).trim().to_owned();
        }
    }
    cut = cut.saturating_sub(saved);
    if cut == 0 {
        return;
    }

    let declared = page.experiments.iter_mut().flat_map(|one| &mut one.figures);
    let mut declared: Vec<_> = declared.collect();
    let mut views: Vec<&mut FigureView> =
        declared.iter_mut().flat_map(|one| &mut one.views).collect();
    // A figure without a drawing is its table.
    views.retain(|view| !view.svg.is_empty());
    let numbers = views.iter_mut().map(|view| &mut view.table);
    let (saved, thinned) = thin(numbers.collect(), cut, FEWEST_ROWS[1]);
    for (view, thinned) in views.into_iter().zip(thinned) {
        if let Some(what) = thinned {
            view.description += &format!(" The table of its numbers holds {what}.");
        }
    }
    cut = cut.saturating_sub(saved);
    if cut == 0 {
        return;
    }

    let bytes = |view: &FigureView| {
        size(&view.svg)
            + table_size(&view.table)
            + view.description.len()
            + 3 * view.title.len()
            + FRAME
    };
    let sizes: Vec<Vec<usize>> = declared
        .iter()
        .map(|one| one.views.iter().map(bytes).collect())
        .collect();
    let all: usize = sizes.iter().flatten().sum();
    let first = |most: usize| -> usize { sizes.iter().flat_map(|one| one.iter().take(most)).sum() };
    let longest = sizes.iter().map(Vec::len).max().unwrap_or_default();
    let most = (1..longest)
        .rev()
        .find(|&most| all - first(most) >= cut)
        .unwrap_or(1);
    for one in declared {
        let count = one.views.len();
        if count > most {
            one.views.truncate(most);
            one.left_out = format!(
                "{} of {} figures of this declaration are shown: the page has no room for more. `where` in its [[report.figure]] \
                 chooses which.",
                round::count(most),
                round::count(count)
            );
        }
    }
}

fn table_size(table: &DataTable) -> usize {
    let texts = table.rows.iter().flatten();
    texts.map(|text| text.len() + "<td>".len()).sum()
}

/// Leaves of the tables fewer rows, evenly and with the first and the last, until so many bytes are saved or few rows are left.
/// The bytes, and for each table what is left of it, as `12 of 60 rows, evenly`; nothing for one that is whole.
fn thin(tables: Vec<&mut DataTable>, cut: usize, fewest: usize) -> (usize, Vec<Option<String>>) {
    let removable = |table: &DataTable| {
        let count = table.rows.len();
        table_size(table) * count.saturating_sub(fewest) / count.max(1)
    };
    let all: usize = tables.iter().map(|table| removable(table)).sum();
    let share = all.saturating_sub(cut) as f64 / all.max(1) as f64;
    let mut saved = 0;
    let thinned = tables.into_iter().map(|table| {
        let (before, count) = (table_size(table), table.rows.len());
        let left = fewest + (count.saturating_sub(fewest) as f64 * share) as usize;
        if left >= count {
            return None;
        }
        let mut kept = vec![false; count];
        for place in 0..left {
            kept[place * (count - 1) / (left - 1)] = true;
        }
        let mut kept = kept.into_iter();
        table.rows.retain(|_| kept.next().unwrap_or_default());
        saved += before - table_size(table);
        let (left, count) = (round::count(left), round::count(count));
        Some(format!("{left} of {count} rows, evenly"))
    });
    let thinned = thinned.collect();
    (saved, thinned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::view::Figures;
    use crate::report::{sample, view};
    use crate::spec::report::ReportSpec;

    fn table(rows: usize) -> DataTable {
        DataTable {
            columns: vec!["day".to_owned()],
            rows: (0..rows).map(|row| vec![format!("{row:06}")]).collect(),
        }
    }

    #[test]
    fn rows_are_left_out_evenly() {
        let (mut long, mut short) = (table(1000), table(10));
        let (saved, thinned) = thin(vec![&mut long, &mut short], 9000, 12);
        assert_eq!(saved, 9000);
        assert_eq!(long.rows.len(), 100);
        assert_eq!([&long.rows[0][0], &long.rows[99][0]], ["000000", "000999"]);
        assert_eq!(thinned[0].as_deref(), Some("100 of 1,000 rows, evenly"));
        assert_eq!(
            (short.rows.len(), &thinned[1]),
            (10, &None),
            "few rows stay"
        );
    }

    #[test]
    fn pictures_do_not_count() {
        assert_eq!(size("<img src=\"data:image/png;base64,AAAA\">"), 23);
    }

    #[test]
    fn answers_go_first_then_numbers_then_figures_of_the_longest_declaration() {
        let experiment = sample::experiment(&sample::study(&[1], 100), ReportSpec::default());
        let mut page = view::page(&[experiment]);
        let figure = |rows: usize| FigureView {
            title: "Curve".to_owned(),
            description: "It falls.".to_owned(),
            svg: "x".repeat(5000),
            table: table(rows),
        };
        let one = |count: usize| Figures {
            views: (0..count).map(|_| figure(100)).collect(),
            left_out: String::new(),
        };
        page.experiments[0].figures = vec![one(2), one(40)];
        shorten(&mut page, 1000);
        let group = &page.experiments[0].cells[0].groups[0];
        assert!(
            group
                .note
                .contains("rows, evenly; all of them are in the record"),
            "{}",
            group.note
        );
        assert_eq!(
            page.experiments[0].figures[1].views[0].table.rows.len(),
            100
        );

        shorten(&mut page, 150_000);
        let [few, many] = &page.experiments[0].figures[..] else {
            panic!("two declarations");
        };
        assert_eq!((few.views.len(), &*few.left_out), (2, ""));
        assert!(
            many.views.len() < 40 && many.views.len() > 2,
            "{}",
            many.views.len()
        );
        assert!(many.left_out.contains("of 40 figures"), "{}", many.left_out);
        let description = &many.views[0].description;
        assert!(
            description.ends_with("holds 12 of 100 rows, evenly."),
            "{description}"
        );
        assert!(room(500) == ROOM && room(1000) == 2 * ROOM && room(3) == ROOM);
    }
}
