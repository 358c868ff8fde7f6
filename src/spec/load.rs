//! Files and folders → experiments, with every mistake of all of them at once.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::build;
use super::diagnostic::{Diagnostic, SpecError};
use super::experiment::Experiment;
use super::grid::Strictness;
use super::merge::{self, Applied, Override};
use super::source::{Origin, SourceMap, Span};
use super::tree::{self, Node, Table, Value};

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
pub fn load_all_with(
    paths: &[PathBuf],
    overrides: &[(String, String)],
) -> Result<Vec<Experiment>, SpecError> {
    let mut sources = SourceMap::default();
    let mut problems = Vec::new();
    let mut experiments: Vec<Experiment> = Vec::new();
    let overrides: Vec<Override> = overrides
        .iter()
        .filter_map(|(path, value)| read_override(path, value, &mut sources, &mut problems))
        .collect();
    let strictness = if overrides.is_empty() {
        Strictness::Whole
    } else {
        Strictness::Changed
    };
    let mut applied = vec![false; overrides.len()];
    for file in files(paths, &mut problems) {
        let Some(mut tree) = whole_tree(&file, &mut sources, &mut problems) else {
            // What a broken file holds is not known.
            applied.fill(true);
            continue;
        };
        for (over, applied) in overrides.iter().zip(&mut applied) {
            match merge::overridden(&mut tree, over) {
                Ok(Applied::Yes) => *applied = true,
                Ok(Applied::NotHere) => {}
                Err(message) => {
                    *applied = true;
                    problems.push(Diagnostic::at(over.key_span, message));
                }
            }
        }
        let start = sources.file(&file).map_or(0, |(_, base)| base);
        experiments.extend(build::experiment(
            &file,
            Span { start, end: start },
            &tree,
            strictness,
            &mut sources,
            &mut problems,
        ));
    }
    for (over, _) in overrides
        .iter()
        .zip(applied)
        .filter(|(_, applied)| !applied)
    {
        let message = format!("no experiment has the table of `{}`", over.path);
        problems.push(Diagnostic::at(over.key_span, message));
    }
    note_equal_names(&experiments, &mut problems);
    if problems.is_empty() {
        Ok(experiments)
    } else {
        Err(SpecError::new(problems, &sources))
    }
}

/// The value of a `--set` option: TOML, or a bare word.
fn read_override(
    path: &str,
    value: &str,
    sources: &mut SourceMap,
    problems: &mut Vec<Diagnostic>,
) -> Option<Override> {
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
        problems.push(
            Diagnostic::at(key_span, "expected a dotted path").help("write --set train.epochs=3"),
        );
        return None;
    }
    let is_word = |text: &str| {
        text.starts_with(char::is_alphabetic)
            && !text.contains(['[', ']', '{', '}', '"', '\'', '='])
    };
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
fn whole_tree(
    path: &Path,
    sources: &mut SourceMap,
    problems: &mut Vec<Diagnostic>,
) -> Option<Table> {
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
                format!(
                    "`{name}` extends `{}` itself",
                    entry.node.as_str().unwrap_or_default()
                ),
            )
            .help("only one level is allowed: extend that file instead, or copy what is needed"),
        );
        return None;
    }
    Some(merge::extended(&base, &tree))
}

fn files(paths: &[PathBuf], problems: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        let before = files.len();
        if path.is_dir() {
            let shown = |entry: &walkdir::DirEntry| {
                entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
            };
            let entries = WalkDir::new(path).sort_by_file_name().into_iter();
            for entry in entries.filter_entry(shown) {
                match entry {
                    Ok(entry) => {
                        let is_toml = entry.path().extension().is_some_and(|end| end == "toml");
                        if is_toml && entry.file_type().is_file() {
                            files.push(entry.into_path());
                        }
                    }
                    Err(error) => problems.push(Diagnostic::nowhere(error.to_string())),
                }
            }
            if files.len() == before {
                problems.push(
                    Diagnostic::nowhere(format!("{}: no experiment in it", path.display()))
                        .help("an experiment is a .toml file in the folder or below"),
                );
            }
        } else {
            files.push(path.clone());
        }
    }
    // A file may be asked for twice, by itself and in its folder.
    let mut seen = HashSet::new();
    files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    files
}

/// A file's tree.
fn file_tree(
    path: &Path,
    sources: &mut SourceMap,
    problems: &mut Vec<Diagnostic>,
) -> Option<Table> {
    match text_of(path, sources) {
        Ok((text, base)) => tree::parse(&text, base, problems),
        Err(reason) => {
            problems.push(Diagnostic::nowhere(reason));
            None
        }
    }
}

/// A file's text and where its first byte is counted; a file is taken into the sources once.
///
/// # Errors
/// Why it cannot be read, with its name.
pub fn text_of(path: &Path, sources: &mut SourceMap) -> Result<(String, usize), String> {
    if let Some((text, base)) = sources.file(path) {
        return Ok((text.to_owned(), base));
    }
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("{shown}: there is no such file"),
        _ => format!("{shown}: {error}"),
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("{shown}:{line}: the text is not UTF-8")
    })?;
    let base = sources.add(Origin::File(path.to_owned()), text.clone());
    Ok((text, base))
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
