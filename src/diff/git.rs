//! The `git` program: what a revision and the working tree hold.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};
use rayon::iter::ParallelIterator;
use rayon::slice::ParallelSlice;

use super::listing::path_of;
use crate::files::MOST_SAVED;

/// The bytes of a file or an object, or why they cannot be read.
pub(crate) type Content = Result<Vec<u8>, String>;

/// How much of what is read at a time fits into memory. A repository of a megabyte can hold a record of zeros many times over.
#[derive(Default)]
pub(crate) struct Room(AtomicU64);

/// Bytes that are held at a time.
const MOST_TOGETHER: u64 = 1 << 30;

impl Room {
    /// Takes the bytes of one record.
    ///
    /// # Errors
    /// When they are too many; the reason.
    pub(crate) fn take(&self, bytes: u64) -> Result<(), String> {
        if bytes > MOST_SAVED {
            return Err(format!("has {bytes} bytes, more than the {MOST_SAVED} that are read"));
        }
        let together = bytes + self.0.fetch_add(bytes, Ordering::Relaxed);
        if together > MOST_TOGETHER {
            return Err(format!(
                "has {bytes} bytes, and with the records before it more than the {MOST_TOGETHER} that are held at a time"
            ));
        }
        Ok(())
    }
}

/// A repository, seen from one folder.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    /// Where git is asked: the top of the working tree; of a bare repository, the repository itself.
    root: PathBuf,
    /// The folder that the user stands in, below the root, with a slash at its end; empty at the root.
    prefix: String,
    bare: bool,
}

/// There is no repository here.
#[derive(Debug)]
pub(crate) struct NoRepository(pub String);

impl std::fmt::Display for NoRepository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoRepository {}

impl Repository {
    /// The repository that holds `folder`.
    ///
    /// # Errors
    /// A [`NoRepository`] when there is none, or no git.
    pub(crate) fn around(folder: &Path) -> Result<Self> {
        let answer = |question: &[&str]| {
            let mut arguments = vec!["rev-parse"];
            arguments.extend(question);
            text(git(folder, &arguments)).map_err(|error| {
                let said = format!("{error:#}");
                NoRepository(if said.contains("not a git repository") {
                    format!("{} is in no git repository", shown(folder))
                } else {
                    said
                })
            })
        };
        let bare = answer(&["--is-bare-repository"])? == "true";
        let (root, prefix) = if bare {
            (answer(&["--absolute-git-dir"])?, String::new())
        } else {
            (answer(&["--show-toplevel"])?, answer(&["--show-prefix"])?)
        };
        Ok(Self {
            root: root.into(),
            prefix,
            bare,
        })
    }

    /// Whether it has no working tree.
    pub(crate) fn is_bare(&self) -> bool {
        self.bare
    }

    /// The top of the working tree.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where a path that the user wrote lies below the root: from the folder that the user stands in, and from the root, for a
    /// user who stands in a sub-folder.
    pub(crate) fn places_of(&self, path: &Path) -> Vec<String> {
        let relative = match path.strip_prefix(&self.root) {
            Ok(below) => return vec![slashes(below)],
            Err(_) if path.is_absolute() => return Vec::new(),
            Err(_) => slashes(path),
        };
        let mut places = vec![tidy(&format!("{}{relative}", self.prefix))];
        if !self.prefix.is_empty() {
            places.push(tidy(&relative));
        }
        places
    }

    /// The files of a commit below a folder: path → object. Paths are bytes, which need not be text.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn files(&self, commit: &str, folder: &str) -> Result<BTreeMap<Vec<u8>, String>> {
        let mut arguments = vec!["ls-tree", "-r", "-z", "--full-tree", commit];
        if !folder.is_empty() {
            arguments.extend(["--", folder]);
        }
        let listed = git(&self.root, &arguments)?;
        let mut files = BTreeMap::new();
        for entry in pieces(&listed) {
            // MODE SP TYPE SP OBJECT TAB PATH
            let Some(tab) = entry.iter().position(|byte| *byte == b'\t') else {
                continue;
            };
            let about = String::from_utf8_lossy(&entry[..tab]);
            if let [_, "blob", object] = about.split(' ').collect::<Vec<_>>()[..] {
                files.insert(entry[tab + 1..].to_vec(), object.to_owned());
            }
        }
        Ok(files)
    }

    /// Nothing, where the folder is one in that commit.
    ///
    /// # Errors
    /// When it is a link or a submodule, whose records this repository does not hold.
    pub(crate) fn refuse_links(&self, commit: &str, folder: &str) -> Result<()> {
        if folder.is_empty() {
            return Ok(());
        }
        let listed = git(&self.root, &["ls-tree", "-z", "--full-tree", commit, "--", folder])?;
        let what = match pieces(&listed).next() {
            Some(entry) if entry.starts_with(b"120000 ") => "a symbolic link",
            Some(entry) if entry.starts_with(b"160000 ") => "a submodule",
            _ => return Ok(()),
        };
        bail!(
            "{folder} is {what} in {commit:.9}, so its records are not in this repository\n  help: stand in the repository that holds them"
        )
    }

    /// How many files below a folder a sparse checkout leaves out.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn not_checked_out(&self, folder: &str) -> Result<usize> {
        let listed = git(&self.root, &["ls-files", "-z", "-t", "--cached", "--", pathspec(folder)])?;
        let skipped = pieces(&listed).filter_map(|entry| entry.strip_prefix(b"S "));
        Ok(skipped.filter(|path| !self.holds(path)).count())
    }

    /// The files of the working tree below a folder that git tracks or would add.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn working_files(&self, folder: &str) -> Result<BTreeSet<Vec<u8>>> {
        self.no_pipes(folder)?;
        let asked = [
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--",
            pathspec(folder),
        ];
        let listed = git(&self.root, &asked)?;
        let there = pieces(&listed).filter(|path| self.holds(path));
        Ok(there.map(<[u8]>::to_vec).collect())
    }

    /// Refuses what git would wait for without end: a pipe in the place of a file that it reads on its way below a folder.
    fn no_pipes(&self, folder: &str) -> Result<()> {
        let below = self.root.join(folder);
        let on_the_way = below.ancestors().take_while(|path| path.starts_with(&self.root));
        let folders = walkdir::WalkDir::new(&below)
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_dir())
            .map(walkdir::DirEntry::into_path);
        for folder in on_the_way.map(Path::to_owned).chain(folders) {
            for name in [".gitignore", ".gitattributes"] {
                let path = folder.join(name);
                let here = crate::files::metadata(&path)?;
                if here.is_some_and(|here| !here.is_file() && !here.is_dir()) {
                    bail!(
                        "{} is no regular file, and git would wait for it\n  help: remove it",
                        path.display()
                    );
                }
            }
        }
        Ok(())
    }

    /// Whether the working tree has anything there. What is no regular file is not absent: reading it says what it is.
    fn holds(&self, path: &[u8]) -> bool {
        self.root.join(path_of(path)).symlink_metadata().is_ok()
    }

    /// The tracked files of the working tree below a folder, which was listed before, that may differ from a commit's.
    ///
    /// # Errors
    /// When git fails.
    pub(crate) fn touched(&self, commit: &str, folder: &str) -> Result<BTreeSet<Vec<u8>>> {
        let asked = ["diff-index", "-z", "--name-only", commit, "--", pathspec(folder)];
        let listed = git(&self.root, &asked)?;
        Ok(pieces(&listed).map(<[u8]>::to_vec).collect())
    }

    /// The contents of objects, in the order asked for.
    ///
    /// # Errors
    /// When git fails or lacks one.
    pub(crate) fn contents(&self, objects: &[&str], room: &Room) -> Result<Vec<Content>> {
        // Unpacking is most of the work: a git for each core.
        let share = objects.len().div_ceil(rayon::current_num_threads()).max(500);
        let parts: Vec<Vec<Content>> = objects
            .par_chunks(share)
            .map(|part| self.contents_in_turn(part, room))
            .collect::<Result<_>>()?;
        Ok(parts.into_iter().flatten().collect())
    }

    fn contents_in_turn(&self, objects: &[&str], room: &Room) -> Result<Vec<Content>> {
        let mut child = command(&self.root)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start git")?;
        let (mut stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let mut reader = BufReader::new(stdout.context("git has an output")?);
        let asked = objects.join("\n") + "\n";
        // Written beside the reading: git answers while it is asked, and a full pipe would block both.
        let writer = thread::spawn(move || stdin.take().map(|mut to| to.write_all(asked.as_bytes())));
        let mut contents = Vec::with_capacity(objects.len());
        for object in objects {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let size = header.trim_end().rsplit(' ').next().map(str::parse::<usize>);
            let Some(Ok(size)) = size else {
                let mut said = header.trim_end().to_owned();
                drop(reader); // git ends, and has then said why
                child.wait()?;
                if let Some(mut stderr) = child.stderr.take() {
                    stderr.read_to_string(&mut said)?;
                }
                bail!("git lacks the object {object}: {}", said.trim());
            };
            if let Err(reason) = room.take(size as u64) {
                // Passed over, so that what follows can be read.
                io::copy(&mut reader.by_ref().take(size as u64 + 1), &mut io::sink())?;
                contents.push(Err(reason));
                continue;
            }
            let mut bytes = vec![0; size + 1]; // a line end follows
            reader.read_exact(&mut bytes)?;
            bytes.pop();
            contents.push(Ok(bytes));
        }
        drop(writer.join());
        child.wait()?;
        Ok(contents)
    }
}

/// A folder as git is asked for it; all where it is the top.
fn pathspec(folder: &str) -> &str {
    if folder.is_empty() { "." } else { folder }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .args(["--literal-pathspecs", "--no-optional-locks"]);
    command
}

pub(super) fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    let output = match command(folder).args(arguments).stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("the program `git`, which reads revisions, is not installed")
        }
        Err(error) => return Err(error).context("cannot start git"),
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.trim().trim_start_matches("fatal: ");
        bail!("git {} failed: {said}", arguments.first().unwrap_or(&""));
    }
    Ok(output.stdout)
}

pub(super) fn text(output: Result<Vec<u8>>) -> Result<String> {
    Ok(String::from_utf8_lossy(&output?).trim_end_matches(['\n', '\r']).to_owned())
}

/// What lies between zero bytes.
fn pieces(output: &[u8]) -> impl Iterator<Item = &[u8]> {
    let pieces = output.split(|byte| *byte == 0);
    pieces.filter(|piece| !piece.is_empty())
}

fn slashes(path: &Path) -> String {
    let parts = path.components().map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// Without `.` and `..`.
fn tidy(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn shown(folder: &Path) -> String {
    let full = folder.canonicalize();
    full.as_deref().unwrap_or(folder).display().to_string()
}
