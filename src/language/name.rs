//! Cells → their names: `litecoin,lstm,horizon=3,seed=1`.
//!
//! A name says the dataset, the model and the value of every axis that the cell reads, whatever the file says outside
//! `[grid]`: to change a value that no cell reads renames no cell, and no record stands under a name that speaks of another
//! value. What only inclusions set is an axis of the dataset and the model among whose cells it differs. The seed stands last:
//! cells that differ in nothing else lie beside each other.
//!
//! Names are names of files: ASCII, short, and different without regard to case, which some file systems pass over.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value as Json;

use super::cell::Cell;
use super::configuration;
use super::made::Made;
use super::part::below;
use super::points::Points;
use super::tree::{Node, Value};
use super::written;

/// The longest name in bytes: a file's name may have 255 on most systems, and gets an ending.
const LONGEST: usize = 200;

/// The longest value; one that takes more is told by its digest.
const LONGEST_VALUE: usize = 40;

/// Words that mean one thing in every name.
const RESERVED: [&str; 3] = ["dataset", "model", "seed"];

/// A dotted path, as `["window", "horizon"]`.
type Path = Vec<String>;

/// Names all cells of one experiment, which were `made` of these parts.
pub(super) fn give(cells: &mut [Cell], made: &[Made], points: &Points) {
    let settings_of_cells = listed(cells, made, points);
    let words = words(settings_of_cells.iter().flat_map(BTreeMap::keys));
    let seed = [String::from("seed")];
    let mut stems: Vec<(String, String)> = Vec::new();
    for (cell, settings) in cells.iter().zip(&settings_of_cells) {
        let mut stem = format!("{},{}", leading(&cell.dataset_name), safe(&cell.model_name));
        let mut end = String::new();
        for (path, value) in settings {
            let to = if *path == seed { &mut end } else { &mut stem };
            let _ = write!(to, ",{}={value}", words[path]);
        }
        stems.push((stem, end));
    }
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    for (stem, end) in &stems {
        *alike.entry((stem.clone() + end).to_ascii_lowercase()).or_default() += 1;
    }
    for (cell, (stem, end)) in cells.iter_mut().zip(stems) {
        let whole = stem.clone() + &end;
        let is_alone = alike[&whole.to_ascii_lowercase()] == 1;
        cell.id = if is_alone && whole.len() <= LONGEST {
            whole
        } else {
            marked(&stem, &cell.configuration(), &end)
        };
    }
}

/// The name that cells share which differ in nothing but their seed.
pub(crate) fn without_seed(name: &str) -> Cow<'_, str> {
    // Records are looked for by it, by the ten thousand: of names as they are given today nothing is copied.
    let is_plain = !name.contains(['{', '[']);
    match name.rsplit_once(',') {
        _ if is_plain && !name.contains("seed=") => return name.into(),
        Some((rest, last)) if is_plain && last.starts_with("seed=") && !rest.contains("seed=") => return rest.into(),
        _ => {}
    }
    let mut depth = 0_i32;
    // A value may hold commas and a seed of its own in names of earlier versions: `split={kind=group,seed=1}`.
    let parts = name.split(|c| {
        depth += match c {
            '{' | '[' => 1,
            '}' | ']' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    });
    let parts = parts.filter(|part| !part.starts_with("seed="));
    parts.collect::<Vec<_>>().join(",").into()
}

/// For each cell, the settings that its name lists, with their values.
fn listed(cells: &[Cell], made: &[Made], points: &Points) -> Vec<BTreeMap<Path, String>> {
    // What a baseline does not read stands in its parts all the same.
    let of_baseline = |cell: &Cell| (!cell.model.trains()).then(|| cell.configuration());
    let of_baselines: Vec<Option<Json>> = cells.iter().map(of_baseline).collect();
    let table = |index: usize, name: &str| match &of_baselines[index] {
        Some(configuration) => configuration.get(name),
        None => made[index].table(name),
    };
    let mut axes: BTreeMap<&[String], BTreeSet<Path>> = BTreeMap::new();
    for setting in &points.settings {
        if !matches!(&setting.path[..], [one] if one == "dataset" || one == "model") {
            written_in(&setting.value, &[], axes.entry(&setting.path).or_default());
        }
    }
    let mut members: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (index, cell) in cells.iter().enumerate() {
        let names = (cell.dataset_name.as_str(), cell.model_name.as_str());
        members.entry(names).or_default().push(index);
    }
    let mut listed = vec![BTreeMap::new(); cells.len()];
    for ((dataset, model), members) in members {
        for (axis, written) in &axes {
            let path = match axis {
                [table, name, below @ ..] if table == "dataset" && name == dataset => below,
                [table, name, below @ ..] if table == "model" && name == model => below,
                [table, ..] if table == "dataset" || table == "model" => continue,
                [_, below @ ..] => below,
                [] => continue,
            };
            let value = |index: usize| below(table(index, &axis[0])?, path);
            let values: Vec<Option<&Json>> = members.iter().map(|index| value(*index)).collect();
            let is_plain = !values.iter().flatten().any(|value| value.is_object());
            let leaves = match is_axis(axis, dataset, model, points) {
                true if is_plain => vec![Path::new()],
                _ => telling(&values, written),
            };
            for leaf in leaves {
                for (index, value) in members.iter().zip(&values) {
                    if let Some(value) = value.and_then(|value| below(value, &leaf)) {
                        listed[*index].insert([axis, &leaf[..]].concat(), short(value));
                    }
                }
            }
        }
    }
    listed
}

/// Whether a setting is an axis of the grid: that of the file's own table, or that of the nearer one of the dataset or the model.
fn is_axis(path: &[String], dataset: &str, model: &str, points: &Points) -> bool {
    let near = [("dataset", dataset), ("model", model)];
    let near = near.map(|(root, name)| [&[root.to_owned(), name.to_owned()], path].concat());
    points.axes.contains(path) || near.iter().any(|near| points.axes.contains(near))
}

/// What of some values tells them apart: of tables the kind, and as few other settings as that takes, first those that the file
/// writes. Nothing where all are the same.
fn telling(values: &[Option<&Json>], written: &BTreeSet<Path>) -> Vec<Path> {
    let distinct: BTreeMap<String, &Json> = values
        .iter()
        .map(|value| value.unwrap_or(&Json::Null))
        .map(|value| (value.to_string(), value))
        .collect();
    let leaves: Vec<BTreeMap<Path, String>> = distinct
        .values()
        .map(|value| {
            let mut leaves = BTreeMap::new();
            leaves_of(value, &[], &mut leaves);
            leaves
        })
        .collect();
    let groups = |chosen: &[Path]| -> usize {
        let texts = leaves
            .iter()
            .map(|leaves| -> Vec<Option<&String>> { chosen.iter().map(|path| leaves.get(path)).collect() });
        texts.collect::<BTreeSet<_>>().len()
    };
    let kind = vec![Path::from(["kind".to_owned()])];
    let mut chosen = if groups(&kind) > 1 { kind } else { Vec::new() };
    let own: BTreeSet<&Path> = leaves.iter().flat_map(BTreeMap::keys).collect();
    let (first, others): (Vec<&Path>, Vec<&Path>) = own.into_iter().partition(|path| written.contains(*path));
    let mut found = groups(&chosen);
    while found < distinct.len() {
        let mut best: Option<(usize, Vec<Path>)> = None;
        for path in first.iter().chain(&others) {
            let more = [&chosen[..], &[(*path).clone()]].concat();
            let count = groups(&more);
            if count > best.as_ref().map_or(found, |(count, _)| *count) {
                best = Some((count, more));
            }
        }
        // What is left to tell apart is written alike, as 1 and 1.0.
        let Some((count, more)) = best else { break };
        (found, chosen) = (count, more);
    }
    chosen
}

/// The settings in a value of the file.
fn written_in(node: &Node, path: &[String], found: &mut BTreeSet<Path>) {
    match &node.value {
        Value::Table(table) => {
            for entry in &table.entries {
                written_in(&entry.node, &[path, std::slice::from_ref(&entry.key)].concat(), found);
            }
        }
        _ => drop(found.insert(path.to_vec())),
    }
}

/// The settings in a value of a configuration, as names write them.
fn leaves_of(value: &Json, path: &[String], leaves: &mut BTreeMap<Path, String>) {
    match value {
        Json::Object(entries) => {
            for (key, value) in entries {
                leaves_of(value, &[path, std::slice::from_ref(key)].concat(), leaves);
            }
        }
        Json::Null => {}
        value => drop(leaves.insert(path.to_vec(), short(value))),
    }
}

/// What a setting is called whatever the dataset and the model are called, which stand in the name anyway; a kind is what its
/// table is.
fn general(path: &[String]) -> Path {
    let mut path = path.to_vec();
    if path.len() > 2 && RESERVED[..2].contains(&path[0].as_str()) {
        path.remove(1);
    }
    if path.len() > 1 && path.last().is_some_and(|last| last == "kind") {
        path.pop();
    }
    path
}

/// The word of each setting: as much of the end of its path as no other of these has.
fn words<'a>(paths: impl Iterator<Item = &'a Path>) -> BTreeMap<&'a Path, String> {
    let own: BTreeSet<&Path> = paths.collect();
    let own: BTreeMap<&Path, Path> = own.into_iter().map(|path| (path, general(path))).collect();
    let paths: BTreeSet<&Path> = own.values().collect();
    let mut ends: BTreeMap<&[String], usize> = BTreeMap::new();
    for path in paths {
        for start in 0..path.len() {
            *ends.entry(&path[start..]).or_default() += 1;
        }
    }
    let word = |path: &Path| {
        let is_free = |end: &[String]| ends[end] == 1 && !matches!(end, [one] if RESERVED.contains(&one.as_str()));
        let lengths = 1..path.len();
        let mut shorter = lengths.map(|length| &path[path.len() - length..]);
        shorter.find(|end| is_free(end)).unwrap_or(path).join(".")
    };
    own.iter().map(|(path, general)| (*path, safe(&word(general)))).collect()
}

/// A value in a name: a list of plain values as `30-50`, a digest of what is no short text.
fn short(value: &Json) -> String {
    let text = match value {
        Json::Array(elements) if elements.is_empty() => Some("none".to_owned()),
        Json::Array(elements) if elements.iter().all(is_plain) => {
            let elements: Vec<String> = elements.iter().map(plain).collect();
            Some(elements.join("-"))
        }
        value if is_plain(value) => Some(plain(value)),
        _ => None,
    };
    let text = text.filter(|text| text.len() <= LONGEST_VALUE);
    text.unwrap_or_else(|| digest(&value.to_string())[..8].to_owned())
}

fn is_plain(value: &Json) -> bool {
    !value.is_array() && !value.is_object()
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => safe(text),
        value => written::of_json(value),
    }
}

/// A name in which a digest of every setting but the seed tells the cell's group from all others. What changes no number counts, too:
/// two files of one dataset's name are two cells.
fn marked(stem: &str, configuration: &Json, end: &str) -> String {
    let settings = configuration::without_seed(configuration);
    let mark = format!("~{}", &digest(&settings.to_string())[..12]);
    let room = LONGEST - mark.len() - end.len();
    format!("{}{mark}{end}", &stem[..stem.len().min(room)])
}

fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// Text in characters that no file system, shell or list takes for something else; others by their code, `%2F`.
fn safe(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('_'),
            b'_' | b'-' | b'.' | b'+' => out.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => out.push(byte.into()),
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// Text with which the name of a file may begin: no command takes it for an option.
fn leading(text: &str) -> String {
    let text = safe(text);
    match text.strip_prefix('-') {
        Some(rest) => format!("%2D{rest}"),
        None => text,
    }
}
