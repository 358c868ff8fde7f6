//! A folder → its labelled clips, known by content. Nothing is decoded here.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, bail};

use super::classes::{Class, Classes};
use super::images::Images;
use super::natural;
use super::simulated::SimulatedClip;
use super::video::{self, Decoder};
use super::{ClipsSpec, frames};
use crate::dataset::DataMissing;
use crate::quote::{listed, shown};

/// Labelled clips.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipList {
    /// Sorted by label, then by name with numbers as numbers.
    pub clips: Vec<Clip>,
    /// Names of the classes, class 0 first.
    pub classes: [String; 2],
    /// Where they come from, for messages.
    pub source: String,
}

/// One labelled clip.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// The file name without its ending, behind the sub-folder where there is one; no two are equal.
    pub name: String,
    /// 0 or 1.
    pub label: u8,
    /// BLAKE3 of the file's bytes, or of all frames of a folder; hexadecimal.
    pub digest: String,
    /// What it is decoded from.
    pub source: ClipSource,
}

/// What a clip is decoded from.
#[derive(Debug, Clone, PartialEq)]
pub enum ClipSource {
    /// A video file.
    Video(PathBuf),
    /// A folder of PNG or JPEG files.
    Frames(PathBuf),
    /// Built in.
    Simulated(SimulatedClip),
}

impl Clip {
    /// The first `count` frames, [frame, height, width, channel], blue before red.
    ///
    /// # Errors
    /// When it cannot be decoded or has fewer; the message names the file.
    pub fn frames(&self, count: usize) -> anyhow::Result<Images> {
        match &self.source {
            ClipSource::Video(path) => Decoder::default().decode(path, count),
            ClipSource::Frames(folder) => frames::read(folder, count),
            ClipSource::Simulated(clip) => clip.frames(count),
        }
    }
}

impl ClipList {
    /// A digest of names, labels and contents, hexadecimal.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for clip in &self.clips {
            hasher.update(&(clip.name.len() as u64).to_le_bytes());
            hasher.update(clip.name.as_bytes());
            hasher.update(&[clip.label]);
            hasher.update(clip.digest.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }

    /// Sorted as it says.
    pub(super) fn of(mut clips: Vec<Clip>, classes: [String; 2], source: String) -> Self {
        clips.sort_by(|a, b| {
            let by_name = || natural::compare(&a.name, &b.name);
            a.label.cmp(&b.label).then_with(by_name)
        });
        Self {
            clips,
            classes,
            source,
        }
    }
}

impl ClipsSpec {
    /// The clips of the folder. The folder missing is a [`DataMissing`].
    ///
    /// # Errors
    /// When a class has no clips, when a name belongs to both classes or to two clips, when a file cannot be read.
    pub fn read(&self, data_folder: &Path) -> anyhow::Result<ClipList> {
        let folder = data_folder.join(&self.folder);
        if !folder.is_dir() {
            if folder.exists() {
                bail!("{} is not a folder", folder.display());
            }
            return Err(DataMissing::at(&folder).into());
        }
        let found = find(&folder, &self.classes)?;
        check(&folder, &self.classes, &found)?;
        let digests = digests(&found)?;
        let clips = found.into_iter().zip(digests).map(|(found, digest)| Clip {
            name: found.name,
            label: found.label,
            digest,
            source: if found.path.is_dir() {
                ClipSource::Frames(found.path)
            } else {
                ClipSource::Video(found.path)
            },
        });
        let source = folder.display().to_string();
        Ok(ClipList::of(clips.collect(), self.classes.names(), source))
    }
}

/// A clip whose content was not looked at: a video file or a folder of frames.
struct Found {
    name: String,
    label: u8,
    path: PathBuf,
}

/// Looks at a folder and the sub-folders that are named like a class, and no deeper: links in a circle do no harm.
fn find(folder: &Path, classes: &Classes) -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::new();
    for (name, path) in entries(folder)? {
        let class = classes.0.iter().position(|class| class.prefix == name);
        if let Some(label) = class.filter(|_| path.is_dir()) {
            for (clip, path) in entries(&path)? {
                found.extend(clip_at(&format!("{name}/{clip}"), &path, label)?);
            }
        } else if let Some(label) = class_of(&name, &path, classes)? {
            found.extend(clip_at(&name, &path, label)?);
        }
    }
    Ok(found)
}

/// What a folder holds, hidden entries left out, in a fixed order.
fn entries(folder: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let mut entries = Vec::new();
    let listing =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in listing {
        let path = entry
            .with_context(|| format!("cannot list {}", folder.display()))?
            .path();
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        if !name.starts_with('.') {
            entries.push((name, path));
        }
    }
    entries.sort();
    Ok(entries)
}

/// The class that a name in the folder belongs to; files that are no videos belong to none.
fn class_of(name: &str, path: &Path, classes: &Classes) -> anyhow::Result<Option<usize>> {
    if !path.is_dir() && !is_video(path) {
        return Ok(None);
    }
    match classes
        .0
        .each_ref()
        .map(|class| name.starts_with(&class.prefix))
    {
        [true, true] => bail!(
            "{} begins with both `{}` and `{}`\n  help: choose prefixes of which none begins with the other, or \
             put the clips of a class into a sub-folder that is named as its prefix",
            path.display(),
            classes.0[0].prefix,
            classes.0[1].prefix
        ),
        [true, false] => Ok(Some(0)),
        [false, true] => Ok(Some(1)),
        [false, false] => Ok(None),
    }
}

fn is_video(path: &Path) -> bool {
    frames::has_extension(path, &video::EXTENSIONS)
}

/// The clip of a file or of a folder of frames; nothing for a file that is no video.
fn clip_at(name: &str, path: &Path, label: usize) -> anyhow::Result<Option<Found>> {
    let name = if path.is_dir() {
        if frames::files(path)?.is_empty() {
            bail!(
                "{}: has no frames, a clip's folder holds PNG or JPEG files\n  help: take the folder out, or give it a name \
                 that belongs to no class",
                path.display()
            );
        }
        name
    } else if is_video(path) {
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    } else {
        return Ok(None);
    };
    Ok(Some(Found {
        name: name.to_owned(),
        label: label as u8,
        path: path.to_owned(),
    }))
}

/// Every class has clips, and every clip a name of its own.
fn check(folder: &Path, classes: &Classes, found: &[Found]) -> anyhow::Result<()> {
    for (label, Class { prefix, name }) in classes.0.iter().enumerate() {
        if !found.iter().any(|clip| usize::from(clip.label) == label) {
            bail!(
                "{} holds no clip of class `{name}`: neither a video nor a folder of frames whose name begins with \
                 `{prefix}`, nor a sub-folder `{prefix}` of such\n  help: {}",
                folder.display(),
                where_clips_are(folder, classes)?
            );
        }
    }
    let mut sorted: Vec<&Found> = found.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    for pair in sorted.windows(2) {
        if pair[0].name == pair[1].name {
            bail!(
                "two clips have the name `{}`: {} and {}\n  help: rename one of them",
                pair[0].name,
                pair[0].path.display(),
                pair[1].path.display()
            );
        }
    }
    Ok(())
}

/// What to do where a class has no clips: another folder, or other prefixes.
fn where_clips_are(folder: &Path, classes: &Classes) -> anyhow::Result<String> {
    let entries = entries(folder)?;
    for (name, path) in entries.iter().filter(|(_, path)| path.is_dir()).take(100) {
        for (clip, path) in self::entries(path)? {
            if class_of(&clip, &path, classes)?.is_some() {
                return Ok(format!(
                    "`{}` would be one in {}: is that the folder that `folder` should name?",
                    shown(&clip),
                    folder.join(name).display()
                ));
            }
        }
    }
    let names: Vec<&str> = entries
        .iter()
        .filter(|(_, path)| path.is_dir() || is_video(path))
        .map(|(name, _)| name.as_str())
        .collect();
    Ok(match names.len() {
        0 => "it holds neither videos nor folders: name another folder".to_owned(),
        _ => format!(
            "the names in it are {}: choose the prefixes in `classes` after them",
            listed(&names, 5)
        ),
    })
}

/// The digest of every clip's content, several at once.
fn digests(found: &[Found]) -> anyhow::Result<Vec<String>> {
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(8);
    let share = found.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let started: Vec<_> = found
            .chunks(share)
            .map(|part| {
                scope.spawn(move || part.iter().map(digest).collect::<anyhow::Result<Vec<_>>>())
            })
            .collect();
        let mut digests = Vec::with_capacity(found.len());
        for part in started {
            digests.extend(part.join().expect("no digest panics")?);
        }
        Ok(digests)
    })
}

fn digest(clip: &Found) -> anyhow::Result<String> {
    if !clip.path.is_dir() {
        return Ok(content(&clip.path)?.to_hex().to_string());
    }
    let mut hasher = blake3::Hasher::new();
    for file in frames::files(&clip.path)? {
        hasher.update(content(&file)?.as_bytes());
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// The digest of a file's bytes.
fn content(path: &Path) -> anyhow::Result<blake3::Hash> {
    let cannot_read = || format!("cannot read {}", path.display());
    // Opening a pipe or a device could wait for ever.
    if !fs::metadata(path).with_context(cannot_read)?.is_file() {
        bail!("{} is not a file", path.display());
    }
    let mut file = File::open(path).with_context(cannot_read)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 17];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize()),
            Ok(read) => {
                hasher.update(&buffer[..read]);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error).with_context(cannot_read),
        }
    }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
