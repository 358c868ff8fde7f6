//! A `.tar.gz` in memory → its files in memory. Nothing is unpacked on the disk, so no name in it can reach out of a folder.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path};

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use tar::{Archive, EntryType};

/// The files of one folder of the archive: file name → bytes.
///
/// # Errors
/// When the archive is cut off or broken, holds a file twice, or names a path that leads out of it.
pub(super) fn files_of(archive: &[u8], folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut archive = Archive::new(GzDecoder::new(archive));
    for entry in archive.entries().context("it is no .tar.gz")? {
        let mut entry = entry.context("the archive is broken or cut off")?;
        let path = entry.path().context("a path cannot be read")?.into_owned();
        let inside = path
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        ensure!(inside, "the path {} leads out of the archive", path.display());
        // Links would name other files; a package of weights needs none.
        if entry.header().entry_type() != EntryType::Regular || path.parent() != Some(folder) {
            continue;
        }
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .with_context(|| format!("the name {} is no UTF-8", path.display()))?
            .to_owned();
        let mut bytes = Vec::new();
        entry
            .read_to_end(&mut bytes)
            .with_context(|| format!("the archive is broken or cut off in {}", path.display()))?;
        // An archive that ends within a file is no error to the reader.
        ensure!(
            bytes.len() as u64 == entry.size(),
            "the archive is cut off in {}",
            path.display()
        );
        ensure!(files.insert(name, bytes).is_none(), "{} is there twice", path.display());
    }
    // To the end, where the checksum of the whole stands; the archive's own end comes before it.
    std::io::copy(&mut archive.into_inner(), &mut std::io::sink()).context("the archive is broken or cut off")?;
    Ok(files)
}
