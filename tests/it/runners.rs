//! Several sweeps on one folder: the work is shared, each cell is computed once, and whoever is killed or stopped costs no record.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::processes::{ended, signal, start, wait_for, workers};
use crate::project::{Project, Ran};

const SWEEP: [&str; 4] = ["sweep", "experiments", "--jobs", "2"];

/// Cells of a moment: two baselines, each for some horizons and origins.
const MANY: &str = r#"
title = "Many"

[dataset.simulated]
kind = "simulated_prices"
days = 90

[window]
lookback = 8
horizon = 2

[split]
kind = "backtest"
origins = 10
validation = 0.2

[model.naive]
kind = "last_value"

[model.drift]
kind = "drift"

[grid]
model = ["naive", "drift"]
window.horizon = [1, 2, 3, 4, 5]
split.origins = [5, 6, 7, 8]
"#;

const CELLS: usize = 40;

fn many() -> Project {
    let project = Project::new();
    project.write("experiments/many.toml", MANY);
    project
}

fn untouched(project: &Project) -> BTreeMap<PathBuf, Value> {
    let elsewhere = ["sweep", "experiments", "--results", "untouched", "--cache", "other"];
    project.run(&elsewhere).exits(0);
    project.records("untouched")
}

/// Nothing is left but records, card and report.
fn is_tidy(project: &Project) {
    for folder in ["results", ".cache"] {
        for entry in walkdir::WalkDir::new(project.path(folder)).into_iter().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_left = name == ".claims" || name.starts_with(".partial-") || name.ends_with(".checkpoint");
            let is_end = entry.path().components().any(|part| part.as_os_str() == "ends");
            assert!(!is_left || is_end, "{}", entry.path().display());
        }
    }
}

/// `12` of `12 trained or computed now in 0.3 s, 28 by another runner`; 0 where nothing was to run.
fn computed(ran: &Ran) -> usize {
    let before = ran.stdout.split(" trained or computed now").next().unwrap_or_default();
    before.rsplit('(').next().and_then(|count| count.parse().ok()).unwrap_or(0)
}

#[test]
fn two_sweeps_share_the_work_and_compute_each_cell_once() {
    let project = many();
    let untouched = untouched(&project);
    // The second looks at what is there while the first is at its start, in its midst, at its end.
    for delay in (0..10).map(|step| Duration::from_millis(20 * step)) {
        let sweeps = [Duration::ZERO, delay].map(|delay| {
            sleep(delay);
            start(&mut project.command(&SWEEP))
        });
        let ran = sweeps.map(|sweep| ended(sweep).exits(0));
        assert!(ran.iter().all(|ran| ran.stdout.contains("40 done")), "{ran:?}");
        assert_eq!(ran.iter().map(computed).sum::<usize>(), CELLS, "{ran:?}");
        assert_eq!(project.records("results"), untouched);
        is_tidy(&project);
        // The report is not older than what it shows.
        let report = project.read("results/report.html");
        project.run(&["report"]).exits(0);
        assert_eq!(report, project.read("results/report.html"));
        fs::remove_dir_all(project.path("results")).expect("it can be removed");
    }
}

#[test]
fn two_caches_share_one_folder_of_results() {
    let project = many();
    let other = ["sweep", "experiments", "--cache", "other"];
    let sweeps = [&SWEEP[..], &other].map(|arguments| start(&mut project.command(arguments)));
    let ran = sweeps.map(|sweep| ended(sweep).exits(0));
    assert_eq!(ran.iter().map(computed).sum::<usize>(), CELLS, "{ran:?}");
    is_tidy(&project);
}

#[test]
fn a_sweep_that_is_killed_leaves_its_cells_to_the_other() {
    let project = Project::small();
    project.edit("experiments/small.toml", "epochs = 3", "epochs = 300");
    let untouched = untouched(&project);
    let mut first = start(&mut project.command(&SWEEP));
    wait_for("workers", || (workers(&project).len() == 2).then_some(()));
    let second = start(&mut project.command(&SWEEP));
    first.kill().expect("it can be killed");
    first.wait().expect("it has ended");
    ended(second).exits(0).says("5 done");
    assert_eq!(project.records("results"), untouched);
    is_tidy(&project);
}

/// Files below the results with all that they hold and when they were written.
fn files(project: &Project, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = walkdir::WalkDir::new(project.path(folder)).into_iter().flatten();
    let files = entries.filter(|entry| entry.file_type().is_file());
    files
        .map(|entry| (entry.path().to_owned(), fs::read(entry.path()).expect("a file")))
        .collect()
}

#[test]
fn an_owner_that_was_stopped_for_long_has_lost_its_cell_and_writes_nothing() {
    let project = Project::small();
    let often = "epochs = 1000\ncheckpoint = \"1 epoch\"";
    project.edit("experiments/small.toml", "epochs = 3", often);
    let sweep = |jobs: &str| {
        let mut command = project.command(&["sweep", "experiments", "--filter", "model=hybrid", "--jobs", jobs]);
        command.env("RUNNER_LEASE", "1");
        command
    };
    let first = start(&mut sweep("1"));
    let worker = wait_for("claim", || {
        let claims = fs::read_dir(project.path("results/.claims")).ok()?.flatten();
        let mut claims = claims.filter_map(|entry| fs::read_to_string(entry.path()).ok());
        let is_begun = project.path(".cache/logs/small").exists() && claims.any(|claim| claim.contains("small/"));
        is_begun.then(|| workers(&project).first().copied())?
    });
    signal("-STOP", worker);
    let listed = project.run(&["list", "experiments"]).exits(0).stdout;
    let running = listed.lines().find(|line| line.contains("running by ")).expect("it runs");
    // Not that it was tried before, for which its log would speak.
    assert!(running.contains("  missing; running by "), "{listed}");
    assert!(running.contains(&format!("process {worker}, since 20")), "{listed}");
    let cell = running.split_whitespace().next().expect("a cell");
    let explain = ["explain", cell, "experiments"];
    let said = project.run(&explain).exits(0).stdout;
    assert!(said.starts_with(&format!("small/{cell}: missing; running by ")), "{said}");
    assert!(
        said.contains("next     waits for the record of the runner that has it"),
        "{said}"
    );
    let json = project.run(&[&explain[..], &["--json"]].concat()).exits(0).stdout;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["running"]["process"], worker);
    assert_eq!(json["next"]["runs"], false);
    let ran = Ran::from(sweep("2").output().expect("it ends")).exits(0);
    assert_eq!(computed(&ran), 2, "{ran:?}");
    let before = files(&project, "results/small");
    signal("-CONT", worker);
    let ran = ended(first).exits(0);
    let told = "0 trained or computed now in ";
    assert!(
        ran.stdout.contains(told) && ran.stdout.contains(", 2 by another runner, 1 lost to another runner"),
        "{ran:?}"
    );
    assert!(ran.stderr.contains("another has taken it over"), "{ran:?}");
    assert_eq!(before, files(&project, "results/small"), "it has written nothing");
    is_tidy(&project);
}

#[test]
fn what_a_clock_says_of_a_claim_changes_nothing() {
    let project = many();
    let cell = "many/simulated,naive,origins=5,horizon=1";
    let claim = project
        .path("results/.claims")
        .join(format!("{}.claim", &blake3::hash(cell.as_bytes()).to_hex()[..32]));
    let beat = |beat: usize| {
        let owner = serde_json::json!({
            "beat": format!("{beat:012}"), "host": "elsewhere", "machine": "other", "process": 1, "began": 1,
            "token": "0123456789abcdef", "what": cell, "plan": null,
        });
        project.write("claim", &format!("{owner}\n"));
        let file = fs::File::options()
            .write(true)
            .open(project.path("claim"))
            .expect("it is there");
        let years = if beat.is_multiple_of(2) { 1 } else { 200 };
        let time = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(years * 365 * 24 * 3600);
        file.set_modified(time).expect("the time can be set");
        fs::create_dir_all(project.path("results/.claims")).expect("the folder can be made");
        fs::rename(project.path("claim"), &claim).expect("it can be put there");
    };
    beat(0);
    let mut sweep = start(&mut project.command(&SWEEP));
    wait_for("the other records", || {
        (project.records("results").len() == CELLS - 1).then_some(())
    });
    for count in 1..20 {
        beat(count);
        sleep(Duration::from_millis(50));
        assert!(sweep.try_wait().expect("it is there").is_none(), "it took over what beats");
    }
    project
        .run(&["list", "experiments"])
        .exits(0)
        .says("running by elsewhere, process 1");
    fs::remove_file(&claim).expect("it is there");
    ended(sweep).exits(0).says("40 done");
    is_tidy(&project);
    // And one that beats no more is taken over.
    fs::remove_dir_all(project.path("results")).expect("the results can go");
    beat(1);
    let mut command = project.command(&SWEEP);
    let ran = command.env("RUNNER_LEASE", "0.5").output().expect("it ends");
    assert_eq!(computed(&Ran::from(ran).exits(0).says("40 done")), CELLS);
    is_tidy(&project);
}

#[test]
fn shards_have_no_cell_in_common_and_all_of_them_every_cell() {
    let project = many();
    let untouched = untouched(&project);
    let shard = |part: &str| {
        let cache = format!("cache{}", &part[..1]);
        let arguments = ["sweep", "experiments", "--shard", part, "--cache", &cache];
        start(&mut project.command(&arguments))
    };
    let ran = ["1/2", "2/2"].map(shard).map(|sweep| ended(sweep).exits(0));
    let counts = ran.iter().map(computed).collect::<Vec<_>>();
    assert!(
        counts.iter().sum::<usize>() == CELLS && counts.iter().all(|count| *count > 5),
        "{ran:?}"
    );
    for (ran, count) in ran.iter().zip(counts) {
        assert!(ran.stdout.starts_with(&format!("{count} done")), "{ran:?}");
    }
    assert_eq!(project.records("results"), untouched);
    is_tidy(&project);
    let again = ["sweep", "experiments", "--shard", "1/2", "--force", "--dry-run"];
    let planned = project.run(&again).exits(0).stdout.matches("would run many/").count();
    assert_eq!(planned, computed(&ran[0]), "what is done moves no cell");
    for wrong in ["0/2", "3/2", "1", "a/b"] {
        project
            .run(&["sweep", "experiments", "--shard", wrong])
            .exits(2)
            .says("--shard");
    }
}

#[test]
fn runners_and_shards_that_are_killed_at_any_moment_lose_no_byte() {
    // More by hand: RUNNER_KILLS=2000
    let kills = std::env::var("RUNNER_KILLS").map_or(176, |kills| kills.parse().expect("a number"));
    let mut killed = 0;
    while killed < kills {
        let project = many();
        let untouched = untouched(&project);
        for round in 0.. {
            let shards = [["--shard", "1/2"], ["--shard", "2/2"]];
            let sweeps: Vec<Child> = (0..2)
                .map(|number| {
                    let more: &[&str] = if round % 3 == 2 { &shards[number] } else { &[] };
                    start(&mut project.command(&[&SWEEP[..], more].concat()))
                })
                .collect();
            sleep(Duration::from_millis((round * 37 % 11) * 12));
            killed += 1 + usize::from(round % 4 == 3);
            for (number, mut sweep) in sweeps.into_iter().enumerate() {
                match (number, round % 4) {
                    (0, 0) | (_, 3) => drop(sweep.kill()),
                    (0, _) => workers(&project).first().into_iter().for_each(|worker| kill(*worker)),
                    (_, 2) => {
                        // Nobody is killed who is asked: it saves and releases what it has.
                        drop(
                            std::process::Command::new("kill")
                                .args(["-INT", &sweep.id().to_string()])
                                .output(),
                        );
                    }
                    _ => {}
                }
                ended(sweep);
            }
            wait_for("end of the workers", || workers(&project).is_empty().then_some(()));
            if killed >= kills || files(&project, "results/many/cells").len() == CELLS {
                break;
            }
        }
        project.run(&SWEEP).exits(0).says("40 done");
        assert_eq!(project.records("results"), untouched);
        assert!(
            !Path::new(&project.path("results/many/failed")).exists() || {
                let failed = fs::read_dir(project.path("results/many/failed")).expect("a folder");
                failed.count() == 0
            }
        );
        is_tidy(&project);
    }
}

/// One that has ended meanwhile is none to kill.
fn kill(process: u32) {
    drop(
        std::process::Command::new("kill")
            .args(["-KILL", &process.to_string()])
            .output(),
    );
}
