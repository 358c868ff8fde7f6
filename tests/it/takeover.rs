//! Records under another name than their cell has now: a sweep takes them over, and nothing is computed twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::project::Project;

const SWEEP: [&str; 2] = ["sweep", "experiments"];

/// `small`, swept, with its records under names of an earlier version.
fn earlier() -> Project {
    let project = Project::small();
    project.run(&SWEEP).exits(0);
    for (now, then) in [
        ("simulated,lstm,seed=0", "dataset=simulated,model=lstm"),
        ("simulated,lstm,seed=1", "dataset=simulated,model=lstm,seed=1"),
        ("simulated,hybrid,seed=0", "dataset=simulated,model=hybrid"),
        ("simulated,hybrid,seed=1", "dataset=simulated,model=hybrid,seed=1"),
        ("simulated,naive", "dataset=simulated,model=naive"),
    ] {
        rename(&project, "small", now, then);
    }
    project
}

fn rename(project: &Project, experiment: &str, from: &str, to: &str) {
    let path = |id: &str| project.path(&format!("results/{experiment}/cells/{id}.json"));
    fs::rename(path(from), path(to)).expect("a record is renamed");
}

/// Changes a record as if other code had made it.
fn recode(project: &Project, path: &str) {
    let mut record: Value = serde_json::from_str(&project.read(path)).expect("JSON");
    record["key"]["code"]["train"] = 99.into();
    project.write(path, &record.to_string());
}

/// Name of each record → its bytes.
fn bytes(project: &Project, experiment: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = project.path(&format!("results/{experiment}/cells"));
    let files = fs::read_dir(folder).expect("there are records").flatten();
    files
        .map(|file| {
            let name = file.file_name().to_string_lossy().replace(".json", "");
            (name, fs::read(file.path()).expect("a record can be read"))
        })
        .collect()
}

/// The same without what a record says of its earlier names.
fn but_for_names(records: &BTreeMap<String, Vec<u8>>) -> BTreeMap<&str, Value> {
    let record = |bytes: &Vec<u8>| {
        let mut record: Value = serde_json::from_slice(bytes).expect("a record is JSON");
        record["provenance"].as_object_mut().expect("a table").remove("taken_from");
        record
    };
    records.iter().map(|(name, bytes)| (name.as_str(), record(bytes))).collect()
}

/// The names that a record says it had before.
fn taken_from(project: &Project, experiment: &str, id: &str) -> Vec<String> {
    let record: Value = serde_json::from_slice(&bytes(project, experiment)[id]).expect("a record is JSON");
    let names = record["provenance"]["taken_from"].as_array().cloned().unwrap_or_default();
    names.iter().map(|name| name.as_str().expect("a name").to_owned()).collect()
}

fn names(project: &Project, experiment: &str) -> Vec<String> {
    bytes(project, experiment).into_keys().collect()
}

const SMALL: [&str; 5] = [
    "simulated,hybrid,seed=0",
    "simulated,hybrid,seed=1",
    "simulated,lstm,seed=0",
    "simulated,lstm,seed=1",
    "simulated,naive",
];

#[test]
fn the_first_sweep_renames_and_tells_it_once_and_readers_move_nothing() {
    let project = earlier();
    project.git(&["init", "--quiet"]);
    project.commit("earlier names");
    let before = bytes(&project, "small");
    project.run(&["report"]).exits(0);
    project
        .run(&["list", "experiments"])
        .exits(0)
        .says("missing: its record lies under another name, small/dataset=simulated,model=naive");
    let json = project.run(&["list", "experiments", "--json"]).exits(0).stdout;
    let rows: Vec<Value> = serde_json::from_str(&json).expect("JSON");
    assert_eq!(rows[4]["record"]["id"], "dataset=simulated,model=naive");
    project
        .run(&["explain", "simulated,naive", "experiments"])
        .exits(0)
        .says("reused   record: results/small/cells/dataset=simulated,model=naive.json")
        .says("next     gives the record this name and computes nothing");
    let listed = project.run(&["sweep", "experiments", "--dry-run"]).exits(0);
    [
        "would rename small/dataset=simulated,model=lstm → small/simulated,lstm,seed=0",
        "would rename small/dataset=simulated,model=naive → small/simulated,naive",
        "0 of 5 cells would run (5 under another name)",
    ]
    .into_iter()
    .fold(listed, crate::project::Ran::says);
    let json = project.run(&["sweep", "experiments", "--dry-run", "--json"]).exits(0);
    let rows: Vec<Value> = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[4]["state"], "renamed");
    assert_eq!(rows[4]["record"]["id"], "dataset=simulated,model=naive");
    assert_eq!(bytes(&project, "small"), before);

    project
        .run(&SWEEP)
        .exits(0)
        .says("5 done (nothing to run)")
        .says("note: 5 records take new names, e.g. small/dataset=simulated,model=lstm → small/simulated,lstm,seed=0");
    assert_eq!(names(&project, "small"), SMALL);
    let all = |records: &BTreeMap<String, Vec<u8>>| {
        let records = but_for_names(records).into_values();
        records.map(|record| record.to_string()).collect::<BTreeSet<_>>()
    };
    assert_eq!(all(&bytes(&project, "small")), all(&before));
    assert_eq!(
        taken_from(&project, "small", "simulated,naive"),
        ["small/dataset=simulated,model=naive"]
    );
    project
        .run(&["list", "experiments"])
        .exits(0)
        .says("simulated,naive          done; taken from small/dataset=simulated,model=naive");
    assert!(project.read("results/report.html").contains("taken_from"));
    let again = project.run(&SWEEP).exits(0);
    assert!(!again.stderr.contains("new name"), "{}", again.stderr);

    // Across the renaming, every record has its other half, in a working tree and in a commit.
    let told = "nothing changed, 5 cells the same, 5 under another name";
    project.diff(&["--fail-on-regress"]).exits(0).says(told);
    project.commit("names of today");
    project.diff(&["HEAD~1", "HEAD"]).exits(0).says(told);
    let json = project.diff(&["HEAD~1", "HEAD", "--json"]).exits(0).stdout;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        json["comparison"]["renamed"][4],
        serde_json::json!({"before": "small/dataset=simulated,model=naive", "after": "small/simulated,naive"})
    );
}

#[test]
fn a_filter_leaves_no_record_behind() {
    let project = earlier();
    project.run(&["sweep", "experiments", "--filter", "model=naive"]).exits(0);
    assert_eq!(names(&project, "small"), SMALL);
}

#[test]
fn what_is_called_otherwise_is_not_computed_again() {
    let project = Project::small();
    project.run(&SWEEP).exits(0);
    let before = bytes(&project, "small");
    // The model, the dataset, an axis that came.
    project.edit("experiments/small.toml", "model.lstm]", "model.net]");
    project.edit("experiments/small.toml", "\"lstm\", \"hybrid\"", "\"net\", \"hybrid\"");
    project.edit("experiments/small.toml", "dataset.simulated", "dataset.walk");
    project.edit(
        "experiments/small.toml",
        "seed = [0, 1]\n",
        "seed = [0, 1]\ntrain.batch_size = [16]\n",
    );
    project
        .run(&SWEEP)
        .exits(0)
        .says("(nothing to run)")
        .says("5 records take new names");
    assert_eq!(
        names(&project, "small"),
        [
            "walk,hybrid,batch_size=16,seed=0",
            "walk,hybrid,batch_size=16,seed=1",
            "walk,naive",
            "walk,net,batch_size=16,seed=0",
            "walk,net,batch_size=16,seed=1",
        ]
    );
    let now = bytes(&project, "small");
    assert_eq!(
        but_for_names(&now)["walk,net,batch_size=16,seed=1"],
        but_for_names(&before)["simulated,lstm,seed=1"]
    );

    // The experiment: its card still plans the cells, so they stay there until somebody removes them.
    fs::rename(project.path("experiments/small.toml"), project.path("experiments/large.toml")).expect("a file is renamed");
    project.run(&SWEEP).exits(0).says("(nothing to run)").says(
        "5 records are copied from other cells that are the same, e.g. small/walk,net,batch_size=16,seed=0 → large/walk,net",
    );
    assert_eq!(but_for_names(&bytes(&project, "large")), but_for_names(&now));
    assert_eq!(bytes(&project, "small"), now);
    assert_eq!(
        taken_from(&project, "large", "walk,naive"),
        ["small/simulated,naive", "small/walk,naive"]
    );
    project.run(&["prune", "experiments", "--yes"]).exits(0).says("small");
    assert!(!project.path("results/small").exists());
    project.run(&SWEEP).exits(0).says("5 done (nothing to run)");
}

#[test]
fn two_cells_that_are_the_same_are_computed_once() {
    let project = Project::small();
    project.run(&SWEEP).exits(0);
    let other = project.read("experiments/small.toml").replace("[0, 1]", "[1, 2]");
    project.write("experiments/other.toml", &other);
    let listed = project.run(&["sweep", "experiments", "--dry-run"]).exits(0);
    listed
        .says("would copy small/simulated,lstm,seed=1 → other/simulated,lstm,seed=1")
        .says("2 of 10 cells would run");
    project.run(&SWEEP).exits(0).says("2 trained or computed now");
    let (small, other) = (bytes(&project, "small"), bytes(&project, "other"));
    let id = "simulated,lstm,seed=1";
    assert_eq!(but_for_names(&small)[id], but_for_names(&other)[id]);
    assert_eq!((small.len(), other.len()), (5, 5));
}

const PRICES: &str = r#"
[dataset.litecoin]
kind = "prices"
file = "FIRST.csv"
date = "Date"
features = ["Close"]
target = "Close"
unit = "USD"

[dataset.monero]
kind = "prices"
file = "SECOND.csv"
date = "Date"
features = ["Close"]
target = "Close"
unit = "USD"

[window]
lookback = 5
horizon = 1

[split]
kind = "backtest"
origins = 5

[model.lstm]
kind = "lstm"
hidden = [3]

[model.naive]
kind = "last_value"

[train]
epochs = 1
batch_size = 8
loss = "mse"
optimizer = "adam"
learning_rate = 0.01

[grid]
dataset = ["litecoin", "monero"]
model = ["lstm", "naive"]
"#;

/// Two datasets of the same settings, whose cells only their data tell apart.
fn two_datasets() -> Project {
    let project = Project::new();
    for (name, step) in [("one", 1.0), ("two", -0.5)] {
        let row = |day: u32| {
            let price = 100.0 + step * f64::from(day) + f64::from(day * day % 7);
            format!("2024-{:02}-{:02},{price}\n", day / 28 + 1, day % 28 + 1)
        };
        let rows: String = (0..56).map(row).filter(|row| !row.starts_with("2024-03")).collect();
        project.write(&format!("data/{name}.csv"), &format!("Date,Close\n{rows}"));
    }
    let text = PRICES.replace("unit = \"USD\"", "unit = \"USD\"\ncalendar = \"any\"");
    project.write(
        "experiments/coins.toml",
        &text.replace("FIRST", "one").replace("SECOND", "two"),
    );
    project.run(&SWEEP).exits(0);
    project
}

#[test]
fn data_tell_apart_what_settings_do_not() {
    let project = two_datasets();
    let before = bytes(&project, "coins");
    let text = project.read("experiments/coins.toml");
    // Each dataset takes the other's name: every record is that of another cell now.
    let swapped = text
        .replace("one.csv", "?")
        .replace("two.csv", "one.csv")
        .replace('?', "two.csv");
    project.write("experiments/coins.toml", &swapped);
    // A filter that holds back half of them overwrites none.
    project
        .run(&["sweep", "experiments", "--filter", "dataset=litecoin"])
        .exits(0)
        .says("2 done (nothing to run)");
    let after = bytes(&project, "coins");
    assert_eq!(after.len(), 4);
    for model in ["lstm", "naive"] {
        let [litecoin, monero] = ["litecoin", "monero"].map(|dataset| format!("{dataset},{model}"));
        let [before, after] = [&before, &after].map(but_for_names);
        let (litecoin, monero) = (litecoin.as_str(), monero.as_str());
        assert_ne!(before[litecoin], before[monero]);
        assert_eq!(after[litecoin], before[monero]);
        assert_eq!(after[monero], before[litecoin]);
        assert_eq!(taken_from(&project, "coins", litecoin), [format!("coins/{monero}")]);
        assert_eq!(taken_from(&project, "coins", monero), [format!("coins/{litecoin}")]);
    }
    // Back where they were made, they are what they were.
    project.write("experiments/coins.toml", &text);
    project.run(&SWEEP).exits(0).says("4 done (nothing to run)");
    assert_eq!(bytes(&project, "coins"), before);
}

#[test]
fn without_data_nothing_is_taken_over_and_nothing_that_may_be_is_pruned() {
    let project = two_datasets();
    for model in ["lstm", "naive"] {
        rename(
            &project,
            "coins",
            &format!("litecoin,{model}"),
            &format!("dataset=litecoin,model={model}"),
        );
    }
    fs::rename(project.path("data"), project.path("elsewhere")).expect("a folder is renamed");
    let before = names(&project, "coins");
    project.run(&SWEEP).exits(3);
    assert_eq!(names(&project, "coins"), before);
    let said = project.run(&["prune", "experiments", "--yes"]).exits(0);
    said.says("cells/dataset=litecoin,model=lstm.json and 1 more: a cell of another name has those settings");
    assert_eq!(names(&project, "coins"), before);
    project
        .run(&["sweep", "experiments", "--data", "elsewhere"])
        .exits(0)
        .says("2 records take new names");
}

#[test]
fn what_a_sweep_would_take_over_is_not_pruned() {
    let project = earlier();
    let before = names(&project, "small");
    project
        .run(&["prune", "experiments", "--yes"])
        .exits(0)
        .says("`runner sweep` takes the record over");
    assert_eq!(names(&project, "small"), before);
    // Nor an experiment of another name that has it.
    project.run(&SWEEP).exits(0);
    fs::rename(project.path("experiments/small.toml"), project.path("experiments/new.toml")).expect("a rename");
    project.run(&["prune", "experiments", "--yes"]).exits(0);
    assert_eq!(names(&project, "small"), SMALL);
    assert!(project.path("results/small/experiment.json").exists());
    project.run(&SWEEP).exits(0).says("(nothing to run)");
}

#[test]
fn a_broken_or_stale_record_is_never_taken_over() {
    let project = earlier();
    let cell = |id: &str| format!("results/small/cells/dataset=simulated,{id}.json");
    // Made by other code, cut off, and with a score that its predictions do not give.
    recode(&project, &cell("model=lstm"));
    let whole = project.read(&cell("model=hybrid"));
    project.write(&cell("model=hybrid"), &whole[..whole.len() / 2]);
    let mut altered: Value = serde_json::from_str(&project.read(&cell("model=naive"))).expect("JSON");
    altered["metrics"]["mae"] = 0.001.into();
    project.write(&cell("model=naive"), &altered.to_string());
    let said = project.run(&SWEEP).exits(0);
    said.says("2 records take new names").says("3 trained or computed now");
    let names = names(&project, "small");
    assert_eq!(names.len(), 8, "{names:?}");
    for id in ["model=lstm", "model=hybrid", "model=naive"] {
        assert!(project.path(&cell(id)).exists());
    }
}

#[test]
fn a_sweep_that_ended_between_two_records_goes_on() {
    let project = earlier();
    let whole = bytes(&project, "small");
    // One is there under both names, one was put aside and one has said its name, the others still wait.
    let said = "results/small/cells/dataset=simulated,model=hybrid.json";
    let mut record: Value = serde_json::from_str(&project.read(said)).expect("JSON");
    record["provenance"]["taken_from"] = serde_json::json!(["small/dataset=simulated,model=hybrid"]);
    project.write(said, &record.to_string());
    let path = |id: &str| project.path(&format!("results/small/cells/{id}.json"));
    fs::copy(path("dataset=simulated,model=lstm"), path("simulated,lstm,seed=0")).expect("a copy");
    rename(&project, "small", "dataset=simulated,model=naive", "moving~0123456789ab");
    project
        .run(&SWEEP)
        .exits(0)
        .says("(nothing to run)")
        .says("4 records take new names");
    let now = bytes(&project, "small");
    assert_eq!(
        but_for_names(&now)["simulated,naive"],
        but_for_names(&whole)["dataset=simulated,model=naive"]
    );
    assert!(SMALL.iter().all(|name| now.contains_key(*name)));
    assert_eq!(
        taken_from(&project, "small", "simulated,hybrid,seed=0"),
        ["small/dataset=simulated,model=hybrid"]
    );
    assert!(
        taken_from(&project, "small", "simulated,naive").is_empty(),
        "where it made room is no name"
    );
}

#[test]
fn a_base_value_that_no_cell_reads_changes_nothing() {
    let project = Project::small();
    project.edit(
        "experiments/small.toml",
        "seed = [0, 1]",
        "seed = [0, 1]\ntrain.learning_rate = [0.1, 0.001]",
    );
    project.git(&["init", "--quiet"]);
    project.run(&SWEEP).exits(0);
    project.commit("first");
    let before = bytes(&project, "small");
    project.edit("experiments/small.toml", "\nlearning_rate = 0.01", "\nlearning_rate = 0.1");
    let said = project.run(&SWEEP).exits(0).says("(nothing to run)");
    assert!(!said.stderr.contains("new name"), "{}", said.stderr);
    assert_eq!(bytes(&project, "small"), before);
    project
        .diff(&["--fail-on-regress"])
        .exits(0)
        .says("nothing changed, 9 cells the same");
}

#[test]
fn seeds_are_one_group_whatever_their_names_are() {
    let project = Project::small();
    project.git(&["init", "--quiet"]);
    project.run(&SWEEP).exits(0);
    // As an earlier version cut long names: the seed is in a digest.
    rename(&project, "small", "simulated,lstm,seed=0", "a-long-name~0a1b2c3d4e5f");
    rename(&project, "small", "simulated,lstm,seed=1", "a-long-name~f5e4d3c2b1a0");
    project.commit("first");
    for id in ["a-long-name~0a1b2c3d4e5f", "a-long-name~f5e4d3c2b1a0"] {
        recode(&project, &format!("results/small/cells/{id}.json"));
    }
    let said = project.diff(&[]).exits(0).stdout;
    assert!(said.contains("2 changed") && said.contains("· 2 seeds"), "{said}");
}
