use std::path::Path;

use super::*;

fn file(folder: &Path, name: &str) -> MapFile {
    MapFile {
        place: Place::root(folder).join(name).unwrap(),
        of: format!("clip {name}"),
    }
}

fn stored(folder: &Path, shape: [usize; 4]) -> (MapFile, Vec<f32>) {
    let count: usize = shape.iter().product();
    // Halves hold these exactly.
    let maps: Vec<f32> = (0..count).map(|index| (index % 512) as f32 / 4.0).collect();
    let file = file(folder, "b.safetensors");
    file.write(&maps, shape, "0a").unwrap();
    (file, maps)
}

#[test]
fn maps_come_back_whole_and_pooled() {
    let folder = tempfile::tempdir().unwrap();
    let shape = [2, 2, 4, 8];
    let (file, maps) = stored(folder.path(), shape);
    let examples = || {
        vec![StoredMaps {
            views: vec![file.clone()],
        }]
    };
    let whole = Maps::new(examples(), shape, 1, &Device::Cpu).batch(&[0, 0], None).unwrap();
    assert_eq!(whole.dims(), [2, 2, 2, 4, 8]);
    assert_eq!(
        whole.flatten_all().unwrap().to_vec1::<f32>().unwrap(),
        [maps.clone(), maps.clone()].concat()
    );
    let pooled = Maps::new(examples(), shape, 2, &Device::Cpu).batch(&[0], None).unwrap();
    assert_eq!(pooled.dims(), [1, 2, 1, 2, 8]);
    let first = pooled.flatten_all().unwrap().to_vec1::<f32>().unwrap()[0];
    assert_eq!(first, (maps[0] + maps[8] + maps[32] + maps[40]) / 4.0);
}

#[test]
fn a_summary_is_that_worked_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path(), "m.safetensors");
    // Two steps of one position pair, one channel: means over space 2 and 6.
    file.write(&[1.0, 3.0, 4.0, 8.0], [2, 1, 2, 1], "0a").unwrap();
    let maps = Maps::new(vec![StoredMaps { views: vec![file] }], [2, 1, 2, 1], 1, &Device::Cpu);
    assert_eq!(maps.summary(0).unwrap(), [4.0, 2.0, 6.0]);
}

#[test]
fn a_damaged_file_is_named_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let shape = [1, 1, 1, 8];
    let (kept, _) = stored(folder.path(), shape);
    let is_kept = |shape| kept.is_kept(shape).unwrap();
    let path = kept.place.path();
    assert!(is_kept(shape) && !is_kept([1, 1, 1, 16]));
    let whole = std::fs::read(path).unwrap();
    let mut spoilt = whole.clone();
    *spoilt.last_mut().unwrap() ^= 1;
    for damaged in [&whole[..whole.len() - 3], &spoilt, b"", b"no maps at all"] {
        std::fs::write(path, damaged).unwrap();
        let error = format!("{:#}", kept.read(shape).unwrap_err());
        assert!(error.contains("b.safetensors was damaged; it was removed"), "{error}");
        assert!(!path.exists() && !is_kept(shape));
    }
    std::fs::write(path, &whole).unwrap();
    assert!(kept.read(shape).is_ok());
    std::fs::write(path, &whole[..20]).unwrap();
    assert!(!is_kept(shape), "a file that was cut off is made again");
}

#[test]
fn a_file_that_tells_nothing_of_its_frames_is_as_good() {
    let folder = tempfile::tempdir().unwrap();
    let shape = [1, 1, 1, 8];
    let (kept, _) = stored(folder.path(), shape);
    let path = kept.place.path();
    let whole = std::fs::read(path).unwrap();
    let told = format!("{FRAMES}0a");
    let at = whole.windows(told.len()).position(|piece| piece == told.as_bytes());
    let at = at.expect("the frames are told");
    // The words go, and as many spaces come where a header may have them: at its end.
    let header = 8 + u64::from_le_bytes(*whole.first_chunk().unwrap()) as usize;
    let spaces = " ".repeat(told.len());
    let parts = [
        &whole[..at],
        &whole[at + told.len()..header],
        spaces.as_bytes(),
        &whole[header..],
    ];
    std::fs::write(path, parts.concat()).unwrap();
    assert!(kept.is_kept(shape).unwrap() && kept.read(shape).is_ok());
}

#[test]
fn the_maps_of_another_clip_under_the_name_of_this_one_are_damage() {
    let folder = tempfile::tempdir().unwrap();
    let shape = [1, 1, 1, 8];
    let (other, _) = stored(folder.path(), shape);
    let kept = file(folder.path(), "c.safetensors");
    std::fs::copy(other.place.path(), kept.place.path()).unwrap();
    assert!(!kept.is_kept(shape).unwrap() && other.is_kept(shape).unwrap());
    assert!(kept.read(shape).is_err() && other.read(shape).is_ok());
    assert!(!kept.place.is_there().unwrap());
}

#[test]
fn numbers_that_a_half_cannot_hold_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for number in [f32::NAN, f32::INFINITY, 1e6] {
        let file = file(folder.path(), "a.safetensors");
        assert!(file.write(&[number], [1, 1, 1, 1], "0a").is_err());
        assert!(!file.place.is_there().unwrap());
    }
}

#[test]
fn views_are_chosen_by_seed_epoch_and_example() {
    let folder = tempfile::tempdir().unwrap();
    let views: Vec<MapFile> = (0..2)
        .map(|view| {
            let file = file(folder.path(), &format!("{view}.safetensors"));
            file.write(&[view as f32; 8], [1, 1, 1, 8], "0a").unwrap();
            file
        })
        .collect();
    let maps = Maps::new(vec![StoredMaps { views }; 40], [1, 1, 1, 8], 1, &Device::Cpu);
    let all: Vec<usize> = (0..40).collect();
    let seen = |chance| -> Vec<f32> { maps.batch(&all, chance).unwrap().flatten_all().unwrap().to_vec1().unwrap() };
    assert!(seen(None).iter().all(|x| *x == 0.0));
    let first = seen(Some((0, 0)));
    assert!(first.contains(&0.0) && first.contains(&1.0));
    assert_eq!(first, seen(Some((0, 0))));
    assert_ne!(first, seen(Some((0, 1))));
    assert_ne!(first, seen(Some((1, 0))));
}
