//! Files that are never half written: a temporary file in the same folder, then a rename.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Starts the name of a file that is being written; readers pass over it.
pub const PARTIAL: &str = ".partial-";

/// Writes `bytes` to `path` as a whole or not at all, and makes the folders above it.
///
/// # Errors
/// When the file system refuses.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> Result<()> {
        let folder = path.parent().context("a file needs a folder")?;
        // A bare name lies in the folder that the program runs in.
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(PARTIAL)
            .tempfile_in(folder)?;
        file.write_all(bytes)?;
        make_readable(file.as_file())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        // The rename itself must survive a power cut too.
        File::open(folder)?.sync_all()?;
        Ok(())
    };
    write().with_context(|| format!("failed to write {}", path.display()))
}

/// Temporary files are private; results are not.
#[cfg(unix)]
fn make_readable(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_file: &File) -> std::io::Result<()> {
    Ok(())
}

/// Writes a value as JSON: sorted keys where the value is a map, a number a line, full precision.
///
/// # Errors
/// When the file system refuses.
pub fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    // Through `Value`, whose maps are sorted.
    let value = serde_json::to_value(value)
        .with_context(|| format!("failed to write {}", path.display()))?;
    let mut text = serde_json::to_string_pretty(&value)?;
    text.push('\n');
    write(path, text.as_bytes())
}

/// Reads a JSON file.
///
/// # Errors
/// When it cannot be read, or is not what it should be; the message names the file.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text =
        fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("failed to read {}", path.display()))
}

/// A saved file is not what this program writes: cut off, or edited by hand. What it held can only be made again.
#[derive(Debug)]
pub struct Broken(String);

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

/// Reads what this program has saved in a format up to `newest`; its `version` says which.
///
/// # Errors
/// When it cannot be read, is of a newer format, or is not what this program writes, which is a [`Broken`]; the message
/// names the file.
pub fn read_saved<T: DeserializeOwned>(path: &Path, newest: u32) -> Result<T> {
    let broken = |error: serde_json::Error| {
        Broken(format!(
            "{} is not what this program writes ({error}); restore it from git, or sweep again",
            path.display()
        ))
    };
    let text =
        fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
    let value: Value = serde_json::from_str(&text).map_err(broken)?;
    match value.get("version").and_then(Value::as_u64) {
        Some(found) if found > u64::from(newest) => bail!(
            "{} has format {found}, this program knows formats up to {newest}; use a newer runner",
            path.display()
        ),
        _ => Ok(serde_json::from_value(value).map_err(broken)?),
    }
}

/// What a folder holds, sorted by name.
///
/// # Errors
/// When it cannot be listed; the message names it.
pub fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || -> std::io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect()
    };
    let mut paths = read().with_context(|| format!("cannot list {}", folder.display()))?;
    paths.sort();
    Ok(paths)
}

/// Removes a file; it is no error if there is none.
///
/// # Errors
/// When the file system refuses.
pub fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("failed to remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_file_replaces_the_old_one_and_leaves_nothing_else() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a/b.json");
        write_json(&path, &serde_json::json!({"b": [1.5, 0.1], "a": 1}))?;
        write_json(&path, &serde_json::json!({"b": [2.5, 0.1], "a": 1}))?;
        let text = fs::read_to_string(&path)?;
        assert_eq!(
            text,
            "{\n  \"a\": 1,\n  \"b\": [\n    2.5,\n    0.1\n  ]\n}\n"
        );
        assert_eq!(fs::read_dir(folder.path().join("a"))?.count(), 1);
        Ok(())
    }

    #[test]
    fn a_saved_file_is_read_back_unless_it_is_broken_or_newer() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("saved.json");
        let read = || read_saved::<Value>(&path, 1).map_err(|error| format!("{error:#}"));
        write_json(&path, &serde_json::json!({"version": 1}))?;
        assert!(read().is_ok());
        write_json(&path, &serde_json::json!({"version": 2}))?;
        assert!(read().is_err_and(|text| text.contains("use a newer runner")));
        write(&path, b"")?;
        assert!(
            read().is_err_and(|text| text.contains("saved.json is not what this program writes"))
        );
        Ok(())
    }

    #[test]
    fn an_unreadable_file_is_named() {
        let error =
            read_json::<u32>(Path::new("no/such.json")).map_err(|error| format!("{error:#}"));
        assert!(error.is_err_and(|text| text.contains("no/such.json")));
    }
}
