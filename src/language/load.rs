//! Files and folders → experiments, with every mistake of all of them at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::build;
use super::diagnostic::{Diagnostic, SpecError};
use super::experiment::Experiment;
use super::files::{self, text_of};
use super::grid::Strictness;
use super::keys;
use super::merge;
use super::near;
use super::option::{self, Applied, Override};
use super::source::{Origin, SourceMap, Span};
use super::tree::{self, Node, Table, Value};
use crate::data::Source;

/// Reads one experiment.
///
/// # Errors
/// Every mistake of the file.
pub fn load(path: &Path) -> Result<Experiment, SpecError> {
    let mut experiments = load_all(&[path.to_owned()])?;
    Ok(experiments.remove(0))
}

/// Reads the experiments at some paths; of a folder, every `.toml` file in it and below.
///
/// # Errors
/// Every mistake of every file.
pub fn load_all(paths: &[PathBuf]) -> Result<Vec<Experiment>, SpecError> {
    load_all_with(paths, &[])
}

/// Reads experiments with some settings given other values: pairs of a dotted path and a TOML value (`--set PATH=VALUE`).
///
/// # Errors
/// Every mistake of every file and every option.
pub fn load_all_with(paths: &[PathBuf], overrides: &[(String, String)]) -> Result<Vec<Experiment>, SpecError> {
    let understood = understand(paths, overrides);
    match understood.error {
        None => Ok(understood.experiments),
        Some(error) => Err(error),
    }
}

/// What the files say as far as it can be understood, and every mistake.
#[derive(Debug)]
pub struct Understood {
    /// The experiments, those with mistakes too: of these the cells that could be made.
    pub experiments: Vec<Experiment>,
    /// Every `[dataset.NAME]` without a mistake of its own, whether or not a cell uses it.
    pub sources: Vec<Source>,
    /// Every mistake of every file and every option; none: all is right.
    pub error: Option<SpecError>,
}

/// Reads experiments as [`load_all_with`], and does not stop at a mistake: the data of what is right can be looked at, so that
/// all that is wrong is told at once.
pub fn understand(paths: &[PathBuf], overrides: &[(String, String)]) -> Understood {
    let mut reading = Reading::new(overrides);
    let mut experiments: Vec<Experiment> = Vec::new();
    let mut datasets: Vec<Source> = Vec::new();
    for file in files::files(paths, &mut reading.problems) {
        let Some(built) = reading.file(&file, None) else { continue };
        experiments.push(built.experiment);
        for source in built.declared {
            if !datasets.contains(&source) {
                datasets.push(source);
            }
        }
    }
    for (over, _) in reading.overrides.iter().zip(reading.applied).filter(|(_, applied)| !applied) {
        let message = format!("no experiment has the table of `{}`", over.path);
        reading.problems.push(Diagnostic::at(over.key_span, message));
    }
    note_equal_names(&experiments, &mut reading.problems);
    let error = (!reading.problems.is_empty()).then(|| SpecError::new(reading.problems, &reading.sources));
    Understood {
        experiments,
        sources: datasets,
        error,
    }
}

/// Files on their way to experiments.
pub(super) struct Reading {
    /// Every text that was read.
    pub sources: SourceMap,
    problems: Vec<Diagnostic>,
    overrides: Vec<Override>,
    /// Whether each of the overrides found its table in some file.
    applied: Vec<bool>,
}

impl Reading {
    /// Before the first file.
    pub(super) fn new(overrides: &[(String, String)]) -> Self {
        let mut sources = SourceMap::default();
        let mut problems = Vec::new();
        let mut overrides: Vec<Override> = overrides
            .iter()
            .filter_map(|(path, value)| read_override(path, value, &mut sources, &mut problems))
            .collect();
        // What is said for one dataset or model wins over what is said for all, in whatever order the options stand.
        overrides.sort_by_key(|over| near::apart(&tree::path_of(&over.path)).is_some());
        Self {
            applied: vec![false; overrides.len()],
            sources,
            problems,
            overrides,
        }
    }

    /// The experiment of a file, and where the settings of its cell `wanted` stand; none where nothing of it is understood.
    pub(super) fn file(&mut self, file: &Path, wanted: Option<&str>) -> Option<build::Built> {
        let Self {
            sources,
            problems,
            overrides,
            applied,
        } = self;
        let name = match files::name_of(file) {
            Ok(name) => name,
            Err(problem) => {
                problems.push(problem);
                applied.fill(true);
                return None;
            }
        };
        let before = problems.len();
        let Some(mut tree) = whole_tree(file, sources, problems) else {
            // What a broken file holds is not known.
            applied.fill(true);
            return None;
        };
        for (over, applied) in overrides.iter().zip(applied) {
            match option::overridden(&mut tree, over) {
                Ok(Applied::Yes) => *applied = true,
                Ok(Applied::NotHere) => {}
                Err(message) => {
                    *applied = true;
                    problems.push(Diagnostic::at(over.key_span, message));
                }
            }
        }
        let strictness = if overrides.is_empty() {
            Strictness::Whole
        } else {
            Strictness::Changed
        };
        let start = sources.file(file).map_or(0, |(_, base)| base);
        let file = build::File {
            path: file,
            name,
            start: Span { start, end: start },
            strictness,
            before,
            wanted,
        };
        Some(build::experiment(file, &tree, sources, problems))
    }
}

/// The value of a `--set` option: TOML, or a bare word.
fn read_override(path: &str, value: &str, sources: &mut SourceMap, problems: &mut Vec<Diagnostic>) -> Option<Override> {
    let option = format!("{path}={value}");
    let base = sources.add(Origin::Option("--set".to_owned()), option.clone());
    let key_span = Span {
        start: base,
        end: base + path.len(),
    };
    let span = Span {
        start: key_span.end + 1,
        end: base + option.len(),
    };
    if path.is_empty() || path.split('.').any(str::is_empty) {
        problems.push(Diagnostic::at(key_span, "expected a dotted path").help("write --set train.epochs=3"));
        return None;
    }
    if let Some(home) = keys::table_of(path) {
        problems.push(
            Diagnostic::at(key_span, format!("`{path}` is a setting of [{home}]"))
                .help(format!("write --set {home}.{}={value}", keys::ours(home, path))),
        );
        return None;
    }
    let is_word = |text: &str| text.starts_with(char::is_alphabetic) && !text.contains(['[', ']', '{', '}', '"', '\'', '=']);
    let value = match tree::parse_value(value, span.start) {
        Some(node) => node,
        None if is_word(value) => Node {
            span,
            value: Value::String(value.to_owned()),
        },
        None => {
            problems.push(
                Diagnostic::at(span, "expected a TOML value or a word")
                    .help("as 3, 0.5, true, [30, 50], lstm or \"some text\""),
            );
            return None;
        }
    };
    Some(Override {
        path: path.to_owned(),
        key_span,
        value,
    })
}

/// A file's tree, laid on that of the file that it extends.
fn whole_tree(path: &Path, sources: &mut SourceMap, problems: &mut Vec<Diagnostic>) -> Option<Table> {
    let tree = file_tree(path, sources, problems)?;
    let Some(extends) = tree.get("extends") else {
        return Some(tree);
    };
    let Some(name) = extends.as_str() else {
        let found = extends.value.in_words();
        problems.push(Diagnostic::at(
            extends.span,
            format!("expected the name of a file, found {found}"),
        ));
        return None;
    };
    let base_path = path.parent().unwrap_or(Path::new("")).join(name);
    if let Err(reason) = text_of(&base_path, sources) {
        problems.push(
            Diagnostic::at(extends.span, format!("cannot extend: {reason}"))
                .help("the path is taken from the folder of this file"),
        );
        return None;
    }
    let base = file_tree(&base_path, sources, problems)?;
    if let Some(entry) = base.entry("extends") {
        problems.push(
            Diagnostic::at(
                extends.span,
                format!("`{name}` extends `{}` itself", entry.node.as_str().unwrap_or_default()),
            )
            .help("only one level is allowed: extend that file instead, or copy what is needed"),
        );
        return None;
    }
    Some(merge::extended(&base, &tree))
}

/// A file's tree.
fn file_tree(path: &Path, sources: &mut SourceMap, problems: &mut Vec<Diagnostic>) -> Option<Table> {
    match text_of(path, sources) {
        Ok((text, base)) => {
            let mut tree = tree::parse(&text, base, problems)?;
            near::unfold(&mut tree);
            Some(tree)
        }
        Err(reason) => {
            problems.push(Diagnostic::nowhere(reason));
            None
        }
    }
}

fn note_equal_names(experiments: &[Experiment], problems: &mut Vec<Diagnostic>) {
    let mut known: BTreeMap<&str, &Path> = BTreeMap::new();
    for experiment in experiments {
        if let Some(other) = known.insert(&experiment.name, &experiment.path) {
            problems.push(
                Diagnostic::nowhere(format!(
                    "two experiments have the name `{}`: {} and {}",
                    experiment.name,
                    other.display(),
                    experiment.path.display()
                ))
                .help("the name of the file is the name of the experiment: rename one"),
            );
        }
    }
}
