//! A training that is cut off, whenever and however often, goes on where it was and ends in the bytes of one that was not.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::processes::{ended, signal, start, wait_for, workers};
use crate::project::{Project, Ran};

const SWEEP: [&str; 4] = ["sweep", "experiments", "--jobs", "2"];

/// Early stopping and a plateau that are both reached.
const WATCHED: &str = "early_stopping = { patience = 60 }\nreduce_learning_rate = { factor = 0.7, patience = 5 }\n";

/// The small project with trainings of a second or more, for only those have the time for a checkpoint.
fn slow() -> Project {
    let project = Project::small();
    for (before, after) in [
        ("days = 90", "days = 2000"),
        ("hidden = [5]", "hidden = [16]"),
        ("lstm = [4, 3]", "lstm = [16, 16]"),
    ] {
        project.edit("experiments/small.toml", before, after);
    }
    project
}

/// The same with so many epochs, saved as often as the time allows.
fn project(epochs: usize) -> Project {
    let project = slow();
    let more = format!("epochs = {epochs}\ncheckpoint = \"1 epoch\"\n{WATCHED}");
    project.edit("experiments/small.toml", "epochs = 3\n", &more);
    project
}

/// What the records of such a project are where nothing is cut off.
fn untouched(project: &Project) -> BTreeMap<PathBuf, Value> {
    let elsewhere = ["sweep", "experiments", "--results", "untouched", "--cache", "other"];
    project.run(&elsewhere).exits(0);
    project.records("untouched")
}

/// The files of that ending below a folder of the cache, sorted.
fn files(project: &Project, folder: &str) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(project.path(folder)).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    files.sort();
    files
}

fn checkpoints(project: &Project) -> Vec<PathBuf> {
    files(project, ".cache/checkpoints")
}

/// Runs the rest, and holds the records to those of an untouched sweep, with nothing left over.
fn ends_untouched(project: &Project, untouched: &BTreeMap<PathBuf, Value>) -> Ran {
    let ran = project.run(&SWEEP).exits(0).says("5 done");
    assert_eq!(project.records("results"), *untouched);
    assert_eq!(checkpoints(project), Vec::<PathBuf>::new());
    for file in files(project, ".cache") {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
        assert!(!name.unwrap_or_default().starts_with(".partial-"), "{}", file.display());
    }
    ran
}

/// Starts a sweep, waits until a training is saved, and interrupts it.
fn interrupted(project: &Project) -> Ran {
    let sweep = start(&mut project.command(&SWEEP));
    wait_for("checkpoint", || (!checkpoints(project).is_empty()).then_some(()));
    signal("-INT", sweep.id());
    ended(sweep).exits(130)
}

#[test]
fn workers_and_sweeps_that_are_killed_at_any_moment_lose_no_byte() {
    // More by hand: RUNNER_KILLS=2000
    let kills = std::env::var("RUNNER_KILLS").map_or(24, |kills| kills.parse().expect("a number"));
    let mut killed = 0;
    let mut went_on = 0;
    while killed < kills {
        let project = project(300);
        let untouched = untouched(&project);
        // Until all is done, or enough.
        for round in 0.. {
            let mut sweep = start(&mut project.command(&SWEEP));
            sleep(Duration::from_millis(150 + 97 * (round * 7 % 11)));
            match round % 3 {
                0 => drop(sweep.kill()),
                1 => workers(&project).first().into_iter().for_each(|worker| kill(*worker)),
                _ => workers(&project).into_iter().for_each(kill),
            }
            killed += 1;
            if round % 3 == 2 {
                // The others go on; so that the next round has something to kill.
                drop(sweep.kill());
            }
            let ran = if round % 3 == 1 {
                signal("-INT", sweep.id());
                ended(sweep)
            } else {
                ended(sweep)
            };
            went_on += ran.stderr.matches("goes on in epoch").count();
            wait_for("end of the workers", || workers(&project).is_empty().then_some(()));
            if killed >= kills || project.records("results").len() == 5 {
                break;
            }
        }
        ends_untouched(&project, &untouched);
    }
    assert!(went_on > 0, "no training went on in {killed} kills");
}

/// One that has ended meanwhile is none to kill.
fn kill(process: u32) {
    drop(
        std::process::Command::new("kill")
            .args(["-KILL", &process.to_string()])
            .output(),
    );
}

#[test]
fn an_interruption_saves_the_last_step_and_says_where_it_goes_on() {
    let project = project(300);
    let untouched = untouched(&project);
    let ran = interrupted(&project);
    let told: Vec<&str> = ran.stderr.lines().filter(|line| line.ends_with(", goes on there")).collect();
    assert!(!told.is_empty(), "{}", ran.stderr);
    // `  small/CELL: in epoch 55 of 300, goes on there`
    for line in told {
        let (cell, place) = line.trim().split_once(": ").expect("a cell and its place");
        let place = place.trim_end_matches(", goes on there");
        let id = cell.trim_start_matches("small/");
        let listed = project.run(&["list", "experiments"]).exits(0);
        let listed = listed
            .stdout
            .lines()
            .find(|line| line.contains(id))
            .expect("it is listed")
            .to_owned();
        assert!(listed.ends_with(&format!("missing; goes on {place}")), "{listed}");
        project
            .run(&["explain", cell, "experiments"])
            .exits(0)
            .says("reused   checkpoint: .cache/checkpoints/")
            .says(&format!(" ({place})"));
        let dry = project.run(&["sweep", "experiments", "--dry-run"]).exits(0);
        dry.says(&format!("would run {cell}  (missing; goes on {place})"));
    }
    let rows = project.run(&["list", "experiments", "--json"]).exits(0).stdout;
    let rows: Vec<Value> = serde_json::from_str(&rows).expect("JSON");
    assert!(rows.iter().any(|row| row["goes_on"]["epochs"] == 300));
    ends_untouched(&project, &untouched).says("goes on in epoch");
}

#[test]
fn everything_ends_within_a_second_and_at_a_second_request_at_once() {
    for requests in [&["-INT"][..], &["-TERM"], &["-HUP"], &["-INT", "-INT"]] {
        if requests == ["-HUP"] && is_hangup_ignored() {
            continue; // so it is by the sweep
        }
        let project = project(100_000);
        let sweep = start(&mut project.command(&SWEEP));
        wait_for("workers", || (workers(&project).len() == 2).then_some(()));
        let asked = Instant::now();
        for request in requests {
            signal(request, sweep.id());
            sleep(Duration::from_millis(20));
        }
        wait_for("end of the workers", || workers(&project).is_empty().then_some(()));
        let took = asked.elapsed();
        let ran = ended(sweep).exits(130);
        // Within a second by themselves; a machine that does much else needs longer, and a hang is found all the same.
        assert!(took < Duration::from_secs(5), "{requests:?} took {took:?}: {}", ran.stderr);
        assert!(workers(&project).is_empty());
        assert!(
            !project.path("results/small/failed").exists(),
            "an interruption is no failure"
        );
    }
}

/// Whether this test was started by `nohup` or its like.
fn is_hangup_ignored() -> bool {
    let status = fs::read_to_string("/proc/self/status").expect("Linux has /proc");
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .expect("it says what is ignored");
    u64::from_str_radix(mask.trim(), 16).expect("a mask") & 1 == 1
}

#[test]
fn workers_whose_sweep_was_killed_save_their_last_step() {
    let project = project(300);
    let untouched = untouched(&project);
    let mut sweep = start(&mut project.command(&SWEEP));
    wait_for("checkpoint", || (!checkpoints(&project).is_empty()).then_some(()));
    sweep.kill().expect("it can be killed");
    sweep.wait().expect("it has ended");
    wait_for("end of the workers", || workers(&project).is_empty().then_some(()));
    project.run(&["list", "experiments"]).exits(0).says("goes on in epoch");
    ends_untouched(&project, &untouched).says("goes on in epoch");
}

#[test]
fn a_cell_that_runs_alone_is_saved_on_request_and_goes_on() {
    let project = project(300);
    let untouched = untouched(&project);
    interrupted(&project);
    let plan = files(&project, ".cache/plans").remove(0);
    let plan = plan.to_str().expect("a plain path");
    let id = "simulated,hybrid,seed=1";
    let arguments = ["run", plan, id];
    let run = start(&mut project.command(&arguments));
    sleep(Duration::from_millis(1500)); // it trains by then, on a busy machine too
    signal("-TERM", run.id());
    let ran = ended(run).exits(130);
    assert!(ran.stderr.contains("interrupted in epoch "), "{}", ran.stderr);
    project.run(&arguments).exits(0).says("goes on in epoch");
    let record: Value = serde_json::from_str(&project.small_record(id)).expect("a record");
    let expected = &untouched[Path::new(&format!("small/cells/{id}.json"))];
    assert_eq!(record["predictions"], expected["predictions"]);
    ends_untouched(&project, &untouched);
}

#[test]
fn a_checkpoint_that_is_damaged_or_foreign_is_told_and_passed_over() {
    let project = project(300);
    let untouched = untouched(&project);
    let damages: [fn(&[PathBuf]); 5] = [cut_short, flipped, of_another_cell, of_another_version, all_damaged];
    for damage in damages {
        let found = wait_for("two checkpoints of a cell", || {
            drop(interrupted(&project));
            let found = checkpoints(&project);
            let of_one = |file: &PathBuf| found.iter().filter(|other| other.parent() == file.parent()).count() == 2;
            found.iter().any(of_one).then_some(found.clone())
        });
        damage(&found);
        let said = ends_untouched(&project, &untouched);
        assert!(said.stderr.contains("was passed over: it is "), "{}", said.stderr);
        fs::remove_dir_all(project.path("results")).expect("the results can go");
    }
}

/// The furthest checkpoint of each cell.
fn furthest(found: &[PathBuf]) -> Vec<&PathBuf> {
    let numbers = |file: &Path| -> Vec<usize> {
        let name = file.file_stem().and_then(|name| name.to_str()).expect("a plain name");
        name.split('-').map(|number| number.parse().expect("a number")).collect()
    };
    let is_last = |file: &&PathBuf| {
        let same = found.iter().filter(|other| other.parent() == file.parent());
        same.max_by_key(|other| numbers(other)) == Some(file)
    };
    found.iter().filter(is_last).collect()
}

fn change(file: &Path, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = fs::read(file).expect("a checkpoint");
    change(&mut bytes);
    fs::write(file, bytes).expect("it can be changed");
}

fn cut_short(found: &[PathBuf]) {
    furthest(found)
        .into_iter()
        .for_each(|file| change(file, |bytes| bytes.truncate(bytes.len() / 2)));
}

fn flipped(found: &[PathBuf]) {
    let flip = |bytes: &mut Vec<u8>| {
        let at = bytes.len() / 2;
        bytes[at] ^= 4;
    };
    furthest(found).into_iter().for_each(|file| change(file, flip));
}

fn of_another_cell(found: &[PathBuf]) {
    let other = furthest(found)[0];
    let own = found.iter().find(|file| file.parent() != other.parent());
    let own = own.expect("two cells ran").with_file_name("300-299-0.checkpoint");
    fs::copy(other, own).expect("it can be copied");
}

fn of_another_version(found: &[PathBuf]) {
    let earlier = |bytes: &mut Vec<u8>| {
        let mut body = bytes[..bytes.len() - 32].to_vec();
        let (ours, theirs) = (br#"{\"version\":1,"#, br#"{\"version\":0,"#);
        let at = body
            .windows(ours.len())
            .position(|text| text == ours)
            .expect("it says its version");
        body[at..at + theirs.len()].copy_from_slice(theirs);
        *bytes = [&body[..], blake3::hash(&body).as_bytes()].concat();
    };
    furthest(found).into_iter().for_each(|file| change(file, earlier));
}

fn all_damaged(found: &[PathBuf]) {
    found.iter().for_each(|file| change(file, Vec::clear));
}

#[test]
fn a_cell_whose_epochs_alone_grew_goes_on_from_its_end() {
    let project = slow();
    project.edit("experiments/small.toml", "epochs = 3\n", "epochs = 200\n");
    project.edit(
        "experiments/small.toml",
        "model = [\"lstm\", \"hybrid\", \"naive\"]",
        "model = [\"hybrid\"]",
    );
    project.run(&["sweep", "experiments"]).exits(0).says("2 done");
    assert_eq!(files(&project, ".cache/ends").len(), 2);
    project.edit("experiments/small.toml", "epochs = 200", "epochs = 240");
    let told = "train.epochs 200 → 240; goes on in epoch 201 of 240";
    project.run(&["list", "experiments"]).exits(0).says(told);
    project
        .run(&["explain", "simulated,hybrid,seed=0", "experiments"])
        .exits(0)
        .says("reused   last weights: .cache/ends/")
        .says("(of the same training with 200 epochs)")
        .says("next     trains epochs 201 to 240");
    project
        .run(&["sweep", "experiments"])
        .exits(0)
        .says("goes on in epoch 201 of 240");
    let went_on = project.records("results");
    let elsewhere = ["sweep", "experiments", "--results", "other", "--cache", "other"];
    project.run(&elsewhere).exits(0);
    assert_eq!(went_on, project.records("other"));
    assert_eq!(files(&project, ".cache/ends").len(), 2, "the furthest end stays");
    // What is asked for again begins again, and a record that is gone proves nothing when it is made from its own end.
    let ran = project.run(&["sweep", "experiments", "--force"]).exits(0);
    assert!(!ran.stderr.contains("goes on"), "{}", ran.stderr);
    fs::remove_dir_all(project.path("results")).expect("the results can go");
    let ran = project.run(&["sweep", "experiments"]).exits(0);
    assert!(!ran.stderr.contains("goes on"), "{}", ran.stderr);
    assert_eq!(went_on, project.records("results"));
}

#[test]
fn what_is_asked_for_again_begins_again_and_keeps_its_record_until_it_is_done() {
    let project = project(300);
    interrupted(&project);
    let ran = project.run(&["sweep", "experiments", "--force"]).exits(0);
    assert!(!ran.stderr.contains("goes on"), "{}", ran.stderr);
    let before = project.records("results");
    let sweep = start(&mut project.command(&["sweep", "experiments", "--force"]));
    wait_for("checkpoint", || (!checkpoints(&project).is_empty()).then_some(()));
    signal("-INT", sweep.id());
    let ran = ended(sweep).exits(130);
    assert!(!ran.stderr.contains("goes on"), "{}", ran.stderr);
    ran.says("has its earlier record; `--force` begins again");
    project.run(&SWEEP).exits(0).says("nothing to run");
    assert_eq!(before, project.records("results"));
    assert_eq!(checkpoints(&project), Vec::<PathBuf>::new());
}

#[test]
fn prune_keeps_checkpoints_of_cells_that_wait_and_no_others() {
    let project = project(300);
    interrupted(&project);
    let before = checkpoints(&project);
    project.run(&["prune", "experiments", "--yes"]).exits(0);
    assert_eq!(checkpoints(&project), before);
    project.edit("experiments/small.toml", "batch_size = 16", "batch_size = 17");
    project
        .run(&["prune", "experiments", "--yes"])
        .exits(0)
        .says("checkpoints of no cell that waits to be trained: ");
    assert_eq!(checkpoints(&project), Vec::<PathBuf>::new());
    // A cell that was cut off between its record and the removal of its checkpoints.
    project.edit("experiments/small.toml", "batch_size = 17", "batch_size = 16");
    interrupted(&project);
    let left = checkpoints(&project);
    let kept: Vec<(&PathBuf, Vec<u8>)> = left.iter().map(|file| (file, fs::read(file).expect("bytes"))).collect();
    project.run(&SWEEP).exits(0);
    for (file, bytes) in kept {
        fs::create_dir_all(file.parent().expect("a folder")).expect("it can be made");
        fs::write(file, bytes).expect("it can be written");
    }
    project.run(&SWEEP).exits(0).says("nothing to run");
    assert_eq!(checkpoints(&project), Vec::<PathBuf>::new());
    let is_end = |said: &Ran| said.stdout.contains("ends of trainings");
    assert!(!is_end(&project.run(&["prune", "experiments"]).exits(0)));
}

#[test]
fn when_to_save_changes_no_record_and_never_saves_nothing() {
    let project = project(150);
    project.run(&SWEEP).exits(0);
    let before = project.records("results");
    assert!(!project.small_record("simulated,lstm,seed=0").contains("checkpoint"));
    project.edit("experiments/small.toml", "\"1 epoch\"", "\"never\"");
    project.run(&SWEEP).exits(0).says("nothing to run");
    project.run(&["sweep", "experiments", "--force", "--cache", "other"]).exits(0);
    assert_eq!(before, project.records("results"));
    assert!(!project.path("other/checkpoints").exists() && !project.path("other/ends").exists());
    // Nor is anything saved on the way out.
    project.edit("experiments/small.toml", "epochs = 150", "epochs = 100000");
    let sweep = start(&mut project.command(&["sweep", "experiments", "--results", "r", "--cache", "r"]));
    wait_for("worker", || project.path("r/logs/small").exists().then_some(()));
    sleep(Duration::from_millis(500));
    signal("-INT", sweep.id());
    ended(sweep).exits(130).says("begins again");
    assert!(!project.path("r/checkpoints").exists());
}
