//! Where checkpoints lie, which of them are kept, and what binds them to their cell.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::json;

use super::{Case, LSTM, Steps, settings, walked};
use crate::checkpoint::walked::Saved;
use crate::checkpoint::{Trail, digests};
use crate::language::cell::Cell;
use crate::store::paths::Cache;
use crate::store::record::Key;
use crate::train::{Checkpoint, Reached};

/// A cell of so many epochs, and its key.
fn cell(epochs: usize) -> Result<(Cell, Key)> {
    let cell: Cell = serde_json::from_value(json!({
        "experiment": "e", "id": "a", "dataset_name": "d", "model_name": "m", "axes": {},
        "data": {
            "form": "series",
            "source": { "kind": "simulated_prices", "days": 60 },
            "window": { "lookback": 5, "horizon": 2 },
            "split": { "kind": "backtest", "origins": 6 },
        },
        "model": { "kind": "lstm", "hidden": [3], "dense": [] },
        "train": settings(&json!({ "epochs": epochs }))?,
        "seed": 0, "requires_cuda": false,
    }))?;
    let data = serde_json::from_value(json!({ "data": "d" }))?;
    let key = Key::of(&cell, &data);
    Ok((cell, key))
}

fn trail(epochs: usize, cache: &Path) -> Result<Trail> {
    let (cell, key) = cell(epochs)?;
    Trail::of(&cell, &key, false, &Cache(cache.to_owned()))?.context("it is trained")
}

/// A training that has counted so far.
fn saved_at(epoch: usize, batch: usize) -> Result<Saved> {
    let (mut state, _) = Case::new(LSTM, &json!({}))?.train(None, &mut Steps::default())?;
    (state.progress.epoch, state.progress.batch) = (epoch, batch);
    Ok(Saved {
        state,
        walked: Arc::default(),
        seconds: 1.0,
    })
}

fn names(cache: &Path, folder: &str) -> Vec<String> {
    let files = walkdir::WalkDir::new(cache.join(folder)).into_iter().flatten();
    let files = files.filter(|entry| entry.file_type().is_file());
    let mut names: Vec<String> = files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn the_last_two_are_kept_and_the_furthest_is_found() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cache = folder.path();
    let own = trail(20, cache)?;
    let write = |trail: &Trail, epoch, batch| trail.write(&saved_at(epoch, batch)?);
    for (epoch, batch) in [(8, 0), (9, 2), (10, 1)] {
        write(&own, epoch, batch)?;
    }
    assert_eq!(names(cache, "checkpoints"), ["20-10-1.checkpoint", "20-9-2.checkpoint"]);
    let epoch =
        |epochs: usize| -> Result<Option<usize>> { Ok(trail(epochs, cache)?.reached().map(|reached| reached.epoch)) };
    // Cells of other epochs find them, as far as their own epochs go.
    assert_eq!(
        [epoch(20)?, epoch(30)?, epoch(10)?, epoch(9)?],
        [Some(10), Some(10), Some(9), None]
    );
    // The one before a damaged one; to know how far it is, its beginning and its length are looked at.
    let places = own.places()?;
    let whole = places[0].read(1 << 20)?.context("a checkpoint")?;
    for damaged in [&b"damaged"[..], b"", &whole[..whole.len() - 1], &[&whole[..], b"x"].concat()] {
        places[0].write(damaged)?;
        assert_eq!(epoch(20)?, Some(9));
    }
    places[0].write(&whole)?;
    assert_eq!(epoch(20)?, Some(10));
    // One further on that was refused, or is of a training that is begun again, is none of the two.
    places[0].rename(&places[0].folder().join("20-19-0.checkpoint")?)?;
    for epoch in [3, 4, 5] {
        write(&own, epoch, 0)?;
    }
    assert_eq!(
        names(cache, "checkpoints"),
        [
            "20-19-0.checkpoint",
            "20-4-0.checkpoint",
            "20-5-0.checkpoint",
            "20-9-2.checkpoint"
        ]
    );
    Ok(())
}

#[test]
fn with_the_record_checkpoints_go_and_the_end_stays_for_cells_of_more_epochs() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cache = folder.path();
    let (short, long) = (trail(20, cache)?, trail(50, cache)?);
    for (trail, epoch) in [(&short, 12), (&short, 20), (&long, 15), (&long, 25)] {
        trail.write(&saved_at(epoch, 0)?)?;
    }
    let end = Reached {
        epoch: 20,
        batch: 0,
        is_done: true,
        epochs: 20,
        turn: None,
    };
    short.settle(Some(end))?;
    assert_eq!(names(cache, "checkpoints"), ["50-25-0.checkpoint"]);
    assert_eq!(names(cache, "ends"), ["20.checkpoint"]);
    assert_eq!(short.reached(), None, "its record is made again from nothing");
    long.settle(None)?;
    assert!(names(cache, "checkpoints").is_empty());
    assert_eq!(long.reached().map(|reached| reached.epoch), Some(20));
    Ok(())
}

#[test]
fn a_trail_is_that_of_all_that_makes_the_numbers_but_epochs_and_when_to_save() -> Result<()> {
    let (cell, key) = cell(20)?;
    let digests = |key: &Key, cell: &Cell| digests(key, &cell.configuration());
    let [cpu, cuda] = digests(&key, &cell);
    assert_ne!(cpu, cuda);
    let changed = |change: fn(&mut Cell)| -> Result<(String, Key)> {
        let mut other = cell.clone();
        change(&mut other);
        let data = serde_json::from_value(json!({ "data": "d" }))?;
        let key = Key::of(&other, &data);
        Ok((digests(&key, &other)[0].clone(), key))
    };
    assert_eq!(
        changed(|cell| cell.checkpoint = Checkpoint::Never)?,
        (cpu.clone(), key.clone())
    );
    let (more, more_key) = changed(|cell| cell.train.as_mut().expect("it is trained").epochs = 21)?;
    assert!(more == cpu && more_key != key);
    // A schedule that ends with the training makes another training of one that is longer.
    let scheduled = |kind: &str, epochs: usize| -> Result<String> {
        let mut other = cell.clone();
        let train = other.train.as_mut().context("it is trained")?;
        (train.epochs, train.schedule) = (epochs, crate::kind::from_name(kind));
        assert!(train.schedule.is_some());
        Ok(digests(&key, &other)[0].clone())
    };
    assert_eq!(scheduled("halving", 20)?, scheduled("halving", 21)?);
    assert_ne!(scheduled("halving", 20)?, cpu);
    for kind in ["cosine", "one_cycle"] {
        assert_ne!(scheduled(kind, 20)?, scheduled(kind, 21)?);
    }
    let (other, _) = changed(|cell| cell.train.as_mut().expect("it is trained").batch_size = 21)?;
    assert_ne!(other, cpu);
    let (other, _) = changed(|cell| cell.seed = Some(1))?;
    assert_ne!(other, cpu);
    let mut other = key.clone();
    other.code.insert("rng".to_owned(), 99);
    assert_ne!(digests(&other, &cell)[0], cpu);
    let mut other = key;
    other.data = "e".to_owned();
    assert_ne!(digests(&other, &cell)[0], cpu);
    Ok(())
}

#[test]
fn of_a_walk_the_furthest_is_that_of_the_latest_training_and_no_end_is_kept() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let cache = Cache(folder.path().to_owned());
    let of = |epochs: usize| -> Result<Trail> {
        let (mut cell, _) = cell(epochs)?;
        let mut settings = serde_json::to_value(&*cell.data)?;
        settings["split"]["refit_every"] = json!(2);
        cell.data = serde_json::from_value(settings)?;
        let key = Key::of(&cell, &serde_json::from_value(json!({ "data": "d" }))?);
        Trail::of(&cell, &key, false, &cache)?.context("it is trained")
    };
    let own = of(20)?;
    for (is_later, epoch) in [(false, 19), (true, 1), (true, 3)] {
        let mut saved = saved_at(epoch, 0)?;
        if is_later {
            saved.walked = Arc::new(walked());
        }
        own.write(&saved)?;
    }
    assert_eq!(names(&cache.0, "checkpoints"), ["20-2-1-0.checkpoint", "20-2-3-0.checkpoint"]);
    let reached = own.reached().context("it goes on")?;
    assert_eq!(reached.to_string(), "in epoch 4 of 20 of refit 3 of 3");
    assert!(!reached.is_all() && reached.at() == [2, 3, 0]);
    assert_eq!(
        of(21)?.reached(),
        None,
        "one of more epochs is another from its first refit on"
    );
    own.settle(None)?;
    assert!(names(&cache.0, "checkpoints").is_empty() && names(&cache.0, "ends").is_empty());
    Ok(())
}
