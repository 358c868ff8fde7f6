//! Thousands of rows of a table, of which a reader looks at the best; of a comparison at what is furthest beyond chance.

use super::counted;
use crate::report::comparison::Comparison;
use crate::report::row::Row;
use crate::report::table::Table;
use crate::report::{metrics, round};

/// So many rows has a table at most.
const MOST_ROWS: usize = 1000;

/// Leaves of a long table the best rows by its first metric, in their order; says so.
pub(super) fn best_rows(table: &mut Table) -> Option<String> {
    let count = table.rows.len();
    let metric = table.metrics.first().filter(|_| count > MOST_ROWS)?.clone();
    let rank = |row: &Row| Some(metrics::badness(&metric, row.ours.first()?.summary?.mean));
    let ranks: Vec<f64> = table.rows.iter().map(|row| rank(row).unwrap_or(f64::INFINITY)).collect();
    keep_lowest(&mut table.rows, &ranks);
    Some(format!(
        "{} of {} are here: the best by {}. `runner list --json` has the scores of every cell.",
        round::count(MOST_ROWS),
        counted(count, "row"),
        metrics::label(&metric)
    ))
}

/// Leaves of a long comparison the rows of the lowest p values, in their order; says so.
pub(super) fn clearest_rows(comparison: &mut Comparison) -> Option<String> {
    let count = comparison.rows.len();
    if count <= MOST_ROWS {
        return None;
    }
    let rank = |p: Option<f64>| p.unwrap_or(f64::INFINITY);
    let rows = comparison.rows.iter();
    let ranks: Vec<f64> = rows.map(|row| rank(row.found.as_ref().and_then(|found| found.p))).collect();
    keep_lowest(&mut comparison.rows, &ranks);
    Some(format!(
        "{} of {} are here: those of the lowest p, which are corrected for all of them.",
        round::count(MOST_ROWS),
        counted(count, "pair")
    ))
}

/// Keeps so many of the lowest rank, in their order; of equal ranks the first.
fn keep_lowest<T>(rows: &mut Vec<T>, ranks: &[f64]) {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|&a, &b| ranks[a].total_cmp(&ranks[b]));
    let mut kept = vec![false; rows.len()];
    for &place in order.iter().take(MOST_ROWS) {
        kept[place] = true;
    }
    let mut kept = kept.into_iter();
    rows.retain(|_| kept.next().unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_stay_in_their_order() {
        let mut rows: Vec<usize> = (0..2000).collect();
        let ranks: Vec<f64> = rows.iter().map(|row| if row % 2 == 1 { 1.0 } else { 2.0 }).collect();
        keep_lowest(&mut rows, &ranks);
        assert_eq!(rows.len(), MOST_ROWS);
        assert!(rows.iter().all(|row| row % 2 == 1) && rows.is_sorted());
    }
}
