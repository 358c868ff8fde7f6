//! Files and folders → experiments, with every mistake of all of them at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::build::{self, Strictness};
use super::diagnostic::{Diagnostic, SpecError};
use super::experiment::Experiment;
use super::source::{Origin, SourceMap};
use super::tree::{self, Table};

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
    let _ = overrides;
    for file in files(paths, &mut problems) {
        let Some(tree) = file_tree(&file, &mut sources, &mut problems) else {
            continue;
        };
        if let Some(experiment) = build::experiment(&file, &tree, Strictness::Whole, &mut problems)
        {
            experiments.push(experiment);
        }
    }
    note_equal_names(&experiments, &mut problems);
    if problems.is_empty() {
        Ok(experiments)
    } else {
        Err(SpecError::new(problems, &sources))
    }
}

fn files(paths: &[PathBuf], problems: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        let before = files.len();
        if path.is_dir() {
            for entry in WalkDir::new(path).sort_by_file_name() {
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
    let mut seen = std::collections::HashSet::new();
    files.retain(|file| seen.insert(file.clone()));
    files
}

/// Reads a file into the sources and its tree.
fn file_tree(
    path: &Path,
    sources: &mut SourceMap,
    problems: &mut Vec<Diagnostic>,
) -> Option<Table> {
    if let Some((text, base)) = sources.file(path) {
        return tree::parse(text, base, problems);
    }
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.push(Diagnostic::nowhere(format!("{}: {error}", path.display())));
            return None;
        }
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..valid]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
                + 1;
            problems.push(
                Diagnostic::nowhere(format!("{}:{line}: not UTF-8", path.display()))
                    .help("save the file as UTF-8"),
            );
            return None;
        }
    };
    let base = sources.add(Origin::File(path.to_owned()), text.clone());
    tree::parse(&text, base, problems)
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
