//! Records → the lines of one graph: one for each value of `lines`, and where cells differ in more than that and the
//! seed, one for each of these variants, so that a mean is always over seeds alone.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names;
use super::scene::Scene;
use crate::report::draw::date::day;
use crate::report::draw::frame::{Point, Series};
use crate::report::draw::palette::Style;
use crate::report::select::{self, groups, show};
use crate::store::card::{Contents, TargetCard};
use crate::store::record::{Record, Stored};

/// The records of one line: equal but for the seed, and for `x` where there is such a path.
pub(super) struct Line<'a> {
    /// The value of `lines`, followed by what tells this variant from others.
    pub name: String,
    /// Its looks, the same in every figure.
    pub style: Style,
    /// Its records.
    pub records: Vec<&'a Record>,
}

impl Line<'_> {
    /// What its seeds are together at one place.
    pub(super) fn point(&self, x: f64, values: impl Iterator<Item = f64> + Clone) -> Point {
        let point = Point::over(x, values);
        Point {
            spread: point.spread.filter(|_| self.records.len() > 1),
            ..point
        }
    }

    /// A line through these points.
    pub(super) fn series(&self, points: Vec<Point>) -> Series {
        Series::line(&self.name, self.style, points)
    }
}

/// The lines of a scene's records that `wanted` accepts. Variants do not differ by `x`, the path along the axis.
pub(super) fn lines<'a>(scene: &Scene<'a>, x: Option<&str>, wanted: impl Fn(&Record) -> bool) -> Vec<Line<'a>> {
    let path = scene.spec.lines.clone();
    let records: Vec<&Stored> = scene
        .records
        .iter()
        .copied()
        .filter(|stored| wanted(&stored.record))
        .collect();
    let mut lines = Vec::new();
    for (value, members) in groups(&records, std::slice::from_ref(&path), |r| &r.record.configuration) {
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
                name: format!("{name}{suffix}").trim_start_matches(", ").to_owned(),
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
fn variants<'a>(members: &[&&'a Stored], line: &str, x: Option<&str>) -> Vec<(String, Vec<&'a Record>)> {
    let settings = members.iter().flat_map(|one| select::flatten(&one.record.configuration));
    let paths: BTreeSet<String> = settings.map(|(path, _)| path).collect();
    let differs = |path: &String| {
        // A record without the path is of another model, and `model` itself then tells it from the others.
        let mut values = members.iter().filter_map(|one| one.record.at(path));
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    // Settings of a dataset say no more than its name.
    let is_told = |path: &str| path.starts_with("dataset.") || path == "seed" || path == line;
    let differing: Vec<String> = paths
        .into_iter()
        .filter(|path| !is_told(path) && Some(path.as_str()) != x && differs(path))
        .collect();
    groups(members, &differing, |stored| &stored.record.configuration)
        .into_iter()
        .map(|(values, members)| {
            let suffix: String = differing
                .iter()
                .zip(&values)
                .map(|(path, value)| format!(", {}", select::setting(path, &show(value))))
                .collect();
            let records = members.into_iter().map(|stored| &stored.record).collect();
            (suffix, records)
        })
        .collect()
}

/// The target of a dataset over time.
pub(super) fn target(contents: &Contents, target: &TargetCard) -> Series {
    over_time(&target.name, &names::with_unit(&target.name, &target.unit), &contents.curve)
}

/// Values over time, under their name and the heading of their column.
pub(super) fn over_time(name: &str, column: &str, curve: &[(String, f64)]) -> Series {
    let points = curve.iter();
    let points = points.filter_map(|(date, value)| Some(Point::at(day(date)?, *value)));
    Series {
        legend: None,
        column: Some(column.to_owned()),
        ..Series::line(name, Style::Series(0), points.collect())
    }
}

/// How many seeds the lines have, as a clause: "3 seeds", "1 to 5 seeds".
pub(super) fn seeds<'a>(lines: impl IntoIterator<Item = &'a Line<'a>>) -> String {
    let have_seeds = |line: &&Line| line.records.iter().any(|r| r.at("seed").is_some());
    let lines = lines.into_iter().filter(have_seeds);
    some_seeds(lines.map(|line| line.records.len()))
}

/// The clause for these counts.
pub(super) fn some_seeds(counts: impl Iterator<Item = usize>) -> String {
    let counts: Vec<usize> = counts.collect();
    let low = counts.iter().copied().min().unwrap_or(1);
    let high = counts.iter().copied().max().unwrap_or(1);
    match (low, high) {
        (1, 1) => "one seed".to_owned(),
        (low, high) if low == high => format!("{high} seeds"),
        (low, high) => format!("{low} to {high} seeds"),
    }
}
