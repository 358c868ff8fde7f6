//! A page too large to be sent → tables with fewer rows, then fewer figures, then cells that have a line alone; each says so. The
//! records have all of it.
//!
//! One number, the level, says how much is left: from lines of cells and the first figure of each declaration, over all figures
//! with few rows of numbers, to everything. More room is a higher level, and a higher level never shows less of anything.

pub(super) mod ahead; // of thousands of cells, those that the page may have room for
mod lines; // cells that have a line alone, and long lists of what breaks a rule

use super::cells::Group;
use super::{Figures, Page};
use crate::console::counted;
use crate::report::{DataTable, round};
pub(super) use lines::shortened;

/// So many bytes may the page of an experiment of up to [`CELLS`] cells have, without its pictures; one of more cells more in
/// proportion.
const ROOM: usize = 2_850_000;
const CELLS: usize = 500;

/// And never more than so many: such a page still opens in a second.
const MOST_ROOM: usize = 11_000_000;

/// So many rows are left in any case of a table of predictions, whose record has all of them, and of the numbers behind a figure.
const FEWEST_ROWS: [usize; 2] = [4, 12];

/// What stands around the texts of a figure, around those of a row, and around each text of a row.
const FRAME: usize = 900;
const ROW_FRAME: usize = 24;
const TEXT_FRAME: usize = 4;

/// The levels at which nothing is left that can go, at which cells have all of theirs, figures are all there, and the numbers behind
/// them are; predictions of cells come last.
const NOTHING: f64 = -1.0;
const ALL_CELLS: f64 = 0.0;
const ALL_FIGURES: f64 = 1.0;
const ALL_NUMBERS: f64 = 2.0;
const ALL: f64 = 3.0;

/// So many bytes may the page of an experiment of so many cells have, without its pictures.
fn room(cells: usize) -> usize {
    (ROOM * cells.max(CELLS) / CELLS).min(MOST_ROOM)
}

/// So many bytes may the page of one experiment have, without its pictures.
pub(crate) fn room_of(page: &Page) -> usize {
    room(cells_of(page))
}

fn cells_of(page: &Page) -> usize {
    let cells = page.experiments.iter().flat_map(|one| &one.cells);
    let groups = cells.flat_map(|cells| &cells.groups);
    groups.map(|group| group.cells.len()).sum()
}

/// The bytes of a text without the pictures in it.
fn size(text: &str) -> usize {
    let pictures = text.split("data:image/").skip(1);
    let pictures = pictures.map(|rest| rest.find('"').unwrap_or_default());
    text.len() - pictures.sum::<usize>()
}

/// What a page's parts weigh, in bytes, so that a level can be found without making the page at each.
pub(crate) struct Weights {
    /// Rows and bytes of each table of predictions.
    predictions: Vec<(usize, usize)>,
    /// Of each drawn figure the rows and bytes of its numbers.
    numbers: Vec<(usize, usize)>,
    /// For each declaration the bytes of each figure, its table included where nothing is drawn.
    figures: Vec<Vec<Weight>>,
    /// What cells have beside their lines, and what stands in long lists of what breaks a rule.
    lines: lines::Weights,
    /// So many figures of each declaration stay.
    fewest_figures: usize,
}

/// A figure's bytes without its numbers, and which table holds these.
struct Weight {
    bytes: usize,
    numbers: Option<usize>,
}

impl Weights {
    /// Weighs the parts of a whole page.
    pub(crate) fn of(page: &Page) -> Self {
        let groups = page.experiments.iter().flat_map(|one| &one.cells);
        let groups = groups.flat_map(|cells| &cells.groups);
        let mut weights = Self {
            predictions: groups.map(|group| weight(&group.predictions)).collect(),
            numbers: Vec::new(),
            figures: Vec::new(),
            lines: lines::Weights::of(page),
            fewest_figures: fewest_figures(cells_of(page)),
        };
        for declared in page.experiments.iter().flat_map(|one| &one.figures) {
            let of_declaration = declared.views.iter().map(|view| {
                let mut bytes = size(&view.svg) + view.description.len() + 3 * view.title.len() + FRAME;
                // A figure without a drawing is its table.
                let numbers = if view.svg.is_empty() {
                    bytes += weight(&view.table).1;
                    None
                } else {
                    weights.numbers.push(weight(&view.table));
                    Some(weights.numbers.len() - 1)
                };
                Weight { bytes, numbers }
            });
            let of_declaration = of_declaration.collect();
            weights.figures.push(of_declaration);
        }
        weights
    }

    /// The bytes that a level leaves out.
    fn saved(&self, level: f64) -> usize {
        let counts: Vec<usize> = self.figures.iter().map(Vec::len).collect();
        let shown = shown(&counts, level, self.fewest_figures);
        let thinned =
            |&(rows, bytes): &(usize, usize), fewest, share| bytes * (rows - left(rows, fewest, share)) / rows.max(1);
        let [predictions, numbers] = shares(level);
        let mut saved: usize = self
            .predictions
            .iter()
            .map(|table| thinned(table, FEWEST_ROWS[0], predictions))
            .sum();
        for (weights, shown) in self.figures.iter().zip(shown) {
            for (index, weight) in weights.iter().enumerate() {
                let table = weight.numbers.map(|table| &self.numbers[table]);
                saved += match (index < shown, table) {
                    (true, Some(table)) => thinned(table, FEWEST_ROWS[1], numbers),
                    (true, None) => 0,
                    (false, table) => weight.bytes + table.map_or(0, |table| table.1),
                };
            }
        }
        saved + self.lines.saved(share_of_cells(level))
    }

    /// The highest level that leaves out so many bytes; the lowest one where none does.
    pub(crate) fn level(&self, excess: usize) -> f64 {
        let (mut low, mut high) = (NOTHING, ALL);
        if self.saved(high) >= excess {
            return high;
        }
        // Finer than one row or figure of any page.
        for _ in 0..40 {
            let middle = (low + high) / 2.0;
            if self.saved(middle) >= excess {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// The share of cells that have more than a line at a level.
fn share_of_cells(level: f64) -> f64 {
    (level - NOTHING).clamp(0.0, ALL_CELLS - NOTHING)
}

/// The shares of rows that a level leaves of tables of predictions and of the numbers behind figures.
fn shares(level: f64) -> [f64; 2] {
    [ALL_NUMBERS, ALL_FIGURES].map(|from| (level - from).clamp(0.0, 1.0))
}

/// So many cells make a page on which some figures of each declaration are worth more than all of every cell.
const MANY_CELLS: usize = 1000;

/// So many figures of each declaration are there in any case, on a page of so many cells.
fn fewest_figures(cells: usize) -> usize {
    if cells > MANY_CELLS { 8 } else { 1 }
}

/// How many figures of each declaration a level leaves: the `fewest` of each in any case, then the next of each, and so on.
fn shown(counts: &[usize], level: f64, fewest: usize) -> Vec<usize> {
    let longest = counts.iter().copied().max().unwrap_or_default();
    let mut order: Vec<usize> = Vec::new();
    for place in fewest..longest {
        order.extend((0..counts.len()).filter(|&one| place < counts[one]));
    }
    let left = (order.len() as f64 * level.clamp(0.0, ALL_FIGURES)) as usize;
    let mut shown: Vec<usize> = counts.iter().map(|&count| count.min(fewest)).collect();
    for &one in &order[..left] {
        shown[one] += 1;
    }
    shown
}

/// Leaves of a page what a level leaves, and says what is gone.
pub(crate) fn shorten(page: &mut Page, level: f64) {
    let [predictions, numbers] = shares(level);
    let fewest = fewest_figures(cells_of(page));
    let groups = page.experiments.iter_mut().flat_map(|one| &mut one.cells);
    for group in groups.flat_map(|cells| &mut cells.groups) {
        if let Some(what) = thin(&mut group.predictions, FEWEST_ROWS[0], predictions) {
            say_of_predictions(group, &what);
        }
    }
    lines::shorten(page, share_of_cells(level));
    let declared = page.experiments.iter_mut().flat_map(|one| &mut one.figures);
    let mut declared: Vec<&mut Figures> = declared.collect();
    let counts: Vec<usize> = declared.iter().map(|one| one.views.len()).collect();
    for ((one, &count), shown) in declared.iter_mut().zip(&counts).zip(shown(&counts, level, fewest)) {
        if shown < count {
            one.views.truncate(shown);
            one.left_out = left_out(shown, count + one.not_drawn);
        }
        for view in one.views.iter_mut().filter(|view| !view.svg.is_empty()) {
            if let Some(what) = thin(&mut view.table, FEWEST_ROWS[1], numbers) {
                view.description += &format!(" The table of its numbers holds {what}.");
            }
        }
    }
}

/// Why so many of so many figures are here.
pub(super) fn left_out(shown: usize, count: usize) -> String {
    format!(
        "{} of {} of this declaration {} shown: the page has no room for more. `where` in its [[report.figure]] chooses which.",
        round::count(shown),
        counted(count, "figure"),
        if shown == 1 { "is" } else { "are" }
    )
}

fn say_of_predictions(group: &mut Group, what: &str) {
    let sentence = in_records(what, group.cells.len());
    group.note = format!("{} {sentence}", group.note).trim().to_owned();
}

/// Where the rows are that are not here.
pub(super) fn in_records(what: &str, records: usize) -> String {
    let records = if records == 1 { "record" } else { "records" };
    format!("{what}; all of them are in the {records}.")
}

/// Rows and bytes of a table.
fn weight(table: &DataTable) -> (usize, usize) {
    let of_row = |row: &Vec<String>| {
        let texts = row.iter().map(|text| text.len() + TEXT_FRAME);
        ROW_FRAME + texts.sum::<usize>()
    };
    (table.rows.len(), table.rows.iter().map(of_row).sum())
}

/// So many of some rows are left.
fn left(rows: usize, fewest: usize, share: f64) -> usize {
    rows.min(fewest + (rows.saturating_sub(fewest) as f64 * share) as usize)
}

/// Leaves of a table a share of its rows, evenly and with the first and the last, but not fewer than these; what is left of
/// it, as `12 of 60 rows, evenly`, and nothing for one that is whole.
fn thin(table: &mut DataTable, fewest: usize, share: f64) -> Option<String> {
    let left = left(table.rows.len(), fewest, share);
    cut(&mut table.rows, left)
}

/// Leaves so many of some rows, evenly and with the first and the last; says so where any is gone.
pub(super) fn cut<T>(rows: &mut Vec<T>, left: usize) -> Option<String> {
    let count = rows.len();
    if left >= count {
        return None;
    }
    let mut kept = vec![false; count];
    for place in 0..left {
        kept[place * (count - 1) / (left - 1).max(1)] = true;
    }
    let mut kept = kept.into_iter();
    rows.retain(|_| kept.next().unwrap_or_default());
    Some(format!("{} of {}, evenly", round::count(left), counted(count, "row")))
}

/// A page that has room, and its HTML.
pub(crate) struct Fitted {
    /// What is left of it.
    pub page: Page,
    /// The HTML of that.
    pub html: String,
}

/// The largest page that fits into so many bytes: `made` makes the HTML of a page. The parts are weighed first, and what they
/// weigh is held against what comes out, a few times.
///
/// # Errors
/// When a page cannot be made.
pub(crate) fn fitted(page: Page, room: usize, made: impl Fn(&Page) -> anyhow::Result<String>) -> anyhow::Result<Fitted> {
    let html = made(&page)?;
    let excess = size(&html).saturating_sub(room);
    if excess == 0 {
        return Ok(Fitted { page, html });
    }
    let weights = Weights::of(&page);
    // What is asked of the weights, which are a little wrong.
    let mut asked = excess;
    let mut best: Option<Fitted> = None;
    let mut smallest: Option<Fitted> = None;
    for _ in 0..TRIES {
        let mut page = page.clone();
        shorten(&mut page, weights.level(asked));
        let html = made(&page)?;
        let bytes = size(&html);
        let now = Fitted { page, html };
        if bytes <= room {
            if best.as_ref().is_none_or(|best| size(&best.html) < bytes) {
                best = Some(now);
            }
            if room - bytes < room / SLACK {
                break;
            }
            asked = asked.saturating_sub((room - bytes).saturating_sub(room / SLACK / 2));
        } else {
            if smallest.as_ref().is_none_or(|smallest| bytes < size(&smallest.html)) {
                smallest = Some(now);
            }
            asked += bytes - room + room / SLACK / 2;
        }
    }
    // Where there is no room for what always stays, the smallest page is it.
    Ok(best.or(smallest).unwrap_or(Fitted { page, html }))
}

/// So often is a page made, and such a part of the room may stay empty.
const TRIES: usize = 5;
const SLACK: usize = 60;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests;
