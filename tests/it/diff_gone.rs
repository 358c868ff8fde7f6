//! `runner diff` where records are gone, broken, or of cells that nobody plans: a guard does not pass what it did not see.

use serde_json::Value;

use crate::diff::study;
use crate::project::Project;

/// Two commits that are the same; the records of one cell for each of three seeds, and of a baseline.
fn committed() -> Project {
    let project = study();
    project.commit("second");
    project
}

fn cell(seed: u32) -> String {
    format!("results/study/cells/simulated,lstm,seed={seed}.json")
}

fn remove(project: &Project, name: &str) {
    std::fs::remove_file(project.path(name)).expect("the file is there");
}

#[test]
fn a_guard_does_not_pass_what_was_removed_unless_it_may_be() {
    let project = committed();
    for seed in [1, 2] {
        remove(&project, &cell(seed));
    }
    let gone = "2 cells of study were removed (simulated,lstm,seed=1, simulated,lstm,seed=2)";
    let help = "`--allow-removed study` lets that pass";
    project.diff(&[]).exits(0).says("2 removed");
    let guard = "--fail-on-regress";
    let said = project.diff(&[guard]).exits(1);
    said.says(&format!("not checked: {gone}; {help}"));
    let arguments = [guard, "--markdown", "--html", "page.html"];
    let said = project.diff(&arguments).exits(1).stdout;
    assert!(said.contains("- ❌ not checked: 2 cells of study were removed"), "{said}");
    let page = project.read("page.html");
    assert!(page.contains("Not checked: 2 cells of study were removed"), "{page}");
    let said = project.diff(&[guard, "--json"]).exits(1).stdout;
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["removed"][0]["ids"].as_array().map(Vec::len), Some(2));
    assert_eq!(said["removed"][0]["allowed"], false);
    assert!(said["unchecked"][0].as_str().is_some_and(|text| text.ends_with(help)));

    // One of the two is not both.
    let one = "study/simulated,lstm,seed=1";
    let said = project.diff(&[guard, "--allow-removed", one]).exits(1);
    said.says(
        "not checked: 1 cell of study was removed (simulated,lstm,seed=2); \
        `--allow-removed study/simulated,lstm,seed=2` lets that pass",
    );
    for names in [&["study"][..], &["study/*lstm,seed=?"], &[one, "study/*seed=2"]] {
        let mut arguments = vec![guard];
        arguments.extend(names.iter().flat_map(|name| ["--allow-removed", name]));
        let said = project.diff(&arguments).exits(0);
        said.says("allowed: ");
        arguments.extend(["--markdown", "--html", "page.html"]);
        project.diff(&arguments).exits(0).says("\n- allowed: ");
        assert!(project.read("page.html").contains("allowed: "));
    }
    let json = [guard, "--allow-removed", "study", "--json"];
    let said = project.diff(&json).exits(0).stdout;
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["removed"][0]["allowed"], true);
    assert_eq!(said["unchecked"].as_array().map(Vec::len), Some(0));

    let said = project.diff(&[guard, "--allow-removed", "stduy"]).exits(2);
    said.says("nothing that was removed is called `stduy`")
        .says("help: did you mean `study`? removed are cells of study");
    // A name without a guard would do nothing.
    project.diff(&["--allow-removed", "study"]).exits(2);
    project.git(&["checkout", "--", "results"]);
    let said = project.diff(&[guard, "--allow-removed", "study"]).exits(2);
    said.says("nothing was removed; leave the option out");
}

#[test]
fn a_renamed_experiment_is_not_one_that_is_gone() {
    let project = committed();
    let rename = |from: &str, to: &str| {
        std::fs::rename(project.path(from), project.path(to)).expect("a rename");
    };
    rename("experiments/study.toml", "experiments/renamed.toml");
    rename("results/study", "results/renamed");
    project
        .diff(&["--fail-on-regress"])
        .exits(0)
        .says("nothing changed, 4 cells the same, 4 under another name");
}

#[test]
fn a_broken_record_is_told_wherever_it_lies() {
    let project = study();
    project.write(&cell(1), "<<<<<<< HEAD");
    project.commit("second");
    // On both sides alike: the same bytes, and yet nothing that could be the same.
    let said = project.diff(&["--fail-on-regress"]).exits(1);
    said.says("0 changed, 0 added, 0 removed, 3 cells the same, 1 cannot be compared")
        .says(" and working tree: study/simulated,lstm,seed=1: no JSON: ");
    // Settings that were edited under a record's numbers are no change that could be judged.
    project.edit(&cell(2), "\"batch_size\": 32", "\"batch_size\": 64");
    let said = project.diff(&["--fail-on-regress"]).exits(1);
    said.says("0 changed, 0 added, 0 removed, 2 cells the same, 2 cannot be compared")
        .says("seed=2: is not what this program writes: its configuration is not the one that its key names");
    // On the later side alone: it adds nothing that could be looked at.
    project.write(&cell(9), "{}");
    let said = project.diff(&["HEAD~1"]).exits(0);
    said.says(" 0 added,").says("seed=9: is not what this program writes");
    // A folder in the place of a record is no absent record.
    remove(&project, &cell(9));
    remove(&project, &cell(2));
    project.write(&format!("{}/file", cell(2)), "");
    std::fs::remove_file(project.path(&cell(0))).expect("a record");
    std::os::unix::fs::symlink("nowhere", project.path(&cell(0))).expect("a link");
    let said = project.diff(&[]).exits(0);
    said.says(" 0 removed")
        .says("seed=0: cannot be read: ")
        .says("seed=2: cannot be read: ");
}

#[test]
fn a_name_that_is_no_text_is_told() {
    use std::os::unix::ffi::OsStrExt;
    let project = committed();
    let name = std::ffi::OsStr::from_bytes(b"seed=\xff.json");
    let cells = project.path("results/study/cells");
    std::fs::write(cells.join(name), "{}").expect("a file");
    let told = "study/cells/seed=\u{fffd}.json: the name of the file is not UTF-8";
    project.git(&["worktree", "add", "--quiet", "--detach", "beside", "HEAD~1"]);
    for arguments in [&[][..], &["beside/results", "results"]] {
        let mut all = arguments.to_vec();
        all.push("--fail-on-regress");
        project.diff(&all).exits(1).says(told);
    }
    project.commit("third");
    project.diff(&["HEAD~1", "HEAD"]).exits(0).says("HEAD (").says(told);
}

#[test]
fn records_of_cells_that_are_no_longer_planned_are_told() {
    let project = committed();
    project.edit("experiments/study.toml", "seed = [0, 1, 2]", "seed = [0, 1]");
    project.run(&["sweep", "experiments"]).exits(0);
    let told = "study has records of 1 cell that it no longer plans: simulated,lstm,seed=2; `runner prune` \
        removes them";
    let guard = "--fail-on-regress";
    // As good as removed: nothing will run it again.
    let said = project
        .diff(&[guard])
        .exits(1)
        .says("nothing changed, 4 cells the same")
        .says(told);
    said.says("not checked: 1 cell of study was planned and is no more, though it has a record");
    project.diff(&[guard, "--allow-removed", "study"]).exits(0).says(told);
    for arguments in [&["--markdown"][..], &["--html", "page.html"]] {
        let said = project.diff(arguments).exits(0).stdout;
        assert!(said.contains("that it no longer plans"), "{said}");
    }
    assert!(project.read("page.html").contains("that it no longer plans"));
    let json = project.diff(&["--json"]).exits(0).stdout;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let unplanned = &json["comparison"]["unplanned"][0];
    assert_eq!(unplanned["ids"], unplanned["dropped"]);
    // Planned on neither side: it did not go here.
    project.commit("third");
    project.diff(&[guard]).exits(0).says(told);
    // A card in conflict tells nothing.
    project.write("results/study/experiment.json", "<<<<<<< HEAD");
    let said = project.diff(&[guard]).exits(1);
    said.says("working tree: study/experiment.json: is not what this program writes");
}
