//! Folders that vanish, limits of the process, symbolic links in a circle, a clock that jumps.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::library::{Fault, suffer, under};
use crate::processes::{a_worker, ended, start, wait_for};
use crate::project::{Project, Ran};

const SWEEP: [&str; 4] = ["sweep", "experiments", "--jobs", "2"];

#[test]
fn a_limit_on_the_length_of_files_is_an_error_and_no_death() {
    let project = Project::small();
    let mut reached = Vec::new();
    // In blocks of half a kilobyte: too little for the plan, for a log or weights, for a record, for the report.
    for blocks in [1, 8, 24, 48] {
        let runner = env!("CARGO_BIN_EXE_runner");
        let script = format!("ulimit -f {blocks}; exec {runner} sweep experiments --jobs 1");
        let output = Command::new("sh")
            .args(["-c", &script])
            .current_dir(project.path("."))
            .output();
        let ran = Ran::from(output.expect("it ends")).exits(1);
        let ran = ran.says("File too large (os error 27); raise the limit on the length of files");
        assert!(!ran.stderr.contains("signal"), "{}", ran.stderr);
        reached.push(project.records("results").len());
        assert!(!project.path("results/report.html").exists());
    }
    assert_eq!(reached.last(), Some(&5), "{reached:?}");
    project.run(&SWEEP).exits(0).says("5 done");
}

#[test]
fn folders_that_vanish_while_a_sweep_runs_are_made_again_by_it_or_the_next() {
    let untouched = Project::small();
    untouched.edit("experiments/small.toml", "epochs = 3", "epochs = 200");
    untouched.run(&SWEEP).exits(0);
    for folder in ["results", ".cache"] {
        let project = Project::small();
        project.edit("experiments/small.toml", "epochs = 3", "epochs = 200");
        let sweep = start(&mut project.command(&SWEEP));
        a_worker(&project);
        // Somebody may be writing into it.
        wait_for("removal", || fs::remove_dir_all(project.path(folder)).ok());
        let ran = ended(sweep);
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        assert!(ran.code == Some(0) || ran.code == Some(1), "{ran:?}");
        if ran.code == Some(0) {
            assert_eq!(project.records("results").len(), 5, "{ran:?}");
        }
        project.run(&SWEEP).exits(0).says("5 done");
        assert_eq!(project.records("results"), untouched.records("results"));
    }
}

#[test]
fn links_in_a_circle_are_told() {
    let project = Project::small();
    let prices = "kind = \"prices\"\nfile = \"a.csv\"\nfeatures = [\"Price\"]\ntarget = \"Price\"\nunit = \"USD\"";
    let text = project.read("experiments/small.toml");
    project.write(
        "experiments/prices.toml",
        &text.replace("kind = \"simulated_prices\"\ndays = 90", prices),
    );
    fs::create_dir(project.path("data")).expect("a folder can be made");
    symlink("a.csv", project.path("data/a.csv")).expect("a link can be made");
    let circle = ": Too many levels of symbolic links (os error 40); symbolic links lead round in a circle there";
    let check = project.run(&["check", "experiments"]).exits(1);
    check.says(&format!("cannot read data/a.csv{circle}"));
    fs::remove_file(project.path("experiments/prices.toml")).expect("it can be removed");
    symlink("results", project.path("results")).expect("a link can be made");
    project.run(&SWEEP).exits(1).says(circle);
    fs::remove_file(project.path("results")).expect("it can be removed");
    symlink(".cache", project.path(".cache")).expect("a link can be made");
    project.run(&SWEEP).exits(1).says(circle);
    fs::remove_file(project.path(".cache")).expect("it can be removed");
    project.run(&SWEEP).exits(0).says("5 done");
}

#[test]
fn a_clock_that_jumps_changes_nothing() {
    let untouched = Project::small();
    untouched.run(&SWEEP).exits(0);
    let ten_years = (10 * 365 * 24 * 3600).to_string();
    let project = Project::small();
    let jumping = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        let command = under(&mut command, &project, Fault::none("")).env("FAULTS_JUMP", &ten_years);
        Ran::from(command.output().expect("it ends")).exits(0)
    };
    jumping(&SWEEP).says("5 done");
    assert_eq!(project.records("results"), untouched.records("results"));
    jumping(&SWEEP).says("5 done (nothing to run)");
    assert!(!jumping(&["prune", "experiments"]).stdout.contains("leftovers"));
    project.edit("experiments/small.toml", "naive", "last");
    jumping(&SWEEP).says("5 done (nothing to run)");
    jumping(&["report"]);
}

#[test]
fn on_a_full_disk_the_ends_of_trainings_give_their_room() {
    let untouched = Project::small();
    untouched.run(&SWEEP).exits(0);
    let end = format!(".cache/ends/{}/20.checkpoint", "a".repeat(64));
    let full = |from: u64| Fault {
        error: libc::ENOSPC,
        from,
        ..Fault::none("open")
    };
    let prepared = || {
        let project = Project::small();
        project.write(&end, &"e".repeat(1 << 20));
        project
    };
    let sweep = ["sweep", "experiments", "--jobs", "1"];
    let calls = suffer(&prepared(), &sweep, full(0)).calls;
    // The first is in the sweep itself, the middle one in a worker, the last is the report's.
    for from in [1, calls / 2, calls] {
        let project = prepared();
        let ran = suffer(&project, &sweep, full(from)).ran.exits(0);
        ran.says("the disk is full: checkpoints gave 1.00 MiB of it");
        assert!(!project.path(&end).exists(), "{from}");
        assert_eq!(project.records("results"), untouched.records("results"));
    }
}
