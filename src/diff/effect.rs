//! Two lists of records of the same cells → each metric before and after, and whether chance alone could have made the
//! difference. Chance is what the report means by it: [`crate::judge`].

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use super::plain::label;
use super::{Experiment, Group};
use crate::judge::{self, Change, Judged, Reach, round, words};
use crate::metric::{self, Better};
use crate::statistics::Summary;
use crate::store::record::Stored;

/// One metric of a group before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Effect {
    /// The metric's word.
    pub metric: String,
    /// Mean over the cells before.
    pub before: f64,
    /// And after.
    pub after: f64,
    /// After minus before.
    pub difference: f64,
    /// The difference relative to the value before; absent where that is 0.
    pub relative: Option<f64>,
    /// Whether lower values are better; absent where it is those near 0 that are.
    pub lower_is_better: Option<bool>,
    /// The 95 % interval of the paired difference, where chance can be told and what is paired has the metric's unit.
    pub interval: Option<[f64; 2]>,
    /// The probability of such a difference by chance alone, corrected for all groups by this metric (Holm).
    pub p: Option<f64>,
    /// What is paired, as `40 origins`.
    pub pairs: String,
    /// What it comes to.
    pub verdict: Change,
    /// The same in words.
    #[serde(skip)]
    pub words: String,
}

/// A metric that some records lack.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Lacking {
    /// The metric's word.
    pub metric: String,
    /// Mean before, of the records that have it.
    pub before: Option<f64>,
    /// And after.
    pub after: Option<f64>,
    /// How many records have it before.
    pub count_before: usize,
    /// And after.
    pub count_after: usize,
    /// Whether some record had it before and has it no more.
    pub is_lost: bool,
}

impl Lacking {
    /// `RMSE 4.2 → none`, or which side lacks it in some of so many cells.
    pub(crate) fn in_words(&self, cells: usize) -> String {
        let value = |value: Option<f64>| value.map_or_else(|| "none".to_owned(), round::number);
        let (before, after) = (value(self.before), value(self.after));
        let mut text = format!("{} {before} → {after}", label(&self.metric));
        for (side, count) in [("before", self.count_before), ("after", self.count_after)] {
            if count > 0 && count < cells {
                text += &format!(", {count} of {cells} cells have it {side}");
            }
        }
        text
    }
}

impl Effect {
    /// Of a contrast of after with before.
    fn of(found: Judged) -> Self {
        let contrast = &found.contrast;
        let [after, before] = contrast.means;
        let difference = after - before;
        let verdict = Change::of(&found);
        let interval = contrast.interval.filter(|_| contrast.has_own_unit());
        Self {
            before,
            after,
            difference,
            relative: (before != 0.0).then(|| difference / before.abs()),
            lower_is_better: match metric::better(&contrast.metric) {
                Better::Lower => Some(true),
                Better::Higher => Some(false),
                Better::Nought | Better::Neither => None,
            },
            interval: interval.map(|(low, high)| [low, high]),
            p: found.p,
            pairs: words::pairs_of_change(contrast),
            verdict,
            words: words::change(verdict, &found),
            metric: found.contrast.metric,
        }
    }

    /// How much worse it got, relative to before; 0 or less where it did not.
    pub(crate) fn worsening(&self) -> f64 {
        judge::worsening(&self.metric, self.before, self.after)
    }
}

/// Says of every group what changed in each usual metric and in those that are `asked` for, judged over all groups, and which of
/// them some of its records lack.
pub(super) fn judge(experiments: &mut [Experiment], asked: &[&str]) {
    let groups = experiments.iter_mut().flat_map(|one| &mut one.groups);
    let groups: Vec<&mut Group> = groups.collect();
    let mut found: Vec<Vec<Judged>> = groups.par_iter().map(|group| contrasts(&group.records, asked)).collect();
    // A test set that is too small to rank models tells nothing of commits either.
    judge::together(found.iter_mut().flatten(), Reach::Seeds);
    for (group, found) in groups.into_iter().zip(found) {
        group.lacking = lacking(&group.records, asked);
        group.effects = found.into_iter().map(Effect::of).collect();
    }
}

/// The metrics of both sides that are looked at, in the order of the list of metrics.
fn metrics([before, after]: &[Vec<Stored>; 2], asked: &[&str]) -> Vec<String> {
    let all = before.iter().chain(after);
    let names = all.flat_map(|stored| stored.record.metrics.keys());
    metric::sorted(names.filter(|name| metric::is_usual(name) || asked.contains(&name.as_str())))
}

/// Every metric after against before, over the cells that have it on both sides.
fn contrasts(records: &[Vec<Stored>; 2], asked: &[&str]) -> Vec<Judged> {
    let [before, after] = records;
    let of = |name: &String| {
        // Both sides hold the same cells in the same order.
        let has = |stored: &Stored| stored.record.metrics.contains_key(name);
        let pairs = before.iter().zip(after);
        let (old, new): (Vec<&Stored>, Vec<&Stored>) = pairs.filter(|(old, new)| has(old) && has(new)).unzip();
        Judged::alone(&new, &old, name)
    };
    metrics(records, asked).iter().filter_map(of).collect()
}

/// The metrics that some record lacks.
fn lacking(records: &[Vec<Stored>; 2], asked: &[&str]) -> Vec<Lacking> {
    let names = metrics(records, asked).into_iter();
    let lacking = names.map(|name| lack(name, records));
    lacking
        .filter(|one| one.count_before.min(one.count_after) < records[0].len())
        .collect()
}

fn lack(metric: String, sides: &[Vec<Stored>; 2]) -> Lacking {
    let has = |stored: &Stored| stored.record.metrics.contains_key(&metric);
    let mut cells = sides[0].iter().zip(&sides[1]);
    let is_lost = cells.any(|(old, new)| has(old) && !has(new));
    let of = |side: &Vec<Stored>| judge::summary(side.iter().map(|one| &one.record), &metric);
    let [before, after] = [of(&sides[0]), of(&sides[1])];
    let mean = |side: Option<Summary>| side.map(|summary| summary.mean);
    let count = |side: Option<Summary>| side.map_or(0, |summary| summary.n);
    Lacking {
        metric,
        before: mean(before),
        after: mean(after),
        count_before: count(before),
        count_after: count(after),
        is_lost,
    }
}
