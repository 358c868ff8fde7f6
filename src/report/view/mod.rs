//! Results → ready-made strings: all that the templates see.

mod audit; // findings → rules with their subjects
mod by_series; // the scores of such cells, for each of many series
mod by_target; // the errors of such cells, for each of several targets
mod cells; // planned cells → what can be unfolded
mod comparison; // comparisons → rows and verdicts in words
pub(crate) mod divide; // the pages of a report → its file and those beside it
mod fit; // a page too large to be sent → what can be left out
mod fold; // a page → what of it is open when it is opened
mod found; // standings → what was found, in one sentence
mod height; // parts of a page → how high they are, about
mod index; // the file, and what its first page says of each experiment
mod marks; // findings → marks of a table and of its rows
mod material; // networks and datasets → what they are made of
mod most; // thousands of rows → those that a reader looks at
mod overview; // what a reader learns in ten seconds
mod predictions; // the predictions of cells that differ in their seed → one table
mod setting; // configurations → what is the same everywhere, and what varies
mod standing; // standings → the first numbers
mod table; // tables → rows of strings

pub(crate) use index::Page;
use index::{MOST_FAILURES, MOST_TALLIES};
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use serde::Serialize;

use super::FigureView;
use super::audit as rules;
use super::results::ExperimentResults;
use super::{comparison as comparisons, defaults, figure, metrics, table as tables, titles};
use crate::console::counted;
use crate::language::report::ReportSpec;
use crate::prune::unplanned;
use crate::task::TASKS;

/// One experiment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Experiment {
    /// What the ids of its parts begin with.
    pub anchor: String,
    /// The stem of its file.
    pub name: String,
    /// As its file says.
    pub title: String,
    /// Its parts, for the list of contents: what an id ends with, and the heading.
    pub parts: Vec<Entry>,
    /// What was found, in one sentence.
    pub found: String,
    /// What comes first.
    pub overview: overview::Overview,
    /// What every cell has in common.
    pub shared: Vec<Entry>,
    /// What differs between cells.
    pub varied: Vec<Entry>,
    /// The data it read.
    pub datasets: Vec<material::Dataset>,
    /// Tables of metrics.
    pub tables: Vec<table::TableView>,
    /// What the metrics are.
    pub glossary: Vec<Entry>,
    /// Models against each other.
    pub comparisons: Vec<comparison::ComparisonView>,
    /// Graphs and their numbers, by declaration.
    pub figures: Vec<Figures>,
    /// What is wrong, by rule.
    pub audit: Vec<audit::RuleView>,
    /// The same in one sentence.
    pub audit_summary: String,
    /// Layers and sizes.
    pub networks: Vec<material::NetworkView>,
    /// Every planned cell, by dataset.
    pub cells: Vec<cells::CellsOfDataset>,
    /// Records of cells that are no longer planned, in one sentence; empty where there are none.
    pub unplanned: String,
    /// How many cells have a line alone, in one sentence; empty where all have all of theirs.
    pub shortened: String,
    /// What is open when the page is opened.
    pub folds: fold::Folds,
}

/// The figures of one declaration, one for each combination of its `each`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Figures {
    /// In the order of the combinations.
    pub views: Vec<FigureView>,
    /// How many are left out, and why; empty where all are here.
    pub left_out: String,
    /// So many more there would be, which were not drawn.
    #[serde(skip)]
    pub not_drawn: usize,
}

/// A name and what it stands for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Entry {
    /// The name.
    pub name: String,
    /// What it stands for.
    pub text: String,
}

impl Entry {
    fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }
}

/// A mark of the audit: an icon and words, linked to the rule's place in the audit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Mark {
    /// `impossible` or `doubtful`.
    pub severity: &'static str,
    /// A few words.
    pub text: String,
    /// The id of the rule's place.
    pub anchor: String,
}

/// Makes the page's strings.
pub(crate) fn page(experiments: &[ExperimentResults]) -> Page {
    let numbered = experiments.par_iter().enumerate();
    let mut experiments: Vec<Experiment> = numbered
        .map(|(index, one)| experiment(&format!("e{}", index + 1), one))
        .collect();
    name_where_titles_repeat(&mut experiments);
    Page::of(experiments)
}

/// Experiments of one title carry the names of their files besides, which differ.
fn name_where_titles_repeat(experiments: &mut [Experiment]) {
    let titles: Vec<String> = experiments.iter().map(|one| one.title.clone()).collect();
    for one in experiments {
        let shared = titles.iter().filter(|title| **title == one.title).count() > 1;
        if shared && one.title != one.name {
            one.title = format!("{} ({})", one.title, one.name);
        }
    }
}

fn experiment(anchor: &str, results: &ExperimentResults) -> Experiment {
    let mut experiment = all_but_parts(anchor, results);
    let parts = [
        ("tables", "Tables", !experiment.tables.is_empty()),
        ("comparisons", "Comparisons", !experiment.comparisons.is_empty()),
        ("figures", "Figures", !experiment.figures.is_empty()),
        ("audit", "Audit", true),
        ("settings", "Settings", true),
        ("networks", "Networks", !experiment.networks.is_empty()),
        ("cells", "Cells", true),
    ];
    experiment.parts = parts
        .into_iter()
        .filter(|(_, _, exists)| *exists)
        .map(|(name, heading, _)| Entry::new(name, heading))
        .collect();
    experiment.shortened = fit::shortened(&experiment);
    experiment.folds = fold::of(&experiment);
    experiment
}

fn all_but_parts(anchor: &str, results: &ExperimentResults) -> Experiment {
    let mut declared = defaults::declared_or_default(results);
    name_apart(&mut declared);
    // Of thousands of cells each of these takes seconds.
    let ((findings, comparisons), figures) = rayon::join(
        || rayon::join(|| rules::audit(results), || comparisons::build(&declared.comparison, results)),
        || figures(&declared, results),
    );
    let (shared, varied) = setting::shared_and_varied(&results.card);
    let ((overview, found), (tables, cells)) = rayon::join(
        || overview::view(anchor, results, &findings, &declared.comparison, &comparisons),
        || {
            rayon::join(
                || tables(anchor, &declared, results, &findings),
                || cells::by_dataset(anchor, results, &findings),
            )
        },
    );
    Experiment {
        anchor: anchor.to_owned(),
        name: results.card.name.clone(),
        title: results.card.title.clone(),
        parts: Vec::new(),
        found,
        overview,
        shared,
        varied,
        datasets: material::datasets(&results.card),
        tables,
        glossary: TASKS
            .iter()
            .flat_map(|task| metrics::of(results, task))
            .collect::<Vec<_>>()
            .iter()
            .map(|name| Entry::new(metrics::label(name), metrics::description(name)))
            .collect(),
        comparisons: declared
            .comparison
            .iter()
            .zip(comparisons)
            .map(|(spec, mut comparison)| {
                let cut = most::clearest_rows(&mut comparison);
                let mut view = comparison::view(spec, &comparison);
                view.notes.splice(0..0, cut);
                view
            })
            .collect(),
        figures,
        audit: audit::view(anchor, results, &findings),
        audit_summary: audit::summary(results, &findings),
        networks: material::networks(&results.card),
        cells,
        unplanned: unplanned::in_words(&results.unplanned).unwrap_or_default(),
        shortened: String::new(),
        folds: fold::Folds::default(),
    }
}

/// The tables that were declared.
fn tables(
    anchor: &str,
    declared: &ReportSpec,
    results: &ExperimentResults,
    findings: &[rules::Finding],
) -> Vec<table::TableView> {
    let view = |spec| {
        let mut table = tables::build(spec, results, findings);
        let cut = most::best_rows(&mut table);
        let mut view = table::view(anchor, spec, &table);
        view.notes.splice(0..0, cut);
        view
    };
    declared.table.iter().map(view).collect()
}

/// The figures that were declared.
fn figures(declared: &ReportSpec, results: &ExperimentResults) -> Vec<Figures> {
    let figures = figure::render_all(&declared.figure, results).into_iter();
    figures
        .map(|figure::OfDeclaration { views, not_drawn }| Figures {
            left_out: match not_drawn {
                0 => String::new(),
                more => fit::left_out(views.len(), views.len() + more),
            },
            views,
            not_drawn,
        })
        .collect()
}

/// Gives tables and comparisons titles of which no two are the same.
fn name_apart(declared: &mut ReportSpec) {
    let ReportSpec { table, comparison, .. } = declared;
    let labels = |names: &[String]| titles::list(names.iter().map(|name| metrics::label(name).to_owned()));
    let told = table.iter().map(|spec| {
        vec![
            titles::filter(&spec.filter),
            titles::list(spec.rows.iter().map(|path| format!("by {}", heading(path)))),
            labels(&spec.columns),
        ]
    });
    let told: Vec<Vec<String>> = told.collect();
    unique(table.iter_mut().map(|spec| &mut spec.title).collect(), &told);
    let told = comparison.iter().map(|spec| {
        vec![
            titles::filter(&spec.filter),
            format!("by {}", metrics::label(&spec.metric)),
            titles::list(spec.pairs.iter().map(|[a, b]| format!("{a} or {b}"))),
        ]
    });
    let told: Vec<Vec<String>> = told.collect();
    unique(comparison.iter_mut().map(|spec| &mut spec.title).collect(), &told);
}

fn unique(titles: Vec<&mut String>, told: &[Vec<String>]) {
    let before: Vec<String> = titles.iter().map(|title| (**title).clone()).collect();
    let mut titles = titles;
    for (title, suffix) in titles.iter_mut().zip(titles::suffixes(&before, told)) {
        **title += &suffix;
    }
    titles::numbered(titles);
}

/// The heading of a column of values at a dotted path: `horizon` for `window.horizon`.
fn heading(path: &str) -> String {
    let short = path.strip_prefix("window.").or_else(|| path.strip_prefix("train."));
    short.unwrap_or(path).replace('_', " ")
}

/// The id of a rule's place in the audit of an experiment.
fn rule_anchor(anchor: &str, rule: &rules::Rule) -> String {
    format!("{anchor}-rule-{}", rule.place())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests;
