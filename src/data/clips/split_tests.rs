#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::super::list::{Clip, ClipSource};
use super::*;

/// `count` clips of each class, all different but for those named alike in `same`.
fn clips(count: usize, same: &[&[&str]]) -> ClipList {
    let mut clips = Vec::new();
    for (label, prefix) in ["fi", "no"].into_iter().enumerate() {
        for number in 1..=count {
            let name = format!("{prefix}{number}");
            let first = same.iter().find(|group| group.contains(&name.as_str()));
            let content = first.map_or(name.as_str(), |group| group[0]);
            clips.push(Clip {
                label: label as u8,
                digest: blake3::hash(content.as_bytes()).to_hex().to_string(),
                source: ClipSource::Video(name.clone().into()),
                name,
            });
        }
    }
    ClipList::of(clips, ["fight", "no fight"].map(str::to_owned), "test".to_owned())
}

/// The duplicates of the real clips.
fn hockey() -> ClipList {
    clips(500, &[&["no13", "no14"], &["no123", "no136"], &["no401", "no402"]])
}

fn stratified(test: f64, validation: f64, seed: u64, duplicates: Duplicates) -> ClipSplit {
    ClipSplit::Stratified(StratifiedSpec {
        test,
        validation,
        seed,
        duplicates,
    })
}

fn group(size: usize, test: f64, validation: f64, seed: u64) -> ClipSplit {
    ClipSplit::Group(GroupSpec {
        size,
        test,
        validation,
        seed,
        duplicates: Duplicates::Together,
    })
}

/// Clips of each class.
fn of_class(list: &ClipList, part: &[usize]) -> [usize; 2] {
    [0, 1].map(|label| part.iter().filter(|clip| list.clips[**clip].label == label).count())
}

/// Every clip lies in exactly one part.
fn assert_complete(list: &ClipList, cut: &ClipCut) {
    let mut all = [&cut.train[..], &cut.validation, &cut.test].concat();
    all.sort_unstable();
    assert_eq!(all, (0..list.clips.len()).collect::<Vec<_>>());
    for part in [&cut.train, &cut.validation, &cut.test] {
        assert!(part.is_sorted());
    }
}

#[test]
fn a_fifth_of_each_class_is_tested() {
    let list = hockey();
    for seed in 0..20 {
        let cut = split(&list, &stratified(0.2, 0.1, seed, Duplicates::Together)).unwrap();
        assert_complete(&list, &cut);
        assert_eq!(of_class(&list, &cut.test), [100, 100]);
        assert_eq!(of_class(&list, &cut.validation), [40, 40]);
        assert_eq!(cut.duplicates.len(), 3);
        assert!(cut.straddling.is_empty());
        // Nearly every clip of a random split has a neighbour in training.
        assert!(cut.neighbours > 150);
    }
}

#[test]
fn free_duplicates_are_found_on_both_sides() {
    let list = hockey();
    let mut straddling = 0;
    for seed in 0..20 {
        let cut = split(&list, &stratified(0.2, 0.1, seed, Duplicates::Free)).unwrap();
        assert_eq!(of_class(&list, &cut.test), [100, 100]);
        assert_eq!(cut.duplicates, [["no13", "no14"], ["no123", "no136"], ["no401", "no402"]]);
        straddling += cut.straddling.len();
    }
    // Each of the 60 pairs is parted with probability 2 (0.2 0.8 + 0.08 0.72) = 0.435.
    assert!((15..38).contains(&straddling), "{straddling}");
}

#[test]
fn groups_stay_whole() {
    let list = hockey();
    for seed in 0..20 {
        let cut = split(&list, &group(20, 0.2, 0.1, seed)).unwrap();
        assert_complete(&list, &cut);
        assert_eq!(of_class(&list, &cut.test), [100, 100]);
        assert_eq!(of_class(&list, &cut.validation), [40, 40]);
        for part in [&cut.test, &cut.validation] {
            for clip in part {
                let first = clip / 20 * 20;
                assert!((first..first + 20).all(|clip| part.binary_search(&clip).is_ok()));
            }
        }
        // Only the ends of a block have a neighbour elsewhere.
        assert!(cut.neighbours <= 20);
        assert!(cut.straddling.is_empty());
    }
}

#[test]
fn a_split_hangs_on_its_seed_alone() {
    let list = hockey();
    for spec in [
        |seed| stratified(0.2, 0.1, seed, Duplicates::Together),
        |seed| group(20, 0.2, 0.1, seed),
    ] {
        let first = split(&list, &spec(0)).unwrap();
        assert_eq!(first, split(&list, &spec(0)).unwrap());
        let other = split(&list, &spec(1)).unwrap();
        assert_ne!(first.test, other.test);
        assert_ne!(first.validation, other.validation);
    }
    // The validation set changes nothing about the test set.
    let with = split(&list, &stratified(0.2, 0.1, 0, Duplicates::Together)).unwrap();
    let without = split(&list, &stratified(0.2, 0.0, 0, Duplicates::Together)).unwrap();
    assert_eq!(with.test, without.test);
    assert!(without.validation.is_empty());
}

#[test]
fn duplicates_join_their_blocks() {
    // Blocks of 5: fi1 lies in the first, fi12 in the third.
    let list = clips(20, &[&["fi1", "fi12"]]);
    for seed in 0..20 {
        let cut = split(&list, &group(5, 0.5, 0.0, seed)).unwrap();
        assert_eq!(of_class(&list, &cut.test), [10, 10]);
        let joined: Vec<usize> = (0..5).chain(10..15).collect();
        let tested = joined.iter().filter(|clip| cut.test.contains(clip)).count();
        assert!(tested == 0 || tested == 10, "{tested}");
    }
}

#[test]
fn a_clip_of_both_classes_is_trained_on() {
    let list = clips(10, &[&["fi3", "no7"]]);
    for seed in 0..20 {
        let cut = split(&list, &stratified(0.5, 0.2, seed, Duplicates::Together)).unwrap();
        assert_complete(&list, &cut);
        assert!(cut.train.contains(&2) && cut.train.contains(&16));
        assert_eq!(of_class(&list, &cut.test), [5, 5]);
    }
}

#[test]
fn sums_are_met_where_the_units_allow() {
    let sum = |sizes: &[usize], share: f64| {
        let all = sizes.iter().sum();
        let taken = take(sizes, all, share)?;
        Some(
            sizes
                .iter()
                .zip(taken)
                .filter(|(_, taken)| *taken)
                .map(|(size, _)| size)
                .sum(),
        )
    };
    // A first fit would take 5 and 3 and stop at 8.
    assert_eq!(sum(&[5, 3, 4, 6], 0.5), Some(9usize));
    assert_eq!(sum(&[20, 20, 20, 20, 20], 0.45), Some(40));
    assert_eq!(sum(&[20, 20], 0.1), Some(20));
    assert_eq!(sum(&[64, 128, 3, 66], 0.5), Some(131));
    assert_eq!(sum(&[20], 0.5), None);
    assert_eq!(sum(&[1, 1], 0.1), None);
    assert_eq!(sum(&[], 0.5), None);
    // The units first in the order are taken first.
    assert_eq!(take(&[1; 6], 6, 0.34), Some(vec![true, true, false, false, false, false]));
}

#[test]
fn names_without_numbers_count_by_place() {
    let mut list = clips(6, &[]);
    for (clip, letter) in list.clips.iter_mut().zip('a'..) {
        clip.name = letter.to_string();
    }
    assert_eq!(numbers(&list), [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
    let cut = split(&list, &group(2, 0.34, 0.0, 0)).unwrap();
    for clip in &cut.test {
        assert!(cut.test.contains(&(clip ^ 1)));
    }
    // The test block of a class has a neighbour before it, after it, or both.
    assert!((2..=4).contains(&cut.neighbours));
}

#[test]
fn a_class_without_clips_in_a_part_is_an_error() {
    let list = clips(4, &[&["fi1", "fi2", "fi3", "fi4"]]);
    for (spec, setting) in [
        (stratified(0.1, 0.0, 0, Duplicates::Free), "split.test = 0.1"),
        (stratified(0.9, 0.0, 0, Duplicates::Free), "split.test = 0.9"),
        (stratified(0.5, 0.1, 0, Duplicates::Free), "split.validation = 0.1"),
        (stratified(0.5, 0.0, 0, Duplicates::Together), "split.test = 0.5"),
        (group(4, 0.5, 0.0, 0), "split.test = 0.5"),
    ] {
        let error = split(&list, &spec).unwrap_err().to_string();
        assert!(error.contains(setting) && error.contains("`fight`"), "{error}");
    }
}

#[test]
fn a_split_reads_as_it_is_written() {
    let read = |text: &str| toml::from_str::<ClipSplit>(text);
    let spec = read("kind = \"group\"\nsize = 20\ntest = 0.2").unwrap();
    assert_eq!(spec, group(20, 0.2, 0.0, 0));
    let text = toml::to_string(&spec).unwrap();
    assert_eq!(read(&text).unwrap(), spec);
    let spec = read("kind = \"stratified\"\ntest = 0.2\nduplicates = \"free\"\nseed = 3").unwrap();
    assert_eq!(spec, stratified(0.2, 0.0, 3, Duplicates::Free));
    for wrong in [
        "kind = \"stratified\"",
        "kind = \"stratified\"\ntest = 1.0",
        "kind = \"stratified\"\ntest = 0.2\nsize = 3",
        "kind = \"group\"\ntest = 0.2",
        "kind = \"group\"\nsize = 0\ntest = 0.2",
        "kind = \"stratified\"\ntest = 0.2\nvalidation = 1.0",
        "kind = \"stratified\"\ntest = 0.2\nduplicates = \"apart\"",
    ] {
        read(wrong).unwrap_err();
    }
}

/// Clips of both classes, some of the same content, in groups of any size.
fn any_clips() -> impl proptest::strategy::Strategy<Value = ClipList> {
    use proptest::prelude::*;
    let contents = || proptest::collection::vec(0u8..60, 2..40);
    (contents(), contents()).prop_map(|classes| {
        let mut clips = Vec::new();
        for (label, contents) in [classes.0, classes.1].into_iter().enumerate() {
            for (number, content) in contents.into_iter().enumerate() {
                let name = format!("{}{}", ["fi", "no"][label], number + 1);
                clips.push(Clip {
                    label: label as u8,
                    // A few contents are shared by clips, within a class and between them.
                    digest: match content {
                        0..8 => content.to_string(),
                        _ => name.clone(),
                    },
                    source: ClipSource::Video(name.clone().into()),
                    name,
                });
            }
        }
        let classes = ["fight", "no fight"].map(str::to_owned);
        ClipList::of(clips, classes, "test".to_owned())
    })
}

proptest::proptest! {
    #[test]
    fn every_clip_lies_in_one_part_and_what_stays_together_does(
        list in any_clips(),
        size in 0usize..6,
        test in 0.1f64..0.6,
        validation in 0.0f64..0.4,
        seed: u64,
    ) {
        let spec = match size {
            0 => stratified(test, validation, seed, Duplicates::Together),
            size => group(size, test, validation, seed),
        };
        let Ok(cut) = split(&list, &spec) else {
            // Too few clips, or too few that can be parted.
            return Ok(());
        };
        assert_complete(&list, &cut);
        assert!(cut.straddling.is_empty());
        assert_eq!(cut, split(&list, &spec).unwrap());
        assert_eq!(cut.validation.is_empty(), validation == 0.0);
        let part_of = |clip: usize| {
            [&cut.train, &cut.validation, &cut.test]
                .iter()
                .position(|part| part.contains(&clip))
        };
        let numbers = numbers(&list);
        for one in 0..list.clips.len() {
            for other in 0..one {
                let same_class = list.clips[one].label == list.clips[other].label;
                let block = |clip: usize| (numbers[clip] - 1) / size.max(1) as u64;
                let grouped = size > 0 && same_class && block(one) == block(other);
                if grouped || list.clips[one].digest == list.clips[other].digest {
                    assert_eq!(part_of(one), part_of(other));
                }
            }
        }
        // Of clips that can all be parted, each class gives its share, rounded.
        if size < 2 && cut.duplicates.is_empty() {
            for label in 0..2 {
                let all = of_class(&list, &(0..list.clips.len()).collect::<Vec<_>>())[label];
                let tested = of_class(&list, &cut.test)[label];
                assert_eq!(tested, (test * all as f64).round() as usize);
            }
        }
    }
}
