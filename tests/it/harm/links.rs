//! A cloned repository can hold links, pipes and devices anywhere below `results/` and `.cache/`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::project::Project;

const ID: &str = "simulated,lstm,seed=1";

/// A small project whose records are made, and a folder outside that is somebody's own.
fn swept() -> Project {
    let project = Project::small();
    project.run(&["sweep", "experiments"]).exits(0);
    for file in ["holiday.png", "sim-class0-00.png", "notes.json", "a.log"] {
        project.write(&format!("mine/{file}"), "mine");
    }
    project
}

#[test]
fn a_linked_folder_of_experiments_is_told_and_a_page_goes_where_a_link_leads() {
    let project = swept();
    symlink("elsewhere", project.path("experiments/loop")).expect("a link");
    project.run(&["list", "experiments"]).exits(0);
    fs::create_dir(project.path("experiments/elsewhere")).expect("a folder");
    project
        .run(&["list", "experiments"])
        .exits(2)
        .says("experiments/loop: a link to a folder, which is not followed");
    fs::remove_file(project.path("experiments/loop")).expect("the link");
    symlink("written.html", project.path("page.html")).expect("a link");
    let arguments = ["diff", "results", "results", "--html", "page.html"];
    project.run(&arguments).exits(0);
    assert!(project.path("page.html").is_symlink());
    assert!(project.path("written.html").is_file());
}

fn files_below(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let entries = entries.map(|entry| entry.expect("it can be listed").path());
    let named = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        (name.into_owned(), fs::read_to_string(&path).unwrap_or_default())
    };
    entries.map(named).collect()
}

/// Puts a link in the place of a file or folder of the project.
fn replace_by_link(project: &Project, place: &str, target: &str) {
    let place = project.path(place);
    if place.is_dir() {
        fs::remove_dir_all(&place).expect("a folder can be removed");
    } else if place.exists() {
        fs::remove_file(&place).expect("a file can be removed");
    }
    let folder = place.parent().expect("a file has a folder");
    fs::create_dir_all(folder).expect("folders can be made");
    symlink(target, &place).expect("links can be made");
}

#[test]
fn no_link_lets_a_command_write_or_delete_outside() {
    let record = format!("results/small/cells/{ID}.json");
    let failure = format!("results/small/failed/{ID}.json");
    let log = format!(".cache/logs/small/{ID}.log");
    let cases = [
        ("results", "mine"),
        ("results/small", "../mine"),
        ("results/small/cells", "../../mine"),
        ("results/small/failed", "../../mine"),
        ("results/small/media", "../../mine"),
        ("results/small/experiment.json", "../../mine/notes.json"),
        ("results/report.html", "../mine/notes.json"),
        (record.as_str(), "../../../mine/notes.json"),
        (failure.as_str(), "../../../mine/notes.json"),
        (".cache", "mine"),
        (".cache/plans", "../mine"),
        (".cache/weights", "../mine"),
        (".cache/logs", "../mine"),
        (".cache/logs/small", "../../mine"),
        (log.as_str(), "../../../mine/a.log"),
    ];
    for (place, target) in cases {
        let project = swept();
        let before = files_below(&project.path("mine"));
        replace_by_link(&project, place, target);
        for arguments in [
            &["list", "experiments"][..],
            &["sweep", "experiments", "--force"],
            &["report"],
            &["check", "experiments"],
        ] {
            let ran = project.run(arguments);
            assert!(matches!(ran.code, Some(0 | 1 | 3)), "{place} {arguments:?}: {ran:?}");
            assert_eq!(files_below(&project.path("mine")), before, "{place} {arguments:?}");
        }
    }
}

#[test]
fn a_link_is_told_where_it_stands_and_the_other_cells_run() {
    let project = swept();
    let record = format!("results/small/cells/{ID}.json");
    replace_by_link(&project, &record, "/dev/zero");
    let ran = project.run(&["sweep", "experiments", "--force"]).exits(1);
    let ran = ran.says(&format!("{record} is a symbolic link to /dev/zero"));
    ran.says("4 done").says("1 failed");
    project.run(&["report"]).exits(0);
    assert!(
        project
            .read("results/report.html")
            .contains("is a symbolic link to /dev/zero")
    );
}

#[test]
fn what_is_no_regular_file_is_told_and_hangs_nothing() {
    let project = swept();
    let pipe = |place: &str| {
        let place = project.path(place);
        drop(fs::remove_file(&place));
        fs::create_dir_all(place.parent().expect("a file has a folder")).expect("folders");
        let made = Command::new("mkfifo").arg(&place).status();
        assert!(made.expect("mkfifo runs").success());
    };
    for place in [
        format!("results/small/cells/{ID}.json"),
        "results/small/experiment.json".to_owned(),
        format!("results/small/failed/{ID}.json"),
    ] {
        pipe(&place);
        project.run(&["list", "experiments"]).exits(0);
        project.run(&["report"]).exits(0);
        let ran = project.run(&["sweep", "experiments"]);
        let told = format!("{}{}", ran.stdout, ran.stderr);
        if !place.contains("failed") {
            assert!(told.contains("is a named pipe"), "{place}: {told}");
        }
        fs::remove_file(project.path(&place)).expect("the pipe is still there");
    }
    pipe("experiments/pipe.toml");
    project.run(&["check", "experiments/pipe.toml"]).exits(2).says("named pipe");
    project.run(&["check", "/dev/zero"]).exits(2).says("is a device");
    fs::remove_file(project.path("experiments/pipe.toml")).expect("the pipe is still there");
    pipe("data/acme.csv");
    project.edit(
        "experiments/small.toml",
        "kind = \"simulated_prices\"\ndays = 90",
        "kind = \"prices\"\nfile = \"acme.csv\"\nfeatures = [\"Price\"]\ntarget = \"Price\"",
    );
    project.run(&["check", "experiments"]).exits(1).says("named pipe");
    project
        .run(&["fetch", "resnet50-keras", "--from", "data/acme.csv"])
        .exits(1)
        .says("named pipe");
}

#[test]
fn names_that_leave_the_folder_are_none() {
    let project = swept();
    project.run(&["sweep", "experiments"]).exits(0);
    for (before, after) in [("\"name\": \"small\"", "\"name\": \"../mine\""), (ID, "../../../mine/notes")] {
        let card = project.read("results/small/experiment.json");
        project.edit("results/small/experiment.json", before, after);
        project
            .run(&["report"])
            .exits(0)
            .says("experiment.json is not what this program writes");
        project.run(&["sweep", "experiments"]).exits(0);
        assert_eq!(project.read("results/small/experiment.json"), card);
    }
}
