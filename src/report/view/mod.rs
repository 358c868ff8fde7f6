//! Results → ready-made strings: all that the templates see.

mod audit; // findings → rules with their subjects
mod cells; // planned cells → what can be unfolded
mod comparison; // comparisons → rows and verdicts in words
pub mod fit; // a page too large to be sent → what can be left out
mod marks; // findings → marks of a table and of its rows
mod material; // networks and datasets → what they are made of
mod overview; // what a reader learns in ten seconds
mod predictions; // the answers of cells that differ in their seed → one table
mod setting; // configurations → what is the same everywhere, and what varies
mod standing; // standings → the first numbers
mod table; // tables → rows of strings

use serde::Serialize;

use super::FigureView;
use super::audit as rules;
use super::results::ExperimentResults;
use super::{comparison as comparisons, defaults, figure, metrics, table as tables, titles};
use crate::console::counted;
use crate::prune::unplanned;
use crate::spec::report::ReportSpec;
use crate::task::TaskKind;

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub struct Page {
    /// What could not be shown, each with its path and the reason.
    pub unreadable: Vec<String>,
    /// In the order of their names.
    pub experiments: Vec<Experiment>,
}

/// One experiment.
#[derive(Debug, Clone, Serialize)]
pub struct Experiment {
    /// What the ids of its parts begin with.
    pub anchor: String,
    /// The stem of its file.
    pub name: String,
    /// As its file says.
    pub title: String,
    /// Its parts, for the list of contents: what an id ends with, and the heading.
    pub parts: Vec<Entry>,
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
}

/// The figures of one declaration, one for each combination of its `each`.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// In the order of the combinations.
    pub views: Vec<FigureView>,
    /// How many are left out, and why; empty where all are here.
    pub left_out: String,
}

/// A name and what it stands for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
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
pub struct Mark {
    /// `impossible` or `doubtful`.
    pub severity: &'static str,
    /// A few words.
    pub text: String,
    /// The id of the rule's place.
    pub anchor: String,
}

/// Makes the page's strings.
pub fn page(experiments: &[ExperimentResults]) -> Page {
    let experiments = experiments.iter().enumerate();
    Page {
        unreadable: Vec::new(),
        experiments: experiments
            .map(|(index, one)| experiment(&format!("e{}", index + 1), one))
            .collect(),
    }
}

fn experiment(anchor: &str, results: &ExperimentResults) -> Experiment {
    let mut experiment = all_but_parts(anchor, results);
    let parts = [
        ("tables", "Tables", !experiment.tables.is_empty()),
        (
            "comparisons",
            "Comparisons",
            !experiment.comparisons.is_empty(),
        ),
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
    experiment
}

fn all_but_parts(anchor: &str, results: &ExperimentResults) -> Experiment {
    let mut declared = defaults::declared_or_default(results);
    name_apart(&mut declared);
    let findings = rules::audit(results);
    let comparisons = comparisons::build(&declared.comparison, results);
    let (shared, varied) = setting::shared_and_varied(&results.card);
    Experiment {
        anchor: anchor.to_owned(),
        name: results.card.name.clone(),
        title: results.card.title.clone(),
        parts: Vec::new(),
        overview: overview::view(
            anchor,
            results,
            &findings,
            &declared.comparison,
            &comparisons,
        ),
        shared,
        varied,
        datasets: material::datasets(&results.card),
        tables: declared
            .table
            .iter()
            .map(|spec| table::view(anchor, spec, &tables::build(spec, results, &findings)))
            .collect(),
        glossary: [TaskKind::Regression, TaskKind::Binary]
            .iter()
            .flat_map(|task| metrics::of(results, *task))
            .collect::<Vec<_>>()
            .iter()
            .map(|name| Entry::new(metrics::label(name), metrics::description(name)))
            .collect(),
        comparisons: declared
            .comparison
            .iter()
            .zip(&comparisons)
            .map(|(spec, comparison)| comparison::view(spec, comparison))
            .collect(),
        figures: figure::render_all(&declared.figure, results)
            .into_iter()
            .map(|views| Figures {
                views,
                left_out: String::new(),
            })
            .collect(),
        audit: audit::view(anchor, results, &findings),
        audit_summary: audit::summary(results, &findings),
        networks: material::networks(&results.card),
        cells: cells::by_dataset(anchor, results, &findings),
        unplanned: unplanned::in_words(&results.unplanned).unwrap_or_default(),
    }
}

/// Gives tables and comparisons titles of which no two are the same.
fn name_apart(declared: &mut ReportSpec) {
    let ReportSpec {
        table, comparison, ..
    } = declared;
    let labels = |names: &[String]| titles::list(names.iter().map(|name| metrics::label(name)));
    let told = table.iter().map(|spec| {
        vec![
            titles::filter(&spec.filter),
            titles::list(spec.rows.iter().map(|path| format!("by {}", heading(path)))),
            labels(&spec.columns),
        ]
    });
    let told: Vec<Vec<String>> = told.collect();
    unique(
        table.iter_mut().map(|spec| &mut spec.title).collect(),
        &told,
    );
    let told = comparison.iter().map(|spec| {
        vec![
            titles::filter(&spec.filter),
            format!("by {}", metrics::label(&spec.metric)),
            titles::list(spec.pairs.iter().map(|[a, b]| format!("{a} or {b}"))),
        ]
    });
    let told: Vec<Vec<String>> = told.collect();
    unique(
        comparison.iter_mut().map(|spec| &mut spec.title).collect(),
        &told,
    );
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
    let short = path
        .strip_prefix("window.")
        .or_else(|| path.strip_prefix("train."));
    short.unwrap_or(path).replace('_', " ")
}

fn severity(rule: rules::Rule) -> &'static str {
    match rule.severity() {
        rules::Severity::Impossible => "impossible",
        rules::Severity::Doubtful => "doubtful",
    }
}

/// The id of a rule's place in the audit of an experiment.
fn rule_anchor(anchor: &str, rule: rules::Rule) -> String {
    format!("{anchor}-rule-{}", rule as usize)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::report::sample;

    /// Every cell twice: with a value at a dotted path and with another one.
    fn varied(results: &ExperimentResults, path: &str, values: [Value; 2]) -> ExperimentResults {
        let mut varied = results.clone();
        varied.card.cells.clear();
        varied.records.clear();
        for (id, cell) in &results.card.cells {
            for (place, value) in values.iter().enumerate() {
                let id = format!("{id},{path}={place}");
                let mut cell = cell.clone();
                let reads = set(&mut cell, path, value);
                if !reads && place > 0 {
                    continue; // as a baseline, which does not read an axis of training
                }
                if let Some(stored) = results.record(&cell_id(results, &id)) {
                    let mut stored = stored.clone();
                    stored.id = id.clone();
                    stored.record.configuration = cell.clone();
                    varied.records.push(stored);
                }
                varied.card.cells.insert(id, cell);
            }
        }
        varied.records.sort_by(|a, b| a.id.cmp(&b.id));
        varied
    }

    /// The id that a varied one was made from.
    fn cell_id(results: &ExperimentResults, id: &str) -> String {
        let known = results.card.cells.keys();
        let longest = known
            .filter(|known| id.starts_with(known.as_str()))
            .max_by_key(|known| known.len());
        longest.cloned().unwrap_or_default()
    }

    /// Sets what a user's dotted path names; whether the cell reads it.
    fn set(cell: &mut Value, path: &str, value: &Value) -> bool {
        let mut parts: Vec<&str> = path.split('.').collect();
        if matches!(parts[0], "dataset" | "model") {
            if cell[parts[0]]["name"] != parts[1] {
                return false;
            }
            parts.remove(1);
        }
        let last = parts.pop().unwrap_or_default();
        let place = parts
            .iter()
            .try_fold(cell, |place, part| place.get_mut(*part));
        match place {
            Some(place) => {
                place[last] = value.clone();
                true
            }
            None => false,
        }
    }

    #[test]
    fn every_axis_that_varies_is_named_and_no_two_titles_are_the_same() {
        let series = sample::experiment(&sample::study(&[1, 3], 40), ReportSpec::default());
        let clips = sample::clips::experiment(&sample::clips::study(), ReportSpec::default());
        for (results, path, values) in [
            (&series, "window.lookback", [json!(10), json!(20)]),
            (&series, "window.scale", [json!("none"), json!("min-max")]),
            (&series, "split.origins", [json!(40), json!(50)]),
            (&series, "train.batch_size", [json!(8), json!(16)]),
            (
                &series,
                "train.optimizer",
                [json!("adam"), json!({"kind": "sgd"})],
            ),
            (&series, "model.lstm.hidden", [json!([4]), json!([4, 4])]),
            (
                &series,
                "dataset.monero.calendar",
                [json!("any"), json!("daily")],
            ),
            (
                &series,
                "dataset.monero.from",
                [json!("2016-01-01"), json!("2017-01-01")],
            ),
            (&clips, "split.seed", [json!(0), json!(1)]),
            (&clips, "train.learning_rate", [json!(0.1), json!(0.01)]),
        ] {
            let results = varied(results, path, values);
            let page = experiment("e1", &results);
            let named: Vec<&String> = page.tables.iter().flat_map(|table| &table.paths).collect();
            assert!(named.contains(&&heading(path)), "{path}: {named:?}");
            let mut titles: Vec<&str> = page.tables.iter().map(|one| &*one.title).collect();
            titles.extend(page.comparisons.iter().map(|one| &*one.title));
            let views = page.figures.iter().flat_map(|one| &one.views);
            let of_figures: Vec<&str> = views.clone().map(|view| &*view.title).collect();
            // What is a matter of one model is told by the names of lines; the rest by the titles of the curves.
            if !path.starts_with("model.") {
                let curves = of_figures
                    .iter()
                    .filter(|title| title.starts_with("Training on"));
                let told = curves.filter(|title| title.contains(path)).count();
                assert!(told > 1, "{path}: {of_figures:?}");
            }
            titles.extend(of_figures);
            let count = titles.len();
            titles.sort_unstable();
            titles.dedup();
            assert_eq!(titles.len(), count, "{path}: titles repeat");
            let mut ids: Vec<&str> = views
                .flat_map(|view| view.svg.split(" id=\"").skip(1))
                .filter_map(|rest| rest.split('"').next())
                .collect();
            let count = ids.len();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), count, "{path}: ids repeat");
        }
    }

    #[test]
    fn equal_declarations_have_titles_and_ids_of_their_own() {
        let figure = json!({"kind": "learning_curves", "title": "Curves", "metrics": ["loss"]});
        let other = json!({
            "kind": "learning_curves", "title": "Curves", "metrics": ["loss"], "where": {"dataset": "monero"}
        });
        let table = json!({"title": "Errors", "rows": ["model"], "columns": ["rmse"]});
        let report = json!({
            "figure": [figure, figure, other, {"kind": "forecast", "each": ["dataset"], "title": "Forecasts"}],
            "table": [table, table],
        });
        let report: ReportSpec = serde_json::from_value(report).unwrap();
        let results = sample::experiment(&sample::study(&[1], 40), report);
        let page = experiment("e1", &results);
        let views = page.figures.iter().flat_map(|one| &one.views);
        let titles: Vec<&str> = views.map(|view| &*view.title).collect();
        assert_eq!(
            titles,
            [
                "Curves",
                "Curves (2)",
                "Curves, monero",
                "Forecasts, litecoin",
                "Forecasts, monero"
            ]
        );
        let titles: Vec<&str> = page.tables.iter().map(|one| &*one.title).collect();
        assert_eq!(titles, ["Errors", "Errors (2)"]);
    }
}
