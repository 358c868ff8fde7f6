//! What is too little to tell models apart.

use serde_json::Value;

use super::evidence::grouped;
use super::{Broken, Rule, Severity};
use crate::console::counted;
use crate::judge::{self, Judged, Verdict};
use crate::metric::{ITEMS_TO_RANK, METRICS, Metric, Predictions};
use crate::report::round;
use crate::statistics;
use crate::store::record::Stored;
use crate::task::Task;

/// The best networks are too close for this test set.
pub(super) static TOO_CLOSE: Rule = Rule {
    mark: "too close to rank",
    severity: Severity::Doubtful,
    is_about_networks: true,
    meaning: "The two best are closer to one another than this test set can measure: other items could turn their order.",
    check: |evidence| {
        let of_classes = evidence.networks();
        let of_classes = of_classes.filter(|one| one.record.predictions.scored().is_some());
        let tests = grouped(of_classes, |stored| {
            let configuration = &stored.record.configuration;
            let place = [&configuration["dataset"], &configuration["split"]];
            place.map(Value::to_string).join("\n")
        });
        tests.filter_map(too_close).flatten().collect()
    },
};

/// The best of several networks on the same items, where the next one is too close for so few of them.
fn too_close(groups: Vec<Vec<&Stored>>) -> Option<Vec<Broken>> {
    let first = &groups.first()?.first()?.record;
    let metric = share_of_right(first.predictions.task())?;
    let item = first.noun().one;
    let mean = |group: &[&Stored]| {
        let records = group.iter().map(|one| &one.record);
        Some(judge::summary(records, metric.name)?.mean)
    };
    let mut ranked: Vec<(f64, Vec<&Stored>)> = groups.into_iter().filter_map(|group| Some((mean(&group)?, group))).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let [(best, leaders), (next, others), ..] = &ranked[..] else {
        return None;
    };
    let items = leaders.first()?.record.predictions.scored()?.len();
    let against = Judged::alone(leaders, others, metric.name)?;
    let p = against.p?;
    if best <= next || matches!(against.verdict, Verdict::Better(_)) {
        return None;
    }
    let right = (best * items as f64).round() as u64;
    let (low, high) = statistics::binomial_interval(right.min(items as u64), items as u64)?;
    let sentence = format!(
        "{} {} against {} of the next best, {}, on {} {item}s: McNemar's exact p {}. On so few {item}s the {} alone is known to \
         lie between {} and {} (95 %).",
        metric.label,
        round::fixed(*best, 3),
        round::fixed(*next, 3),
        others.first()?.id,
        round::count(items),
        is(p),
        metric.label.to_lowercase(),
        round::fixed(low, 3),
        round::fixed(high, 3)
    );
    let broken = leaders.iter().map(|stored| Broken {
        metrics: vec![metric.name],
        ..Broken::cell(&stored.id, sentence.clone())
    });
    Some(broken.collect())
}

/// The share of right predictions, which McNemar's test is about.
pub(super) fn share_of_right(task: &Task) -> Option<&'static Metric> {
    let mut own = METRICS.iter().filter(|metric| metric.task == task);
    own.find(|metric| metric.is_share_of_right())
}

/// `= 0.55`, `< 0.001`
pub(super) fn is(p: f64) -> String {
    let text = round::p_value(p);
    if text.starts_with(['<', '>']) {
        text
    } else {
        format!("= {text}")
    }
}

/// Too few items to rank models.
pub(super) static SMALL_TEST: Rule = Rule {
    mark: "small test",
    severity: Severity::Doubtful,
    is_about_networks: false,
    meaning: "With this few forecast origins or items the order of the models is decided by which happen to be tested.",
    check: |evidence| {
        evidence.broken_cells(|stored| {
            let predictions = &stored.record.predictions;
            predictions.are_few().then(|| size_of_test(predictions))
        })
    },
};

fn size_of_test(predictions: &Predictions) -> String {
    match predictions {
        Predictions::Regression(forecasts) => {
            let values = forecasts.count() * forecasts.horizon();
            format!(
                "The test set holds {} from {}; ranking models takes at least {ITEMS_TO_RANK} origins.",
                counted(values, "forecast value"),
                counted(forecasts.count(), "origin"),
            )
        }
        Predictions::Binary { samples, .. } => format!(
            "The test set holds {}; ranking models takes at least {ITEMS_TO_RANK}.",
            counted(samples.len(), "item")
        ),
    }
}

/// One seed says nothing of chance.
pub(super) static SINGLE_SEED: Rule = Rule {
    mark: "one seed",
    severity: Severity::Doubtful,
    is_about_networks: true,
    meaning: "With one seed, luck in the initial weights cannot be told from skill.",
    check: |evidence| {
        let groups = grouped(evidence.networks(), |_| String::new()).flatten();
        let alone = groups.filter_map(|group| match group[..] {
            [only] => {
                let seed = only.record.at("seed");
                let seed = seed.map_or_else(|| "0".to_owned(), Value::to_string);
                let sentence = format!("Only seed {seed} was run.");
                Some(Broken::cell(&only.id, sentence))
            }
            _ => None,
        });
        alone.collect()
    },
};
