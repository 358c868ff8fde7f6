//! Records of a classification → what its cells predicted on the test set, for the figures that show it.

use std::collections::BTreeSet;

use super::lines::{self, Line};
use super::scene::Scene;
use crate::data::Noun;
use crate::metric::classification::Confusion;
use crate::metric::{Predictions, Scored};
use crate::report::round;
use crate::store::record::Record;

/// What a figure says where no cell has a record yet.
pub(super) const NOTHING: &str = "No record of a classification.";

/// The scene's lines whose records hold scored items.
pub(super) fn lines<'a>(scene: &Scene<'a>) -> Vec<Line<'a>> {
    lines::lines(scene, None, |record| record.predictions.scored().is_some())
}

/// The two classes' names, class 0 first.
pub(super) fn classes(record: &Record) -> [&str; 2] {
    match &record.predictions {
        Predictions::Binary { classes, .. } => [&classes[0], &classes[1]],
        Predictions::Regression(_) => ["class 0", "class 1"],
    }
}

/// The scored items of a record.
pub(super) fn items(record: &Record) -> &[Scored] {
    record.predictions.scored().unwrap_or_default()
}

/// The predicted classes of each record of a line, counted.
pub(super) fn confusions(line: &Line) -> Vec<Confusion> {
    let records = line.records.iter();
    records.filter_map(|record| record.predictions.confusion()).collect()
}

/// What a record is called beside others of its line: `seed 3`, or nothing where its model knows none.
pub(super) fn seed(record: &Record) -> String {
    record.at("seed").map_or_else(String::new, |seed| format!("seed {seed}"))
}

/// The clause on what was tested: `on the same 200 test clips`, `each on its own 200 test clips`.
pub(super) fn on_what(records: &[&Record]) -> String {
    let sets: BTreeSet<BTreeSet<&str>> = records
        .iter()
        .map(|record| items(record).iter().map(|item| item.name.as_str()).collect())
        .collect();
    let sizes = || sets.iter().map(BTreeSet::len);
    let (low, high) = (sizes().min().unwrap_or(0), sizes().max().unwrap_or(0));
    let count = if low == high {
        round::count(high)
    } else {
        format!("{} to {}", round::count(low), round::count(high))
    };
    let tested = records.first().map_or_else(Noun::default, |record| record.noun()).tested;
    match (sets.len(), records.len()) {
        (0 | 1, 0 | 1) => format!("on {count} {tested}"),
        (0 | 1, _) => format!("on the same {count} {tested}"),
        _ => format!("each on its own {count} {tested}"),
    }
}

/// The lines of networks; all of them where no network has a record yet.
pub(super) fn of_networks<'a, 'b>(lines: &'b [Line<'a>]) -> Vec<&'b Line<'a>> {
    let is_one = |line: &&Line| line.records.iter().any(|record| record.is_trained());
    let networks: Vec<&Line> = lines.iter().filter(is_one).collect();
    if networks.is_empty() {
        lines.iter().collect()
    } else {
        networks
    }
}
