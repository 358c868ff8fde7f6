//! Comparisons → rows and verdicts in words.

use serde::Serialize;

use crate::judge::{Judged, Method, words};
use crate::language::report::ComparisonSpec;
use crate::report::comparison::{Comparison, Row};
use crate::report::{metrics, round, select};

/// One comparison.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ComparisonView {
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
pub(crate) struct RowView {
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
    /// `better`, `limited` (better, but only under other seeds or on too few items), `equal`, `open` or `missing`.
    pub outcome: &'static str,
    /// In words.
    pub verdict: String,
}

/// Makes the strings of a comparison.
pub(super) fn view(spec: &ComparisonSpec, comparison: &Comparison) -> ComparisonView {
    let rows = || comparison.rows.iter();
    let found: Vec<&Judged> = rows().filter_map(|row| row.found.as_ref()).collect();
    let mut units: Vec<&str> = rows().filter(|row| row.found.is_some()).map(|row| &*row.unit).collect();
    units.dedup();
    ComparisonView {
        title: spec.title.clone(),
        description: spec.description.clone(),
        paths: comparison.paths.iter().map(|path| super::heading(path)).collect(),
        metric: with_unit(
            metrics::label(&spec.metric),
            match units[..] {
                [only] => only,
                _ => "",
            },
        ),
        has_wilcoxon: found.iter().any(|one| one.contrast.wilcoxon.is_some()),
        rows: rows().map(|row| row_view(row, spec)).collect(),
        notes: words::notes(&found),
    }
}

fn row_view(row: &Row, spec: &ComparisonSpec) -> RowView {
    let of = |text: &dyn Fn(&Judged) -> Option<String>| row.found.as_ref().and_then(text).unwrap_or_else(|| "–".to_owned());
    let mean = |side: usize| of(&|found| Some(round::value(&spec.metric, found.contrast.means[side])));
    RowView {
        labels: row.values.iter().map(select::show).collect(),
        pair: row.pair.clone(),
        means: [mean(0), mean(1)],
        difference: of(&|found| Some(words::difference(&found.contrast, &row.unit))),
        pairs: of(&|found| {
            let is_paired = found.contrast.method != Method::Seeds || found.contrast.p.is_some() || !found.contrast.varies;
            is_paired.then(|| words::pairs(&found.contrast))
        }),
        p: of(&|found| found.p.map(round::p_value)),
        wilcoxon: of(&|found| found.contrast.wilcoxon.map(round::p_value)),
        outcome: words::outcome(row.found.as_ref()),
        verdict: words::verdict(row.found.as_ref(), &row.pair),
    }
}

fn with_unit(label: &str, unit: &str) -> String {
    if unit.is_empty() {
        label.to_owned()
    } else {
        format!("{label}, {unit}")
    }
}
