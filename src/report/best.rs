//! Rows of a table → the best value of each metric, where there is one beyond chance.

use rayon::prelude::*;
use serde_json::Value;

use super::alike::Alike;
use super::row::Row;
use crate::judge::{self, Judged, Reach, Verdict};

/// Marks the best model of each metric among the rows that differ in `model` alone, where it is better than every other
/// one beyond chance: Holm's correction over all pairs of models of the table. A test set too small to rank models
/// has no best, and neither has a metric of clips that only seeds can pair.
pub(crate) fn mark_best(rows: &mut [Row], paths: &[String], metrics: &[String]) {
    let others: Vec<usize> = (0..paths.len()).filter(|&at| !is_model(&paths[at])).collect();
    if others.len() == paths.len() {
        return;
    }
    let values = |row: &Row| -> Vec<Value> { others.iter().map(|&at| row.values[at].clone()).collect() };
    let beside = Alike::new(rows.iter().map(values).collect());
    let beside: Vec<Vec<usize>> = rows.iter().map(|row| beside.of(&values(row))).collect();
    for (column, metric) in metrics.iter().enumerate() {
        let pair = |(a, b): (usize, usize)| {
            let found = Judged::alone(&rows[a].records, &rows[b].records, metric);
            found.map(|found| ([a, b], found))
        };
        let of_row = |(a, beside): (usize, &Vec<usize>)| {
            let after = beside.iter().filter(|&&b| b > a);
            after.filter_map(|&b| pair((a, b))).collect::<Vec<_>>()
        };
        // Of thousands of rows this is much of a report; the pairs stay in their order.
        let mut pairs: Vec<([usize; 2], Judged)> = beside.par_iter().enumerate().flat_map_iter(of_row).collect();
        judge::together(pairs.iter_mut().map(|(_, found)| found), Reach::Items);
        let mut of_rows: Vec<Vec<&([usize; 2], Judged)>> = vec![Vec::new(); rows.len()];
        for one in &pairs {
            one.0.iter().for_each(|&row| of_rows[row].push(one));
        }
        for (index, row) in rows.iter_mut().enumerate() {
            let mut against = of_rows[index].iter().copied();
            let leads = |([_, second], found): &([usize; 2], Judged)| {
                found.verdict == Verdict::Better(usize::from(*second == index))
            };
            row.ours[column].best = against.clone().next().is_some() && against.all(leads);
        }
    }
}

fn is_model(path: &str) -> bool {
    path == "model" || path.starts_with("model.")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::language::report::{ReportSpec, TableSpec};
    use crate::report::sample::{self, Sample};
    use crate::report::table;

    /// Which rows have the best RMSE among these models on one coin.
    fn best(origins: usize, wanted: fn(&Sample) -> bool) -> Vec<bool> {
        let mut samples = sample::study(&[1], origins);
        samples.retain(|sample| sample.dataset == "monero" && wanted(sample));
        let experiment = sample::experiment(&samples, ReportSpec::default());
        let spec = TableSpec {
            title: "Errors".to_owned(),
            filter: BTreeMap::new(),
            rows: ["model", "dataset"].map(str::to_owned).to_vec(),
            columns: vec!["rmse".to_owned()],
            reference: None,
            windows: Default::default(),
            description: String::new(),
        };
        let table = table::build(&spec, &experiment, &[]);
        table.rows.iter().map(|row| row.ours[0].best).collect()
    }

    #[test]
    fn best_is_marked_only_beyond_chance_and_on_enough_days() {
        let networks = |sample: &Sample| sample.model != "naive";
        assert_eq!(best(60, networks), [false, true]); // lstm misses by 4, hybrid by 1.5
        assert_eq!(best(20, networks), [false, false]);
    }

    #[test]
    fn a_model_alone_is_not_the_best() {
        assert_eq!(best(60, |sample| sample.model == "lstm"), [false]);
    }
}
