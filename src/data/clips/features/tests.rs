//! Clips through a small drawn backbone: what is computed, kept and handed out.

use std::path::{Path, PathBuf};

use candle_core::Device;
use serde_json::{Value, json};

use super::*;
use crate::data::clips::ClipsSettings;
use crate::data::clips::{ClipSplit, SimulatedClipsSpec};
use crate::data::{Digests, Examples, Inputs};

fn folders(cache: &Path) -> Folders {
    Folders {
        data: cache.join("data"),
        cache: Place::root(cache),
    }
}

fn steps(augment: bool) -> Value {
    let mut steps = vec![
        json!({"frames": 6}),
        json!({"resize": 32}),
        json!("pair_difference"),
        json!({"normalise": "imagenet"}),
    ];
    if augment {
        let augment = json!({"probability": 0.5, "crop": 0.7, "transpose": "always", "variants": 2});
        steps.push(json!({ "augment": augment }));
    }
    steps.extend([json!("neighbour_difference"), json!({"pad_front": 4})]);
    Value::from(steps)
}

fn source(augment: bool) -> SimulatedClipsSpec {
    serde_json::from_value(json!({"clips": 12, "size": 32, "steps": steps(augment)})).unwrap()
}

fn backbone() -> BackboneSpec {
    serde_json::from_value(json!({"kind": "resnet50", "weights": "random", "width": 8})).unwrap()
}

fn split() -> ClipSplit {
    let split = json!({"kind": "stratified", "test": 0.34, "validation": 0.25});
    serde_json::from_value(split).unwrap()
}

fn numbers(examples: &Examples, chance: Option<(u64, u64)>) -> Vec<f32> {
    let all: Vec<usize> = (0..examples.len()).collect();
    let (inputs, _) = examples.batch(&all, chance).unwrap();
    inputs.flatten_all().unwrap().to_vec1().unwrap()
}

#[test]
fn examples_come_from_kept_maps_and_nothing_is_computed_twice() {
    let cache = tempfile::tempdir().unwrap();
    let folders = folders(cache.path());
    let spec = source(true);
    let (list, backbone) = (spec.list(), backbone());
    let build = || {
        let seen = (&backbone, "random");
        super::build(&list, &spec.steps, seen, &split(), &folders, &Device::Cpu).unwrap()
    };
    let data = build();
    assert_eq!(data.sample_shape, [4, 1, 1, 256]);
    let validation = data.validation.as_ref().unwrap();
    assert_eq!((data.train.len(), validation.len(), data.test.len()), (6, 2, 4));
    assert!(matches!(&data.train, Examples::Items(items) if matches!(items.inputs, Inputs::Maps(_))));
    let files = || -> Vec<(PathBuf, std::time::SystemTime)> {
        let mut files: Vec<_> = walkdir::WalkDir::new(folders.cache.join("features").unwrap().path())
            .into_iter()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_type().is_file())
            .map(|entry| (entry.path().to_owned(), entry.metadata().unwrap().modified().unwrap()))
            .collect();
        files.sort();
        files
    };
    // Two variants of each training clip, the others as they are.
    assert_eq!(files().len(), 2 * 6 + 2 + 4);
    let before = files();
    let again = build();
    assert_eq!(before, files());
    assert_eq!(numbers(&data.test, None), numbers(&again.test, None));
    // A file that is gone is made again, with the same bytes.
    let bytes = std::fs::read(&before[3].0).unwrap();
    std::fs::remove_file(&before[3].0).unwrap();
    build();
    assert_eq!(std::fs::read(&before[3].0).unwrap(), bytes);
    // Epochs choose among the variants.
    let views: Vec<Vec<f32>> = (0..6).map(|epoch| numbers(&data.train, Some((0, epoch)))).collect();
    assert!(views.iter().any(|view| *view != views[0]));
    assert_eq!(numbers(&data.train, Some((0, 0))), views[0]);
}

#[test]
fn padding_is_the_backbones_answer_to_zeros() {
    let cache = tempfile::tempdir().unwrap();
    let folders = folders(cache.path());
    let spec = source(false);
    let seen = (&backbone(), "random");
    let data = super::build(&spec.list(), &spec.steps, seen, &split(), &folders, &Device::Cpu).unwrap();
    let numbers = numbers(&data.test, None);
    let clips: Vec<&[f32]> = numbers.chunks_exact(4 * 256).collect();
    // Three differences become two between neighbours; two images of zeros stand in front.
    for clip in &clips {
        assert_eq!(clip[..256], clips[0][..256]);
        assert_eq!(clip[..256], clip[256..512]);
        assert_ne!(clip[512..768], clip[768..]);
    }
    assert_ne!(clips[0][512..], clips[1][512..]);
}

#[test]
fn a_clip_that_cannot_be_read_is_named_and_the_others_are_computed() {
    let cache = tempfile::tempdir().unwrap();
    let folders = folders(cache.path());
    std::fs::create_dir_all(folders.data.join("clips")).unwrap();
    let names = ["fi1", "fi2", "no1", "no2"];
    for name in names {
        let folder = folders.data.join("clips").join(name);
        std::fs::create_dir(&folder).unwrap();
        for frame in 0..6 {
            let pixel = |x, y| image::Rgb([(x * 7 + frame * 11) as u8, y as u8, frame as u8]);
            let picture = image::RgbImage::from_fn(32, 32, pixel);
            picture.save(folder.join(format!("{frame}.png"))).unwrap();
        }
    }
    std::fs::write(folders.data.join("clips/no2/3.png"), "no picture").unwrap();
    let spec: crate::data::clips::ClipsSpec = serde_json::from_value(json!({
        "folder": "clips", "classes": [["fi", "fight"], ["no", "no fight"]], "steps": steps(false),
    }))
    .unwrap();
    let list = spec.read(&folders.data).unwrap();
    let backbone = backbone();
    let folder = FeatureFolder::of(&spec.steps, &backbone, "random", &folders).unwrap();
    let wanted: Vec<Wanted> = list
        .clips
        .iter()
        .map(|clip| folder.wanted(clip, View::Plain).unwrap())
        .collect();
    let mut errors = Vec::new();
    compute(
        &wanted,
        &spec.steps,
        (&backbone, "random"),
        &folders,
        &Device::Cpu,
        &mut |error| {
            errors.extend(error);
            Ok(())
        },
    )
    .unwrap();
    let there: Vec<bool> = wanted.iter().map(|wanted| wanted.is_kept().unwrap()).collect();
    assert_eq!(there, [true, true, true, false]);
    assert_eq!(errors.len(), 1);
    let error = format!("{:#}", errors[0]);
    assert!(error.contains("no2") && error.contains("3.png"), "{error}");
}

#[test]
fn maps_are_kept_apart_by_what_decides_them() {
    let cache = tempfile::tempdir().unwrap();
    let folders = folders(cache.path());
    let steps = source(true).steps;
    let name = |steps: &[Step], backbone: Value, weights: &str| {
        let backbone: BackboneSpec = serde_json::from_value(backbone).unwrap();
        FeatureFolder::of(steps, &backbone, weights, &folders).unwrap().name()
    };
    let plain = json!({"kind": "resnet50", "weights": "a.safetensors"});
    let first = name(&steps, plain.clone(), "digest");
    // Pooling happens when maps are read, the file's name means nothing, and more variants change none of those there are.
    let pooled = json!({"kind": "resnet50", "weights": "b.safetensors", "pool": 4});
    assert_eq!(first, name(&steps, pooled, "digest"));
    let mut more = steps.clone();
    for step in &mut more {
        if let Step::Augment(spec) = step {
            spec.variants += 3;
        }
    }
    assert_eq!(first, name(&more, plain.clone(), "digest"));
    assert_ne!(first, name(&steps, plain.clone(), "other"));
    assert_ne!(first, name(&source(false).steps, plain, "digest"));
    let other = json!({"kind": "resnet50", "weights": "a.safetensors", "variant": "torchvision"});
    assert_ne!(first, name(&steps, other, "digest"));
}

#[test]
fn weights_that_are_not_here_are_told_apart_from_wrong_ones() {
    let cache = tempfile::tempdir().unwrap();
    let folders = folders(cache.path());
    let named =
        |weights: &str| -> BackboneSpec { serde_json::from_value(json!({"kind": "resnet50", "weights": weights})).unwrap() };
    let error = named("resnet50-keras").digest(&folders).unwrap_err();
    assert!(error.is::<backbone::WeightsMissing>());
    assert!(error.to_string().contains("`runner fetch resnet50-keras`"), "{error}");
    let error = named("mine.safetensors").digest(&folders).unwrap_err();
    assert!(error.is::<backbone::WeightsMissing>());
    std::fs::create_dir_all(&folders.data).unwrap();
    std::fs::write(folders.data.join("mine.safetensors"), "no tensors").unwrap();
    let mine = named("mine.safetensors");
    let digest = mine.digest(&folders).unwrap();
    let error = mine.network(&folders, &digest).unwrap_err();
    assert!(format!("{error:#}").contains("mine.safetensors does not hold a ResNet50"));
    // Another file by now than the one that the cells were planned with.
    std::fs::write(folders.data.join("mine.safetensors"), "others").unwrap();
    let error = mine.network(&folders, &digest).unwrap_err();
    assert!(error.to_string().contains("has changed"), "{error}");
    // What was fetched is what `runner fetch` wrote, or it is not used.
    let fetched = folders.fetched("resnet50-keras").unwrap();
    fetched.write(b"damaged").unwrap();
    let error = named("resnet50-keras").digest(&folders).unwrap_err();
    assert!(!error.is::<backbone::WeightsMissing>());
    assert!(error.to_string().contains("is damaged"), "{error}");
    let digests = Digests {
        data: "a".to_owned(),
        weights: None,
    };
    assert_eq!(serde_json::to_string(&digests).unwrap(), "{\"data\":\"a\"}");
}

/// From a real clip to its features, against OpenCV's and Keras's numbers; clips and weights are not part of the repository.
#[test]
fn golden_hockey_features() {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let numbers = crate::nn::golden::golden_folder().join("hockey_pipeline.safetensors");
    let (Some(data), Some(cache), true) = (variable("RUNNER_DATA"), variable("RUNNER_CACHE"), numbers.exists()) else {
        eprintln!(
            "skipped: RUNNER_DATA names the folder of hockey_fights, RUNNER_CACHE the cache with fetched weights, RUNNER_GOLDEN \
             the folder of hockey_pipeline.safetensors"
        );
        return;
    };
    let kept = tempfile::tempdir().unwrap();
    let folders = Folders {
        data,
        cache: Place::root(kept.path()),
    };
    let fetched = folders.fetched("resnet50-keras").unwrap();
    let bytes = std::fs::read(cache.join("fetched/resnet50-keras.safetensors")).unwrap();
    fetched.write(&bytes).unwrap();
    let spec: crate::data::clips::ClipsSpec = serde_json::from_value(json!({
        "folder": "hockey_fights",
        "classes": [["fi", "fight"], ["no", "no fight"]],
        "steps": [{"frames": 20}, {"resize": 256}, "pair_difference", {"normalise": "imagenet"}],
    }))
    .unwrap();
    let backbone: BackboneSpec = serde_json::from_value(json!({"kind": "resnet50", "weights": "resnet50-keras"})).unwrap();
    let weights = backbone.digest(&folders).unwrap();
    let folder = FeatureFolder::of(&spec.steps, &backbone, &weights, &folders).unwrap();
    let list = spec.read(&folders.data).unwrap();
    let golden = crate::nn::golden::golden("hockey_pipeline");
    let wanted: Vec<Wanted> = list
        .clips
        .iter()
        .filter(|clip| golden.contains_key(&format!("{}.pooled", clip.name)))
        .map(|clip| folder.wanted(clip, View::Plain).unwrap())
        .collect();
    assert_eq!(wanted.len(), 4);
    compute(
        &wanted,
        &spec.steps,
        (&backbone, &weights),
        &folders,
        &Device::Cpu,
        &mut |error| error.map_or(Ok(()), Err),
    )
    .unwrap();
    let files = wanted.iter().map(|wanted| StoredMaps {
        views: vec![wanted.file.clone()],
    });
    // Averaged over all of space.
    let maps = Maps::new(files.collect(), [10, 8, 8, 2048], 8, &Device::Cpu);
    for (index, wanted) in wanted.iter().enumerate() {
        let ours = maps.batch(&[index], None).unwrap().flatten_all().unwrap();
        let ours: Vec<f32> = ours.to_vec1().unwrap();
        let theirs = golden[&format!("{}.pooled", wanted.clip.name)].flatten_all().unwrap();
        let theirs: Vec<f32> = theirs.to_vec1().unwrap();
        for (ours, theirs) in ours.chunks_exact(2048).zip(theirs.chunks_exact(2048)) {
            let dot = |a: &[f32], b: &[f32]| -> f64 { a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum() };
            let cosine = dot(ours, theirs) / (dot(ours, ours) * dot(theirs, theirs)).sqrt();
            assert!(cosine > 0.999, "{}: {cosine}", wanted.clip.name);
        }
    }
}
