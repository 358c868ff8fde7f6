//! Files of data that are not there, and which one was probably meant.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// A file or folder that a dataset is read from is not there. Callers tell it from wrong data with `downcast_ref`: a cell
/// whose data are missing waits for them, a cell whose data are wrong has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataMissing {
    /// Where it was looked for.
    pub path: PathBuf,
    /// What is there under nearly that name.
    meant: Option<PathBuf>,
    /// The folder of data that the path below it names once more, where leaving that out finds the file.
    doubled: Option<String>,
}

impl DataMissing {
    /// Nothing is there; what has nearly that name is looked for.
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            meant: nearly(path),
            doubled: None,
        }
    }

    /// The same of what a dataset names below a folder of data.
    pub fn below(folder: &Path, named: &str) -> Self {
        Self {
            doubled: doubled(folder, Path::new(named)),
            ..Self::at(&folder.join(named))
        }
    }
}

impl std::fmt::Display for DataMissing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(folder) = &self.doubled {
            return write!(
                f,
                "data missing: there is no {}\n  help: `{folder}` is the folder of `--data` already: leave it out of the \
                 path in [dataset.NAME]",
                self.path.display()
            );
        }
        write!(
            f,
            "data missing: there is no {}\n  help: {}name the folder that holds the data with `--data` or RUNNER_DATA",
            self.path.display(),
            did_you_mean(self.meant.as_deref())
        )
    }
}

impl std::error::Error for DataMissing {}

/// The name of the folder of data where the path below it begins with that too, and leads to something without it.
fn doubled(folder: &Path, named: &Path) -> Option<String> {
    let own = folder.file_name()?;
    let rest = named.strip_prefix(own).ok()?;
    let is_there = !rest.as_os_str().is_empty() && folder.join(rest).exists();
    is_there.then(|| own.to_string_lossy().into_owned())
}

/// `did you mean data/ACME.csv? else ` where there is such a file; to stand before what else can be done.
pub(super) fn did_you_mean(meant: Option<&Path>) -> String {
    meant.map_or_else(String::new, |path| format!("did you mean {}? else ", path.display()))
}

/// Entries of a folder that are compared, at most.
const MOST_ENTRIES: usize = 10_000;

/// What is there under nearly that path: each part of it may differ in capital and small letters, by one edit, or lack the
/// ending `.gz`. Of several, the one that is nearest, then the first by name.
pub fn nearly(path: &Path) -> Option<PathBuf> {
    let mut found = PathBuf::new();
    for part in path.components() {
        let exact = found.join(part);
        // Whatever cannot be looked at is as good as absent here: this is a guess for a message.
        if fs::symlink_metadata(&exact).is_ok() {
            found = exact;
            continue;
        }
        let Component::Normal(name) = part else {
            return None;
        };
        let folder = if found.as_os_str().is_empty() {
            Path::new(".")
        } else {
            found.as_path()
        };
        let near = nearest(folder, &name.to_string_lossy())?;
        found.push(near);
    }
    (found != path).then_some(found)
}

fn nearest(folder: &Path, name: &str) -> Option<String> {
    let small = name.to_lowercase();
    let stem = small.rsplit_once('.').map_or(small.as_str(), |(stem, _)| stem);
    fs::read_dir(folder)
        .ok()?
        .flatten()
        .take(MOST_ENTRIES)
        .filter_map(|entry| {
            let entry = entry.file_name().to_string_lossy().into_owned();
            let lower = entry.to_lowercase();
            let unpacked = lower.strip_suffix(".gz").unwrap_or(&lower);
            // One edit makes any name of two letters another, whatever its ending.
            let edits = match strsim::damerau_levenshtein(unpacked, &small) {
                1 if stem.chars().count() < 4 => return None,
                edits => edits,
            };
            (edits <= 1).then_some((edits, entry))
        })
        .min()
        .map(|(_, entry)| entry)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_a_little_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["Crypto/ACME.csv", "Crypto/monero.csv.gz", "Crypto/ab.csv"] {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), "").unwrap();
        }
        for (name, meant) in [
            ("Crypto/acme.csv", Some("Crypto/ACME.csv")),
            ("crypto/acme.csv", Some("Crypto/ACME.csv")),
            ("crypto", Some("Crypto")),
            ("Crypto/monero.csv", Some("Crypto/monero.csv.gz")),
            ("Crypto/moneo.csv", Some("Crypto/monero.csv.gz")),
            ("Crypto/acme.txt", None),
            ("Crypto/ACME.csv", None),
            ("other/ACME.csv", None),
        ] {
            assert_eq!(nearly(&at(name)), meant.map(at), "{name}");
        }
        let missing = DataMissing::at(&at("Crypto/acme.csv")).to_string();
        assert!(missing.contains("Crypto/ACME.csv? else name"), "{missing}");
        let missing = DataMissing::below(&at("Crypto"), "Crypto/ACME.csv").to_string();
        assert!(missing.contains("`Crypto` is the folder of `--data` already"), "{missing}");
        let missing = DataMissing::below(&at("Crypto"), "Crypto/else.csv").to_string();
        assert!(missing.contains("help: name the folder"), "{missing}");
        let missing = DataMissing::at(&at("else.csv")).to_string();
        assert!(missing.contains("help: name the folder"), "{missing}");
    }
}
