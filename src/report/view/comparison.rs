//! Comparisons → rows and verdicts in words.

use serde::Serialize;

use crate::metric::{ItemTest, Scale};
use crate::report::comparison::{Comparison, Row, Verdict};
use crate::report::contrast::{Contrast, Method};
use crate::report::{metrics, round, select};
use crate::spec::report::ComparisonSpec;

/// One comparison.
#[derive(Debug, Clone, Serialize)]
pub struct ComparisonView {
    /// Above it.
    pub title: String,
    /// Below the title.
    pub description: String,
    /// Headings of the columns that say what a row is about.
    pub paths: Vec<String>,
    /// The metric with its unit.
    pub metric: String,
    /// Whether Wilcoxon's test has a column.
    pub has_wilcoxon: bool,
    /// The rows.
    pub rows: Vec<RowView>,
    /// Sentences below it.
    pub notes: Vec<String>,
}

/// Two models on the same data.
#[derive(Debug, Clone, Serialize)]
pub struct RowView {
    /// What it is about.
    pub labels: Vec<String>,
    /// The two models' names.
    pub pair: [String; 2],
    /// The two models' means; empty when one is missing.
    pub means: [String; 2],
    /// Mean difference and interval.
    pub difference: String,
    /// What is paired: `5 seeds`, `60 origins`.
    pub pairs: String,
    /// Corrected p value.
    pub p: String,
    /// Wilcoxon's p value.
    pub wilcoxon: String,
    /// `better`, `limited` (better, but on too few days), `equal`, `open` or `missing`.
    pub outcome: &'static str,
    /// In words.
    pub verdict: String,
}

/// Makes the strings of a comparison.
pub fn view(spec: &ComparisonSpec, comparison: &Comparison) -> ComparisonView {
    let mut units: Vec<&str> = comparison
        .rows
        .iter()
        .filter(|row| row.contrast.is_some())
        .map(|row| &*row.unit)
        .collect();
    units.dedup();
    ComparisonView {
        title: spec.title.clone(),
        description: spec.description.clone(),
        paths: comparison
            .paths
            .iter()
            .map(|path| super::heading(path))
            .collect(),
        metric: with_unit(
            metrics::label(&spec.metric),
            match units[..] {
                [only] => only,
                _ => "",
            },
        ),
        has_wilcoxon: found(comparison).any(|contrast| contrast.wilcoxon.is_some()),
        rows: comparison
            .rows
            .iter()
            .map(|row| row_view(row, spec))
            .collect(),
        notes: notes(comparison, metrics::is_of_clips(&spec.metric)),
    }
}

fn found(comparison: &Comparison) -> impl Iterator<Item = &Contrast> {
    comparison
        .rows
        .iter()
        .filter_map(|row| row.contrast.as_ref())
}

fn row_view(row: &Row, spec: &ComparisonSpec) -> RowView {
    let of =
        |text: fn(&Contrast) -> String| row.contrast.as_ref().map_or_else(|| "–".to_owned(), text);
    let mean = |side: usize| {
        row.contrast.as_ref().map_or_else(
            || "–".to_owned(),
            |c| metrics::value(&spec.metric, c.means[side]),
        )
    };
    RowView {
        labels: row.values.iter().map(select::show).collect(),
        pair: row.pair.clone(),
        means: [mean(0), mean(1)],
        difference: row.contrast.as_ref().map_or_else(
            || "–".to_owned(),
            |contrast| difference(contrast, &row.unit),
        ),
        pairs: of(|contrast| {
            let word = match contrast.method {
                Method::Seeds if contrast.p.is_none() && contrast.varies => return "–".to_owned(),
                Method::Seeds => "seed",
                Method::Origins(_) => "origin",
                Method::Clips(_) => "clip",
            };
            super::counted(contrast.pairs, word)
        }),
        p: row.p.map_or_else(|| "–".to_owned(), round::p_value),
        wilcoxon: of(|contrast| {
            contrast
                .wilcoxon
                .map_or_else(|| "–".to_owned(), round::p_value)
        }),
        outcome: outcome(row, &spec.metric),
        verdict: verdict(row, &spec.metric),
    }
}

/// The verdict in one word, for its looks.
pub fn outcome(row: &Row, metric: &str) -> &'static str {
    match row.verdict {
        Verdict::Better(_)
            if row.contrast.as_ref().is_some_and(|contrast| {
                contrast.small_test || contrast.is_of_seeds_alone(metric)
            }) =>
        {
            "limited"
        }
        Verdict::Better(_) => "better",
        Verdict::Equal => "equal",
        Verdict::NoDifference | Verdict::Untested | Verdict::Unvarying => "open",
        Verdict::Missing => "missing",
    }
}

/// With its unit, which is the loss's when losses are paired.
fn difference(contrast: &Contrast, unit: &str) -> String {
    let text = match contrast.interval {
        // That of a share is not even around it.
        Some(interval) if contrast.method == Method::Clips(ItemTest::Answers) => {
            round::with_bounds(contrast.difference, interval)
        }
        Some(interval) => round::with_interval(contrast.difference, interval),
        None => round::number(contrast.difference),
    };
    match contrast.method {
        Method::Origins(Scale::Root) if !unit.is_empty() => format!("{text} {unit}²"),
        Method::Seeds | Method::Origins(_) | Method::Clips(_) => {
            format!("{text} {unit}").trim_end().to_owned()
        }
    }
}

/// What is said where nothing varies.
pub const UNVARYING: &str = "differences that do not vary: chance cannot be told";

/// The verdict in words.
pub fn verdict(row: &Row, metric: &str) -> String {
    let is_classified = metrics::is_of_clips(metric);
    let contrast = row.contrast.as_ref();
    let is_of_seeds_alone = contrast.is_some_and(|contrast| contrast.is_of_seeds_alone(metric));
    let few = row
        .contrast
        .as_ref()
        .filter(|contrast| contrast.small_test)
        .map(|contrast| contrast.method);
    match &row.verdict {
        Verdict::Better(model) if few.is_none() && is_of_seeds_alone => {
            format!("{model} is better beyond the chance of seeds")
        }
        Verdict::Better(model) => match few {
            None => format!("{model} is better, beyond chance"),
            Some(Method::Seeds) if is_classified => {
                format!("{model} is better beyond the chance of seeds, on too few clips")
            }
            Some(Method::Seeds) => {
                format!("{model} is better beyond the chance of seeds, on too few origins")
            }
            Some(Method::Clips(_)) => format!("{model} is better beyond chance, on too few clips"),
            Some(Method::Origins(_)) => {
                format!("{model} is better beyond chance, on too few origins")
            }
        },
        Verdict::NoDifference => "no difference beyond chance".to_owned(),
        Verdict::Equal => "numerically equal".to_owned(),
        Verdict::Untested => "one value each: chance cannot be estimated".to_owned(),
        Verdict::Unvarying => UNVARYING.to_owned(),
        Verdict::Missing => "a model has no record".to_owned(),
    }
}

fn notes(comparison: &Comparison, is_classified: bool) -> Vec<String> {
    let mut notes = vec![
        "The difference is the first model minus the second, with its 95 % interval.".to_owned(),
    ];
    let mut say = |applies: bool, note: &str| {
        if applies {
            notes.push(note.to_owned());
        }
    };
    let any = |test: fn(&Contrast) -> bool| found(comparison).any(test);
    say(
        is_classified && any(|contrast| contrast.method == Method::Seeds),
        "The two models are paired by seed (paired t test), so chance is that of seeds, not that of the clips; a model \
         without seeds counts as constant over the seeds of the other.",
    );
    say(
        any(|contrast| contrast.method == Method::Clips(ItemTest::Answers)),
        "Both models answer each test clip once, several seeds by their mean score, and are paired by clip: McNemar's exact \
         test on the clips that one of them alone classifies rightly; interval by Bonett and Price. So the difference is that of the answers by mean score; the \
         two values before it are means over seeds.",
    );
    say(
        any(|contrast| contrast.method == Method::Clips(ItemTest::Ranking)),
        "Both models are paired by test clip, several seeds by their mean score: the test of DeLong, DeLong and \
         Clarke-Pearson. So the difference is that of the mean scores; the two values before it are means over seeds.",
    );
    say(
        any(|contrast| contrast.method == Method::Clips(ItemTest::Loss)),
        "Both models are paired by test clip: the paired t test on the loss of each clip, averaged over seeds.",
    );
    say(
        !is_classified && any(|contrast| contrast.method == Method::Seeds),
        "Holdout: the two models are paired by seed (paired t test); a model without seeds counts as constant over the \
         seeds of the other.",
    );
    say(
        any(|contrast| matches!(contrast.method, Method::Origins(_))),
        "Backtest: losses are averaged over seeds and paired by forecast origin (Diebold and Mariano's test, variance by \
         Newey and West with lag horizon − 1), so the difference is one of losses: squared errors for MSE and RMSE.",
    );
    say(
        any(|contrast| contrast.p.is_some()),
        "p values carry Holm's correction over all comparisons by this metric.",
    );
    say(
        any(|contrast| contrast.wilcoxon.is_some()),
        "Wilcoxon's signed-rank test is shown and never decides.",
    );
    say(
        !is_classified && any(|contrast| contrast.small_test && contrast.method == Method::Seeds),
        "The test set is too small to rank models: the interval covers the chance of seeds alone, not that of the origins.",
    );
    notes
}

fn with_unit(label: String, unit: &str) -> String {
    if unit.is_empty() {
        label
    } else {
        format!("{label}, {unit}")
    }
}
