//! What is read back is held to its own invariants, and one damaged file takes no other down.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::project::Project;

const ID: &str = "simulated,lstm,seed=1";

fn record_of(project: &Project) -> Value {
    serde_json::from_str(&project.small_record(ID)).expect("a record is JSON")
}

fn put(project: &Project, record: &Value) {
    project.write(&format!("results/small/cells/{ID}.json"), &record.to_string());
}

/// A word of what is told of a record, and what somebody or something has made of it.
type Lie = (&'static str, fn(&mut Value));

/// Makes the record one of a classification of one clip.
fn as_clips(record: &mut Value, sample: Value) {
    let settings = record["configuration"].as_object_mut();
    settings.expect("settings").remove("window");
    record["configuration"]["dataset"]["kind"] = json!("simulated_clips");
    record["predictions"] = json!({"task": "binary", "classes": ["a", "b"], "samples": [sample]});
}

fn lies() -> Vec<Lie> {
    vec![
        ("rmse", |record| {
            record["metrics"]["rmse"] = json!(record["metrics"]["rmse"].as_f64().unwrap_or(1.0) * 0.8);
        }),
        ("relative_mae", |record| {
            record["metrics"]["relative_mae"] = json!(0.1);
        }),
        ("forecasts", |record| {
            let samples = record["predictions"]["samples"].as_array_mut();
            samples.expect("there are forecasts").truncate(5);
        }),
        ("it has no forecasts", |record| {
            record["predictions"]["samples"] = json!([]);
        }),
        ("has 1 steps, and 2 observed values", |record| {
            record["predictions"]["samples"][3]["forecast"] = json!([1.0]);
        }),
        ("steps", |record| {
            for sample in record["predictions"]["samples"].as_array_mut().expect("forecasts") {
                sample["forecast"] = json!([]);
                sample["truth"] = json!([]);
            }
        }),
        ("order of time", |record| {
            record["predictions"]["samples"].as_array_mut().expect("forecasts").reverse();
        }),
        ("version 2 of the metrics", |record| {
            record["metrics"]["rmse"] = json!(1e-6);
            record["scored_by"] = json!(2);
        }),
        ("does not follow from its predictions", |record| {
            record["metrics"]["rmse"] = json!(1e-6);
            let code = record["key"]["code"].as_object_mut();
            code.expect("versions").remove("metric");
        }),
        ("those of another task", |record| {
            record["predictions"] = json!({"task": "binary", "classes": ["a", "b"],
                "samples": [{"name": "x", "label": 1, "score": 0.5}]});
            record["metrics"] = json!({});
        }),
        ("of a class 2", |record| {
            as_clips(record, json!({"name": "x", "label": 2, "score": 0.5}));
        }),
        ("a probability of 1.5", |record| {
            as_clips(record, json!({"name": "x", "label": 1, "score": 1.5}));
        }),
        ("configuration is not the one", |record| {
            record["configuration"]["train"]["epochs"] = json!(4);
        }),
        ("name of the model", |record| {
            record["configuration"]["model"] = json!(7);
        }),
        ("history", |record| {
            record["history"]["loss"] = json!([0.5]);
        }),
        ("history", |record| record["history"] = json!({})),
        ("the target before the test cannot be", |record| {
            record["predictions"]["in_sample"]["squared"] = json!([0.0]);
        }),
        ("unknown variant", |record| {
            record["predictions"]["task"] = json!("oracle");
        }),
        ("missing field", |record| {
            record.as_object_mut().expect("a table").remove("key");
        }),
    ]
}

#[test]
fn a_record_that_contradicts_itself_is_told_made_again_and_shown_by_nobody() {
    let project = Project::small();
    project.run(&["sweep", "experiments"]).exits(0);
    let true_record = record_of(&project);
    for (told, lie) in lies() {
        let mut record = true_record.clone();
        lie(&mut record);
        put(&project, &record);
        let name = format!("{ID}.json is not what this program writes");
        project
            .run(&["list", "experiments"])
            .exits(0)
            .says("4 done, 1 stale")
            .says(&name)
            .says(told);
        project.run(&["report"]).exits(0);
        assert!(
            project
                .read("results/report.html")
                .contains("is not what this program writes")
        );
        project.run(&["sweep", "experiments"]).exits(0).says("5 done (1 trained");
        let mut again = record_of(&project);
        again["provenance"] = true_record["provenance"].clone();
        assert_eq!(again, true_record, "{told}");
    }
}

#[test]
fn a_record_that_lies_is_told_where_its_data_are_not_here_too() {
    let project = Project::small();
    let rows: String = (0..90)
        .map(|day| format!("2020-{:02}-{:02},{}.5\n", day / 28 + 1, day % 28 + 1, 40 + day % 7))
        .collect();
    project.write("data/acme.csv", &format!("Date,Price\n{rows}"));
    project.edit(
        "experiments/small.toml",
        "kind = \"simulated_prices\"\ndays = 90",
        "kind = \"prices\"\nfile = \"acme.csv\"\nfeatures = [\"Price\"]\ntarget = \"Price\"\ncalendar = \"any\"",
    );
    project.run(&["sweep", "experiments"]).exits(0);
    fs::rename(project.path("data/acme.csv"), project.path("acme.csv")).expect("it is there");
    let id = fs::read_dir(project.path("results/small/cells")).expect("records");
    let record = id.map(|entry| entry.expect("it can be listed").path()).min();
    let record = record.expect("there is a record");
    let text = fs::read_to_string(&record).expect("a record is text");
    let mut lie: Value = serde_json::from_str(&text).expect("a record is JSON");
    lie["metrics"]["mae"] = json!(0.001);
    fs::write(&record, lie.to_string()).expect("it can be altered");
    for command in ["list", "sweep"] {
        let ran = project.run(&[command, "experiments"]);
        ran.says("its mae of 0.001 does not follow").says("1 blocked");
    }
    project.run(&["report"]).exits(0);
    assert!(
        project
            .read("results/report.html")
            .contains("its mae of 0.001 does not follow")
    );
}

#[test]
fn bytes_that_are_no_text_are_mended_and_take_nothing_else_away() {
    let project = Project::small();
    project.run(&["sweep", "experiments"]).exits(0);
    let record = format!("results/small/cells/{ID}.json");
    for damaged in [&b"\xff\xfe"[..], b"", b"{\"version\": 1", b"[]", b"null"] {
        for file in [record.as_str(), "results/small/experiment.json"] {
            fs::write(project.path(file), damaged).expect("it can be damaged");
            project.run(&["list", "experiments"]).exits(0);
            project.run(&["report"]).exits(0);
            let ran = project.run(&["sweep", "experiments"]).exits(0);
            ran.says("5 done").says("is not what this program writes");
            project.run(&["sweep", "experiments"]).exits(0).says("nothing to run");
        }
    }
}

#[test]
fn scores_that_were_taken_out_are_computed_again() {
    let project = Project::small();
    project.run(&["sweep", "experiments"]).exits(0);
    let before = record_of(&project);
    let shown = project.run(&["list", "experiments", "--json"]).exits(0);
    let page = |project: &Project| {
        project.run(&["report"]).exits(0);
        project.read("results/report.html")
    };
    let whole = page(&project);
    let mut record = before.clone();
    record["metrics"] = json!({});
    put(&project, &record);
    let again = project.run(&["list", "experiments", "--json"]).exits(0);
    assert_eq!(again.stdout, shown.stdout);
    assert_eq!(page(&project), whole);
}

#[test]
fn what_a_sweep_saw_takes_no_cell_away_when_it_is_damaged() {
    let project = Project::small();
    project.run(&["sweep", "experiments"]).exits(0);
    project.write("results/small/state/cells.json", "{\"version\": 99}");
    let said = project.run(&["report"]).exits(0);
    said.says("why cells of small have no record").says("cells.json");
    let page = project.read("results/report.html");
    assert!(page.contains("RMSE") && page.contains("What could not be read"));
}

#[test]
fn the_answer_for_programs_is_given_though_the_report_cannot_be_written() {
    let project = Project::small();
    project.write("results/report.html/in_the_way", "");
    let ran = project.run(&["sweep", "experiments", "--json"]).exits(1);
    assert!(ran.stderr.contains("failed to render the report"), "{ran:?}");
    let answer: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(answer["report"], Value::Null);
    assert_eq!(answer["cells"].as_array().map(Vec::len), Some(5));
}

#[test]
fn a_damaged_experiment_leaves_the_others_on_the_page() {
    let project = Project::small();
    let text = project.read("experiments/small.toml");
    project.write("experiments/other.toml", &text.replace("\"Small\"", "\"The other\""));
    project.run(&["sweep", "experiments"]).exits(0);
    let failure = format!("results/small/failed/{ID}.json");
    project.write(&failure, "\u{fffd}{");
    fs::remove_file(project.path(&format!("results/small/cells/{ID}.json"))).expect("it is there");
    project.run(&["report"]).exits(0);
    assert!(project.read("results/report.html").contains("The other"));
    for damage in ["[]", "{\"version\": 99}"] {
        project.write("results/small/experiment.json", damage);
        let ran = project.run(&["report"]).exits(0).says("warning: not in the report");
        ran.says("results/small/experiment.json");
        let page = project.read("results/report.html");
        assert!(page.contains("The other") && page.contains("What could not be read"));
    }
    fs::remove_file(project.path("results/small/experiment.json")).expect("it is there");
    project
        .run(&["report"])
        .exits(0)
        .says("results/small holds records and no experiment.json");
    project.run(&["sweep", "experiments"]).exits(0).says("10 done");
    assert!(project.read("results/report.html").contains("Small"));
}

#[test]
fn a_plan_that_was_altered_is_not_run_and_a_damaged_one_is_made_again() {
    let project = Project::small();
    project.run(&["sweep", "experiments"]).exits(0);
    project.run(&["sweep", "experiments", "--force"]).exits(0);
    let plans = fs::read_dir(project.path(".cache/plans")).expect("there are plans");
    let mut plans = plans.map(|entry| entry.expect("it can be listed").path());
    let is_forced = |plan: &PathBuf| fs::read_to_string(plan).expect("a plan is text").contains("begins_again");
    let plan = plans.find(is_forced);
    let plan = plan.expect("there is a plan");
    let text = fs::read_to_string(&plan).expect("a plan is text");
    let shown = plan.to_str().expect("its path is text");
    for altered in [text.replace("\"epochs\":3", "\"epochs\":2"), "{".to_owned()] {
        fs::write(&plan, altered).expect("it can be altered");
        let ran = project.run(&["run", shown, "--", ID]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        project.run(&["sweep", "experiments", "--force"]).exits(0);
        assert_eq!(fs::read_to_string(&plan).expect("a plan"), text);
    }
}

#[test]
fn what_cannot_be_read_is_not_taken_for_nothing() {
    let project = Project::small();
    project.run(&["sweep", "experiments"]).exits(0);
    // A file in the place of the folder: nothing below it can be read, whoever asks.
    fs::remove_dir_all(project.path("results/small/cells")).expect("the folder is there");
    project.write("results/small/cells", "no folder");
    let ran = project.run(&["list", "experiments"]).exits(0).says("5 failed");
    ran.says("results/small/cells");
    let ran = project.run(&["sweep", "experiments"]).exits(1);
    assert!(ran.stdout.contains("nothing to run"), "{ran:?}");
    project.run(&["report"]).exits(0);
}

#[test]
fn text_of_files_reaches_the_terminal_without_control_characters_and_cut() {
    let project = Project::small();
    let escape = "\u{1b}[2J\u{1b}]0;title\u{7}\u{9b}31m\u{202e}";
    let toml = project.read("experiments/small.toml");
    let quoted = escape.replace('\u{1b}', "\\u001b").replace('\u{7}', "\\u0007");
    project.write(
        "experiments/small.toml",
        &format!("{toml}\n[\"un{quoted}known\"]\n\"{quoted}\" = 1\n"),
    );
    project.write(
        "data/acme.csv",
        &format!("Date,Price\n2020-01-01,{escape}{}\n", "x".repeat(100_000)),
    );
    project.write(
        "experiments/acme.toml",
        &toml.replace(
            "kind = \"simulated_prices\"\ndays = 90",
            "kind = \"prices\"\nfile = \"acme.csv\"\nfeatures = [\"Price\"]\ntarget = \"Price\"",
        ),
    );
    for arguments in [
        ["check", "experiments/small.toml"],
        ["check", "experiments/acme.toml"],
        ["list", "experiments/acme.toml"],
        ["sweep", "experiments/acme.toml"],
    ] {
        let ran = project.run(&arguments);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        let acts = |c: char| c.is_control() && c != '\n' && c != '\t' || c == '\u{202e}';
        assert!(!said.contains(acts), "{arguments:?}: {said:?}");
        assert!(said.len() < 20_000, "{arguments:?}: {} bytes", said.len());
    }
}
