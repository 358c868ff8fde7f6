//! The way from the real clips to their difference images, held to OpenCV's. The clips are not in the repository: without
//! them these tests say so and pass.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::path::PathBuf;

use candle_core::Tensor;

use super::*;
use crate::nn::golden::{golden, golden_folder};

/// The folder of all data, where it holds the clips.
fn data_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("RUNNER_DATA").map(PathBuf::from)?;
    folder.join("hockey_fights").is_dir().then_some(folder)
}

fn hockey() -> ClipsSpec {
    let json = r#"{ "folder": "hockey_fights", "classes": { "fi": "fight", "no": "no fight" }, "steps": [
        { "frames": 20 }, { "resize": 256 }, "pair_difference", { "normalise": "imagenet" }
    ] }"#;
    serde_json::from_str(json).unwrap()
}

/// The clips and OpenCV's numbers.
fn real() -> Option<(ClipList, HashMap<String, Tensor>)> {
    let there = golden_folder().join("hockey_pipeline.safetensors").is_file();
    let Some(data) = data_folder().filter(|_| there) else {
        eprintln!("not tested: RUNNER_DATA names no folder with hockey_fights, or RUNNER_GOLDEN none with their numbers");
        return None;
    };
    Some((hockey().read(&data).unwrap(), golden("hockey_pipeline")))
}

fn mean_difference(ours: impl Iterator<Item = u8>, theirs: &Tensor) -> f64 {
    let theirs = theirs.flatten_all().unwrap().to_vec1::<u8>().unwrap();
    let count = theirs.len();
    let ours: Vec<u8> = ours.collect();
    assert_eq!(ours.len(), count);
    let differences = ours.iter().zip(theirs).map(|(a, b)| f64::from(a.abs_diff(b)));
    differences.sum::<f64>() / count as f64
}

/// Of a whole resized frame to the golden one. That was taken from every fourth pixel of every fourth row without a copy,
/// and some versions of safetensors write the memory that such an array starts at instead of its values: then it holds
/// the first rows. Either way it is as many values of the frame.
fn frame_difference(frame: &[u8], theirs: &Tensor) -> f64 {
    let start = frame[..64 * 64 * 3].iter().copied();
    let every_fourth = (0..256)
        .step_by(4)
        .flat_map(|row| (0..256).step_by(4).map(move |column| (row * 256 + column) * 3))
        .flat_map(|at| frame[at..at + 3].iter().copied());
    mean_difference(start, theirs).min(mean_difference(every_fourth, theirs))
}

#[test]
fn golden_frames_and_differences_of_real_clips() {
    let Some((list, tensors)) = real() else {
        return;
    };
    let steps = hockey().steps;
    let mut seen = 0;
    for (name, frame) in &tensors {
        let Some(name) = name.strip_suffix(".frame0_bgr") else {
            continue;
        };
        let clip = list.clips.iter().find(|clip| clip.name == name).unwrap();
        let frames = clip.frames(20).unwrap();
        let resized = run(&steps[..2], frames.clone(), None).unwrap();
        let frame = frame_difference(resized.bytes().unwrap(), frame);
        let differences = run_until_normalise(&steps, frames).unwrap();
        let image = 256 * 256 * 3;
        let bytes = differences.bytes().unwrap();
        let first = mean_difference(bytes[..image].iter().copied(), &tensors[&format!("{name}.diff0_bgr")]);
        let means = tensors[&format!("{name}.diff_means")].to_vec1::<f32>().unwrap();
        let ours = bytes
            .chunks_exact(image)
            .map(|image| image.iter().map(|byte| f64::from(*byte)).sum::<f64>() / image.len() as f64);
        let worst = ours
            .zip(&means)
            .map(|(ours, theirs)| (ours - f64::from(*theirs)).abs())
            .fold(0.0, f64::max);
        eprintln!("{name}: frame {frame:.4}, difference {first:.4}, means {worst:.4} grey levels");
        assert!(frame <= 1.0 && first <= 1.0 && worst <= 0.2, "{name}");
        seen += 1;
    }
    assert!(seen >= 4);
}

#[test]
fn real_clips_are_listed_in_order() {
    let Some((list, _)) = real() else { return };
    let started = std::time::Instant::now();
    let again = hockey().read(&data_folder().unwrap()).unwrap();
    eprintln!("listed in {:?}", started.elapsed());
    assert_eq!(list, again);
    assert_eq!(list.classes, ["fight", "no fight"]);
    assert_eq!(list.clips.len(), 1000);
    for (index, clip) in list.clips.iter().enumerate() {
        let number = index % 500 + 1;
        let prefix = if index < 500 { "fi" } else { "no" };
        assert_eq!(clip.name, format!("{prefix}{number}"));
        assert_eq!(usize::from(clip.label), index / 500);
    }
}

/// Decodes and preprocesses 200 clips on two threads, and says how long it took.
#[test]
fn real_clips_in_milliseconds() {
    let Some((list, _)) = real() else { return };
    let steps = hockey().steps;
    let clips: Vec<&Clip> = list.clips.iter().step_by(5).collect();
    let started = std::time::Instant::now();
    let spent = std::thread::scope(|scope| {
        let halves = clips.chunks(100).map(|half| {
            let steps = &steps;
            scope.spawn(move || {
                let mut decoding = std::time::Duration::ZERO;
                for clip in half {
                    let started = std::time::Instant::now();
                    let frames = clip.frames(20).unwrap();
                    decoding += started.elapsed();
                    let images = run(steps, frames, None).unwrap();
                    assert_eq!(images.floats().unwrap().len(), 10 * 256 * 256 * 3);
                }
                decoding
            })
        });
        let halves: Vec<_> = halves.collect();
        halves
            .into_iter()
            .map(|half| half.join().unwrap())
            .sum::<std::time::Duration>()
    });
    let wall = started.elapsed().as_secs_f64() * 1e3 / clips.len() as f64;
    let decoding = spent.as_secs_f64() * 1e3 / clips.len() as f64;
    let frames = clips[0].frames(20).unwrap();
    let fastest = (0..20).map(|_| {
        let frames = frames.clone();
        let started = std::time::Instant::now();
        run(&steps, frames, None).unwrap();
        started.elapsed()
    });
    eprintln!(
        "{wall:.1} ms a clip on two threads; each thread waited {decoding:.1} ms a clip for ffmpeg; the steps take {:?}",
        fastest.min().unwrap()
    );
}
