//! A study of clips through `sweep`: one pass of feature maps, equal records, bad clips, missing weights.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::project::Project;

const SIMULATED: &str = r#"
title = "Clips"

[dataset.moving]
kind = "simulated_clips"
clips = 16
size = 32
steps = [
    { frames = 6 }, { resize = 32 }, "pair_difference", { normalise = "imagenet" },
    { augment = { probability = 0.5, crop = 0.7, transpose = "always", variants = 2 } },
    "neighbour_difference", { pad_front = 3 },
]

[backbone]
kind = "resnet50"
weights = "random"
width = 8

[split]
kind = "stratified"
test = 0.25
validation = 0.2

[model.conv_lstm]
kind = "conv_lstm"
filters = 4
dense = [6, 4]
dropout = 0.2

[model.probe]
kind = "linear_probe"

[model.majority]
kind = "majority"

[train]
epochs = 3
batch_size = 4
loss = "binary_cross_entropy"
optimizer = "rmsprop"
learning_rate = 0.001
early_stopping = { patience = 2 }

[grid]
model = ["conv_lstm", "probe", "majority"]
seed = [0, 1]

[[report.table]]
title = "Scores"
rows = ["model"]
columns = ["accuracy", "auc", "log_loss"]

[[report.figure]]
kind = "clip_images"

[[report.figure]]
kind = "model_summary"
"#;

fn simulated() -> Project {
    let project = Project::new();
    project.write("experiments/clips.toml", SIMULATED);
    project
}

/// The feature maps that are kept, with their bytes.
fn maps(project: &Project, cache: &str) -> Vec<(String, Vec<u8>)> {
    let root = project.path(cache).join("features");
    let mut maps: Vec<(String, Vec<u8>)> = walkdir::WalkDir::new(root)
        .into_iter()
        .flatten()
        // A file that is being written has another name, and may be gone before it is read.
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "safetensors"))
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).expect("maps can be read"))
        })
        .collect();
    maps.sort();
    maps
}

#[test]
fn records_and_maps_do_not_depend_on_jobs() {
    let project = simulated();
    for (jobs, results) in [("1", "one"), ("3", "three")] {
        project
            .run(&[
                "sweep",
                "experiments",
                "--jobs",
                jobs,
                "--results",
                results,
                "--cache",
                results,
            ])
            .exits(0)
            .says("4 done (4 trained")
            .says("feature maps of");
    }
    let records = project.records("one");
    assert_eq!(records.len(), 4);
    assert_eq!(records, project.records("three"));
    assert_eq!(maps(&project, "one"), maps(&project, "three"));
    assert_eq!(
        project.read("one/clips/experiment.json"),
        project.read("three/clips/experiment.json")
    );
    let majority = &records[std::path::Path::new("clips/cells/moving,majority.json")];
    assert_eq!(majority["metrics"]["accuracy"], 0.5);
    let configuration = &majority["configuration"];
    assert!(configuration.get("backbone").is_none() && configuration.get("seed").is_none());
    let report = project.read("one/report.html");
    assert!(
        report.contains("data:image/png;base64,"),
        "pictures of the clips are in the report"
    );
    assert!(report.contains("time_distributed"), "the frozen network is in the summary");
}

#[test]
fn a_pass_that_was_cut_off_goes_on_where_it_was() {
    let project = simulated();
    project.edit("experiments/clips.toml", "clips = 16", "clips = 400");
    let mut sweep = project
        .command(&["sweep", "experiments", "--filter", "model=probe"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("runner starts");
    let started = Instant::now();
    while maps(&project, ".cache").len() < 20 && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    sweep.kill().expect("the sweep can be killed");
    sweep.wait().expect("the sweep ends");
    // Its worker notices at the next clip that nobody listens.
    std::thread::sleep(Duration::from_millis(500));
    let before = maps(&project, ".cache");
    assert!(before.len() >= 20, "{} maps in a minute", before.len());
    project
        .run(&["explain", "moving,probe", "experiments"])
        .exits(0)
        .says("reused   feature maps: .cache/features/")
        .says(&format!(" ({} of ", before.len()))
        .says("next     computes ");
    project.run(&["sweep", "experiments", "--filter", "model=probe"]).exits(0);
    let after = maps(&project, ".cache");
    assert!(after.len() > before.len(), "the first sweep was not cut off");
    for kept in &before {
        assert!(after.contains(kept), "{} changed", kept.0);
    }
}

#[test]
fn maps_that_cannot_be_kept_stop_the_sweep_before_they_are_computed() {
    let project = simulated();
    project.write(".cache/features", "a file where a folder should be");
    let ran = project.run(&["sweep", "experiments"]).exits(1);
    let ran = ran.says(".cache/features");
    assert!(!ran.stderr.contains("start "), "{}", ran.stderr);
}

#[test]
fn a_damaged_map_is_made_again_and_never_becomes_a_record() {
    let project = simulated();
    project.run(&["sweep", "experiments"]).exits(0);
    let (records, kept) = (project.records("results"), maps(&project, ".cache"));
    let file = |name: &str| {
        walkdir::WalkDir::new(project.path(".cache/features"))
            .into_iter()
            .flatten()
            .find(|entry| entry.file_name().to_string_lossy() == name)
            .expect("the map is there")
            .into_path()
    };
    // One is cut off, which the next pass sees; one has other numbers, which shows when it is read.
    let cut = kept[0].1[..kept[0].1.len() / 2].to_vec();
    fs::write(file(&kept[0].0), cut).expect("a file can be written");
    let mut spoilt = kept[1].1.clone();
    *spoilt.last_mut().expect("a map has numbers") ^= 0x5a;
    fs::write(file(&kept[1].0), spoilt).expect("a file can be written");
    let again = ["sweep", "experiments", "--force", "--jobs", "1"];
    project.run(&again).exits(1).says("was damaged; it was removed");
    project.run(&["sweep", "experiments", "--force"]).exits(0);
    assert_eq!(records, project.records("results"));
    assert_eq!(kept, maps(&project, ".cache"));
}

/// Eight folders of six frames.
fn frames(project: &Project) {
    for name in ["fi1", "fi2", "fi3", "fi4", "no1", "no2", "no3", "no4"] {
        for frame in 0..6u8 {
            let step = name.as_bytes()[2] * 3 + frame * if name.starts_with("fi") { 20 } else { 2 };
            let picture = image::RgbImage::from_fn(40, 32, |x, y| image::Rgb([x as u8 * 3, y as u8 * 5, step]));
            let path = project.path(&format!("data/film/{name}/{frame}.png"));
            fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders can be made");
            picture.save(path).expect("pictures can be written");
        }
    }
    let text = SIMULATED.replace(
        "kind = \"simulated_clips\"\nclips = 16\nsize = 32\n",
        "kind = \"clips\"\nfolder = \"film\"\nclasses = { fi = \"fight\", no = \"no fight\" }\n",
    );
    project.write("experiments/clips.toml", &text);
}

#[test]
fn folders_of_frames_are_clips() {
    let project = Project::new();
    frames(&project);
    project.run(&["sweep", "experiments"]).exits(0).says("4 done");
    // Without the data the records stand as they are.
    fs::rename(project.path("data"), project.path("elsewhere")).expect("a folder can be moved");
    project.run(&["list", "experiments"]).exits(0).says("done (data not checked)");
    project.run(&["sweep", "experiments"]).exits(0).says("nothing to run");
    // Another picture is another clip.
    fs::rename(project.path("elsewhere"), project.path("data")).expect("a folder can be moved");
    fs::copy(project.path("data/film/fi1/0.png"), project.path("data/film/no1/3.png")).expect("a file can be copied");
    project.run(&["list", "experiments"]).exits(0).says("stale: the data");
}

#[test]
fn a_clip_that_lies_fails_only_the_cells_that_need_it() {
    let project = Project::new();
    frames(&project);
    project.write("data/film/no3/4.png", "this is no picture");
    let ran = project.run(&["sweep", "experiments", "--jobs", "1"]).exits(1);
    assert!(
        ran.stderr.contains("clip no3") && ran.stderr.contains("4.png"),
        "{}",
        ran.stderr
    );
    // The one that looks at labels alone needs no frame.
    project.run(&["list", "experiments"]).exits(0).says("1 done");
    // What was computed of the others is not lost.
    let kept = maps(&project, ".cache").len();
    assert!(kept > 0);
    fs::copy(project.path("data/film/no3/3.png"), project.path("data/film/no3/4.png")).expect("a file can be copied");
    project.run(&["sweep", "experiments"]).exits(0).says("4 done");
}

#[test]
fn weights_that_are_not_here_block_and_the_message_says_how_to_get_them() {
    let project = simulated();
    project.edit(
        "experiments/clips.toml",
        "weights = \"random\"\nwidth = 8",
        "weights = \"resnet50-keras\"",
    );
    project
        .run(&["sweep", "experiments"])
        .exits(3)
        .says("weights missing")
        .says("runner fetch resnet50-keras");
}

#[test]
fn a_study_that_asks_for_a_gpu_is_skipped_or_forced_onto_the_cpu() {
    let project = simulated();
    project.edit(
        "experiments/clips.toml",
        "title = \"Clips\"",
        "title = \"Clips\"\nrequires = \"cuda\"",
    );
    project.run(&["sweep", "experiments"]).exits(0).says("4 skipped");
    project
        .run(&[
            "sweep",
            "experiments",
            "--device",
            "cpu",
            "--set",
            "train.epochs=1",
            "--results",
            "scratch",
        ])
        .exits(0)
        .says("4 done");
    assert_eq!(project.records("scratch").len(), 4);
}
