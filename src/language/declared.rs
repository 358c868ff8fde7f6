//! `[report]`: read, and held against what the cells have.

use crate::console::joined;
use crate::metric::{self, METRICS};
use crate::task::Task;

use super::axes;
use super::diagnostic::Diagnostic;
use super::figure::{FigureKind, Named, Takes};
use super::grid::Strictness;
use super::known::Known;
use super::read::{Missing, Subject, read};
use super::report::{OF_CLASSES, ReportSpec};
use super::suggest::{did_you_mean, did_you_mean_name, did_you_mean_path, listed};
use super::tree::{Node, Table, Value};
use super::written;

/// The metrics of some tasks.
fn metrics_of(tasks: &[&'static Task]) -> Vec<&'static str> {
    METRICS
        .iter()
        .filter(|metric| tasks.contains(&metric.task))
        .map(|metric| metric.name)
        .collect()
}

/// The values of a history that these tasks can have.
fn history_of(tasks: &[&'static Task]) -> Vec<String> {
    let mut followed = vec!["loss"];
    for task in tasks {
        let own = METRICS.iter().filter(|metric| metric.task == *task);
        followed.extend(own.filter(|metric| metric.followed.is_some()).map(|metric| metric.name));
    }
    let validation = followed.iter().map(|name| format!("validation_{name}"));
    followed
        .iter()
        .map(|name| (*name).to_owned())
        .chain(validation)
        .chain(["learning_rate".to_owned()])
        .collect()
}

/// The tree of `[report]` with every `where` flat: `{ window.horizon = 1 }` becomes `{ "window.horizon" = 1 }`.
pub(super) fn with_flat_filters(report: &Node) -> Node {
    let mut report = report.clone();
    if let Value::Table(kinds) = &mut report.value {
        for kind in &mut kinds.entries {
            if let Value::List(elements) = &mut kind.node.value {
                for element in elements {
                    if let Value::Table(table) = &mut element.value
                        && let Some(filter) = table.get_mut("where")
                        && let Value::Table(pairs) = &filter.value
                    {
                        filter.value = Value::Table(axes::flattened(pairs));
                    }
                }
            }
        }
    }
    report
}

/// The files of printed values that tables and figures name, each with the columns that it may have besides dotted paths.
pub(super) fn references<'a>(node: &'a Node, tasks: &[&'static Task]) -> Vec<(&'a Node, Vec<&'static str>)> {
    let file = |one: &'a Node| one.as_table()?.get("reference");
    // Another kind of figure is told that it takes none; that its file is not there would be no second mistake.
    let takes_one = |one: &&Node| {
        let kind = one.as_table().and_then(|table| table.get("kind"));
        let kind = kind.and_then(Node::as_str).and_then(FigureKind::of_word);
        kind.is_some_and(|kind| kind.takes().reference)
    };
    let of_tables = headers(node, "table").filter_map(file);
    let of_figures = headers(node, "figure").filter(takes_one).filter_map(file);
    of_tables
        .map(|file| (file, metrics_of(tasks)))
        .chain(of_figures.map(|file| (file, OF_CLASSES.to_vec())))
        .collect()
}

/// Reads `[report]`.
pub(super) fn report(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<ReportSpec> {
    read(node, &Subject::of("`[report]`", ""), Missing::Reported, problems)
}

/// Holds every word of a report against what the cells have; `tasks` are those of the cells, each once. It goes by the tree: a
/// table with one mistake has its other words looked at in the same round.
pub(super) fn check(
    node: &Node,
    known: &Known,
    tasks: &[&'static Task],
    strictness: Strictness,
    problems: &mut Vec<Diagnostic>,
) {
    let mut check = Check {
        known,
        tasks,
        strictness,
        problems,
    };
    for tree in headers(node, "table").filter_map(Node::as_table) {
        check.table(tree);
    }
    for header in headers(node, "figure") {
        if let Some(tree) = header.as_table() {
            check.figure(tree, header);
        }
    }
    for tree in headers(node, "comparison").filter_map(Node::as_table) {
        check.comparison(tree);
    }
}

fn headers<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = &'a Node> {
    node.as_table()
        .and_then(|table| table.get(key))
        .and_then(Node::as_list)
        .unwrap_or_default()
        .iter()
}

/// The kinds of figure that take something, as a sentence begins: "only `scaling` and `windows` take".
fn only(takes: impl Fn(Takes) -> bool) -> String {
    let kinds = FigureKind::ALL.iter().copied();
    let words: Vec<String> = kinds
        .filter(|kind| takes(kind.takes()))
        .map(|kind| format!("`{}`", kind.word()))
        .collect();
    let verb = if words.len() == 1 { "takes" } else { "take" };
    format!("only {} {verb}", joined(&words, "and"))
}

struct Check<'a> {
    known: &'a Known,
    tasks: &'a [&'static Task],
    strictness: Strictness,
    problems: &'a mut Vec<Diagnostic>,
}

impl Check<'_> {
    fn table(&mut self, tree: &Table) {
        self.filter(tree);
        self.paths(tree, "rows");
        self.metrics(tree, "columns");
        if let Some(node) = tree.get("windows")
            && node.as_str() == Some("paper")
            && !self.known.has("split.paper_batch")
            && self.strictness != Strictness::Changed
        {
            let message = "`windows = \"paper\"` scores the windows that were scored for print, and no split says which";
            let help = "set `paper_batch`, the size of its batches, in a [split] of kind `borders`";
            self.problems.push(Diagnostic::at(node.span, message).help(help));
        }
    }

    fn figure(&mut self, tree: &Table, header: &Node) {
        self.filter(tree);
        self.paths(tree, "each");
        if let Some(node) = tree.get("lines") {
            self.path(node);
        }
        if let Some(node) = tree.get("title") {
            self.blanks(node, tree);
        }
        if let Some(node) = tree.get("kind")
            && let Some(kind) = FigureKind::of_word(node.as_str().unwrap_or_default())
        {
            self.of_kind(kind, node, tree, header);
        }
    }

    /// What fits one kind of figure and not another.
    fn of_kind(&mut self, kind: FigureKind, word: &Node, tree: &Table, header: &Node) {
        let takes = kind.takes();
        if let Some(task) = takes.task
            && !self.tasks.contains(&task)
        {
            let message = format!("the figure `{}` does not fit a {}", kind.word(), self.in_words());
            self.problems
                .push(Diagnostic::at(word.span, message).help(format!("it shows a {task}")));
        }
        if let Some(entry) = tree.entry("reference")
            && !takes.reference
        {
            self.problems.push(
                Diagnostic::at(entry.key_span, "`reference` does not fit this kind of figure")
                    .help(format!("{} a reference; tables take one too", only(|takes| takes.reference))),
            );
        }
        match (takes.x, tree.get("x")) {
            (true, Some(node)) => self.path(node),
            (true, None) => {
                let help = format!("a figure of kind `{}` needs the axis that runs along x", kind.word());
                self.problems.push(Diagnostic::at(header.span, "missing `x`").help(help));
            }
            (false, Some(node)) => self.problems.push(
                Diagnostic::at(node.span, "`x` does not fit this kind of figure")
                    .help(format!("{} x", only(|takes| takes.x))),
            ),
            (false, None) => {}
        }
        match (takes.metrics, tree.entry("metrics")) {
            (Some(Named::Scores), _) => self.metrics(tree, "metrics"),
            (Some(Named::History), _) => {
                list(tree, "metrics").for_each(|node| self.history(node));
            }
            (None, Some(entry)) => self.problems.push(
                Diagnostic::at(entry.key_span, "`metrics` does not fit this kind of figure")
                    .help(format!("{} metrics", only(|takes| takes.metrics.is_some()))),
            ),
            (None, None) => {}
        }
    }

    fn comparison(&mut self, tree: &Table) {
        self.filter(tree);
        self.paths(tree, "each");
        if let Some(node) = tree.get("metric") {
            self.metric(node);
        }
        for node in list(tree, "pairs") {
            let pair = node.as_list().unwrap_or_default();
            for model in pair {
                if let Some(name) = model.as_str() {
                    self.value(model.span, "model", name);
                }
            }
            if let [first, second] = pair
                && let (Some(first), Some(second)) = (first.as_str(), second.as_str())
                && first == second
            {
                let message = format!("`{first}` is compared with itself");
                self.problems.push(Diagnostic::at(node.span, message));
            }
        }
    }

    /// `where`
    fn filter(&mut self, tree: &Table) {
        let pairs = tree.get("where").and_then(Node::as_table);
        for entry in pairs.map_or(&[][..], |pairs| &pairs.entries) {
            if self.known.has(&entry.key) {
                self.value(entry.node.span, &entry.key, &written::of_node(&entry.node));
            } else {
                self.unknown_path(entry.key_span, &entry.key);
            }
        }
    }

    /// Whether some cell has that value.
    fn value(&mut self, span: super::source::Span, path: &str, value: &str) {
        let Some(values) = self.known.values_at(path) else {
            return;
        };
        if self.strictness == Strictness::Whole && !values.contains(value) {
            let names: Vec<&str> = values.iter().map(String::as_str).collect();
            let suggestion = if value.parse::<f64>().is_ok() {
                String::new()
            } else {
                did_you_mean_name(value, names.iter().copied())
            };
            self.problems.push(
                Diagnostic::at(span, format!("no cell has the {path} `{value}`"))
                    .help(format!("{suggestion}the cells have {}", listed(&names))),
            );
        }
    }

    fn paths(&mut self, tree: &Table, key: &str) {
        list(tree, key).for_each(|node| self.path(node));
    }

    /// What is no text was told where the report was read.
    fn path(&mut self, node: &Node) {
        if let Some(path) = node.as_str()
            && !self.known.has(path)
        {
            self.unknown_path(node.span, path);
        }
    }

    fn metrics(&mut self, tree: &Table, key: &str) {
        list(tree, key).for_each(|node| self.metric(node));
    }

    fn unknown_path(&mut self, span: super::source::Span, path: &str) {
        if self.strictness == Strictness::Changed {
            return;
        }
        let suggestion = did_you_mean_path(path, self.known.values.keys().map(String::as_str));
        let axes: Vec<&str> = self.known.axes.iter().map(String::as_str).collect();
        let axes = if axes.is_empty() {
            "the grid has no axes".to_owned()
        } else {
            format!("the axes are {}", listed(&axes))
        };
        self.problems
            .push(Diagnostic::at(span, format!("no cell has the setting `{path}`")).help(format!("{suggestion}{axes}")));
    }

    fn metric(&mut self, node: &Node) {
        let Some(name) = node.as_str() else { return };
        let fitting = metrics_of(self.tasks);
        if fitting.contains(&name) {
            return;
        }
        let message = if metric::find(name).is_some() {
            format!("the metric `{name}` does not fit a {}", self.in_words())
        } else {
            format!("unknown metric `{name}`")
        };
        let suggestion = did_you_mean(name, fitting.iter().copied());
        self.problems.push(Diagnostic::at(node.span, message).help(format!(
            "{suggestion}a {} has {}",
            self.in_words(),
            listed(&fitting)
        )));
    }

    fn history(&mut self, node: &Node) {
        let Some(name) = node.as_str() else { return };
        let known = history_of(self.tasks);
        if !known.iter().any(|value| value == name) {
            let suggestion = did_you_mean(name, known.iter().map(String::as_str));
            self.problems
                .push(Diagnostic::at(node.span, format!("no history holds `{name}`")).help(format!(
                    "{suggestion}a {} is followed by {}",
                    self.in_words(),
                    listed(&known)
                )));
        }
    }

    /// The tasks of the cells: `regression`, `regression or binary classification`.
    fn in_words(&self) -> String {
        let words: Vec<String> = self.tasks.iter().map(ToString::to_string).collect();
        joined(&words, "or")
    }

    /// `{dataset}` in a title stands for a path of `each`.
    fn blanks(&mut self, node: &Node, tree: &Table) {
        let each: Vec<&str> = list(tree, "each").filter_map(Node::as_str).collect();
        let title = node.as_str().unwrap_or_default();
        // What is no list was told where the report was read.
        if tree.get("each").is_some_and(|each| each.as_list().is_none()) {
            return;
        }
        for part in title.split('{').skip(1) {
            let Some((blank, _)) = part.split_once('}') else {
                continue;
            };
            if !each.contains(&blank) {
                let suggestion = did_you_mean_path(blank, each.iter().copied());
                let message = format!("`{{{blank}}}` in the title is not in `each`");
                let help = match each.as_slice() {
                    [] => format!("add each = [\"{blank}\"] to the figure"),
                    each => format!("{suggestion}each holds {}", listed(each)),
                };
                self.problems.push(Diagnostic::at(node.span, message).help(help));
            }
        }
    }
}

fn list<'a>(tree: &'a Table, key: &str) -> impl Iterator<Item = &'a Node> + use<'a> {
    tree.get(key).and_then(Node::as_list).unwrap_or_default().iter()
}
