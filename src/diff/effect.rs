//! Two lists of records of the same cells → each metric before and after, and whether chance alone could have made the
//! difference. Chance is what the report means by it: [`contrast`].

use serde::Serialize;

use super::Experiment;
use crate::console::counted;
use crate::metric::{self, Better, Scale};
use crate::report::contrast::{Contrast, Method, contrast};
use crate::report::metrics;
use crate::statistics::{self, Summary};
use crate::store::record::Stored;

/// A relative change that counts as one where chance cannot be told.
pub const TOLERANCE: f64 = 0.01;

/// One metric of a group before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effect {
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
    /// Whether lower values are better.
    pub lower_is_better: bool,
    /// The 95 % interval of the paired difference, where chance can be told and what is paired has the metric's unit.
    pub interval: Option<[f64; 2]>,
    /// The probability of such a difference by chance alone, corrected for all groups by this metric (Holm).
    pub p: Option<f64>,
    /// What is paired, as `40 origins`.
    pub pairs: String,
    /// What it comes to.
    pub verdict: Verdict,
    /// Whether what is paired got better; a mean over seeds can go the other way.
    #[serde(skip)]
    is_better: bool,
    /// Whether this version knows which way the metric is better.
    #[serde(skip)]
    is_known: bool,
}

/// A metric that some records lack.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lacking {
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

/// What a change of a metric comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Better, beyond chance.
    Better,
    /// Worse, beyond chance.
    Worse,
    /// A difference that chance alone could make.
    NoDifference,
    /// The same but for rounding.
    Equal,
    /// Better; chance cannot be told, the change is larger than the tolerance.
    BetterUntested,
    /// Worse; chance cannot be told, the change is larger than the tolerance.
    WorseUntested,
    /// Chance cannot be told, and the change is within the tolerance.
    WithinTolerance,
    /// A change of which this program cannot say whether it is for the better: the test and the means over seeds point in
    /// opposite directions, a value is no number, or the metric is not one of this version.
    Unclear,
}

impl Effect {
    /// How much worse it got, relative to before; 0 or less where it did not.
    pub fn worsening(&self) -> f64 {
        let worse = if self.lower_is_better {
            self.difference
        } else {
            -self.difference
        };
        match (worse, self.before.abs()) {
            (worse, before) if before > 0.0 => worse / before,
            (0.0, _) => 0.0,
            (worse, _) => worse * f64::INFINITY,
        }
    }

    /// Whether there is no saying which way it went.
    fn is_unclear(&self) -> bool {
        let worsening = self.worsening();
        let opposite = self.p.is_some() && worsening != 0.0 && (worsening < 0.0) != self.is_better;
        !self.is_known || !self.difference.is_finite() || opposite
    }

    fn judge(&mut self) {
        let worsening = self.worsening();
        let can_be_told = self.p.is_some();
        self.verdict = match self.p {
            _ if self.verdict == Verdict::Equal => Verdict::Equal,
            Some(p) if p >= statistics::LEVEL => Verdict::NoDifference,
            _ if self.is_unclear() => Verdict::Unclear,
            _ if !can_be_told && worsening.abs() <= TOLERANCE => Verdict::WithinTolerance,
            Some(_) if self.is_better => Verdict::Better,
            Some(_) => Verdict::Worse,
            None if worsening > 0.0 => Verdict::WorseUntested,
            None => Verdict::BetterUntested,
        };
    }
}

/// Every metric before and after, in the order of the list of metrics, over the cells that have it on both sides; and those that
/// some record lacks.
pub fn effects([before, after]: &[Vec<Stored>; 2]) -> (Vec<Effect>, Vec<Lacking>) {
    let names = before.iter().chain(after);
    let names = metrics::sorted(names.flat_map(|stored| stored.record.metrics.keys()));
    let (mut effects, mut lacking) = (Vec::new(), Vec::new());
    for name in names {
        // Both sides hold the same cells in the same order.
        let has = |stored: &Stored| stored.record.metrics.contains_key(&name);
        let pairs = before.iter().zip(after);
        let (old, new): (Vec<&Stored>, Vec<&Stored>) =
            pairs.filter(|(old, new)| has(old) && has(new)).unzip();
        if old.len() < before.len() {
            lacking.push(lack(&name, [before, after]));
        }
        if let Some(found) = contrast(&new, &old, &name) {
            effects.push(effect(name, &found));
        }
    }
    (effects, lacking)
}

fn lack(metric: &str, sides: [&Vec<Stored>; 2]) -> Lacking {
    let has = |stored: &Stored| stored.record.metrics.contains_key(metric);
    let mut cells = sides[0].iter().zip(sides[1]);
    let is_lost = cells.any(|(old, new)| has(old) && !has(new));
    let [before, after] = sides.map(|side| -> Vec<f64> {
        let values = side.iter().filter_map(|one| one.record.metrics.get(metric));
        values.copied().collect()
    });
    let mean = |values: &[f64]| Summary::of(values).map(|summary| summary.mean);
    Lacking {
        metric: metric.to_owned(),
        before: mean(&before),
        after: mean(&after),
        count_before: before.len(),
        count_after: after.len(),
        is_lost,
    }
}

fn effect(metric: String, found: &Contrast) -> Effect {
    let [after, before] = found.means;
    let difference = after - before;
    // The root of a mean of squares is tested by the squares, whose difference has another unit.
    let has_unit = found.method != Method::Origins(Scale::Root);
    let lower_is_better = metric::find(&metric).is_none_or(|one| one.better == Better::Lower);
    Effect {
        before,
        after,
        difference,
        relative: (before != 0.0).then(|| difference / before.abs()),
        lower_is_better,
        interval: found
            .interval
            .filter(|_| has_unit)
            .map(|(low, high)| [low, high]),
        is_better: found.leader(&metric) == Some(0),
        is_known: metric::find(&metric).is_some(),
        // A test set that is too small to rank models tells nothing of commits either.
        p: found.p.filter(|_| !found.small_test),
        pairs: pairs(found),
        verdict: if found.equal {
            Verdict::Equal
        } else {
            Verdict::NoDifference // until it is judged
        },
        metric,
    }
}

fn pairs(found: &Contrast) -> String {
    let what = match found.method {
        Method::Seeds => "seed",
        Method::Origins(_) => "origin",
        Method::Clips(_) => "clip",
    };
    match found.pairs {
        _ if found.small_test => "the test set is too small".to_owned(),
        0 => String::new(),
        pairs if found.varies => counted(pairs, what),
        pairs => format!("{} whose differences do not vary", counted(pairs, what)),
    }
}

/// Corrects the probabilities within each metric over all groups, and says what each effect comes to.
pub fn judge(experiments: &mut [Experiment]) {
    let mut effects: Vec<&mut Effect> = experiments
        .iter_mut()
        .flat_map(|experiment| &mut experiment.groups)
        .flat_map(|group| &mut group.effects)
        .collect();
    let mut names: Vec<String> = effects.iter().map(|effect| effect.metric.clone()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let of_metric = || effects.iter().filter(|effect| effect.metric == name);
        let raw: Vec<f64> = of_metric().filter_map(|effect| effect.p).collect();
        let mut corrected = statistics::holm(&raw).into_iter();
        for effect in effects.iter_mut().filter(|effect| effect.metric == name) {
            if effect.p.is_some() {
                effect.p = corrected.next();
            }
            effect.judge();
        }
    }
}
