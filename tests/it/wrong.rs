//! Mistakes that people make, each in a file of `tests/wrong`, and the whole of what they read about each.

use std::path::Path;

use crate::project::Project;

/// The files that hold several mistakes on purpose; all others hold one, and one is told.
const SEVERAL: [&str; 4] = [
    "mistakes_of_a_dataset_and_a_table_left_out.toml",
    "several_mistakes.toml",
    "table_and_figure_with_mistakes.toml",
    "tables_left_out.toml",
];

#[test]
fn every_mistake_is_told_once_and_at_its_cause() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wrong");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder of wrong files is there")
        .map(|entry| entry.expect("it can be read").file_name())
        .map(|name| name.into_string().expect("the names are plain"))
        .collect();
    names.sort();
    assert_eq!(names.len(), 119);
    let mut all = String::new();
    let mut told_twice = Vec::new();
    for name in names {
        let error = runner::language::load(&folder.join(&name)).expect_err("each file is wrong");
        let said = error.render(false);
        let said = said.replace(&format!("{}/", folder.display()), "");
        all.push_str(&format!("{said}\n"));
        if error.count() != 1 && !SEVERAL.contains(&name.as_str()) {
            told_twice.push(name);
        }
    }
    // A new kind changes none of these; the lists are held by the library's own tests.
    let line = |line: &str| match line.split_once(" is one of ") {
        Some((what, _)) if what.contains("the kind of ") || what.ends_with("`kind`") => {
            format!("{what} is one of KINDS\n")
        }
        _ => ["a regression has mae", "a regression takes "]
            .into_iter()
            .find_map(|list| Some((line.split_once(list)?.0, list)))
            .map_or_else(|| format!("{line}\n"), |(what, list)| format!("{what}{list} and others\n")),
    };
    let all: String = all.lines().map(line).collect();
    insta::assert_snapshot!("messages", all);
    assert_eq!(told_twice, Vec::<String>::new(), "one mistake, several errors");
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
columns = ["wape"]
"#;
    project.write("wrong.toml", text);
    for command in ["check", "list", "sweep"] {
        let run = project.run(&[command, "wrong.toml"]);
        assert_eq!(run.code, Some(2), "{command}: {}", run.stderr);
        for told in ["unknown kind `cnn`", "unknown metric `wape`", "acme.csv:3"] {
            assert!(run.stderr.contains(told), "{command} says nothing of {told}: {}", run.stderr);
        }
        assert_eq!(run.stderr.matches("error:").count(), 3, "{}", run.stderr);
    }
    // A dataset with a mistake of its own has its file looked at all the same, and the file all of its mistakes told.
    let text = text
        .replace("target = ", "calendar = \"dayly\"\ntarget = ")
        .replace("features = [\"Price\"]", "features = [\"price\"]")
        .replace("target = \"Price\"", "target = \"price\"");
    project.write("wrong.toml", &text);
    let good: String = (4..=19).map(|day| format!("2020-01-{day:02},{day}\n")).collect();
    let rows = format!("2020-01-01,1\n2020-01-32,2\n2020-01-03,x\n2020-01-03,3\n{good}2020-01-20,1,9\n");
    project.write("data/acme.csv", &format!("Date,Price\n{rows}"));
    let run = project.run(&["check", "wrong.toml"]).exits(2);
    for told in [
        "did you mean `daily`?",
        "there is no column `price`",
        "there is no day `2020-01-32`",
        "2020-01-03 is there already, on line 4",
        "`x` is not a number",
        "acme.csv:22: 3 cells here, 2 in the header",
    ] {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
    assert_eq!(run.stderr.matches("error:").count(), 8, "{}", run.stderr);
    // So has a file that is not there.
    std::fs::remove_file(project.path("data/acme.csv")).expect("the file is there");
    let text = text.replace("calendar = \"dayly\"\n", "");
    project.write("wrong.toml", &text);
    let run = project.run(&["check", "wrong.toml"]).exits(2);
    for told in ["unknown metric `wape`", "there is no data/acme.csv"] {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
}

#[test]
fn what_was_meant_by_a_path_or_a_filter_is_said() {
    let project = Project::small();
    for (arguments, told) in [
        (
            &["check", "experiments/smal.toml"][..],
            "did you mean experiments/small.toml?",
        ),
        (&["check", "experiments/small"], "did you mean experiments/small.toml?"),
        (&["check", "README"], "name an experiment's .toml file"),
        (
            &["list", "experiments", "--filter", "model=naiv"],
            "did you mean model=naive?",
        ),
        (
            &["list", "experiments", "--filter", "train.epoch=1"],
            "did you mean train.epochs?",
        ),
        (&["list", "experiments", "--filter", "seed=77"], "the cells have seed 0"),
    ] {
        project.run(arguments).exits(2).says(told);
    }
    project.write("data/acme.csv", "Date,Price\n2020-01-01,1\n");
    let run = project.run(&["check", "data/acme.csv"]).exits(2);
    assert_eq!(run.stderr.matches("error:").count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("an experiment is a .toml file"), "{}", run.stderr);
    let report = ["report", "--results", "nowhere"];
    project.run(&report).exits(2).says("there is no folder nowhere");
    let set = ["list", "experiments", "--results", "r", "--set", "epochs=1"];
    project.run(&set).exits(2).says("write --set train.epochs=1");
}
