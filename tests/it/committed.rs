//! The records of this repository as they are: what is read from them, and what report and diff make of them.
//!
//! A change of the program's structure must leave every line of the snapshots below as it is. Where one changes on purpose, the two
//! drawings, tables or pages are looked at side by side first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use runner::metric;
use runner::store::record::Record;
use serde_json::Value;

use crate::machines::EVERY_FORM;
use crate::project::Project;

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The path and the bytes of every committed record, by path from `results/` on.
fn records() -> BTreeMap<PathBuf, Vec<u8>> {
    let results = root().join("results");
    let files = walkdir::WalkDir::new(&results).into_iter().flatten();
    let records: BTreeMap<PathBuf, Vec<u8>> = files
        .filter(|file| file.path().parent().is_some_and(|folder| folder.ends_with("cells")))
        .map(|file| {
            let name = file.path().strip_prefix(&results).expect("below the results");
            (name.to_owned(), fs::read(file.path()).expect("a record can be read"))
        })
        .collect();
    assert!(records.len() >= 150, "{} records", records.len());
    records
}

/// A project with the committed experiments and records, and no data.
fn studies() -> Project {
    let project = Project::new();
    for folder in ["experiments", "results"] {
        for file in walkdir::WalkDir::new(root().join(folder)).into_iter().flatten() {
            let name = file.path().strip_prefix(root()).expect("below the root");
            // What a sweep of this working tree leaves there is in no repository.
            let own = name.starts_with("results/quickstart") || name.ends_with("report.html");
            if file.file_type().is_file() && !own && !name.iter().any(|part| part == "state") {
                let to = project.path(&name.to_string_lossy());
                fs::create_dir_all(to.parent().expect("a file has a folder")).expect("folders can be made");
                fs::copy(file.path(), to).expect("files can be copied");
            }
        }
    }
    project
}

fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

#[test]
fn every_record_is_written_as_it_was_read() {
    for (name, bytes) in records() {
        let record: Record = serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", name.display()));
        let value = serde_json::to_value(&record).expect("a record is plain data");
        let text = serde_json::to_string_pretty(&value).expect("a value is text") + "\n";
        assert!(text.as_bytes() == bytes, "{} is written otherwise", name.display());
    }
}

#[test]
fn every_score_follows_from_its_predictions_to_the_last_bit() {
    for (name, bytes) in records() {
        let record: Record = serde_json::from_slice(&bytes).expect("a record is JSON");
        let follow = metric::score(&record.predictions);
        assert!(!record.metrics.is_empty());
        for (metric, saved) in &record.metrics {
            let found = follow.get(metric).copied().map(f64::to_bits);
            assert_eq!(found, Some(saved.to_bits()), "{metric} of {}", name.display());
        }
    }
}

#[test]
fn the_experiments_give_the_configurations_and_keys_of_their_records() {
    let project = studies();
    let ran = project.run(&["list", "experiments", "--json"]).exits(0);
    let listed: Value = serde_json::from_str(&ran.stdout).expect("the list is JSON");
    let mut planned = BTreeSet::new();
    for cell in listed.as_array().expect("a list of cells") {
        let (experiment, id) = (cell["experiment"].as_str(), cell["id"].as_str());
        let (experiment, id) = (experiment.unwrap_or_default(), id.unwrap_or_default());
        if experiment == "quickstart" || cell["state"] == "skipped" {
            continue;
        }
        let name = Path::new(experiment).join("cells").join(format!("{id}.json"));
        assert_eq!(cell["state"], "done", "{}: {cell}", name.display());
        planned.insert(name);
    }
    let committed: BTreeSet<PathBuf> = records().into_keys().collect();
    assert_eq!(committed.difference(&planned).collect::<Vec<_>>(), Vec::<&PathBuf>::new());
}

/// All that a template is given, as one JSON document.
fn page(project: &Project) -> Value {
    // Tera's name for everything that a template may use.
    project.write("all/report.html", "{{ __tera_context | safe }}");
    project.run(&["report", "--templates", "all"]).exits(0);
    serde_json::from_str(&project.read("results/report.html")).expect("the page is JSON")
}

/// A line for each part of a page: where it stands, and the digest of all that it says and draws.
fn parts(page: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for experiment in page["experiments"].as_array().into_iter().flatten() {
        let name = experiment["name"].as_str().unwrap_or_default();
        for (part, value) in experiment.as_object().into_iter().flatten() {
            let pieces: Vec<&Value> = match value {
                Value::Array(pieces) => pieces.iter().collect(),
                whole => vec![whole],
            };
            for (number, piece) in pieces.into_iter().enumerate() {
                let title = ["title", "name", "mark"].iter().find_map(|key| piece[key].as_str());
                let title = title.or_else(|| piece["views"][0]["title"].as_str()).unwrap_or_default();
                let place = format!("{name} {part} {number} {title}");
                lines.push(format!("{}  {}", digest(&piece.to_string()), place.trim_end()));
            }
        }
    }
    lines
}

#[test]
fn the_report_says_and_draws_the_same() {
    let project = studies();
    let page = page(&project);
    project.run(&["report"]).exits(0);
    let mut lines = parts(&page);
    lines.push(format!("{}  the whole page", digest(&project.read("results/report.html"))));
    insta::assert_snapshot!(lines.join("\n"));
}

/// The tiny experiment of `machines`, with a figure of every kind, swept.
fn every_form() -> Project {
    let project = Project::new();
    project.write("experiments/every.toml", &format!("{EVERY_FORM}{FIGURES}"));
    project.run(&["sweep", "experiments", "--jobs", "1"]).exits(0);
    project
}

const FIGURES: &str = r#"
[[report.table]]
title = "Prices"
where = { dataset = "acme" }
rows = ["model"]
columns = ["rmse", "mae", "relative_mae"]

[[report.table]]
title = "Clips"
where = { dataset = "moving" }
rows = ["model"]
columns = ["accuracy", "auc"]

[[report.comparison]]
title = "LSTM against hybrid"
metric = "mae"
where = { dataset = "acme" }
pairs = [["lstm", "hybrid"]]

[[report.figure]]
kind = "data_preview"

[[report.figure]]
kind = "scaling"

[[report.figure]]
kind = "windows"

[[report.figure]]
kind = "model_summary"

[[report.figure]]
kind = "forecast"

[[report.figure]]
kind = "learning_curves"

[[report.figure]]
kind = "residuals"

[[report.figure]]
kind = "metric_by_axis"
x = "model"
metrics = ["mae"]
where = { dataset = "acme" }

[[report.figure]]
kind = "pipeline"

[[report.figure]]
kind = "clip_images"

[[report.figure]]
kind = "confusion_matrix"

[[report.figure]]
kind = "classification_report"

[[report.figure]]
kind = "roc_curve"

[[report.figure]]
kind = "wrong_clips"
"#;

#[test]
fn a_figure_of_every_kind_is_drawn_the_same() {
    let project = every_form();
    let mut page = page(&project);
    // Where and when a cell ran.
    forget(&mut page, &["provenance"]);
    insta::assert_snapshot!(parts(&page).join("\n"));
}

fn forget(value: &mut Value, names: &[&str]) {
    match value {
        Value::Object(table) => {
            table.retain(|name, _| !names.contains(&name.as_str()));
            table.values_mut().for_each(|value| forget(value, names));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| forget(value, names)),
        _ => {}
    }
}

#[test]
fn plan_and_card_hold_the_same() {
    let project = every_form();
    let plans = fs::read_dir(project.path(".cache/plans")).expect("there are plans");
    let plans: Vec<PathBuf> = plans.flatten().map(|plan| plan.path()).collect();
    assert_eq!(plans.len(), 1);
    let folder = project.path(".").canonicalize().expect("the project is there");
    let plan = fs::read_to_string(&plans[0]).expect("a plan can be read");
    let plan = plan.replace(&*folder.to_string_lossy(), "PROJECT");
    insta::assert_snapshot!("plan", plan);
    insta::assert_snapshot!("card", project.read("results/every/experiment.json"));
}

#[test]
fn a_sweep_without_the_data_takes_nothing_away() {
    let project = studies();
    project.run(&["report"]).exits(0);
    let files = |ends: &str| -> BTreeMap<PathBuf, Vec<u8>> {
        let files = walkdir::WalkDir::new(project.path("results")).into_iter().flatten();
        let files = files.filter(|file| file.path().to_string_lossy().ends_with(ends));
        let files = files.map(|file| (file.path().to_owned(), fs::read(file.path()).expect("a file can be read")));
        files.collect()
    };
    let (pictures, before) = (files(".png"), files("experiment.json"));
    assert!(pictures.len() >= 147 && before.len() >= 6);
    let names = [
        "long_forecast",
        "price_backtest",
        "price_forecast",
        "price_walk_forward",
        "violence",
        "violence_best",
        "violence_cpu",
        "violence_search",
    ];
    let experiments = names.map(|name| format!("experiments/{name}.toml"));
    let sweep = || {
        let words = ["sweep"].into_iter().chain(experiments.iter().map(String::as_str));
        project.run(&words.collect::<Vec<_>>()).exits(0);
    };
    sweep();
    assert!(
        files("experiment.json") == before,
        "a card that says the same is not written again"
    );
    let page = project.read("results/report.html");
    // A change of the file writes the cards again, with all that is known of data that are not here.
    let titled = |text: &str| text.replacen("title = \"", "title = \"New: ", 1);
    for experiment in &experiments {
        project.write(experiment, &titled(&project.read(experiment)));
    }
    sweep();
    for (name, bytes) in files("experiment.json") {
        assert!(before[&name] != bytes, "{}", name.display());
        assert!(String::from_utf8_lossy(&bytes).contains("\"version\": 2"));
    }
    assert!(files(".png") == pictures, "every picture stays");
    assert_eq!(project.read("results/report.html").replace("New: ", ""), page);
}

/// The records of a project, some of them with the results of another seed, some gone, some new: two folders to compare.
fn two_sides() -> Project {
    let project = studies();
    for (name, bytes) in records() {
        let text = String::from_utf8(bytes).expect("a record is text");
        let before = Path::new("before").join(&name);
        let after = Path::new("after").join(&name);
        let mut record: Value = serde_json::from_str(&text).expect("a record is JSON");
        let other = name.to_string_lossy().replace("seed=1", "seed=2");
        if other != name.to_string_lossy() {
            // What seed 2 gave stands under seed 1 too: as if training had changed.
            let other = fs::read(root().join("results").join(other)).expect("each group has seed 2");
            let other: Value = serde_json::from_slice(&other).expect("a record is JSON");
            for part in ["history", "metrics", "predictions"] {
                record[part] = other[part].clone();
            }
            record["key"]["code"]["train"] = 3.into();
        }
        let changed = serde_json::to_string_pretty(&record).expect("a value is text") + "\n";
        let is = |word: &str| name.to_string_lossy().contains(word);
        if !is("drift") {
            project.write(&before.to_string_lossy(), &text);
        }
        if !is("linear_probe") {
            project.write(&after.to_string_lossy(), &changed);
        }
    }
    project
}

#[test]
fn diff_tells_the_same() {
    let project = two_sides();
    let mut lines = Vec::new();
    for form in ["", "--json", "--markdown"] {
        let arguments = ["diff", "before", "after", form];
        let arguments: Vec<&str> = arguments.into_iter().filter(|word| !word.is_empty()).collect();
        let ran = project.run(&arguments).exits(0);
        assert!(ran.stdout.lines().count() > 20, "{}", ran.stdout);
        lines.push(format!(
            "{}  {}",
            digest(&ran.stdout),
            if form.is_empty() { "text" } else { form }
        ));
    }
    let judged = ["diff", "before", "after", "--fail-on-regress", "--html", "diff.html"];
    let ran = project.run(&judged).exits(1);
    lines.push(format!("{}  what --fail-on-regress says", digest(&ran.stderr)));
    lines.push(format!("{}  the page", digest(&project.read("diff.html"))));
    insta::assert_snapshot!(lines.join("\n"));
}
