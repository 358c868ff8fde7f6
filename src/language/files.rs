//! Paths → the experiment files below them, the name that each gives its experiment, and its text.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::diagnostic::Diagnostic;
use super::source::{Origin, SourceMap};
use crate::data::nearly;
use crate::files::{MOST_WRITTEN, check_name};

/// The experiment files at some paths, each once; of a folder, every `.toml` file in it and below. A link to a file is one.
pub(super) fn files(paths: &[PathBuf], problems: &mut Vec<Diagnostic>) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        if !path.is_dir() {
            match not_an_experiment(path) {
                Some(problem) => problems.push(problem),
                None => files.push(path.clone()),
            }
            continue;
        }
        let before = (files.len(), problems.len());
        let shown = |entry: &DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
        let entries = WalkDir::new(path).sort_by_file_name().into_iter();
        for entry in entries.filter_entry(shown) {
            match entry {
                Ok(entry) if is_toml(&entry) => match not_a_file(&entry) {
                    None => files.push(entry.into_path()),
                    Some(reason) => problems.push(
                        Diagnostic::nowhere(format!("{}: {reason}", entry.path().display()))
                            .help("what ends in .toml is an experiment: mend it, or give it another name"),
                    ),
                },
                Ok(entry) if is_linked_folder(&entry) => problems.push(
                    Diagnostic::nowhere(format!(
                        "{}: a link to a folder, which is not followed",
                        entry.path().display()
                    ))
                    .help("name the folder itself beside this one, or move it here"),
                ),
                Ok(_) => {}
                Err(error) => problems.push(Diagnostic::nowhere(error.to_string())),
            }
        }
        if (files.len(), problems.len()) == before {
            problems.push(
                Diagnostic::nowhere(format!("{}: no experiment in it", path.display()))
                    .help("an experiment is a .toml file in the folder or below"),
            );
        }
    }
    // A file may be asked for twice, by itself and in its folder.
    let mut seen = HashSet::new();
    files.retain(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone())));
    files
}

/// What is wrong with a path that was asked for, before it is read: nothing is there, or it is no TOML file.
fn not_an_experiment(path: &Path) -> Option<Diagnostic> {
    let shown = path.display();
    match crate::files::metadata(path) {
        Ok(None) if !path.is_symlink() => {
            let problem = Diagnostic::nowhere(format!("{shown}: there is no such file"));
            let with_ending = Some(path.with_added_extension("toml")).filter(|path| path.is_file());
            let can_be = |path: &PathBuf| path.is_dir() || ends_in_toml(path);
            let meant = with_ending.or_else(|| nearly(path).filter(can_be));
            Some(match meant {
                Some(meant) => problem.help(format!("did you mean {}?", meant.display())),
                None => problem.help("name an experiment's .toml file, or a folder of them"),
            })
        }
        Ok(Some(metadata)) if metadata.is_file() && !ends_in_toml(path) => Some(
            Diagnostic::nowhere(format!("{shown}: an experiment is a .toml file"))
                .help("data are named in an experiment's [dataset.NAME]; an experiment in another file gets that ending"),
        ),
        _ => None,
    }
}

fn ends_in_toml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("toml"))
}

fn is_toml(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.path().extension().is_some_and(|end| end == "toml")
}

/// What holds experiments there would be passed over without a word.
fn is_linked_folder(entry: &DirEntry) -> bool {
    entry.path_is_symlink() && entry.depth() > 0 && entry.path().is_dir()
}

/// Why an entry of a folder cannot be read as a file.
fn not_a_file(entry: &DirEntry) -> Option<&'static str> {
    match crate::files::metadata(entry.path()) {
        Ok(None) => Some("a link that leads nowhere"),
        Ok(Some(metadata)) if metadata.is_dir() => Some("a folder with the name of an experiment"),
        // Why it cannot be read is told where it is.
        _ => None,
    }
}

/// The name of the experiment in a file: the file's name without its ending, which becomes a folder of the results.
///
/// # Errors
/// When no such folder can be made, or it would be another place.
pub(super) fn name_of(path: &Path) -> Result<String, Diagnostic> {
    let refused = |reason: &str| {
        Diagnostic::nowhere(format!("{}: {reason}", path.display()))
            .help("the file's name without its ending names the folder of the results: give the file another")
    };
    let Some(stem) = path.file_stem() else {
        return Err(refused("the file has no name"));
    };
    let Some(name) = stem.to_str() else {
        return Err(refused("the file's name is not UTF-8"));
    };
    if let Err(reason) = check_name(name) {
        let reason = format!("without its ending the file's name cannot be a folder's: {reason}");
        return Err(refused(&reason));
    }
    // `...toml` is `..` with an ending, and a folder that begins with a point is hidden.
    if name.trim().is_empty() || name.starts_with('.') {
        return Err(refused("the file's name leaves none for the results, or a hidden one"));
    }
    // What the report writes beside the folders.
    if name == "report.html" {
        return Err(refused("the report has the name `report.html` itself"));
    }
    Ok(name.to_owned())
}

/// A file's text and where its first byte is counted; a file is taken into the sources once.
///
/// # Errors
/// Why it cannot be read, with its name.
pub(super) fn text_of(path: &Path, sources: &mut SourceMap) -> Result<(String, usize), String> {
    if let Some((text, base)) = sources.file(path) {
        return Ok((text.to_owned(), base));
    }
    let shown = path.display();
    let bytes = crate::files::read(path, MOST_WRITTEN).map_err(|unreadable| format!("{shown}: {}", unreadable.reason))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("{shown}:{line}: the text is not UTF-8")
    })?;
    let base = sources.add(Origin::File(path.to_owned()), text.clone());
    Ok((text, base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_the_results() {
        for good in ["a.toml", "-dash.toml", "x/price study (2).toml", "ä.b.toml", "plain"] {
            assert!(name_of(Path::new(good)).is_ok(), "{good}");
        }
        let long = format!("{}.toml", "x".repeat(256));
        for bad in [
            "...toml",
            "..toml",
            ".toml",
            "a/..",
            " .toml",
            "report.html.toml",
            "a\nb.toml",
            "a\\b.toml",
            &long,
        ] {
            assert!(name_of(Path::new(bad)).is_err(), "{bad:?}");
        }
    }
}
