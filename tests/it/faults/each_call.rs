//! Every command, with each of its calls to the system failing in turn: it says so, leaves nothing half written and loses nothing,
//! and when the fault is gone it ends as if there had been none.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::Value;

use super::library::{Fault, Suffered, WRITING, suffer};
use crate::project::Project;

/// A fault, and what a person is told to do about it.
type Kind = (Fault, &'static str);

/// What can fail, from any of the calls on or at it alone.
const FAULTS: [Kind; 10] = [
    (
        lasting("open,write,fsync,rename,mkdir", libc::ENOSPC).short(),
        "free some room there",
    ),
    (
        once("write,fsync,rename,unlink,mkdir,open,read", libc::EIO),
        "the disk itself reports it",
    ),
    (lasting(WRITING, libc::EROFS), "make it writable, or name another folder"),
    (
        once("open,mkdir,rename,unlink,read", libc::EACCES),
        "give this user the right",
    ),
    (once("write", libc::ENOSPC).short(), "free some room there"),
    (
        once("open,write,fsync,mkdir", libc::EDQUOT),
        "your share of that disk is used up",
    ),
    (lasting("fsync", libc::EIO), "the disk itself reports it"),
    (once("write", libc::EFBIG).short(), "raise the limit on the length of files"),
    (
        once("open,rename,fsync,write,read", libc::ESTALE),
        "the server has something else there",
    ),
    (lasting("open,rename,mkdir", libc::ENOENT), "a folder above it is gone"),
];

/// How many of them are tried where most of the work is that of a sweep.
const SOME: usize = 4;

const fn lasting(calls: &'static str, error: i32) -> Fault {
    let lasts = true;
    Fault {
        lasts,
        ..once(calls, error)
    }
}

const fn once(calls: &'static str, error: i32) -> Fault {
    Fault {
        error,
        ..Fault::none(calls)
    }
}

const SWEEP: [&str; 4] = ["sweep", "experiments", "--jobs", "1"];

const TINY: &str = r#"
title = "Tiny"

[dataset.simulated]
kind = "simulated_prices"
days = 40

[window]
lookback = 4
horizon = 1

[split]
kind = "backtest"
origins = 3

[model.lstm]
kind = "lstm"
hidden = [2]
dense = []

[model.naive]
kind = "last_value"

[model.mean]
kind = "lookback_mean"

[train]
epochs = 2
batch_size = 16
loss = "mse"
optimizer = "adam"
learning_rate = 0.01

[grid]
model = ["lstm", "naive", "mean"]
"#;

/// A project of which one cell is done.
fn begun() -> Project {
    let project = Project::new();
    project.write("experiments/tiny.toml", TINY);
    let one = ["sweep", "experiments", "--filter", "model=naive"];
    project.run(&one).exits(0).says("1 done");
    project
}

/// The same, elsewhere.
fn copy_of(project: &Project) -> Project {
    let copy = Project::new();
    for entry in walkdir::WalkDir::new(project.path("")).min_depth(1) {
        let entry = entry.expect("it can be listed");
        let to = copy
            .path("")
            .join(entry.path().strip_prefix(project.path("")).expect("below it"));
        if entry.file_type().is_dir() {
            fs::create_dir(to).expect("a folder can be made");
        } else {
            fs::copy(entry.path(), to).expect("a file can be copied");
        }
    }
    copy
}

/// Which of so many calls fail, one after the other: some of them, or with `RUNNER_FAULTS=all` all.
fn chosen(calls: u64, fault: usize) -> Vec<u64> {
    if std::env::var("RUNNER_FAULTS").is_ok_and(|all| all == "all") {
        return (1..=calls).collect();
    }
    // Another beginning for each fault, so that together they meet more of the calls.
    let (step, begin) = (calls.div_ceil(6).max(1), fault as u64);
    (0..)
        .map(|index| 1 + begin % step + index * step)
        .take_while(|call| *call <= calls)
        .collect()
}

/// Lets calls of a command fail in turn, each in a project of its own that is like `project`. `holds` looks at one that has
/// suffered, and again when the command was given once more without a fault.
fn each_call(faults: &[Kind], project: &Project, arguments: &[&str], holds: impl Fn(&Project, bool) + Sync) {
    let one = |number: usize, (fault, advice): Kind| {
        let counted = copy_of(project);
        let untouched = suffer(&counted, arguments, Fault::none(fault.calls));
        untouched.ran.exits(0);
        for from in chosen(untouched.calls, number) {
            let project = copy_of(project);
            let fault = Fault { from, ..fault };
            let suffered = suffer(&project, arguments, fault);
            tells(&suffered, fault, advice);
            is_whole(&project);
            holds(&project, false);
            project.run(arguments).exits(0);
            is_whole(&project);
            holds(&project, true);
            if arguments != SWEEP {
                // What was cut off is removed by whoever writes most.
                project.run(&SWEEP).exits(0);
            }
            nothing_is_left_over(&project);
        }
    };
    // Two at a time.
    thread::scope(|scope| {
        for half in [0, 1] {
            let one = &one;
            scope.spawn(move || {
                let own = faults.iter().enumerate().filter(|(number, _)| number % 2 == half);
                own.for_each(|(number, kind)| one(number, *kind));
            });
        }
    });
}

/// Either all was done all the same, or one is told what could not be done, why and what to do.
fn tells(suffered: &Suffered, fault: Fault, advice: &str) {
    let Suffered { ran, log, .. } = suffered;
    let failed: Vec<&String> = log.iter().filter(|line| !line.ends_with(" 0")).collect();
    let shown = || format!("{fault:?}\n{failed:#?}\n{}\n{}", ran.stdout, ran.stderr);
    assert!(!ran.stderr.contains("panicked"), "{}", shown());
    match ran.code {
        Some(0) => {}
        Some(1) => {
            let reason = format!("(os error {}); {advice}", fault.error);
            assert!(ran.stderr.contains(&reason), "`{reason}` is missing: {}", shown());
            let names = ["results", ".cache"].into_iter().any(|name| ran.stderr.contains(name));
            assert!(names, "{}", shown());
        }
        code => panic!("{code:?}: {}", shown()),
    }
}

/// Every file but one that was being written is what it should be.
fn is_whole(project: &Project) {
    for folder in ["results", ".cache"] {
        for path in files(&project.path(folder)) {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let bytes = || fs::read(&path).expect("it can be read");
            let is_whole = match path.extension().and_then(|ending| ending.to_str()) {
                _ if name.starts_with(".partial-") => true,
                Some("json") => serde_json::from_slice::<Value>(&bytes()).is_ok(),
                Some("html") => bytes().trim_ascii_end().ends_with(b"</html>"),
                Some("safetensors") => safetensors::SafeTensors::deserialize(&bytes()).is_ok(),
                Some("png") => bytes().ends_with(b"IEND\xaeB`\x82"),
                Some("log") => true,
                Some("claim" | "ending") => serde_json::from_slice::<Value>(&bytes()).is_ok(),
                _ => name == ".gitignore" && bytes() == b"*\n",
            };
            assert!(is_whole, "{}", path.display());
        }
    }
}

fn nothing_is_left_over(project: &Project) {
    for folder in ["results", ".cache"] {
        for path in files(&project.path(folder)) {
            let text = path.display().to_string();
            assert!(!text.contains("/.partial-") && !text.contains("/failed/"), "{text}");
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).into_iter().flatten();
    let files = entries.filter(|entry| entry.file_type().is_file());
    files.map(walkdir::DirEntry::into_path).collect()
}

/// Holds what lies in the results to what an untouched sweep makes; before the command is given again it may lack some.
fn records_hold(expected: &BTreeMap<PathBuf, Value>) -> impl Fn(&Project, bool) + Sync {
    move |project, is_done| {
        let found = project.records("results");
        for (name, record) in &found {
            assert_eq!(Some(record), expected.get(name), "{}", name.display());
        }
        // What was there before is there.
        assert!(found.keys().any(|name| name.ends_with("simulated,naive.json")));
        if is_done {
            assert_eq!(found.len(), expected.len());
            assert!(project.read("results/report.html").contains("Tiny"));
        }
    }
}

#[test]
fn a_sweep_whose_calls_fail_loses_nothing_and_is_made_good_by_the_next() {
    let project = begun();
    let untouched = copy_of(&project);
    untouched.run(&SWEEP).exits(0).says("3 done");
    let expected = untouched.records("results");
    each_call(&FAULTS, &project, &SWEEP, records_hold(&expected));
}

#[test]
fn a_record_that_takes_another_name_is_at_one_of_both() {
    let project = begun();
    project.edit(
        "experiments/tiny.toml",
        "model = [\"lstm\", \"naive\", \"mean\"]",
        "model = [\"naive\"]",
    );
    let before = project.records("results");
    let before = before.values().next().expect("a record");
    project.edit("experiments/tiny.toml", "naive", "last");
    each_call(&FAULTS[..SOME], &project, &SWEEP, |project, is_done| {
        let found = project.records("results");
        // Never under none; under both where the old one could not be read, for then it was made anew.
        assert!(matches!(found.len(), 1 | 2), "{}", found.len());
        assert!(found.values().all(|record| record["predictions"] == before["predictions"]));
        assert!(!is_done || project.path("results/tiny/cells/simulated,last.json").exists());
    });
}

#[test]
fn a_report_that_cannot_be_written_leaves_the_one_that_is_there() {
    let project = begun();
    let before = project.read("results/report.html");
    project.edit("results/tiny/experiment.json", "Tiny", "Other");
    each_call(&FAULTS[..SOME], &project, &["report"], |project, is_done| {
        let found = project.read("results/report.html");
        // What cannot be read is told on the page, and the rest is shown.
        let is_told = !is_done && found.contains("What could not be read");
        assert!(found.contains("Other") || !is_done && found == before || is_told, "{found}");
    });
}

#[test]
fn what_prune_cannot_remove_is_told_and_the_rest_goes() {
    let project = begun();
    project.run(&SWEEP).exits(0);
    project.edit(
        "experiments/tiny.toml",
        "model = [\"lstm\", \"naive\", \"mean\"]",
        "model = [\"naive\"]",
    );
    each_call(
        &FAULTS[..SOME],
        &project,
        &["prune", "experiments", "--yes"],
        |project, is_done| {
            let left = project.records("results").len();
            assert!(left == 1 || !is_done && left > 1, "{left}");
            assert!(project.path("results/tiny/cells/simulated,naive.json").exists());
        },
    );
}

#[test]
fn fetched_weights_that_cannot_be_read_are_told_and_stay() {
    let project = begun();
    const FETCHED: &str = ".cache/fetched/resnet50-keras.safetensors";
    let other = "\u{2}\0\0\0\0\0\0\0{}";
    project.write(FETCHED, other);
    each_call(&FAULTS, &project, &["fetch"], |project, _| {
        assert_eq!(project.read(FETCHED), other)
    });
}

const CLIPS: &str = r#"
title = "Clips"

[dataset.moving]
kind = "simulated_clips"
clips = 8
size = 32
steps = [{ frames = 2 }, { resize = 32 }, { normalise = "imagenet" }]

[backbone]
kind = "resnet50"
weights = "random"
width = 8

[split]
kind = "stratified"
test = 0.5

[model.probe]
kind = "linear_probe"
"#;

#[test]
fn feature_maps_that_cannot_be_kept_are_told_and_computed_by_the_next_sweep() {
    let project = Project::new();
    project.write("experiments/clips.toml", CLIPS);
    let untouched = copy_of(&project);
    untouched.run(&SWEEP).exits(0).says("1 done");
    let expected = untouched.records("results");
    each_call(&FAULTS[..2], &project, &SWEEP, |project, is_done| {
        let found = project.records("results");
        assert!(found == expected || !is_done && found.is_empty());
        let maps = files(&project.path(".cache/features"));
        assert!(maps.len() == 8 || !is_done);
    });
}
