//! What is written is on the disk before anything says so: a file before its rename, its name and new folders after.

use std::collections::BTreeSet;

use super::library::{Fault, WRITING, suffer};
use crate::project::Project;

/// The path of a call of that kind: `fsync results/a 0`.
fn of<'a>(line: &'a str, call: &str) -> Option<&'a str> {
    line.strip_prefix(call)?.strip_prefix(' ')?.strip_suffix(" 0")
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[test]
fn files_and_folders_are_synced_before_and_after_they_get_their_names() {
    let project = Project::small();
    // Checkpoints as well: they are written where training takes a while.
    project.edit("experiments/small.toml", "days = 90", "days = 2000");
    project.edit(
        "experiments/small.toml",
        "epochs = 3",
        "epochs = 100\ncheckpoint = \"1 epoch\"",
    );
    project.edit(
        "experiments/small.toml",
        "model = [\"lstm\", \"hybrid\", \"naive\"]",
        "model = [\"lstm\", \"naive\"]",
    );
    project.edit("experiments/small.toml", "seed = [0, 1]", "seed = [0]");
    // And one that diverges.
    let wild = project
        .read("experiments/small.toml")
        .replace("learning_rate = 0.01", "learning_rate = 1e5");
    project.write("experiments/wild.toml", &wild.replace("\"adam\"", "\"sgd\""));
    let suffered = suffer(&project, &["sweep", "experiments", "--jobs", "1"], Fault::none(WRITING));
    suffered.ran.exits(1).says("1 failed");
    let log: Vec<&str> = suffered.log.iter().map(String::as_str).collect();

    let mut named = BTreeSet::new();
    for (at, line) in log.iter().enumerate() {
        if let Some(to) = of(line, "rename") {
            let folder = folder_of(to);
            // What was moved from a folder of the same parent needs no other sync than the one that its writing had.
            let temporary = format!("{folder}/.partial-");
            let is_moved = to.starts_with(".cache/ends/");
            let before = log[..at]
                .iter()
                .rposition(|line| of(line, "write").is_some_and(|path| path.starts_with(&temporary)));
            if !is_moved {
                let before = before.unwrap_or_else(|| panic!("nothing was written before {line}"));
                let file = of(log[before], "write").expect("a write");
                assert!(
                    log[before..at].iter().any(|line| of(line, "fsync") == Some(file)),
                    "{to} was not synced"
                );
            }
            assert!(
                log[at..].iter().any(|line| of(line, "fsync") == Some(folder)),
                "the name of {to} was not synced"
            );
            let kind = to.split('/').nth(if to.starts_with("results/") { 2 } else { 1 });
            named.insert(kind.unwrap_or(to).to_owned());
        }
        if let Some(folder) = of(line, "mkdir") {
            let above = folder_of(folder);
            // The folder of the project itself is not looked at.
            let is_synced = above.is_empty() || log[at..].iter().any(|line| of(line, "fsync") == Some(above));
            assert!(is_synced, "the name of {folder} was not synced");
        }
    }
    for kind in [
        "cells",
        "failed",
        "experiment.json",
        "plans",
        "weights",
        "checkpoints",
        "results/report.html",
    ] {
        assert!(named.contains(kind), "{kind} is not among {named:?}");
    }
}
