//! A folder → its labelled clips, known by content. Nothing is decoded here.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, bail};

use super::classes::{Class, Classes};
use super::drawn::SimulatedClip;
use super::images::Images;
use super::natural;
use super::video::{self, Decoder};
use super::{ClipsSettings, ClipsSpec, MOST_BYTES_OF_A_FILE, Step, frames};
use crate::console::{listed, quoted};
use crate::data::DataMissing;
use crate::files;

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
        Self { clips, classes, source }
    }
}

impl ClipsSettings for ClipsSpec {
    fn steps(&self) -> &[Step] {
        &self.steps
    }

    fn origin(&self, _: &ClipList) -> String {
        self.folder.clone()
    }

    /// The clips of the folder. The folder missing is a [`DataMissing`].
    ///
    /// # Errors
    /// When a class has no clips, when a name belongs to both classes or to two clips, when a file cannot be read.
    fn read(&self, data_folder: &Path) -> anyhow::Result<ClipList> {
        let folder = data_folder.join(&self.folder);
        match files::metadata(&folder)? {
            None => return Err(DataMissing::below(data_folder, &self.folder).into()),
            Some(here) if !here.is_dir() => bail!("{} is not a folder", folder.display()),
            Some(_) => {}
        }
        let found = find(&folder, &self.classes)?;
        check(&folder, &self.classes, &found)?;
        let digests = digests(&found)?;
        let clips = found.into_iter().zip(digests).map(|(found, digest)| Clip {
            name: found.name,
            label: found.label,
            digest,
            source: if found.is_folder {
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
    is_folder: bool,
}

/// Something in a folder.
struct Entry {
    name: String,
    path: PathBuf,
    is_folder: bool,
}

impl Entry {
    fn is_video(&self) -> bool {
        !self.is_folder && frames::has_extension(&self.path, &video::EXTENSIONS)
    }
}

/// Looks at a folder and the sub-folders that are named like a class, and no deeper: links in a circle do no harm.
fn find(folder: &Path, classes: &Classes) -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::new();
    for entry in entries(folder)? {
        let named = |class: &Class| class.prefix == entry.name;
        if entry.is_folder
            && let Some(label) = classes.0.iter().position(named)
        {
            for clip in entries(&entry.path)? {
                let name = format!("{}/{}", entry.name, clip.name);
                found.extend(clip_at(&name, clip, label)?);
            }
        } else if let Some(label) = class_of(&entry, classes)? {
            found.extend(clip_at(&entry.name.clone(), entry, label)?);
        }
    }
    Ok(found)
}

/// What a folder holds, hidden entries left out, in a fixed order.
fn entries(folder: &Path) -> anyhow::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for path in files::listed(folder)? {
        let name = path.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        if !name.starts_with('.') {
            let is_folder = files::is_folder(&path)?;
            entries.push(Entry { name, path, is_folder });
        }
    }
    Ok(entries)
}

/// The class that a name in the folder belongs to; files that are no videos belong to none.
fn class_of(entry: &Entry, classes: &Classes) -> anyhow::Result<Option<usize>> {
    if !entry.is_folder && !entry.is_video() {
        return Ok(None);
    }
    match classes.0.each_ref().map(|class| entry.name.starts_with(&class.prefix)) {
        [true, true] => bail!(
            "{} begins with both `{}` and `{}`\n  help: choose prefixes of which none begins with the other, or put the \
             clips of a class into a sub-folder that is named as its prefix",
            entry.path.display(),
            classes.0[0].prefix,
            classes.0[1].prefix
        ),
        [true, false] => Ok(Some(0)),
        [false, true] => Ok(Some(1)),
        [false, false] => Ok(None),
    }
}

/// The clip of a file or of a folder of frames; nothing for a file that is no video.
fn clip_at(name: &str, entry: Entry, label: usize) -> anyhow::Result<Option<Found>> {
    let name = if entry.is_folder {
        if frames::files(&entry.path)?.is_empty() {
            bail!(
                "{}: has no frames, a clip's folder holds PNG or JPEG files\n  help: take the folder out, or give it a name \
                 that belongs to no class",
                entry.path.display()
            );
        }
        name
    } else if entry.is_video() {
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    } else {
        return Ok(None);
    };
    Ok(Some(Found {
        name: name.to_owned(),
        label: label as u8,
        path: entry.path,
        is_folder: entry.is_folder,
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

/// Sub-folders that are searched for clips that the folder itself lacks, at most.
const MOST_SEARCHED: usize = 100;

/// What to do where a class has no clips: another folder, or other prefixes.
fn where_clips_are(folder: &Path, classes: &Classes) -> anyhow::Result<String> {
    let entries = entries(folder)?;
    let folders = entries.iter().filter(|entry| entry.is_folder);
    for sub_folder in folders.take(MOST_SEARCHED) {
        for entry in self::entries(&sub_folder.path)? {
            if class_of(&entry, classes)?.is_some() {
                return Ok(format!(
                    "`{}` would be one in {}: is that the folder that `folder` should name?",
                    quoted(&entry.name),
                    sub_folder.path.display()
                ));
            }
        }
    }
    let names: Vec<&str> = entries
        .iter()
        .filter(|entry| entry.is_folder || entry.is_video())
        .map(|entry| entry.name.as_str())
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
    let threads = thread::available_parallelism().map_or(1, usize::from).min(8);
    let share = found.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let started: Vec<_> = found
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(digest).collect::<anyhow::Result<Vec<_>>>()))
            .collect();
        let mut digests = Vec::with_capacity(found.len());
        for part in started {
            digests.extend(part.join().expect("no digest panics")?);
        }
        Ok(digests)
    })
}

fn digest(clip: &Found) -> anyhow::Result<String> {
    if !clip.is_folder {
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
    let mut file = files::open(path, MOST_BYTES_OF_A_FILE)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 17];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize()),
            Ok(read) => {
                hasher.update(&buffer[..read]);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", path.display()));
            }
        }
    }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
