//! `runner check`: what is said of data that are wrong, missing or not looked at.

use std::fs;

use serde_json::Value;

use crate::project::Project;

/// A study of a price file, `data/acme.csv`.
const PRICES: &str = r#"
title = "Prices"

[dataset.acme]
kind = "prices"
file = "acme.csv"
features = ["Close"]
target = "Close"
calendar = "any"

[window]
lookback = 3
horizon = 1

[split]
kind = "holdout"

[model.naive]
kind = "last_value"
"#;

/// A study of clips in `data/film`, looked at by a network and by labels alone.
const CLIPS: &str = r#"
title = "Clips"

[dataset.film]
kind = "clips"
folder = "film"
classes = { fi = "fight", no = "no fight" }
steps = [{ frames = 3 }, { resize = 32 }, { normalise = "unit" }]

[backbone]
kind = "resnet50"
weights = "random"
width = 8

[split]
kind = "stratified"
test = 0.3

[model.probe]
kind = "linear_probe"

[model.majority]
kind = "majority"

[grid]
model = ["probe", "majority"]
"#;

fn with_prices(file: &str, days: &[u32]) -> Project {
    let project = Project::new();
    project.write("experiments/prices.toml", PRICES);
    let mut text = "Date,Close\n".to_owned();
    for day in days {
        text += &format!("2020-{:02}-{:02},{}.25\n", 1 + day / 28, 1 + day % 28, day);
    }
    project.write(&format!("data/{file}"), &text);
    project
}

fn json(project: &Project, code: i32, arguments: &[&str]) -> Value {
    let arguments = [&["check", "experiments", "--json"], arguments].concat();
    let ran = project.run(&arguments).exits(code);
    serde_json::from_str::<Value>(&ran.stdout).expect("the answer is JSON")[0].clone()
}

#[test]
fn missing_data_exit_3_and_the_file_that_was_meant_is_named() {
    let project = with_prices("ACME.csv", &[1, 2, 3, 4, 5, 6, 7, 8]);
    let check = ["check", "experiments"];
    project
        .run(&check)
        .exits(3)
        .says("prices: 1 cell, data are missing")
        .says("did you mean data/ACME.csv?");
    let answer = json(&project, 3, &[]);
    assert_eq!(answer["data_wrong"], Value::Array(vec![]));
    assert!(
        answer["data_missing"][0]
            .as_str()
            .is_some_and(|reason| reason.contains("acme.csv"))
    );
    // A record that is valid changes nothing: its data are missing all the same.
    let (there, asked) = (project.path("data/ACME.csv"), project.path("data/acme.csv"));
    fs::rename(&there, &asked).expect("a file can be renamed");
    project.run(&["sweep", "experiments"]).exits(0);
    project.run(&check).exits(0).says("no problem found");
    fs::rename(&asked, &there).expect("a file can be renamed");
    project.run(&check).exits(3);
    project
        .run(&["check", "experiments", "--no-data"])
        .exits(0)
        .says("no problem found (data not checked)");
    assert_eq!(json(&project, 0, &["--no-data"])["data_checked"], false);
    // What is wrong in the experiment comes before everything else.
    project.edit("experiments/prices.toml", "lookback = 3", "lookback = 0");
    project.run(&check).exits(2);
    project.run(&["check", "experiments", "--no-data"]).exits(2);
}

#[test]
fn a_hole_in_the_days_is_noted() {
    let project = with_prices("acme.csv", &[1, 2, 3, 4, 5, 60, 61, 62, 63]);
    project
        .run(&["check", "experiments"])
        .exits(0)
        .says("note: acme.csv: no day between 2020-01-06 and 2020-03-05 (58 days)");
    assert_eq!(json(&project, 0, &[])["notes"].as_array().map(Vec::len), Some(1));
    // The sweep says so before it runs, and the report beside what was learnt of it.
    project
        .run(&["sweep", "experiments"])
        .exits(0)
        .says("note: acme.csv: no day between");
    let html = project.read("results/report.html");
    assert!(html.contains("hole in the series"));
}

/// Ten clips of three frames; of the numbers in `broken` the last frame is no picture, of those in `short` it is not there.
fn with_clips(broken: &[usize], short: &[usize]) -> Project {
    let project = Project::new();
    project.write("experiments/clips.toml", CLIPS);
    for class in ["fi", "no"] {
        for clip in 1..=5 {
            for frame in 1..=3u8 {
                let file = format!("data/film/{class}{clip}/{frame}.png");
                if frame == 3 && broken.contains(&clip) {
                    project.write(&file, "no picture");
                } else if frame < 3 || !short.contains(&clip) {
                    let path = project.path(&file);
                    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders can be made");
                    let red = frame * 20 + clip as u8 + if class == "fi" { 0 } else { 100 };
                    image::RgbImage::from_pixel(16, 16, image::Rgb([red, 9, 9]))
                        .save(path)
                        .expect("pictures can be written");
                }
            }
        }
    }
    project
}

#[test]
fn all_broken_clips_are_told_at_once_in_the_order_of_their_names() {
    let project = with_clips(&[2], &[4]);
    let in_order = |text: &str| {
        let places: Vec<Option<usize>> = ["clip fi2", "clip fi4", "clip no2", "clip no4"]
            .iter()
            .map(|clip| text.find(clip))
            .collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
        assert!(text.contains("has 2 frames, 3 are needed"), "{text}");
        assert_eq!(text.matches("help: take the clip out").count(), 1, "{text}");
    };
    let said = project.run(&["check", "experiments"]).exits(1).stderr;
    in_order(&said);
    project
        .run(&["check", "experiments", "--quick"])
        .exits(0)
        .says("no problem found");
    let wrong = json(&project, 1, &[]);
    in_order(wrong["data_wrong"][0].as_str().expect("a reason"));
    assert_eq!(json(&project, 0, &["--quick"])["clips_opened"], false);
    // The cell that needs them names them all; what was computed of the others is counted right.
    let ran = project.run(&["sweep", "experiments"]).exits(1);
    in_order(ran.stderr.split("failed cells:").last().expect("text"));
    assert!(
        ran.stderr.contains("done    feature maps of 6 clips, 4 cannot be used"),
        "{}",
        ran.stderr
    );
}

#[test]
fn clips_that_nobody_sees_are_not_opened() {
    let project = with_clips(&[2], &[]);
    project.edit(
        "experiments/clips.toml",
        "model = [\"probe\", \"majority\"]",
        "model = [\"majority\"]",
    );
    project.run(&["check", "experiments"]).exits(0);
}

#[test]
fn a_class_without_clips_is_told_where_they_are() {
    let project = with_clips(&[], &[]);
    fs::create_dir_all(project.path("data/all")).expect("a folder can be made");
    fs::rename(project.path("data/film"), project.path("data/all/train")).expect("a folder can be moved");
    fs::rename(project.path("data/all"), project.path("data/film")).expect("a folder can be moved");
    project
        .run(&["check", "experiments"])
        .exits(1)
        .says("`fi1` would be one in data/film/train: is that the folder that `folder` should name?");
    project.edit("experiments/clips.toml", "folder = \"film\"", "folder = \"film/train\"");
    project.run(&["check", "experiments"]).exits(0);
    project.edit("experiments/clips.toml", "no = ", "yes = ");
    project
        .run(&["check", "experiments"])
        .exits(1)
        .says("the names in it are `fi1`, `fi2`, `fi3`, `fi4`, `fi5` and 5 more");
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused_and_nothing_waits() {
    let pipe = |project: &Project, file: &str| {
        let made = std::process::Command::new("mkfifo").arg(project.path(file)).status();
        assert!(made.expect("mkfifo starts").success());
    };
    let project = with_prices("other.csv", &[1]);
    pipe(&project, "data/acme.csv");
    project
        .run(&["check", "experiments"])
        .exits(1)
        .says("acme.csv: it is a named pipe");
    for file in ["data/film/fi9.avi", "data/film/fi1/2.png"] {
        let project = with_clips(&[], &[]);
        drop(fs::remove_file(project.path(file)));
        pipe(&project, file);
        let name = file.rsplit('/').next().expect("a name");
        project
            .run(&["check", "experiments"])
            .exits(1)
            .says(&format!("{name}: it is a named pipe"));
    }
    // A device has no end.
    let project = with_prices("other.csv", &[1]);
    std::os::unix::fs::symlink("/dev/zero", project.path("data/acme.csv")).expect("a link can be made");
    project.run(&["check", "experiments"]).exits(1);
}
