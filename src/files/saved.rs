//! JSON files that this program writes and reads back.

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{MOST_SAVED, Place};

/// Writes a value as JSON: sorted keys where the value is a map, a number a line, full precision.
///
/// # Errors
/// When the file system refuses.
pub fn write_json<T: Serialize>(place: &Place, value: &T) -> Result<()> {
    write_json_when(place, value, &|| Ok(()))
}

/// The same if `may` still says so when all of it is on the disk but its name.
///
/// # Errors
/// When the file system refuses; the error of `may` as it is.
pub fn write_json_when<T: Serialize>(place: &Place, value: &T, may: &dyn Fn() -> Result<()>) -> Result<()> {
    // Through `Value`, whose maps are sorted.
    let value = serde_json::to_value(value).with_context(|| format!("failed to write {place}"))?;
    let mut text = serde_json::to_string_pretty(&value)?;
    text.push('\n');
    place.write_when(text.as_bytes(), may)
}

/// A saved file is not what this program writes: cut off, edited by hand, or in contradiction to itself. What it held can only
/// be made again.
#[derive(Debug)]
pub struct Broken(String);

impl Broken {
    /// A file that is broken for that reason.
    pub fn new(place: &Place, reason: &dyn std::fmt::Display) -> Self {
        Self(format!(
            "{place} is not what this program writes ({reason}); restore it from git, or sweep again"
        ))
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

/// Reads a JSON file; `None` where there is none.
///
/// # Errors
/// When it cannot be read, or is not what it should be, which is a [`Broken`]; the message names the file.
pub fn read_json<T: DeserializeOwned>(place: &Place) -> Result<Option<T>> {
    let Some(bytes) = place.read(MOST_SAVED)? else {
        return Ok(None);
    };
    let read = serde_json::from_slice(&bytes);
    Ok(Some(read.map_err(|error| Broken::new(place, &error))?))
}

/// Reads what this program has saved in a format up to `newest`; its `version` says which. `None` where there is no file.
///
/// # Errors
/// When it cannot be read, is of a newer format, or is not what this program writes, which is a [`Broken`]; the message
/// names the file.
pub fn read_saved<T: DeserializeOwned>(place: &Place, newest: u32) -> Result<Option<T>> {
    /// All that is looked at first.
    #[derive(Deserialize)]
    struct Versioned {
        version: Option<Value>,
    }
    let Some(bytes) = place.read(MOST_SAVED)? else {
        return Ok(None);
    };
    // Thousands are read one after the other: what is right is read without a tree of all its values.
    let versioned: Option<Versioned> = serde_json::from_slice(&bytes).ok();
    let version = versioned.and_then(|one| one.version).and_then(|version| version.as_u64());
    if version.is_some_and(|version| version <= u64::from(newest))
        && let Ok(read) = serde_json::from_slice(&bytes)
    {
        return Ok(Some(read));
    }
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| Broken::new(place, &error))?;
    match value.get("version").and_then(Value::as_u64) {
        Some(found) if found > u64::from(newest) => {
            bail!("{place} has format {found}, this program knows formats up to {newest}; use a newer runner")
        }
        _ => {
            let read = serde_json::from_value(value);
            Ok(Some(read.map_err(|error| Broken::new(place, &error))?))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn place(folder: &Path) -> Result<Place> {
        Place::root(folder).join("saved.json")
    }

    #[test]
    fn keys_are_sorted_and_a_number_stands_on_a_line() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let place = place(folder.path())?;
        write_json(&place, &serde_json::json!({"b": [2.5, 0.1], "a": 1}))?;
        let text = std::fs::read_to_string(place.path())?;
        assert_eq!(text, "{\n  \"a\": 1,\n  \"b\": [\n    2.5,\n    0.1\n  ]\n}\n");
        Ok(())
    }

    #[test]
    fn a_saved_file_is_read_back_unless_it_is_broken_or_newer() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let place = place(folder.path())?;
        let read = || read_saved::<Value>(&place, 1).map_err(|error| format!("{error:#}"));
        assert_eq!(read(), Ok(None));
        write_json(&place, &serde_json::json!({"version": 1}))?;
        assert!(read().is_ok());
        write_json(&place, &serde_json::json!({"version": 2}))?;
        assert!(read().is_err_and(|text| text.contains("use a newer runner")));
        for damaged in [&b""[..], b"\xff", b"{", b"[1"] {
            place.write(damaged)?;
            assert!(read().is_err_and(|text| text.contains("saved.json is not what this program writes")));
        }
        Ok(())
    }
}
