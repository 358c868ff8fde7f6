//! How much of its predictions a record keeps: `predictions` of an experiment.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::project::Project;

const ID: &str = "simulated,lstm,seed=1";

/// The small project whose records keep that of their predictions.
fn keeping(form: &str) -> Project {
    let project = Project::small();
    project.edit(
        "experiments/small.toml",
        "title = \"Small\"",
        &format!("title = \"Small\"\npredictions = \"{form}\""),
    );
    project
}

fn record(project: &Project) -> Value {
    serde_json::from_str(&project.small_record(ID)).expect("a record is JSON")
}

/// Records without the form of their predictions.
fn numbers(project: &Project, results: &str) -> BTreeMap<String, Value> {
    let without = |(path, mut record): (std::path::PathBuf, Value)| {
        record.as_object_mut().expect("a record").remove("predictions");
        (path.display().to_string(), record)
    };
    project.records(results).into_iter().map(without).collect()
}

#[test]
fn a_record_keeps_a_summary_that_changes_no_number_and_is_as_valid() {
    let project = Project::small();
    project.run(&["sweep", "experiments", "--results", "all"]).exits(0);
    project.edit(
        "experiments/small.toml",
        "title = \"Small\"",
        "title = \"Small\"\npredictions = \"summary\"",
    );
    project.run(&["sweep", "experiments"]).exits(0).says("5 trained");
    let summed_up = record(&project);
    assert_eq!(summed_up["predictions"]["summary"]["windows"], json!(10));
    assert_eq!(numbers(&project, "all"), numbers(&project, "results"));
    for (_, record) in project.records("all") {
        assert!(record["predictions"].get("summary").is_none());
    }
    // Both forms are the same to `diff`, and to the tests of chance between models.
    project
        .run(&["diff", "all", "results"])
        .exits(0)
        .says("nothing changed, 5 cells the same");
    // What is asked of a record is no reason to compute it again.
    project.edit(
        "experiments/small.toml",
        "\npredictions = \"summary\"",
        "\npredictions = \"all\"",
    );
    project.run(&["list", "experiments"]).exits(0).says("5 done");
    project
        .run(&["sweep", "experiments"])
        .exits(0)
        .says("5 done (nothing to run)");
    assert_eq!(record(&project), summed_up);
    let page = project.read("results/report.html");
    assert!(
        page.contains("keep whole, of 10 in all"),
        "a figure says what it does not show"
    );
}

#[test]
fn a_summary_that_contradicts_itself_is_told_and_made_again() {
    let project = keeping("summary");
    project.run(&["sweep", "experiments"]).exits(0);
    let true_record = record(&project);
    type Lie = (&'static str, fn(&mut Value));
    let lies: [Lie; 4] = [
        ("do not add up to the same", |record| {
            let line = record["predictions"]["summary"]["steps"]["squared"].as_str().expect("a line");
            record["predictions"]["summary"]["steps"]["squared"] = json!(format!("1{line}"));
        }),
        ("rmse", |record| {
            record["metrics"]["rmse"] = json!(record["metrics"]["rmse"].as_f64().unwrap_or(1.0) * 0.8);
        }),
        ("it has 7 forecasts", |record| {
            record["predictions"]["summary"]["windows"] = json!(7)
        }),
        ("found \"NaN\"", |record| {
            record["predictions"]["summary"]["losses"]["absolute"] = json!("NaN");
        }),
    ];
    for (told, lie) in lies {
        let mut record = true_record.clone();
        lie(&mut record);
        project.write(&format!("results/small/cells/{ID}.json"), &record.to_string());
        project
            .run(&["list", "experiments"])
            .exits(0)
            .says("4 done, 1 stale")
            .says(told);
    }
    project.run(&["sweep", "experiments"]).exits(0).says("5 done (1 trained");
    let mut again = record(&project);
    again["provenance"] = true_record["provenance"].clone();
    assert_eq!(again, true_record);
}

#[test]
fn another_word_is_told() {
    let project = keeping("most");
    let told = project.run(&["check", "experiments"]).exits(2);
    told.says("unknown value `most`").says("\"all\", or \"summary\"");
}
