//! `runner diff` between commits, folders and the working tree.

use std::process::Command;

use serde_json::Value;

use crate::project::{Project, Ran};

/// A backtest of a small network over three seeds, beside a baseline.
const STUDY: &str = r#"
title = "Study"

[dataset.simulated]
kind = "simulated_prices"
days = 120

[window]
lookback = 5
horizon = 1

[split]
kind = "backtest"
origins = 40
validation = 0.1

[model.lstm]
kind = "lstm"
hidden = [4]

[model.naive]
kind = "last_value"

[train]
epochs = 4
batch_size = 32
loss = "mse"
optimizer = "adam"
learning_rate = 0.05

[grid]
model = ["lstm", "naive"]
seed = [0, 1, 2]
"#;

impl Project {
    pub fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=test", "-c", "user.email=test@example.com"])
            .args(["-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .current_dir(self.path("."))
            .output()
            .expect("git starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    pub fn diff(&self, arguments: &[&str]) -> Ran {
        let mut all = vec!["diff"];
        all.extend(arguments);
        self.run(&all)
    }

    /// `runner diff` in a folder below this project.
    pub fn diff_in(&self, folder: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(&["diff"]);
        command.args(arguments).current_dir(self.path(folder));
        Ran::from(command.output().expect("runner starts"))
    }
}

/// Two commits: the second made the learning rate far too small.
pub fn study() -> Project {
    let project = Project::new();
    project.write("experiments/study.toml", STUDY);
    project.write(".gitignore", ".cache/\nresults/report.html\n");
    project.git(&["init", "--quiet"]);
    project.run(&["sweep", "experiments"]).exits(0);
    project.commit("first");
    project.edit("experiments/study.toml", "= 0.05", "= 0.0001");
    project.run(&["sweep", "experiments"]).exits(0);
    project
}

/// The report of a comparison without the commits' names, which differ from run to run.
fn without_commits(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(" (") {
        let is_commit = after.len() > 9 && after[..9].chars().all(|c| c.is_ascii_hexdigit());
        out += before;
        rest = if is_commit && after[9..].starts_with(')') {
            &after[10..]
        } else {
            out += " (";
            after
        };
    }
    out + rest
}

#[test]
fn a_changed_learning_rate_is_told_and_guarded_against() {
    let project = study();
    let said = project.diff(&[]).exits(0).stdout;
    insta::assert_snapshot!(without_commits(&said), @r#"
    HEAD → working tree: 3 changed, 0 added, 0 removed, 1 cell the same

    study
      simulated,lstm · 3 seeds
        train.learning_rate 0.05 → 0.0001
        MSE             29.55 → 404.3  +374.8 (+1268.1 %)  worse, beyond chance (p < 0.001, 40 origins)
        RMSE            5.221 → 18.86   +13.64 (+261.2 %)  worse, beyond chance (p < 0.001, 40 origins)
        MAE             4.344 → 17.91   +13.57 (+312.4 %)  worse, beyond chance (p < 0.001, 40 origins)
        MAPE            8.111 →  33.3   +25.19 (+310.6 %)  worse, beyond chance (p < 0.001, 40 origins)
        sMAPE           8.296 → 41.98   +33.69 (+406.1 %)  worse, beyond chance (p < 0.001, 40 origins)
        R²            0.04255 → −12.1              −12.14  worse, chance cannot be told
        Relative MAE     2.91 →    12   +9.091 (+312.4 %)  worse, beyond chance (p < 0.001, 40 origins)
    "#);
    // The baseline did not change, and RMSE is what decides.
    let failed = project.diff(&["--fail-on-regress"]).exits(1).stdout;
    assert_eq!(failed.matches("regression: ").count(), 1, "{failed}");
    project.diff(&["--fail-on-regress", "mae=1000%"]).exits(0);
    project
        .diff(&["--fail-on-regress", "mae=1%", "--fail-on-regress", "mse"])
        .exits(1);
    let wrong = project.diff(&["--fail-on-regress", "rmze"]).exits(2).stderr;
    assert!(wrong.contains("did you mean `rmse`?"), "{wrong}");

    let answer = project.diff(&["--json", "--fail-on-regress"]).exits(1).stdout;
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    let group = &answer["comparison"]["experiments"][0]["groups"][0];
    assert_eq!(group["settings"][0]["path"], "train.learning_rate");
    assert_eq!(group["settings"][0]["after"], 0.0001);
    assert_eq!(answer["regressions"][0]["effect"]["verdict"], "worse");

    let markdown = project.diff(&["--markdown"]).exits(0).stdout;
    assert!(markdown.contains("| RMSE | "), "{markdown}");
    project.diff(&["--html", "page.html"]).exits(0);
    let page = project.read("page.html");
    assert!(page.contains("<svg") && page.contains("train.learning_rate 0.05 → 0.0001"));
    assert!(page.contains("before: HEAD (") && page.contains("after: working tree"));

    project.commit("second");
    let none = project.diff(&[]).exits(0).stdout;
    assert_eq!(
        without_commits(&none).trim_end(),
        "HEAD → working tree: nothing changed, 4 cells the same"
    );
    // Computed again, with other times.
    project.run(&["sweep", "experiments", "--force"]).exits(0);
    let none = project.diff(&[]).exits(0).stdout;
    assert!(none.contains("nothing changed"), "{none}");
    let back = project.diff(&["HEAD", "HEAD~1", "--fail-on-regress"]).exits(0).stdout;
    assert!(back.contains("better, beyond chance"), "{back}");
}

#[test]
fn added_removed_and_unreadable_cells_are_named() {
    let project = study();
    project.commit("second");
    let cell = |seed: u32| format!("results/study/cells/simulated,lstm,seed={seed}.json");
    project.edit("experiments/study.toml", "[0, 1, 2]", "[9, 1, 2]");
    project.run(&["sweep", "experiments"]).exits(0);
    std::fs::remove_file(project.path(&cell(0))).expect("a record");
    project.write(&cell(1), "{\"version\": 99}");
    project.write(&cell(2), "cut o");
    let said = project.diff(&[]).exits(0);
    [
        "0 changed, 1 added, 1 removed, 1 cell the same",
        "  + simulated,lstm,seed=9",
        "  - simulated,lstm,seed=0",
        "seed=1: has format 99, this program knows formats up to 1; use a newer runner",
        "seed=2: no JSON: ",
    ]
    .into_iter()
    .fold(said, Ran::says);
}

#[test]
fn a_broken_record_is_no_seed_of_its_group() {
    let project = study();
    // Two seeds changed against the commit; the third cannot be read, and must not pass for one that stayed the same.
    let broken = "results/study/cells/simulated,lstm,seed=1.json";
    project.write(broken, "cut o");
    let said = project.diff(&[]).exits(0).stdout;
    assert!(said.contains("simulated,lstm · 2 seeds"), "{said}");
    assert!(said.contains("seed=1: no JSON: "), "{said}");
    assert!(said.contains("2 changed, 0 added, 0 removed, 1 cell the same"), "{said}");
}

#[test]
fn without_any_record_nothing_is_compared() {
    let project = study();
    let wrong = project.diff(&["--results", "resluts"]).exits(2).stderr;
    assert!(wrong.contains("has a record") && wrong.contains("--results"), "{wrong}");
}

#[test]
fn any_kind_of_repository_and_folder_can_be_asked() {
    let project = study();
    project.commit("second");
    std::fs::create_dir_all(project.path("src/deep")).expect("a folder");
    let changed = "3 changed, 0 added, 0 removed, 1 cell the same";
    for arguments in [&["HEAD~1"][..], &["HEAD~1", "HEAD"], &["main~1", "main"]] {
        let said = project.diff_in("src/deep", arguments).exits(0).stdout;
        assert!(said.contains(changed), "{arguments:?}: {said}");
    }
    project.git(&["clone", "--quiet", "--bare", ".", "bare.git"]);
    let said = project.diff_in("bare.git", &["main~1", "main"]).exits(0).stdout;
    assert!(said.contains(changed), "{said}");
    let said = project.diff_in("bare.git", &[]).exits(2).stderr;
    assert!(
        said.contains("no working tree") && said.contains("name two revisions"),
        "{said}"
    );

    project.git(&["worktree", "add", "--quiet", "--detach", "beside", "HEAD~1"]);
    let said = project.diff_in("beside", &["main"]).exits(0).stdout;
    assert!(said.contains(changed) && said.contains("better"), "{said}");

    let address = format!("file://{}", project.path(".").display());
    project.git(&["clone", "--quiet", "--depth", "1", &address, "shallow"]);
    let said = project.diff_in("shallow", &[]).exits(0).stdout;
    assert!(said.contains("nothing changed"), "{said}");
    let said = project.diff_in("shallow", &["HEAD~1"]).exits(2).stderr;
    assert!(said.contains("this clone is shallow"), "{said}");

    // Folders of records, of all experiments or of one.
    let folders = project.diff(&["beside/results", "results"]).exits(0).stdout;
    assert!(folders.starts_with("beside/results → results: 3 changed"), "{folders}");
    let folders = project.diff(&["beside/results/study", "results/study"]).exits(0).stdout;
    assert!(folders.contains(changed), "{folders}");
    let said = project.diff(&["nosuch"]).exits(2).stderr;
    assert!(said.contains("git knows no revision `nosuch`"), "{said}");
}

#[test]
fn without_a_repository_folders_are_asked_for() {
    let project = Project::new();
    let mut command = project.command(&["diff"]);
    // A repository around the folder of temporary files would be found.
    command.env("GIT_CEILING_DIRECTORIES", project.path("..").canonicalize().expect("a path"));
    let said = Ran::from(command.output().expect("runner starts")).exits(2).stderr;
    assert!(
        said.contains("is in no git repository") && said.contains("name two folders"),
        "{said}"
    );
}

#[test]
fn a_record_that_the_first_version_wrote_is_still_read() {
    // As it was first committed: a baseline's settings then held a scaling that it does not read.
    let first = include_str!("first_record.json");
    let cell = "price_forecast/cells/litecoin,drift,horizon=1.json";
    let project = Project::new();
    project.write(&format!("old/{cell}"), first);
    let now = concat!(env!("CARGO_MANIFEST_DIR"), "/results");
    let now = std::fs::read_to_string(format!("{now}/{cell}")).expect("today's record is committed");
    project.write(&format!("new/{cell}"), &now);
    let said = project.diff(&["old", "new"]).exits(0);
    [
        "1 changed, 0 added, 0 removed",
        "window.scale \"none\" →",
        "RMSE",
        "equal to within 0.01 %",
    ]
    .into_iter()
    .fold(said, Ran::says);
}

#[test]
fn a_guard_does_not_pass_what_it_cannot_read() {
    let project = study();
    project.commit("second");
    let broken = "results/study/cells/simulated,lstm,seed=1.json";
    project.write(broken, "<<<<<<< HEAD");
    project.diff(&[]).exits(0);
    let said = project.diff(&["--fail-on-regress"]).exits(1).stdout;
    assert!(said.contains("not checked: working tree: study/"), "{said}");
    let json = project.diff(&["--fail-on-regress", "--json"]).exits(1).stdout;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["unchecked"].as_array().map(Vec::len), Some(1));
}

#[test]
fn wrong_sides_are_told_what_they_are() {
    let project = study();
    project.commit("second");
    for (arguments, said) in [
        (&["HEAD~1...HEAD"][..], "merge-base HEAD~1 HEAD"),
        (&["HEAD~1..HEAD"], "help: runner diff HEAD~1 HEAD"),
        (&["HEAD:results"], "is no commit"),
        (&["nowhere/"], "there is no folder of that name"),
        (&["results"], "would be compared with itself"),
        (&["--html", "results"], "failed to write results"),
    ] {
        project.diff(arguments).exits(2).says(said);
    }
    // A search of git's own, and one experiment's folder under another name.
    project.diff(&[":/first", "HEAD"]).exits(0).says("3 changed");
    std::fs::create_dir(project.path("copy")).expect("a folder");
    std::fs::rename(project.path("results/study"), project.path("copy/other")).expect("a move");
    project.git(&["checkout", "--", "results"]);
    project
        .diff(&["copy/other", "results/study"])
        .exits(0)
        .says("nothing changed, 4 cells the same");
    std::fs::remove_dir_all(project.path("results")).expect("results are there");
    std::os::unix::fs::symlink("copy", project.path("results")).expect("a link");
    project.commit("a link");
    project.diff(&["HEAD"]).exits(2).says("is a symbolic link");
}

#[test]
fn a_sparse_checkout_is_not_taken_for_removed_records() {
    let project = study();
    project.commit("second");
    project.git(&["sparse-checkout", "set", "experiments"]);
    project.diff(&[]).exits(2).says("the working tree is sparse");
    project.diff(&["HEAD~1", "HEAD"]).exits(0).says("3 changed");
}
