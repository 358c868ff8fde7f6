//! `runner sweep`, `run`, `list`: nothing is lost, nothing is done twice, equal runs are equal.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::project::Project;

const SWEEP: [&str; 2] = ["sweep", "experiments"];

#[test]
fn a_second_sweep_trains_nothing_and_says_so() {
    let project = Project::small();
    project.run(&SWEEP).exits(0).says("5 done (5 trained");
    let before = project.small_record("simulated,lstm,seed=1");
    project.run(&SWEEP).exits(0).says("5 done (nothing to run)");
    assert_eq!(before, project.small_record("simulated,lstm,seed=1"));
    assert!(project.read("results/report.html").contains("Small"));
}

#[test]
fn records_do_not_depend_on_jobs_or_on_the_sweep() {
    let project = Project::small();
    project
        .run(&["sweep", "experiments", "--jobs", "1", "--results", "one", "--cache", "a"])
        .exits(0);
    project
        .run(&["sweep", "experiments", "--jobs", "2", "--results", "two", "--cache", "b"])
        .exits(0);
    project
        .run(&["sweep", "experiments", "--jobs", "5", "--results", "five", "--cache", "c"])
        .exits(0);
    let records = project.records("one");
    assert_eq!(records.len(), 5);
    assert_eq!(records, project.records("two"));
    assert_eq!(records, project.records("five"));
    assert_eq!(
        project.read("one/small/experiment.json"),
        project.read("two/small/experiment.json")
    );
}

#[test]
fn a_worker_runs_one_cell_after_the_other_and_each_has_its_own_log() {
    let project = Project::small();
    let run = |jobs: &str| {
        project.run(&["sweep", "experiments", "--force", "--jobs", jobs]).exits(0);
        ["lstm,seed=0", "hybrid,seed=1", "naive"].map(|id| project.read(&format!(".cache/logs/small/simulated,{id}.log")))
    };
    let logs = run("1");
    assert_eq!(logs, run("5"));
    assert!(logs[..2].iter().all(|log| log.matches("epoch 3/3").count() == 1), "{logs:?}");
    assert_eq!(logs[2], "");
}

#[test]
fn a_seed_changes_the_record_and_a_baseline_has_none() {
    let project = Project::small();
    project.run(&SWEEP).exits(0);
    let records = project.records("results");
    let metrics = |id: &str| records[&std::path::PathBuf::from(format!("small/cells/{id}.json"))]["metrics"].clone();
    assert_ne!(metrics("simulated,lstm,seed=0"), metrics("simulated,lstm,seed=1"));
    let naive = metrics("simulated,naive");
    assert_eq!(naive["relative_mae"], 1.0);
}

#[test]
fn what_changed_is_run_again_and_named() {
    let project = Project::small();
    project.run(&SWEEP).exits(0);
    project.edit("experiments/small.toml", "epochs = 3", "epochs = 4");
    project
        .run(&["list", "experiments"])
        .exits(0)
        .says("stale: train.epochs 3 → 4")
        .says("1 done");
    project
        .run(&["sweep", "experiments", "--dry-run"])
        .exits(0)
        .says("4 of 5 cells would run");
    project.run(&SWEEP).exits(0).says("5 done (4 trained");
    // Titles and report declarations are in no key.
    project.edit("experiments/small.toml", "title = \"Small\"", "title = \"Other\"");
    project.run(&SWEEP).exits(0).says("nothing to run");
}

#[test]
fn a_new_axis_keeps_every_old_record() {
    let project = Project::small();
    project.run(&SWEEP).exits(0);
    project.edit(
        "experiments/small.toml",
        "seed = [0, 1]",
        "seed = [0, 1]\ntrain.batch_size = [16, 32]",
    );
    project
        .run(&["sweep", "experiments", "--dry-run"])
        .exits(0)
        .says("4 of 9 cells would run");
}

#[test]
fn a_diverging_cell_fails_alone_with_its_reason_and_its_log() {
    let project = Project::small();
    project.edit(
        "experiments/small.toml",
        "learning_rate = 0.01",
        "learning_rate = 0.01\noptimizer.kind = \"sgd\"",
    );
    project.edit("experiments/small.toml", "optimizer = \"adam\"\n", "");
    project.edit(
        "experiments/small.toml",
        "seed = [0, 1]",
        "seed = [0, 1]\ntrain.learning_rate = [0.01, 1e6]",
    );
    let ran = project
        .run(&SWEEP)
        .exits(1)
        .says("failed cells:")
        .says("the training loss became")
        .says("lower train.learning_rate");
    assert!(ran.stderr.contains(".log"), "{}", ran.stderr);
    assert_eq!(project.records("results").len(), 5);
    let failed = "results/small/failed/simulated,lstm,learning_rate=1000000.json";
    assert!(
        project.path(failed).exists()
            || std::fs::read_dir(project.path("results/small/failed"))
                .expect("failures are kept")
                .count()
                == 4
    );
    // Tried once: the same settings would fail the same way.
    project.run(&SWEEP).exits(1).says("not tried again").says("nothing to run");
    project
        .run(&["sweep", "experiments", "--retry-failed"])
        .exits(1)
        .says("failed cells:");
    assert!(project.read("results/report.html").contains("the training loss became"));
}

#[test]
fn missing_data_block_their_cells_alone() {
    let project = Project::small();
    project.edit(
        "experiments/small.toml",
        "[window]",
        "[dataset.real]\nkind = \"prices\"\nfile = \"real.csv\"\nfeatures = [\"Price\"]\ntarget = \"Price\"\n\n[window]",
    );
    project.edit(
        "experiments/small.toml",
        "[grid]",
        "[grid]\ndataset = [\"simulated\", \"real\"]",
    );
    project
        .run(&SWEEP)
        .exits(3)
        .says("blocked: data missing")
        .says("real.csv")
        .says("5 done, 5 blocked");
    // With the data there, the rest runs; without them again, the records stand.
    project.write("data/real.csv", &prices(90));
    project.run(&SWEEP).exits(0).says("10 done (5 trained");
    std::fs::remove_file(project.path("data/real.csv")).expect("the data can be removed");
    project.run(&SWEEP).exits(0).says("nothing to run");
    project.run(&["list", "experiments"]).exits(0).says("done (data not checked)");
    // Other data make other records.
    project.write("data/real.csv", &prices(91));
    project.run(&["list", "experiments"]).exits(0).says("stale: the data");
}

#[test]
fn wrong_data_fail_with_file_line_and_column() {
    let project = Project::small();
    project.edit(
        "experiments/small.toml",
        "kind = \"simulated_prices\"\ndays = 90",
        "kind = \"prices\"\nfile = \"real.csv\"\nfeatures = [\"Price\"]\ntarget = \"Price\"",
    );
    project.write("data/real.csv", &prices(90).replace("2020-01-05,", "2020-01-05,x"));
    project.run(&SWEEP).exits(1).says("real.csv:6").says("Price");
    project.run(&["check", "experiments"]).exits(1).says("real.csv:6");
}

#[test]
fn an_interrupted_sweep_exits_130_and_the_next_one_goes_on() {
    let project = Project::small();
    project.edit("experiments/small.toml", "epochs = 3", "epochs = 200000");
    let mut command = project.command(&["sweep", "experiments", "--jobs", "2"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("runner starts");
    // The baseline's cell is done in a moment; the networks' would take hours.
    let log = project.path(".cache/logs/small");
    let deadline = Instant::now() + Duration::from_secs(30);
    while !std::fs::read_dir(&log).is_ok_and(|logs| logs.count() >= 2) {
        assert!(Instant::now() < deadline, "no worker started");
        std::thread::sleep(Duration::from_millis(20));
    }
    let stop = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(stop.is_ok_and(|status| status.success()));
    let ran = crate::project::Ran::from(child.wait_with_output().expect("runner ends"));
    ran.exits(130).says("the next sweep runs them");
    assert!(
        !project.path("results/small/failed").exists(),
        "an interruption is no failure"
    );
    project.edit("experiments/small.toml", "epochs = 200000", "epochs = 3");
    project.run(&SWEEP).exits(0).says("5 done");
}

#[test]
fn a_record_that_was_cut_off_is_made_again() {
    let project = Project::small();
    project.run(&SWEEP).exits(0);
    let id = "simulated,lstm,seed=1";
    let (whole, before) = (project.small_record(id), project.records("results"));
    project.write(&format!("results/small/cells/{id}.json"), &whole[..whole.len() / 2]);
    project
        .run(&["list", "experiments"])
        .exits(0)
        .says("is not what this program writes");
    project.run(&SWEEP).exits(0).says("5 done (1 trained");
    assert_eq!(before, project.records("results"));
}

#[test]
fn a_cell_can_be_run_alone_from_a_plan() {
    let project = Project::small();
    project.run(&SWEEP).exits(0);
    let plan = std::fs::read_dir(project.path(".cache/plans"))
        .expect("plans are kept")
        .flatten()
        .next()
        .expect("a plan")
        .path();
    let before = project.small_record("simulated,lstm,seed=1");
    let plan = plan.to_str().expect("a plain path");
    project
        .run(&["run", plan, "simulated,lstm,seed=1"])
        .exits(0)
        .says("epoch 3/3");
    let after = project.small_record("simulated,lstm,seed=1");
    let numbers = |text: &str| text[..text.find("\"provenance\"").expect("a record has provenance")].to_owned();
    assert_eq!(numbers(&before), numbers(&after));
    project
        .run(&["run", plan, "model=none"])
        .exits(1)
        .says("the plan holds no cell `model=none`");
}

#[test]
fn quick_tries_do_not_mix_with_real_results() {
    let project = Project::small();
    let set = ["sweep", "experiments", "--set", "train.epochs=1"];
    project.run(&set).exits(2).says("--results");
    project
        .run(&[&set[..], &["--results", "scratch"]].concat())
        .exits(0)
        .says("5 done");
    let records = project.records("scratch");
    let epochs = records
        .values()
        .filter_map(|record| record["history"]["loss"].as_array())
        .map(Vec::len);
    assert_eq!(epochs.max(), Some(1));
}

#[test]
fn filters_choose_cells() {
    let project = Project::small();
    project
        .run(&["sweep", "experiments", "--filter", "model=lstm", "--filter", "seed=1"])
        .exits(0)
        .says("1 done");
    project
        .run(&["sweep", "experiments", "--filter", "model=gru"])
        .exits(2)
        .says("no cell matches");
    let ran = project.run(&["list", "experiments", "--json"]).exits(0);
    let cells: serde_json::Value = serde_json::from_str(&ran.stdout).expect("--json prints JSON alone");
    let done = cells
        .as_array()
        .expect("a list")
        .iter()
        .filter(|cell| cell["state"] == "done");
    assert_eq!(done.clone().count(), 1);
    assert!(done.clone().all(|cell| cell["metrics"]["mae"].is_f64()));
}

#[test]
fn a_wrong_experiment_exits_2_and_shows_every_mistake() {
    let project = Project::small();
    project.edit("experiments/small.toml", "hidden = [5]", "hiden = [5]");
    project.edit("experiments/small.toml", "epochs = 3", "epochs = 0");
    for command in ["check", "list", "sweep"] {
        let ran = project
            .run(&[command, "experiments"])
            .exits(2)
            .says("did you mean `hidden`?")
            .says("at least 1");
        assert!(ran.stderr.contains("experiments/small.toml:"), "{}", ran.stderr);
    }
    assert!(!project.path("results").exists());
}

/// A price file of that many days, from the first of January 2020.
fn prices(days: usize) -> String {
    let mut text = String::from("Date,Price\n");
    for day in 0..days {
        text.push_str(&format!("{},{}\n", calendar_day(day), 50.0 + (day % 9) as f64));
    }
    text
}

/// The ISO date that many days after the first of January 2020.
fn calendar_day(day: usize) -> String {
    let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (mut left, mut month) = (day, 0);
    while left >= lengths[month] {
        left -= lengths[month];
        month += 1;
    }
    format!("2020-{:02}-{:02}", month + 1, left + 1)
}
