//! Signals, killed and stopped processes, a replaced program, folders that cannot be written.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::processes::{a_worker, ended, signal, start, wait_for, workers};
use crate::project::{Project, Ran};

/// A project whose cells train for a while, but not for ever.
fn slow() -> Project {
    let project = Project::small();
    project.edit("experiments/small.toml", "epochs = 3", "epochs = 600");
    project
}

#[test]
fn workers_end_with_a_sweep_that_was_killed() {
    let project = slow();
    let mut sweep = start(&mut project.command(&["sweep", "experiments", "--jobs", "2"]));
    a_worker(&project);
    sweep.kill().expect("it can be killed");
    sweep.wait().expect("it has ended");
    wait_for("end of the workers", || workers(&project).is_empty().then_some(()));
    // What was cut off is not there in part, and what was left is swept up.
    project.edit("experiments/small.toml", "epochs = 600", "epochs = 3");
    project.write("results/small/cells/.partial-x-1-y", "left by nobody knows whom");
    project.run(&["sweep", "experiments"]).exits(0).says("5 done (5 trained");
}

#[test]
fn a_signal_that_was_ignored_stays_ignored_and_others_interrupt() {
    let project = slow();
    let runner = env!("CARGO_BIN_EXE_runner");
    for (trap, code) in [("trap '' HUP INT; ", 0), ("", 130)] {
        let folder = project.path(".");
        let script = format!(
            "{trap}exec {runner} sweep experiments --force --jobs 1 --set train.epochs=200 --results r --cache .cache"
        );
        let sweep = start(Command::new("sh").args(["-c", &script]).current_dir(folder));
        a_worker(&project);
        for name in ["-HUP", "-INT"] {
            signal(name, sweep.id());
            if code == 130 {
                break;
            }
        }
        let ran = ended(sweep).exits(code);
        if code == 130 {
            ran.says("interrupted: ").says("the next sweep runs");
        }
        assert_eq!(workers(&project), Vec::<u32>::new());
    }
}

#[test]
fn workers_run_the_program_that_the_sweep_runs() {
    let project = slow();
    let program = project.path("program");
    fs::copy(env!("CARGO_BIN_EXE_runner"), &program).expect("the program can be copied");
    let arguments = [
        "sweep",
        "experiments",
        "--jobs",
        "1",
        "--set",
        "train.epochs=200",
        "--results",
        "r",
    ];
    let sweep = start(Command::new(&program).args(arguments).current_dir(project.path(".")));
    a_worker(&project);
    fs::remove_file(&program).expect("it can be replaced while it runs");
    fs::write(&program, "#!/bin/sh\nexit 7\n").expect("another is put there");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it can be run");
    ended(sweep).exits(0).says("5 done");
}

#[test]
fn a_worker_that_is_stopped_is_ended_where_that_is_asked_for() {
    let project = slow();
    let arguments = [
        "sweep",
        "experiments",
        "--jobs",
        "1",
        "--cell-timeout",
        "4s",
        "--set",
        "train.epochs=300",
        "--results",
        "r",
    ];
    let sweep = start(&mut project.command(&arguments));
    signal("-STOP", a_worker(&project));
    let ran = ended(sweep).exits(1);
    ran.says("told of no epoch for 4s and was ended")
        .says("4 done")
        .says("1 failed");
    // It was the surroundings, not the cell: the next sweep tries it again.
    let again = ["sweep", "experiments", "--set", "train.epochs=300", "--results", "r"];
    project.run(&again).exits(0).says("5 done (1 trained");
}

#[test]
fn a_folder_that_cannot_be_written_stops_the_sweep_before_it_trains() {
    for place in ["results/small/cells", ".cache/logs", ".cache/weights"] {
        let project = slow();
        project.write(place, "a file where a folder should be");
        let started = Instant::now();
        let ran = project.run(&["sweep", "experiments"]).exits(1);
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains(place), "{ran:?}");
        assert!(!Path::new(&project.path(".cache/logs/small")).exists(), "{place}");
        assert!(started.elapsed() < Duration::from_secs(30));
    }
}

#[test]
fn a_record_that_cannot_be_written_stops_the_sweep() {
    // Before the worker has its first cell, about then, and while it trains.
    for (is_held, wait) in [(true, 0), (false, 0), (false, 10), (false, 300)] {
        let project = slow();
        let sweep = start(&mut project.command(&["sweep", "experiments", "--jobs", "1"]));
        let worker = a_worker(&project);
        if is_held {
            signal("-STOP", worker);
        }
        sleep(Duration::from_millis(wait));
        fs::remove_dir_all(project.path("results/small/cells")).expect("the folder is there");
        project.write("results/small/cells", "a file where a folder should be");
        if is_held {
            signal("-CONT", worker);
        }
        let ran = ended(sweep).exits(1);
        let ran = ran.says("no further cell was started");
        assert_eq!(ran.stderr.matches("failed  [").count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn a_standard_output_that_takes_no_more_does_not_keep_the_report_back() {
    let project = Project::small();
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    let mut command = project.command(&["sweep", "experiments"]);
    let output = command.stdout(full.expect("Linux has /dev/full")).output();
    let ran = Ran::from(output.expect("it ends")).exits(1);
    ran.says("failed to write to standard output");
    assert!(project.read("results/report.html").contains("Small"));
}

#[test]
fn an_experiment_whose_name_begins_with_a_dash_runs() {
    let project = Project::small();
    let text = project.read("experiments/small.toml");
    project.write("experiments/-dash.toml", &text);
    project.run(&["sweep", "experiments"]).exits(0).says("10 done");
}
