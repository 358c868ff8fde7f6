//! The report knows every state and reason that the terminal knows, and no reason outlives its cause.

use std::process::Command;

use crate::project::Project;

const SWEEP: [&str; 2] = ["sweep", "experiments"];

/// What a browser shows of the page, near enough.
fn page(project: &Project) -> String {
    let html = project.read("results/report.html");
    [("&#39;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&#x2F;", "/")]
        .iter()
        .fold(html, |html, (code, text)| html.replace(code, text))
}

/// Prices in files beside the simulated ones.
fn with_files(names: &[&str]) -> Project {
    let project = Project::small();
    let tables: String = names
        .iter()
        .map(|name| {
            format!(
                "[dataset.{name}]\nkind = \"prices\"\nfile = \"{name}.csv\"\nfeatures = [\"Price\"]\ntarget = \"Price\"\n\n"
            )
        })
        .collect();
    project.edit("experiments/small.toml", "[window]", &format!("{tables}[window]"));
    let names = ["simulated"].iter().chain(names).map(|name| format!("\"{name}\""));
    let names = names.collect::<Vec<_>>().join(", ");
    project.edit("experiments/small.toml", "[grid]", &format!("[grid]\ndataset = [{names}]"));
    project
}

fn prices() -> String {
    let days = (1..=31).map(|day| format!("2020-01-{day:02}"));
    let days = days.chain((1..=29).map(|day| format!("2020-02-{day:02}")));
    let lines = days.enumerate().map(|(index, day)| format!("{day},{}\n", 50 + index % 9));
    format!("Date,Price\n{}", lines.collect::<String>())
}

#[test]
fn the_report_knows_the_reasons_that_the_terminal_knows() {
    let project = with_files(&["wrong", "absent"]);
    project.write("data/wrong.csv", &prices().replace("2020-01-05,", "2020-01-05,x"));
    // A second experiment needs what this machine lacks.
    let text = project.read("experiments/small.toml");
    let tables = text.split("[window]").skip(1).collect::<String>();
    let text = format!(
        "title = \"Big\"\nrequires = \"cuda\"\n\n[dataset.simulated]\nkind = \"simulated_prices\"\ndays = 90\n\n[window]{}",
        tables.replace("dataset = [\"simulated\", \"wrong\", \"absent\"]\n", "")
    );
    project.write("experiments/big.toml", &text);
    project.run(&SWEEP).exits(1).says("wrong.csv:6");
    let listed = project.run(&["list", "experiments", "--json"]).exits(0).stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let html = page(&project);
    let mut states = std::collections::BTreeSet::new();
    for cell in listed.as_array().expect("cells") {
        let [state, reason] = ["state", "reason"].map(|key| cell[key].as_str().expect("a text"));
        states.insert(state);
        // That the other experiment has a record of the same cell is known since it was made.
        let reason = reason.split_once("; a valid record").map_or(reason, |(reason, _)| reason);
        let why = reason.split_once(": ").map_or(reason, |(_, why)| why);
        if state != "done" {
            assert!(html.contains(why), "{reason}");
        }
    }
    let states: Vec<&str> = states.into_iter().collect();
    assert_eq!(states, ["blocked", "done", "failed", "skipped"]);
    assert!(html.contains("5 failed") && html.contains("5 blocked"));
    // The page that is made from the results alone says the same.
    project.run(&["report"]).exits(0);
    assert_eq!(page(&project), html);

    // What is mended is no reason any more; what is still absent is.
    project.write("data/wrong.csv", &prices());
    project.run(&SWEEP).exits(3);
    let html = page(&project);
    assert!(!html.contains("wrong.csv:6") && html.contains("absent.csv"));
    project.write("data/absent.csv", &prices());
    project.run(&SWEEP).exits(0);
    assert!(!page(&project).contains("data missing"));
    assert!(!project.path("results/small/state/cells.json").exists());
}

#[test]
fn a_reason_of_other_settings_is_passed_over() {
    let project = with_files(&["absent"]);
    project.run(&SWEEP).exits(3);
    let card = "results/small/experiment.json";
    assert!(page(&project).contains("absent.csv"));
    // The card of another plan, as git may bring it: what was seen says nothing of it.
    project.edit(card, "\"lookback\": 8", "\"lookback\": 9");
    project.run(&["report"]).exits(0);
    let html = page(&project);
    assert!(html.contains("window.lookback 8 → 9"), "stale, and says why");
    assert!(html.contains("5 missing") && !html.contains("5 blocked"));
    // A damaged one is as good as none.
    project.write("results/small/state/cells.json", "{");
    project.run(&["report"]).exits(0);
    project.run(&SWEEP).exits(3);
    assert!(page(&project).contains("5 blocked"));
}

#[test]
fn committed_results_stay_as_they_are_where_data_are_absent() {
    let project = with_files(&["real"]);
    project.write("data/real.csv", &prices());
    project.write(".gitignore", ".cache/\ndata/\nresults/report.html\n");
    project.run(&SWEEP).exits(0);
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=runner", "-c", "user.email=runner@example.org"])
            .args(arguments)
            .current_dir(project.path("."))
            .output()
            .expect("git starts");
        assert!(output.status.success(), "git {arguments:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "results"]);
    std::fs::remove_dir_all(project.path("data")).expect("the data can be removed");
    project.run(&SWEEP).exits(0).says("nothing to run");
    assert_eq!(git(&["status", "--porcelain"]), "");
    assert!(page(&project).contains("data not checked"));
    assert!(page(&project).contains("of 5 the data are not here"));
}

#[test]
fn a_formula_of_another_version_trains_nothing() {
    let project = Project::small();
    project.run(&SWEEP).exits(0);
    let path = "results/small/cells/simulated,lstm,seed=0.json";
    let record =
        |project: &Project| -> serde_json::Value { serde_json::from_str(&project.read(path)).expect("a record is JSON") };
    let whole = record(&project);
    assert!(whole.get("scored_by").is_none(), "the first does not say so");
    // Scored by an earlier formula, whose version stands in the key as well.
    let mut earlier = whole.clone();
    earlier["scored_by"] = 0.into();
    earlier["key"]["code"]["metric"] = 0.into();
    earlier["metrics"]["rmse"] = 1e-6.into();
    let text = serde_json::to_string_pretty(&earlier).expect("a value is text");
    project.write(path, &text);
    project.run(&SWEEP).exits(0).says("nothing to run");
    assert_eq!(project.read(path), text, "the saved score stays");
    let listed = project.run(&["list", "experiments", "--json"]).exits(0);
    let listed: serde_json::Value = serde_json::from_str(&listed.stdout).expect("a list");
    let cell = listed.as_array().expect("cells").iter();
    let cell = cell.clone().find(|cell| cell["id"] == "simulated,lstm,seed=0");
    let shown = &cell.expect("the cell is listed")["metrics"]["rmse"];
    assert_eq!(*shown, whole["metrics"]["rmse"], "and it is scored again where it is read");
}
