//! A revision's name → its commit; where there is none, what brings it here.

use anyhow::{Result, bail};

use super::git::{Repository, git, text};
use super::removed::quoted;

/// So many more commits of a history that is cut off.
const DEEPER: &str = "--deepen=50";

impl Repository {
    /// The commit that a revision names, in full.
    ///
    /// # Errors
    /// When it names none; the message says what does, or how to fetch it.
    pub(crate) fn commit(&self, revision: &str) -> Result<String> {
        // In two steps: a search, as `:/words`, would take `^{commit}` for its words.
        if let Some(object) = self.verified(revision) {
            if let Some(commit) = self.verified(&format!("{object}^{{commit}}")) {
                return Ok(commit);
            }
            // A digest in full counts as known, whether there is such an object or not.
            if git(self.root(), &["cat-file", "-e", &object]).is_ok() {
                bail!("`{revision}` is no commit");
            }
        }
        if let Some((from, to)) = revision.split_once("...") {
            bail!(
                "`{revision}` is two revisions\n  help: from where they parted: runner diff \"$(git merge-base {from} {to})\" {to}"
            );
        }
        if let Some((from, to)) = revision.split_once("..") {
            bail!("`{revision}` is two revisions\n  help: runner diff {from} {to}");
        }
        if revision == "HEAD" {
            bail!("this repository has no commit yet\n  help: name two folders of records: `runner diff OLD NEW`");
        }
        let or_folder = if revision.contains(['/', '\\']) {
            ", and there is no folder of that name"
        } else {
            ""
        };
        bail!(
            "git knows no revision `{revision}`{or_folder}\n  help: {}",
            self.help(revision)
        )
    }

    /// What git knows under a name.
    fn verified(&self, name: &str) -> Option<String> {
        let asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", name];
        text(git(self.root(), &asked)).ok()
    }

    /// What a user may do about a revision that is not here.
    fn help(&self, revision: &str) -> String {
        let ask = |arguments: &[&str]| text(git(self.root(), arguments)).unwrap_or_default();
        let is_shallow = ask(&["rev-parse", "--is-shallow-repository"]) == "true";
        let remotes = ask(&["remote"]);
        let remotes: Vec<&str> = remotes.lines().collect();
        let cut = if is_shallow { "this clone is shallow: " } else { "" };
        let depth = if is_shallow { "--depth=1 " } else { "" };
        // `main~3` is about `main`.
        let end = revision.find(['~', '^', '@', ':']).unwrap_or(revision.len());
        let (base, way) = revision.split_at(end);
        let tracked = base
            .strip_prefix("refs/remotes/")
            .or_else(|| base.strip_prefix("remotes/"))
            .unwrap_or(base);
        // The longest, where one remote's name begins another's.
        let of_remote = remotes
            .iter()
            .filter_map(|remote| Some((*remote, tracked.strip_prefix(remote)?.strip_prefix('/')?)))
            .max_by_key(|(remote, _)| remote.len());
        let fetch = |options: &str, remote: &str, branch: &str| {
            let what = format!("{branch}:refs/remotes/{remote}/{branch}");
            format!("`git fetch {options}{} {}`", quoted(remote), quoted(&what))
        };
        let is_here = !way.is_empty() && self.verified(base).is_some();
        match (of_remote, remotes.first()) {
            (Some((remote, branch)), _) if is_shallow && is_here => format!(
                "{cut}{} brings more of the history of {tracked}, `git fetch --unshallow {}` all of it",
                fetch(&format!("{DEEPER} "), remote, branch),
                quoted(remote)
            ),
            (Some((remote, branch)), _) if !is_here => format!(
                "{cut}{} brings that branch; a clone of one branch, or of one commit, has no other",
                fetch(depth, remote, branch)
            ),
            (None, Some(_)) if is_shallow && is_here => {
                format!("{cut}`git fetch {DEEPER}` brings more of the history, `git fetch --unshallow` all of it")
            }
            (None, Some(remote)) if !is_here && is_commit(base) => format!(
                "{cut}`git fetch {depth}{} {base}` brings that commit, if the remote has it",
                quoted(remote)
            ),
            (None, Some(remote)) if !is_here && is_branch(base) => {
                let there = format!("{remote}/{base}");
                if self.verified(&there).is_some() {
                    return format!("git knows `{there}`: runner diff {}", quoted(&format!("{there}{way}")));
                }
                let deeper = if is_shallow {
                    format!(", of a commit further back: `git fetch {DEEPER}`")
                } else {
                    String::new()
                };
                format!(
                    "`git branch --all` lists the branches that are here; if it is one of the remote's: {} brings it as {there}, \
                     and `git fetch {depth}{} tag {}` a tag{deeper}",
                    fetch(depth, remote, base),
                    quoted(remote),
                    quoted(base)
                )
            }
            _ => "`git log --oneline` lists commits, `git branch --all` branches".to_owned(),
        }
    }
}

/// Whether a name is a commit's in full, which alone can be asked of a remote.
fn is_commit(name: &str) -> bool {
    matches!(name.len(), 40 | 64) && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a name could be that of a branch or a tag.
fn is_branch(name: &str) -> bool {
    let is_odd = |c: char| c.is_control() || " ?*[\\".contains(c);
    !name.is_empty() && !name.starts_with('-') && !name.contains(is_odd) && !name.ends_with('/')
}
