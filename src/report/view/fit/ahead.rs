//! Of thousands of cells, those that the page may have room for, before more than their lines is made: to make everything of each
//! cell and then to leave most of it out takes longer than all the rest of a report, and most of its memory.

use super::super::cells::CellView;
use super::{FEWEST_ROWS, MANY_CELLS, lines, room};

/// So many cells are made and weighed to know what one takes.
const WEIGHED: usize = 64;

/// So many times what has room is made: those that were weighed are not like all others, and what is too much [`super::fitted`]
/// leaves out.
const SPARE: f64 = 1.25;

/// Which cells of a page have more than a line.
pub(in super::super) struct Ahead {
    share: f64,
}

impl Ahead {
    /// Of a page of so many cells; `made` makes everything of the one at a place.
    pub(in super::super) fn of(cells: usize, made: impl Fn(usize) -> CellView) -> Self {
        if cells <= MANY_CELLS {
            return Self { share: 1.0 };
        }
        let places = (0..WEIGHED).map(|index| index * cells / WEIGHED);
        let weighed: usize = places.map(|place| lines::weight(&made(place))).sum();
        let all = weighed as f64 / WEIGHED as f64 * cells as f64;
        Self {
            share: (room(cells) as f64 * SPARE / all).min(1.0),
        }
    }

    /// Whether the cell at a place has more than a line.
    pub(in super::super) fn is_whole(&self, place: usize) -> bool {
        lines::is_whole(place, self.share)
    }

    /// So many rows of predictions are left, where less goes before rows do.
    pub(in super::super) fn most_rows(&self) -> Option<usize> {
        (self.share < 1.0).then_some(FEWEST_ROWS[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead(cells: usize, bytes: usize) -> Ahead {
        Ahead::of(cells, |_| CellView {
            settings: "x".repeat(bytes),
            ..CellView::line("done")
        })
    }

    #[test]
    fn more_cells_are_made_than_have_room_and_all_where_they_may_have() {
        let whole = |cells: usize, bytes: usize| {
            let ahead = ahead(cells, bytes);
            assert_eq!(ahead.most_rows().is_none(), (0..cells).all(|place| ahead.is_whole(place)));
            (0..cells).filter(|place| ahead.is_whole(*place)).count()
        };
        assert_eq!(whole(1000, 1_000_000), 1000, "few are made as ever");
        assert_eq!(whole(2000, 100), 2000);
        let some = whole(10_000, 10_000);
        assert!(some * 10_000 > room(10_000) && some < 1400, "{some}");
    }
}
