//! `[split]` of clips: which are for training, validation and test.
//!
//! Clips that must not be parted make a unit: neighbouring numbers, which often come from one recording, and clips of
//! identical content. Whole units are drawn, class by class, until the class has its share.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::list::ClipList;
use super::{ClipSplit, SplitOfClips, natural};
use crate::number;
use crate::rng;

/// `kind = "stratified"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StratifiedSpec {
    /// Share of each class that is tested.
    #[serde(deserialize_with = "number::between_zero_and_one")]
    pub test: f64,
    /// Share of the other clips of each class that is for validation instead of training.
    #[serde(default, deserialize_with = "number::share")]
    pub validation: f64,
    /// Seed of the split alone, so that seeds of training can share a test set.
    #[serde(default)]
    pub seed: u64,
    /// Where clips of identical content go.
    #[serde(default)]
    pub duplicates: Duplicates,
}

/// `kind = "group"`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupSpec {
    /// Neighbouring numbers kept together: 1 to `size`, the next `size`, and so on, within a class.
    #[serde(deserialize_with = "number::from_one::<_, { number::MOST_EXAMPLES }>")]
    pub size: usize,
    /// Share of each class that is tested.
    #[serde(deserialize_with = "number::between_zero_and_one")]
    pub test: f64,
    /// Share of the other clips of each class that is for validation instead of training.
    #[serde(default, deserialize_with = "number::share")]
    pub validation: f64,
    /// Seed of the split alone, so that seeds of training can share a test set.
    #[serde(default)]
    pub seed: u64,
    /// Where clips of identical content go.
    #[serde(default)]
    pub duplicates: Duplicates,
}

/// Where clips of identical content go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// All of them to one part.
    #[default]
    Together,
    /// Wherever the draw puts each.
    Free,
}

/// How the parts are drawn, whatever the kind.
#[derive(Debug, Clone, Copy)]
pub struct Drawn {
    /// Share of each class that is tested.
    pub test: f64,
    /// Share of the other clips of each class that is for validation instead of training.
    pub validation: f64,
    /// Seed of the split.
    pub seed: u64,
    /// Where clips of identical content go.
    pub duplicates: Duplicates,
    /// How many neighbouring numbers of a class are kept together; none where clips are drawn one by one.
    pub group_size: Option<usize>,
}

/// The clips of each part, as places in the list, and what a reader of the result must know about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClipCut {
    /// Trained on, ascending.
    pub train: Vec<usize>,
    /// Validation clips, ascending; empty where the share is 0.
    pub validation: Vec<usize>,
    /// Tested, ascending.
    pub test: Vec<usize>,
    /// Names of clips of identical content.
    pub duplicates: Vec<Vec<String>>,
    /// Those of them that lie in more than one part.
    pub straddling: Vec<Vec<String>>,
    /// Tested clips of which a neighbour, the next number of the same class, is trained on.
    pub neighbours: usize,
}

impl SplitOfClips for StratifiedSpec {
    fn drawn(&self) -> Drawn {
        Drawn {
            test: self.test,
            validation: self.validation,
            seed: self.seed,
            duplicates: self.duplicates,
            group_size: None,
        }
    }

    fn validation_mut(&mut self) -> &mut f64 {
        &mut self.validation
    }

    fn in_words(&self) -> String {
        "classes in equal shares".to_owned()
    }

    fn advice_on_neighbours(&self) -> &'static str {
        "kind = \"group\" in [split] keeps neighbours together"
    }
}

impl SplitOfClips for GroupSpec {
    fn drawn(&self) -> Drawn {
        Drawn {
            test: self.test,
            validation: self.validation,
            seed: self.seed,
            duplicates: self.duplicates,
            group_size: Some(self.size),
        }
    }

    fn validation_mut(&mut self) -> &mut f64 {
        &mut self.validation
    }

    fn in_words(&self) -> String {
        format!("groups of {} neighbouring clips kept together", self.size)
    }

    fn advice_on_neighbours(&self) -> &'static str {
        "a larger `size` in [split] keeps more neighbours together, and groups that begin where recordings begin keep all of \
         them; the number is the last in a clip's name"
    }
}

/// By what clips are grouped, in a sentence with an example; none of a split without groups.
pub(super) fn grouping(split: &ClipSplit, list: &ClipList) -> Option<String> {
    let size = split.drawn().group_size?;
    let numbered = list
        .clips
        .iter()
        .find_map(|clip| Some((&clip.name, natural::last_number(&clip.name)?)));
    let number = match numbered {
        Some((name, number)) => {
            format!("the last number in a clip's name, as {number} of {name}")
        }
        None => "a clip's place in its class, for no name holds a number".to_owned(),
    };
    Some(format!("[split] makes groups of {size} by {number}"))
}

/// Splits the clips.
///
/// Of each class, `test` of its clips, rounded, are tested, and `validation` of the rest, rounded, are for validation: exactly
/// where units add up to that, else as near as they come. A unit that holds clips of both classes is trained on.
///
/// # Errors
/// When a class would have no clip in a part that should have some.
pub fn split(list: &ClipList, spec: &ClipSplit) -> anyhow::Result<ClipCut> {
    let spec = spec.drawn();
    let numbers = numbers(list);
    let duplicates = duplicates(list);
    let units = units(list, &spec, &numbers, &duplicates);
    let (test, rest) = draw(list, &spec, units, Part::Test)?;
    let (validation, train) = if spec.validation > 0.0 {
        draw(list, &spec, rest, Part::Validation)?
    } else {
        (Vec::new(), rest)
    };
    let [train, validation, test] = [train, validation, test].map(|units| {
        let mut clips: Vec<usize> = units.into_iter().flatten().collect();
        clips.sort_unstable();
        clips
    });
    let parts = [&train, &validation, &test];
    let parted = |group: &Vec<usize>| {
        let holds = |part: &Vec<usize>| group.iter().any(|clip| part.binary_search(clip).is_ok());
        parts.into_iter().filter(|part| holds(part)).count() > 1
    };
    let names = |group: &Vec<usize>| -> Vec<String> {
        let name = |clip: &usize| list.clips[*clip].name.clone();
        group.iter().map(name).collect()
    };
    let straddling = duplicates.iter().filter(|group| parted(group)).map(names);
    Ok(ClipCut {
        neighbours: neighbours(list, &numbers, &train, &test),
        straddling: straddling.collect(),
        duplicates: duplicates.iter().map(names).collect(),
        train,
        validation,
        test,
    })
}

/// The last number of each clip's name; of a name without one, its place in its class, from 1.
fn numbers(list: &ClipList) -> Vec<u64> {
    let mut places = [0, 0];
    let number = |clip: &super::Clip| {
        let place = &mut places[usize::from(clip.label)];
        *place += 1;
        natural::last_number(&clip.name).unwrap_or(*place)
    };
    list.clips.iter().map(number).collect()
}

/// Groups of two or more clips of identical content, in the order of the list.
fn duplicates(list: &ClipList) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, clip) in list.clips.iter().enumerate() {
        groups.entry(&clip.digest).or_default().push(index);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().filter(|group| group.len() > 1).collect();
    groups.sort_unstable();
    groups
}

/// Tested clips with a neighbour that is trained on.
fn neighbours(list: &ClipList, numbers: &[u64], train: &[usize], test: &[usize]) -> usize {
    let place = |clip: &usize| (list.clips[*clip].label, numbers[*clip]);
    let trained: BTreeSet<(u8, u64)> = train.iter().map(place).collect();
    let near = |clip: &&usize| {
        let (label, number) = place(clip);
        let next = [number.checked_sub(1), number.checked_add(1)];
        next.into_iter().flatten().any(|next| trained.contains(&(label, next)))
    };
    test.iter().filter(near).count()
}

/// Clips that stay together, each unit and the list of units ascending.
fn units(list: &ClipList, spec: &Drawn, numbers: &[u64], duplicates: &[Vec<usize>]) -> Units {
    let mut units: Units = match spec.group_size {
        None => (0..list.clips.len()).map(|clip| vec![clip]).collect(),
        Some(size) => {
            let mut blocks: BTreeMap<(u8, u64), Vec<usize>> = BTreeMap::new();
            for (index, clip) in list.clips.iter().enumerate() {
                let block = numbers[index].saturating_sub(1) / size as u64;
                blocks.entry((clip.label, block)).or_default().push(index);
            }
            blocks.into_values().collect()
        }
    };
    if spec.duplicates == Duplicates::Together {
        for group in duplicates {
            let (joined, mut others): (Vec<_>, Vec<_>) = units
                .into_iter()
                .partition(|unit| unit.iter().any(|clip| group.contains(clip)));
            others.push(joined.concat());
            units = others;
        }
    }
    for unit in &mut units {
        unit.sort_unstable();
    }
    units.sort_unstable();
    units
}

/// Clips that stay together, as places in the list.
type Units = Vec<Vec<usize>>;

/// What is drawn.
#[derive(Clone, Copy)]
enum Part {
    Test,
    Validation,
}

/// Units of that part, and the others.
fn draw(list: &ClipList, spec: &Drawn, units: Units, part: Part) -> anyhow::Result<(Units, Units)> {
    let share = match part {
        Part::Test => spec.test,
        Part::Validation => spec.validation,
    };
    let label_of = |clip: usize| usize::from(list.clips[clip].label);
    let mut of_class = [Units::new(), Units::new()];
    let (mut drawn, mut rest) = (Units::new(), Units::new());
    for unit in units {
        let label = label_of(unit[0]);
        if unit.iter().all(|clip| label_of(*clip) == label) {
            of_class[label].push(unit);
        } else {
            rest.push(unit);
        }
    }
    let mixed = rest.concat();
    for (label, mut units) in of_class.into_iter().enumerate() {
        let mut stream = rng::stream(spec.seed, "split", part as u64, label as u64);
        let order = stream.permutation(units.len());
        let sizes: Vec<usize> = order.iter().map(|unit| units[*unit].len()).collect();
        let in_mixed = mixed.iter().filter(|clip| label_of(**clip) == label).count();
        let all = in_mixed + sizes.iter().sum::<usize>();
        let taken =
            take(&sizes, all, share).ok_or_else(|| anyhow::Error::msg(empty(&list.classes[label], all, share, part)))?;
        for (unit, taken) in order.into_iter().zip(taken) {
            let unit = std::mem::take(&mut units[unit]);
            if taken { &mut drawn } else { &mut rest }.push(unit);
        }
    }
    Ok((drawn, rest))
}

/// Which units, looked at in that order, are taken so that their sizes come as near as possible to the share of `all`
/// clips; `None` where that would take nothing or everything.
fn take(sizes: &[usize], all: usize, share: f64) -> Option<Vec<bool>> {
    let wanted = (share * all as f64).round() as usize;
    // reachable[i]: bit by bit, the sums that units i and after can make.
    let words = sizes.iter().sum::<usize>() / 64 + 1;
    let mut reachable = vec![vec![0u64; words]; sizes.len() + 1];
    reachable[sizes.len()][0] = 1;
    for (unit, size) in sizes.iter().enumerate().rev() {
        let (before, after) = reachable.split_at_mut(unit + 1);
        let (sums, next) = (&mut before[unit], &after[0]);
        sums.copy_from_slice(next);
        let (skipped, shift) = (size / 64, size % 64);
        for (source, sum) in sums.iter_mut().skip(skipped).enumerate() {
            *sum |= next[source] << shift;
            if shift > 0 && source > 0 {
                *sum |= next[source - 1] >> (64 - shift);
            }
        }
    }
    let can = |unit: usize, sum: usize| {
        let word: Option<&u64> = reachable[unit].get(sum / 64);
        word.is_some_and(|word| word >> (sum % 64) & 1 == 1)
    };
    if wanted == 0 || wanted >= all {
        return None;
    }
    let mut left = (1..all).filter(|sum| can(0, *sum)).min_by_key(|sum| sum.abs_diff(wanted))?;
    let mut taken = Vec::with_capacity(sizes.len());
    for (unit, size) in sizes.iter().enumerate() {
        let take = *size <= left && can(unit + 1, left - size);
        if take {
            left -= size;
        }
        taken.push(take);
    }
    Some(taken)
}

fn empty(class: &str, clips: usize, share: f64, part: Part) -> String {
    let (setting, of) = match part {
        Part::Test => ("test", "clips"),
        Part::Validation => ("validation", "clips that are not tested"),
    };
    format!(
        "`split.{setting} = {share}` cannot divide class `{class}`: of its {clips} {of}, some must be taken and some must be \
         left to train on, and clips that stay together are not parted\n  help: use more clips, or change \
         `split.{setting}`; smaller groups (`split.size`) and `split.duplicates = \"free\"` leave more freedom"
    )
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
