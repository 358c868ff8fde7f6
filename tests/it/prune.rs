//! `runner prune`: what nothing needs is listed, with `--yes` removed, and nothing else is touched.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use serde_json::Value;

use crate::project::Project;

const PRUNE: [&str; 2] = ["prune", "experiments"];
const YES: [&str; 3] = ["prune", "experiments", "--yes"];

/// Every file below a folder with its bytes; of a link, where it leads.
fn files(project: &Project, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let root = project.path(folder);
    let mut found = BTreeMap::new();
    for entry in walkdir::WalkDir::new(&root).into_iter().flatten() {
        let path = entry.path().to_owned();
        if entry.path_is_symlink() {
            let target = fs::read_link(&path).expect("a link");
            found.insert(path, target.as_os_str().as_bytes().to_vec());
        } else if entry.file_type().is_file() {
            let bytes = fs::read(&path).expect("a file can be read");
            found.insert(path, bytes);
        }
    }
    found
}

/// Two experiments that are done; then one lost a seed and the other its file.
fn outgrown() -> Project {
    let project = Project::small();
    let other = project.read("experiments/small.toml").replace("Small", "Other");
    project.write("experiments/other.toml", &other);
    project.run(&["sweep", "experiments"]).exits(0);
    project.edit("experiments/small.toml", "seed = [0, 1]", "seed = [0]");
    fs::remove_file(project.path("experiments/other.toml")).expect("a file");
    project
}

#[test]
fn what_nothing_needs_is_listed_and_with_yes_removed() {
    let project = outgrown();
    let said = project.run(&["sweep", "experiments"]).exits(0);
    // Said where people look; the other experiment may only not be among these paths.
    let told = "2 records of cells that are no longer planned: simulated,hybrid,seed=1, \
        simulated,lstm,seed=1; `runner prune` removes them";
    let said = said.says(&format!("small: {told}"));
    assert!(!said.stderr.contains("other: "), "{}", said.stderr);
    project.run(&["list", "experiments"]).exits(0).says(told);
    let rows = project.run(&["list", "experiments", "--json"]).exits(0).stdout;
    let rows: Vec<Value> = serde_json::from_str(&rows).expect("JSON");
    let unplanned = rows.iter().filter(|row| row["state"] == "unplanned");
    assert_eq!(unplanned.count(), 2);
    let page = project.read("results/report.html");
    assert!(page.contains("Not shown: 2 records of cells"), "the report says so");

    let before = [files(&project, "results"), files(&project, ".cache")];
    let said = project.run(&PRUNE).exits(0);
    [
        "records of cells that are no longer planned: 2, ",
        "  results/small/cells/simulated,lstm,seed=1.json",
        "files of experiments that are gone: 6, ",
        "taken for gone, as experiments has no file of that name: other",
        "logs of cells that are no longer planned",
        "frozen plans that nobody runs",
        "nothing was removed: `--yes` removes them",
    ]
    .into_iter()
    .fold(said, crate::project::Ran::says);
    let json = project.run(&["prune", "experiments", "--json"]).exits(0).stdout;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["removed"], &json["gone"][0]), (&Value::Bool(false), &"other".into()));
    assert_eq!(before, [files(&project, "results"), files(&project, ".cache")]);

    let json = project.run(&["prune", "experiments", "--yes", "--json"]).exits(0).stdout;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let listed: Vec<&str> = json["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .flat_map(|group| group["files"].as_array().expect("files"))
        .map(|file| file["path"].as_str().expect("a path"))
        .collect();
    let after = [files(&project, "results"), files(&project, ".cache")];
    for (before, after) in before.iter().zip(&after) {
        for (path, bytes) in before {
            let is_listed = listed.iter().any(|listed| path.ends_with(listed));
            assert_eq!(after.get(path), (!is_listed).then_some(bytes), "{}", path.display());
        }
    }
    assert!(!project.path("results/other").exists());
    // Weights of the two networks that are left, and no others; nothing that is planned has to run again.
    let weights = fs::read_dir(project.path(".cache/weights")).expect("weights");
    assert_eq!(weights.count(), 2);
    project
        .run(&["sweep", "experiments"])
        .exits(0)
        .says("3 done (nothing to run)");
    project.run(&YES).exits(0).says("nothing to remove");
}

#[test]
fn nothing_is_removed_through_a_link_and_nothing_that_is_foreign() {
    let project = outgrown();
    project.write("mine/a-class0-00.png", "\u{89}PNG");
    project.write("mine/cells/x.json", &project.small_record("simulated,lstm,seed=1"));
    project.write("results/notes.txt", "mine");
    project.write("results/notes/a.txt", "mine");
    project.write("results/small/cells/mine.json", "{\"a\": 1}");
    project.write("results/small/cells/mine.txt", "mine");
    project.write("results/small/media/mine.png", "mine");
    project.write("results/small/media/mine-class0-00.png", "mine");
    project.write("results/other/notes.txt", "mine");
    project.write(".cache/notes.txt", "mine");
    project.write(".cache/weights/mine/last.safetensors", "mine");
    project.write(".cache/plans/mine.json", "{}");
    project.write(".cache/logs/mine.log", "mine");
    let link = |to: &str, at: &str| symlink(to, project.path(at)).expect("a link");
    link("../mine", "results/linked");
    link("../../mine/cells/x.json", "results/small/cells/linked.json");
    link("../../mine", "results/small/failed");
    link("../mine", ".cache/features");
    link("../../mine", ".cache/logs/linked");
    let key = "0".repeat(64);
    link("../../mine", &format!(".cache/weights/{key}"));
    let odd = std::ffi::OsStr::from_bytes(b"odd\xff.json");
    fs::write(project.path("results/small/cells").join(odd), "mine").expect("a file");

    let mine = files(&project, "mine");
    let said = project.run(&YES).exits(0);
    [
        "stays, not runner's: results/linked: a symbolic link",
        "stays, not runner's: results/notes.txt: not this program's",
        "stays, not runner's: results/notes: a folder of no experiment",
        "stays, not runner's: results/small/cells/linked.json: a symbolic link",
        "stays, not runner's: results/small/cells/mine.json: ",
        "stays, not runner's: results/small/cells/mine.txt: not this program's",
        "stays, not runner's: results/small/cells/odd\u{fffd}.json: the name is none",
        "stays, not runner's: results/small/failed: a symbolic link",
        "stays, not runner's: results/small/media/mine.png: not a picture",
        "stays, not runner's: results/small/media/mine-class0-00.png: not a picture",
        "stays, not runner's: results/other/notes.txt: not this program's",
        "stays: results/other: no file is called other, but it holds what is not this program's",
    ]
    .into_iter()
    .fold(said, crate::project::Ran::says);
    assert_eq!(mine, files(&project, "mine"));
    // Five records, a card, and what is foreign.
    assert_eq!(files(&project, "results/other").len(), 7);
    for name in [
        ".cache/notes.txt",
        ".cache/weights/mine/last.safetensors",
        ".cache/plans/mine.json",
        ".cache/logs/mine.log",
        ".cache/features/cells/x.json",
        ".cache/logs/linked",
        "results/small/failed/cells",
    ] {
        assert!(project.path(name).exists(), "{name}");
    }
    assert!(project.path(&format!(".cache/weights/{key}")).is_symlink());
    let removed = "results/small/cells/simulated,lstm,seed=1.json";
    assert!(!project.path(removed).exists());

    // A folder of results that is a link itself is listed, and nothing is removed below it.
    let project = outgrown();
    fs::rename(project.path("results"), project.path("elsewhere")).expect("a move");
    link_in(&project, "elsewhere", "results");
    let before = files(&project, "elsewhere");
    project.run(&YES).exits(1).says("results is a symbolic link to elsewhere");
    assert_eq!(before, files(&project, "elsewhere"));
}

fn link_in(project: &Project, to: &str, at: &str) {
    symlink(to, project.path(at)).expect("a link");
}

#[test]
fn nothing_goes_while_an_experiment_is_wrong_and_no_weights_while_data_hide_them() {
    let project = outgrown();
    project.write("experiments/broken.toml", "title = ");
    let before = files(&project, "results");
    project.run(&YES).exits(2);
    assert_eq!(before, files(&project, "results"));

    // Prices that are not here: whose weights these are cannot be told.
    let prices = project.read("experiments/small.toml").replace(
        "kind = \"simulated_prices\"\ndays = 90",
        "kind = \"prices\"\nfile = \"a.csv\"\nfeatures = [\"Price\"]\ntarget = \"Price\"\nunit = \"USD\"",
    );
    project.write("experiments/broken.toml", &prices);
    let weights = files(&project, ".cache/weights");
    let said = project.run(&YES).exits(0).says("stays: .cache/weights: which of ");
    said.says("a.csv");
    assert_eq!(weights, files(&project, ".cache/weights"));
    fs::remove_file(project.path("experiments/broken.toml")).expect("a file");
    project
        .run(&YES)
        .exits(0)
        .says("files of trained weights of no cell and no record");
    assert!(files(&project, ".cache/weights").len() < weights.len());
}

#[test]
fn what_a_sweep_runs_or_writes_stays() {
    let project = outgrown();
    let young = format!("results/small/cells/.partial-{}-{}-x", "00000000", std::process::id());
    let old = "results/small/cells/.partial-old";
    for name in [&young[..], old] {
        project.write(name, "cut o");
    }
    let day = std::time::Duration::from_secs(2 * 24 * 3600);
    let written = std::time::SystemTime::now() - day;
    let file = fs::File::options().write(true).open(project.path(old)).expect("a file");
    file.set_modified(written).expect("a time");
    // The plan of a sweep that runs, as the sweep itself holds it.
    let plans = files(&project, ".cache/plans");
    let plan = plans.keys().next().expect("a plan");
    let held = fs::File::open(plan).expect("a plan");
    held.lock_shared().expect("a lock");
    let weights = files(&project, ".cache/weights");
    project.run(&YES).exits(0).says("a sweep runs it, so all that it needs stays");
    assert!(project.path(&young).exists() && !project.path(old).exists());
    assert!(plan.exists());
    assert_eq!(weights, files(&project, ".cache/weights"));
    drop(held);
    project.run(&YES).exits(0).says("frozen plans that nobody runs: 1, ");
    assert!(!plan.exists() && files(&project, ".cache/weights").len() < weights.len());
}

#[test]
fn a_running_sweep_holds_its_plan() {
    use std::process::Stdio;
    let project = Project::small();
    project.edit("experiments/small.toml", "epochs = 3", "epochs = 20000");
    let mut command = project.command(&["sweep", "experiments", "--quiet"]);
    let mut sweep = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a sweep");
    let logs = project.path(".cache/logs/small");
    for _ in 0..600 {
        if fs::read_dir(&logs).is_ok_and(|logs| logs.count() > 0) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    // What runs is not what the file says now.
    project.edit("experiments/small.toml", "epochs = 20000", "epochs = 20001");
    let said = project.run(&YES);
    sweep.kill().expect("it runs");
    sweep.wait().expect("it ended");
    said.exits(0).says("a sweep runs it, so all that it needs stays");
    assert!(!files(&project, ".cache/plans").is_empty());
}

#[test]
fn a_limit_lets_go_what_was_used_least_recently_and_nothing_that_is_needed() {
    let project = Project::small();
    project.run(&["sweep", "experiments"]).exits(0);
    project.write(".cache/fetched/resnet50-keras.safetensors", &"w".repeat(1 << 20));
    let waiting = format!(".cache/checkpoints/{}/400-10-0.checkpoint", "a".repeat(64));
    project.write(&waiting, &"c".repeat(1 << 16));
    project.edit("experiments/small.toml", "seed = [0, 1]", "seed = [0, 1, 2]");
    project.run(&["sweep", "experiments", "--filter", "seed=2"]).exits(0);
    let bytes_of = |path: &PathBuf| path.metadata().expect("a file").len();
    let all = |folder: &str| -> u64 { files(&project, folder).keys().map(bytes_of).sum() };
    let (held, plans) = (all(".cache"), all(".cache/plans"));
    let before = files(&project, ".cache");
    // Used long ago but for one cell's; to read them would be to use them.
    let weights: Vec<PathBuf> = files(&project, ".cache/weights").into_keys().collect();
    let (recent, older) = weights.split_first().expect("weights");
    for path in older {
        let times = fs::FileTimes::new();
        let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(1_000_000);
        let file = fs::File::options().write(true).open(path).expect("a file");
        file.set_times(times.set_accessed(long_ago).set_modified(long_ago))
            .expect("times");
    }
    // As much too much as the old ones are long, but for a few bytes, when all is gone that nothing needs.
    let older_bytes: u64 = older.iter().map(bytes_of).sum();
    let limit = format!("{}B", held - (1 << 16) - plans - older_bytes + 10);
    let prune = ["prune", "experiments", "--cache-limit", &limit];
    let said = project.run(&prune).exits(0);
    let said = said.says("used least recently, over the limit of the cache: ");
    let said = said
        .says(".cache holds ")
        .says("fetched 1.00 MiB")
        .says("checkpoints of no cell");
    assert!(said.stdout.contains("checkpoints/"), "{}", said.stdout);
    assert!(before.keys().all(|path| path.exists()), "nothing was asked to go");
    // What an experiment that is not named here waits for goes with prune as before; without it the limit alone decides.
    fs::remove_file(project.path(&waiting)).expect("a file");
    let limit = format!("{}B", held - (1 << 16) - older_bytes + 10);
    let sweep = ["sweep", "experiments", "--cache-limit", &limit];
    let said = project.run(&sweep).exits(0).says("used least recently");
    assert!(!said.stderr.contains("warning"), "{}", said.stderr);
    assert!(recent.exists() && older.iter().all(|path| !path.exists()), "{}", said.stderr);
    assert!(all(".cache") <= held - (1 << 16) - older_bytes + 10);
    assert_eq!(all(".cache/plans"), plans);
    assert!(project.path(".cache/fetched/resnet50-keras.safetensors").exists());
    project.run(&["sweep", "experiments"]).exits(0).says("nothing to run");

    // What cannot be kept is told.
    project.write(&waiting, &"c".repeat(1 << 16));
    let said = project.run(&["sweep", "experiments", "--cache-limit", "1MB"]).exits(0);
    said.says("warning: .cache: 111.44 KiB more than --cache-limit: checkpoints of trainings that have no record yet");
    assert!(project.path(&waiting).exists() && !recent.exists());
    let prune = ["prune", "experiments", "--yes", "--cache-limit", "1MB"];
    project.run(&prune).exits(1).says("more than --cache-limit");
    project
        .run(&["prune", "experiments", "--cache-limit", "1"])
        .exits(2)
        .says("expected a size");
}

#[cfg(target_os = "linux")]
#[test]
fn a_limit_holds_while_the_sweep_runs_and_lets_its_cells_be() {
    use crate::processes::{a_worker, ended, signal, start, wait_for, workers};
    let project = Project::small();
    project.run(&["sweep", "experiments"]).exits(0);
    let older = files(&project, ".cache/weights");
    assert!(!older.is_empty());
    // Cells that run for as long as somebody looks.
    let endless = "epochs = 1000000\ncheckpoint = \"0.01 minutes\"";
    project.edit("experiments/small.toml", "epochs = 3", endless);
    let arguments = [
        "sweep",
        "experiments",
        "--jobs",
        "1",
        "--filter",
        "model=hybrid",
        "--cache-limit",
        "0B",
    ];
    let sweep = start(&mut project.command(&arguments));
    wait_for("end of the old weights", || {
        files(&project, ".cache/weights").is_empty().then_some(())
    });
    let worker = a_worker(&project);
    wait_for("checkpoint", || {
        (!files(&project, ".cache/checkpoints").is_empty()).then_some(())
    });
    assert!(!files(&project, ".cache/plans").is_empty() && !files(&project, ".cache/logs").is_empty());
    signal("-INT", sweep.id());
    let ran = ended(sweep).exits(130);
    ran.says("went for --cache-limit")
        .says("checkpoints of trainings that have no record yet");
    assert!(!workers(&project).contains(&worker));
    assert!(
        !files(&project, ".cache/checkpoints").is_empty(),
        "what goes on is no work of a moment"
    );
}

#[test]
fn a_limit_lets_be_what_a_sweep_needs_that_runs() {
    let project = Project::small();
    project.run(&["sweep", "experiments"]).exits(0);
    let weights = files(&project, ".cache/weights");
    // The plan of a sweep that runs, as the sweep itself holds it; its cells are to be done again.
    fs::remove_dir_all(project.path("results/small/cells")).expect("records");
    let plans = files(&project, ".cache/plans");
    let plan = plans.keys().next().expect("a plan");
    let held = fs::File::open(plan).expect("a plan");
    held.lock_shared().expect("a lock");
    let prune = ["prune", "experiments", "--yes", "--cache-limit", "0B"];
    project.run(&prune).exits(1).says("what a sweep needs that runs");
    assert_eq!(weights, files(&project, ".cache/weights"));
    drop(held);
    project.run(&prune).exits(0);
    assert!(files(&project, ".cache").is_empty());
}
