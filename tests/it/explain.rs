//! `runner explain` names the part of the key that decides, its place, and what is reused; `list` and `--dry-run` say the reason.

use serde_json::Value;

use crate::project::Project;

const SWEEP: [&str; 2] = ["sweep", "experiments"];
const CELL: &str = "simulated,lstm,seed=0";

fn explained(project: &Project, cell: &str) -> String {
    project.run(&["explain", cell, "experiments"]).exits(0).stdout
}

fn as_json(project: &Project, arguments: &[&str]) -> Value {
    let arguments = [&["explain", CELL, "experiments", "--json"], arguments].concat();
    serde_json::from_str(&project.run(&arguments).exits(0).stdout).expect("JSON")
}

/// The settings that decide, and where each stands.
fn deciding(explanation: &Value) -> Vec<(String, Value)> {
    let settings = explanation["key"]["settings"].as_array().expect("a list").iter();
    let decide = settings.filter(|setting| setting["decides"] == true);
    let path = |setting: &Value| setting["path"].as_str().expect("a path").to_owned();
    decide.map(|setting| (path(setting), setting["whence"].clone())).collect()
}

/// The line of a text in the experiment's file.
fn place(project: &Project, text: &str) -> String {
    let file = project.read("experiments/small.toml");
    let line = file.lines().position(|line| line.contains(text)).expect("it stands there");
    format!("experiments/small.toml:{}", line + 1)
}

#[test]
fn the_setting_that_decides_is_named_with_its_place() {
    let project = Project::small();
    project.run(&SWEEP).exits(0);
    let said = explained(&project, CELL);
    assert!(said.starts_with("small/simulated,lstm,seed=0: done\n"), "{said}");
    assert!(said.contains("nothing: the record is valid"), "{said}");

    project.edit("experiments/small.toml", "epochs = 3", "epochs = 4");
    project.edit(
        "experiments/small.toml",
        "learning_rate = 0.01\n",
        "learning_rate = 0.01\ncheckpoint = \"never\"\n",
    );
    let at = place(&project, "epochs = 4");
    let said = explained(&project, CELL).replace(&at, "HERE");
    let made = said
        .lines()
        .find(|line| line.contains("made 20"))
        .expect("when it was made")
        .to_owned();
    insta::assert_snapshot!(said.replace(&made, "         made THEN"), @r"
    small/simulated,lstm,seed=0: stale
    record   results/small/cells/simulated,lstm,seed=0.json
             made THEN
    key      train.epochs       3 → 4      ← decides  HERE
             settings           29 others  the same
             data               dd78d453   the same   simulated prices, seed 0: 90 rows until 2018-03-31
             parts of the code  all 11     the same
    next     trains 4 epochs
    ");
    project
        .run(&["sweep", "experiments", "--dry-run"])
        .exits(0)
        .says("would run small/simulated,lstm,seed=0  (stale: train.epochs 3 → 4)");

    // The grid, the file that is extended, an option.
    project.edit("experiments/small.toml", "epochs = 4", "epochs = 3");
    project.edit(
        "experiments/small.toml",
        "seed = [0, 1]",
        "seed = [0, 1]\nwindow.lookback = [9]",
    );
    project
        .run(&["explain", "simulated,lstm,lookback=9,seed=0", "experiments"])
        .exits(0);
    let grid = project.run(&["explain", "small/simulated,lstm,lookback=9,seed=0", "experiments", "--json"]);
    let grid: Value = serde_json::from_str(&grid.exits(0).stdout).expect("JSON");
    assert_eq!(grid["nearest"]["id"], "simulated,lstm,seed=0");
    assert_eq!(grid["nearest"]["differs"][0], "window.lookback 8 → 9");
    let lookback = grid["key"]["settings"].as_array().expect("a list").iter();
    let lookback = lookback.clone().find(|setting| setting["path"] == "window.lookback");
    assert_eq!(
        lookback.expect("it is a setting")["whence"],
        serde_json::json!({ "place": place(&project, "window.lookback"), "by": "grid" })
    );
    project.edit("experiments/small.toml", "\nwindow.lookback = [9]", "");
    let small = project.read("experiments/small.toml");
    project.write("base.toml", &small.replace("batch_size = 16", "batch_size = 8"));
    project.write("experiments/small.toml", "extends = \"../base.toml\"\n");
    let found = deciding(&as_json(&project, &[]));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "train.batch_size");
    assert_eq!(found[0].1["by"], "extended");
    let extended = found[0].1["place"].as_str().expect("a place");
    assert!(extended.starts_with("experiments/../base.toml:"), "{extended}");
    project.write("experiments/small.toml", &small);
    std::fs::rename(project.path("results"), project.path("tried")).expect("a folder is renamed");
    let found = deciding(&as_json(&project, &["--set", "train.loss=mae", "--results", "tried"]));
    let by = serde_json::json!({ "place": "--set train.loss=mae", "by": "option" });
    assert_eq!(found, [("train.loss".to_owned(), by)]);
}

#[test]
fn code_and_what_does_not_count_are_told_apart() {
    let project = Project::small();
    project.run(&["sweep", "experiments", "--filter", "seed=0"]).exits(0);
    let path = format!("results/small/cells/{CELL}.json");
    let mut record: Value = serde_json::from_str(&project.read(&path)).expect("JSON");
    record["key"]["code"]["train"] = 99.into();
    record["key"]["code"]["metric"] = 99.into();
    project.write(&path, &record.to_string());
    project.edit("experiments/small.toml", "dataset.simulated]", "dataset.walk]");
    let said = explained(&project, "walk,lstm,seed=0");
    // Its record is not even looked for under the old name: other code made it.
    assert!(
        said.contains("missing: computed before") && said.contains("differs in code of train 99 → "),
        "{said}"
    );
    project.edit("experiments/small.toml", "dataset.walk]", "dataset.simulated]");
    let explanation = as_json(&project, &[]);
    let code = explanation["key"]["code"].as_array().expect("a list").iter();
    let decide: Vec<&Value> = code.filter(|part| part["decides"] == true).collect();
    assert_eq!(decide.len(), 1, "{decide:?}");
    assert_eq!(decide[0]["part"], "train");
    assert!(explained(&project, CELL).contains("← decides  by this version of runner"));
}

const PRICES: &str = r#"
[dataset.acme]
kind = "prices"
file = "acme.csv"
date = "Date"
features = ["Close"]
target = "Close"
unit = "USD"
calendar = "any"

[window]
lookback = 5
horizon = 1

[split]
kind = "backtest"
origins = 5

[model.naive]
kind = "last_value"
"#;

#[test]
fn data_that_changed_are_told_by_their_file_and_their_rows() {
    let project = Project::new();
    let rows = |count: u32| -> String {
        (1..=count)
            .map(|day| format!("2024-01-{day:02},{}\n", 100 + day % 5))
            .collect()
    };
    project.write("experiments/acme.toml", PRICES);
    project.write("data/acme.csv", &format!("Date,Close\n{}", rows(27)));
    project.run(&SWEEP).exits(0);
    let explained = || explained(&project, "acme,naive");
    project.write("data/acme.csv", &format!("Date,Close\n{}", rows(28)));
    project.run(&["list", "experiments"]).exits(0).says("stale: the data");
    let said = explained();
    let change = "acme.csv: 27 rows until 2024-01-27 → 28 rows until 2024-01-28";
    assert!(said.contains(change) && said.contains("← decides"), "{said}");
    let other = format!("Date,Close\n{}", rows(27).replace("2024-01-09,104", "2024-01-09,103"));
    project.write("data/acme.csv", &other);
    let said = explained();
    assert!(
        said.contains("27 rows until 2024-01-27 as before, with other values"),
        "{said}"
    );
    // The card of today does not know the data of the record any more.
    std::fs::remove_file(project.path("results/acme/experiment.json")).expect("the card can be removed");
    assert!(explained().contains("now, not known how many then"));
    // Names, paths and units are no part of the numbers.
    project.write("data/acme.csv", &format!("Date,Close\n{}", rows(27)));
    project.edit("experiments/acme.toml", "\"USD\"", "\"EUR\"");
    let said = explained();
    assert!(said.starts_with("acme/acme,naive: done\n"), "{said}");
    assert!(
        said.contains("\"USD\" → \"EUR\"") && said.contains("does not count"),
        "{said}"
    );
    std::fs::remove_dir_all(project.path("data")).expect("the data can be removed");
    let said = explained();
    assert!(said.starts_with("acme/acme,naive: done (data not checked)\n"), "{said}");
    assert!(said.contains("not checked     missing"), "{said}");
    assert!(said.contains("as far as can be told without the data"), "{said}");
    project.edit("experiments/acme.toml", "horizon = 1", "horizon = 2");
    let said = explained();
    assert!(
        said.starts_with("acme/acme,naive: blocked: ")
            && said.contains("window.horizon     1 → 2")
            && said.contains("nothing: it waits for what is not here"),
        "{said}"
    );
}

#[test]
fn a_cell_without_a_record_says_what_became_of_it() {
    let project = Project::small();
    project.edit("experiments/small.toml", "optimizer = \"adam\"", "optimizer = \"sgd\"");
    project.edit("experiments/small.toml", "learning_rate = 0.01", "learning_rate = 1e6");
    project
        .run(&["sweep", "experiments", "--filter", "model=lstm", "--filter", "seed=0"])
        .exits(1);
    let said = explained(&project, CELL);
    assert!(said.contains("failed   the training loss became"), "{said}");
    assert!(said.contains("log: .cache/logs/small/simulated,lstm,seed=0.log"), "{said}");
    assert!(said.contains("not tried again unless `--retry-failed`"), "{said}");
    assert_eq!(as_json(&project, &[])["next"]["runs"], false);
    project.edit("experiments/small.toml", "learning_rate = 1e6", "learning_rate = 0.01");
    let why = "missing: it failed before this changed: train.learning_rate 1000000.0 → 0.01";
    project
        .run(&["list", "experiments"])
        .exits(0)
        .says(why)
        .says("seed=1    missing: never run");
    let json = project.run(&["sweep", "experiments", "--dry-run", "--json"]).exits(0).stdout;
    let rows: Vec<Value> = serde_json::from_str(&json).expect("JSON");
    assert_eq!(rows[0]["reason"], why);
    // Computed, and its record taken away.
    project.run(&["sweep", "experiments", "--filter", "seed=0"]).exits(0);
    let path = |id: &str| project.path(&format!("results/small/cells/{id}.json"));
    std::fs::remove_file(path(CELL)).expect("a record can be removed");
    std::fs::remove_file(path("simulated,hybrid,seed=0")).expect("a record can be removed");
    std::fs::remove_dir_all(project.path(".cache/weights")).expect("weights can be removed");
    project
        .run(&["list", "experiments"])
        .exits(0)
        .says("missing: tried before, and no record is here");
    project.run(&SWEEP).exits(0);
    std::fs::remove_file(path(CELL)).expect("a record can be removed");
    let said = explained(&project, CELL);
    assert!(said.contains("missing: computed before, and no record is here"), "{said}");
    assert!(
        said.contains("nearest  small/simulated,lstm,seed=1\n         differs in seed 1 → 0"),
        "{said}"
    );
    // Cut off.
    project.write(&format!("results/small/cells/{CELL}.json"), "{");
    let said = explained(&project, CELL);
    assert!(
        said.contains("is not what this program writes") && said.contains("next     trains 3 epochs"),
        "{said}"
    );
}

#[test]
fn a_cell_that_is_none_is_a_wrong_usage() {
    let project = Project::small();
    project.write("experiments/other.toml", &project.read("experiments/small.toml"));
    project
        .run(&["sweep", "experiments/small.toml", "--filter", "model=naive"])
        .exits(0);
    let explain = |cell: &str| project.run(&["explain", cell, "experiments"]).exits(2);
    explain(CELL).says("several experiments have a cell `simulated,lstm,seed=0`; write for instance `other/simulated,lstm");
    explain("small/simulated,lstm,seed=7")
        .says("did you mean `small/simulated,lstm,seed=")
        .says("`runner list` shows the cells");
    project.edit("experiments/small.toml", "\"hybrid\", \"naive\"", "\"hybrid\"");
    explain("small/simulated,naive").says("a record of that name is there, of a cell that is no longer planned");
}
