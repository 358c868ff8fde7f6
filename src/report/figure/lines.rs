//! Records → the lines of one graph: one for each value of `lines`, and where cells differ in more than that and the
//! seed, one for each of these variants, so that a mean is always over seeds alone.

use std::collections::BTreeMap;

use serde_json::Value;

use super::scene::Scene;
use crate::report::draw::frame::{Point, Series};
use crate::report::draw::palette::Style;
use crate::report::select::{groups, show};
use crate::spec::configuration::value_at;
use crate::store::record::{Record, Stored};

/// The records of one line: equal but for the seed, and for `x` where there is such a path.
pub struct Line<'a> {
    /// The value of `lines`, followed by what tells this variant from others.
    pub name: String,
    /// Its looks, the same in every figure.
    pub style: Style,
    /// Its records.
    pub records: Vec<&'a Record>,
}

impl Line<'_> {
    /// What its seeds are together at one place.
    pub fn point(&self, x: f64, values: impl Iterator<Item = f64> + Clone) -> Point {
        let point = Point::over(x, values);
        Point {
            spread: point.spread.filter(|_| self.records.len() > 1),
            ..point
        }
    }

    /// A line through these points.
    pub fn series(&self, points: Vec<Point>) -> Series {
        Series::line(&self.name, self.style, points)
    }
}

/// The lines of a scene's records that `wanted` accepts. Variants do not differ by `x`, the path along the axis.
pub fn lines<'a>(
    scene: &Scene<'a>,
    x: Option<&str>,
    wanted: impl Fn(&Record) -> bool,
) -> Vec<Line<'a>> {
    let path = scene.spec.lines.clone();
    let records: Vec<&Stored> = scene
        .records
        .iter()
        .copied()
        .filter(|stored| wanted(&stored.record))
        .collect();
    let mut lines = Vec::new();
    for (value, members) in groups(&records, std::slice::from_ref(&path), |r| {
        &r.record.configuration
    }) {
        let number = scene.series(&path, &value[0]);
        let variants = variants(&members, &path, x);
        let several = variants.len() > 1;
        for (variant, (suffix, records)) in variants.into_iter().enumerate() {
            let name = match &value[0] {
                // Where the model is what tells variants apart, the suffix says it.
                Value::Null if several => String::new(),
                Value::Null => records[0].model().to_owned(),
                value if path == "model" || path == "dataset" => show(value),
                value => format!("{path} = {}", show(value)),
            };
            let line = Line {
                name: format!("{name}{suffix}")
                    .trim_start_matches(", ")
                    .to_owned(),
                style: if several {
                    Style::Variant {
                        color: number,
                        cue: number + variant,
                    }
                } else {
                    Style::Series(number)
                },
                records,
            };
            lines.push((number, line));
        }
    }
    lines.sort_by_key(|(number, _)| *number);
    lines.into_iter().map(|(_, line)| line).collect()
}

/// Records that differ in nothing but the seed, with a text that says what tells them from the others.
fn variants<'a>(
    members: &[&&'a Stored],
    line: &str,
    x: Option<&str>,
) -> Vec<(String, Vec<&'a Record>)> {
    let mut values: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for stored in members {
        for path in paths(&stored.record.configuration) {
            values.entry(path).or_default();
        }
    }
    // A record without a path is of another model, and `model` itself then tells it from the others.
    for (path, values) in &mut values {
        for value in members.iter().filter_map(|stored| stored.record.at(path)) {
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
    }
    let differing: Vec<String> = values
        .into_iter()
        .filter(|(path, values)| {
            values.len() > 1 && path != "seed" && path != line && Some(path.as_str()) != x
        })
        .map(|(path, _)| path)
        .collect();
    groups(members, &differing, |stored| &stored.record.configuration)
        .into_iter()
        .map(|(values, members)| {
            let suffix: String = differing
                .iter()
                .zip(&values)
                .map(|(path, value)| match path.as_str() {
                    "dataset" | "model" => format!(", {}", show(value)),
                    _ => format!(", {path} = {}", show(value)),
                })
                .collect();
            let records = members.into_iter().map(|stored| &stored.record).collect();
            (suffix, records)
        })
        .collect()
}

/// The dotted paths of a configuration at which no table lies. Settings of a dataset say no more than its name.
fn paths(configuration: &Value) -> Vec<String> {
    fn below(prefix: &str, value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(table) => {
                for (key, value) in table {
                    below(&format!("{prefix}.{key}"), value, found);
                }
            }
            _ => found.push(prefix.to_owned()),
        }
    }
    let mut found = vec!["dataset".to_owned(), "model".to_owned()];
    for (key, value) in configuration.as_object().into_iter().flatten() {
        match key.as_str() {
            "dataset" => {}
            "model" => {
                if let Some(name) = value_at(configuration, "model").and_then(Value::as_str) {
                    below(&format!("model.{name}"), value, &mut found);
                }
            }
            _ => below(key, value, &mut found),
        }
    }
    found
}

/// How many seeds the lines have, as a clause: "3 seeds", "1 to 5 seeds".
pub fn seeds<'a>(lines: impl IntoIterator<Item = &'a Line<'a>>) -> String {
    let have_seeds = |line: &&Line| line.records.iter().any(|r| r.at("seed").is_some());
    let lines = lines.into_iter().filter(have_seeds);
    some_seeds(lines.map(|line| line.records.len()))
}

/// The clause for these counts.
pub fn some_seeds(counts: impl Iterator<Item = usize>) -> String {
    let counts: Vec<usize> = counts.collect();
    let low = counts.iter().copied().min().unwrap_or(1);
    let high = counts.iter().copied().max().unwrap_or(1);
    match (low, high) {
        (1, 1) => "one seed".to_owned(),
        (low, high) if low == high => format!("{high} seeds"),
        (low, high) => format!("{low} to {high} seeds"),
    }
}
