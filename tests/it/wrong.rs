//! Sixty mistakes that people make, each in a file of `tests/wrong`, and the whole of what they read about each.

use std::path::Path;

use crate::project::Project;

/// The files that hold several mistakes on purpose; all others hold one, and one is told.
const SEVERAL: [&str; 1] = ["several_mistakes.toml"];

#[test]
fn every_mistake_is_told_once_and_at_its_cause() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wrong");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder of wrong files is there")
        .map(|entry| entry.expect("it can be read").file_name())
        .map(|name| name.into_string().expect("the names are plain"))
        .collect();
    names.sort();
    assert_eq!(names.len(), 60);
    let mut all = String::new();
    let mut told_twice = Vec::new();
    for name in names {
        let error = runner::spec::load(&folder.join(&name)).expect_err("each file is wrong");
        let said = error.render(false);
        let said = said.replace(&format!("{}/", folder.display()), "");
        all.push_str(&format!("{said}\n"));
        if error.count() != 1 && !SEVERAL.contains(&name.as_str()) {
            told_twice.push(name);
        }
    }
    insta::assert_snapshot!("messages", all);
    assert_eq!(
        told_twice,
        Vec::<String>::new(),
        "one mistake, several errors"
    );
}

/// Kinds, metrics and data are looked at in one round.
#[test]
fn mistakes_of_files_and_of_data_are_told_together() {
    let project = Project::new();
    project.write("data/acme.csv", "Date,Price\n2020-01-01,1\n2020-01-02,x\n");
    let text = r#"
[dataset.acme]
kind = "prices"
file = "acme.csv"
features = ["Price"]
target = "Price"

[window]
lookback = 1
horizon = 1

[split]
kind = "holdout"

[model.net]
kind = "cnn"

[[report.table]]
title = "Errors"
rows = ["model"]
columns = ["mase"]
"#;
    project.write("wrong.toml", text);
    for command in ["check", "list", "sweep"] {
        let run = project.run(&[command, "wrong.toml"]);
        assert_eq!(run.code, Some(2), "{command}: {}", run.stderr);
        for told in ["unknown kind `cnn`", "unknown metric `mase`", "acme.csv:3"] {
            assert!(
                run.stderr.contains(told),
                "{command} says nothing of {told}: {}",
                run.stderr
            );
        }
        assert_eq!(run.stderr.matches("error:").count(), 3, "{}", run.stderr);
    }
}
